//! The elastic network interface with every field that `DescribeNetworkInterfaces` answers.
//!
//! Invariants: names and meanings are those of the API member of the same name; an absent
//! attachment means "not attached" (EC2 does not keep a `detached` one); values outside the SDK's
//! enums are kept verbatim, because EC2 really sends some (`pending`, `nat_gateway`).

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::id::{
    AllocationId, AssociationId, AttachmentId, EniId, GroupId, InstanceId, Str, SubnetId, VpcId,
};
use super::resource::Tag;
use super::time::Time;

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "Str", into = "String")]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value that this program does not know, as EC2 sent it.
            Other(Str),
        }

        impl $name {
            /// The value as EC2 writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }

        impl From<Str> for $name {
            fn from(text: Str) -> Self {
                Self::from(&*text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use open_enum;

open_enum! {
    /// `NetworkInterface.Status`. `in-use` covers attaching, attached and detaching: the moving
    /// part is [`Attachment::status`].
    EniStatus {
        /// Just created; answered by `CreateNetworkInterface`, not in the SDK's enum.
        Pending = "pending",
        /// Attached to nothing.
        Available = "available",
        /// Attached, or on its way to or from an attachment.
        InUse = "in-use",
    }
}

open_enum! {
    /// `NetworkInterfaceAttachment.Status`.
    AttachmentStatus {
        /// Accepted, not yet there.
        Attaching = "attaching",
        /// There, as far as EC2 is concerned; the guest may lag.
        Attached = "attached",
        /// On its way out.
        Detaching = "detaching",
        /// Gone; EC2 normally omits the attachment instead.
        Detached = "detached",
    }
}

/// `NetworkInterface`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Eni {
    /// The interface's own id; it never changes.
    #[serde(rename = "NetworkInterfaceId")]
    pub id: EniId,
    /// Fixed for the interface's life.
    pub subnet_id: SubnetId,
    /// Fixed for the interface's life.
    pub vpc_id: VpcId,
    /// Zone name, such as `us-east-1a`; fixed, because the subnet is.
    pub availability_zone: Str,
    /// Account-independent zone id, such as `use1-az4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone_id: Option<Str>,
    /// Empty when none was given.
    #[serde(default)]
    pub description: Str,
    /// Account that owns the interface, 12 digits.
    pub owner_id: Str,
    /// Account, role or alias that created it on the owner's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<Str>,
    /// True when an AWS service created it.
    #[serde(default)]
    pub requester_managed: bool,
    /// The newer managed-resource marker, independent of `requester_managed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
    /// Available or in use.
    pub status: EniStatus,
    /// Fixed for the interface's life.
    pub mac_address: Str,
    /// Only where the VPC has DNS host names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<Str>,
    /// Of the primary address's association.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_dns_name: Option<Str>,
    /// Public DNS names by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip_dns_name_options: Option<PublicIpDnsNameOptions>,
    /// Every private IPv4 address, the primary first; empty only in an IPv6-only subnet.
    #[serde(default)]
    pub private_ip_addresses: Vec<PrivateIp>,
    /// Every IPv6 address.
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6>,
    /// Delegated /28 prefixes.
    #[serde(default)]
    pub ipv4_prefixes: Vec<Str>,
    /// Delegated /80 prefixes.
    #[serde(default)]
    pub ipv6_prefixes: Vec<Str>,
    /// In an IPv6-only subnet.
    #[serde(default)]
    pub ipv6_native: bool,
    /// Security groups; empty only for NAT gateways.
    #[serde(default)]
    pub groups: Vec<GroupRef>,
    /// Must be false for an interface that forwards other hosts' traffic.
    #[serde(default = "yes")]
    pub source_dest_check: bool,
    /// Blocks the internet gateway and forbids an Elastic IP.
    #[serde(default)]
    pub deny_all_igw_traffic: bool,
    /// `interface`, `nat_gateway`, `lambda` and many more; never match exhaustively.
    pub interface_type: Str,
    /// Absent when the interface is attached to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// Only where it was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_tracking_configuration: Option<ConnectionTracking>,
    /// Whether it would get a public address when its instance is started; only where that was set.
    /// (`DescribeNetworkInterfaceAttribute`, `associatePublicIpAddress`.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate_public_ip_address: Option<bool>,
    /// Tags, in EC2's order.
    #[serde(default)]
    pub tag_set: Vec<Tag>,
    /// On an Outpost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outpost_arn: Option<Str>,
    /// Rare: subnets associated with the interface.
    #[serde(default)]
    pub associated_subnets: Vec<Str>,
}

fn yes() -> bool {
    true
}

impl Eni {
    /// An interface with nothing on it, attached to nothing, as EC2 makes one by default; its VPC and
    /// zone are those of its subnet and are left to the caller.
    pub fn blank(id: EniId, subnet_id: SubnetId, owner_id: Str, mac_address: Str) -> Self {
        Self {
            id,
            subnet_id,
            vpc_id: VpcId::default(),
            availability_zone: Str::default(),
            availability_zone_id: None,
            description: Str::default(),
            owner_id,
            requester_id: None,
            requester_managed: false,
            operator: None,
            status: EniStatus::Available,
            mac_address,
            private_dns_name: None,
            public_dns_name: None,
            public_ip_dns_name_options: None,
            private_ip_addresses: Vec::new(),
            ipv6_addresses: Vec::new(),
            ipv4_prefixes: Vec::new(),
            ipv6_prefixes: Vec::new(),
            ipv6_native: false,
            groups: Vec::new(),
            source_dest_check: true,
            deny_all_igw_traffic: false,
            interface_type: "interface".into(),
            attachment: None,
            connection_tracking_configuration: None,
            associate_public_ip_address: None,
            tag_set: Vec::new(),
            outpost_arn: None,
            associated_subnets: Vec::new(),
        }
    }

    /// The value of the tag `Name`.
    pub fn name(&self) -> Option<&str> {
        super::resource::name_of(&self.tag_set)
    }

    /// The primary private IPv4 address.
    pub fn primary_ip(&self) -> Option<Ipv4Addr> {
        let found = self.private_ip_addresses.iter().find(|ip| ip.primary);
        found.map(|ip| ip.private_ip_address)
    }

    /// The instance that holds it, if an instance does (service attachments name none).
    pub fn instance_id(&self) -> Option<&InstanceId> {
        self.attachment
            .as_ref()
            .and_then(|a| a.instance_id.as_ref())
    }

    /// The primary interface of its instance: device index 0 on network card 0, which can never be
    /// detached (EC2 User Guide, "Elastic network interfaces").
    pub fn is_primary(&self) -> bool {
        self.attachment.as_ref().is_some_and(|a| {
            a.device_index == 0 && a.network_card_index == 0 && a.instance_id.is_some()
        })
    }

    /// Every Elastic IP or public address on it, with the private address that carries it.
    pub fn associations(&self) -> impl Iterator<Item = (Ipv4Addr, &Association)> {
        self.private_ip_addresses
            .iter()
            .filter_map(|ip| ip.association.as_ref().map(|a| (ip.private_ip_address, a)))
    }

    /// IPv4 addresses counted against the type's limit: each address and each prefix counts one
    /// (EC2 User Guide, "IP addresses per network interface per instance type").
    pub fn ipv4_count(&self) -> u32 {
        u32::try_from(self.private_ip_addresses.len() + self.ipv4_prefixes.len())
            .unwrap_or(u32::MAX)
    }

    /// IPv4 addresses that its subnet cannot give to others: a delegated /28 prefix takes sixteen.
    pub fn addresses_taken(&self) -> u32 {
        u32::try_from(self.private_ip_addresses.len() + 16 * self.ipv4_prefixes.len())
            .unwrap_or(u32::MAX)
    }
}

/// `PrivateIpAddresses[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateIp {
    /// The address.
    pub private_ip_address: Ipv4Addr,
    /// One address of an interface is primary and fixed for its life.
    #[serde(default)]
    pub primary: bool,
    /// Only where the VPC has DNS host names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<Str>,
    /// The public address on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<Association>,
}

/// `NetworkInterfaceAssociation`: an Elastic IP or an automatically assigned public address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Association {
    /// The public address.
    pub public_ip: Ipv4Addr,
    /// Its DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_dns_name: Option<Str>,
    /// Account id for an Elastic IP, `amazon` for an automatic one.
    pub ip_owner_id: Str,
    /// Only an Elastic IP has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// Only an Elastic IP has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// Wavelength zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_ip: Option<Str>,
    /// Outposts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_owned_ip: Option<Str>,
}

impl Association {
    /// An Elastic IP travels with the interface; an automatic address does not.
    pub fn is_elastic(&self) -> bool {
        self.allocation_id.is_some()
    }
}

/// `Ipv6Addresses[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ipv6 {
    /// The address.
    pub ipv6_address: Ipv6Addr,
    /// Lost when the interface is detached.
    #[serde(default)]
    pub is_primary_ipv6: bool,
    /// Its public DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ipv6_dns_name: Option<Str>,
}

/// `GroupIdentifier`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupRef {
    /// The group.
    pub group_id: GroupId,
    /// Its name.
    #[serde(default)]
    pub group_name: Str,
}

/// `NetworkInterfaceAttachment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attachment {
    /// New for every attach; `ela-attach-…` for service attachments.
    pub attachment_id: AttachmentId,
    /// Attaching, attached, detaching.
    pub status: AttachmentStatus,
    /// Position on the network card; unique a card.
    pub device_index: u32,
    /// The network card, 0 for all but multi-card types.
    #[serde(default)]
    pub network_card_index: u32,
    /// Absent for service attachments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// Own account for own instances; `amazon-aws`, `amazon-elb` or a foreign account otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_owner_id: Option<Str>,
    /// Whether terminating the instance deletes the interface.
    #[serde(default)]
    pub delete_on_termination: bool,
    /// When it was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach_time: Option<Time>,
    /// ENA Express.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ena_srd_specification: Option<EnaSrd>,
    /// ENA queues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ena_queue_count: Option<i32>,
}

/// `AttachmentEnaSrdSpecification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnaSrd {
    /// ENA Express is on.
    #[serde(default)]
    pub ena_srd_enabled: bool,
    /// ENA Express for UDP is on (`EnaSrdUdpSpecification.EnaSrdUdpEnabled`).
    #[serde(default)]
    pub ena_srd_udp_enabled: bool,
}

/// `OperatorResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Operator {
    /// A service provider manages the resource.
    #[serde(default)]
    pub managed: bool,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Str>,
    /// Left out of describes unless asked for.
    #[serde(default)]
    pub hidden_by_default: bool,
}

/// `PublicIpDnsNameOptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicIpDnsNameOptions {
    /// Which form the public DNS name has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_hostname_type: Option<Str>,
    /// IPv4 form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ipv4_dns_name: Option<Str>,
    /// IPv6 form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ipv6_dns_name: Option<Str>,
    /// Dual-stack form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_dual_stack_dns_name: Option<Str>,
}

/// `ConnectionTrackingConfiguration`, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConnectionTracking {
    /// 60 to 432,000 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_established_timeout: Option<i32>,
    /// 60 to 180 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udp_stream_timeout: Option<i32>,
    /// 30 to 60 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udp_timeout: Option<i32>,
}
