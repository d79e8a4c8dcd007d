//! Carrying over what moves by a call of its own.
//!
//! Invariants: only full looks decide; a call is made again only while a look shows that it has had
//! no effect, and a bounded number of times; before the first call everything is still as planned.

use super::decide::handover::is_at;
use super::decide::{Goal, handover_call};
use super::question::Asked;
use super::{Engine, Gaze, Output, act, wait};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::plan::StepKind;
use crate::failover::status::Ending;
use crate::rules::check;

impl Engine {
    /// Remembers which things a look has shown at the goal after our call, and whether a look that
    /// shows them elsewhere can still be older than that.
    pub(super) fn remember_goods(&mut self, world: &World, asked: Time) {
        // A look that may be older than the operation proves no call that had no answer.
        let may_be_old = asked < self.begun + wait::UNSEEN;
        let plan = &self.plan;
        for (handover, tries) in plan.handovers.iter().zip(&mut self.known.handovers) {
            let at_goal = |good: &crate::failover::mechanism::good::Good| {
                is_at(self.known.goal, &good.seen(world))
            };
            let proves = tries.accepted || !may_be_old;
            if tries.made > 0 && proves && handover.goods.iter().all(at_goal) {
                tries.shown.get_or_insert(asked);
            }
            tries.seen |= tries.shown.is_some_and(|at| at + wait::UNSEEN <= asked);
        }
    }

    /// Something is not at the goal yet: make its call, again if it had no effect.
    pub(super) fn carry(
        &mut self,
        now: Time,
        n: usize,
        goal: Goal,
        (world, gaze): (&World, Gaze),
        out: &mut Vec<Output>,
    ) {
        if self.is_held_by_a_question(now, out) {
            return;
        }
        let kind = StepKind::Handover(u16::try_from(n).unwrap_or(u16::MAX));
        if !self.reach(now, kind) {
            return;
        }
        if gaze != Gaze::Full {
            self.look(now, Gaze::Full, out);
            return;
        }
        let tries = self.known.handovers.get(n).cloned().unwrap_or_default();
        if tries.shown.is_some() {
            // It was there: a stale look, or somebody else. A later look tells.
            self.sleep(now, Gaze::Full);
            return;
        }
        if tries.made > 0 {
            let refused = tries.refused.as_ref();
            let passing = refused.is_none_or(|e| act::is_passing(&e.code));
            if !passing || Self::exhausted(tries.made.saturating_sub(tries.before)) {
                let why = refused.map_or_else(
                    || format!("{} tries had no effect", tries.made),
                    |error| format!("EC2 refused the call: {error}"),
                );
                let doubtful = tries.may_have_happened() || tries.crossed.is_some();
                self.call_in_vain(now, doubtful, &why, out);
                return;
            }
            let pause = match tries.accepted && refused.is_none() {
                true => wait::UNSEEN,
                false => wait::backoff(tries.made),
            };
            if let Some(due) = tries.answered.map(|at| at + pause).filter(|due| now < *due) {
                let next = now + self.rhythm.next(now.since(self.waiting_since));
                self.sleep_until(next.min(due), Gaze::Full);
                return;
            }
        }
        let Some(call) = handover_call(&self.plan, n, goal).cloned() else {
            return;
        };
        if let Err(denial) = check(world, &call) {
            let because = denial.because.trim_end_matches('.');
            self.stranded(now, &format!("{because} ({})", denial.code), out);
            return;
        }
        if !self.has_moved()
            && let Err(why) = self.target_as_planned(world)
        {
            let why = format!("{why}; nothing was done");
            self.close(now, Ending::Refused(why), out);
            return;
        }
        self.status.critical = true;
        self.intend(now, call, out);
    }

    /// A call that will not be made again.
    fn call_in_vain(&mut self, now: Time, doubtful: bool, why: &str, out: &mut Vec<Output>) {
        let others = self
            .known
            .handovers
            .iter()
            .any(|tries| tries.may_have_happened() || tries.crossed.is_some());
        if others || doubtful || self.known.goal == Goal::Source {
            self.stranded(now, why, out);
        } else {
            let why = format!("{why}; nothing has moved");
            self.close(now, Ending::Refused(why), out);
        }
    }

    /// A person is to say whether to go on. True while that is waited for.
    fn is_held_by_a_question(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        match self.asked {
            Some((Asked::Abort, since)) => {
                let may_hold = self.plan.sky.may_step() || now < since + wait::HOLD_MAX;
                if may_hold && self.alone.is_none() {
                    self.sleep(now, Gaze::Full);
                    return true;
                }
                self.note(now, "no answer in time: finishing", out);
                self.withdraw();
                false
            }
            Some((Asked::Stranded, _)) => {
                self.sleep(now, Gaze::Full);
                true
            }
            Some((Asked::Stuck, _)) | None => false,
        }
    }
}
