//! Which private addresses of a subnet are free, and which ones EC2 would choose.
//!
//! Invariant: the first four addresses and the last one of a subnet belong to AWS (VPC User Guide,
//! "Subnet CIDR blocks"). Which free address EC2 takes is not documented; this program takes the
//! lowest, so that a forecast is reproducible.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::ec2::id::Str;
use crate::ec2::resource::Subnet;
use crate::ec2::world::World;

/// An IPv4 range, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    first: u32,
    last: u32,
}

impl Range {
    /// From CIDR notation; `None` if it is not that.
    pub fn parse(cidr: &str) -> Option<Self> {
        let (address, bits) = cidr.split_once('/')?;
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let bits = bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?;
        let host = u32::MAX.checked_shr(bits).unwrap_or(0);
        Some(Self {
            first: address & !host,
            last: address | host,
        })
    }

    /// Whether the address lies in the range.
    pub fn holds(self, ip: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&u32::from(ip))
    }

    /// Whether AWS keeps the address for itself: network, router, DNS, future use, broadcast.
    pub fn reserves(self, ip: Ipv4Addr) -> bool {
        let ip = u32::from(ip);
        self.holds(ip.into()) && (ip - self.first < 4 || ip == self.last)
    }

    /// Whether every address of the other range lies in this one.
    pub fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// Whether any address lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// How many addresses there are.
    pub fn size(self) -> u64 {
        u64::from(self.last) - u64::from(self.first) + 1
    }

    /// The range in CIDR notation, its host bits cleared; it has to be one block.
    pub fn cidr(self) -> Str {
        let bits = 32 - self.size().trailing_zeros().min(32);
        format!("{}/{bits}", Ipv4Addr::from(self.first)).into()
    }

    /// First and last address.
    pub fn ends(self) -> (Ipv4Addr, Ipv4Addr) {
        (self.first.into(), self.last.into())
    }

    /// Every address that an interface could have, lowest first.
    #[cfg(test)]
    fn usable(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.first.saturating_add(4)..self.last).map(Ipv4Addr::from)
    }
}

/// The lowest `count` free addresses of a subnet, without those that are spoken for already.
/// Fewer if the subnet has no more.
pub fn choose(
    world: &World,
    subnet: &Subnet,
    spoken_for: &BTreeSet<Ipv4Addr>,
    count: u32,
) -> Vec<Ipv4Addr> {
    let mut chosen = Vec::new();
    let Some(range) = Range::parse(&subnet.cidr_block) else {
        return chosen;
    };
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let mut next = Ipv4Addr::from(range.first.saturating_add(4));
    while chosen.len() < wanted {
        let Some(free) = world.free_address_from(&subnet.id, next) else {
            break;
        };
        if u32::from(free) >= range.last {
            break;
        }
        if !spoken_for.contains(&free) {
            chosen.push(free);
        }
        next = Ipv4Addr::from(u32::from(free).saturating_add(1));
    }
    chosen
}

/// The lowest `count` free /28 prefixes of a subnet that touch no address that AWS keeps. Fewer if
/// the subnet has no more.
pub fn choose_prefixes(
    world: &World,
    subnet: &Subnet,
    spoken_for: &BTreeSet<Ipv4Addr>,
    count: u32,
) -> Vec<Str> {
    let mut chosen = Vec::new();
    let Some(range) = Range::parse(&subnet.cidr_block) else {
        return chosen;
    };
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let mut first = (range.first & !15).saturating_add(16);
    while chosen.len() < wanted && first.saturating_add(15) < range.last {
        let last = first + 15;
        let taken = world.taken_between(&subnet.id, first.into(), last.into());
        let mut spoken = spoken_for.range(Ipv4Addr::from(first)..=Ipv4Addr::from(last));
        if let Some(end) = taken {
            // On to the first block after the addresses that are taken without a gap.
            first = (u32::from(end).max(first) & !15).saturating_add(16);
            continue;
        }
        if spoken.next().is_none() {
            chosen.push(format!("{}/28", Ipv4Addr::from(first)).into());
        }
        first = first.saturating_add(16);
    }
    chosen
}

/// An IPv6 range: its network, and how many bits name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range6 {
    network: u128,
    bits: u32,
}

impl Range6 {
    /// From CIDR notation; `None` if it is not that.
    pub fn parse(cidr: &str) -> Option<Self> {
        let (address, bits) = cidr.split_once('/')?;
        let address = u128::from(address.parse::<Ipv6Addr>().ok()?);
        let bits = bits.parse::<u32>().ok().filter(|bits| *bits <= 128)?;
        let host = u128::MAX.checked_shr(bits).unwrap_or(0);
        Some(Self {
            network: address & !host,
            bits,
        })
    }

    /// Whether the address lies in the range.
    pub fn holds(self, ip: Ipv6Addr) -> bool {
        let host = u128::MAX.checked_shr(self.bits).unwrap_or(0);
        u128::from(ip) & !host == self.network
    }

    /// Whether the other range lies in this one.
    pub fn covers(self, other: Self) -> bool {
        self.bits <= other.bits && self.holds(other.network.into())
    }

    /// How many bits name it.
    pub fn bits(self) -> u32 {
        self.bits
    }
}

/// `count` free IPv6 addresses of a subnet. EC2 takes any; here they come in a row after `seed`.
pub fn choose_ipv6(world: &World, subnet: &Subnet, seed: u64, count: u32) -> Vec<Ipv6Addr> {
    let block = subnet.ipv6_cidr_block.as_deref();
    let Some(range) = block.and_then(Range6::parse) else {
        return Vec::new();
    };
    let start = u128::from(seed).max(4);
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    (start..)
        .map(|host| Ipv6Addr::from(range.network | (host & u128::from(u64::MAX))))
        .filter(|ip| world.eni_with_ipv6(&subnet.id, *ip).is_none())
        .take(wanted)
        .collect()
}

/// `count` free /80 prefixes of a subnet, the lowest ones after the first.
pub fn choose_ipv6_prefixes(world: &World, subnet: &Subnet, count: u32) -> Vec<Str> {
    let block = subnet.ipv6_cidr_block.as_deref();
    let Some(range) = block.and_then(Range6::parse) else {
        return Vec::new();
    };
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    // A /64 has 65,536 of them.
    (1..=u128::from(u16::MAX))
        .map(|n| Str::from(format!("{}/80", Ipv6Addr::from(range.network | (n << 48)))))
        .filter(|prefix| world.eni_with_prefix(&subnet.id, prefix).is_none())
        .take(wanted)
        .collect()
}

/// The IP-based host name that EC2 gives a private address in a Region (EC2 User Guide, "EC2
/// instance hostnames and domains").
pub fn private_dns_name(region: &str, ip: Ipv4Addr) -> Str {
    let [a, b, c, d] = ip.octets();
    let domain = match region {
        "us-east-1" => "ec2.internal".to_owned(),
        other => format!("{other}.compute.internal"),
    };
    format!("ip-{a}-{b}-{c}-{d}.{domain}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_keeps_five_addresses_of_every_subnet() {
        let range = Range {
            first: u32::from(Ipv4Addr::new(10, 0, 9, 0)),
            last: u32::from(Ipv4Addr::new(10, 0, 9, 15)),
        };
        assert_eq!(Range::parse("10.0.9.0/28"), Some(range));
        assert_eq!(range.usable().count(), 11);
        assert!(range.usable().all(|ip| !range.reserves(ip)));
        for (ip, reserved) in [(0, true), (3, true), (4, false), (14, false), (15, true)] {
            assert_eq!(
                range.reserves(Ipv4Addr::new(10, 0, 9, ip)),
                reserved,
                "{ip}"
            );
        }
        assert!(!range.reserves(Ipv4Addr::new(10, 0, 8, 255)));
        assert_eq!(Range::parse("10.0.9.0"), None);
        assert_eq!(Range::parse("10.0.9.0/33"), None);
    }

    #[test]
    fn host_names_follow_the_region() {
        let ip = Ipv4Addr::new(10, 0, 1, 17);
        assert_eq!(
            &*private_dns_name("us-east-1", ip),
            "ip-10-0-1-17.ec2.internal"
        );
        assert_eq!(
            &*private_dns_name("eu-west-1", ip),
            "ip-10-0-1-17.eu-west-1.compute.internal"
        );
    }
}
