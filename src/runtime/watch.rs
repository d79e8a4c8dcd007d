//! Who ends a process that cannot end itself: its loop is stuck in a write to a terminal whose output
//! is stopped or whose line is dead.
//!
//! Invariants: a process that was asked to end has ended within [`END_MAX`] if nothing flies; while
//! something flies it is never ended; waiting costs a wake-up each [`END_MAX`], no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::terminal::Terminal;

/// Within this a process that was asked to end has ended, if nothing flies.
const END_MAX: Duration = Duration::from_millis(1_500);

/// Watches over the owner of a terminal.
#[derive(Clone)]
pub struct Watch {
    terminal: Terminal,
    flying: Arc<AtomicBool>,
    alone: Arc<dyn Fn() + Send + Sync>,
}

impl Watch {
    /// Watches over the owner of this terminal; `flying` is true while nothing may end the process,
    /// `alone` tells an operation that its screen is gone: the screen itself may be stuck.
    pub fn new(
        terminal: &Terminal,
        flying: Arc<AtomicBool>,
        alone: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            terminal: terminal.clone(),
            flying,
            alone: Arc::new(alone),
        }
    }

    /// The loop has ended by itself: the process will, too.
    pub fn stand_down(&self) {
        self.flying.store(true, Ordering::SeqCst);
    }

    /// The process was asked to end: it ends within [`END_MAX`], or as soon as nothing flies.
    pub(super) fn end(&self, code: u8) {
        (self.alone)();
        let watch = self.clone();
        let spawned = thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || {
                let mut grace = Grace::from(Instant::now());
                let flying = || watch.flying.load(Ordering::SeqCst);
                while let Some(rest) = grace.rest(Instant::now(), flying()) {
                    thread::park_timeout(rest);
                }
                watch.terminal.cook();
                std::process::exit(i32::from(code));
            });
        drop(spawned);
    }
}

/// How long the loop may still take to end by itself.
#[derive(Debug)]
struct Grace {
    until: Instant,
}

impl Grace {
    fn from(asked: Instant) -> Self {
        Self {
            until: asked + END_MAX,
        }
    }

    /// How long to wait before asking again; `None` when the time is over.
    fn rest(&mut self, now: Instant, flying: bool) -> Option<Duration> {
        if now >= self.until && flying {
            self.until = now + END_MAX;
        }
        Some(self.until.saturating_duration_since(now)).filter(|rest| !rest.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked to end while something flies for so long; a sleep may end early. When the process is
    /// ended, and after how many wake-ups.
    fn asked(flight: Duration, early: Duration) -> (Duration, u32) {
        let asked = Instant::now();
        let mut grace = Grace::from(asked);
        let (mut now, mut wakes) = (asked, 0);
        while let Some(rest) = grace.rest(now, now - asked < flight) {
            now += rest.saturating_sub(early).max(Duration::from_millis(1));
            wakes += 1;
        }
        (now - asked, wakes)
    }

    #[test]
    fn it_ends_in_time_and_never_while_something_flies() {
        let seconds = Duration::from_secs;
        for (flight, least, most, wakes_max) in [
            (seconds(0), END_MAX, seconds(2), 1),
            (seconds(1), END_MAX, seconds(2), 1),
            (seconds(60), seconds(60), seconds(62), 41),
            (seconds(600), seconds(600), seconds(602), 401),
        ] {
            let (ended, wakes) = asked(flight, Duration::ZERO);
            assert!(least <= ended && ended <= most, "{flight:?}: {ended:?}");
            assert!(wakes <= wakes_max, "{flight:?}: {wakes} wake-ups");
        }
    }

    #[test]
    fn a_sleep_that_ends_early_ends_nothing() {
        let (ended, _) = asked(Duration::ZERO, Duration::from_millis(700));
        assert_eq!(ended, END_MAX);
    }
}
