//! Virtual time out of real time.
//!
//! Invariant: no time is lost or made up: what is no whole millisecond yet waits for the next turn,
//! whatever the speed and however often somebody asks.

use std::time::{Duration, Instant};

/// How fast virtual time passes, and up to which moment it has been handed out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    speed: f64,
    last: Instant,
    /// Virtual time that has passed but is no whole millisecond yet, in milliseconds.
    rest: f64,
}

impl Pace {
    /// `speed` virtual seconds a second, from now on; a speed that is none counts as 1.
    pub fn new(speed: f64, now: Instant) -> Self {
        let sound = speed.is_finite() && speed > 0.0;
        Self {
            speed: if sound { speed } else { 1.0 },
            last: now,
            rest: 0.0,
        }
    }

    /// Virtual seconds a second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Another speed, from now on.
    pub fn set_speed(&mut self, speed: f64, now: Instant) {
        *self = Self::new(speed, now);
    }

    /// Virtual time since the last turn; none while time stands still.
    pub fn turn(&mut self, now: Instant, runs: bool) -> Duration {
        let real = now.saturating_duration_since(self.last);
        self.last = self.last.max(now);
        if !runs {
            self.rest = 0.0;
            return Duration::ZERO;
        }
        let millis = real.as_secs_f64() * 1_000.0 * self.speed + self.rest;
        let whole = millis.floor();
        self.rest = millis - whole;
        Duration::try_from_secs_f64(whole / 1_000.0).unwrap_or(Duration::MAX)
    }

    /// How long a span of virtual time takes: a millisecond more than computed, because waking early
    /// would be for nothing.
    pub fn takes(&self, span: Duration) -> Duration {
        let millis = span.as_secs_f64() * 1_000.0 / self.speed + 1.0;
        Duration::try_from_secs_f64(millis / 1_000.0).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_turns() {
        let start = Instant::now();
        for (speed, turns, expected) in [(1.0, 7, 3), (4.0, 5, 10), (0.5, 3, 0), (f64::NAN, 2, 1)] {
            let mut pace = Pace::new(speed, start);
            let mut passed = Duration::ZERO;
            for n in 1..=turns {
                passed += pace.turn(start + Duration::from_micros(n * 500), true);
            }
            assert_eq!(passed, Duration::from_millis(expected), "{speed}");
        }
    }

    #[test]
    fn what_passes_while_time_stands_still_is_never_handed_out() {
        let start = Instant::now();
        let mut pace = Pace::new(10.0, start);
        assert_eq!(
            pace.turn(start + Duration::from_secs(60), false),
            Duration::ZERO
        );
        let later = start + Duration::from_secs(61);
        assert_eq!(pace.turn(later, true), Duration::from_secs(10));
        // A clock that is asked for the past gives nothing, and nothing twice.
        assert_eq!(pace.turn(start, true), Duration::ZERO);
        assert_eq!(pace.turn(later, true), Duration::ZERO);
    }
}
