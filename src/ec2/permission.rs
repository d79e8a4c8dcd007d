//! Rules of security groups.
//!
//! Invariant: one rule names one peer; `IpPermissions`, EC2's older form with several peers in one
//! entry, is made of rules where it is asked for.

use serde::{Deserialize, Serialize};

use super::id::{GroupId, SecurityGroupRuleId, Str};

/// `IpProtocol` of a permission for every protocol.
pub const ALL: &str = "-1";

/// `SecurityGroupRule`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroupRule {
    /// Id.
    #[serde(rename = "SecurityGroupRuleId")]
    pub id: SecurityGroupRuleId,
    /// For traffic that leaves.
    #[serde(default)]
    pub is_egress: bool,
    /// What it lets through.
    #[serde(flatten)]
    pub permission: Permission,
}

/// What a rule lets through. Two permissions that differ in their description only are the same to
/// EC2 ([`Permission::is_same`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or [`ALL`].
    pub ip_protocol: Str,
    /// Lowest port, or ICMP type; absent for every protocol without ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// Highest port, or ICMP code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// From whom, or to whom.
    #[serde(flatten)]
    pub peer: Peer,
    /// Free text.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub description: Str,
}

fn is_empty(text: &Str) -> bool {
    text.is_empty()
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Peer {
    /// An IPv4 range.
    CidrIpv4(Str),
    /// An IPv6 range.
    CidrIpv6(Str),
    /// A prefix list.
    PrefixListId(Str),
    /// Everything in a security group.
    ReferencedGroupId(GroupId),
}

impl Peer {
    /// The range, prefix list or group.
    pub fn as_str(&self) -> &str {
        match self {
            Self::CidrIpv4(text) | Self::CidrIpv6(text) | Self::PrefixListId(text) => text,
            Self::ReferencedGroupId(id) => id.as_str(),
        }
    }
}

impl Permission {
    /// Everything to everywhere, or from everywhere: what a new group lets out.
    pub fn everything(peer: Peer) -> Self {
        Self {
            ip_protocol: ALL.into(),
            from_port: None,
            to_port: None,
            peer,
            description: Str::default(),
        }
    }

    /// Whether EC2 would call the two one rule.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_alike(other) && self.peer == other.peer
    }

    /// Whether the two stand in one entry of `IpPermissions`.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.ip_protocol == other.ip_protocol
            && (self.from_port, self.to_port) == (other.from_port, other.to_port)
    }

    /// As EC2's errors describe it: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`.
    pub fn told(&self) -> String {
        let protocol = match &*self.ip_protocol {
            ALL => "ALL".to_owned(),
            number if number.bytes().all(|b| b.is_ascii_digit()) => format!("protocol: {number}"),
            name => name.to_uppercase(),
        };
        let ports = match (self.from_port, self.to_port) {
            (Some(from), Some(to)) => format!(" from port: {from}, to port: {to},"),
            _ => String::new(),
        };
        format!("peer: {}, {protocol},{ports} ALLOW", self.peer.as_str())
    }
}
