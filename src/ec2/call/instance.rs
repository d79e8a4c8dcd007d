//! Calls on instances.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::args::Args;
use super::interface::{PrivateIpSpecification, some};
use crate::ec2::id::{EniId, GroupId, InstanceId, Str, SubnetId};
use crate::ec2::resource::Tag;

/// Parameters of `StartInstances`, `StopInstances`, `RebootInstances` and `TerminateInstances`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instances {
    /// Which instances.
    pub instance_ids: Vec<InstanceId>,
    /// `Force`, for `StopInstances` and `TerminateInstances` only.
    #[serde(default)]
    pub force: bool,
}

/// Parameters of `RunInstances`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Run {
    /// The image; nothing here depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<Str>,
    /// Such as `t3.medium`; EC2's own default is `m1.small`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<Str>,
    /// Fewest instances that are of use.
    pub min_count: u32,
    /// Instances wanted.
    pub max_count: u32,
    /// Subnet of the primary interface; the default VPC's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SubnetId>,
    /// Groups of the primary interface.
    #[serde(default)]
    pub security_group_ids: Vec<GroupId>,
    /// Address of the primary interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// The interfaces, instead of the three parameters before.
    #[serde(default)]
    pub network_interfaces: Vec<RunInterface>,
    /// Refuses to be terminated.
    #[serde(default)]
    pub disable_api_termination: bool,
    /// `TagSpecification` of the type `instance`.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// `TagSpecification` of the type `network-interface`: for the interfaces that are created.
    #[serde(default)]
    pub interface_tags: Vec<Tag>,
    /// Makes a repetition safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<Str>,
}

/// One of `NetworkInterfaces`: one that exists, or the description of a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunInterface {
    /// One that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// Position; every interface needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_index: Option<u32>,
    /// Card; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_card_index: Option<u32>,
    /// A new one: where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SubnetId>,
    /// A new one: free text.
    #[serde(default)]
    pub description: Str,
    /// A new one: its groups.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// A new one: its primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// A new one: given addresses.
    #[serde(default)]
    pub private_ip_addresses: Vec<PrivateIpSpecification>,
    /// A new one: further addresses.
    #[serde(default)]
    pub secondary_private_ip_address_count: u32,
    /// A new one: IPv6 addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_address_count: Option<u32>,
    /// A new one: `interface`, `efa` or `efa-only`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface_type: Option<Str>,
    /// On for a new one, off for one that exists, unless said here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
    /// Only for a single new one at index 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate_public_ip_address: Option<bool>,
}

/// Parameters of `ModifyInstanceAttribute`; EC2 takes one attribute a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyInstance {
    /// Which instance.
    pub instance_id: InstanceId,
    /// `InstanceType.Value`: only while it is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<Str>,
    /// `SourceDestCheck.Value`: only with a single interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_dest_check: Option<bool>,
    /// `GroupId`: only with a single interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
    /// `DisableApiTermination.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_api_termination: Option<bool>,
}

impl Instances {
    pub(super) fn put(&self, args: &mut Args) {
        args.list("InstanceId", "instance-ids", &self.instance_ids);
        args.switch("Force", self.force);
    }
}

impl Run {
    pub(super) fn put(&self, args: &mut Args) {
        args.some("ImageId", self.image_id.as_ref());
        args.some("InstanceType", self.instance_type.as_ref());
        args.wire("MinCount", self.min_count);
        args.wire("MaxCount", self.max_count);
        args.word("count", format!("{}:{}", self.min_count, self.max_count));
        args.some("SubnetId", self.subnet_id.as_ref());
        args.list(
            "SecurityGroupId",
            "security-group-ids",
            &self.security_group_ids,
        );
        args.some("PrivateIpAddress", self.private_ip_address);
        let interfaces: Vec<_> = self
            .network_interfaces
            .iter()
            .map(RunInterface::members)
            .collect();
        args.structures("NetworkInterface", "network-interfaces", &interfaces);
        args.switch("DisableApiTermination", self.disable_api_termination);
        args.tag_specifications(&[
            ("instance", &self.tags),
            ("network-interface", &self.interface_tags),
        ]);
        args.some("ClientToken", self.client_token.as_ref());
    }
}

impl RunInterface {
    /// Its members in wire form, lists inside it flat.
    fn members(&self) -> Vec<(String, String)> {
        let mut members = Vec::new();
        let mut put = |name: &str, value: Option<&dyn ToString>| {
            members.extend(value.map(|value| (name.to_owned(), value.to_string())));
        };
        fn as_dyn<T: ToString>(value: &Option<T>) -> Option<&dyn ToString> {
            value.as_ref().map(|v| v as &dyn ToString)
        }
        put("NetworkInterfaceId", as_dyn(&self.network_interface_id));
        put("DeviceIndex", as_dyn(&self.device_index));
        put("NetworkCardIndex", as_dyn(&self.network_card_index));
        put("SubnetId", as_dyn(&self.subnet_id));
        if !self.description.is_empty() {
            put("Description", Some(&self.description));
        }
        for (n, group) in self.groups.iter().enumerate() {
            put(&format!("SecurityGroupId.{}", n + 1), Some(group));
        }
        put("PrivateIpAddress", as_dyn(&self.private_ip_address));
        for (n, ip) in self.private_ip_addresses.iter().enumerate() {
            for (name, value) in ip.members() {
                put(
                    &format!("PrivateIpAddresses.{}.{name}", n + 1),
                    Some(&value),
                );
            }
        }
        let count = some(self.secondary_private_ip_address_count);
        put("SecondaryPrivateIpAddressCount", as_dyn(&count));
        put("Ipv6AddressCount", as_dyn(&self.ipv6_address_count));
        put("InterfaceType", as_dyn(&self.interface_type));
        put("DeleteOnTermination", as_dyn(&self.delete_on_termination));
        let public = &self.associate_public_ip_address;
        put("AssociatePublicIpAddress", as_dyn(public));
        members
    }
}

impl ModifyInstance {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("InstanceId", &self.instance_id);
        if let Some(kind) = &self.instance_type {
            args.wire("InstanceType.Value", kind);
            args.word("instance-type", format!("Value={kind}"));
        }
        if let Some(on) = self.source_dest_check {
            args.wire("SourceDestCheck.Value", on);
            args.flag("source-dest-check", on);
        }
        if let Some(groups) = &self.groups {
            args.list("GroupId", "groups", groups);
        }
        if let Some(on) = self.disable_api_termination {
            args.wire("DisableApiTermination.Value", on);
            args.flag("disable-api-termination", on);
        }
    }
}
