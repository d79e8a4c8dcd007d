//! Verifying, and ending.
//!
//! Invariants: "done" comes only from full looks asked for after the last outcome that show the
//! interface attached at its goal with its identity unchanged; one such look is enough unless an
//! earlier one disagreed, then two must agree; a loss of identity is believed from two looks too.

use super::decide::Goal;
use super::mutant::Mutant;
use super::{Engine, Gaze, Output, Phase, wait};
use crate::ec2::resource::InstanceState;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::facts::{Judge, Mark};
use crate::failover::identity::Lost;
use crate::failover::journal::Entry;
use crate::failover::plan::StepKind;
use crate::failover::status::{Ending, StepState};

/// What verifying has shown so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Verifying {
    since: Option<Time>,
    disagreed: bool,
    agreed: bool,
    lost: Vec<Lost>,
    goal: Goal,
}

impl Engine {
    /// It is attached at an end: compare.
    pub(super) fn verify(
        &mut self,
        now: Time,
        goal: Goal,
        world: &World,
        gaze: Gaze,
        out: &mut Vec<Output>,
    ) {
        if goal != self.known.goal {
            // An attach without an answer has arrived after all.
            let text = match goal {
                Goal::Target => "the attach to the target has taken effect after all",
                Goal::Source => {
                    "the attach back to the source has taken effect: it is put back; moving it \
                     again is a plan of its own"
                }
            };
            self.note(now, text, out);
            self.turn(now, goal);
        }
        if !self.has_moved() && goal == Goal::Target {
            self.note(now, "somebody else has moved it there", out);
        }
        self.withdraw();
        if self.kind() == Some(StepKind::WaitAttached) {
            self.show(world, Judge::Interface);
        }
        if !self.reach(now, StepKind::Verify) {
            return;
        }
        if gaze != Gaze::Full {
            self.look(now, Gaze::Full, out);
            return;
        }
        self.show_newest(gaze);
        self.verifying.goal = goal;
        let until = self.may_yet_leave(now, goal, world);
        if let Some(until) = until.max(self.may_be_an_old_arrival(now, world)) {
            self.note_late(now, until, out);
            self.verifying.lost.clear();
            self.sleep_late(now, until, Gaze::Full);
            return;
        }
        let Some(identity) = self.plan.identity_in(world) else {
            return;
        };
        let since = *self.verifying.since.get_or_insert(now);
        let lost = match self.known.broken.is(Mutant::SkipIdentity) {
            true => Vec::new(),
            false => self.plan.identity.compare(&identity),
        };
        self.status.after = Some(identity);
        if !lost.is_empty() {
            let again = self.verifying.lost == lost;
            self.verifying.lost = lost;
            self.verifying.disagreed = true;
            if again {
                self.show(world, Judge::Everything);
                let ending = self.changed();
                self.close(now, ending, out);
            } else {
                self.sleep(now, Gaze::Full);
            }
            return;
        }
        self.verifying.lost.clear();
        let late = self.is_late();
        if late && now.since(since) < wait::LATE_MAX {
            self.verifying.disagreed = true;
            self.verifying.agreed = false;
            self.sleep(now, Gaze::Full);
        } else if !late && self.verifying.disagreed && !self.verifying.agreed {
            self.verifying.agreed = true;
            self.sleep(now, Gaze::Full);
        } else {
            self.show(world, Judge::Everything);
            self.arrived(now, out);
        }
    }

    /// A route or an Elastic IP has not followed yet.
    fn is_late(&self) -> bool {
        let step = self.status.steps.get(self.status.current);
        step.is_some_and(|s| s.rows.iter().any(|row| row.follows() && row.differs()))
    }

    /// It is there; what is still otherwise than forecast is told in full, and is no failure.
    fn arrived(&mut self, now: Time, out: &mut Vec<Output>) {
        let step = self.status.steps.get(self.status.current);
        let mismatches: Vec<String> = step
            .into_iter()
            .flat_map(|s| &s.rows)
            .filter_map(|row| match &row.mark {
                Mark::Mismatch(text) => Some(format!("{}: {text}", row.label)),
                _ => None,
            })
            .collect();
        for text in mismatches {
            self.note(now, &text, out);
        }
        if let Some(text) = self.back_on_a_dead_source() {
            self.note(now, &text, out);
        }
        let ending = match self.verifying.goal {
            Goal::Target => Ending::Done,
            Goal::Source => Ending::PutBack,
        };
        self.close(now, ending, out);
    }

    /// It is put back, and the source does not run: it may have been stopped by this operation.
    fn back_on_a_dead_source(&self) -> Option<String> {
        let source = self.plan.source.as_ref();
        let source = source.filter(|_| self.verifying.goal == Goal::Source)?;
        let source = self.full.as_ref()?.instance(source)?;
        let name = &self.plan.names.source;
        (source.state != InstanceState::Running).then(|| {
            format!(
                "{name} is {}: nothing answers there until it is started",
                source.state
            )
        })
    }

    fn changed(&self) -> Ending {
        let lost: Vec<_> = self
            .verifying
            .lost
            .iter()
            .map(ToString::to_string)
            .collect();
        Ending::IdentityLost(format!(
            "{}, but it is not what it was: {}",
            self.place(),
            lost.join("; ")
        ))
    }

    /// The interface, or what is carried over, does not exist any more.
    pub(super) fn lost(&self, what: &str) -> Ending {
        if !self.plan.handovers.is_empty() {
            return Ending::IdentityLost(format!("{what}. {}. Look who did it", self.place()));
        }
        let addresses: Vec<_> = self.plan.identity.addresses().collect();
        Ending::IdentityLost(format!(
            "{what}: {} are no longer reserved. Look who deleted it (CloudTrail, \
             DeleteNetworkInterface or TerminateInstances); a new interface in {} may take the \
             addresses while they are free",
            addresses.join(" "),
            self.plan.identity.value("SubnetId").unwrap_or("its subnet"),
        ))
    }

    /// A person must help: where everything is, and the lines that bring it to an end.
    pub(super) fn needs_person(&self, why: &str) -> Ending {
        let names = &self.plan.names;
        let mut text = match self.newest {
            None => format!(
                "{why}. {} was not looked at yet, so where everything is now is not known",
                self.plan.intent.eni
            ),
            Some(_) => format!("{why}. {}", self.place()),
        };
        let finish = self.by_hand(Goal::Target);
        let when = match self.plan.handovers.is_empty() {
            true => "Once it is available, on",
            false => "To finish, on",
        };
        text.push_str(&format!(". {when} {}: {finish}", names.target));
        let back = self.by_hand(Goal::Source);
        if self.plan.source.is_some() {
            text.push_str(&format!(" ; or back on {}: {back}", names.source));
        } else if !self.plan.handovers.is_empty() {
            // What is carried over can go back to an interface that no instance holds.
            text.push_str(&format!(" ; or back on {}: {back}", self.plan.intent.eni));
        }
        Ending::NeedsPerson(text)
    }

    /// Left alone for too long. True if that ended it.
    pub(super) fn give_up_alone(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        if !self.may_give_up() {
            return false;
        }
        let there = self.kind() == Some(StepKind::Verify) && self.verifying.since.is_some();
        if there && self.verifying.lost.is_empty() {
            self.arrived(now, out);
        } else {
            // A loss that one look has shown is no verdict: the look may be old.
            let why = format!(
                "left alone, and not at a safe end after {} s",
                wait::ALONE_MAX.as_secs()
            );
            self.close(now, self.needs_person(&why), out);
        }
        true
    }

    /// Nothing is between submission and answer, or on its way into the journal.
    pub(super) fn may_give_up(&self) -> bool {
        matches!(
            self.phase,
            Phase::Resting { .. } | Phase::Sleeping { .. } | Phase::Looking { .. }
        )
    }

    /// Writes the verdict; the end follows as soon as it is durable.
    pub(super) fn close(&mut self, now: Time, ending: Ending, out: &mut Vec<Output>) {
        let (name, text) = words(&ending);
        let entry = Entry::Verdict {
            ending: name.to_owned(),
            text: text.to_owned(),
        };
        let seq = self.journal(now, entry, out);
        if self.journal_broken.is_some() {
            self.over(now, ending, out);
        } else {
            self.phase = Phase::Closing {
                seq,
                since: now,
                ending,
            };
        }
    }

    /// The end.
    pub(super) fn over(&mut self, now: Time, ending: Ending, out: &mut Vec<Output>) {
        let arrived = matches!(ending, Ending::Done | Ending::PutBack);
        if let Some(step) = self.status.steps.get_mut(self.status.current)
            && step.state == StepState::Doing
        {
            step.state = if arrived {
                StepState::Done
            } else {
                StepState::Failed
            };
            step.ended = Some(now);
        }
        self.withdraw();
        self.status.paused = false;
        self.status.critical = false;
        self.status.ending = Some(ending.clone());
        self.status.ended = Some(now);
        self.phase = Phase::Over;
        out.push(Output::End(ending));
    }
}

fn words(ending: &Ending) -> (&'static str, &str) {
    match ending {
        Ending::Done => ("done", "on the target, verified"),
        Ending::Aborted => ("aborted", "given up before anything moved"),
        Ending::PutBack => ("put-back", "on the source again, verified"),
        Ending::Refused(text) => ("refused", text),
        Ending::ForeignChange(text) => ("foreign-change", text),
        Ending::IdentityLost(text) => ("identity-lost", text),
        Ending::NeedsPerson(text) => ("needs-person", text),
    }
}
