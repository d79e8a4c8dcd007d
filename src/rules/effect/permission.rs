//! Rules of security groups.

use super::{Effect, Mint};
use crate::ec2::call::{Answer, Authorize, Revoke};
use crate::ec2::change::Change;
use crate::ec2::id::{GroupId, SecurityGroupRuleId};
use crate::ec2::permission::{Peer, Permission, SecurityGroupRule};
use crate::ec2::resource::SecurityGroup;
use crate::ec2::world::World;
use crate::rules::permission::shown;

/// A rule with a fresh id.
fn rule(permission: Permission, is_egress: bool, mint: &mut dyn Mint) -> SecurityGroupRule {
    SecurityGroupRule {
        id: SecurityGroupRuleId::new(mint.id(SecurityGroupRuleId::PREFIX)),
        is_egress,
        permission,
    }
}

/// What a group lets through when nobody has changed it: everything out, and into a VPC's default
/// group everything from its own members (VPC User Guide, "Default security groups").
pub fn at_first(id: &GroupId, default: bool, mint: &mut dyn Mint) -> Vec<SecurityGroupRule> {
    let mut rules = Vec::new();
    if default {
        let own = Permission::everything(Peer::ReferencedGroupId(id.clone()));
        rules.push(rule(own, false, mint));
    }
    let out = Permission::everything(Peer::CidrIpv4("0.0.0.0/0".into()));
    rules.push(rule(out, true, mint));
    rules
}

/// The group with more rules.
pub fn authorize(world: &World, call: &Authorize, egress: bool, mint: &mut dyn Mint) -> Effect {
    let Some(group) = world.group(&call.group_id) else {
        return Effect::default();
    };
    let permissions = call.permissions.iter();
    let new: Vec<_> = permissions
        .map(|permission| rule(shown(permission), egress, mint))
        .collect();
    let answer = Answer {
        security_group_rule_ids: new.iter().map(|r| r.id.clone()).collect(),
        ..Answer::default()
    };
    let mut rules = group.rules.clone();
    rules.extend(new);
    Effect {
        answer,
        at_once: vec![with(group, rules)],
        under_way: Vec::new(),
    }
}

/// The group with fewer rules.
pub fn revoke(world: &World, call: &Revoke, egress: bool) -> Effect {
    let Some(group) = world.group(&call.group_id) else {
        return Effect::default();
    };
    let gone: Vec<_> = call.permissions.iter().map(shown).collect();
    let goes = |rule: &SecurityGroupRule| {
        let by_id = call.security_group_rule_ids.contains(&rule.id);
        by_id || gone.iter().any(|p| p.is_same(&rule.permission))
    };
    let mut rules = group.rules.clone();
    rules.retain(|rule| rule.is_egress != egress || !goes(rule));
    Effect {
        at_once: vec![with(group, rules)],
        ..Effect::default()
    }
}

fn with(group: &SecurityGroup, rules: Vec<SecurityGroupRule>) -> Change {
    let group = SecurityGroup {
        rules,
        ..group.clone()
    };
    Change::Group(group.id.clone(), Some(Box::new(group)))
}
