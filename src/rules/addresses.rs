//! Which private addresses of a subnet are free, and which ones EC2 would choose.
//!
//! Invariant: the first four addresses and the last one of a subnet belong to AWS (VPC User Guide,
//! "Subnet CIDR blocks"). Which free address EC2 takes is not documented; this program takes the
//! lowest, so that a forecast is reproducible.

use std::net::Ipv4Addr;

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

    /// Every address that an interface could have, lowest first.
    fn usable(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.first.saturating_add(4)..self.last).map(Ipv4Addr::from)
    }
}

/// The wanted primary address, or else the lowest free one, then `secondaries` further free ones.
/// Fewer than asked for if the subnet has no more.
pub fn choose(
    world: &World,
    subnet: &Subnet,
    primary: Option<Ipv4Addr>,
    secondaries: u32,
) -> Vec<Ipv4Addr> {
    let Some(range) = Range::parse(&subnet.cidr_block) else {
        return primary.into_iter().collect();
    };
    let prefixes: Vec<_> = world
        .enis_in(&subnet.id)
        .flat_map(|e| &e.ipv4_prefixes)
        .filter_map(|prefix| Range::parse(prefix))
        .collect();
    let free = range.usable().filter(|ip| {
        Some(*ip) != primary
            && world.eni_with_address(&subnet.id, *ip).is_none()
            && !prefixes.iter().any(|prefix| prefix.holds(*ip))
    });
    let count = usize::try_from(secondaries).unwrap_or(usize::MAX);
    primary
        .into_iter()
        .chain(free)
        .take(count.saturating_add(1))
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
