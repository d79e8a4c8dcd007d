//! Security groups: who may ask what.
//!
//! Invariant: an interface none of whose groups tells an inbound rule lets everything in, because the
//! inventory does not say otherwise; one rule that fits is enough (EC2 User Guide, "Security group
//! rules").

use std::net::Ipv4Addr;

use crate::ec2::eni::Eni;
use crate::ec2::permission::{Peer, Permission};
use crate::ec2::world::World;
use crate::sim::scenario::{Client, Source};

/// Every protocol.
const ALL: &str = "-1";

/// Whether the groups of the interface let this client in.
pub(super) fn let_in(world: &World, eni: &Eni, client: &Client) -> Result<(), String> {
    let groups = eni.groups.iter().filter_map(|g| world.group(&g.group_id));
    let rules = groups.flat_map(|g| &g.rules).filter(|r| !r.is_egress);
    let rules: Vec<_> = rules.collect();
    if rules.is_empty() {
        return Ok(());
    }
    let Source::Address(from) = &client.source else {
        return Ok(());
    };
    let fits = rules
        .iter()
        .any(|r| port(&r.permission, client.port) && peer(world, &r.permission.peer, *from));
    if fits {
        return Ok(());
    }
    let names: Vec<&str> = eni.groups.iter().map(|g| &*g.group_name).collect();
    Err(format!(
        "{} lets {from} not in on port {}",
        names.join(", "),
        client.port
    ))
}

fn port(permission: &Permission, port: u16) -> bool {
    // A client does not say which of the two it speaks.
    let spoken = matches!(&*permission.ip_protocol, "tcp" | "udp" | "6" | "17" | ALL);
    let port = i32::from(port);
    let from = permission.from_port.is_none_or(|from| from <= port);
    let to = permission.to_port.is_none_or(|to| port <= to);
    spoken && from && to
}

fn peer(world: &World, peer: &Peer, from: Ipv4Addr) -> bool {
    match peer {
        Peer::CidrIpv4(range) => contains(range, from),
        Peer::ReferencedGroupId(id) => {
            // By the address: a group may have as many members as the world has interfaces.
            let group = world.group(id);
            let subnets = group.map(|group| world.subnets_of(&group.vpc_id));
            subnets.into_iter().flatten().any(|subnet| {
                let eni = world.eni_with_address(&subnet.id, from);
                eni.is_some_and(|eni| eni.groups.iter().any(|g| g.group_id == *id))
            })
        }
        Peer::CidrIpv6(_) | Peer::PrefixListId(_) => false,
    }
}

/// Whether an IPv4 range holds an address; a range that is none holds nothing.
pub(super) fn contains(range: &str, ip: Ipv4Addr) -> bool {
    let Some((base, length)) = range.split_once('/') else {
        return false;
    };
    let (Ok(base), Ok(length)) = (base.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    if length > 32 {
        return false;
    }
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    u32::from(base) & mask == u32::from(ip) & mask
}
