//! The steps: which one is under way, and what its rows show.
//!
//! Invariant: a step that has begun ends before a later one begins; while stepping nothing begins
//! beyond `allowed`.

use super::decide::Goal;
use super::{Engine, Gaze, Output, Phase, wait};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::facts::{self, Judge};
use crate::failover::plan::{Step, StepKind};
use crate::failover::status::StepState;

impl Engine {
    /// Index of the step of this kind on the way that is taken now.
    pub(super) fn index_of(&self, kind: StepKind) -> Option<usize> {
        let of = |steps: &[Step]| steps.iter().position(|s| s.kind == kind);
        let planned = &self.plan.steps;
        match self.known.goal {
            Goal::Source => of(&self.status.back)
                .map(|n| n + planned.len())
                .or_else(|| of(planned)),
            Goal::Target => of(planned),
        }
    }

    /// Kind of the step under way, or of the next one.
    pub(super) fn kind(&self) -> Option<StepKind> {
        self.status.step(self.status.current).map(|s| s.kind)
    }

    /// Goes on to the step of this kind; those before it are over. False if it must wait for a key.
    /// A step that is behind already stays behind.
    pub(super) fn reach(&mut self, now: Time, kind: StepKind) -> bool {
        let Some(index) = self.index_of(kind) else {
            return true;
        };
        while self.status.current < index {
            self.finish(now);
            self.status.current += 1;
        }
        if self.status.current > index {
            return true;
        }
        if index > self.allowed {
            self.status.paused = true;
            // A look right now could not be newer than the outcome of this moment.
            self.phase = Phase::Resting {
                look_at: now + wait::MOMENT,
            };
            return false;
        }
        if let Some(step) = self.status.steps.get_mut(index)
            && step.state == StepState::Todo
        {
            step.state = StepState::Doing;
            step.began = Some(now);
        }
        true
    }

    fn finish(&mut self, now: Time) {
        if let Some(step) = self.status.steps.get_mut(self.status.current) {
            match step.state {
                StepState::Doing => step.state = StepState::Done,
                StepState::Todo => step.state = StepState::Skipped,
                StepState::Done | StepState::Skipped | StepState::Failed => return,
            }
            step.ended = Some(now);
        }
    }

    /// A call was accepted: its step is done, the next one follows as soon as it may. While it may
    /// not, one look shows what the call has done.
    pub(super) fn advance(&mut self, now: Time, to: StepKind, out: &mut Vec<Output>) {
        if self.reach(now, to) {
            self.begin_step(now, out);
        }
    }

    /// Begins the current step, or the next one in which there is something to do.
    pub(super) fn begin_step(&mut self, now: Time, out: &mut Vec<Output>) {
        while let Some(step) = self.status.step(self.status.current)
            && step.nothing_to_do.is_some()
        {
            self.finish(now);
            self.status.current += 1;
        }
        let Some(step) = self.status.step(self.status.current).cloned() else {
            return;
        };
        if !self.reach(now, step.kind) {
            return;
        }
        self.status.paused = false;
        self.waiting_since = now;
        if matches!(self.phase, Phase::Resting { .. }) {
            self.phase = Phase::Sleeping {
                gaze: Gaze::Full,
                until: now,
            };
        }
        match (step.kind, step.call) {
            (StepKind::Protect, Some(call)) => self.intend(now, call, out),
            (StepKind::WaitAvailable | StepKind::WaitAttached, _) => {
                self.look(now, Gaze::Eni, out);
            }
            _ => self.look(now, Gaze::Full, out),
        }
    }

    /// Fills in what is seen now: in the step under way, and in the call that it waits for.
    pub(super) fn show(&mut self, world: &World, judge: Judge) {
        self.rows_show = None;
        let current = self.status.current;
        let waits = matches!(
            self.kind(),
            Some(StepKind::WaitAvailable | StepKind::WaitAttached)
        );
        let first = if waits {
            current.saturating_sub(1)
        } else {
            current
        };
        let seen = facts::facts(world, &self.scope);
        let gone = world.eni(&self.scope.eni).is_none();
        for step in self.status.steps.iter_mut().take(current + 1).skip(first) {
            if matches!(step.state, StepState::Doing | StepState::Done) {
                facts::observe(&mut step.rows, &seen, gone, judge);
            }
        }
    }
}
