//! The rhythm of looking, and how long is too long.
//!
//! Invariants: every wait is bounded; the rhythm is jittered from the seed alone, so that the same
//! seed gives the same operation.

use std::time::Duration;

/// A detach that takes longer than this is remarked upon.
pub(super) const SLOW: Duration = Duration::from_secs(30);
/// A detach that takes longer than this is stuck: a person is asked.
pub(super) const STUCK: Duration = Duration::from_secs(60);
/// A detach that takes longer than this is given up (Terraform's figure).
pub(super) const DETACH_MAX: Duration = Duration::from_secs(600);
/// An attach that takes longer than this is given up (Terraform's figure).
pub(super) const ATTACH_MAX: Duration = Duration::from_secs(300);
/// Looking in vain for this long before anything has moved ends the operation.
pub(super) const BLIND_MAX: Duration = Duration::from_secs(60);
/// Left alone, a safe end must be reached within this time.
pub(super) const ALONE_MAX: Duration = Duration::from_secs(120);
/// How long a route or an Elastic IP may be late before it is reported.
pub(super) const LATE_MAX: Duration = Duration::from_secs(30);
/// An accepted call that no look shows after this time is made again: describes lag by seconds
/// (EC2 User Guide, "Eventual consistency").
pub(super) const UNSEEN: Duration = Duration::from_secs(10);
/// A call without an answer that shows no effect after this time has had none.
pub(super) const CALL_LATE: Duration = Duration::from_secs(60);
/// A journal that does not answer within this time counts as failed.
pub(super) const JOURNAL_MAX: Duration = Duration::from_secs(5);
/// A look that does not answer within this time is taken again.
pub(super) const LOOK_MAX: Duration = Duration::from_secs(20);
/// A call that does not answer within this time has an unknown outcome.
pub(super) const CALL_MAX: Duration = Duration::from_secs(60);
/// On a live account a question between detach and attach answers itself after this time.
pub(super) const HOLD_MAX: Duration = Duration::from_secs(30);
/// Submissions of one action in one operation.
pub(super) const TRIES_MAX: u32 = 5;
/// Between two looks while nothing but time is waited for: what a late call or an old look has left
/// open.
pub(super) const LATENESS: Duration = Duration::from_secs(2);
/// Between two looks while a person decides about the next step.
pub(super) const RESTING: Duration = Duration::from_secs(1);
/// The smallest step of time.
pub(super) const MOMENT: Duration = Duration::from_millis(1);

/// At least this long between two looks at everything while EC2 takes its time: each is half a dozen
/// requests, and shows nothing that is waited for.
pub(super) fn full_every(elapsed: Duration) -> Duration {
    let seconds = match elapsed.as_secs() {
        0..15 => 1,
        _ => 5,
    };
    Duration::from_secs(seconds)
}

/// Pause before the next try of an action that was tried `made` times.
pub(super) fn backoff(made: u32) -> Duration {
    Duration::from_millis(250 << made.min(5))
}

/// When to look next.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    state: u64,
    throttled: u32,
}

impl Rhythm {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            throttled: 0,
        }
    }

    /// EC2 asked to slow down, or no longer does.
    pub fn throttled(&mut self, is: bool) {
        self.throttled = if is { self.throttled + 1 } else { 0 };
    }

    /// The pause before the next look, `elapsed` after the wait began: 0.2 s to 15 s, 0.5 s to 60 s,
    /// then 2 s; doubled up to 5 s while throttled; give or take a tenth.
    pub fn next(&mut self, elapsed: Duration) -> Duration {
        let base: u64 = match elapsed.as_secs() {
            0..15 => 200,
            15..60 => 500,
            _ => 2_000,
        };
        let slow = (base << self.throttled.min(8)).min(5_000);
        Duration::from_millis(slow * (90 + self.random() % 21) / 100)
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rhythm_slows_down_and_stays_in_its_bounds() {
        // seconds since the wait began, times throttled, (least, most) in ms
        for (elapsed, throttled, (least, most)) in [
            (0, 0, (180, 220)),
            (14, 0, (180, 220)),
            (15, 0, (450, 550)),
            (60, 0, (1_800, 2_200)),
            (0, 2, (720, 880)),
            (60, 9, (4_500, 5_500)),
        ] {
            let mut rhythm = Rhythm::new(7);
            (0..throttled).for_each(|_| rhythm.throttled(true));
            let all: Vec<_> = (0..200)
                .map(|_| rhythm.next(Duration::from_secs(elapsed)).as_millis())
                .collect();
            assert!(
                all.iter().all(|ms| (least..=most).contains(ms)),
                "{elapsed}"
            );
            assert!(all.iter().any(|ms| *ms != all[0]), "no jitter at {elapsed}");
        }
    }
}
