//! Simulator, model and engine on one virtual clock, without threads and without tokio.
//!
//! The terminal in SIM and REHEARSAL, the headless failover on a world, key scripts and lessons
//! all run this same stage; only who turns the clock differs.
//!
//! Invariants: everything due happens in order, at its own moment; what the engine asks for is
//! answered by the simulator that the screen shows; a message reaches the model only after a
//! `Tick` with its time; nothing here reads a clock, so the same inputs give the same history.

pub(super) mod flight;
mod school;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::app::effect::{Clock, Effect};
use crate::app::model::Model;
use crate::app::msg::{Key, Msg};
use crate::app::served::Served;
use crate::app::update::update;
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::Input;
use crate::failover::journal::Record;
use crate::failover::sky::Sky;
use crate::failover::status::{Ending, Status};
use crate::lessons::progress::Progress;
use crate::sim::Sim;
use crate::sim::guest::Lags;
use crate::sim::history::Happened;
use crate::sim::saved::Settings;

use super::landed::Landed;
use flight::Flight;

/// Virtual time within which [`Stage::settle`] gives up; a world that is never still (an interface
/// that hangs in `detaching`) must not hang its reader.
pub(super) const SETTLE_MAX: Duration = Duration::from_secs(3_600);

/// Requests of each client that are awaited after everything has settled, so that the strip ends
/// with what became of the service and not with the last loss.
pub(super) const LINGER_REQUESTS: u32 = 3;

/// Steps at one moment after which a wish to be woken at once is taken for a fault.
const STEPS_AT_ONCE_MAX: u32 = 10_000;

/// What only the owner of the terminal can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outward {
    /// Send this text to the terminal's clipboard.
    Copy(String),
    /// Write a file into the reports: name and content.
    Write {
        /// Suggested name.
        name: String,
        /// Content.
        text: String,
    },
    /// Give the terminal back until the shell continues us.
    Suspend,
    /// Repaint everything.
    Repaint,
    /// Keep how far the person has come.
    Keep(Progress),
    /// End the program.
    Quit,
}

/// The stage.
#[derive(Debug)]
pub struct Stage {
    model: Model,
    sim: Sim,
    clock: Clock,
    running: bool,
    still_since: Option<Time>,
    flight: Option<Flight>,
    flown: u32,
    journal: Vec<Record>,
    inbox: VecDeque<Msg>,
    outbox: Vec<Outward>,
    /// Calls that were taken back, the newest last.
    undone: Vec<Call>,
    /// Virtual time that is to pass at once.
    skip: Option<Duration>,
    generation: u64,
    published: Arc<World>,
    requests_seen: Option<Time>,
    lags: Lags,
    changes: u64,
    /// Others act on the world too: its time does not stop because somebody here took a call back.
    shared: bool,
    /// The end of the timeline that somebody looks at.
    past: Option<(u64, Time)>,
    /// What lessons begin with.
    lesson_settings: Settings,
    /// File and text of the world of a lesson that has begun since somebody asked.
    begun: Option<(String, String)>,
}

impl Stage {
    /// A stage on which the clock stands at the story's moment.
    pub fn new(sim: Sim, sky: Sky) -> Self {
        let model = Model::new(sky, sim.world(), sim.now(), sim.focus().as_ref())
            .with_prologue(sim.prologue());
        let mut stage = Self {
            model,
            clock: Clock::Pause,
            running: false,
            still_since: None,
            flight: None,
            flown: 0,
            journal: Vec::new(),
            inbox: VecDeque::new(),
            outbox: Vec::new(),
            undone: Vec::new(),
            skip: None,
            generation: 0,
            published: sim.world(),
            requests_seen: None,
            lags: Lags::default(),
            changes: 0,
            shared: false,
            past: None,
            lesson_settings: school::SETTINGS,
            begun: None,
            sim,
        };
        stage.publish_world();
        stage.publish_strips();
        stage.inbox.push_back(Msg::ClockIs { running: false });
        stage.pump();
        stage
    }

    /// A stage on a world that clients act on as well: time runs from the beginning.
    pub(super) fn shared(sim: Sim, sky: Sky, served: Served) -> Self {
        let mut stage = Self::new(sim, sky);
        stage.shared = true;
        stage.model.served = Some(served);
        stage.set_clock(Clock::Run);
        stage
    }

    /// Another world, on the same screen of the same endpoint.
    pub(super) fn restart(&mut self, sim: Sim, sky: Sky) {
        let Some(served) = self.model.served.take() else {
            return;
        };
        let (size, changes) = (self.model.size, self.changes);
        let school = self.model.school.take();
        let settings = std::mem::replace(&mut self.lesson_settings, school::SETTINGS);
        let same = self.sim.name() == sim.name();
        *self = Self::shared(sim, sky, served);
        self.changes += changes;
        self.lesson_settings = settings;
        self.go_on_with(school, same);
        self.msg(Msg::Resize(size.0, size.1));
    }

    /// Takes the newest call back; `None` if there is none, or if an operation is under way.
    pub(super) fn take_back(&mut self) -> Option<Call> {
        let before = self.undone.len();
        self.perform(Effect::Undo);
        self.pump();
        let call = self.undone.last().cloned();
        call.filter(|_| self.undone.len() > before)
    }

    /// The simulator, for those who act on it from outside; [`Stage::follow`] shows what they did.
    pub(super) fn sim_mut(&mut self) -> &mut Sim {
        &mut self.sim
    }

    /// Shows what others have done to the world.
    pub(super) fn follow(&mut self) {
        self.publish_world();
        self.publish_strips();
        self.pump();
    }

    /// A client has asked something; what has happened after the first `count` is its doing.
    pub(super) fn heard(&mut self, count: u64) {
        if !self.plays_lesson() {
            return;
        }
        let calls = self.sim.history().happenings_after(count);
        let calls: Vec<Msg> = calls
            .filter_map(|happening| match &happening.what {
                Happened::Called {
                    by: None,
                    call,
                    answer,
                } => Some(Msg::Heard(call.clone(), answer.clone())),
                _ => None,
            })
            .collect();
        if !calls.is_empty() {
            self.publish_world();
            self.inbox.extend(calls);
            self.follow();
        }
    }

    /// Lets time run, or stops it.
    pub(super) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.pump();
    }

    /// What the screen shows.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The simulator.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.sim.now()
    }

    /// Records of all operations so far; they are never written to a disk.
    pub fn journal(&self) -> &[Record] {
        &self.journal
    }

    /// The newest operation, flying or ended.
    pub fn status(&self) -> Option<&Status> {
        self.flight.as_ref().map(Flight::status)
    }

    /// How the newest operation ended.
    pub fn ending(&self) -> Option<&Ending> {
        self.status().and_then(|s| s.ending.as_ref())
    }

    /// Something may be unattached because of an operation under way.
    pub fn is_flying(&self) -> bool {
        self.flight.as_ref().is_some_and(|f| !f.has_ended())
    }

    /// Rises with everything that the model was told but the passing of time: the clock and the
    /// clients' requests. Those are worth a draw a second, everything else one at once.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// What the owner of the terminal is to do, in order; asked once.
    pub fn take_outbox(&mut self) -> Vec<Outward> {
        std::mem::take(&mut self.outbox)
    }

    /// A key is pressed now.
    pub fn key(&mut self, key: Key) {
        self.msg(Msg::Key(key));
    }

    /// Something happens now.
    pub fn msg(&mut self, msg: Msg) {
        self.inbox.push_back(msg);
        self.pump();
        if let Some(span) = self.skip.take() {
            self.travel(self.now() + span, |_| true);
        }
    }

    /// Whether virtual time runs.
    pub fn runs(&self) -> bool {
        match self.clock {
            Clock::Pause => false,
            Clock::Run => true,
            Clock::Settle => self.is_moving(),
        }
    }

    /// When something happens next, if time runs: a transition, or the engine's next look.
    pub fn next_due(&self) -> Option<Time> {
        let engine = self.flight.as_ref().and_then(Flight::next_due);
        let due = match (self.sim.next_due(), engine) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (due, self.linger_until()) {
            (None, Some(end)) if self.clock == Clock::Settle && end > self.now() => Some(end),
            _ => due.map(|at| at.max(self.now())),
        }
    }

    /// Moves virtual time to `to`, whether or not the clock is said to run.
    pub fn advance(&mut self, to: Time) {
        self.travel(to, |_| true);
    }

    /// Moves virtual time to `to` at most: it stops where the clock stops.
    pub fn play(&mut self, to: Time) {
        self.travel(to, Self::runs);
    }

    /// Moves virtual time until nothing is under way: no transition, no step of the engine.
    pub fn settle(&mut self) {
        if self.clock == Clock::Pause {
            self.clock = Clock::Settle;
        }
        let limit = self.now() + SETTLE_MAX;
        while self.is_moving() && self.now() < limit {
            let Some(at) = self.next_due() else { break };
            self.travel(at.min(limit), |_| true);
        }
        self.pump();
    }

    /// The screen is gone: the operation under way, if any, reaches its safe end at once.
    pub(super) fn land(&mut self, why: &str) -> Option<Landed> {
        if !self.is_flying() {
            return None;
        }
        self.feed_engine(Input::Alone(why.to_owned()));
        self.pump();
        let limit = self.now() + SETTLE_MAX;
        while self.is_flying() && self.now() < limit {
            let Some(at) = self.next_due() else { break };
            self.travel(at.min(limit), |_| true);
        }
        let status = self.status()?.clone();
        let ending = status.ending.clone()?;
        Some(Landed { ending, status })
    }

    fn travel(&mut self, to: Time, goes: impl Fn(&Self) -> bool) {
        let mut at_once = 0;
        while goes(self) {
            let now = self.now();
            let Some(at) = self.next_due().filter(|at| *at <= to) else {
                if now < to {
                    self.arrive(to);
                }
                break;
            };
            at_once = if at > now { 0 } else { at_once + 1 };
            if at_once > STEPS_AT_ONCE_MAX {
                break;
            }
            self.arrive(at);
        }
        self.pump();
    }

    fn arrive(&mut self, at: Time) {
        let count = self.sim.history().count();
        self.sim.advance(at);
        if self.shared && !self.is_flying() {
            // What was on its way for long has arrived, and is a client's doing like any other.
            self.heard(count);
        }
        self.publish_world();
        self.publish_strips();
        let now = self.now();
        if let Some(flight) = &mut self.flight {
            for input in flight.due(now) {
                self.feed_engine(input);
            }
        }
        self.pump();
    }

    /// Something is under way, or clients have not yet shown what became of it.
    fn is_moving(&self) -> bool {
        !self.is_still() || self.linger_until().is_some_and(|end| self.now() < end)
    }

    fn is_still(&self) -> bool {
        self.sim.is_settled() && !self.flight.as_ref().is_some_and(Flight::is_moving)
    }

    fn linger_until(&self) -> Option<Time> {
        let since = self.still_since?;
        let strips = self.sim.strips().iter();
        let longest = strips.map(|s| s.interval).max()?;
        Some(since + longest * LINGER_REQUESTS)
    }

    /// Hands every message to the model and does what it wants, until both are silent.
    fn pump(&mut self) {
        loop {
            self.publish_clock();
            self.publish_past();
            let Some(msg) = self.inbox.pop_front() else {
                break;
            };
            let now = self.now();
            if self.model.now != now {
                update(&mut self.model, Msg::Tick(now));
            }
            if !matches!(msg, Msg::Strips(_)) {
                self.changes += 1;
            }
            for effect in update(&mut self.model, msg) {
                self.perform(effect);
            }
        }
        let now = self.now();
        if self.model.now != now {
            update(&mut self.model, Msg::Tick(now));
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call) => {
                self.undone.clear();
                self.call(call);
            }
            Effect::Skip(span) => self.skip = Some(span),
            Effect::Timeline(at) => {
                let all = Arc::new(self.sim.timeline());
                self.past = Some(self.sim.timeline_end());
                self.inbox.push_back(Msg::Timeline(all, at));
            }
            Effect::Compare => {
                let all = Arc::new(self.sim.timeline());
                self.inbox.push_back(Msg::Compare(all));
            }
            Effect::Redo => match self.undone.pop() {
                Some(call) => self.call(call),
                None => self.note("nothing was taken back"),
            },
            Effect::Lesson(at) => self.begin_lesson(at),
            Effect::Keep(progress) => self.outbox.push(Outward::Keep(progress)),
            Effect::Undo if self.is_flying() => self.note("undo waits until the failover is over"),
            Effect::Undo => {
                let undone = self.sim.undo();
                if !self.shared {
                    self.clock = Clock::Pause;
                }
                self.still_since = None;
                let call = undone.map(|u| u.call);
                self.undone.extend(call.clone());
                self.inbox.push_back(Msg::Undone(call));
                self.publish_world();
                self.publish_strips();
            }
            Effect::Clock(clock) => {
                self.clock = clock;
                if clock == Clock::Settle {
                    self.still_since = None;
                }
            }
            Effect::Fly { .. } if self.is_flying() => self.note("a failover is under way already"),
            Effect::Fly {
                plan,
                pace,
                consent,
            } => {
                self.flown += 1;
                self.flight = Some(Flight::new(plan, self.now(), self.flown));
                self.wake_clock();
                self.feed_engine(Input::Begin(pace, consent));
            }
            Effect::Resume { .. } => {
                self.note(
                    "an operation of a live account is taken up on that account: start with --live",
                );
            }
            Effect::Command(command) => {
                self.wake_clock();
                self.feed_engine(Input::Command(command));
            }
            Effect::Refresh => self.publish_world(),
            // A simulated world has no place that could be cut off.
            Effect::LookAround(..) => {}
            Effect::Copy(text) => self.outbox.push(Outward::Copy(text)),
            Effect::Write { name, text } => self.outbox.push(Outward::Write { name, text }),
            Effect::Suspend => self.outbox.push(Outward::Suspend),
            Effect::Repaint => self.outbox.push(Outward::Repaint),
            Effect::Quit => self.outbox.push(Outward::Quit),
        }
    }

    fn call(&mut self, call: Call) {
        let answer = self.sim.call(&call);
        self.inbox.push_back(Msg::Called(call, answer));
        self.publish_world();
        self.wake_clock();
    }

    /// Time runs because of what a person did, until all is settled again.
    fn wake_clock(&mut self) {
        self.still_since = None;
        if self.clock == Clock::Pause {
            self.clock = Clock::Settle;
        }
    }

    fn note(&mut self, text: &str) {
        self.inbox.push_back(Msg::Note(text.to_owned()));
    }

    fn feed_engine(&mut self, input: Input) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        let changed = flight.handle(&mut self.sim, input, &mut self.journal);
        let status = changed.then(|| Box::new(flight.status().clone()));
        if let Some(status) = status {
            self.inbox.push_back(Msg::Engine(status));
        }
        self.publish_world();
    }

    fn publish_world(&mut self) {
        let world = self.sim.world();
        if self.generation == 0 || !Arc::ptr_eq(&world, &self.published) {
            self.generation += 1;
            self.published = Arc::clone(&world);
            self.inbox.push_back(Msg::World {
                generation: self.generation,
                world,
                complete: true,
            });
        }
    }

    /// What guests see changes a little later than the world does.
    fn publish_guests(&mut self) {
        let lags = self.sim.lags();
        if lags != self.lags {
            self.lags = lags.clone();
            self.inbox.push_back(Msg::Guests(lags));
        }
    }

    fn publish_strips(&mut self) {
        self.publish_guests();
        let strips = self.sim.strips();
        let newest = strips
            .iter()
            .filter_map(|s| s.samples.back())
            .map(|s| s.at)
            .max();
        if newest != self.requests_seen {
            self.requests_seen = newest;
            self.inbox.push_back(Msg::Strips(strips.to_vec()));
        }
    }

    /// Whoever looks back sees what is added meanwhile.
    fn publish_past(&mut self) {
        if self.model.looking().is_none() {
            return;
        }
        let end = Some(self.sim.timeline_end());
        if self.past != end {
            self.past = end;
            let all = Arc::new(self.sim.timeline());
            self.inbox.push_back(Msg::Past(all));
        }
    }

    /// Notices that all is still, and tells the model whether time runs.
    fn publish_clock(&mut self) {
        if !self.is_still() {
            self.still_since = None;
        } else if self.still_since.is_none() {
            self.still_since = Some(self.now());
        }
        if self.clock == Clock::Settle && !self.is_moving() {
            self.clock = Clock::Pause;
        }
        let running = self.runs();
        if running != self.running {
            self.running = running;
            self.inbox.push_back(Msg::ClockIs { running });
        }
    }
}
