//! Calls on one network interface.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::args::{Args, Members};
use crate::ec2::eni::ConnectionTracking;
use crate::ec2::id::{AttachmentId, EniId, GroupId, InstanceId, Str, SubnetId};
use crate::ec2::resource::Tag;

/// Parameters of `AttachNetworkInterface`. There is no client token: it is not idempotent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attach {
    /// Which interface.
    pub network_interface_id: EniId,
    /// To which instance.
    pub instance_id: InstanceId,
    /// At which position of the card.
    pub device_index: u32,
    /// On which card; always sent.
    pub network_card_index: u32,
}

/// Parameters of `DetachNetworkInterface`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Detach {
    /// The attachment, not the interface: EC2's own compare-and-swap.
    pub attachment_id: AttachmentId,
    /// Last resort, with two lasting effects on the old instance.
    #[serde(default)]
    pub force: bool,
}

/// Parameters of `ModifyNetworkInterfaceAttribute`; EC2 takes one attribute a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Modify {
    /// Which interface.
    pub network_interface_id: EniId,
    /// `Attachment.{AttachmentId, DeleteOnTermination}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<(AttachmentId, bool)>,
    /// `SourceDestCheck.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_dest_check: Option<bool>,
    /// `Description.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Str>,
    /// `SecurityGroupId`: all groups that the interface is in from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
    /// `EnablePrimaryIpv6`: it cannot be turned off again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_primary_ipv6: Option<bool>,
    /// `ConnectionTrackingSpecification`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_tracking_specification: Option<ConnectionTracking>,
    /// `AssociatePublicIpAddress`: kept by any interface, of effect on a primary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate_public_ip_address: Option<bool>,
}

/// Parameters of `ResetNetworkInterfaceAttribute`: the source/destination check, the only
/// attribute that can be reset, is on again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reset {
    /// Which interface.
    pub network_interface_id: EniId,
    /// `SourceDestCheck`: any text asks for the reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_dest_check: Option<Str>,
}

/// One address of `PrivateIpAddresses`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateIpSpecification {
    /// The address.
    pub private_ip_address: Ipv4Addr,
    /// At most one address is primary.
    #[serde(default)]
    pub primary: bool,
}

impl PrivateIpSpecification {
    /// Its members in wire form.
    pub(super) fn members(&self) -> Members {
        let mut members = vec![("PrivateIpAddress", self.private_ip_address.to_string())];
        if self.primary {
            members.push(("Primary", true.to_string()));
        }
        members
    }
}

/// Parameters of `CreateNetworkInterface`. Of the four forms of further IPv4 addresses only one
/// may be used, and of the four forms of IPv6 addresses too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    /// Where.
    pub subnet_id: Option<SubnetId>,
    /// Free text.
    #[serde(default)]
    pub description: Str,
    /// The primary address; EC2 chooses one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// Given addresses, the primary one among them or not.
    #[serde(default)]
    pub private_ip_addresses: Vec<PrivateIpSpecification>,
    /// Further addresses, chosen by EC2.
    #[serde(default)]
    pub secondary_private_ip_address_count: u32,
    /// Given /28 prefixes.
    #[serde(default)]
    pub ipv4_prefixes: Vec<Str>,
    /// /28 prefixes, chosen by EC2.
    #[serde(default)]
    pub ipv4_prefix_count: u32,
    /// Given IPv6 addresses.
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// IPv6 addresses, chosen by EC2; 0 overrides a subnet that would assign one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_address_count: Option<u32>,
    /// Given /80 prefixes.
    #[serde(default)]
    pub ipv6_prefixes: Vec<Str>,
    /// /80 prefixes, chosen by EC2.
    #[serde(default)]
    pub ipv6_prefix_count: u32,
    /// The first IPv6 address is primary.
    #[serde(default)]
    pub enable_primary_ipv6: bool,
    /// `efa`, `efa-only`, `branch` or `trunk`; an ordinary interface when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface_type: Option<Str>,
    /// Security groups; the VPC's default one when empty.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Idle timeouts of tracked connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_tracking_specification: Option<ConnectionTracking>,
    /// `TagSpecification` of the type `network-interface`.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Makes a repetition safe: the same token with the same parameters is the same interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<Str>,
}

/// Parameters of `DeleteNetworkInterface`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Delete {
    /// Which interface.
    pub network_interface_id: EniId,
}

impl Attach {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.one("InstanceId", &self.instance_id);
        args.one("DeviceIndex", self.device_index);
        args.one("NetworkCardIndex", self.network_card_index);
    }
}

impl Detach {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("AttachmentId", &self.attachment_id);
        args.switch("Force", self.force);
    }
}

fn timeouts(tracking: &ConnectionTracking) -> Members {
    [
        ("TcpEstablishedTimeout", tracking.tcp_established_timeout),
        ("UdpStreamTimeout", tracking.udp_stream_timeout),
        ("UdpTimeout", tracking.udp_timeout),
    ]
    .into_iter()
    .filter_map(|(name, seconds)| seconds.map(|s| (name, s.to_string())))
    .collect()
}

impl Modify {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        if let Some((attachment, on)) = &self.delete_on_termination {
            let members = vec![
                ("AttachmentId", attachment.to_string()),
                ("DeleteOnTermination", on.to_string()),
            ];
            args.structure("Attachment", "attachment", &members);
        }
        if let Some(on) = self.source_dest_check {
            args.wire("SourceDestCheck.Value", on);
            args.flag("source-dest-check", on);
        }
        if let Some(text) = &self.description {
            args.wire("Description.Value", text);
            args.word("description", format!("Value={text}"));
        }
        if let Some(groups) = &self.groups {
            args.list("SecurityGroupId", "groups", groups);
        }
        args.toggle("EnablePrimaryIpv6", self.enable_primary_ipv6);
        if let Some(tracking) = &self.connection_tracking_specification {
            args.structure(
                "ConnectionTrackingSpecification",
                "connection-tracking-specification",
                &timeouts(tracking),
            );
        }
        args.toggle("AssociatePublicIpAddress", self.associate_public_ip_address);
    }
}

impl Reset {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
        args.some("SourceDestCheck", self.source_dest_check.as_ref());
    }
}

impl Create {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("SubnetId", self.subnet_id.as_ref());
        if !self.description.is_empty() {
            args.one("Description", &self.description);
        }
        args.some("PrivateIpAddress", self.private_ip_address);
        let given = self.private_ip_addresses.iter();
        let given: Vec<_> = given.map(PrivateIpSpecification::members).collect();
        args.structures("PrivateIpAddresses", "private-ip-addresses", &given);
        args.some(
            "SecondaryPrivateIpAddressCount",
            some(self.secondary_private_ip_address_count),
        );
        let prefixes = self.ipv4_prefixes.iter();
        let prefixes: Vec<Members> = prefixes
            .map(|p| vec![("Ipv4Prefix", p.to_string())])
            .collect();
        args.structures("Ipv4Prefix", "ipv4-prefixes", &prefixes);
        args.some("Ipv4PrefixCount", some(self.ipv4_prefix_count));
        let addresses = self.ipv6_addresses.iter();
        let addresses: Vec<Members> = addresses
            .map(|ip| vec![("Ipv6Address", ip.to_string())])
            .collect();
        args.structures("Ipv6Addresses", "ipv6-addresses", &addresses);
        args.some("Ipv6AddressCount", self.ipv6_address_count);
        let prefixes = self.ipv6_prefixes.iter();
        let prefixes: Vec<Members> = prefixes
            .map(|p| vec![("Ipv6Prefix", p.to_string())])
            .collect();
        args.structures("Ipv6Prefix", "ipv6-prefixes", &prefixes);
        args.some("Ipv6PrefixCount", some(self.ipv6_prefix_count));
        args.switch("EnablePrimaryIpv6", self.enable_primary_ipv6);
        args.some("InterfaceType", self.interface_type.as_ref());
        args.list("SecurityGroupId", "groups", &self.groups);
        if let Some(tracking) = &self.connection_tracking_specification {
            args.structure(
                "ConnectionTrackingSpecification",
                "connection-tracking-specification",
                &timeouts(tracking),
            );
        }
        args.tags("network-interface", &self.tags);
        args.some("ClientToken", self.client_token.as_ref());
    }
}

impl Delete {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NetworkInterfaceId", &self.network_interface_id);
    }
}

/// A count that was given.
pub(super) fn some(count: u32) -> Option<u32> {
    (count > 0).then_some(count)
}
