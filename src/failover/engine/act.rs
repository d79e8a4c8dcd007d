//! Writing the journal and submitting calls.
//!
//! Invariants: the only place that submits; [`Engine::guard`] stands before every submission and
//! knows what may never be sent.

use std::time::Duration;

use super::decide::{Crossing, Goal, handover_call, handover_of};
use super::mutant::Mutant;
use super::verdict::Verifying;
use super::{Engine, Gaze, Outcome, Output, Phase, wait};
use crate::ec2::call::Call;
use crate::ec2::error::DECODE;
use crate::ec2::time::Time;
use crate::failover::journal::{CallResult, Entry, Record};
use crate::failover::plan::StepKind;
use crate::failover::status::{Ending, Made, StepState};

impl Engine {
    /// Adds a record; its number.
    pub(super) fn journal(&mut self, now: Time, entry: Entry, out: &mut Vec<Output>) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        out.push(Output::Journal(Record {
            seq,
            wall: now,
            entry,
        }));
        seq
    }

    /// A remark, on the screen and in the journal; not twice in a row.
    pub(super) fn note(&mut self, now: Time, text: &str, out: &mut Vec<Output>) {
        if self
            .status
            .notes
            .last()
            .is_some_and(|(_, last)| last == text)
        {
            return;
        }
        self.status.notes.push((now, text.to_owned()));
        if self.journal_broken.is_none() {
            let text = text.to_owned();
            self.journal(now, Entry::Note { text }, out);
        }
    }

    /// A remark that is made once in an operation.
    pub(super) fn note_once(&mut self, now: Time, text: &str, out: &mut Vec<Output>) {
        if !self.status.notes.iter().any(|(_, told)| told == text) {
            self.note(now, text, out);
        }
    }

    /// Makes the intent durable; the call follows by itself.
    pub(super) fn intend(&mut self, now: Time, call: Call, out: &mut Vec<Output>) {
        let made = self.known.tries(&self.plan, &call).made;
        let seq = self.journal(
            now,
            Entry::Intent {
                call: call.clone(),
                attempt: made + 1,
            },
            out,
        );
        self.phase = Phase::Intending {
            seq,
            since: now,
            call: call.clone(),
        };
        if matches!(call, Call::DetachNetworkInterface(_)) {
            self.status.critical = true;
        }
        if self.known.broken.is(Mutant::IntentAfterCall) {
            let Phase::Intending { call, .. } = self.phase.clone() else {
                return;
            };
            self.submit(now, seq, call, out);
            return;
        }
        if let Some(cause) = self.journal_broken.clone() {
            self.intent_not_durable(now, seq, call, &cause, out);
        }
    }

    /// A record is durable.
    pub(super) fn durable(&mut self, now: Time, durable: u64, out: &mut Vec<Output>) {
        for (seq, is_durable) in [&mut self.force, &mut self.fence].into_iter().flatten() {
            *is_durable |= *seq == durable;
        }
        match self.phase.clone() {
            Phase::Opening { seq, .. } if seq == durable => self.opened(now, out),
            Phase::Intending { seq, call, .. } if seq == durable => {
                if self.abort.is_some() && !self.has_moved() {
                    self.not_submitted(now, seq, "given up before it was submitted", out);
                } else {
                    self.submit(now, seq, call, out);
                }
            }
            Phase::Settling {
                seq, call, result, ..
            } if seq == durable => self.settled(now, &call, &result, out),
            Phase::Closing { seq, ending, .. } if seq == durable => self.over(now, ending, out),
            _ => {}
        }
    }

    /// A record could not be made durable.
    pub(super) fn journal_failed(
        &mut self,
        now: Time,
        failed: u64,
        cause: &str,
        out: &mut Vec<Output>,
    ) {
        let first = self.journal_broken.is_none();
        self.journal_broken.get_or_insert_with(|| cause.to_owned());
        match self.phase.clone() {
            Phase::Idle | Phase::Over => {}
            Phase::Opening { .. } if self.journal_is_outranked() => {
                self.shout(now, cause, out);
                self.opened(now, out);
            }
            Phase::Opening { .. } => {
                self.over(now, self.stopped_for_journal(cause), out);
            }
            Phase::Intending { seq, call, .. } if seq == failed => {
                self.intent_not_durable(now, seq, call, cause, out);
            }
            Phase::Settling {
                seq, call, result, ..
            } if seq == failed => {
                if self.journal_is_outranked() {
                    self.shout(now, cause, out);
                    self.settled(now, &call, &result, out);
                } else {
                    self.over(now, self.stopped_for_journal(cause), out);
                }
            }
            Phase::Closing { seq, ending, .. } if seq == failed => {
                self.note(
                    now,
                    &format!("the verdict is not in the journal: {cause}"),
                    out,
                );
                self.over(now, ending, out);
            }
            // Something less than an intent or an outcome: what may come now decides.
            Phase::Closing { .. } => {}
            Phase::Calling { .. } | Phase::Settling { .. } if !self.has_moved() => {
                self.abort = Some(self.stopped_for_journal(cause));
            }
            Phase::Intending { .. } if !self.has_moved() => {
                self.abort = Some(self.stopped_for_journal(cause));
            }
            _ if !self.has_moved() => self.over(now, self.stopped_for_journal(cause), out),
            _ if first => self.shout(now, cause, out),
            _ => {}
        }
    }

    fn stopped_for_journal(&self, cause: &str) -> Ending {
        if self.has_moved() {
            return self.needs_person(&format!("the journal cannot be written ({cause})"));
        }
        Ending::Refused(format!(
            "the journal cannot be written ({cause}); nothing has moved"
        ))
    }

    /// The one exception: our own detach was accepted, or may have been, and an address that is
    /// attached to nothing is worse than a journal that lacks a line.
    fn journal_is_outranked(&self) -> bool {
        if self.known.broken.is(Mutant::JournalFirst) {
            return false;
        }
        self.plan.attachment_id.is_some() && self.known.detach.may_have_happened()
    }

    fn shout(&mut self, now: Time, cause: &str, out: &mut Vec<Output>) {
        let by_hand = self.by_hand(self.known.goal);
        let text = format!(
            "the journal cannot be written ({cause}): going on, because an address that is attached \
             to nothing is worse. By hand: {by_hand}"
        );
        self.note(now, &text, out);
    }

    fn intent_not_durable(
        &mut self,
        now: Time,
        seq: u64,
        call: Call,
        cause: &str,
        out: &mut Vec<Output>,
    ) {
        let attach = matches!(call, Call::AttachNetworkInterface(_));
        if attach && self.journal_is_outranked() {
            self.shout(now, cause, out);
            self.submit(now, seq, call, out);
        } else if !self.has_moved() {
            self.status.critical = false;
            self.over(now, self.stopped_for_journal(cause), out);
        } else if matches!(&call, Call::StopInstances(_)) {
            self.known.fence.made = u32::MAX;
            self.fence = None;
            self.note(now, "not fenced: the journal cannot be written", out);
            self.look(now, Gaze::Eni, out);
        } else if matches!(&call, Call::DetachNetworkInterface(c) if c.force) {
            self.force = None;
            self.note(now, "not forced: the journal cannot be written", out);
            self.look(now, Gaze::Eni, out);
        } else {
            let why = format!("the journal cannot be written ({cause})");
            self.close(now, self.needs_person(&why), out);
        }
    }

    /// An intent that is durable and will not be followed by its call.
    fn not_submitted(&mut self, now: Time, of: u64, why: &str, out: &mut Vec<Output>) {
        let result = CallResult::NotSubmitted(why.to_owned());
        let entry = Entry::Outcome {
            of,
            result,
            millis: 0,
        };
        self.journal(now, entry, out);
        self.status.critical = false;
        let ending = self.abort.clone().unwrap_or(Ending::Aborted);
        self.close(now, ending, out);
    }

    /// What may never be sent, whatever led here.
    fn guard(&self, call: &Call) -> Result<(), String> {
        if !self.plan.sky.writes {
            return Err("writing is not allowed here".to_owned());
        }
        match call {
            Call::DetachNetworkInterface(c) => {
                if Some(&c.attachment_id) != self.plan.attachment_id.as_ref() {
                    return Err(format!("{} is not the plan's attachment", c.attachment_id));
                }
                if c.force && !self.force.is_some_and(|(_, durable)| durable) {
                    return Err("force without a durable consent".to_owned());
                }
                Ok(())
            }
            Call::AttachNetworkInterface(c) => {
                let meant = self.known.attach_call(&self.plan, self.known.goal);
                if meant.as_ref() == Some(c) {
                    Ok(())
                } else {
                    Err("not the attach that the plan means".to_owned())
                }
            }
            Call::StopInstances(_) => self.may_fence(call),
            other => {
                let planned = match handover_of(&self.plan, other) {
                    Some((_, goal)) => goal == self.known.goal,
                    None => self.plan.calls().any(|c| c == other),
                };
                planned
                    .then_some(())
                    .ok_or_else(|| format!("{} is not in the plan", other.action()))
            }
        }
    }

    fn submit(&mut self, now: Time, ticket: u64, call: Call, out: &mut Vec<Output>) {
        if !self.known.broken.any()
            && let Err(why) = self.guard(&call)
        {
            debug_assert!(false, "{why}");
            let why = format!("a call was held back ({why}); please report this");
            self.close(now, self.needs_person(&why), out);
            return;
        }
        self.known.tries(&self.plan, &call).made += 1;
        let attaches = matches!(call, Call::AttachNetworkInterface(_));
        self.known.went_back |= attaches && self.known.goal == Goal::Source;
        self.status.began.get_or_insert(now);
        self.status.calls.push(Made {
            at: now,
            call: call.clone(),
            answer: None,
            answered_in: None,
            request_id: None,
        });
        self.phase = Phase::Calling {
            ticket,
            since: now,
            call: call.clone(),
        };
        out.push(Output::Submit(ticket, call));
    }

    /// A submitted call ended.
    pub(super) fn answered(
        &mut self,
        now: Time,
        of: u64,
        outcome: Outcome,
        took: Duration,
        out: &mut Vec<Output>,
    ) {
        let Phase::Calling { ticket, call, .. } = self.phase.clone() else {
            return;
        };
        if ticket != of {
            return;
        }
        self.last_outcome = Some(now);
        self.waiting_since = now;
        self.doubt = None;
        // What was seen before this outcome proves neither an arrival nor a loss.
        self.verifying = Verifying::default();
        let result = match outcome {
            Outcome::Accepted(answer) => {
                if let Some(id) = &answer.attachment_id {
                    self.status.attachment_id = Some(id.clone());
                }
                CallResult::Accepted(answer)
            }
            Outcome::Refused(error) => {
                self.rhythm.throttled(is_throttling(&error.code));
                CallResult::Refused(error)
            }
            Outcome::Unknown(why) => CallResult::Unknown(why),
        };
        if let CallResult::Refused(error) = &result
            && error.encoded().is_some()
        {
            let text = format!(
                "why EC2 refused it stands encoded in the journal (enipilot ops export {} --json), \
                 read by: {DECODE}",
                self.status.op
            );
            self.note_once(now, &text, out);
        }
        let (text, request_id) = (result.to_string(), result.request_id().cloned());
        if let Some(made) = self.status.calls.last_mut() {
            made.answer = Some(text.clone());
            made.answered_in = Some(took);
            made.request_id.clone_from(&request_id);
        }
        let step = self.step_of(&call);
        if let Some(step) = step.and_then(|n| self.status.steps.get_mut(n)) {
            step.answer = Some(text);
            step.answered_in = Some(took);
            step.request_id = request_id;
        }
        self.remember(now, &call, &result);
        let entry = Entry::Outcome {
            of,
            result: result.clone(),
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        if self.known.broken.is(Mutant::OutcomeNotDurable) {
            self.settled(now, &call, &result, out);
            return;
        }
        let seq = self.journal(now, entry, out);
        if self.journal_broken.is_some() && self.journal_is_outranked() {
            self.settled(now, &call, &result, out);
        } else {
            self.phase = Phase::Settling {
                seq,
                since: now,
                call,
                result,
            };
        }
    }

    fn remember(&mut self, now: Time, call: &Call, result: &CallResult) {
        let forgets = self.known.broken.is(Mutant::ForgetDoubt);
        let away = handover_of(&self.plan, call).is_some_and(|(_, goal)| goal != self.known.goal);
        if away {
            // A person has turned it meanwhile: it is a call the other way by now.
            let doubtful = matches!(result, CallResult::Unknown(_));
            let happened = doubtful || matches!(result, CallResult::Accepted(_));
            let crossing = happened.then_some(Crossing {
                answered: now,
                doubtful,
            });
            self.known.tries(&self.plan, call).cross(crossing);
            return;
        }
        let tries = self.known.tries(&self.plan, call);
        tries.answered = Some(now);
        tries.refused = None;
        match result {
            CallResult::Accepted(_) => tries.accepted = true,
            CallResult::Refused(error) => tries.refused = Some(error.clone()),
            CallResult::Unknown(_) => tries.doubtful = !forgets,
            CallResult::NotSubmitted(_) => {}
        }
    }

    /// The outcome is durable, or outranks the journal: on with it.
    fn settled(&mut self, now: Time, call: &Call, result: &CallResult, out: &mut Vec<Output>) {
        let accepted = matches!(result, CallResult::Accepted(_));
        if self.abort.is_some() && !self.has_moved() {
            let ending = self.abort.clone().unwrap_or(Ending::Aborted);
            self.close(now, ending, out);
            return;
        }
        match call {
            Call::DetachNetworkInterface(c) if c.force => {
                if accepted {
                    self.under_way = Some(now);
                    self.patience = Some(now);
                    self.note(now, "forced: stop and start the old instance before its device index is used again", out);
                }
                self.look(now, Gaze::Eni, out);
            }
            Call::StopInstances(_) => self.fenced(now, result, out),
            _ if !accepted && self.known.broken.is(Mutant::RetryBlindly) => {
                self.intend(now, call.clone(), out);
            }
            // Refused or unanswered: look before anything else.
            _ if !accepted => self.look(now, Gaze::Full, out),
            Call::DetachNetworkInterface(_) => {
                self.advance(now, StepKind::WaitAvailable, out);
            }
            Call::AttachNetworkInterface(_) => {
                self.advance(now, StepKind::WaitAttached, out);
            }
            _ if handover_of(&self.plan, call).is_some() => self.look(now, Gaze::Full, out),
            _ => self.advance(now, StepKind::Detach, out),
        }
    }

    /// Index of the step that makes this call.
    pub(super) fn step_of(&self, call: &Call) -> Option<usize> {
        self.index_of(match (handover_of(&self.plan, call), call) {
            (Some((n, _)), _) => StepKind::Handover(u16::try_from(n).unwrap_or(u16::MAX)),
            (None, Call::DetachNetworkInterface(_)) => StepKind::Detach,
            (None, Call::AttachNetworkInterface(_)) => StepKind::Attach,
            (None, Call::StopInstances(_)) => StepKind::WaitAvailable,
            (None, _) => StepKind::Protect,
        })
    }

    /// The aws CLI lines that bring it to an end.
    pub(super) fn by_hand(&self, goal: Goal) -> String {
        let plan = &self.plan;
        let attach = self
            .known
            .attach_call(plan, goal)
            .map(Call::AttachNetworkInterface);
        let carry = (0..plan.handovers.len()).filter_map(|n| handover_call(plan, n, goal).cloned());
        let lines: Vec<_> = attach
            .into_iter()
            .chain(carry)
            .map(|call| plan.sky.aws_cli(&call))
            .collect();
        lines.join(" ; ")
    }
}

/// EC2 asks to slow down (EC2 API Reference, "Error codes").
pub(super) fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "RequestLimitExceeded" | "Throttling" | "ThrottlingException" | "EC2ThrottledException"
    )
}

/// Worth another try: EC2 was not able to, or the refusal may speak of a state that has passed.
pub(super) fn is_passing(code: &str) -> bool {
    is_throttling(code)
        || matches!(
            code,
            "InternalError"
                | "InternalFailure"
                | "Unavailable"
                | "ServiceUnavailable"
                | "RequestTimeout"
                | "InvalidAttachmentID.NotFound"
                | "InvalidNetworkInterface.InUse"
                | "InvalidNetworkInterfaceID.NotFound"
        )
}

impl Engine {
    /// Marks the step under way as failed.
    pub(super) fn fail_step(&mut self, now: Time) {
        if let Some(step) = self.status.steps.get_mut(self.status.current)
            && step.state == StepState::Doing
        {
            step.state = StepState::Failed;
            step.ended = Some(now);
        }
    }

    /// Too many tries already.
    pub(super) fn exhausted(made: u32) -> bool {
        made >= wait::TRIES_MAX
    }
}
