//! The stage behind the screen: real time turns its virtual clock.

use std::time::{Duration, Instant};

use super::shell::Host;
use super::stage::{Outward, Stage};
use crate::app::model::Model;
use crate::app::msg::Msg;

/// A stage and the moment of its last turn.
#[derive(Debug)]
pub struct SimHost {
    stage: Stage,
    speed: f64,
    last: Instant,
    /// Virtual time that has passed but is no whole millisecond yet, in milliseconds.
    rest: f64,
}

impl SimHost {
    /// A stage whose clock runs `speed` times as fast as ours, from now on.
    pub fn new(stage: Stage, speed: f64, now: Instant) -> Self {
        Self {
            stage,
            speed: if speed.is_finite() && speed > 0.0 {
                speed
            } else {
                1.0
            },
            last: now,
            rest: 0.0,
        }
    }

    /// The stage.
    pub fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }
}

impl Host for SimHost {
    fn model(&self) -> &Model {
        self.stage.model()
    }

    fn msg(&mut self, msg: Msg) {
        self.stage.msg(msg);
    }

    fn pass(&mut self, now: Instant) {
        let real = now.saturating_duration_since(self.last);
        self.last = now;
        if !self.stage.runs() {
            self.rest = 0.0;
            return;
        }
        let millis = real.as_secs_f64() * 1_000.0 * self.speed + self.rest;
        let whole = millis.floor();
        self.rest = millis - whole;
        let span = Duration::from_secs_f64(whole / 1_000.0);
        self.stage.play(self.stage.now() + span);
    }

    fn wake(&self, now: Instant) -> Option<Instant> {
        if !self.stage.runs() {
            return None;
        }
        let due = self.stage.next_due()?.since(self.stage.now());
        // A millisecond more than computed: waking early would be for nothing.
        let millis = due.as_secs_f64() * 1_000.0 / self.speed + 1.0;
        Some(now + Duration::from_secs_f64(millis / 1_000.0))
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
