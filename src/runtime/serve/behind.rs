//! What clients act on: a simulator alone, or one on the stage behind a screen.

use super::sky;
use crate::app::effect::Clock;
use crate::app::msg::Msg;
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::runtime::stage::Stage;
use crate::sim::Sim;

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
}

/// A simulator that nobody watches.
#[derive(Debug)]
pub(super) struct Bare {
    sim: Sim,
    runs: bool,
}

impl Bare {
    /// Time runs.
    pub fn new(sim: Sim) -> Self {
        Self { sim, runs: true }
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
        self.sim.advance(to);
    }

    fn take_back(&mut self) -> Option<Call> {
        self.sim.undo().map(|undone| undone.call)
    }

    fn restart(&mut self, sim: Sim) {
        self.sim = sim;
    }

    fn is_busy(&self) -> bool {
        false
    }

    fn note(&mut self, _text: &str) {}
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
        if self.is_flying() {
            // The engine's own moments must not be passed by.
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
}
