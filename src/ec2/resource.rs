//! The resources around the interface: VPC, subnet, instance, security group, Elastic IP, routes.
//!
//! Invariant: an instance does not list its interfaces; the world finds them by index, so that an
//! attachment is written in one place only.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::eni::open_enum;
use super::id::{
    AllocationId, AssociationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId,
    RouteTableAssociationId, RouteTableId, Str, SubnetId, VpcId,
};
use super::permission::SecurityGroupRule;
use super::time::Time;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Key.
    pub key: Str,
    /// Value.
    #[serde(default)]
    pub value: Str,
}

impl Tag {
    /// The tag `Name`.
    pub fn name(value: &str) -> Self {
        Self {
            key: "Name".into(),
            value: value.into(),
        }
    }
}

/// The value of the tag `Name`, unless it is empty.
pub fn name_of(tags: &[Tag]) -> Option<&str> {
    tags.iter()
        .find(|t| &*t.key == "Name")
        .map(|t| &*t.value)
        .filter(|v| !v.is_empty())
}

/// `Vpc`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vpc {
    /// Id.
    #[serde(rename = "VpcId")]
    pub id: VpcId,
    /// IPv4 range.
    pub cidr_block: Str,
    /// The account's default VPC.
    #[serde(default)]
    pub is_default: bool,
    /// The Amazon DNS server answers; absent where the inventory does not tell
    /// (`DescribeVpcAttribute`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dns_support: Option<bool>,
    /// Interfaces get DNS names; absent where the inventory does not tell
    /// (`DescribeVpcAttribute`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dns_hostnames: Option<bool>,
    /// Owner.
    #[serde(default)]
    pub owner_id: Str,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `Subnet`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subnet {
    /// Id.
    #[serde(rename = "SubnetId")]
    pub id: SubnetId,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// IPv4 range.
    pub cidr_block: Str,
    /// Zone name.
    pub availability_zone: Str,
    /// Zone id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone_id: Option<Str>,
    /// Free addresses; five of the range are reserved by AWS (VPC User Guide, "Subnet CIDR blocks").
    pub available_ip_address_count: u32,
    /// Instances launched here get a public address.
    #[serde(default)]
    pub map_public_ip_on_launch: bool,
    /// IPv6 range, a /64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<Str>,
    /// Interfaces created here get an IPv6 address.
    #[serde(default)]
    pub assign_ipv6_address_on_creation: bool,
    /// Owner.
    #[serde(default)]
    pub owner_id: Str,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

open_enum! {
    /// `InstanceState.Name`.
    InstanceState {
        /// Code 0.
        Pending = "pending",
        /// Code 16.
        Running = "running",
        /// Code 32.
        ShuttingDown = "shutting-down",
        /// Code 48.
        Terminated = "terminated",
        /// Code 64.
        Stopping = "stopping",
        /// Code 80.
        Stopped = "stopped",
    }
}

open_enum! {
    /// `InstanceStatusSummary.Status`, for the system and the instance check alike.
    CheckStatus {
        /// Passed.
        Ok = "ok",
        /// Failed.
        Impaired = "impaired",
        /// Not yet known.
        Initializing = "initializing",
        /// Not yet known for long.
        InsufficientData = "insufficient-data",
        /// The instance does not run.
        NotApplicable = "not-applicable",
    }
}

/// `Instance`, with the two status checks of `DescribeInstanceStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// Id.
    #[serde(rename = "InstanceId")]
    pub id: InstanceId,
    /// Such as `m5.large`.
    pub instance_type: Str,
    /// State name.
    pub state: InstanceState,
    /// Status check of the host.
    pub system_status: CheckStatus,
    /// Status check of the guest.
    pub instance_status: CheckStatus,
    /// Zone.
    pub availability_zone: Str,
    /// Subnet of its primary interface; absent once terminated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SubnetId>,
    /// VPC of its primary interface; absent once terminated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// Account that owns it.
    #[serde(default)]
    pub owner_id: Str,
    /// When it was last launched or started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_time: Option<Time>,
    /// It refuses to be terminated (`DisableApiTermination`).
    #[serde(default)]
    pub disable_api_termination: bool,
    /// `spot`, `scheduled`, or absent for on-demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_lifecycle: Option<Str>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Instance {
    /// The value of the tag `Name`.
    pub fn name(&self) -> Option<&str> {
        name_of(&self.tags)
    }

    /// Either status check has failed.
    pub fn is_impaired(&self) -> bool {
        self.system_status == CheckStatus::Impaired || self.instance_status == CheckStatus::Impaired
    }

    /// Shutting down or terminated: still visible, of no use.
    pub fn is_gone(&self) -> bool {
        matches!(
            self.state,
            InstanceState::ShuttingDown | InstanceState::Terminated
        )
    }
}

/// `SecurityGroup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// Id.
    #[serde(rename = "GroupId")]
    pub id: GroupId,
    /// Name; `default` for the VPC's own.
    pub group_name: Str,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// Description.
    #[serde(default)]
    pub description: Str,
    /// Its rules, in the order in which they came; none where the inventory does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<SecurityGroupRule>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `Address`: an allocated Elastic IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Address {
    /// Id of the allocation.
    #[serde(rename = "AllocationId")]
    pub id: AllocationId,
    /// The public address.
    pub public_ip: Ipv4Addr,
    /// Id of the association, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// The interface that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// The instance behind that interface; eventually consistent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// The private address that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `RouteTableAssociation` with a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTableAssociation {
    /// Id; a new one for every association.
    #[serde(rename = "RouteTableAssociationId")]
    pub id: RouteTableAssociationId,
    /// The subnet.
    pub subnet_id: SubnetId,
}

/// `RouteTable`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTable {
    /// Id.
    #[serde(rename = "RouteTableId")]
    pub id: RouteTableId,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// Subnets that use it explicitly.
    #[serde(default)]
    pub associations: Vec<RouteTableAssociation>,
    /// The VPC's main table.
    #[serde(default)]
    pub main: bool,
    /// Routes, in EC2's order.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

open_enum! {
    /// `Route.State`.
    RouteState {
        /// Traffic flows.
        Active = "active",
        /// The target is gone, detached or stopped: traffic is dropped.
        Blackhole = "blackhole",
    }
}

/// `Route`. One target member is set; a route to an attached interface also shows its instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Route {
    /// CIDR block or prefix list id.
    pub destination: Str,
    /// Interface target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// The instance that holds the interface target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// Any other target: `local`, `igw-…`, `nat-…`, `tgw-…`, `pcx-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Str>,
    /// Active or blackhole.
    pub state: RouteState,
}

/// `InternetGateway`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetGateway {
    /// Id.
    #[serde(rename = "InternetGatewayId")]
    pub id: InternetGatewayId,
    /// The VPC that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// Owner.
    #[serde(default)]
    pub owner_id: Str,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

open_enum! {
    /// `NatGateway.State`.
    NatGatewayState {
        /// On its way.
        Pending = "pending",
        /// In service.
        Available = "available",
        /// On its way out.
        Deleting = "deleting",
        /// Gone, and still visible for about an hour.
        Deleted = "deleted",
        /// It could not be created.
        Failed = "failed",
    }
}

/// `NatGateway`, with its one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NatGateway {
    /// Id.
    #[serde(rename = "NatGatewayId")]
    pub id: NatGatewayId,
    /// Where it is.
    pub subnet_id: SubnetId,
    /// Where that is.
    pub vpc_id: VpcId,
    /// Its interface, which EC2 manages.
    pub network_interface_id: EniId,
    /// Its private address.
    pub private_ip: Ipv4Addr,
    /// The Elastic IP of a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// The address of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<Ipv4Addr>,
    /// `public` or `private`.
    pub connectivity_type: Str,
    /// State.
    pub state: NatGatewayState,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Time>,
    /// When its deletion was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Time>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `InstanceTypeInfo`, as far as network interfaces go: for a type that the endpoint knows and this
/// program does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceType {
    /// Such as `m5.large`.
    #[serde(rename = "InstanceType")]
    pub name: Str,
    /// Interfaces that each network card can hold, by card index.
    pub interfaces_per_card: Vec<u32>,
    /// IPv4 addresses and prefixes of one interface.
    pub ipv4_addresses_per_interface: u32,
    /// IPv6 addresses of one interface; absent if not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_addresses_per_interface: Option<u32>,
    /// Such as `Up to 10 Gigabit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_performance: Option<Str>,
    /// `nitro` or `xen`; absent for bare metal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypervisor: Option<Str>,
}
