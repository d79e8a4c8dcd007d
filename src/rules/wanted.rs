//! Which addresses a call wants, whether it may have them, and which ones it gets.
//!
//! Invariants: a call uses one form of further addresses only (given ones, a count, given prefixes,
//! a count of prefixes); what [`Wanted::check`] allows, [`Wanted::choose`] can give, because both
//! look at the same free addresses.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::addresses::{self, Range, Range6};
use super::find::{counted, eni_called, subnet_called};
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{AssignIpv6, AssignPrivate, Create, PrivateIpSpecification, RunInterface};
use crate::ec2::id::Str;
use crate::ec2::resource::Subnet;
use crate::ec2::world::World;

/// IPv4 addresses that a call wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The interface is a new one, so one address becomes its primary one.
    pub with_primary: bool,
    /// That one, if the call gives it.
    pub primary: Option<Ipv4Addr>,
    /// Secondary addresses that the call gives.
    pub given: Vec<Ipv4Addr>,
    /// Secondary addresses that EC2 chooses.
    pub more: u32,
    /// /28 prefixes that the call gives.
    pub prefixes: Vec<Str>,
    /// /28 prefixes that EC2 chooses.
    pub prefix_count: u32,
    /// `RunInstances` says some things in other words.
    pub at_launch: bool,
}

/// What a call gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Addresses, a new interface's primary one first.
    pub ips: Vec<Ipv4Addr>,
    /// /28 prefixes.
    pub prefixes: Vec<Str>,
}

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";

/// More IPv6 addresses than any instance type allows on one interface. An IPv6 range does not end,
/// so something else has to.
const IPV6_MAX: u32 = 256;

impl Wanted {
    /// Of `CreateNetworkInterface`.
    pub fn of_create(call: &Create) -> Result<Self, Denial> {
        let wanted = Self {
            with_primary: true,
            more: call.secondary_private_ip_address_count,
            prefixes: call.ipv4_prefixes.clone(),
            prefix_count: call.ipv4_prefix_count,
            ..Self::default()
        };
        wanted.with_list(call.private_ip_address, &call.private_ip_addresses)
    }

    /// Of a new interface of `RunInstances`.
    pub fn of_launch(new: &RunInterface) -> Result<Self, Denial> {
        let wanted = Self {
            with_primary: true,
            more: new.secondary_private_ip_address_count,
            at_launch: true,
            ..Self::default()
        };
        wanted.with_list(new.private_ip_address, &new.private_ip_addresses)
    }

    /// Of `AssignPrivateIpAddresses`.
    pub fn of_assign(call: &AssignPrivate) -> Result<Self, Denial> {
        let wanted = Self {
            given: call.private_ip_addresses.clone(),
            more: call.secondary_private_ip_address_count,
            prefixes: call.ipv4_prefixes.clone(),
            prefix_count: call.ipv4_prefix_count,
            ..Self::default()
        };
        if wanted.count() == 0 {
            return Err(Denial::approximate(
                "MissingParameter",
                "Either 'secondaryPrivateIpAddressCount' or 'privateIpAddresses' should be specified",
            )
            .because("The call names neither addresses nor a count.")
            .instead("Give addresses, a count, prefixes or a count of prefixes."));
        }
        wanted.one_form()
    }

    /// The primary address by itself and a list of addresses that may mark one as primary.
    fn with_list(
        mut self,
        primary: Option<Ipv4Addr>,
        list: &[PrivateIpSpecification],
    ) -> Result<Self, Denial> {
        let mut marked = list.iter().filter(|ip| ip.primary);
        let (first, second) = (marked.next(), marked.next());
        if second.is_some() || (first.is_some() && primary.is_some()) {
            return Err(Denial::approximate(
                COMBINATION,
                "Only one primary private IP address can be specified",
            )
            .because("The call gives more than one primary address.")
            .instead("Mark one address as primary, or give PrivateIpAddress alone."));
        }
        self.primary = primary.or(first.map(|ip| ip.private_ip_address));
        let secondary = list.iter().filter(|ip| !ip.primary);
        self.given = secondary.map(|ip| ip.private_ip_address).collect();
        self.one_form()
    }

    fn one_form(self) -> Result<Self, Denial> {
        let forms = [
            !self.given.is_empty(),
            self.more > 0,
            !self.prefixes.is_empty(),
            self.prefix_count > 0,
        ];
        if forms.into_iter().filter(|used| *used).count() > 1 {
            return Err(Denial::approximate(
                COMBINATION,
                "Only one of secondary private IP addresses, their count, prefixes and their count \
                 can be specified",
            )
            .because("The call asks for further addresses in more than one form.")
            .instead("Use one form, and a second call for the other."));
        }
        Ok(self)
    }

    /// Addresses and prefixes, as they count against the limit of a type.
    pub fn count(&self) -> u32 {
        let listed = self.given.len() + self.prefixes.len() + usize::from(self.with_primary);
        let listed = u32::try_from(listed).unwrap_or(u32::MAX);
        listed
            .saturating_add(self.more)
            .saturating_add(self.prefix_count)
    }

    /// The first refusal of an address or prefix. `ours` are given addresses that are looked after
    /// elsewhere: those that may be taken from another interface.
    pub fn check(
        &self,
        world: &World,
        subnet: &Subnet,
        spoken_for: &BTreeSet<Ipv4Addr>,
        ours: &BTreeSet<Ipv4Addr>,
    ) -> Verdict {
        let mut seen = spoken_for.clone();
        for ip in self.primary.iter().chain(&self.given) {
            if !seen.insert(*ip) {
                return Err(Denial::approximate(
                    VALUE,
                    format!("Address {ip} is specified more than once"),
                )
                .because(format!("The call gives {ip} twice."))
                .instead("Give every address once."));
            }
            self.in_range(subnet, *ip)?;
            if !ours.contains(ip) {
                self.unused(world, subnet, *ip)?;
            }
        }
        for prefix in &self.prefixes {
            free_prefix(world, subnet, prefix)?;
        }
        self.enough(world, subnet, &seen, ours)
    }

    fn in_range(&self, subnet: &Subnet, ip: Ipv4Addr) -> Verdict {
        let cidr = &subnet.cidr_block;
        let Some(range) = Range::parse(cidr) else {
            return Ok(());
        };
        if !range.holds(ip) {
            let text = format!("Address {ip} does not fall within the subnet's address range");
            let denial = if self.at_launch {
                Denial::verified(VALUE, text)
            } else {
                Denial::approximate(VALUE, text)
            };
            let name = subnet_called(subnet);
            return Err(denial
                .because(format!("Subnet {name} has {cidr}; {ip} is not in it."))
                .instead("Choose an address of the subnet, or let EC2 choose."));
        }
        if range.reserves(ip) {
            return Err(Denial::approximate(
                VALUE,
                format!("Address {ip} is in subnet's reserved address range"),
            )
            .because(format!(
                "AWS keeps the first four addresses and the last one of {cidr}."
            ))
            .instead("Choose another address, or let EC2 choose."));
        }
        Ok(())
    }

    fn unused(&self, world: &World, subnet: &Subnet, ip: Ipv4Addr) -> Verdict {
        if world.taken_between(&subnet.id, ip, ip).is_none() {
            return Ok(());
        }
        let text = if self.at_launch {
            format!("Address {ip} is in use.")
        } else {
            "The specified address is already in use.".to_owned()
        };
        let denial = Denial::verified("InvalidIPAddress.InUse", text);
        let Some(holder) = world.eni_with_address(&subnet.id, ip) else {
            return Err(denial
                .because(format!("{ip} lies in a prefix of another interface."))
                .instead("Choose another address, or let EC2 choose."));
        };
        Err(denial
            .because(format!("{ip} is on {}.", eni_called(holder)))
            .instead(if holder.primary_ip() == Some(ip) {
                "A primary address is free only when its interface is deleted: move that \
                 interface instead, or choose another address."
            } else {
                "Move it there as a secondary address (AssignPrivateIpAddresses with \
                 AllowReassignment), or choose another address."
            }))
    }

    fn enough(
        &self,
        world: &World,
        subnet: &Subnet,
        spoken_for: &BTreeSet<Ipv4Addr>,
        ours: &BTreeSet<Ipv4Addr>,
    ) -> Verdict {
        let prefixes = u32::try_from(self.prefixes.len()).unwrap_or(u32::MAX);
        let prefixes = prefixes.saturating_add(self.prefix_count);
        let moving = u32::try_from(ours.len()).unwrap_or(u32::MAX);
        let single = self.count().saturating_sub(prefixes).saturating_sub(moving);
        let wanted = single.saturating_add(prefixes.saturating_mul(16));
        let free = subnet.available_ip_address_count;
        if self.prefix_count > 0 {
            let found =
                addresses::choose_prefixes(world, subnet, spoken_for, self.prefix_count).len();
            if u32::try_from(found).is_ok_and(|found| found < self.prefix_count) {
                return Err(Denial::verified(
                    "InsufficientCidrBlocks",
                    "The specified subnet does not have enough free cidr blocks to satisfy the \
                     request",
                )
                .because(format!(
                    "The call wants {}; subnet {} has {found} without a taken address.",
                    counted(self.prefix_count, "block of 16", "blocks of 16"),
                    subnet_called(subnet)
                ))
                .instead("Reserve a part of the subnet for prefixes, or choose another subnet."));
            }
        }
        // Only what the count allows is looked for.
        let found = free >= wanted && {
            let chosen = self.choose(world, subnet, spoken_for).ips.len();
            let listed = self.given.len() + usize::from(self.with_primary);
            chosen == listed.saturating_add(usize::try_from(self.more).unwrap_or(usize::MAX))
        };
        if found {
            return Ok(());
        }
        Err(Denial::verified(
            "InsufficientFreeAddressesInSubnet",
            "The specified subnet does not have enough free addresses to satisfy the request.",
        )
        .because(format!(
            "The interface wants {}; subnet {} ({}) has {free} free. AWS keeps five of every \
             subnet, and stopped instances keep theirs.",
            counted(wanted, "address", "addresses"),
            subnet_called(subnet),
            subnet.cidr_block
        ))
        .instead("Delete interfaces that are not used, or choose another subnet."))
    }

    /// What the call gets. Fewer than wanted if the subnet has no more.
    pub fn choose(
        &self,
        world: &World,
        subnet: &Subnet,
        spoken_for: &BTreeSet<Ipv4Addr>,
    ) -> Chosen {
        let mut taken = spoken_for.clone();
        taken.extend(self.primary.iter().chain(&self.given));
        let chosen_primary = u32::from(self.with_primary && self.primary.is_none());
        let count = self.more.saturating_add(chosen_primary);
        let mut free = addresses::choose(world, subnet, &taken, count).into_iter();
        let mut ips: Vec<Ipv4Addr> = self.primary.into_iter().collect();
        if chosen_primary > 0 {
            ips.extend(free.next());
        }
        ips.extend(&self.given);
        ips.extend(free);
        let mut prefixes = self.prefixes.clone();
        taken.extend(&ips);
        let more = addresses::choose_prefixes(world, subnet, &taken, self.prefix_count);
        prefixes.extend(more);
        Chosen { ips, prefixes }
    }
}

fn free_prefix(world: &World, subnet: &Subnet, prefix: &Str) -> Verdict {
    let parsed = Range::parse(prefix).filter(|range| range.size() == 16);
    let inside = Range::parse(&subnet.cidr_block)
        .zip(parsed)
        .is_some_and(|(subnet, prefix)| subnet.covers(prefix));
    let Some(range) = parsed.filter(|_| inside) else {
        return Err(Denial::approximate(
            VALUE,
            format!("The prefix '{prefix}' is not a /28 of the subnet"),
        )
        .because(format!(
            "Subnet {} has {}; a prefix is one of its blocks of 16.",
            subnet_called(subnet),
            subnet.cidr_block
        ))
        .instead("Give such a block, or a count of prefixes."));
    };
    let (first, last) = range.ends();
    let reserved = Range::parse(&subnet.cidr_block)
        .is_some_and(|subnet| subnet.reserves(first) || subnet.reserves(last));
    if reserved || world.taken_between(&subnet.id, first, last).is_some() {
        return Err(Denial::verified(
            "InvalidIPAddress.InUse",
            "The specified address is already in use.",
        )
        .because(format!(
            "{prefix} holds an address that is taken or that AWS keeps."
        ))
        .instead("Choose another block, or give a count of prefixes."));
    }
    Ok(())
}

/// IPv6 addresses that a call wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted6 {
    /// Given addresses.
    pub given: Vec<Ipv6Addr>,
    /// Addresses that EC2 chooses.
    pub more: u32,
    /// Given /80 prefixes.
    pub prefixes: Vec<Str>,
    /// /80 prefixes that EC2 chooses.
    pub prefix_count: u32,
}

impl Wanted6 {
    /// Of `CreateNetworkInterface`: a subnet may give an address unasked.
    pub fn of_create(call: &Create, subnet: &Subnet) -> Result<Self, Denial> {
        let wanted = Self {
            given: call.ipv6_addresses.clone(),
            more: call.ipv6_address_count.unwrap_or(0),
            prefixes: call.ipv6_prefixes.clone(),
            prefix_count: call.ipv6_prefix_count,
        };
        let unasked = wanted.count() == 0
            && call.ipv6_address_count.is_none()
            && subnet.assign_ipv6_address_on_creation
            && subnet.ipv6_cidr_block.is_some();
        Self {
            more: wanted.more + u32::from(unasked),
            ..wanted
        }
        .one_form()
    }

    /// Of a new interface of `RunInstances`.
    pub fn of_launch(new: &RunInterface, subnet: &Subnet) -> Result<Self, Denial> {
        let call = Create {
            ipv6_address_count: new.ipv6_address_count,
            ..Create::default()
        };
        Self::of_create(&call, subnet)
    }

    /// Of `AssignIpv6Addresses`.
    pub fn of_assign(call: &AssignIpv6) -> Result<Self, Denial> {
        let wanted = Self {
            given: call.ipv6_addresses.clone(),
            more: call.ipv6_address_count,
            prefixes: call.ipv6_prefixes.clone(),
            prefix_count: call.ipv6_prefix_count,
        };
        if wanted.count() == 0 {
            return Err(Denial::approximate(
                "MissingParameter",
                "Either 'ipv6AddressCount' or 'ipv6Addresses' should be specified",
            )
            .because("The call names neither addresses nor a count.")
            .instead("Give addresses, a count, prefixes or a count of prefixes."));
        }
        wanted.one_form()
    }

    fn one_form(self) -> Result<Self, Denial> {
        let forms = [
            !self.given.is_empty(),
            self.more > 0,
            !self.prefixes.is_empty(),
            self.prefix_count > 0,
        ];
        if forms.into_iter().filter(|used| *used).count() > 1 {
            return Err(Denial::approximate(
                COMBINATION,
                "Only one of IPv6 addresses, their count, prefixes and their count can be specified",
            )
            .because("The call asks for IPv6 addresses in more than one form.")
            .instead("Use one form, and a second call for the other."));
        }
        Ok(self)
    }

    /// Addresses and prefixes, as they count against the limit of a type.
    pub fn count(&self) -> u32 {
        let listed = u32::try_from(self.given.len() + self.prefixes.len()).unwrap_or(u32::MAX);
        listed
            .saturating_add(self.more)
            .saturating_add(self.prefix_count)
    }

    /// The first refusal.
    pub fn check(&self, world: &World, subnet: &Subnet) -> Verdict {
        if self.count() == 0 {
            return Ok(());
        }
        let name = subnet_called(subnet);
        let block = subnet.ipv6_cidr_block.as_deref().and_then(Range6::parse);
        let Some(block) = block else {
            return Err(Denial::approximate(
                VALUE,
                format!("Subnet {} has no IPv6 CIDR block", subnet.id),
            )
            .because(format!("Subnet {name} has no IPv6 range."))
            .instead("Give the subnet an IPv6 range first, or ask for no IPv6 address."));
        };
        if self.count() > IPV6_MAX {
            return Err(Denial::approximate(
                "PrivateIpAddressLimitExceeded",
                "Number of private addresses will exceed limit.",
            )
            .because(format!(
                "The call wants {} IPv6 addresses; no instance type allows that many.",
                self.count()
            ))
            .instead("Ask for fewer."));
        }
        let mut seen = BTreeSet::new();
        for ip in &self.given {
            if !block.holds(*ip) || !seen.insert(*ip) {
                return Err(Denial::approximate(
                    VALUE,
                    format!("Address {ip} does not fall within the subnet's address range"),
                )
                .because(format!(
                    "Subnet {name} has {}; every address of the call is one of it, and once.",
                    subnet.ipv6_cidr_block.as_deref().unwrap_or_default()
                ))
                .instead("Choose an address of the subnet, or let EC2 choose."));
            }
            if let Some(holder) = world.eni_with_ipv6(&subnet.id, *ip) {
                return Err(Denial::approximate(
                    VALUE,
                    format!("The IPv6 address {ip} is already assigned"),
                )
                .because(format!("{ip} is on {}.", eni_called(holder)))
                .instead(
                    "Unassign it there first: an IPv6 address cannot be reassigned in one call.",
                ));
            }
        }
        for prefix in &self.prefixes {
            let parsed = Range6::parse(prefix);
            let sound = parsed.is_some_and(|p| p.bits() == 80 && block.covers(p));
            if !sound || world.eni_with_prefix(&subnet.id, prefix).is_some() {
                return Err(Denial::approximate(
                    VALUE,
                    format!("The prefix '{prefix}' is not a free /80 of the subnet"),
                )
                .because(format!("{prefix} is not in subnet {name}, or it is taken."))
                .instead("Give another block, or a count of prefixes."));
            }
        }
        Ok(())
    }

    /// What the call gets: addresses and prefixes. `seed` is where EC2's free choice begins.
    pub fn choose(&self, world: &World, subnet: &Subnet, seed: u64) -> (Vec<Ipv6Addr>, Vec<Str>) {
        let mut ips = self.given.clone();
        ips.extend(addresses::choose_ipv6(world, subnet, seed, self.more));
        let mut prefixes = self.prefixes.clone();
        let more = addresses::choose_ipv6_prefixes(world, subnet, self.prefix_count);
        prefixes.extend(more);
        (ips, prefixes)
    }
}
