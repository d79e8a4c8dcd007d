//! Whether an attribute of a VPC or of a subnet may be changed.
//!
//! Invariant: EC2 takes exactly one attribute a call.

use super::find;
use super::modify::only_one;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{ModifySubnet, ModifyVpc};
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check_vpc(world: &World, call: &ModifyVpc) -> Verdict {
    only_one(&[
        ("enableDnsSupport", call.enable_dns_support.is_some()),
        ("enableDnsHostnames", call.enable_dns_hostnames.is_some()),
    ])?;
    let vpc = find::vpc(world, &call.vpc_id)?;
    // "You can only enable DNS hostnames if you've enabled DNS support" (API Reference).
    if call.enable_dns_hostnames == Some(true) && vpc.enable_dns_support == Some(false) {
        return Err(Denial::approximate(
            "InvalidParameterCombination",
            "You can only enable DNS hostnames if you've enabled DNS support.",
        )
        .because(format!("DNS support of {} is off.", vpc.id))
        .instead("Turn EnableDnsSupport on first."));
    }
    Ok(())
}

/// The first refusal in EC2's order.
pub fn check_subnet(world: &World, call: &ModifySubnet) -> Verdict {
    let (public, ipv6) = (
        call.map_public_ip_on_launch,
        call.assign_ipv6_address_on_creation,
    );
    only_one(&[
        ("mapPublicIpOnLaunch", public.is_some()),
        ("assignIpv6AddressOnCreation", ipv6.is_some()),
    ])?;
    let subnet = find::subnet(world, &call.subnet_id)?;
    if ipv6 == Some(true) && subnet.ipv6_cidr_block.is_none() {
        return Err(Denial::approximate(
            "InvalidParameterValue",
            "Invalid value 'true' for assignIpv6AddressOnCreation. The subnet does not have an \
             associated IPv6 CIDR block.",
        )
        .because(format!(
            "Subnet {} has no IPv6 range.",
            find::subnet_called(subnet)
        ))
        .instead("Choose a subnet with an IPv6 range."));
    }
    Ok(())
}
