//! What the screen, the plain output and the report need to know of a running operation.
//!
//! Invariant: a status is a picture made by the engine; changing it changes nothing.

use std::sync::Arc;
use std::time::Duration;

use super::facts::Row;
use super::identity::Identity;
use super::plan::{Plan, Step};
use crate::ec2::call::Call;
use crate::ec2::id::{AttachmentId, InstanceId, Str};
use crate::ec2::time::Time;

/// State of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Todo,
    /// Under way.
    Doing,
    /// Done.
    Done,
    /// Nothing was to be done.
    Skipped,
    /// Refused, or given up.
    Failed,
}

/// One step as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepStatus {
    /// State.
    pub state: StepState,
    /// When it began.
    pub began: Option<Time>,
    /// When it ended.
    pub ended: Option<Time>,
    /// EC2's answer in words: `accepted`, or the refusal with its code.
    pub answer: Option<String>,
    /// How long EC2 took to answer the call.
    pub answered_in: Option<Duration>,
    /// The request, as EC2 named it.
    pub request_id: Option<Str>,
    /// *before | forecast | now*.
    pub rows: Vec<Row>,
}

impl StepStatus {
    /// A step of a plan that has not begun.
    pub fn todo(step: &Step) -> Self {
        Self {
            state: StepState::Todo,
            began: None,
            ended: None,
            answer: None,
            answered_in: None,
            request_id: None,
            rows: step.rows.clone(),
        }
    }
}

/// One call that was submitted, with what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// When it was submitted.
    pub at: Time,
    /// The call.
    pub call: Call,
    /// `accepted`, the refusal with its code, or why there is no answer; `None` while it is under way.
    pub answer: Option<String>,
    /// How long the answer took.
    pub answered_in: Option<Duration>,
    /// The request, as EC2 named it.
    pub request_id: Option<Str>,
}

/// What a person can tell the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Do the next step, then stop before the one after (SIM and REHEARSAL only).
    Step,
    /// Do all steps.
    Run,
    /// Stop: free before the detach, afterwards a question.
    Abort,
    /// After a detach: go on to the target.
    Finish,
    /// After a detach: attach to the source again.
    PutBack,
    /// After a detach whose attach is refused for its index: attach at this free one.
    Index(u32),
    /// After a detach whose attach is refused: attach to this other instance.
    Candidate(InstanceId),
    /// A wait is too long: wait on.
    WaitOn,
    /// Force the hung detach; carries what was typed.
    Force(String),
    /// Stop the source because the detach hangs; carries what was typed. In a question it carries
    /// what is to be typed, the source's id.
    Fence(String),
}

/// A question that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What has happened, and what it means.
    pub text: String,
    /// What can be answered, the recommended one first, each with its consequence.
    pub choices: Vec<(Command, String)>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// On the target, verified.
    Done,
    /// Given up before anything moved.
    Aborted,
    /// On the source again, verified.
    PutBack,
    /// EC2 refused and nothing has moved.
    Refused(String),
    /// Somebody else changed it; hands off.
    ForeignChange(String),
    /// The interface, or part of its identity, is gone.
    IdentityLost(String),
    /// It needs a person; says where everything is and which command helps.
    NeedsPerson(String),
}

impl Ending {
    /// Exit code of the program. Put back needs a person too: a script that asked for a move must
    /// not take "back where it was" for success.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Aborted => 1,
            Self::Refused(_) => 2,
            Self::ForeignChange(_) => 3,
            Self::PutBack | Self::NeedsPerson(_) => 4,
            Self::IdentityLost(_) => 5,
        }
    }
}

impl Ending {
    /// The ending that a verdict of the journal tells. One that this program does not know, or that a
    /// person wrote, needs a person.
    pub fn of_verdict(word: &str, text: &str) -> Self {
        let text = text.to_owned();
        match word {
            "done" => Self::Done,
            "aborted" => Self::Aborted,
            "put-back" => Self::PutBack,
            "refused" => Self::Refused(text),
            "foreign-change" => Self::ForeignChange(text),
            "identity-lost" => Self::IdentityLost(text),
            _ => Self::NeedsPerson(text),
        }
    }
}

/// The whole picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Short id of the operation, such as `7f3a`.
    pub op: Str,
    /// What is flown.
    pub plan: Arc<Plan>,
    /// Steps, as many as the plan has; after a put-back the steps of the way back follow.
    pub steps: Vec<StepStatus>,
    /// The steps of the way back, once it is taken; their statuses follow those of the plan.
    pub back: Vec<Step>,
    /// Index of the step under way, or of the next one.
    pub current: usize,
    /// Stopped between two steps (SIM and REHEARSAL).
    pub paused: bool,
    /// The interface may be unattached because of us: nothing may end the engine now.
    pub critical: bool,
    /// On its way back to the source.
    pub putting_back: bool,
    /// A question that waits for a person.
    pub question: Option<Question>,
    /// Notes, oldest first: throttled, took another look, journal failed.
    pub notes: Vec<(Time, String)>,
    /// Where the interface was seen, compact, whenever that changed, and when the look was begun.
    pub seen: Vec<(Time, String)>,
    /// When nobody was there: from the last record of a process that died, or gave up, to the moment at
    /// which the next one took the operation up.
    pub absences: Vec<(Time, Time)>,
    /// What must be unchanged, as the newest look that verified it has shown it.
    pub after: Option<Identity>,
    /// Every call that was submitted, oldest first, repetitions included.
    pub calls: Vec<Made>,
    /// The new attachment, once EC2 has named it.
    pub attachment_id: Option<AttachmentId>,
    /// When the first call was submitted.
    pub began: Option<Time>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// When it ended.
    pub ended: Option<Time>,
}

impl Status {
    /// Card and index on the target, or on the source: those of the newest attach to it once it has
    /// arrived, before that the plan's, or what was agreed to instead.
    pub fn slot(&self, on_source: bool) -> Option<(u32, u32)> {
        let plan = &self.plan;
        let (instance, planned) = match on_source {
            true => (plan.source.as_ref()?, plan.source_slot),
            false => (&plan.intent.target, Some(plan.target_slot)),
        };
        let newest = self.calls.iter().rev().find_map(|made| match &made.call {
            Call::AttachNetworkInterface(c) if c.instance_id == *instance => {
                Some((c.network_card_index, c.device_index))
            }
            _ => None,
        });
        let arrived = matches!(self.ending, Some(Ending::Done | Ending::PutBack));
        newest.filter(|_| arrived).or(planned)
    }

    /// The step that the status with this index speaks of: the plan's, then those of the way back.
    pub fn step(&self, index: usize) -> Option<&Step> {
        let planned = self.plan.steps.len();
        match index.checked_sub(planned) {
            None => self.plan.steps.get(index),
            Some(n) => self.back.get(n),
        }
    }
}
