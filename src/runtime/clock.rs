//! Real time for the live sky.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::ec2::time::Time;

/// The wall clock as it was at the start, moved on by the monotonic one: a clock that somebody
/// sets meanwhile can neither make an observation look older than it is nor end a wait.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    wall: Time,
    started: Instant,
}

impl WallClock {
    /// Reads both clocks.
    pub fn start() -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            wall: Time::from_millis(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)),
            started: Instant::now(),
        }
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.wall + self.started.elapsed()
    }

    /// The moment at which this clock will show `at`; now if it has passed.
    pub fn instant(&self, at: Time) -> Instant {
        Instant::now() + at.since(self.now())
    }
}
