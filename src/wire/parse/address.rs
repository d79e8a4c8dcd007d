//! Calls on secondary addresses and on Elastic IPs.

use super::super::params::Params;
use super::tags;
use crate::ec2::call::{
    Allocate, AssignIpv6, AssignPrivate, Associate, Disassociate, Release, UnassignIpv6,
    UnassignPrivate,
};
use crate::ec2::error::ApiError;

pub(super) fn assign(p: &mut Params) -> Result<AssignPrivate, ApiError> {
    Ok(AssignPrivate {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        private_ip_addresses: p.addresses("PrivateIpAddress")?,
        secondary_private_ip_address_count: p.count("SecondaryPrivateIpAddressCount")?.unwrap_or(0),
        ipv4_prefixes: p.ids("Ipv4Prefix")?,
        ipv4_prefix_count: p.count("Ipv4PrefixCount")?.unwrap_or(0),
        allow_reassignment: p.flag("AllowReassignment")?.unwrap_or(false),
    })
}

pub(super) fn unassign(p: &mut Params) -> Result<UnassignPrivate, ApiError> {
    Ok(UnassignPrivate {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        private_ip_addresses: p.addresses("PrivateIpAddress")?,
        ipv4_prefixes: p.ids("Ipv4Prefix")?,
    })
}

pub(super) fn assign_ipv6(p: &mut Params) -> Result<AssignIpv6, ApiError> {
    Ok(AssignIpv6 {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        ipv6_addresses: p.addresses("Ipv6Addresses")?,
        ipv6_address_count: p.count("Ipv6AddressCount")?.unwrap_or(0),
        ipv6_prefixes: p.ids("Ipv6Prefix")?,
        ipv6_prefix_count: p.count("Ipv6PrefixCount")?.unwrap_or(0),
    })
}

pub(super) fn unassign_ipv6(p: &mut Params) -> Result<UnassignIpv6, ApiError> {
    Ok(UnassignIpv6 {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        ipv6_addresses: p.addresses("Ipv6Addresses")?,
        ipv6_prefixes: p.ids("Ipv6Prefix")?,
    })
}

pub(super) fn allocate(p: &mut Params) -> Result<Allocate, ApiError> {
    Ok(Allocate {
        domain: p.id("Domain"),
        tags: tags(p, "elastic-ip")?,
    })
}

pub(super) fn associate(p: &mut Params) -> Result<Associate, ApiError> {
    Ok(Associate {
        allocation_id: p.id("AllocationId"),
        public_ip: p.ipv4("PublicIp")?,
        instance_id: p.id("InstanceId"),
        network_interface_id: p.id("NetworkInterfaceId"),
        private_ip_address: p.ipv4("PrivateIpAddress")?,
        allow_reassociation: p.flag("AllowReassociation")?,
    })
}

pub(super) fn disassociate(p: &mut Params) -> Result<Disassociate, ApiError> {
    Ok(Disassociate {
        association_id: p.id("AssociationId"),
        public_ip: p.ipv4("PublicIp")?,
    })
}

pub(super) fn release(p: &mut Params) -> Result<Release, ApiError> {
    Ok(Release {
        allocation_id: p.id("AllocationId"),
        public_ip: p.ipv4("PublicIp")?,
    })
}
