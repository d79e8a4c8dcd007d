//! Taking up an operation that another process left behind.
//!
//! Invariants: what was submitted is counted and shown, never submitted again for that reason: the
//! first thing is a look at everything, and [`super::decide`] alone says what follows; numbers of
//! records go on where the journal ends.

use std::sync::Arc;

use super::decide::handover_of;
use super::mutant::Mutant;
use super::{Consent, Engine, Gaze, Goal, Output, Phase, Time, attach_call, blocked};
use crate::ec2::call::Call;
use crate::failover::journal::Entry;
use crate::failover::plan::{Level, StepKind};
use crate::failover::resume::{
    Detour, Operation, TAKEOVER, Takeover, absence, is_of_former_target,
};
use crate::failover::status::{Ending, Made, Status, StepState};

impl Engine {
    /// An engine for an operation that was left behind. It begins with [`super::Input::Begin`] like
    /// any other, whose consent is the one to go on. `seed` seeds the jitter.
    pub fn resume(takeover: Takeover, now: Time, seed: u64) -> Self {
        let operation = &takeover.operation.detoured(takeover.goal, &takeover.detour);
        let mut engine = Self::new(Arc::clone(&operation.plan), &operation.op, seed);
        let known = operation.known(takeover.goal, takeover.fresh.is_some(), now);
        engine.next_seq = operation.next_seq;
        engine.waiting_since = now;
        engine.status.notes.clone_from(&operation.notes);
        engine.status.calls.clone_from(&operation.calls);
        engine.status.seen.clone_from(&operation.seen);
        engine.status.absences.clone_from(&operation.absences);
        engine.status.began = operation.calls.first().map(|made| made.at);
        engine
            .status
            .attachment_id
            .clone_from(&operation.attachment_id);
        // A plan tells what was wanted, a record what was agreed to.
        engine.fence_agreed = operation.consents.iter().any(|agreed| agreed.to == "fence");
        engine.known = known;
        // The steps that were behind it are those of the plan, whichever end it goes to now.
        engine.known.goal = Goal::Target;
        for made in &operation.calls {
            engine.was_made(now, made);
        }
        let attach = std::mem::take(&mut engine.known.attach);
        let handovers = engine.known.handovers.clone();
        let elsewhere = engine.known.elsewhere;
        if takeover.goal == Goal::Source {
            engine.turn(now, Goal::Source);
        }
        engine.known.attach = attach;
        engine.known.handovers = handovers;
        engine.known.elsewhere = elsewhere;
        let heading = engine.known.attach_call(&engine.plan, takeover.goal);
        if let Some(call) = heading {
            engine.foresee((call.network_card_index, call.device_index));
        }
        engine.status.critical = engine.has_moved();
        engine.takeover = Some(Box::new(takeover));
        engine
    }

    /// The picture of an operation that is over, or was left behind, by its journal alone. What was
    /// seen when nothing had changed is not in a journal, so waits end with the look that told.
    pub fn told(operation: &Operation) -> Status {
        let takeover = Takeover {
            operation: operation.clone(),
            goal: operation.known.goal,
            fresh: None,
            detour: Detour::default(),
            by: String::new(),
        };
        let mut engine = Self::resume(takeover, operation.last, 0);
        engine.waits(operation);
        let mut status = engine.status;
        status.critical = false;
        if let Some((word, text)) = &operation.verdict {
            let ending = Ending::of_verdict(word, text);
            let arrived = matches!(ending, Ending::Done | Ending::PutBack);
            for step in status.steps.iter_mut().filter(|_| arrived) {
                if matches!(step.state, StepState::Todo | StepState::Doing) {
                    step.state = StepState::Done;
                }
            }
            status.ending = Some(ending);
            status.ended = Some(operation.last);
        }
        status
    }

    /// When the waits began and ended.
    fn waits(&mut self, operation: &Operation) {
        let mut newest_first = operation.calls.iter().rev();
        let attach = newest_first.find(|m| m.call.action() == "AttachNetworkInterface");
        let detach = operation.calls.iter();
        let detach = detach
            .clone()
            .find(|m| m.call.action() == "DetachNetworkInterface");
        let holder = attach_call(&self.plan, operation.known.goal).map(|c| c.instance_id);
        let there = format!(
            " attached {} ",
            holder.as_ref().map_or("?", |id| id.as_str())
        );
        self.waited(operation, StepKind::WaitAvailable, detach, |seen| {
            seen.starts_with("available")
        });
        self.waited(operation, StepKind::WaitAttached, attach, |seen| {
            seen.contains(&there)
        });
    }

    /// A wait began with the answer to its call, and ended with the first look that showed so.
    fn waited(
        &mut self,
        operation: &Operation,
        kind: StepKind,
        made: Option<&Made>,
        is: impl Fn(&str) -> bool,
    ) {
        let Some(made) = made else { return };
        let mut seen = operation.seen.iter();
        let ended = seen.find(|(at, text)| *at >= made.at && is(text));
        let step = self.index_of(kind);
        let step = step.and_then(|n| self.status.steps.get_mut(n));
        if let (Some((at, _)), Some(step)) = (ended, step) {
            step.state = StepState::Done;
            step.began = Some(made.at + made.answered_in.unwrap_or_default());
            step.ended = Some(*at);
        }
    }

    /// Shows a call of the journal in its step.
    fn was_made(&mut self, now: Time, made: &Made) {
        let back = match (&made.call, handover_of(&self.plan, &made.call)) {
            (_, Some((_, goal))) => goal == Goal::Source,
            (Call::AttachNetworkInterface(call), None) => {
                self.plan.source.as_ref() == Some(&call.instance_id)
            }
            _ => false,
        };
        let former = is_of_former_target(&self.plan, &made.call);
        let index = self.step_of(&made.call).filter(|_| !back && !former);
        let Some(index) = index else {
            return;
        };
        let Some(kind) = self.plan.steps.get(index).map(|s| s.kind) else {
            return;
        };
        self.reach(now, kind);
        if let Call::AttachNetworkInterface(call) = &made.call {
            // Another index may have been agreed to before it.
            self.foresee((call.network_card_index, call.device_index));
        }
        if let Some(step) = self.status.steps.get_mut(index) {
            step.began = Some(made.at);
            step.answer.clone_from(&made.answer);
            step.answered_in = made.answered_in;
            step.request_id.clone_from(&made.request_id);
        }
        // Whoever protects and detaches again finds out by looking; what was accepted is done.
        let accepted = made.answer.as_deref() == Some("accepted");
        let next = match kind {
            StepKind::Protect => StepKind::Detach,
            StepKind::Detach => StepKind::WaitAvailable,
            _ => return,
        };
        if accepted && self.index_of(next).is_some_and(|n| n > index) {
            let ended = made.answered_in.map(|took| made.at + took);
            if let Some(step) = self.status.steps.get_mut(index) {
                step.state = StepState::Done;
                step.ended = ended;
            }
            self.reach(now, next);
        }
    }

    /// Says who takes it up and what was agreed to, then looks.
    pub(super) fn begin_again(
        &mut self,
        now: Time,
        takeover: &Takeover,
        consent: &Consent,
        out: &mut Vec<Output>,
    ) {
        let fresh = takeover.fresh.as_deref().unwrap_or_default();
        let forbidden = self
            .read_only()
            .or_else(|| blocked(fresh))
            .or_else(|| self.nowhere_back(takeover.goal))
            .or_else(|| self.not_agreed(consent));
        if let Some(why) = forbidden {
            self.over(now, Ending::Refused(why), out);
            return;
        }
        let absence = absence(takeover.operation.last, now);
        self.status.absences.extend(absence);
        self.note(now, &takeover_text(takeover, now), out);
        let to = match takeover.goal {
            Goal::Target => "finish",
            Goal::Source => "put-back",
        };
        let entry = Entry::Consent {
            to: to.to_owned(),
            typed: consent.typed.clone(),
            how: consent.how.to_owned(),
        };
        let seq = self.journal(now, entry, out);
        // The newest record is the one to wait for.
        let seq = self
            .detour_agreed(now, &takeover.detour, out)
            .unwrap_or(seq);
        self.phase = Phase::Opening { seq, since: now };
    }

    /// Another place that was named with the consent; the number of the newest record.
    fn detour_agreed(&mut self, now: Time, detour: &Detour, out: &mut Vec<Output>) -> Option<u64> {
        let index = detour.index.map(|index| Entry::Consent {
            to: "index".to_owned(),
            typed: index.to_string(),
            how: "--index".to_owned(),
        });
        let other = detour.or_to.clone().map(|other| Entry::Alternative {
            other,
            how: "--or-to".to_owned(),
        });
        let entries = index.into_iter().chain(other);
        entries.map(|entry| self.journal(now, entry, out)).last()
    }

    /// What was attached to nothing before cannot be put back.
    fn nowhere_back(&self, goal: Goal) -> Option<String> {
        let back = goal == Goal::Source;
        let nowhere = self.plan.source.is_none() && self.plan.handovers.is_empty();
        (back && nowhere).then(|| {
            let eni = &self.plan.intent.eni;
            format!(
                "{eni} was attached to nothing before, so there is no place to put it back to; \
                 nothing was done. Finish it instead"
            )
        })
    }

    /// Plan and consent are durable: the first step, or a look at what was left behind.
    pub(super) fn opened(&mut self, now: Time, out: &mut Vec<Output>) {
        let replays = self.known.broken.is(Mutant::ReplayJournal);
        if replays
            && self.known.taken.is_some()
            && self.known.detach.accepted
            && let Some(call) = attach_call(&self.plan, self.known.goal)
        {
            self.intend(now, Call::AttachNetworkInterface(call), out);
        } else if self.known.taken.is_some() {
            self.look(now, Gaze::Full, out);
        } else {
            self.begin_step(now, out);
        }
    }
}

/// `takeover by process 4711 on ops-1, 12 s after the last record; 1 call without an outcome`.
fn takeover_text(takeover: &Takeover, now: Time) -> String {
    let operation = &takeover.operation;
    let mut text = format!("{TAKEOVER}{}", takeover.by);
    match operation.age(now) {
        Some(age) => text.push_str(&format!(", {} s after the last record", age.as_secs())),
        None => text.push_str(", the last record lies in the future"),
    }
    let open: Vec<_> = operation
        .calls
        .iter()
        .filter(|made| made.answer.is_none())
        .map(|made| made.call.action())
        .collect();
    if !open.is_empty() {
        text.push_str(&format!("; may have happened: {}", open.join(" ")));
    }
    if operation.torn > 0 {
        text.push_str(&format!(
            "; a torn line of {} bytes was left out",
            operation.torn
        ));
    }
    if let Some(fresh) = &takeover.fresh {
        let count = |level| fresh.iter().filter(|c| c.level == level).count();
        text.push_str(&format!(
            "; fresh preflight: {} pass, {} warn",
            count(Level::Pass),
            count(Level::Warn)
        ));
        let accepted = fresh.iter().filter(|c| c.finding.starts_with("accepted: "));
        let accepted: Vec<_> = accepted.map(|c| c.id.as_str()).collect();
        if !accepted.is_empty() {
            text.push_str(&format!("; accepted: {}", accepted.join(" ")));
        }
    }
    text
}
