//! `DescribeSecurityGroups` and `DescribeSecurityGroupRules`.

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{PAGES, Values, all_exist, all_well_formed, listed, one, passes, told, write_tags};
use crate::ec2::error::ApiError;
use crate::ec2::id::GroupId;
use crate::ec2::permission::{Peer, Permission, SecurityGroupRule};
use crate::ec2::resource::SecurityGroup;
use crate::ec2::world::World;

const GROUPS: Ask = Ask {
    action: "DescribeSecurityGroups",
    ids: ("GroupId", "groupIdSet"),
    rows: PAGES,
    exclusive: false,
    filters: &[
        "description",
        "egress.ip-permission.cidr",
        "egress.ip-permission.from-port",
        "egress.ip-permission.group-id",
        "egress.ip-permission.ipv6-cidr",
        "egress.ip-permission.prefix-list-id",
        "egress.ip-permission.protocol",
        "egress.ip-permission.to-port",
        "group-id",
        "group-name",
        "ip-permission.cidr",
        "ip-permission.from-port",
        "ip-permission.group-id",
        "ip-permission.ipv6-cidr",
        "ip-permission.prefix-list-id",
        "ip-permission.protocol",
        "ip-permission.to-port",
        "owner-id",
        "tag-key",
        "vpc-id",
    ],
};

const RULES: Ask = Ask {
    action: "DescribeSecurityGroupRules",
    ids: ("SecurityGroupRuleId", "securityGroupRuleIdSet"),
    rows: PAGES,
    exclusive: false,
    filters: &["group-id", "security-group-rule-id", "tag-key"],
};

/// `DescribeSecurityGroups`.
pub(super) fn groups(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = GROUPS.query(world, params)?;
    let known = |id: &str| world.group(&id.into()).is_some();
    all_well_formed(
        &query.ids,
        "InvalidGroupId.Malformed",
        GroupId::PREFIX,
        |id| known(id) || GroupId::well_formed(id),
    )?;
    if let Some(id) = query.ids.iter().find(|id| !known(id)) {
        let message = format!("The security group '{id}' does not exist");
        return Err(ApiError::new("InvalidGroup.NotFound", message));
    }
    let page = query.page(
        world.groups(),
        |group| group.id.as_str(),
        |group, filter| passes(filter, &group.tags, |name| of_group(world, group, name)),
    );
    listed(&query, "securityGroupInfo", page, |x, group| {
        x.text("ownerId", &world.account);
        x.text("groupId", &group.id);
        x.text("groupName", &group.group_name);
        x.text("groupDescription", &group.description);
        x.text("vpcId", &group.vpc_id);
        write_permissions(x, world, "ipPermissions", group, false);
        write_permissions(x, world, "ipPermissionsEgress", group, true);
        write_tags(x, &group.tags);
    })
}

fn of_group<'a>(world: &'a World, group: &'a SecurityGroup, name: &str) -> Values<'a> {
    let (egress, member) = match name.strip_prefix("egress.") {
        Some(name) => (true, name),
        None => (false, name),
    };
    if let Some(member) = member.strip_prefix("ip-permission.") {
        let rules = group.rules.iter().filter(|r| r.is_egress == egress);
        return rules
            .flat_map(|r| of_permission(&r.permission, member))
            .collect();
    }
    match name {
        "description" => one(Some(&group.description)),
        "group-id" => one(Some(group.id.as_str())),
        "group-name" => one(Some(&group.group_name)),
        "owner-id" => one(Some(&world.account)),
        "vpc-id" => one(Some(group.vpc_id.as_str())),
        _ => Vec::new(),
    }
}

fn of_permission<'a>(permission: &'a Permission, member: &str) -> Values<'a> {
    match (member, &permission.peer) {
        ("cidr", Peer::CidrIpv4(_))
        | ("ipv6-cidr", Peer::CidrIpv6(_))
        | ("prefix-list-id", Peer::PrefixListId(_))
        | ("group-id", Peer::ReferencedGroupId(_)) => one(Some(permission.peer.as_str())),
        ("protocol", _) => one(Some(&permission.ip_protocol)),
        ("from-port", _) => permission.from_port.map_or_else(Vec::new, told),
        ("to-port", _) => permission.to_port.map_or_else(Vec::new, told),
        _ => Vec::new(),
    }
}

/// `IpPermission`: one entry for all peers of a protocol and its ports.
fn write_permissions(x: &mut Xml, world: &World, set: &str, group: &SecurityGroup, egress: bool) {
    let rules = group.rules.iter().filter(|r| r.is_egress == egress);
    let mut entries: Vec<Vec<&Permission>> = Vec::new();
    for permission in rules.map(|r| &r.permission) {
        let alike = |entry: &&mut Vec<&Permission>| entry.iter().any(|p| p.is_alike(permission));
        match entries.iter_mut().find(alike) {
            Some(entry) => entry.push(permission),
            None => entries.push(vec![permission]),
        }
    }
    x.list(set, entries, |x, entry| {
        if let Some(first) = entry.first() {
            write_protocol(x, first);
        }
        type Is = fn(&Peer) -> bool;
        let peers: [(&str, &str, Is); 4] = [
            ("groups", "groupId", |p| {
                matches!(p, Peer::ReferencedGroupId(_))
            }),
            ("ipRanges", "cidrIp", |p| matches!(p, Peer::CidrIpv4(_))),
            ("ipv6Ranges", "cidrIpv6", |p| matches!(p, Peer::CidrIpv6(_))),
            ("prefixListIds", "prefixListId", |p| {
                matches!(p, Peer::PrefixListId(_))
            }),
        ];
        for (list, member, is) in peers {
            let of_kind = entry.iter().filter(|p| is(&p.peer));
            x.list(list, of_kind, |x, permission| {
                if list == "groups" {
                    x.text("userId", &world.account);
                }
                x.text(member, permission.peer.as_str());
                write_description(x, permission);
            });
        }
    });
}

fn write_protocol(x: &mut Xml, permission: &Permission) {
    x.text("ipProtocol", &permission.ip_protocol);
    x.maybe("fromPort", permission.from_port);
    x.maybe("toPort", permission.to_port);
}

fn write_description(x: &mut Xml, permission: &Permission) {
    let text = &permission.description;
    x.maybe("description", Some(text).filter(|t| !t.is_empty()));
}

/// `DescribeSecurityGroupRules`.
pub(super) fn rules(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = RULES.query(world, params)?;
    let mut all: Vec<(&SecurityGroup, &SecurityGroupRule)> = world
        .groups()
        .flat_map(|group| group.rules.iter().map(|rule| (&**group, rule)))
        .collect();
    all.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    all_exist(
        &query.ids,
        "InvalidSecurityGroupRuleId.NotFound",
        "security group rule",
        |id| all.iter().any(|(_, rule)| rule.id.as_str() == id),
    )?;
    let page = query.page(
        all,
        |(_, rule)| rule.id.as_str(),
        |(group, rule), filter| {
            passes(filter, &[], |name| match name {
                "group-id" => one(Some(group.id.as_str())),
                "security-group-rule-id" => one(Some(rule.id.as_str())),
                _ => Vec::new(),
            })
        },
    );
    listed(&query, "securityGroupRuleSet", page, |x, (group, rule)| {
        write_rule(x, world, group, rule);
    })
}

/// `SecurityGroupRule`.
pub(in crate::wire) fn write_rule(
    x: &mut Xml,
    world: &World,
    group: &SecurityGroup,
    rule: &SecurityGroupRule,
) {
    let permission = &rule.permission;
    x.text("securityGroupRuleId", &rule.id);
    x.text("groupId", &group.id);
    x.text("groupOwnerId", &world.account);
    x.text("isEgress", rule.is_egress);
    x.text("ipProtocol", &permission.ip_protocol);
    // Here, and not in `IpPermission`, -1 stands for what has no ports.
    x.text("fromPort", permission.from_port.unwrap_or(-1));
    x.text("toPort", permission.to_port.unwrap_or(-1));
    match &permission.peer {
        Peer::CidrIpv4(cidr) => _ = x.text("cidrIpv4", cidr),
        Peer::CidrIpv6(cidr) => _ = x.text("cidrIpv6", cidr),
        Peer::PrefixListId(id) => _ = x.text("prefixListId", id),
        Peer::ReferencedGroupId(id) => {
            x.within("referencedGroupInfo", |x| {
                x.text("groupId", id).text("userId", &world.account);
            });
        }
    }
    write_description(x, permission);
    write_tags(x, &[]);
}
