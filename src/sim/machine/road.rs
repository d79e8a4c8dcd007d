//! Requests that travel: the machine at the far end of the road.
//!
//! Invariant: without switches nothing is drawn and nothing is kept, so that a quiet world has the
//! history that it would have without a road.

use std::sync::Arc;
use std::time::Duration;

use super::{Machine, is_early};
use crate::ec2::call::Call;
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules;
use crate::sim::faults::{Ask, Fate, Fault};
use crate::sim::history::{Due, Happened, Input};

impl Machine {
    /// What becomes of a request that is sent now.
    pub fn fate(&mut self, caller: &str, ask: &Ask) -> Fate {
        let now = self.moment.now;
        let is_call = Call::ACTIONS.contains(&&*ask.action);
        // EC2 looks at the ids of a call before it looks at permissions: `admit` has the order.
        let on: Vec<Fault> = self
            .on()
            .filter(|f| f.is_of_the_road() && !(is_call && matches!(f, Fault::Deny(_))))
            .cloned()
            .collect();
        if on.is_empty() {
            return Fate::Answered {
                after: Duration::ZERO,
                as_of: now,
            };
        }
        let input = Input::Ask(now, caller.into(), ask.clone());
        self.history.put_in(input);
        let account = Arc::clone(&self.world.account);
        let road = Arc::make_mut(&mut self.moment.road);
        let fate = road.fate(on.iter(), &account, caller, ask, now);
        if !fate.is_plain(now) {
            let what = Happened::Fate(ask.action.clone(), fate.clone());
            self.history.happened(now, what);
        }
        fate
    }

    /// The world as a read shows it that answers as of a moment.
    pub fn world_as_of(&self, moment: Time) -> Arc<World> {
        let then = self.past.at(moment);
        Arc::clone(then.unwrap_or(&self.world))
    }

    /// Why a call is refused by a server that has only heard of the world until a moment: it names
    /// something that is younger.
    pub fn too_young(&self, call: &Call, as_of: Time) -> Option<ApiError> {
        let then = self.past.at(as_of)?;
        let denial = rules::check(then, call).err()?;
        let known_now = rules::check(&self.world, call);
        let unknown = denial.code.ends_with(".NotFound");
        let still = known_now.is_err_and(|d| is_early(d.code));
        (unknown && !still).then(|| denial.error())
    }

    /// A call that is still on its way.
    pub fn call_later(&mut self, call: &Call, after: Duration) {
        let input = Input::Late(self.moment.now, call.clone(), after);
        self.history.put_in(input);
        self.push_due(after, Due::Arrival(call.clone()));
    }
}
