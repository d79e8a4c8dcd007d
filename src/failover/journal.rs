//! Records of the journal and their one-line form.
//!
//! Invariants: a record holds no secret and no tag value but `Name`; a line is JSON with a checksum
//! of everything before it; a torn last line is recognised and left out, a bad earlier line is an
//! error.

use serde::{Deserialize, Serialize};

use crate::ec2::time::Time;

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position in the journal, from 0.
    pub seq: u64,
    /// When it was made.
    pub wall: Time,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a record says; the kinds are those of the design: plan, consent, intent, outcome,
/// observed, note, verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// A remark: hang-up, takeover, credential gap.
    Note {
        /// The remark.
        text: String,
    },
}

/// Proof that intents can be made durable: a write port is built with one and asks it before every
/// mutating call.
pub trait Durable {
    /// The journal is open and its last record was made durable.
    fn is_open(&self) -> bool;
}
