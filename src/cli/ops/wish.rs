//! What a person wants of an operation, and the agreement to it.
//!
//! Invariants: agreement comes with the interface's full id and with leave to write; without
//! `--confirm` there is none, and nothing is changed.

use std::path::Path;
use std::time::Duration;

use super::agreed;
use crate::cli::failure::Failure;
use crate::cli::resolve::Live;
use crate::ec2::id::EniId;
use crate::failover::engine::Consent;

/// How the person wants it.
pub(super) struct Wish<'a> {
    /// The consent; without it nothing is changed.
    pub confirm: Option<&'a str>,
    /// Checks that are accepted by their ids.
    pub accept: &'a [String],
    /// When to seek a safe end.
    pub timeout: Option<Duration>,
    /// `--state-dir`.
    pub state_dir: Option<&'a Path>,
}

/// The consent that `--confirm` is.
pub(super) fn consent(confirm: &str) -> Consent {
    Consent {
        typed: confirm.to_owned(),
        how: "--confirm",
    }
}

/// Agreement comes with the interface's id and with leave to write.
pub(super) fn may_change(eni: &EniId, confirm: Option<&str>, flags: &Live) -> Result<(), Failure> {
    let Some(confirm) = confirm else {
        return Ok(());
    };
    agreed(confirm, eni.as_str())?;
    if flags.allow_writes {
        return Ok(());
    }
    Err(Failure::usage(
        "a live endpoint is read-only",
        "Add --allow-writes to let this change it; without --confirm it only looks",
    ))
}
