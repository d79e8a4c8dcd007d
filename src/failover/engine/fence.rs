//! Stopping the old instance when it does not let go.
//!
//! Invariants: only the plan's source, only if its id was agreed to, before anything moved or in the
//! question, and that is durable; only once the detach is stuck, and once; never by force. What the
//! preflight would block is not offered. What follows is seen, not concluded: the detach is waited
//! for as before.

use super::question::Asked;
use super::{Engine, Gaze, Output, Phase};
use crate::ec2::call::Call;
use crate::ec2::id::InstanceId;
use crate::ec2::time::Time;
use crate::failover::journal::{CallResult, Entry};
use crate::failover::plan::Level;
use crate::failover::plan::preflight::of_stop;

impl Engine {
    /// The instance that may be stopped: the source, if the plan names it or the question was
    /// answered so.
    fn fence_meant(&self) -> Option<&InstanceId> {
        let source = self.plan.source.as_ref()?;
        let planned = self.fence_agreed && self.plan.intent.fence.as_ref() == Some(source);
        let answered = self.fence.is_some_and(|(_, durable)| durable);
        (planned || answered).then_some(source)
    }

    /// What the source's stop costs besides that it stops, or why it is not offered; by the newest
    /// look at it. Nothing where it was tried already.
    pub(super) fn fence_offer(&self) -> Option<Result<String, String>> {
        let source = self.plan.source.as_ref()?;
        if self.known.fence.made > 0 || self.journal_broken.is_some() {
            return None;
        }
        let world = self.full.as_ref()?;
        let (source, eni) = (world.instance(source)?, world.eni(&self.plan.intent.eni)?);
        let checks = of_stop(source, eni);
        if let Some(block) = checks.iter().find(|c| c.level == Level::Block) {
            return Some(Err(block.finding.clone()));
        }
        let warnings = checks.iter().filter(|c| c.level == Level::Warn);
        let costs: Vec<_> = warnings.map(|c| format!("{}; ", c.finding)).collect();
        Some(Ok(costs.concat()))
    }

    /// The question was answered with a stop of the source.
    pub(super) fn wants_fence(&mut self, now: Time, typed: &str, out: &mut Vec<Output>) {
        let waiting = matches!(self.phase, Phase::Sleeping { .. } | Phase::Looking { .. });
        let stuck = matches!(self.asked, Some((Asked::Stuck, _)));
        let Some(source) = self.plan.source.clone().filter(|_| stuck && waiting) else {
            return;
        };
        let refusal = match self.fence_offer() {
            _ if typed.trim() != source.as_str() => {
                Some("its id was not typed as shown".to_owned())
            }
            Some(Ok(_)) => None,
            Some(Err(why)) => Some(why),
            None => Some("it was tried, or nothing is known of it".to_owned()),
        };
        if let Some(why) = refusal {
            let source = &self.plan.names.source;
            self.note(now, &format!("{source} is not stopped: {why}"), out);
            return;
        }
        self.withdraw();
        let consent = Entry::Consent {
            to: "fence".to_owned(),
            typed: typed.trim().to_owned(),
            how: "typed".to_owned(),
        };
        self.fence = Some((self.journal(now, consent, out), false));
        self.intend(now, Call::StopInstances(Call::instances(&source)), out);
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
