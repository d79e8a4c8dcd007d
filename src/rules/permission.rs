//! Whether rules of a security group may be added and taken away.
//!
//! Invariants: a call is accepted or refused as a whole; what is looked up and kept is the form in
//! which EC2 shows a permission ([`shown`]): protocols by name, ranges without host bits.

use super::addresses::{Range, Range6};
use super::find;
use super::modify::DIFFERENT_NETWORKS;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{Authorize, Revoke};
use crate::ec2::id::Str;
use crate::ec2::permission::{ALL, Peer, Permission, SecurityGroupRule};
use crate::ec2::resource::SecurityGroup;
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";

/// The first refusal in EC2's order.
pub fn check_authorize(world: &World, call: &Authorize, egress: bool) -> Verdict {
    let group = find::group(world, &call.group_id)?;
    some(&call.permissions, true)?;
    let mut new: Vec<Permission> = Vec::new();
    for permission in &call.permissions {
        sensible(permission)?;
        peer(world, group, permission)?;
        let permission = shown(permission);
        let mut has = group.rules.iter().filter(|r| r.is_egress == egress);
        if has.any(|r| r.permission.is_same(&permission))
            || new.iter().any(|p| p.is_same(&permission))
        {
            let told = permission.told();
            // hashicorp/terraform#1874.
            return Err(Denial::verified(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{told}\" already exists"),
            )
            .because(format!("{} has that rule already.", group.group_name))
            .instead("Leave it out."));
        }
        new.push(permission);
    }
    let has = group.rules.iter().filter(|r| r.is_egress == egress).count();
    let may = world.quotas.rules_per_group;
    if has + new.len() <= may {
        return Ok(());
    }
    // aws-samples/aws-cloudfront-samples#53.
    Err(Denial::verified(
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.",
    )
    .because(format!(
        "{} has {has} of {may} rules in that direction, and {} more are asked for.",
        group.group_name,
        new.len()
    ))
    .instead("Join ranges, use a prefix list, or have the quota raised."))
}

/// The first refusal in EC2's order.
pub fn check_revoke(world: &World, call: &Revoke, egress: bool) -> Verdict {
    let group = find::group(world, &call.group_id)?;
    let by_id = &call.security_group_rule_ids;
    some(&call.permissions, by_id.is_empty())?;
    let has = |wanted: &dyn Fn(&SecurityGroupRule) -> bool| {
        let mut rules = group.rules.iter();
        rules.any(|r| r.is_egress == egress && wanted(r))
    };
    if let Some(id) = by_id.iter().find(|id| !has(&|r| r.id == **id)) {
        return Err(Denial::approximate(
            "InvalidSecurityGroupRuleId.NotFound",
            format!("The security group rule ID '{id}' does not exist"),
        )
        .because(format!(
            "{} has no such rule in that direction.",
            group.group_name
        ))
        .instead("Look at the group's rules."));
    }
    for permission in &call.permissions {
        sensible(permission)?;
        let wanted = shown(permission);
        if !has(&|r| r.permission.is_same(&wanted)) {
            return Err(Denial::approximate(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            )
            .because(format!(
                "{} does not have the rule {:?}.",
                group.group_name,
                wanted.told()
            ))
            .instead("Look at the group's rules."));
        }
    }
    Ok(())
}

fn some(permissions: &[Permission], needed: bool) -> Verdict {
    if needed && permissions.is_empty() {
        return Err(find::missing("ipPermissions")
            .because("The call names no rule.")
            .instead("Give one at least."));
    }
    Ok(())
}

/// Protocol, ports and range that EC2 can read.
fn sensible(permission: &Permission) -> Verdict {
    let said = &permission.ip_protocol;
    let Some(protocol) = protocol(said) else {
        return Err(Denial::approximate(
            VALUE,
            format!("Invalid value '{said}' for IP protocol. Unknown protocol."),
        )
        .because("A protocol is tcp, udp, icmp, icmpv6, a number up to 255, or -1 for all.")
        .instead("Give one of these."));
    };
    let (from, to) = (permission.from_port, permission.to_port);
    if matches!(&*protocol, "tcp" | "udp") {
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Denial::approximate(
                VALUE,
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
            )
            .because(format!(
                "{protocol} has ports, and the rule does not say which."
            ))
            .instead("Give FromPort and ToPort."));
        };
        if from > to || !(0..=65_535).contains(&from) || to > 65_535 {
            return Err(Denial::approximate(
                VALUE,
                format!("Invalid TCP/UDP port range ({from}:{to})"),
            )
            .because("Ports go from 0 to 65535, the lower one first.")
            .instead("Give such a range."));
        }
    }
    let readable = match &permission.peer {
        Peer::CidrIpv4(cidr) => Range::parse(cidr).is_some(),
        Peer::CidrIpv6(cidr) => Range6::parse(cidr).is_some(),
        Peer::PrefixListId(_) | Peer::ReferencedGroupId(_) => true,
    };
    if readable {
        return Ok(());
    }
    let cidr = permission.peer.as_str();
    Err(
        Denial::approximate(VALUE, format!("CIDR block {cidr} is malformed"))
            .because(format!("{cidr:?} is no range."))
            .instead("Give one such as 10.0.0.0/16."),
    )
}

/// A group that a rule names is one of the same VPC.
fn peer(world: &World, group: &SecurityGroup, permission: &Permission) -> Verdict {
    let Peer::ReferencedGroupId(id) = &permission.peer else {
        return Ok(());
    };
    let other = find::group(world, id)?;
    if other.vpc_id == group.vpc_id {
        return Ok(());
    }
    Err(
        Denial::approximate("InvalidGroup.NotFound", DIFFERENT_NETWORKS)
            .because(format!(
                "Security group {} ({id}) is of {}; {} is of {}.",
                other.group_name, other.vpc_id, group.group_name, group.vpc_id
            ))
            .instead("Name a range, or a group of the same VPC."),
    )
}

/// The protocol as EC2 shows it; `None` if there is none.
fn protocol(said: &str) -> Option<Str> {
    Some(match said.to_ascii_lowercase().as_str() {
        "tcp" | "6" => "tcp".into(),
        "udp" | "17" => "udp".into(),
        "icmp" | "1" => "icmp".into(),
        "icmpv6" | "58" => "icmpv6".into(),
        ALL | "all" => ALL.into(),
        number => number.parse::<u8>().ok()?.to_string().into(),
    })
}

/// The permission as EC2 keeps and shows it.
pub fn shown(permission: &Permission) -> Permission {
    let protocol = protocol(&permission.ip_protocol);
    let protocol = protocol.unwrap_or_else(|| permission.ip_protocol.clone());
    let with_ports = matches!(&*protocol, "tcp" | "udp" | "icmp" | "icmpv6");
    let range = |cidr: &Str| Range::parse(cidr).map(Range::cidr);
    Permission {
        from_port: permission.from_port.filter(|_| with_ports),
        to_port: permission.to_port.filter(|_| with_ports),
        ip_protocol: protocol,
        peer: match &permission.peer {
            Peer::CidrIpv4(cidr) => Peer::CidrIpv4(range(cidr).unwrap_or_else(|| cidr.clone())),
            other => other.clone(),
        },
        description: permission.description.clone(),
    }
}
