//! Seeded chance: identifiers, MAC addresses, and how long something takes.
//!
//! Invariants: SplitMix64 and FNV-1a, written out here, so that no dependency can change a history;
//! what is generated for a named resource of a world file depends on the seed and on that name
//! alone, so that adding one resource leaves the others as they were.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::rules::effect::Mint;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The stream of one named thing under a seed.
    pub fn named(seed: u64, kind: &str, name: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in kind.bytes().chain([0]).chain(name.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self::new(seed ^ hash)
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A time between the two, both included, in whole milliseconds.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let room = most.saturating_sub(least).as_millis();
        let room = u64::try_from(room).unwrap_or(u64::MAX - 1);
        least + Duration::from_millis(self.roll() % (room + 1))
    }

    /// A request id in the form of EC2's.
    pub fn request_id(&mut self) -> String {
        let (a, b) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }
}

impl Mint for Dice {
    /// 17 hexadecimal digits that begin with 0, as EC2's do.
    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}0{:016x}", self.roll())
    }

    fn mac(&mut self) -> String {
        let bits = self.roll();
        let byte = |n: u32| (bits >> (8 * n)) & 0xff;
        format!(
            "02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
            byte(0),
            byte(1),
            byte(2),
            byte(3),
            byte(4)
        )
    }

    /// From 198.18.0.0/15, which nobody on the internet has (RFC 2544).
    fn public_ip(&mut self) -> Ipv4Addr {
        let [a, b, c, ..] = self.roll().to_be_bytes();
        Ipv4Addr::new(198, 18 + (a & 1), b, c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // First outputs for seed 1234567, from the reference implementation.
        let mut dice = Dice::new(1_234_567);
        let seen: Vec<u64> = (0..3).map(|_| dice.roll()).collect();
        assert_eq!(
            seen,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_time_stays_between_its_bounds() {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(4));
        let mut dice = Dice::new(7);
        for _ in 0..1_000 {
            let drawn = dice.between(least, most);
            assert!(least <= drawn && drawn <= most, "{drawn:?}");
        }
        assert_eq!(dice.between(least, least), least);
    }
}
