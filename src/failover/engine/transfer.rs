//! Moving the interface itself: protect, detach, attach.
//!
//! Invariants: a call is made again only while a look shows that it has had no effect, and a bounded
//! number of times; before the first one everything is still as planned; what is attached to
//! nothing is never given up for want of bookkeeping.

use super::decide::{Goal, attach_call};
use super::mutant::Mutant;
use super::question::Asked;
use super::{Engine, Gaze, Output, act, wait};
use crate::ec2::call::{Call, Detach};
use crate::ec2::id::AttachmentId;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::facts::Judge;
use crate::failover::plan::StepKind;
use crate::failover::status::Ending;
use crate::rules::attach::blockers;

impl Engine {
    /// After a doubtful or refused Protect: done if it shows, else again, else without.
    pub(super) fn protect(&mut self, now: Time, world: &World, out: &mut Vec<Output>) {
        let eni = world.eni(&self.plan.intent.eni);
        let off = eni
            .and_then(|e| e.attachment.as_ref())
            .is_none_or(|a| !a.delete_on_termination);
        let tries = &self.known.protect;
        let passing = tries
            .refused
            .as_ref()
            .is_none_or(|e| act::is_passing(&e.code));
        // Where the plan found nothing to protect it names no call, and what it does not name is not sent.
        let step = self.plan.steps.get(self.status.current);
        let call = step.filter(|s| s.nothing_to_do.is_none());
        let call = call.and_then(|s| s.call.clone());
        let again = call.filter(|_| passing && !Self::exhausted(tries.made));
        if off {
            self.advance(now, StepKind::Detach, out);
        } else if let Some(call) = again {
            let due = tries.answered.map(|at| at + wait::backoff(tries.made));
            match due.filter(|due| now < *due) {
                Some(due) => self.sleep_until(due, Gaze::Full),
                None => self.intend(now, call, out),
            }
        } else {
            self.fail_step(now);
            self.note(
                now,
                "DeleteOnTermination is still on: do not terminate the old instance before the \
                 interface has left it, or it is deleted with it",
                out,
            );
            self.advance(now, StepKind::Detach, out);
        }
    }

    /// The planned attachment is still there.
    pub(super) fn detach(&mut self, now: Time, world: &World, gaze: Gaze, out: &mut Vec<Output>) {
        if self.attach_was_made() {
            // It was attached to nothing before that, and EC2 gives no ended attachment back: the look
            // is an old one.
            self.wait_blind(now, gaze, "EC2 shows an attachment that has ended", out);
            return;
        }
        let tries = self.known.detach.clone();
        if tries.made > 0 {
            let passing = tries
                .refused
                .as_ref()
                .is_none_or(|e| act::is_passing(&e.code));
            if !passing || Self::exhausted(tries.made) {
                self.give_up_detach(now, out);
                return;
            }
            let pause = match tries.accepted && tries.refused.is_none() {
                true => wait::UNSEEN,
                false => wait::backoff(tries.made),
            };
            if let Some(due) = tries.answered.map(|at| at + pause).filter(|due| now < *due) {
                let next = now + self.rhythm.next(now.since(self.waiting_since));
                self.sleep_until(next.min(due), Gaze::Eni);
                return;
            }
        }
        if self.asked.is_some() {
            self.sleep(now, gaze);
            return;
        }
        if gaze != Gaze::Full {
            self.look(now, Gaze::Full, out);
            return;
        }
        if let Err(why) = self.last_look(world) {
            let ending = if tries.may_have_happened() {
                self.needs_person(&why)
            } else {
                Ending::Refused(format!("{why}; nothing has moved"))
            };
            self.close(now, ending, out);
            return;
        }
        let Some(attachment_id) = self.attachment_to_end(world) else {
            return;
        };
        let call = Call::DetachNetworkInterface(Detach {
            attachment_id,
            force: false,
        });
        self.intend(now, call, out);
    }

    /// We have attached it since the plan's attachment was seen to be over.
    pub(super) fn attach_was_made(&self) -> bool {
        let attach = &self.known.attach;
        attach.made > 0 || attach.crossed.is_some() || self.known.retargeted > 0
    }

    /// The plan's, and no other.
    fn attachment_to_end(&self, world: &World) -> Option<AttachmentId> {
        let broken = self.known.broken;
        if broken.is(Mutant::NoAttachmentCheck) || broken.is(Mutant::DetachWhoeverHoldsIt) {
            let eni = world.eni(&self.plan.intent.eni)?;
            return eni.attachment.as_ref().map(|a| a.attachment_id.clone());
        }
        self.plan.attachment_id.clone()
    }

    fn give_up_detach(&mut self, now: Time, out: &mut Vec<Output>) {
        let tries = &self.known.detach;
        let said = tries.refused.as_ref().map_or_else(
            || format!("{} tries had no effect", tries.made),
            |error| format!("EC2 refused the detach: {error}"),
        );
        let ending = if tries.may_have_happened() {
            self.needs_person(&format!("{said}, but an earlier try may still take effect"))
        } else {
            Ending::Refused(format!("{said}; nothing has moved"))
        };
        self.close(now, ending, out);
    }

    /// The last look before the detach: everything is still as the plan saw it.
    fn last_look(&self, world: &World) -> Result<(), String> {
        let plan = &self.plan;
        let attachment = world
            .eni(&plan.intent.eni)
            .and_then(|e| e.attachment.as_ref());
        let slot = attachment.map(|a| (a.network_card_index, a.device_index));
        if slot != plan.source_slot {
            return Err("its place on the source is not the planned one any more".to_owned());
        }
        if world.instance(&plan.intent.target).is_none() {
            return self.target_as_planned(world);
        }
        if let Some(call) = attach_call(plan, Goal::Target)
            && let Some(denial) = blockers(world, &call).into_iter().next()
        {
            let because = denial.because.trim_end_matches('.');
            return Err(format!("{because} ({})", denial.code));
        }
        self.target_as_planned(world)
    }

    /// The target is there, in the state that the plan was made for.
    pub(super) fn target_as_planned(&self, world: &World) -> Result<(), String> {
        let plan = &self.plan;
        let called = &plan.names.target;
        let Some(target) = world.instance(&plan.intent.target) else {
            return Err(format!("{called} does not exist any more"));
        };
        if target.state != plan.target_state {
            return Err(format!(
                "{called} was {} when the plan was made and is {} now: plan anew",
                plan.target_state, target.state
            ));
        }
        Ok(())
    }

    /// It is attached to nothing, and the goal may have it.
    pub(super) fn attach(
        &mut self,
        now: Time,
        goal: Goal,
        world: &World,
        gaze: Gaze,
        out: &mut Vec<Output>,
    ) {
        self.under_way = None;
        self.patience = None;
        if self.kind() == Some(StepKind::WaitAvailable) {
            self.show(world, Judge::Interface);
        }
        match self.asked {
            Some((Asked::Abort, since)) => {
                let may_hold = self.plan.sky.may_step() || now < since + wait::HOLD_MAX;
                if may_hold && self.alone.is_none() {
                    self.sleep(now, Gaze::Eni);
                    return;
                }
                self.note(now, "no answer in time: finishing", out);
                self.withdraw();
            }
            Some((Asked::Stranded, _)) => {
                self.sleep(now, Gaze::Full);
                return;
            }
            Some((Asked::Stuck, _)) => self.withdraw(),
            None => {}
        }
        if !self.reach(now, StepKind::Attach) {
            return;
        }
        let tries = self.known.attach.clone();
        if tries.made > 0 {
            let passing = tries
                .refused
                .as_ref()
                .is_none_or(|e| act::is_passing(&e.code));
            if !passing || Self::exhausted(tries.made.saturating_sub(tries.before)) {
                let why = tries.refused.as_ref().map_or_else(
                    || format!("{} tries had no effect", tries.made),
                    |error| format!("EC2 refused the attach: {error}"),
                );
                self.stranded(now, &why, out);
                return;
            }
            let pause = match tries.accepted && tries.refused.is_none() {
                true => wait::UNSEEN,
                false => wait::backoff(tries.made),
            };
            if let Some(due) = tries.answered.map(|at| at + pause).filter(|due| now < *due) {
                let next = now + self.rhythm.next(now.since(self.waiting_since));
                self.sleep_until(next.min(due), Gaze::Full);
                return;
            }
        }
        // Straight on after the detach: EC2 itself refuses a target that is not eligible, and every
        // look is time without the address.
        // Not so once it was taken up, on its way back, or on to another instance: then much may have
        // happened meanwhile.
        let straight_on = tries.made == 0
            && goal == Goal::Target
            && self.known.detach.made > 0
            && self.known.taken.is_none()
            && !self.known.went_back
            && self.known.retargeted == 0
            && self.allowed == usize::MAX;
        if gaze != Gaze::Full && !straight_on {
            self.look(now, Gaze::Full, out);
            return;
        }
        if !self.has_moved()
            && let Err(why) = self.last_look(world)
        {
            let why = format!("{why}; nothing was done");
            self.close(now, Ending::Refused(why), out);
            return;
        }
        if let Some(call) = self.known.attach_call(&self.plan, goal) {
            self.intend(now, Call::AttachNetworkInterface(call), out);
        }
    }
}
