//! Calls of ours that may take effect, or be seen, long after they were made.
//!
//! Invariant: no final verdict while one of them can still make it untrue. A call without an answer
//! that has no effect after [`wait::CALL_LATE`] has none; an accepted one may be missing in looks for
//! [`wait::UNSEEN`], because describes lag (EC2 User Guide, "Eventual consistency").

use super::decide::{Crossing, Goal, Tries};
use super::{Engine, Output, wait};
use crate::ec2::time::Time;
use crate::ec2::world::World;

impl Engine {
    /// Until when what a look shows at this end may still be undone by a call of ours. `None` if
    /// nothing can come any more.
    pub(super) fn may_yet_leave(&self, now: Time, goal: Goal, world: &World) -> Option<Time> {
        let until = match self.plan.handovers.is_empty() {
            true => self.detach_or_stop(goal, world),
            false => {
                let crossed = self.known.handovers.iter().filter_map(|t| t.crossed);
                crossed.map(|c| self.until(c)).max()
            }
        };
        until.filter(|until| now < *until)
    }

    /// Back at the source it shows the attachment that our own detach was to end: the look may be
    /// stale, or the detach late. Or our stop of the source may be.
    fn detach_or_stop(&self, goal: Goal, world: &World) -> Option<Time> {
        if goal != Goal::Source {
            return None;
        }
        let eni = world.eni(&self.plan.intent.eni);
        let attachment = eni.and_then(|eni| eni.attachment.as_ref());
        let attachment = attachment.map(|a| &a.attachment_id);
        let same = attachment == self.plan.attachment_id.as_ref();
        let late = |tries: &Tries| {
            let answered = tries.answered.filter(|_| tries.may_have_happened());
            answered.map(|at| self.since_taken(at) + wait::CALL_LATE)
        };
        let detach = late(&self.known.detach).filter(|_| same);
        let stop = late(&self.known.fence).filter(|_| self.known.fence.doubtful);
        detach.max(stop)
    }

    /// Until when a look may be older than what this operation has done, or was planned from: what
    /// it shows of somebody else may have been over before. And until when a call of ours may still
    /// move what somebody else has moved. `None` once neither can be.
    pub(super) fn may_be_old(&self, now: Time) -> Option<Time> {
        let known = &self.known;
        let carries = known.handovers.iter().chain([&known.attach]);
        let calls = carries.flat_map(|tries| tries.crossing().into_iter().chain(tries.crossed));
        let calls = calls.map(|call| self.until(call));
        // The attachment that it names is gone once something else is seen: it can undo nothing.
        let detach = known.detach.crossing();
        let detach = detach.map(|call| self.since_taken(call.answered) + wait::UNSEEN);
        let gone_on = self.gone_on.map(|at| at + wait::UNSEEN);
        let all = calls
            .chain(detach)
            .chain(gone_on)
            .chain([self.begun + wait::UNSEEN]);
        all.max().filter(|until| now < *until)
    }

    /// Until when an arrival may be one of long ago, before the calls of this operation: it is not
    /// the attachment that EC2 named in its answer to them, or they had no answer.
    pub(super) fn may_be_an_old_arrival(&self, now: Time, world: &World) -> Option<Time> {
        let ours = match self.plan.handovers.is_empty() {
            true => {
                let eni = world.eni(&self.plan.intent.eni);
                let attachment = eni.and_then(|eni| eni.attachment.as_ref());
                let made = self.status.attachment_id.as_ref();
                made.is_some() && attachment.map(|a| &a.attachment_id) == made
            }
            false => {
                let goods = self.plan.handovers.len();
                let mut tries = self.known.handovers.iter();
                self.known.handovers.len() == goods && tries.all(|t| t.accepted)
            }
        };
        if ours {
            return None;
        }
        // A call the same way cannot make it untrue, however late it is: only the look can be old.
        let known = &self.known;
        let carries = known.handovers.iter().chain([&known.attach]);
        let turned = carries.filter_map(|tries| tries.crossed);
        let turned = turned.chain(known.detach.crossing());
        let turned = turned.map(|call| self.since_taken(call.answered) + wait::UNSEEN);
        let all = turned.chain([self.begun + wait::UNSEEN]);
        all.max().filter(|until| now < *until)
    }

    /// Until when an attach to the present goal, or one the other way, may still take effect.
    pub(super) fn attach_may_come(&self, now: Time) -> Option<Time> {
        let attach = &self.known.attach;
        let calls = attach.crossing().into_iter().chain(attach.crossed);
        let until = calls.map(|call| self.until(call)).max();
        until.filter(|until| now < *until)
    }

    fn until(&self, call: Crossing) -> Time {
        let span = match call.doubtful {
            true => wait::CALL_LATE,
            false => wait::UNSEEN,
        };
        self.since_taken(call.answered) + span
    }

    /// What the process before wrote by its own clock says nothing about spans of time.
    fn since_taken(&self, at: Time) -> Time {
        self.known.taken.map_or(at, |taken| at.max(taken.at))
    }

    /// Says why there is no verdict yet.
    pub(super) fn note_late(&mut self, now: Time, until: Time, out: &mut Vec<Output>) {
        let seconds = until.since(now).as_secs() + 1;
        let text = "a call of this operation may still take effect, or what EC2 shows may be old: no \
                    verdict before that is over";
        if !self
            .status
            .notes
            .iter()
            .any(|(_, told)| told.starts_with(text))
        {
            self.note(now, &format!("{text} (at most {seconds} s)"), out);
        }
    }
}
