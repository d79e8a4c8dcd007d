//! What makes real life hard, as switches: the road between a caller and EC2, and what breaks in
//! the world itself.
//!
//! A [`Fault`] is one switch, an [`Item`] a switch with the time during which it is on, [`Faults`] a
//! list of them, with a short notation ([`Faults::parse`]). [`Road`] decides what becomes of a
//! request. Nothing here changes a world: the simulator does, when an item is put in.
//!
//! Invariants: pure and seeded: the same faults, seed and requests meet the same [`Fate`]s; without
//! faults every request is answered at once and chance is not asked; what is printed parses again.

mod bucket;
mod item;
mod notation;
mod place;
mod road;
#[cfg(test)]
mod tests;

pub use item::{Fault, Item, Share, Window};
pub(super) use notation::matches_action;
pub use notation::{NAMES, READS, SpecError};
pub use place::Kind;
pub(super) use road::unauthorized;
pub use road::{Ask, Fate, Road};

use crate::ec2::time::Time;

/// Why an item cannot be put into a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{item}`: {what}; expected {expected}")]
pub struct FaultError {
    /// The item.
    pub item: String,
    /// What was found.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

/// Switches as they were asked for, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Item>);

/// An item that was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Tells it from another one like it.
    pub number: u64,
    /// When: its window counts from here.
    pub since: Time,
    /// The item.
    pub item: Item,
}

impl Placed {
    /// Whether the switch is on.
    pub fn is_on(&self, now: Time) -> bool {
        self.item.window.covers(now.since(self.since))
    }
}
