//! The engine: a state machine that flies a plan.
//!
//! Invariants (DESIGN, safety of the live path): an intent is durable before its call is submitted
//! and an outcome before the next decision, with the one exception that re-attaching after our own
//! accepted detach outranks the journal; a detach names only the plan's attachment id; after any
//! doubtful answer it looks before it acts; observations asked for before the last outcome are
//! ignored; from the detach's intent to the verified attach only an ending ends it.

use std::sync::Arc;
use std::time::Duration;

use super::journal::Record;
use super::plan::Plan;
use super::status::{Command, Ending, Status};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// How a mutating call ended, as far as anybody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// EC2 accepted it.
    Accepted(Answer),
    /// EC2 refused it: it has not happened.
    Refused(ApiError),
    /// No answer, or none that can be trusted: it may have happened.
    Unknown(String),
}

/// How much is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaze {
    /// The interface alone: one describe, for waiting.
    Eni,
    /// The interface, both instances with all their interfaces, routes and Elastic IPs.
    Full,
}

/// What was seen, or why nothing was.
#[derive(Clone, Debug)]
pub struct Observation {
    /// When it was asked for; older than the last outcome means worthless.
    pub asked_at: Time,
    /// How much was looked at.
    pub gaze: Gaze,
    /// A world that holds at least what the gaze names (an interface that is not in it does not
    /// exist), or the error with a hint whether it was throttling.
    pub seen: Result<Arc<World>, LookError>,
}

/// Why a look failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookError {
    /// EC2 or the network, in words, with the cause.
    pub what: String,
    /// Slow down.
    pub throttled: bool,
}

/// How the person wants it flown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One step at a time (SIM and REHEARSAL only).
    Step,
    /// All steps.
    Run,
}

/// Agreement to the whole plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What was typed or passed: the last six characters, or the whole id with `--confirm`.
    pub typed: String,
    /// `tui`, `--confirm`, or `sim`.
    pub how: &'static str,
}

/// Everything that can happen to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// Begin.
    Begin(Pace, Consent),
    /// A person said something.
    Command(Command),
    /// The record with this sequence number is durable.
    Durable(u64),
    /// It could not be made durable.
    JournalFailed(u64, String),
    /// A submitted call ended; the time it took to be answered.
    Answered(u64, Outcome, Duration),
    /// A look ended.
    Observed(Observation),
    /// Time has come (an earlier `WakeAt`).
    Tick,
    /// The terminal or the person is gone (signal, hang-up): reach a safe end alone.
    Alone(String),
}

/// Everything that the engine wants done, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Make this record durable, then say so.
    Journal(Record),
    /// Submit this call once, without retries, then say how it ended. The ticket comes back.
    Submit(u64, Call),
    /// Take a look now.
    Look(Gaze),
    /// Send `Tick` at this time (replaces an earlier wish).
    WakeAt(Time),
    /// It is over.
    End(Ending),
}

/// The engine of one operation.
#[derive(Clone, Debug)]
pub struct Engine {
    status: Status,
}

impl Engine {
    /// An engine that has not begun. `op` is the operation's short id; `seed` seeds the jitter.
    pub fn new(plan: Arc<Plan>, op: &str, _seed: u64) -> Self {
        let steps = Vec::new();
        Self {
            status: Status {
                op: op.into(),
                plan,
                steps,
                back: Vec::new(),
                current: 0,
                paused: false,
                critical: false,
                putting_back: false,
                question: None,
                notes: Vec::new(),
                calls: Vec::new(),
                attachment_id: None,
                began: None,
                ending: None,
                ended: None,
            },
        }
    }

    /// Takes one input and says what is to be done.
    pub fn handle(&mut self, _now: Time, _input: Input) -> Vec<Output> {
        Vec::new()
    }

    /// The picture.
    pub fn status(&self) -> &Status {
        &self.status
    }
}
