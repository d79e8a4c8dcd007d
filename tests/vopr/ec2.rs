//! EC2 and the road to it: the real simulator, calls that are lost, late or doubled on their way,
//! and looks that show the past.
//!
//! Invariant: the truth is the simulator's world; who ended an attachment is known from whose call
//! it accepted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::{Answer, Call};
use enipilot::ec2::eni::Eni;
use enipilot::ec2::error::ApiError;
use enipilot::ec2::id::{AttachmentId, InstanceId};
use enipilot::ec2::resource::InstanceState;
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::engine::Gaze;
use enipilot::failover::plan::Plan;
use enipilot::failover::sight::sight;
use enipilot::sim::Sim;

use super::ground;

/// Looks lag by at most this much.
const LAG: Duration = Duration::from_secs(8);

/// Whose call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Us,
    Other,
}

pub struct Ec2 {
    pub sim: Sim,
    /// The present: the simulator is moved on where something is due, and before it is called.
    now: Time,
    /// Accepted calls of others, and terminations, which are never ours, once more when they end: the
    /// interface leaves its instance then, maybe long after the call.
    pub others: usize,
    /// Instances that have been terminated.
    terminated: usize,
    /// Who detached which attachment first.
    detached: Vec<(AttachmentId, Who)>,
    /// The newest attachment of the interface.
    last: Option<AttachmentId>,
    /// The world of each moment within the lag, oldest first.
    past: VecDeque<(Time, Arc<World>)>,
    /// The interface alone, as last asked for.
    alone: Option<(Arc<Eni>, Arc<World>)>,
    /// The newest look at everything of an operation, and of which world, and for which plan.
    around: Option<(Arc<World>, Arc<Plan>, Arc<World>)>,
}

impl Ec2 {
    pub fn new(sim: Sim) -> Self {
        let mut ec2 = Self {
            now: sim.now(),
            sim,
            others: 0,
            terminated: 0,
            detached: Vec::new(),
            last: None,
            past: VecDeque::new(),
            alone: None,
            around: None,
        };
        ec2.remember();
        ec2
    }

    pub fn now(&self) -> Time {
        self.now
    }

    /// Moves time; calls `check` whenever something has changed.
    pub fn advance<E>(
        &mut self,
        to: Time,
        mut check: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(due) = self.sim.next_due().filter(|due| *due <= to) {
            self.sim.advance(due);
            if self.remember() {
                check(self)?;
            }
        }
        self.now = to;
        Ok(())
    }

    /// A call arrives.
    pub fn call(&mut self, who: Who, call: &Call) -> Result<Answer, ApiError> {
        self.sim.advance(self.now);
        let answer = self.sim.call(call)?;
        if who == Who::Other {
            self.others += 1;
        }
        if let Call::DetachNetworkInterface(detach) = call {
            let known = self
                .detached
                .iter()
                .any(|(id, _)| *id == detach.attachment_id);
            if !known {
                self.detached.push((detach.attachment_id.clone(), who));
            }
        }
        self.remember();
        Ok(answer)
    }

    /// Keeps the present. True if it differs from what was.
    fn remember(&mut self) -> bool {
        let world = self.sim.world();
        let newest = self.past.back().map(|(_, w)| w.revision());
        if newest == Some(world.revision()) {
            return false;
        }
        let now = self.sim.now();
        let attachment = world
            .eni(&ground::eni())
            .and_then(|e| e.attachment.as_ref());
        if let Some(a) = attachment {
            self.last = Some(a.attachment_id.clone());
        }
        let ended = world.instances();
        let ended = ended
            .filter(|i| i.state == InstanceState::Terminated)
            .count();
        self.others += ended.saturating_sub(self.terminated);
        self.terminated = ended;
        self.past.push_back((now, world));
        while self.past.get(1).is_some_and(|(at, _)| *at + LAG < now) {
            self.past.pop_front();
        }
        true
    }

    /// The interface is there and attached to nothing because of a detach of ours.
    pub fn stranded_by_us(&self) -> bool {
        let Some((_, world)) = self.past.back() else {
            return false;
        };
        let free = world
            .eni(&ground::eni())
            .is_some_and(|e| e.attachment.is_none());
        let by = |id: &AttachmentId| self.detached.iter().find(|(d, _)| d == id).map(|(_, w)| *w);
        free && self.last.as_ref().and_then(by) == Some(Who::Us)
    }

    /// The instance that has the interface.
    pub fn holder(&self) -> Option<InstanceId> {
        let world = self.sim.world();
        let eni = world.eni(&ground::eni());
        eni.and_then(|eni| eni.instance_id()).cloned()
    }

    /// Everything there is, as it was a while ago.
    pub fn all(&self, ago: Duration) -> Arc<World> {
        let then = self.now - ago;
        let past = self.past.iter().rev().find(|(at, _)| *at <= then);
        let world = past.or(self.past.front()).map(|(_, w)| Arc::clone(w));
        world.unwrap_or_else(|| self.sim.world())
    }

    /// What a look for this plan shows of it. Most looks show the same as the one before.
    pub fn seen(&mut self, gaze: Gaze, plan: &Arc<Plan>, ago: Duration) -> Arc<World> {
        let world = self.all(ago);
        let known = match gaze {
            Gaze::Eni => self
                .alone
                .as_ref()
                .filter(|(eni, _)| {
                    let now = world.eni(&plan.intent.eni);
                    now.is_some_and(|now| Arc::ptr_eq(now, eni))
                })
                .map(|(_, seen)| seen),
            Gaze::Full => self
                .around
                .as_ref()
                .filter(|(all, of, _)| Arc::ptr_eq(all, &world) && Arc::ptr_eq(of, plan))
                .map(|(_, _, seen)| seen),
        };
        if let Some(seen) = known {
            return Arc::clone(seen);
        }
        let seen = Arc::new(sight(&world, &plan.scope(), gaze));
        match gaze {
            Gaze::Eni => {
                let eni = world.eni(&plan.intent.eni).cloned();
                self.alone = eni.map(|eni| (eni, Arc::clone(&seen)));
            }
            Gaze::Full => self.around = Some((world, Arc::clone(plan), Arc::clone(&seen))),
        }
        seen
    }
}
