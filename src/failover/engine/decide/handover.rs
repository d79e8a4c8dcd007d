//! The table of what one call carries over at once: addresses, Elastic IPs, routes.
//!
//! Invariants: nothing is ever attached to nothing here, each thing is at its source or at its
//! target; what has been seen at its goal after our call and is not there any more was moved by
//! somebody else, and is not fetched again; nor is it where a call of ours the other way had no
//! answer, for that call may have done it; what is in neither place is left alone.

use super::{Action, Awaited, Crossing, Goal, Known, outdated};
use crate::ec2::world::World;
use crate::failover::mechanism::good::{Good, Seen};
use crate::failover::plan::Plan;

/// Decides: the first thing that is not at the goal, in the plan's order; on the way back the last.
pub(super) fn decide(plan: &Plan, known: &Known, world: &World) -> Action {
    let goal = known.goal;
    let mut next = None;
    for (n, handover) in plan.handovers.iter().enumerate() {
        for good in &handover.goods {
            match good.seen(world) {
                Seen::Gone(what) => return Action::Lost(what),
                Seen::Foreign(what) => return Action::Foreign(what),
                Seen::Hidden(what) => return Action::Wait(Awaited::Understanding(what)),
                seen if is_at(goal, &seen) => {}
                _ if known.handovers.get(n).is_some_and(|t| t.seen) => {
                    let crossed = known.handovers.get(n).and_then(|t| t.crossed);
                    return taken_back(good, goal, crossed);
                }
                _ if goal == Goal::Source => next = Some(n),
                _ => next = next.or(Some(n)),
            }
        }
    }
    match next {
        Some(n) => outdated(known).map_or(Action::Handover(n, goal), Action::AskAgain),
        None => Action::Verify(goal),
    }
}

/// Whether a thing is seen at an end.
pub(in crate::failover::engine) fn is_at(goal: Goal, seen: &Seen) -> bool {
    match goal {
        Goal::Target => *seen == Seen::AtTarget,
        Goal::Source => *seen == Seen::AtSource,
    }
}

fn taken_back(good: &Good, goal: Goal, crossed: Option<Crossing>) -> Action {
    let (was, is) = match goal {
        Goal::Target => (&good.to, &good.from),
        Goal::Source => (&good.from, &good.to),
    };
    match crossed.is_some_and(|call| call.doubtful) {
        true => Action::Disputed(format!(
            "{good} was on {was} already and is on {is} again: a late call of this operation did it, \
             or somebody else"
        )),
        false => Action::Foreign(format!(
            "{good} was on {was} already and was moved by somebody else to {is}"
        )),
    }
}
