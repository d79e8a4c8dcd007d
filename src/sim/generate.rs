//! Large accounts made by number: `vpcs=2,subnets=40,instances=2000,enis=5000,seed=7`.
//!
//! A world file says so in a table `[generate]`, beside whatever else it holds; `--world
//! generate:enis=5000` is such a file with nothing else in it, so that it can be served, saved and
//! loaded like any other.
//!
//! Invariants: the same numbers and seed give the same world; it is sound; the counts are exact.

mod fill;

pub(super) use fill::fill;

/// Network interfaces at most: what the screen and the simulator are measured for, and then some.
const ENIS_MAX: u32 = 200_000;
const ENIS: u32 = 1_000;
/// VPCs at most: each has a 10.x.0.0/16 of its own.
const VPCS_MAX: u32 = 200;
/// Subnets of a VPC at most, as EC2's quota has it.
const SUBNETS_A_VPC_MAX: u32 = 200;
/// Without a number of their own: interfaces of a subnet, subnets of a VPC.
const ENIS_A_SUBNET: u32 = 100;
const SUBNETS_A_VPC: u32 = 20;
/// Addresses of a subnet that nothing generated takes: EC2's five, and a few for the person.
const SPARE: u32 = 16;
/// Addresses for each interface of a subnet on the average, so that the fullest one has room.
const ROOM: u32 = 4;

const KEYS: &[&str] = &["vpcs", "subnets", "instances", "enis", "seed"];

/// How large a generated world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// VPCs.
    pub vpcs: u32,
    /// Subnets of all VPCs.
    pub subnets: u32,
    /// Instances.
    pub instances: u32,
    /// Network interfaces: primary, secondary, unattached, of services.
    pub enis: u32,
    /// Of identifiers, types, states.
    pub seed: u64,
}

/// The same as it was asked for: what is left out follows from the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// VPCs.
    pub vpcs: Option<u32>,
    /// Subnets.
    pub subnets: Option<u32>,
    /// Instances.
    pub instances: Option<u32>,
    /// Network interfaces.
    pub enis: Option<u32>,
    /// Seed; the world's own unless given.
    pub seed: Option<u64>,
}

/// What is wrong with a wish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; expected {expected}")]
pub struct SizeError {
    /// What was found, with its key.
    pub what: String,
    /// What could stand there.
    pub expected: String,
}

fn wrong<T>(what: impl Into<String>, expected: impl Into<String>) -> Result<T, SizeError> {
    Err(SizeError {
        what: what.into(),
        expected: expected.into(),
    })
}

impl Wish {
    /// Reads `vpcs=2,enis=5000`; nothing at all is the default size.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        let mut wish = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for pair in text.split(',').filter(|p| !p.trim().is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (key.trim(), value.trim());
            if seen.contains(&key) {
                return wrong(format!("{key} a second time"), "every key once");
            }
            seen.push(key);
            let place = match key {
                "vpcs" => &mut wish.vpcs,
                "subnets" => &mut wish.subnets,
                "instances" => &mut wish.instances,
                "enis" => &mut wish.enis,
                "seed" => {
                    wish.seed = Some(number(key, value)?);
                    continue;
                }
                _ => return unknown(key),
            };
            *place = Some(number(key, value)?);
        }
        Ok(wish)
    }

    /// The world file that says this and nothing else.
    pub fn file(&self) -> String {
        let mut text = "name = \"generated\"\nabout = \"An account made by number\"\n\
                        now = 2026-03-12T02:00:00Z\n\n[generate]\n"
            .to_owned();
        let mut put = |key: &str, value: Option<u64>| {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value}\n"));
            }
        };
        put("vpcs", self.vpcs.map(u64::from));
        put("subnets", self.subnets.map(u64::from));
        put("instances", self.instances.map(u64::from));
        put("enis", self.enis.map(u64::from));
        put("seed", self.seed);
        text
    }

    /// Fills in what was left out, and refuses what cannot be.
    pub fn size(&self, seed: u64) -> Result<Size, SizeError> {
        let enis = self.enis.unwrap_or_else(|| {
            let instances = self.instances.map(|n| n.saturating_mul(5) / 2);
            instances.unwrap_or(ENIS).clamp(1, ENIS_MAX)
        });
        within("enis", enis, 1, ENIS_MAX, "")?;
        let subnets = self.subnets.unwrap_or_else(|| {
            let enough = enis.div_ceil(ENIS_A_SUBNET);
            enough.max(self.vpcs.unwrap_or(1))
        });
        let vpcs = self.vpcs.unwrap_or_else(|| subnets.div_ceil(SUBNETS_A_VPC));
        within("vpcs", vpcs, 1, VPCS_MAX, "")?;
        let most = vpcs * SUBNETS_A_VPC_MAX;
        let each = format!(": one a VPC or more, {SUBNETS_A_VPC_MAX} a VPC at most");
        within("subnets", subnets, vpcs, most, &each)?;
        let instances = self.instances.unwrap_or(enis * 2 / 5);
        let primary = ": every instance has a primary one of the interfaces";
        within("instances", instances, 0, enis, primary)?;
        let size = Size {
            vpcs,
            subnets,
            instances,
            enis,
            seed: self.seed.unwrap_or(seed),
        };
        let room = size.block() - SPARE;
        if enis.div_ceil(subnets) > room / ROOM {
            let needed = (subnets..=most).find(|n| {
                let larger = Size {
                    subnets: *n,
                    ..size
                };
                enis.div_ceil(*n) <= (larger.block() - SPARE) / ROOM
            });
            let instead = match needed {
                Some(n) => format!("subnets={n} or more"),
                None => "more vpcs, or fewer enis".to_owned(),
            };
            return wrong(
                format!("enis={enis} in {subnets} subnets of {vpcs} VPCs"),
                instead,
            );
        }
        Ok(size)
    }
}

impl Size {
    /// Addresses of each subnet's range.
    fn block(&self) -> u32 {
        let a_vpc = self.subnets.div_ceil(self.vpcs).next_power_of_two();
        0x1_0000 / a_vpc
    }
}

fn within(key: &str, value: u32, least: u32, most: u32, why: &str) -> Result<(), SizeError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    wrong(
        format!("{key}={value}"),
        format!("{key} from {least} to {most}{why}"),
    )
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, SizeError> {
    value.parse().or_else(|_| {
        let found = if value.is_empty() {
            format!("{key} without a number")
        } else {
            format!("{key}={value}")
        };
        wrong(found, format!("a whole number, such as {key}=20"))
    })
}

fn unknown<T>(key: &str) -> Result<T, SizeError> {
    let near = super::worldfile::nearest(key, KEYS.iter().copied());
    let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    wrong(
        format!("unknown key `{key}`"),
        format!("{}{hint}", KEYS.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn said(text: &str) -> String {
        match Wish::parse(text).and_then(|wish| wish.size(1)) {
            Ok(s) => format!(
                "{} {} {} {} {}",
                s.vpcs, s.subnets, s.instances, s.enis, s.seed
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_left_out_follows_and_what_cannot_be_names_key_and_bounds() {
        for (text, expected) in [
            ("", "1 10 400 1000 1"),
            ("enis=100000", "50 1000 40000 100000 1"),
            ("vpcs=3,seed=9", "3 10 400 1000 9"),
            (" instances = 0 , enis = 5 ", "1 1 0 5 1"),
            ("instances=400", "1 10 400 1000 1"),
            ("enis=0", "enis=0; expected enis from 1 to 200000"),
            (
                "enis=1e6",
                "enis=1e6; expected a whole number, such as enis=20",
            ),
            (
                "enis",
                "enis without a number; expected a whole number, such as enis=20",
            ),
            (
                "eins=5",
                "unknown key `eins`; expected vpcs, subnets, instances, enis, seed; did you mean `enis`?",
            ),
            (
                "enis=5,enis=6",
                "enis a second time; expected every key once",
            ),
            ("vpcs=300", "vpcs=300; expected vpcs from 1 to 200"),
            (
                "vpcs=4,subnets=3",
                "subnets=3; expected subnets from 4 to 800: one a VPC or more, 200 a VPC at most",
            ),
            (
                "instances=9,enis=8",
                "instances=9; expected instances from 0 to 8: every instance has a primary one of the interfaces",
            ),
            (
                "vpcs=1,subnets=2,enis=90000",
                "enis=90000 in 2 subnets of 1 VPCs; expected more vpcs, or fewer enis",
            ),
            (
                "vpcs=1,subnets=3,enis=13000",
                "enis=13000 in 3 subnets of 1 VPCs; expected subnets=4 or more",
            ),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wish_is_a_world_file() {
        let wish = Wish::parse("enis=50,seed=3").unwrap();
        let file = wish.file();
        assert!(
            file.ends_with("[generate]\nenis = 50\nseed = 3\n"),
            "{file}"
        );
        let sim = crate::sim::Sim::load("generated", &file, 1).unwrap();
        assert_eq!(sim.world().eni_count(), 50);
    }
}
