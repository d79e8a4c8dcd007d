//! Virtual EC2: it applies calls, lets transitions take their time, and remembers everything.
//!
//! Invariants: pure and seeded; time is virtual and only [`Sim::advance`] moves it; the same world
//! file, seed and inputs give the same history, byte for byte. It acts by `rules` alone and does
//! not know `failover`. A world that was handed out never changes.

pub mod clients;
pub mod faults;
pub mod history;
mod machine;
pub mod mint;
pub mod scenario;
#[cfg(test)]
mod tests;
pub mod timings;
pub mod worldfile;

use std::sync::Arc;

use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use history::{History, Input};
use machine::Machine;
use timings::Timings;
use worldfile::WorldFileError;

/// The simulator.
#[derive(Clone, Debug)]
pub struct Sim {
    name: String,
    about: String,
    focus: Option<EniId>,
    prologue: Vec<(Time, String)>,
    machine: Machine,
}

/// What an undo took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The call that is no longer.
    pub call: Call,
}

impl Sim {
    /// A simulator on the text of a world file; `file` names it in errors.
    pub fn load(file: &str, text: &str, seed: u64) -> Result<Self, WorldFileError> {
        let mut scenario = worldfile::parse(file, text, seed)?;
        Ok(Self {
            name: std::mem::take(&mut scenario.name),
            about: std::mem::take(&mut scenario.about),
            focus: scenario.focus.take(),
            prologue: std::mem::take(&mut scenario.prologue),
            machine: Machine::new(scenario, seed),
        })
    }

    /// Changes how long transitions take that begin from now on.
    pub fn set_timings(&mut self, change: impl FnOnce(&mut Timings)) {
        change(&mut self.machine.timings);
    }

    /// Name of the world, for the badge.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One sentence about the world; empty if its file has none.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.machine.moment.now
    }

    /// The world as it is; shared, so a copy costs nothing. It stays as it is: the next change is
    /// made on another copy.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.machine.world)
    }

    /// Submits a call now. An accepted one can be taken back by [`Sim::undo`].
    pub fn call(&mut self, call: &Call) -> Result<Answer, ApiError> {
        let machine = &mut self.machine;
        machine.history.checkpoint(call, machine.moment.clone());
        let input = Input::Call(machine.moment.now, call.clone());
        machine.history.put_in(input);
        let answer = machine.submit(None, call);
        if answer.is_err() {
            machine.history.drop_checkpoint();
        }
        answer
    }

    /// Answers `DryRun=true`: always an error, `DryRunOperation` when it would have been allowed.
    /// As on EC2 that says something about permission and about form and existence of the ids, and
    /// nothing about states and limits: those are looked at only when the call is made.
    pub fn dry_run(&self, call: &Call) -> ApiError {
        let verdict = crate::rules::check(&self.machine.world, call);
        match self.machine.admit(call, &verdict) {
            Err(error) => error,
            Ok(()) => ApiError::new(
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            ),
        }
    }

    /// When something is due: the end of a transition, a guest that sees an interface, a scripted
    /// event (clients' requests do not count).
    pub fn next_due(&self) -> Option<Time> {
        self.machine.next_due()
    }

    /// Nothing is under way, in EC2 or in a guest. What others will do does not count, nor does a
    /// detach that never ends.
    pub fn is_settled(&self) -> bool {
        self.machine.is_settled()
    }

    /// Moves time forward; everything due on the way happens in order. Never backwards.
    pub fn advance(&mut self, to: Time) {
        let to = to.max(self.now());
        self.machine.history.put_in(Input::Advance(to));
        self.machine.advance(to);
    }

    /// Goes back to the moment before the newest accepted call, time included; `None` if there was
    /// none, or none that is still remembered ([`history`] says how many are).
    pub fn undo(&mut self) -> Option<Undone> {
        self.machine.undo().map(|call| Undone { call })
    }

    /// What was put in and what happened.
    pub fn history(&self) -> &History {
        &self.machine.history
    }

    /// What each modelled client saw so far.
    pub fn strips(&self) -> &[Strip] {
        &self.machine.strips
    }

    /// The interface that the story is about: where the cursor stands at the start.
    pub fn focus(&self) -> Option<EniId> {
        self.focus.clone()
    }

    /// What happened before the story's moment, oldest first, for the feed.
    pub fn prologue(&self) -> &[(Time, String)] {
        &self.prologue
    }
}
