//! Calls on secondary addresses and on Elastic IPs. The four that assign and unassign have no
//! `DryRun`.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::args::Args;
use super::interface::some;
use crate::ec2::id::{AllocationId, AssociationId, EniId, InstanceId, Str};
use crate::ec2::resource::Tag;

/// Parameters of `AssignPrivateIpAddresses`: given addresses, a count, given prefixes or a count
/// of prefixes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssignPrivate {
    /// To which interface.
    pub network_interface_id: EniId,
    /// Given secondary addresses.
    #[serde(default)]
    pub private_ip_addresses: Vec<Ipv4Addr>,
    /// Secondary addresses, chosen by EC2.
    #[serde(default)]
    pub secondary_private_ip_address_count: u32,
    /// Given /28 prefixes.
    #[serde(default)]
    pub ipv4_prefixes: Vec<Str>,
    /// /28 prefixes, chosen by EC2.
    #[serde(default)]
    pub ipv4_prefix_count: u32,
    /// Takes an address from the interface that has it.
    #[serde(default)]
    pub allow_reassignment: bool,
}

/// Parameters of `UnassignPrivateIpAddresses`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnassignPrivate {
    /// From which interface.
    pub network_interface_id: EniId,
    /// Secondary addresses.
    #[serde(default)]
    pub private_ip_addresses: Vec<Ipv4Addr>,
    /// /28 prefixes.
    #[serde(default)]
    pub ipv4_prefixes: Vec<Str>,
}

/// Parameters of `AssignIpv6Addresses`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssignIpv6 {
    /// To which interface.
    pub network_interface_id: EniId,
    /// Given addresses.
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Addresses, chosen by EC2.
    #[serde(default)]
    pub ipv6_address_count: u32,
    /// Given /80 prefixes.
    #[serde(default)]
    pub ipv6_prefixes: Vec<Str>,
    /// /80 prefixes, chosen by EC2.
    #[serde(default)]
    pub ipv6_prefix_count: u32,
}

/// Parameters of `UnassignIpv6Addresses`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnassignIpv6 {
    /// From which interface.
    pub network_interface_id: EniId,
    /// Addresses.
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// /80 prefixes.
    #[serde(default)]
    pub ipv6_prefixes: Vec<Str>,
}

/// Parameters of `AllocateAddress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Allocate {
    /// `vpc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Str>,
    /// `TagSpecification` of the type `elastic-ip`.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Parameters of `AssociateAddress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Associate {
    /// Which Elastic IP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// Which Elastic IP, by its address: refused for a VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Ipv4Addr>,
    /// With which instance: only one with a single interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// With which interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// On which of its addresses; the primary one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// Takes the Elastic IP from where it is. What its absence means depends on the account's age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_reassociation: Option<bool>,
}

/// Parameters of `DisassociateAddress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Disassociate {
    /// Which association.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// Which address: for EC2-Classic, refused for a VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Ipv4Addr>,
}

/// Parameters of `ReleaseAddress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Release {
    /// Which Elastic IP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// Which address: for EC2-Classic, refused for a VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Ipv4Addr>,
}

impl AssignPrivate {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.list(
            "PrivateIpAddress",
            "private-ip-addresses",
            &self.private_ip_addresses,
        );
        args.some(
            "SecondaryPrivateIpAddressCount",
            some(self.secondary_private_ip_address_count),
        );
        args.list("Ipv4Prefix", "ipv4-prefixes", &self.ipv4_prefixes);
        args.some("Ipv4PrefixCount", some(self.ipv4_prefix_count));
        args.switch("AllowReassignment", self.allow_reassignment);
    }
}

impl UnassignPrivate {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.list(
            "PrivateIpAddress",
            "private-ip-addresses",
            &self.private_ip_addresses,
        );
        args.list("Ipv4Prefix", "ipv4-prefixes", &self.ipv4_prefixes);
    }
}

impl AssignIpv6 {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.list("Ipv6Addresses", "ipv6-addresses", &self.ipv6_addresses);
        args.some("Ipv6AddressCount", some(self.ipv6_address_count));
        args.list("Ipv6Prefix", "ipv6-prefixes", &self.ipv6_prefixes);
        args.some("Ipv6PrefixCount", some(self.ipv6_prefix_count));
    }
}

impl UnassignIpv6 {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.list("Ipv6Addresses", "ipv6-addresses", &self.ipv6_addresses);
        args.list("Ipv6Prefix", "ipv6-prefixes", &self.ipv6_prefixes);
    }
}

impl Allocate {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("Domain", self.domain.as_ref());
        args.tags("elastic-ip", &self.tags);
    }
}

impl Associate {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("AllocationId", self.allocation_id.as_ref());
        args.some("PublicIp", self.public_ip);
        args.some("InstanceId", self.instance_id.as_ref());
        args.some("NetworkInterfaceId", self.network_interface_id.as_ref());
        args.some("PrivateIpAddress", self.private_ip_address);
        args.toggle("AllowReassociation", self.allow_reassociation);
    }
}

impl Disassociate {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("AssociationId", self.association_id.as_ref());
        args.some("PublicIp", self.public_ip);
    }
}

impl Release {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("AllocationId", self.allocation_id.as_ref());
        args.some("PublicIp", self.public_ip);
    }
}
