//! What clients act on: a simulator alone, or one on the stage behind a screen.

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
    /// Moves time to this moment.
    fn play(&mut self, to: Time);
}

/// A simulator that nobody watches.
#[derive(Debug)]
pub(super) struct Bare {
    sim: Sim,
}

impl Bare {
    /// Time runs.
    pub fn new(sim: Sim) -> Self {
        Self { sim }
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
        true
    }

    fn play(&mut self, to: Time) {
        self.sim.advance(to);
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

    fn play(&mut self, to: Time) {
        if self.is_flying() {
            // The engine's own moments must not be passed by.
            Stage::play(self, to);
        } else {
            // The screen looks when it is its turn, and sees what has become of it then.
            Stage::sim_mut(self).advance(to);
        }
    }
}
