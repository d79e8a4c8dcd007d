//! The engine: a state machine that flies a plan.
//!
//! Invariants: an intent is durable before its call is submitted and an outcome before the next
//! decision, with the one exception that re-attaching after our own accepted detach outranks the
//! journal; a detach names only the plan's attachment id; after any doubtful answer it looks before
//! it acts; observations asked for before the last outcome are ignored; from the detach's intent to
//! the verified attach only an ending ends it; every wait is bounded.
//!
//! [`decide`] is the whole table of what to do next; [`look`] observes, [`transfer`] moves the
//! interface, [`handover`] carries over what goes without it, [`act`] submits, [`late`] knows what may
//! yet arrive, [`walk`] keeps the steps, [`question`] listens to people, [`verdict`] ends.

mod act;
mod candidate;
mod decide;
mod elsewhere;
mod fence;
mod handover;
mod late;
mod look;
mod mutant;
mod question;
mod resume;
#[cfg(test)]
mod tests;
mod transfer;
mod verdict;
mod wait;
mod walk;

pub(super) use candidate::CHOICES_MAX;
pub use decide::{
    Action, Awaited, Crossing, Goal, Known, Taken, Tries, attach_call, decide, handover_of,
};
pub(super) use look::compact;
#[cfg(feature = "mutants")]
pub use mutant::Mutant;
pub use question::FORCE_PHRASE;

use std::sync::Arc;
use std::time::Duration;

use self::question::Asked;
use self::verdict::Verifying;
use self::wait::Rhythm;
use super::facts::Scope;
use super::journal::{CallResult, Entry, Record};
use super::plan::{Check, Level, Plan};
use super::resume::Takeover;
use super::status::{Command, Ending, Status, StepStatus};
use crate::ec2::call::{Answer, Call};
use crate::ec2::eni::Eni;
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

/// What the engine waits for.
#[derive(Clone, Debug)]
enum Phase {
    /// To begin.
    Idle,
    /// The plan and the consent to become durable.
    Opening { seq: u64, since: Time },
    /// A person, between two steps; what was set in motion is watched meanwhile.
    Resting { look_at: Time },
    /// The time of the next look.
    Sleeping { gaze: Gaze, until: Time },
    /// A look.
    Looking { gaze: Gaze, since: Time },
    /// An intent to become durable.
    Intending { seq: u64, since: Time, call: Call },
    /// EC2's answer.
    Calling {
        ticket: u64,
        since: Time,
        call: Call,
    },
    /// An outcome to become durable.
    Settling {
        seq: u64,
        since: Time,
        call: Call,
        result: CallResult,
    },
    /// The verdict to become durable.
    Closing {
        seq: u64,
        since: Time,
        ending: Ending,
    },
    /// Nothing any more.
    Over,
}

/// The engine of one operation.
#[derive(Clone, Debug)]
pub struct Engine {
    plan: Arc<Plan>,
    scope: Scope,
    status: Status,
    phase: Phase,
    known: Known,
    rhythm: Rhythm,
    /// The last step that may begin without a key; all of them when it runs.
    allowed: usize,
    /// Number of the next record.
    next_seq: u64,
    /// Why the journal can no longer be relied on.
    journal_broken: Option<String>,
    /// When it began, by the clock that it goes on with: the plan may have been made by another one.
    begun: Time,
    /// When it went on to another target: older looks may show an attach of its own to the former one.
    gone_on: Option<Time>,
    /// When the newest outcome was known: older observations are worthless.
    last_outcome: Option<Time>,
    /// When the present wait began; decides the rhythm.
    waiting_since: Time,
    /// A terminal observation that must be seen once more.
    doubt: Option<String>,
    /// The interface as last journaled.
    journaled: String,
    /// The interface as last seen, with its words: most looks show nothing new.
    worded: Option<(Arc<Eni>, String, u32)>,
    /// What the rows show: the same again needs no work.
    rows_show: Option<look::RowsShow>,
    /// The newest full look.
    full: Option<Arc<World>>,
    /// When it was asked for.
    full_at: Option<Time>,
    /// What was seen last.
    newest: Option<Arc<World>>,
    /// The question that is open, and since when.
    asked: Option<(Asked, Time)>,
    /// Our detach, or the attach, was first seen under way; `None` while it is not.
    under_way: Option<Time>,
    /// From when on the detach counts as stuck; moved on by waiting on.
    patience: Option<Time>,
    /// Looks have failed, or were not understood, since then.
    blind: Option<Time>,
    /// Stop before anything moves.
    abort: Option<Ending>,
    /// Left alone since then.
    alone: Option<Time>,
    /// Sequence number of the consent to force, and whether it is durable.
    force: Option<(u64, bool)>,
    /// Sequence number of the consent, given in the question, to stop the source; and whether it is
    /// durable.
    fence: Option<(u64, bool)>,
    /// The stop that the plan names was agreed to, and that is in the journal.
    fence_agreed: bool,
    verifying: Verifying,
    /// Taken up again, until it has begun.
    takeover: Option<Box<Takeover>>,
}

impl Engine {
    /// An engine that has not begun. `op` is the operation's short id; `seed` seeds the jitter.
    pub fn new(plan: Arc<Plan>, op: &str, seed: u64) -> Self {
        let steps = plan.steps.iter().map(StepStatus::todo);
        Self {
            scope: plan.scope(),
            status: Status {
                op: op.into(),
                plan: Arc::clone(&plan),
                steps: steps.collect(),
                back: Vec::new(),
                current: 0,
                paused: false,
                critical: false,
                putting_back: false,
                question: None,
                notes: Vec::new(),
                seen: Vec::new(),
                absences: Vec::new(),
                after: None,
                calls: Vec::new(),
                attachment_id: None,
                began: None,
                ending: None,
                ended: None,
            },
            plan,
            phase: Phase::Idle,
            known: Known::default(),
            rhythm: Rhythm::new(seed),
            allowed: usize::MAX,
            next_seq: 0,
            journal_broken: None,
            begun: Time::default(),
            gone_on: None,
            last_outcome: None,
            waiting_since: Time::default(),
            doubt: None,
            journaled: String::new(),
            worded: None,
            rows_show: None,
            full: None,
            full_at: None,
            newest: None,
            asked: None,
            under_way: None,
            patience: None,
            blind: None,
            abort: None,
            alone: None,
            force: None,
            fence: None,
            fence_agreed: true,
            verifying: Verifying::default(),
            takeover: None,
        }
    }

    /// Takes one input and says what is to be done.
    pub fn handle(&mut self, now: Time, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        if matches!(self.phase, Phase::Over) {
            return out;
        }
        match input {
            Input::Begin(pace, consent) => self.begin(now, pace, &consent, &mut out),
            Input::Command(command) => self.command(now, command, &mut out),
            Input::Durable(seq) => self.durable(now, seq, &mut out),
            Input::JournalFailed(seq, cause) => self.journal_failed(now, seq, &cause, &mut out),
            Input::Answered(ticket, outcome, took) => {
                self.answered(now, ticket, outcome, took, &mut out);
            }
            Input::Observed(observation) => self.observed(now, observation, &mut out),
            Input::Tick => self.tick(now, &mut out),
            Input::Alone(why) => self.left_alone(now, &why, &mut out),
        }
        if let Some(due) = self.due() {
            out.push(Output::WakeAt(due.max(now + wait::MOMENT)));
        }
        out
    }

    /// The picture.
    pub fn status(&self) -> &Status {
        &self.status
    }

    fn begin(&mut self, now: Time, pace: Pace, consent: &Consent, out: &mut Vec<Output>) {
        if !matches!(self.phase, Phase::Idle) {
            return;
        }
        self.begun = now;
        if let Some(takeover) = self.takeover.take() {
            self.begin_again(now, &takeover, consent, out);
            return;
        }
        if let Some(why) = self.forbidden(consent) {
            self.over(now, Ending::Refused(why), out);
            return;
        }
        if pace == Pace::Step && self.plan.sky.may_step() {
            let first = self
                .plan
                .steps
                .iter()
                .position(|s| s.nothing_to_do.is_none());
            self.allowed = first.unwrap_or(0);
        }
        self.waiting_since = now;
        self.journal(
            now,
            Entry::Plan {
                plan: Arc::clone(&self.plan),
            },
            out,
        );
        let seq = self.journal(
            now,
            Entry::Consent {
                to: "plan".to_owned(),
                typed: consent.typed.clone(),
                how: consent.how.to_owned(),
            },
            out,
        );
        // The newest record is the one to wait for.
        let seq = match self.plan.intent.fence.clone() {
            Some(fence) => self.journal(
                now,
                Entry::Consent {
                    to: "fence".to_owned(),
                    typed: fence.to_string(),
                    how: "--fence".to_owned(),
                },
                out,
            ),
            None => seq,
        };
        self.phase = Phase::Opening { seq, since: now };
    }

    /// Why this plan may not be flown at all.
    fn forbidden(&self, consent: &Consent) -> Option<String> {
        self.read_only()
            .or_else(|| blocked(&self.plan.preflight))
            .or_else(|| self.not_agreed(consent))
    }

    fn read_only(&self) -> Option<String> {
        let sky = &self.plan.sky;
        (!sky.writes).then(|| {
            format!(
                "{} is read-only here; nothing was done. Start with --allow-writes to change it",
                sky.badge()
            )
        })
    }

    /// What is wrong with a consent.
    fn not_agreed(&self, consent: &Consent) -> Option<String> {
        let sky = &self.plan.sky;
        let id = self.plan.intent.eni.as_str();
        let agreed = sky.may_step()
            || match consent.how {
                "--confirm" => consent.typed == id,
                _ => {
                    let start = id.len().saturating_sub(6);
                    id.len() >= 6 && id.get(start..) == Some(consent.typed.as_str())
                }
            };
        (!agreed).then(|| {
            format!(
                "the consent `{}` does not name {id}; nothing was done",
                consent.typed
            )
        })
    }

    /// Something was submitted that moves the interface, or may be by now.
    fn has_moved(&self) -> bool {
        self.known.has_moved()
    }

    /// When it must be told the time.
    fn due(&self) -> Option<Time> {
        let phase = match &self.phase {
            Phase::Sleeping { until, .. } => Some(*until),
            Phase::Looking { since, .. } => Some(*since + wait::LOOK_MAX),
            Phase::Opening { since, .. }
            | Phase::Intending { since, .. }
            | Phase::Settling { since, .. }
            | Phase::Closing { since, .. } => Some(*since + wait::JOURNAL_MAX),
            Phase::Calling { since, .. } => Some(*since + wait::CALL_MAX),
            Phase::Resting { look_at } if self.has_moved() => Some(*look_at),
            Phase::Idle | Phase::Resting { .. } | Phase::Over => None,
        };
        let alone = self
            .alone
            .filter(|_| self.may_give_up())
            .map(|at| at + wait::ALONE_MAX);
        [phase, alone].into_iter().flatten().min()
    }

    fn tick(&mut self, now: Time, out: &mut Vec<Output>) {
        let alone_for = self.alone.map(|at| now.since(at));
        if alone_for.is_some_and(|span| span >= wait::ALONE_MAX) && self.give_up_alone(now, out) {
            return;
        }
        match self.phase.clone() {
            Phase::Sleeping { gaze, until } if now >= until => self.look_now(now, gaze, out),
            Phase::Resting { look_at } if now >= look_at && self.has_moved() => {
                self.phase = Phase::Resting {
                    look_at: now + wait::RESTING,
                };
                out.push(Output::Look(self.enough(Gaze::Eni)));
            }
            Phase::Looking { gaze, since } if now >= since + wait::LOOK_MAX => {
                self.note(now, "a look had no answer; looking again", out);
                self.look_now(now, gaze, out);
            }
            Phase::Opening { seq, since }
            | Phase::Intending { seq, since, .. }
            | Phase::Settling { seq, since, .. }
            | Phase::Closing { seq, since, .. }
                if now >= since + wait::JOURNAL_MAX =>
            {
                self.journal_failed(now, seq, "it did not answer in time", out);
            }
            Phase::Calling { ticket, since, .. } if now >= since + wait::CALL_MAX => {
                let outcome = Outcome::Unknown("no answer in time".to_owned());
                self.answered(now, ticket, outcome, now.since(since), out);
            }
            _ => {}
        }
    }
}

/// The first block of a preflight.
fn blocked(preflight: &[Check]) -> Option<String> {
    let mut blocks = preflight.iter().filter(|c| c.level == Level::Block);
    let block = blocks.next()?;
    let more = match blocks.count() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    Some(format!(
        "the preflight blocks: {}{more}; nothing was done. {}",
        block.finding, block.remedy
    ))
}
