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

    /// Until when something that was carried over, and is somewhere else now, may still be moved by a
    /// call of ours. `None` if nothing can come any more.
    pub(super) fn may_yet_carry(&self, now: Time) -> Option<Time> {
        let calls = self.known.handovers.iter().flat_map(|tries| {
            let made = tries.answered.filter(|_| tries.may_have_happened());
            let made = made.map(|answered| Crossing {
                answered,
                doubtful: tries.doubtful,
            });
            made.into_iter().chain(tries.crossed)
        });
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
        let text = "a call of this operation may still take effect: no verdict before that is over";
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
