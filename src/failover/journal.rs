//! Records of the journal, and who keeps them.
//!
//! Invariants: a record holds no secret and no tag value but `Name`; records are numbered from 0
//! without a gap; what a record says is enough to know which calls may have been made
//! ([`line`] has the one-line form).

pub mod line;
mod memory;
#[cfg(test)]
mod tests;

pub use memory::MemoryJournal;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::plan::{Alternative, Plan};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
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

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// What is to be done, with everything that it was judged by. Always the first record.
    Plan {
        /// With its forecasts: the world that they were made from is gone when they are needed again.
        plan: Arc<Plan>,
    },
    /// A person agreed.
    Consent {
        /// To what: `plan`, `force`, `fence`, `index`, `candidate` (another target, its id typed),
        /// `finish` or `put-back` (in answer to a question, or when it is taken up again).
        to: String,
        /// What was typed or passed.
        typed: String,
        /// `tui`, `--confirm`, or `sim`.
        how: String,
    },
    /// A person named another instance when the operation was taken up again: it is gone on to if
    /// the target refuses the interface.
    Alternative {
        /// The instance as it was seen then.
        other: Alternative,
        /// `--or-to`.
        how: String,
    },
    /// This call will be submitted as soon as this record is durable.
    Intent {
        /// Byte for byte what is submitted.
        call: Call,
        /// Counts from 1 for each action.
        attempt: u32,
    },
    /// How a submitted call ended.
    Outcome {
        /// `seq` of its intent.
        of: u64,
        /// How.
        result: CallResult,
        /// How long the answer took.
        millis: u64,
    },
    /// What a look showed, whenever that changed.
    Observed {
        /// When it was asked for.
        asked: Time,
        /// Compact: `in-use, eni-attach-… attached to i-… card 0 index 1`.
        eni: String,
        /// Checksum of the interface as seen, to tell two looks apart.
        hash: String,
    },
    /// A remark: hang-up, takeover, credential gap.
    Note {
        /// The remark.
        text: String,
    },
    /// How the operation ended. The last record, unless it asks for a person and the operation was
    /// taken up again, or a probe has measured the outage.
    Verdict {
        /// `done`, `aborted`, `put-back`, `refused`, `foreign-change`, `identity-lost`,
        /// `needs-person`, `abandoned`.
        ending: String,
        /// In words.
        text: String,
    },
    /// What a client went without, as a probe saw it. Only behind the verdict of an operation that is
    /// over: the guest answers, if it does, after EC2 has said attached.
    Measured {
        /// In words, with where it was measured.
        text: String,
        /// The longest gap, in milliseconds; `parts` add up to it.
        millis: u64,
        /// `before`, `detach`, `unattached`, `attach`, `handover`, `guest`, `nobody was there`:
        /// milliseconds each.
        parts: Vec<(String, u64)>,
    },
}

/// How a call ended, for the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallResult {
    /// EC2 accepted it.
    Accepted(Answer),
    /// EC2 refused it.
    Refused(ApiError),
    /// It may have happened.
    Unknown(String),
    /// Given up between intent and submission: it has not happened.
    NotSubmitted(String),
}

impl CallResult {
    /// The request, as EC2 named it.
    pub fn request_id(&self) -> Option<&Str> {
        match self {
            Self::Accepted(answer) => answer.request_id.as_ref(),
            Self::Refused(error) => error.request_id.as_ref(),
            Self::Unknown(_) | Self::NotSubmitted(_) => None,
        }
    }
}

impl fmt::Display for CallResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("accepted"),
            Self::Refused(error) => error.fmt(f),
            Self::Unknown(why) => write!(f, "no answer ({why}): it may have happened"),
            Self::NotSubmitted(why) => write!(f, "not submitted: {why}"),
        }
    }
}

/// Proof that intents can be made durable: a write port is built with one and asks it before every
/// mutating call.
pub trait Durable {
    /// The journal is open and its last record was made durable.
    fn is_open(&self) -> bool;
}
