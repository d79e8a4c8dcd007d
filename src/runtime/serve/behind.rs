//! What clients act on: a simulator alone, or one on the stage behind a screen.

use std::time::Duration;

use super::class::{Class, Told};
use super::sky;
use crate::app::effect::Clock;
use crate::app::msg::Msg;
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::lessons::Play;
use crate::runtime::stage::Stage;
use crate::sim::Sim;

/// Virtual time between two looks at the goals of a lesson, at most.
const PIECE: Duration = Duration::from_secs(1);
/// Looks in one leap of time, at most.
const PIECES_MAX: u32 = 10_000;

/// A simulator, and what has to be told when it is acted on.
pub(super) trait Behind {
    /// The simulator.
    fn sim(&self) -> &Sim;
    /// The same, to act on it.
    fn sim_mut(&mut self) -> &mut Sim;
    /// Whether time runs.
    fn runs(&self) -> bool;
    /// Lets time run, or stops it.
    fn run(&mut self, runs: bool);
    /// Moves time to this moment.
    fn play(&mut self, to: Time);
    /// Takes the newest call back.
    fn take_back(&mut self) -> Option<Call>;
    /// Begins another world.
    fn restart(&mut self, sim: Sim);
    /// A failover of the person at the screen is under way.
    fn is_busy(&self) -> bool;
    /// Says something to whoever watches.
    fn note(&mut self, text: &str);
    /// A client was answered; what has happened after the first `count` is its doing.
    fn heard(&mut self, count: u64);
    /// The lesson that is played on this world.
    fn play_of_lesson(&self) -> Option<&Play>;
    /// What there is to tell of the lesson where no screen does; told once.
    fn told(&mut self) -> Told;
}

/// A simulator that nobody watches.
#[derive(Debug)]
pub(super) struct Bare {
    sim: Sim,
    runs: bool,
    class: Option<Class>,
}

impl Bare {
    /// Time runs.
    pub fn new(sim: Sim, class: Option<Class>) -> Self {
        Self {
            sim,
            runs: true,
            class,
        }
    }
}

impl Behind for Bare {
    fn sim(&self) -> &Sim {
        &self.sim
    }

    fn sim_mut(&mut self) -> &mut Sim {
        &mut self.sim
    }

    fn runs(&self) -> bool {
        self.runs
    }

    fn run(&mut self, runs: bool) {
        self.runs = runs;
    }

    fn play(&mut self, to: Time) {
        if let Some(class) = &mut self.class {
            // What is so for a moment only counts as well, also what clients see between two events.
            let piece = PIECE.max(to.since(self.sim.now()) / PIECES_MAX);
            while self.sim.now() < to {
                let next = (self.sim.now() + piece).min(to);
                let due = self.sim.next_due().filter(|due| *due < next);
                let (before, count) = (self.sim.now(), self.sim.history().count());
                self.sim.advance(due.unwrap_or(next));
                if self.sim.now() == before {
                    self.sim.advance(next);
                }
                // What was on its way for long has arrived, and is a client's doing like any other.
                class.heard(&self.sim, count);
            }
            return;
        }
        self.sim.advance(to);
    }

    fn take_back(&mut self) -> Option<Call> {
        self.sim.undo().map(|undone| undone.call)
    }

    fn restart(&mut self, sim: Sim) {
        let same = self.sim.name() == sim.name();
        self.sim = sim;
        let class = self.class.take().filter(|_| same);
        self.class = class.map(|class| class.again(&self.sim));
    }

    fn is_busy(&self) -> bool {
        false
    }

    fn note(&mut self, _text: &str) {}

    fn heard(&mut self, count: u64) {
        if let Some(class) = &mut self.class {
            class.heard(&self.sim, count);
        }
    }

    fn play_of_lesson(&self) -> Option<&Play> {
        self.class.as_ref().map(Class::play)
    }

    fn told(&mut self) -> Told {
        self.class.as_mut().map(Class::told).unwrap_or_default()
    }
}

impl Behind for Stage {
    fn sim(&self) -> &Sim {
        Stage::sim(self)
    }

    fn sim_mut(&mut self) -> &mut Sim {
        Stage::sim_mut(self)
    }

    fn runs(&self) -> bool {
        Stage::runs(self)
    }

    fn run(&mut self, runs: bool) {
        self.set_clock(if runs { Clock::Run } else { Clock::Pause });
    }

    fn play(&mut self, to: Time) {
        if self.is_flying() || self.plays_lesson() {
            // The engine's own moments must not be passed by, nor those of a goal.
            Stage::advance(self, to);
        } else {
            // The screen looks when it is its turn, and sees what has become of it then.
            Stage::sim_mut(self).advance(to);
        }
    }

    fn take_back(&mut self) -> Option<Call> {
        Stage::take_back(self)
    }

    fn restart(&mut self, sim: Sim) {
        let sky = sky(&sim);
        Stage::restart(self, sim, sky);
    }

    fn is_busy(&self) -> bool {
        self.is_flying()
    }

    fn note(&mut self, text: &str) {
        self.msg(Msg::Note(text.to_owned()));
    }

    fn heard(&mut self, count: u64) {
        Stage::heard(self, count);
    }

    fn play_of_lesson(&self) -> Option<&Play> {
        self.model().school.as_ref()?.play.as_ref()
    }

    fn told(&mut self) -> Told {
        Told::default()
    }
}
