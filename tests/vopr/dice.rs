//! Chance, from the seed alone.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
///
/// A steady one has no chance in it: every draw is the least, and nothing happens that may not.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
    steady: bool,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            steady: false,
        }
    }

    pub fn steady() -> Self {
        Self {
            state: 0,
            steady: true,
        }
    }

    pub fn next(&mut self) -> u64 {
        if self.steady {
            return 0;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// So many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        !self.steady && self.below(1000) < per_mille
    }

    /// Milliseconds, both ends included.
    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least + 1))
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let n = self.below(of.len() as u64);
        &of[n as usize]
    }
}
