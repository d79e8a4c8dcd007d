//! Assigning and unassigning addresses.
//!
//! Invariant: an address that moves takes its Elastic IP along, under the same association.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::{Effect, Mint, interface};
use crate::ec2::call::{Answer, AssignIpv6, AssignPrivate, UnassignIpv6, UnassignPrivate};
use crate::ec2::change::Change;
use crate::ec2::eni::{Association, Eni, Ipv6, PrivateIp};
use crate::ec2::id::EniId;
use crate::ec2::world::World;
use crate::rules::wanted::{Wanted, Wanted6};

/// Secondary addresses and prefixes, some of them from other interfaces.
pub fn assign(world: &World, call: &AssignPrivate) -> Effect {
    let Some((eni, subnet)) = world
        .eni(&call.network_interface_id)
        .and_then(|e| Some((e, world.subnet(&e.subnet_id)?)))
    else {
        return Effect::default();
    };
    let wanted = Wanted::of_assign(call).unwrap_or_default();
    let chosen = wanted.choose(world, subnet, &BTreeSet::new());
    let mut at_once = Vec::new();
    let mut ips = eni.private_ip_addresses.clone();
    let mut leaving: BTreeMap<EniId, Vec<Ipv4Addr>> = BTreeMap::new();
    let mut moved = Vec::new();
    for ip in &chosen.ips {
        if ips.iter().any(|on| on.private_ip_address == *ip) {
            continue;
        }
        let holder = world.eni_with_address(&eni.subnet_id, *ip);
        let association = holder.and_then(|h| association_of(h, *ip));
        if let Some(holder) = holder {
            leaving.entry(holder.id.clone()).or_default().push(*ip);
        }
        if let Some(id) = association.as_ref().and_then(|a| a.allocation_id.as_ref()) {
            let holder = eni.instance_id().cloned();
            moved.push(Change::AddressMoved(id.clone(), eni.id.clone(), holder));
        }
        ips.push(PrivateIp {
            private_ip_address: *ip,
            primary: false,
            private_dns_name: interface::dns_name(world, &eni.subnet_id, *ip),
            association,
        });
    }
    for (holder, leaving) in leaving {
        if let Some(holder) = world.eni(&holder) {
            let stay = without(&holder.private_ip_addresses, &leaving);
            at_once.push(Change::PrivateIps(holder.id.clone(), stay));
        }
    }
    if ips != eni.private_ip_addresses {
        at_once.push(Change::PrivateIps(eni.id.clone(), ips));
    }
    at_once.extend(moved);
    if !chosen.prefixes.is_empty() {
        let mut prefixes = eni.ipv4_prefixes.clone();
        prefixes.extend(chosen.prefixes.iter().cloned());
        at_once.push(Change::Ipv4Prefixes(eni.id.clone(), prefixes));
    }
    Effect {
        answer: Answer {
            network_interface_id: Some(eni.id.clone()),
            assigned_private_ip_addresses: chosen.ips,
            assigned_ipv4_prefixes: chosen.prefixes,
            ..Answer::default()
        },
        at_once,
        under_way: Vec::new(),
    }
}

fn association_of(eni: &Eni, ip: Ipv4Addr) -> Option<Association> {
    let mut on = eni.private_ip_addresses.iter();
    on.find(|on| on.private_ip_address == ip)?
        .association
        .clone()
}

fn without(ips: &[PrivateIp], gone: &[Ipv4Addr]) -> Vec<PrivateIp> {
    let stay = ips
        .iter()
        .filter(|ip| !gone.contains(&ip.private_ip_address));
    stay.cloned().collect()
}

/// Addresses and prefixes are free again; an Elastic IP on one of them stays allocated.
pub fn unassign(world: &World, call: &UnassignPrivate) -> Effect {
    let mut effect = Effect::default();
    let Some(eni) = world.eni(&call.network_interface_id) else {
        return effect;
    };
    for ip in &call.private_ip_addresses {
        let association = association_of(eni, *ip);
        let freed = association.and_then(|a| a.allocation_id);
        effect.at_once.extend(freed.map(Change::AddressFreed));
    }
    if !call.private_ip_addresses.is_empty() {
        let stay = without(&eni.private_ip_addresses, &call.private_ip_addresses);
        let change = Change::PrivateIps(eni.id.clone(), stay);
        effect.at_once.push(change);
    }
    if !call.ipv4_prefixes.is_empty() {
        let mut stay = eni.ipv4_prefixes.clone();
        stay.retain(|prefix| !call.ipv4_prefixes.contains(prefix));
        let change = Change::Ipv4Prefixes(eni.id.clone(), stay);
        effect.at_once.push(change);
    }
    effect
}

/// IPv6 addresses and prefixes.
pub fn assign_ipv6(world: &World, call: &AssignIpv6, mint: &mut dyn Mint) -> Effect {
    let mut effect = Effect::default();
    let Some((eni, subnet)) = world
        .eni(&call.network_interface_id)
        .and_then(|e| Some((e, world.subnet(&e.subnet_id)?)))
    else {
        return effect;
    };
    let wanted = Wanted6::of_assign(call).unwrap_or_default();
    let (ips, prefixes) = wanted.choose(world, subnet, mint.ipv6_host());
    if !ips.is_empty() {
        let mut all = eni.ipv6_addresses.clone();
        all.extend(ips.iter().map(|ip| Ipv6 {
            ipv6_address: *ip,
            is_primary_ipv6: false,
            public_ipv6_dns_name: None,
        }));
        effect.at_once.push(Change::Ipv6s(eni.id.clone(), all));
    }
    if !prefixes.is_empty() {
        let mut all = eni.ipv6_prefixes.clone();
        all.extend(prefixes.iter().cloned());
        effect
            .at_once
            .push(Change::Ipv6Prefixes(eni.id.clone(), all));
    }
    effect.answer = Answer {
        network_interface_id: Some(eni.id.clone()),
        assigned_ipv6_addresses: ips,
        assigned_ipv6_prefixes: prefixes,
        ..Answer::default()
    };
    effect
}

/// IPv6 addresses and prefixes are free again.
pub fn unassign_ipv6(world: &World, call: &UnassignIpv6) -> Effect {
    let mut effect = Effect::default();
    let Some(eni) = world.eni(&call.network_interface_id) else {
        return effect;
    };
    effect.answer.network_interface_id = Some(eni.id.clone());
    if !call.ipv6_addresses.is_empty() {
        let mut stay = eni.ipv6_addresses.clone();
        stay.retain(|on| !call.ipv6_addresses.contains(&on.ipv6_address));
        effect.at_once.push(Change::Ipv6s(eni.id.clone(), stay));
    }
    if !call.ipv6_prefixes.is_empty() {
        let mut stay = eni.ipv6_prefixes.clone();
        stay.retain(|prefix| !call.ipv6_prefixes.contains(prefix));
        effect
            .at_once
            .push(Change::Ipv6Prefixes(eni.id.clone(), stay));
    }
    effect
}
