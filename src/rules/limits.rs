//! How many interfaces and addresses an instance type may have.
//!
//! Invariant: the table is data, one type a line, sorted by bytes, searched where it lies; nothing
//! is parsed but the line that is asked for. A type that is not in it has unknown limits, and an
//! unknown limit is never a refusal.

use std::borrow::Cow;

use crate::ec2::resource::InstanceType;
use crate::ec2::world::World;

/// `DescribeInstanceTypes` by line: type, interfaces, IPv4 addresses and IPv6 addresses of one
/// interface (empty if unknown), network cards, hypervisor (`n`itro, `x`en, empty for bare metal
/// and unknown), network performance (empty if unknown). Tabs between.
const TABLE: &str = include_str!("limits.tsv");

/// Limits of one instance type (`DescribeInstanceTypes`, `NetworkInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Interfaces, over all network cards.
    pub interfaces_max: u32,
    /// IPv4 addresses and prefixes of one interface.
    pub ipv4_per_interface_max: u32,
    /// IPv6 addresses of one interface; `None` if not known, 0 if unsupported.
    pub ipv6_per_interface_max: Option<u32>,
    /// Network cards.
    pub network_cards: u32,
    /// Such as `Up to 10 Gigabit`; `None` if not known.
    pub network_performance: Option<Cow<'static, str>>,
    /// True, false, or `None` for bare metal and unknown.
    pub nitro: Option<bool>,
    /// Interfaces of each card, where a type divides them otherwise than evenly.
    pub uneven: Vec<u32>,
}

impl Limits {
    /// The most that the type can send and receive at once, in Mbit/s, as far as its performance is
    /// a figure: `Up to 10 Gigabit`, `25 Gigabit`, `4x 100 Gigabit`. It is the instance's, however
    /// many interfaces it has (EC2 User Guide, "Elastic network interfaces").
    pub fn mbps_max(&self) -> Option<u32> {
        let text = self.network_performance.as_deref()?;
        let figure = text.strip_prefix("Up to ").unwrap_or(text);
        let figure = figure.strip_suffix(" Gigabit")?;
        let (times, each) = figure.split_once("x ").unwrap_or(("1", figure));
        let times: f64 = times.trim().parse().ok()?;
        let each: f64 = each.trim().parse().ok()?;
        let mbps = (times * each * 1_000.0).round();
        // The largest are some millions: far within range.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (mbps > 0.0 && mbps < 1e9).then_some(mbps as u32)
    }

    /// Interfaces that one card can hold; 0 if the type has no such card. Every multi-card type
    /// divides its interfaces evenly over its cards, the lower cards taking what is left over
    /// (8 and 7 on i7ie.48xlarge).
    pub fn interfaces_per_card_max(&self, card: u32) -> u32 {
        if card >= self.network_cards {
            return 0;
        }
        if !self.uneven.is_empty() {
            let index = usize::try_from(card).ok();
            return index.and_then(|n| self.uneven.get(n)).copied().unwrap_or(0);
        }
        let left_over = self.interfaces_max % self.network_cards;
        self.interfaces_max / self.network_cards + u32::from(card < left_over)
    }
}

/// Limits of a type; `None` means "limit unknown", which is never a refusal.
pub fn of(instance_type: &str) -> Option<Limits> {
    parse(find(instance_type)?).map(|(_, limits)| limits)
}

/// Limits of a type in a world: as the endpoint described it, else as embedded here.
pub fn in_world(world: &World, instance_type: &str) -> Option<Limits> {
    let described = world.instance_type(instance_type);
    described.map_or_else(|| of(instance_type), |d| Some(Limits::from(&**d)))
}

impl From<&InstanceType> for Limits {
    fn from(described: &InstanceType) -> Self {
        let cards = &described.interfaces_per_card;
        let performance = described.network_performance.as_deref();
        Self {
            interfaces_max: cards.iter().sum(),
            ipv4_per_interface_max: described.ipv4_addresses_per_interface,
            ipv6_per_interface_max: described.ipv6_addresses_per_interface,
            network_cards: u32::try_from(cards.len()).unwrap_or(u32::MAX),
            network_performance: performance.map(|text| Cow::Owned(text.to_owned())),
            nitro: described.hypervisor.as_deref().map(|h| h == "nitro"),
            uneven: cards.clone(),
        }
    }
}

/// Every type and its limits, by name.
pub fn all() -> impl Iterator<Item = (&'static str, Limits)> {
    TABLE.lines().filter_map(parse)
}

/// The line of a type, by bisection on byte positions.
fn find(instance_type: &str) -> Option<&'static str> {
    let (mut from, mut to) = (0, TABLE.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let before = TABLE.as_bytes().get(from..middle)?;
        let start = before.iter().rposition(|b| *b == b'\n');
        let start = start.map_or(from, |n| from + n + 1);
        let rest = TABLE.as_bytes().get(start..)?;
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let line = TABLE.get(start..start + end)?;
        let name = line.bytes().position(|b| b == b'\t')?;
        match line.get(..name)?.cmp(instance_type) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => from = start + line.len() + 1,
            std::cmp::Ordering::Greater => to = start,
        }
    }
    None
}

fn parse(line: &'static str) -> Option<(&'static str, Limits)> {
    let mut columns = line.split('\t');
    let instance_type = columns.next()?;
    let interfaces_max = columns.next()?.parse().ok()?;
    let ipv4_per_interface_max = columns.next()?.parse().ok()?;
    let ipv6_per_interface_max = match columns.next()? {
        "" => None,
        count => Some(count.parse().ok()?),
    };
    let network_cards = columns.next()?.parse().ok().filter(|cards| *cards > 0)?;
    let nitro = match columns.next()? {
        "n" => Some(true),
        "x" => Some(false),
        "" => None,
        _ => return None,
    };
    let performance = columns.next()?;
    let limits = Limits {
        interfaces_max,
        ipv4_per_interface_max,
        ipv6_per_interface_max,
        network_cards,
        network_performance: (!performance.is_empty()).then_some(Cow::Borrowed(performance)),
        nitro,
        uneven: Vec::new(),
    };
    columns.next().is_none().then_some((instance_type, limits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn every_line_is_sound_sorted_and_found() {
        let lines: Vec<_> = TABLE.lines().collect();
        let mut interfaces = 0;
        for pair in lines.windows(2) {
            let name = |line: &'static str| line.split('\t').next();
            assert!(name(pair[0]) < name(pair[1]), "{pair:?}");
        }
        for line in &lines {
            let (name, limits) = parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(of(name).as_ref(), Some(&limits), "{name}");
            let cards = 0..limits.network_cards;
            let on_cards: u32 = cards.map(|card| limits.interfaces_per_card_max(card)).sum();
            assert_eq!(on_cards, limits.interfaces_max, "{name}");
            interfaces += limits.interfaces_max;
        }
        assert_eq!((lines.len(), interfaces), (1_430, 14_620));
    }

    #[test]
    fn an_unknown_type_has_no_limits() {
        for unknown in ["", "m5", "m5.", "m5.largest", "zz9.large", "a0.large", "~"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn known_types() {
        // Type, interfaces, IPv4, IPv6, cards, nitro.
        let cases = [
            ("a1.2xlarge", 4, 15, Some(15), 1, Some(true)),
            ("t3.nano", 2, 2, Some(2), 1, Some(true)),
            ("t3.medium", 3, 6, Some(6), 1, Some(true)),
            ("m5.large", 3, 10, Some(10), 1, Some(true)),
            ("m5.metal", 15, 50, Some(50), 1, None),
            ("m1.small", 2, 4, Some(0), 1, Some(false)),
            ("p4d.24xlarge", 60, 50, Some(50), 4, Some(true)),
            ("z1d.xlarge", 4, 15, Some(15), 1, Some(true)),
        ];
        for (name, interfaces, ipv4, ipv6, cards, nitro) in cases {
            let limits = of(name).unwrap();
            assert_eq!(limits.interfaces_max, interfaces, "{name}");
            assert_eq!(limits.ipv4_per_interface_max, ipv4, "{name}");
            assert_eq!(limits.ipv6_per_interface_max, ipv6, "{name}");
            assert_eq!(limits.network_cards, cards, "{name}");
            assert_eq!(limits.nitro, nitro, "{name}");
        }
        let speed = of("m5.large").unwrap().network_performance;
        assert_eq!(speed.as_deref(), Some("Up to 10 Gigabit"));
    }

    /// `NetworkCards[].MaximumNetworkInterfaces` of each family that has several cards.
    #[test]
    fn interfaces_of_each_card() {
        let cases: [(&str, &[u32]); 14] = [
            ("m5.large", &[3]),
            ("c6in.32xlarge", &[8; 2]),
            ("m8gn.48xlarge", &[12; 2]),
            ("i7ie.48xlarge", &[8, 7]),
            ("g6e.24xlarge", &[10; 2]),
            ("g7e.48xlarge", &[10; 4]),
            ("hpc6id.32xlarge", &[1; 2]),
            ("hpc7a.96xlarge", &[2; 2]),
            ("p4d.24xlarge", &[15; 4]),
            ("p5.48xlarge", &[2; 32]),
            ("p5en.48xlarge", &[4; 16]),
            ("p6-b300.48xlarge", &[4; 17]),
            ("trn1n.32xlarge", &[5; 16]),
            ("trn2.48xlarge", &[2; 16]),
        ];
        for (name, per_card) in cases {
            let limits = of(name).unwrap();
            let cards = 0..limits.network_cards;
            let got: Vec<_> = cards.map(|c| limits.interfaces_per_card_max(c)).collect();
            assert_eq!(got, per_card, "{name}");
            assert_eq!(limits.interfaces_per_card_max(limits.network_cards), 0);
        }
    }
}
