//! The preflight: everything that should be known before an interface is moved.
//!
//! Invariants: what EC2 would refuse comes from `rules::attach::blockers` and is only sorted into
//! items here, so that no rule is written twice; every item is judged, also those that pass, because
//! a person at night wants to see that it was looked at; tag values do not appear, they go into the
//! journal.

use super::{Check, Level};
use crate::ec2::call::Attach;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::resource::{CheckStatus, Instance, InstanceState, RouteState, Tag};
use crate::ec2::world::World;
use crate::failover::facts;
use crate::rules::verdict::Denial;
use crate::rules::{attach, limits, ownership};

/// What is judged.
pub(in crate::failover) struct Case<'a> {
    pub world: &'a World,
    pub eni: &'a Eni,
    /// The holder, if an instance holds it and the world knows it.
    pub source: Option<&'a Instance>,
    pub target: &'a Instance,
    /// The attach that would be made.
    pub call: &'a Attach,
}

/// Every item, blocks first, then warnings.
pub(in crate::failover) fn preflight(case: &Case<'_>) -> Vec<Check> {
    let mut checks = of_target(case);
    checks.extend(of_interface(case));
    checks.extend(of_source(case));
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    checks
}

/// What concerns the target.
pub(in crate::failover) fn of_target(case: &Case<'_>) -> Vec<Check> {
    let target = name(case.target);
    let mut checks = refusals(case);
    checks.push(target_checks(case.target, &target));
    checks.push(same_subnet(case, &target));
    checks.push(same_vpc(case, &target));
    checks.push(size(case, &target));
    checks.extend(ownership_of("target", case.target, &target));
    checks
}

/// Items on which EC2 itself has the last word: blocked with its code, or passed with the figures.
fn refusals(case: &Case<'_>) -> Vec<Check> {
    let mut denials: Vec<(&str, Denial)> = attach::blockers(case.world, case.call)
        .into_iter()
        .map(|denial| (item_of(&denial), denial))
        .collect();
    let mut checks = Vec::new();
    for (id, finding) in passes(case) {
        let mut blocked = false;
        while let Some(n) = denials.iter().position(|(item, _)| *item == id) {
            checks.push(block(id, denials.remove(n).1));
            blocked = true;
        }
        if !blocked {
            checks.push(match (id, &case.target.state) {
                ("target-state", InstanceState::Stopped) => warn(
                    id,
                    finding,
                    "Start it after the move: until then nothing answers.",
                ),
                ("target-state", InstanceState::Other(_)) => {
                    warn(id, finding, "Look at the instance before moving anything.")
                }
                _ => pass(id, finding),
            });
        }
    }
    checks.extend(denials.into_iter().map(|(id, denial)| block(id, denial)));
    checks
}

/// The item that a refusal belongs to, by EC2's code.
fn item_of(denial: &Denial) -> &'static str {
    match denial.code {
        "InvalidParameterCombination" if denial.message.contains("availability zone") => {
            "same-zone"
        }
        "InvalidParameterCombination" => "efa",
        "IncorrectState" | "IncorrectInstanceState" => "target-state",
        "InvalidParameterValue" => "free-slot",
        "AttachmentLimitExceeded" => "interface-limit",
        "PrivateIpAddressLimitExceeded" if denial.because.contains("IPv6") => "ipv6-limit",
        "PrivateIpAddressLimitExceeded" => "ipv4-limit",
        "AuthFailure" | "OperationNotPermitted" => "not-service-managed",
        _ => "accepted-by-ec2",
    }
}

fn passes(case: &Case<'_>) -> Vec<(&'static str, String)> {
    let target = name(case.target);
    let kind = &case.target.instance_type;
    let limits = limits::in_world(case.world, kind);
    let has = case.world.enis_of(&case.target.id).len();
    let unknown = || format!("the limits of {kind} are not known: EC2 will say");
    let limit = |text: Option<String>| text.unwrap_or_else(unknown);
    let ipv4 = case.eni.ipv4_count();
    let ipv6 = case.eni.ipv6_addresses.len() + case.eni.ipv6_prefixes.len();
    vec![
        (
            "same-zone",
            format!("both are in {}", case.eni.availability_zone),
        ),
        (
            "not-service-managed",
            "the interface is this account's own".to_owned(),
        ),
        (
            "target-state",
            match case.target.state {
                InstanceState::Running => format!("{target} is running: hot attach"),
                InstanceState::Stopped => format!("{target} is stopped: warm attach"),
                ref state => format!("{target} is {state}"),
            },
        ),
        (
            "free-slot",
            format!(
                "card {} index {} of {target} is free",
                case.call.network_card_index, case.call.device_index
            ),
        ),
        (
            "interface-limit",
            limit(limits.as_ref().map(|l| {
                format!(
                    "{target} will have {} of {} interfaces",
                    has + 1,
                    l.interfaces_max
                )
            })),
        ),
        (
            "ipv4-limit",
            limit(limits.as_ref().map(|l| {
                format!(
                    "{ipv4} of {} IPv4 addresses for one interface of {kind}",
                    l.ipv4_per_interface_max
                )
            })),
        ),
        (
            "ipv6-limit",
            match limits.as_ref().and_then(|l| l.ipv6_per_interface_max) {
                _ if ipv6 == 0 => "the interface has no IPv6 address".to_owned(),
                Some(max) => {
                    format!("{ipv6} of {max} IPv6 addresses for one interface of {kind}")
                }
                None => unknown(),
            },
        ),
    ]
}

fn target_checks(target: &Instance, called: &str) -> Check {
    let id = "target-checks";
    if target.state != InstanceState::Running {
        return pass(
            id,
            format!("{called} is {}: no status checks", target.state),
        );
    }
    let status = statuses(target);
    if target.is_impaired() {
        warn(
            id,
            format!("{called} fails its own status checks ({status})"),
            "Choose a healthy instance if there is one.",
        )
    } else if target.system_status == CheckStatus::Ok && target.instance_status == CheckStatus::Ok {
        pass(id, format!("{called} passes both status checks"))
    } else {
        warn(
            id,
            format!("the status checks of {called} say nothing yet ({status})"),
            "Wait for them if there is time.",
        )
    }
}

fn statuses(instance: &Instance) -> String {
    format!(
        "system {}, instance {}",
        instance.system_status, instance.instance_status
    )
}

fn same_subnet(case: &Case<'_>, target: &str) -> Check {
    let id = "same-subnet";
    let held = case.world.enis_of(&case.target.id);
    let twin = held
        .iter()
        .find(|e| e.subnet_id == case.eni.subnet_id && e.id != case.eni.id);
    match twin {
        None => pass(
            id,
            format!("{target} has no other interface in this subnet"),
        ),
        Some(twin) => warn(
            id,
            format!(
                "{target} already has {} in this subnet: replies may leave by the wrong interface",
                twin.id
            ),
            "See that the guest has a routing rule for each address (amazon-ec2-net-utils and \
             cloud-init hotplug do it).",
        ),
    }
}

fn same_vpc(case: &Case<'_>, target: &str) -> Check {
    let id = "same-vpc";
    match &case.target.vpc_id {
        Some(vpc) if *vpc != case.eni.vpc_id => warn(
            id,
            format!(
                "{target} is in {vpc}, the interface stays in {}",
                case.eni.vpc_id
            ),
            "EC2 allows it within an account since October 2023; the interface keeps the routes \
             and groups of its own VPC.",
        ),
        _ => pass(id, format!("both are in {}", case.eni.vpc_id)),
    }
}

fn size(case: &Case<'_>, target: &str) -> Check {
    let id = "target-size";
    let Some(source) = case.source else {
        return pass(id, format!("{target} is a {}", case.target.instance_type));
    };
    let (from, to) = (&source.instance_type, &case.target.instance_type);
    match (size_rank(from), size_rank(to)) {
        (Some(a), Some(b)) if b < a => warn(
            id,
            format!("{target} is a smaller type: {to} instead of {from}"),
            "See that it carries the load.",
        ),
        _ => pass(id, format!("{to} instead of {from}")),
    }
}

/// Sizes of instance types in order; `None` for those that cannot be compared by name.
fn size_rank(instance_type: &str) -> Option<u32> {
    let (_, size) = instance_type.split_once('.')?;
    match size {
        "nano" => Some(0),
        "micro" => Some(1),
        "small" => Some(2),
        "medium" => Some(3),
        "large" => Some(4),
        "xlarge" => Some(5),
        _ => {
            let times: u32 = size.strip_suffix("xlarge")?.parse().ok()?;
            Some(times.saturating_add(4))
        }
    }
}

/// Who may replace an instance, or take it away: Auto Scaling, Spot, a controller.
fn ownership_of(role: &str, instance: &Instance, called: &str) -> Vec<Check> {
    let spot = match instance.instance_lifecycle.as_deref() {
        Some("spot") => warn(
            &format!("{role}-spot"),
            format!("{called} is a Spot Instance: EC2 may take it away"),
            "Prefer an on-demand instance for a service address.",
        ),
        _ => pass(
            &format!("{role}-spot"),
            format!("{called} is no Spot Instance"),
        ),
    };
    let scaling = has_key(&instance.tags, &["aws:autoscaling:groupName"]);
    let scaling = match scaling {
        Some(_) => warn(
            &format!("{role}-auto-scaling"),
            format!("{called} belongs to an Auto Scaling group, which may replace it"),
            "Set it to standby or protect it from scale-in for as long as it holds the address.",
        ),
        None => pass(
            &format!("{role}-auto-scaling"),
            format!("{called} belongs to no Auto Scaling group"),
        ),
    };
    vec![scaling, spot]
}

/// What concerns the interface itself.
fn of_interface(case: &Case<'_>) -> Vec<Check> {
    let eni = case.eni;
    vec![
        pass(
            "secondary",
            "it is not the primary interface of an instance".to_owned(),
        ),
        attachment_known(eni),
        delete_on_termination(eni),
        routes(case),
        elastic_ips(case),
        primary_ipv6(eni),
        controllers(case),
    ]
}

fn attachment_known(eni: &Eni) -> Check {
    let id = "attachment-known";
    let Some(attachment) = &eni.attachment else {
        return pass(id, "attached to nothing: no detach is needed".to_owned());
    };
    let found = format!("{} is {}", attachment.attachment_id, attachment.status);
    match attachment.status {
        AttachmentStatus::Attached => pass(id, found),
        _ => Check {
            level: Level::Block,
            ..warn(
                id,
                format!("{found}: something is already under way"),
                "Wait until EC2 has finished, then plan again.",
            )
        },
    }
}

fn delete_on_termination(eni: &Eni) -> Check {
    let id = "delete-on-termination";
    match &eni.attachment {
        Some(a) if a.delete_on_termination => warn(
            id,
            "on: terminating the old instance before the detach ends would delete the interface"
                .to_owned(),
            "The first step turns it off.",
        ),
        Some(_) => pass(id, "off on the old attachment".to_owned()),
        None => pass(id, "no attachment".to_owned()),
    }
}

fn routes(case: &Case<'_>) -> Check {
    let id = "routes";
    let routes = facts::routes(case.world, &case.eni.id);
    if routes.is_empty() {
        return pass(id, "no route has it as target".to_owned());
    }
    let found: Vec<_> = routes.iter().map(|(_, r)| r.destination.as_ref()).collect();
    let found = found.join(", ");
    let attached = case.eni.attachment.is_some();
    if case.eni.source_dest_check {
        warn(
            id,
            format!(
                "routed to it ({found}) while its source/dest check is on: EC2 drops what it forwards"
            ),
            "Turn the check off if it forwards traffic of others; it travels as it is.",
        )
    } else if attached && routes.iter().any(|(_, r)| r.state != RouteState::Active) {
        warn(
            id,
            format!("a route to it is not active already ({found})"),
            "It becomes active on a running target.",
        )
    } else {
        pass(
            id,
            format!("routes follow it: {found}; blackhole meanwhile"),
        )
    }
}

fn elastic_ips(case: &Case<'_>) -> Check {
    let id = "elastic-ip";
    let own: Vec<_> = case
        .eni
        .associations()
        .map(|(_, a)| a.public_ip.to_string())
        .collect();
    let elsewhere = case.source.and_then(|source| {
        let held = case.world.enis_of(&source.id);
        held.iter()
            .filter(|e| e.id != case.eni.id)
            .find_map(|e| e.associations().find(|(_, a)| a.is_elastic()))
            .map(|(_, a)| (a.public_ip, name(source)))
    });
    match elsewhere {
        Some((ip, source)) if own.is_empty() => warn(
            id,
            format!("Elastic IP {ip} is on another interface of {source} and stays there"),
            "Associate it with this interface if clients use it.",
        ),
        _ if own.is_empty() => pass(id, "none on it".to_owned()),
        _ if case.eni.associations().any(|(_, a)| !a.is_elastic()) => warn(
            id,
            format!(
                "{}: an automatic public address does not travel",
                own.join(", ")
            ),
            "Use an Elastic IP for a service address.",
        ),
        _ => pass(id, format!("{} travels with it", own.join(", "))),
    }
}

fn primary_ipv6(eni: &Eni) -> Check {
    let id = "primary-ipv6";
    match eni.ipv6_addresses.iter().find(|ip| ip.is_primary_ipv6) {
        Some(ip) => warn(
            id,
            format!(
                "{} loses its mark as primary IPv6 address by the detach",
                ip.ipv6_address
            ),
            "Set it again afterwards (ModifyNetworkInterfaceAttribute, EnablePrimaryIpv6).",
        ),
        None => pass(id, "no primary IPv6 address".to_owned()),
    }
}

/// Tags of those that would undo the move.
const CONTROLLERS: [&str; 6] = [
    "node.k8s.amazonaws.com/",
    "cluster.k8s.amazonaws.com/",
    "kubernetes.io/cluster/",
    "eks:",
    "karpenter.sh/",
    "aws:cloudformation:",
];

fn controllers(case: &Case<'_>) -> Check {
    let id = "controllers";
    let mut tagged: Vec<(String, &str)> = Vec::new();
    let mut look = |called: String, tags: &'_ [Tag]| {
        if let Some(prefix) = has_key(tags, &CONTROLLERS) {
            tagged.push((called, prefix));
        }
    };
    look("the interface".to_owned(), &case.eni.tag_set);
    look(name(case.target), &case.target.tags);
    if let Some(source) = case.source {
        look(name(source), &source.tags);
    }
    if let Some(owner) = ownership::owner(case.eni) {
        return warn(
            id,
            format!("the interface looks like one of {}", owner.service),
            &owner.because,
        );
    }
    match tagged.first() {
        None => pass(id, "no tag of a controller".to_owned()),
        Some((called, prefix)) => warn(
            id,
            format!("{called} carries a tag {prefix}…: a controller may undo the move"),
            "Tell it, or pause it, for as long as the move shall last.",
        ),
    }
}

/// What concerns the instance that holds it now.
fn of_source(case: &Case<'_>) -> Vec<Check> {
    let Some(source) = case.source else {
        return Vec::new();
    };
    let called = name(source);
    let checks = if source.is_impaired() {
        warn(
            "source-checks",
            format!(
                "{called} is impaired ({}): the detach may take long, and it may still write",
                statuses(source)
            ),
            "Stop it after the move, before it wakes.",
        )
    } else {
        pass("source-checks", format!("{called} is {}", source.state))
    };
    let mut all = vec![checks];
    all.extend(ownership_of("source", source, &called));
    all
}

/// What people call an instance.
pub(in crate::failover) fn name(instance: &Instance) -> String {
    instance
        .name()
        .map_or_else(|| instance.id.to_string(), str::to_owned)
}

fn has_key<'a>(tags: &[Tag], prefixes: &[&'a str]) -> Option<&'a str> {
    prefixes
        .iter()
        .find(|prefix| tags.iter().any(|t| t.key.starts_with(**prefix)))
        .copied()
}

fn pass(id: &str, finding: String) -> Check {
    Check {
        id: id.to_owned(),
        level: Level::Pass,
        finding,
        remedy: String::new(),
        code: None,
    }
}

fn warn(id: &str, finding: String, remedy: &str) -> Check {
    Check {
        level: Level::Warn,
        remedy: remedy.to_owned(),
        ..pass(id, finding)
    }
}

fn block(id: &str, denial: Denial) -> Check {
    Check {
        level: Level::Block,
        remedy: denial.instead,
        code: Some(denial.code.to_owned()),
        ..pass(id, denial.because)
    }
}
