//! The stage behind the screen: real time turns its virtual clock.

use std::time::Instant;

use super::pace::Pace;
use super::shell::Host;
use super::stage::{Outward, Stage};
use crate::app::model::Model;
use crate::app::msg::Msg;

/// A stage and how fast its time passes.
#[derive(Debug)]
pub struct SimHost {
    stage: Stage,
    pace: Pace,
}

impl SimHost {
    /// A stage whose clock runs `speed` times as fast as ours, from now on.
    pub fn new(stage: Stage, speed: f64, now: Instant) -> Self {
        Self {
            stage,
            pace: Pace::new(speed, now),
        }
    }

    /// The stage.
    pub fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }
}

impl Host for SimHost {
    fn with_model<R>(&self, look: impl FnOnce(&Model) -> R) -> R {
        look(self.stage.model())
    }

    fn msg(&mut self, msg: Msg) {
        self.stage.msg(msg);
    }

    fn pass(&mut self, now: Instant) {
        let runs = self.stage.runs();
        let span = self.pace.turn(now, runs);
        if runs {
            self.stage.play(self.stage.now() + span);
        }
    }

    fn wake(&self, now: Instant) -> Option<Instant> {
        if !self.stage.runs() {
            return None;
        }
        let due = self.stage.next_due()?.since(self.stage.now());
        now.checked_add(self.pace.takes(due))
    }

    fn ticks(&self) -> bool {
        self.stage.runs()
    }

    fn changes(&self) -> u64 {
        self.stage.changes()
    }

    fn take_outbox(&mut self) -> Vec<Outward> {
        self.stage.take_outbox()
    }

    fn busy(&self) -> Option<&'static str> {
        None
    }
}
