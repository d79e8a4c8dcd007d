//! Stopping the old instance when it does not let go.
//!
//! Invariants: only the plan's source, only if its id was agreed to before anything moved and that is
//! durable, only once the detach is stuck, and once; never by force. What follows is seen, not
//! concluded: the detach is waited for as before.

use super::{Engine, Gaze, Output};
use crate::ec2::call::Call;
use crate::ec2::id::InstanceId;
use crate::ec2::time::Time;
use crate::failover::journal::CallResult;

impl Engine {
    /// The instance that may be stopped: named by the plan, and its source.
    fn fence_meant(&self) -> Option<&InstanceId> {
        let wanted = self.plan.intent.fence.as_ref();
        wanted.filter(|id| Some(*id) == self.plan.source.as_ref())
    }

    /// Whether this stop is the one that was agreed to.
    pub(super) fn may_fence(&self, call: &Call) -> Result<(), String> {
        let meant = self.fence_meant();
        let meant = meant.map(|id| Call::StopInstances(Call::instances(id)));
        if meant.as_ref() != Some(call) {
            return Err("not the instance whose stop was agreed to".to_owned());
        }
        if self.under_way.is_none() {
            return Err("a stop before the detach is under way".to_owned());
        }
        Ok(())
    }

    /// The detach is stuck: stops the source if that was agreed to. False if there is nothing to do.
    pub(super) fn fence(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let Some(source) = self.fence_meant().cloned() else {
            return false;
        };
        if self.known.fence.made > 0 || self.journal_broken.is_some() {
            return false;
        }
        let names = &self.plan.names;
        let text = format!("the detach hangs: stopping {} as agreed", names.source);
        self.note(now, &text, out);
        self.intend(now, Call::StopInstances(Call::instances(&source)), out);
        true
    }

    /// What EC2 said to it.
    pub(super) fn fenced(&mut self, now: Time, result: &CallResult, out: &mut Vec<Output>) {
        let source = &self.plan.names.source;
        let text = match result {
            CallResult::Accepted(_) => format!("{source} is being stopped"),
            CallResult::Refused(error) => format!("{source} was not stopped: {error}"),
            _ => format!("whether {source} is being stopped is not known"),
        };
        self.note(now, &text, out);
        // It has to shut down before it can let go.
        self.patience = Some(now);
        self.look(now, Gaze::Eni, out);
    }
}
