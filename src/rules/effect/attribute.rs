//! Attributes of VPCs and subnets.
//!
//! Invariant: interfaces have private DNS names where their VPC gives names, from the moment on at
//! which it does (VPC User Guide, "DNS attributes for your VPC").

use super::Effect;
use crate::ec2::call::{ModifySubnet, ModifyVpc};
use crate::ec2::change::Change;
use crate::ec2::eni::{Eni, PrivateIp};
use crate::ec2::id::Str;
use crate::ec2::resource::Vpc;
use crate::ec2::world::World;
use crate::rules::addresses;

/// The VPC with the attribute, and its interfaces with the names that go with it.
pub fn modify_vpc(world: &World, call: &ModifyVpc) -> Effect {
    let Some(before) = world.vpc(&call.vpc_id) else {
        return Effect::default();
    };
    let mut vpc = Vpc::clone(before);
    vpc.enable_dns_support = call.enable_dns_support.or(vpc.enable_dns_support);
    vpc.enable_dns_hostnames = call.enable_dns_hostnames.or(vpc.enable_dns_hostnames);
    let had_names = gives_names(before);
    let gives_names = gives_names(&vpc);
    let mut at_once = vec![Change::Vpc(vpc.id.clone(), Some(Box::new(vpc)))];
    if gives_names != had_names {
        let subnets = world.subnets_of(&call.vpc_id);
        let enis = subnets.flat_map(|subnet| world.enis_in(&subnet.id));
        at_once.extend(enis.flat_map(|eni| named(world, eni, gives_names)));
    }
    Effect {
        at_once,
        ..Effect::default()
    }
}

/// Whether interfaces in a VPC get private DNS names; names need the DNS server too.
pub fn gives_names(vpc: &Vpc) -> bool {
    vpc.enable_dns_hostnames == Some(true) && vpc.enable_dns_support != Some(false)
}

/// The interface with the names of its addresses, or without.
fn named(world: &World, eni: &Eni, with: bool) -> [Change; 2] {
    let name = |ip| -> Option<Str> { with.then(|| addresses::private_dns_name(&world.region, ip)) };
    let ips = eni.private_ip_addresses.iter().map(|ip| PrivateIp {
        private_dns_name: name(ip.private_ip_address),
        ..ip.clone()
    });
    [
        Change::PrivateIps(eni.id.clone(), ips.collect()),
        Change::PrivateDnsName(eni.id.clone(), eni.primary_ip().and_then(name)),
    ]
}

/// The subnet with the attribute: for what is created and launched from then on.
pub fn modify_subnet(world: &World, call: &ModifySubnet) -> Effect {
    let Some(subnet) = world.subnet(&call.subnet_id) else {
        return Effect::default();
    };
    let mut subnet = subnet.as_ref().clone();
    if let Some(on) = call.map_public_ip_on_launch {
        subnet.map_public_ip_on_launch = on;
    }
    if let Some(on) = call.assign_ipv6_address_on_creation {
        subnet.assign_ipv6_address_on_creation = on;
    }
    let change = Change::Subnet(subnet.id.clone(), Some(Box::new(subnet)));
    Effect {
        at_once: vec![change],
        ..Effect::default()
    }
}
