//! From a journal to the operation as known: what was planned and agreed to, which calls may have
//! been made, and what to do now that somebody takes it up again.
//!
//! Invariants: pure. A journal tells only *which* operation it is, what was agreed to and which calls
//! may have happened; what is done next follows from a fresh look ([`next`] is that table), never
//! from replaying records. An intent without an outcome is doubtful: it may have happened.

mod detour;
#[cfg(test)]
mod tests;

pub use detour::{Detour, Elsewhere, elsewhere};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::agreement::{self, Agreement};
use super::engine::{Action, Gaze, Goal, Known, Taken, attach_call, decide, handover_of};
use super::journal::line::Journal;
use super::journal::{CallResult, Entry, Record};
use super::mechanism::good::Seen;
use super::plan::{Check, Intent, Level, Plan, Planned, plan};
use super::status::Made;
use crate::ec2::call::Call;
use crate::ec2::id::AttachmentId;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// An operation as its journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its short id.
    pub op: String,
    /// What was to be done.
    pub plan: Arc<Plan>,
    /// What people agreed to, oldest first.
    pub consents: Vec<Agreement>,
    /// Which calls may have happened, as the engine needs it.
    pub known: Known,
    /// Every call, oldest first; one without an answer may have happened.
    pub calls: Vec<Made>,
    /// The attachment that EC2 named in answer to our attach.
    pub attachment_id: Option<AttachmentId>,
    /// Where the interface was seen, compact, whenever that changed, and when it was asked for.
    pub seen: Vec<(Time, String)>,
    /// Remarks, oldest first.
    pub notes: Vec<(Time, String)>,
    /// When nobody was there, between two processes.
    pub absences: Vec<(Time, Time)>,
    /// When the first record was made.
    pub opened: Time,
    /// When the last one was.
    pub last: Time,
    /// Number of the next record.
    pub next_seq: u64,
    /// How it ended, and in words; `None` while it is open.
    pub verdict: Option<(String, String)>,
    /// Bytes of a torn last line that were left out.
    pub torn: usize,
    /// How often it has gone on to another target; the plan is the one for the last.
    pub retargeted: u32,
}

/// Why a journal tells of no operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOperation {
    /// Nothing was made durable, so nothing was submitted.
    #[error("the journal is empty: nothing was done")]
    Empty,
    /// It does not begin as every journal does.
    #[error(
        "the journal does not begin with a plan: only looking and undoing by hand are safe now"
    )]
    NoPlan,
}

/// An operation that is taken up again.
#[derive(Clone, Debug, PartialEq)]
pub struct Takeover {
    /// The operation.
    pub operation: Operation,
    /// To which end it shall go.
    pub goal: Goal,
    /// A preflight made just now, if the person has agreed to going on in view of it.
    pub fresh: Option<Vec<Check>>,
    /// Where it shall go instead of the planned place.
    pub detour: Detour,
    /// Who takes it up: process and machine.
    pub by: String,
}

impl Operation {
    /// Reads it from a journal.
    pub fn read(journal: &Journal) -> Result<Self, NoOperation> {
        let mut records = journal.records.iter();
        let first = records.next().ok_or(NoOperation::Empty)?;
        let Entry::Plan { plan } = &first.entry else {
            return Err(NoOperation::NoPlan);
        };
        let mut operation = Self {
            op: journal.op.clone(),
            plan: Arc::clone(plan),
            consents: Vec::new(),
            known: Known::default(),
            calls: Vec::new(),
            attachment_id: None,
            seen: Vec::new(),
            notes: Vec::new(),
            absences: Vec::new(),
            opened: first.wall,
            last: first.wall,
            next_seq: first.seq + 1,
            verdict: None,
            torn: journal.torn,
            retargeted: 0,
        };
        let mut intents = Intents::default();
        for record in records {
            operation.take(record, &mut intents);
        }
        operation.known = intents.known(&operation.plan, operation.goal_meant());
        operation.known.retargeted = operation.retargeted;
        operation.calls = intents.made();
        Ok(operation)
    }

    fn take(&mut self, record: &Record, intents: &mut Intents) {
        if matches!(&record.entry, Entry::Note { text } if text.starts_with(TAKEOVER)) {
            self.absences.extend(absence(self.last, record.wall));
        }
        self.last = record.wall;
        self.next_seq = record.seq + 1;
        // What was measured afterwards changes nothing of how it ended.
        if !matches!(record.entry, Entry::Measured { .. }) {
            self.verdict = None;
        }
        self.tell(record, intents);
        if let Some(plan) = agreement::after(&self.plan, &record.entry) {
            if plan.intent.target != self.plan.intent.target {
                self.retargeted += 1;
                self.attachment_id = None;
                // It was agreed to for the target before.
                intents.index = None;
            }
            self.plan = Arc::new(plan);
        }
    }

    fn tell(&mut self, record: &Record, intents: &mut Intents) {
        match &record.entry {
            Entry::Plan { .. } => {}
            Entry::Alternative { other, how } => {
                let words = agreement::alternative(&other.name);
                self.agreed(record.wall, "alternative", words, how);
            }
            Entry::Consent { to, typed, how } => {
                let words = agreement::words(to, typed, &self.plan);
                if to == "index" {
                    intents.index = typed.parse().ok().map(|n| (self.goal_meant(), n));
                }
                self.agreed(record.wall, to, words, how);
            }
            Entry::Intent { call, .. } => intents.intent(record.seq, record.wall, call),
            Entry::Outcome { of, result, millis } => {
                if let CallResult::Accepted(answer) = result
                    && let Some(id) = &answer.attachment_id
                {
                    self.attachment_id = Some(id.clone());
                }
                intents.outcome(*of, result, *millis);
            }
            Entry::Observed { asked, eni, .. } => self.seen.push((*asked, eni.clone())),
            Entry::Note { text } => self.notes.push((record.wall, text.clone())),
            Entry::Measured { text, .. } => {
                self.notes.push((record.wall, format!("measured: {text}")));
            }
            Entry::Verdict { ending, text } => {
                self.verdict = Some((ending.clone(), text.clone()));
            }
        }
    }

    fn agreed(&mut self, at: Time, to: &str, words: String, how: &str) {
        self.consents.push(Agreement {
            to: to.to_owned(),
            words,
            at,
            how: how.to_owned(),
        });
    }

    /// The end that the newest agreement to go on named; the target if there is none.
    fn goal_meant(&self) -> Goal {
        let newest = self
            .consents
            .iter()
            .rev()
            .find_map(|agreed| match &*agreed.to {
                "put-back" => Some(Goal::Source),
                "finish" => Some(Goal::Target),
                _ => None,
            });
        newest.unwrap_or_default()
    }

    /// Nobody has brought it to an end: no verdict, or one that asks for a person.
    pub fn is_open(&self) -> bool {
        let verdict = self.verdict.as_ref().map(|(ending, _)| ending.as_str());
        matches!(verdict, None | Some("needs-person"))
    }

    /// How old the last record is; `None` if it lies in the future.
    pub fn age(&self, now: Time) -> Option<Duration> {
        (self.last <= now).then(|| now.since(self.last))
    }

    /// The interface may have been moved by it.
    pub fn may_have_moved(&self) -> bool {
        self.known.has_moved()
    }

    /// What is known for going to this end, taken up again now.
    pub fn known(&self, goal: Goal, renewed: bool, now: Time) -> Known {
        let mut known = self.known.clone();
        if goal != known.goal {
            known.turn(goal);
        }
        known.taken = Some(Taken {
            at: now,
            age: self.age(now),
            renewed,
        });
        let others = [
            &mut known.protect,
            &mut known.detach,
            &mut known.attach,
            &mut known.fence,
        ];
        for tries in known.handovers.iter_mut().chain(others) {
            // A refusal spoke of a state that has passed: a fresh look decides.
            tries.refused = None;
            tries.answered = tries.answered.map(|at| at.min(now));
            if let Some(crossed) = &mut tries.crossed {
                crossed.answered = crossed.answered.min(now);
            }
        }
        known.forgive();
        known
    }
}

/// The resume table: what to do with this operation, given a fresh look. `renewed`: a fresh preflight
/// was shown and agreed to.
pub fn next(operation: &Operation, goal: Goal, renewed: bool, now: Time, world: &World) -> Action {
    let known = operation.known(goal, renewed, now);
    decide(&operation.plan, &known, world, Gaze::Full)
}

/// What would be done now that a person takes it up, and a preflight of that; blocks first. Where
/// nothing is to be submitted there is nothing to be judged: EC2 completes what is under way, however
/// long that takes.
pub fn prospect(
    operation: &Operation,
    goal: Goal,
    world: &World,
    now: Time,
) -> (Action, Vec<Check>) {
    let action = next(operation, goal, true, now, world);
    let checks = match action {
        Action::Detach
        | Action::Attach(_)
        | Action::Handover(..)
        | Action::NotEligible(_)
        | Action::AskAgain(_) => preflight(operation, goal, world, now),
        Action::Wait(_) | Action::Verify(_) => Vec::new(),
        Action::Foreign(_) | Action::Disputed(_) | Action::Lost(_) => Vec::new(),
    };
    (action, checks)
}

/// A preflight for going on from where the interface is now; blocks first. Empty if it is there.
pub fn preflight(operation: &Operation, goal: Goal, world: &World, now: Time) -> Vec<Check> {
    let meant = &operation.plan;
    if !meant.handovers.is_empty() {
        return handovers_again(operation, goal, world);
    }
    let (target, slot) = match goal {
        Goal::Target => (Some(&meant.intent.target), Some(meant.target_slot)),
        Goal::Source => (meant.source.as_ref(), meant.source_slot),
    };
    let known = &operation.known;
    let slot = known.elsewhere.filter(|_| goal == known.goal).or(slot);
    let (Some(target), Some((card, index))) = (target, slot) else {
        return vec![block(
            "nowhere-to-go-back",
            "it was attached to nothing before, so there is no place to put it back to".to_owned(),
            "finish it instead".to_owned(),
            None,
        )];
    };
    let intent = Intent {
        target: target.clone(),
        // On another card the plan's own index is not meant; `decide` judges the place itself.
        device_index: (card == 0).then_some(index),
        source: None,
        // Whether another one could take it is judged where it is gone on to.
        fallback: None,
        ..meant.intent.clone()
    };
    match plan(world, &intent, &meant.sky, now) {
        Ok(Planned::Plan(fresh)) => fresh.preflight,
        Ok(Planned::AlreadyThere) => Vec::new(),
        Err(wrong) => vec![block("plannable", wrong.what, wrong.remedy, wrong.code)],
    }
}

/// What EC2 would say to the calls that are left.
fn handovers_again(operation: &Operation, goal: Goal, world: &World) -> Vec<Check> {
    let there = match goal {
        Goal::Target => Seen::AtTarget,
        Goal::Source => Seen::AtSource,
    };
    let left = operation.plan.handovers.iter().filter(|handover| {
        let mut goods = handover.goods.iter();
        goods.any(|good| good.seen(world) != there)
    });
    left.filter_map(|handover| {
        let call = match goal {
            Goal::Target => &handover.over,
            Goal::Source => &handover.back,
        };
        let denial = crate::rules::check(world, call).err()?;
        Some(block(
            "accepted-by-ec2",
            denial.because,
            denial.instead,
            Some(denial.code),
        ))
    })
    .collect()
}

fn block(id: &str, finding: String, remedy: String, code: Option<&str>) -> Check {
    Check {
        id: id.to_owned(),
        level: Level::Block,
        finding,
        remedy,
        code: code.map(str::to_owned),
        acceptable: false,
    }
}

/// How the first record of a process begins that takes an operation up.
pub(super) const TAKEOVER: &str = "takeover by ";

/// From the last record of one process to the first of the next; none if their clocks contradict each
/// other.
pub(super) fn absence(last: Time, next: Time) -> Option<(Time, Time)> {
    (last < next).then_some((last, next))
}

/// An attach to a target that the plan had before somebody chose another one.
pub(super) fn is_of_former_target(plan: &Plan, call: &Call) -> bool {
    let Call::AttachNetworkInterface(call) = call else {
        return false;
    };
    let known = [Some(&plan.intent.target), plan.source.as_ref()];
    !known.contains(&Some(&call.instance_id))
}

/// Calls by the number of their intent.
#[derive(Default)]
struct Intents {
    calls: BTreeMap<u64, (Made, Option<CallResult>)>,
    /// The device index that was agreed to since the newest attach, and at which end.
    index: Option<(Goal, u32)>,
}

impl Intents {
    fn intent(&mut self, seq: u64, at: Time, call: &Call) {
        let made = Made {
            at,
            call: call.clone(),
            answer: None,
            answered_in: None,
            request_id: None,
        };
        if matches!(made.call, Call::AttachNetworkInterface(_)) {
            self.index = None;
        }
        self.calls.insert(seq, (made, None));
    }

    fn outcome(&mut self, of: u64, result: &CallResult, millis: u64) {
        let Some((made, answered)) = self.calls.get_mut(&of) else {
            return;
        };
        made.answer = Some(result.to_string());
        made.answered_in = Some(Duration::from_millis(millis));
        made.request_id = result.request_id().cloned();
        *answered = Some(result.clone());
    }

    /// Those that were submitted, or may have been.
    fn submitted(&self) -> impl Iterator<Item = &(Made, Option<CallResult>)> {
        self.calls
            .values()
            .filter(|(_, result)| !matches!(result, Some(CallResult::NotSubmitted(_))))
    }

    fn made(&self) -> Vec<Made> {
        self.submitted().map(|(made, _)| made.clone()).collect()
    }

    fn known(&self, plan: &Plan, meant: Goal) -> Known {
        let mut known = Known {
            goal: meant,
            ..Known::default()
        };
        for (made, result) in self.submitted() {
            if is_of_former_target(plan, &made.call) {
                // It was refused, or is over again, or nobody would have gone on to another one.
                continue;
            }
            // What it is on its way to is what was attempted last.
            let towards = match (&made.call, handover_of(plan, &made.call)) {
                (_, Some((_, goal))) => Some(goal),
                (Call::AttachNetworkInterface(call), None) => {
                    let back = plan.source.as_ref() == Some(&call.instance_id);
                    known.went_back |= back;
                    Some(if back { Goal::Source } else { Goal::Target })
                }
                _ => None,
            };
            if let Some(goal) = towards.filter(|goal| *goal != known.goal) {
                known.turn(goal);
            }
            if let Call::AttachNetworkInterface(call) = &made.call {
                let meant = attach_call(plan, known.goal);
                let slot = (call.network_card_index, call.device_index);
                known.elsewhere = meant.filter(|m| m != call).map(|_| slot);
            }
            let tries = known.tries(plan, &made.call);
            tries.made += 1;
            tries.answered = Some(made.at + made.answered_in.unwrap_or_default());
            match result {
                Some(CallResult::Accepted(_)) => tries.accepted = true,
                Some(CallResult::Refused(_)) => {}
                _ => tries.doubtful = true,
            }
        }
        if let Some((_, index)) = self.index.filter(|(goal, _)| *goal == known.goal) {
            known.elsewhere = attach_call(plan, known.goal).map(|c| (c.network_card_index, index));
        }
        known
    }
}
