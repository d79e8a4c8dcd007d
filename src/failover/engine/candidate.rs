//! Another instance, where EC2 will not have the interface attached to the planned one.
//!
//! Invariants: only once it is certain that no attach to the planned one can still take effect; only
//! an instance that the plan names as an alternative and that was not tried; only after a person has
//! chosen it, or has named it beforehand (`--or-to`), with a record of that before the attach; at most
//! twice in an operation. A look at the new place comes before anything else.

use super::decide::{Goal, Tries};
use super::question::Asked;
use super::verdict::Verifying;
use super::{Engine, Gaze, Output};
use crate::ec2::call::Call;
use crate::ec2::id::InstanceId;
use crate::ec2::time::Time;
use crate::failover::journal::Entry;
use crate::failover::plan::{Alternative, StepKind};
use crate::failover::status::{Command, StepStatus};
use std::sync::Arc;

/// Other targets that one operation may go on to.
pub(in crate::failover) const CHOICES_MAX: u32 = 2;
/// Those of them that a question offers at a time.
const OFFERED_MAX: usize = 2;

impl Engine {
    /// Where it could go instead, best first; none if the planned target may still get it, by a look
    /// that was asked for at this time.
    fn other_targets(&self, asked: Time) -> Vec<Alternative> {
        let attach = &self.known.attach;
        let certain = match self.known.taken {
            // What the process before has called is over a minute after it was taken up. One that EC2
            // accepted has arrived by then: attached to nothing, it is over again.
            Some(_) => self.attach_may_come(asked).is_none(),
            None => !attach.may_have_happened() && attach.crossed.is_none(),
        };
        let may = self.known.goal == Goal::Target
            && self.plan.handovers.is_empty()
            && self.known.retargeted < CHOICES_MAX
            && self.journal_broken.is_none();
        if !certain || !may {
            return Vec::new();
        }
        let tried = |id: &InstanceId| {
            let mut calls = self.status.calls.iter();
            calls.any(|made| {
                matches!(&made.call, Call::AttachNetworkInterface(c) if c.instance_id == *id)
            })
        };
        let others = self.plan.alternatives.iter();
        let others = others.filter(|other| !tried(&other.instance));
        others.take(OFFERED_MAX).cloned().collect()
    }

    /// The answers that a question offers for them.
    pub(super) fn candidate_choices(&self) -> Vec<(Command, String)> {
        let words = |other: Alternative| {
            let why = match other.why.as_str() {
                "" => String::new(),
                why => format!(" ({why})"),
            };
            let text = format!("another instance: attach it to {}{why}", other.name);
            (Command::Candidate(other.instance), text)
        };
        let others = self.other_targets(self.looked_at());
        others.into_iter().map(words).collect()
    }

    /// When the newest look at everything was asked for.
    fn looked_at(&self) -> Time {
        self.full_at.unwrap_or_default()
    }

    /// The question was answered with another instance.
    pub(super) fn wants_candidate(&mut self, now: Time, id: &InstanceId, out: &mut Vec<Output>) {
        if !matches!(self.asked, Some((Asked::Stranded, _))) {
            return;
        }
        let other = self.other_targets(self.looked_at()).into_iter();
        let Some(other) = other.clone().find(|other| other.instance == *id) else {
            let text = format!("not attached to {id}: it is not what was offered");
            self.note(now, &text, out);
            return;
        };
        self.withdraw();
        self.go_on_to(now, &other, "chosen", out);
    }

    /// Goes on to the instance that was named beforehand for this case. False if there is none.
    pub(super) fn falls_back(&mut self, now: Time, why: &str, out: &mut Vec<Output>) -> bool {
        let wanted = self.plan.intent.fallback.clone();
        let mut others = self.other_targets(self.looked_at()).into_iter();
        let Some(other) = others.find(|o| Some(&o.instance) == wanted.as_ref()) else {
            return self.falls_back_later(now, out);
        };
        let target = &self.plan.names.target;
        let text = format!(
            "{target} does not take it: {why}; going on to {}",
            other.name
        );
        self.note(now, &text, out);
        self.withdraw();
        self.go_on_to(now, &other, "--or-to", out);
        true
    }

    /// Taken up again, it waits until no attach of the process before can take effect any more, and
    /// goes on then. False if waiting is no help.
    fn falls_back_later(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let Some(until) = self.attach_may_come(self.looked_at()) else {
            return false;
        };
        let is_taken = self.known.taken.is_some();
        let later = self.other_targets(until);
        let wanted = self.plan.intent.fallback.as_ref();
        if !is_taken || !later.iter().any(|o| Some(&o.instance) == wanted) {
            return false;
        }
        self.note_late(now, until, out);
        self.sleep(now, Gaze::Full);
        true
    }

    fn go_on_to(&mut self, now: Time, other: &Alternative, how: &str, out: &mut Vec<Output>) {
        let Some(plan) = self.plan.retargeted(other.instance.as_str()) else {
            return;
        };
        let consent = Entry::Consent {
            to: "candidate".to_owned(),
            typed: other.instance.to_string(),
            how: how.to_owned(),
        };
        self.journal(now, consent, out);
        self.plan = Arc::new(plan);
        self.scope = self.plan.scope();
        self.rows_show = None;
        self.status.plan = Arc::clone(&self.plan);
        self.status.attachment_id = None;
        self.known.attach = Tries::default();
        self.known.elsewhere = None;
        self.known.retargeted += 1;
        self.verifying = Verifying::default();
        // Whatever is on its way was asked for before the new place was known.
        self.full = None;
        self.full_at = None;
        self.last_outcome = Some(now);
        self.gone_on = Some(now);
        let first = self.index_of(StepKind::Attach).unwrap_or_default();
        let planned = self.plan.steps.len();
        let steps = self.plan.steps.iter().enumerate().skip(first);
        for (n, step) in steps {
            if let Some(status) = self.status.steps.get_mut(n) {
                *status = StepStatus::todo(step);
            }
        }
        self.status.current = first.min(planned);
        self.allowed = usize::MAX;
        self.on(now, out);
    }
}
