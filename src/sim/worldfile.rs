//! World files: TOML that a person can write by hand.
//!
//! A file names its resources by table (`[eni.db-service]`); references take that name or the id.
//! What is left out is filled in: identifiers, MAC addresses and DNS names from the seed and the
//! name, addresses from the subnet, primary interfaces for instances, `local` routes, free address
//! counts. `demo/worlds/two-am.toml` shows most of it.
//!
//! Invariants: what loads is sound ([`World::check_invariants`] is empty); what does not load says
//! file, line, what was found and what was expected.
//!
//! [`World::check_invariants`]: crate::ec2::world::World::check_invariants

mod build;
mod error;
mod saved;
mod schema;
mod value;

use super::saved::MARK;
use super::scenario::Scenario;
pub use error::{Source, nearest};
pub(super) use value::duration;

/// The worlds that come with the program: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("two-am", include_str!("../../demo/worlds/two-am.toml")),
    (
        "dual-homed",
        include_str!("../../demo/worlds/dual-homed.toml"),
    ),
    ("crowded", include_str!("../../demo/worlds/crowded.toml")),
    ("managed", include_str!("../../demo/worlds/managed.toml")),
    ("empty", include_str!("../../demo/worlds/empty.toml")),
    ("web-pair", include_str!("../../demo/worlds/web-pair.toml")),
    (
        "attach-lab",
        include_str!("../../demo/worlds/attach-lab.toml"),
    ),
    (
        "two-zones",
        include_str!("../../demo/worlds/two-zones.toml"),
    ),
    (
        "small-boxes",
        include_str!("../../demo/worlds/small-boxes.toml"),
    ),
    (
        "bandwidth",
        include_str!("../../demo/worlds/bandwidth.toml"),
    ),
    (
        "orders-db",
        include_str!("../../demo/worlds/orders-db.toml"),
    ),
    ("race", include_str!("../../demo/worlds/race.toml")),
    ("partner", include_str!("../../demo/worlds/partner.toml")),
    (
        "many-addresses",
        include_str!("../../demo/worlds/many-addresses.toml"),
    ),
    (
        "same-subnet",
        include_str!("../../demo/worlds/same-subnet.toml"),
    ),
    (
        "zone-loss",
        include_str!("../../demo/worlds/zone-loss.toml"),
    ),
    ("hung", include_str!("../../demo/worlds/hung.toml")),
    ("dot-trap", include_str!("../../demo/worlds/dot-trap.toml")),
    (
        "two-operators",
        include_str!("../../demo/worlds/two-operators.toml"),
    ),
    (
        "post-mortem",
        include_str!("../../demo/worlds/post-mortem.toml"),
    ),
];

/// What is wrong with a world file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}; expected {expected}")]
pub struct WorldFileError {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What was found.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

/// Reads a world file; `file` names it in errors.
pub fn parse(file: &str, text: &str, seed: u64) -> Result<Scenario, WorldFileError> {
    let source = Source { file, text };
    let parsed: schema::File = toml::from_str(text).map_err(|e| source.toml_error(&e))?;
    let saved = saved::saved(source, &parsed)?;
    let seed = saved.as_ref().map_or(seed, |saved| saved.settings.seed);
    let mut scenario = build::scenario(source, &parsed, seed)?;
    scenario.saved = saved;
    Ok(scenario)
}

/// The input of this number, from 1, does not fit the saved world before it.
pub(super) fn not_taken(file: &str, text: &str, number: usize) -> WorldFileError {
    let source = Source { file, text };
    let place = text.rfind(MARK).map_or(0, |at| at + MARK.len() - 1);
    source.error(
        place..place,
        format!("input {number} of the saved world is none that this world takes"),
        "the file as it was saved",
    )
}
