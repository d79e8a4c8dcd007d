//! Calls on the rules of security groups.

use serde::{Deserialize, Serialize};

use super::args::Args;
use crate::ec2::id::{GroupId, SecurityGroupRuleId};
use crate::ec2::permission::{Peer, Permission};

/// Parameters of `AuthorizeSecurityGroupIngress` and `AuthorizeSecurityGroupEgress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorize {
    /// Which group.
    pub group_id: GroupId,
    /// `IpPermissions`, one entry a peer.
    pub permissions: Vec<Permission>,
}

/// Parameters of `RevokeSecurityGroupIngress` and `RevokeSecurityGroupEgress`: rules by what they
/// let through, or by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Revoke {
    /// Which group.
    pub group_id: GroupId,
    /// `IpPermissions`, one entry a peer.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// `SecurityGroupRuleId`.
    #[serde(default)]
    pub security_group_rule_ids: Vec<SecurityGroupRuleId>,
}

impl Authorize {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("GroupId", &self.group_id);
        put_permissions(args, &self.permissions);
    }
}

impl Revoke {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("GroupId", &self.group_id);
        put_permissions(args, &self.permissions);
        let ids = &self.security_group_rule_ids;
        args.list("SecurityGroupRuleId", "security-group-rule-ids", ids);
    }
}

/// List of its peers in `IpPermissions`, and the member of one.
fn peer_names(peer: &Peer) -> (&'static str, &'static str) {
    match peer {
        Peer::CidrIpv4(_) => ("IpRanges", "CidrIp"),
        Peer::CidrIpv6(_) => ("Ipv6Ranges", "CidrIpv6"),
        Peer::PrefixListId(_) => ("PrefixListIds", "PrefixListId"),
        Peer::ReferencedGroupId(_) => ("UserIdGroupPairs", "GroupId"),
    }
}

fn put_permissions(args: &mut Args, permissions: &[Permission]) {
    let mut words = Vec::new();
    for (n, permission) in permissions.iter().enumerate() {
        let head = format!("IpPermissions.{}", n + 1);
        let mut said = vec![format!("IpProtocol={}", permission.ip_protocol)];
        args.wire(format!("{head}.IpProtocol"), &permission.ip_protocol);
        for (name, port) in [
            ("FromPort", permission.from_port),
            ("ToPort", permission.to_port),
        ] {
            if let Some(port) = port {
                said.push(format!("{name}={port}"));
                args.wire(format!("{head}.{name}"), port);
            }
        }
        let (list, member) = peer_names(&permission.peer);
        let mut inner = format!("{member}={}", permission.peer.as_str());
        // The one list whose name over the wire is another one.
        let wire = if list == "UserIdGroupPairs" {
            "Groups"
        } else {
            list
        };
        args.wire(
            format!("{head}.{wire}.1.{member}"),
            permission.peer.as_str(),
        );
        if !permission.description.is_empty() {
            inner.push_str(&format!(",Description={}", permission.description));
            args.wire(
                format!("{head}.{wire}.1.Description"),
                &permission.description,
            );
        }
        said.push(format!("{list}=[{{{inner}}}]"));
        words.push(super::quoted(&said.join(",")));
    }
    if !words.is_empty() {
        args.words.push("--ip-permissions".to_owned());
        args.words.append(&mut words);
    }
}
