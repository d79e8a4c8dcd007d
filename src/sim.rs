//! Virtual EC2: it applies calls, lets transitions take their time, and remembers everything.
//!
//! Invariants: pure and seeded; time is virtual and only [`Sim::advance`] moves it; the same world
//! file, seed and inputs give the same history, byte for byte. It acts by `rules` alone and does
//! not know `failover`. A world that was handed out never changes.

pub mod clients;
pub mod faults;
pub mod generate;
pub mod guest;
pub mod history;
mod machine;
pub mod mint;
pub mod saved;
pub mod scenario;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod timings;
pub mod traffic;
pub mod worldfile;

use std::sync::Arc;
use std::time::Duration;

use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use faults::{Ask, Fate, FaultError, Item, Placed};
use guest::{Guest, Lags};
use history::{History, Input};
use machine::Machine;
use saved::Settings;
use timeline::Timeline;
use timings::{Range, Timings};
use worldfile::WorldFileError;

/// The simulator.
#[derive(Clone, Debug)]
pub struct Sim {
    name: String,
    about: String,
    focus: Option<EniId>,
    prologue: Vec<(Time, String)>,
    settings: Settings,
    machine: Machine,
}

/// What a caller hears of a call that it sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// EC2's answer; `None` if there is none, and whether it happened is not known.
    pub answer: Option<Result<Answer, ApiError>>,
    /// How much later than usual it is heard.
    pub after: Duration,
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
        let settings = Settings {
            seed,
            ..Settings::default()
        };
        Self::begin(file, text, &settings)
    }

    /// The same with more to set. A saved world comes with its own settings, and goes on where it
    /// was saved.
    pub fn begin(file: &str, text: &str, settings: &Settings) -> Result<Self, WorldFileError> {
        let mut scenario = worldfile::parse(file, text, settings.seed)?;
        let saved = scenario.saved.take();
        let settings = saved.as_ref().map_or(settings, |saved| &saved.settings);
        let mut sim = Self {
            name: std::mem::take(&mut scenario.name),
            about: std::mem::take(&mut scenario.about),
            focus: scenario.focus.take(),
            prologue: std::mem::take(&mut scenario.prologue),
            settings: settings.clone(),
            machine: Machine::new(scenario, settings.seed),
        };
        let timings = &mut sim.machine.timings;
        if let Some(time) = settings.attach_time {
            timings.attach = Range::exactly(time);
        }
        if let Some(time) = settings.detach_time {
            timings.detach = Range::exactly(time);
        }
        if let Some(saved) = &saved {
            sim.replay(saved.inputs.iter())
                .map_err(|number| worldfile::not_taken(file, text, number))?;
        }
        Ok(sim)
    }

    /// What it was begun with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes how long transitions take that begin from now on. [`Sim::save`] does not see it.
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
        machine.point();
        if answer.is_err() {
            machine.history.drop_checkpoint();
        }
        answer
    }

    /// Puts a switch in now. Names are looked up in the world as it is now.
    pub fn inject(&mut self, item: &Item) -> Result<(), FaultError> {
        let item = item.located(&self.machine.world)?;
        let input = Input::Inject(self.now(), item.clone());
        self.machine.history.put_in(input);
        self.machine.inject(item);
        self.machine.point();
        Ok(())
    }

    /// Takes every switch out again: what they held back goes on.
    pub fn calm(&mut self) {
        let input = Input::Calm(self.now());
        self.machine.history.put_in(input);
        self.machine.calm();
        self.machine.point();
    }

    /// Takes the switch of this number out; false if there is none.
    pub fn take_out(&mut self, number: u64) -> bool {
        if !self.machine.faults.iter().any(|p| p.number == number) {
            return false;
        }
        let input = Input::TakeOut(self.now(), number);
        self.machine.history.put_in(input);
        let done = self.machine.take_out(number);
        self.machine.point();
        done
    }

    /// The switches that were put in, with ids in place of names.
    pub fn faults(&self) -> &[Placed] {
        &self.machine.faults
    }

    /// What becomes of a request that is sent now; whoever asks has to carry it out, [`Sim::send`]
    /// does so for a call. Tokens are taken and chance is asked, once.
    pub fn fate(&mut self, caller: &str, ask: &Ask) -> Fate {
        let fate = self.machine.fate(caller, ask);
        self.machine.point();
        fate
    }

    /// The world as a read shows it whose [`Fate`] is to be answered as of this moment.
    pub fn world_as_of(&self, moment: Time) -> Arc<World> {
        self.machine.world_as_of(moment)
    }

    /// Submits a call that is answered as of a moment: what is younger cannot be found.
    pub fn call_as_of(&mut self, call: &Call, moment: Time) -> Result<Answer, ApiError> {
        match self.machine.too_young(call, moment) {
            Some(error) => Err(error),
            None => self.call(call),
        }
    }

    /// Sends a call that arrives later; nobody hears its answer.
    pub fn call_later(&mut self, call: &Call, after: Duration) {
        self.machine.call_later(call, after);
    }

    /// Sends a call over the road: whatever becomes of it, it becomes of it here.
    pub fn send(&mut self, caller: &str, call: &Call) -> Heard {
        let (answer, after) = match self.fate(caller, &Ask::call(call)) {
            Fate::Answered { after, as_of } => (Some(self.call_as_of(call, as_of)), after),
            Fate::Twice { after } => {
                // Only the second answer is heard.
                let _ = self.call(call);
                (Some(self.call(call)), after)
            }
            Fate::Refused { error, after } => (Some(Err(error)), after),
            Fate::Lost => (None, Duration::ZERO),
            Fate::Unanswered => {
                let _ = self.call(call);
                (None, Duration::ZERO)
            }
            Fate::Late { after } => {
                self.call_later(call, after);
                (None, Duration::ZERO)
            }
        };
        Heard { answer, after }
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

    /// Every change so far, to be looked at again: a copy that stays as it is.
    pub fn timeline(&self) -> Timeline {
        self.history().timeline().until(self.now())
    }

    /// What tells a timeline that has changed since: how many changes there were, and when the newest was.
    pub fn timeline_end(&self) -> (u64, Time) {
        self.history().timeline().newest()
    }

    /// What each modelled client saw so far.
    pub fn strips(&self) -> &[Strip] {
        &self.machine.strips
    }

    /// What the operating system of an instance sees of its interfaces by now; `None` if it does not
    /// run.
    pub fn guest(&self, instance: &InstanceId) -> Option<Guest> {
        guest::guest(&self.machine.world, &self.lags(), instance)
    }

    /// Where guests and EC2 disagree by now.
    pub fn lags(&self) -> Lags {
        self.machine.lags()
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
