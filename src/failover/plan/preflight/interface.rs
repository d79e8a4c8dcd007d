//! What should be known of the interface itself.

use super::{Case, has_key, name, pass, warn};
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::resource::{RouteState, Tag};
use crate::failover::facts;
use crate::failover::plan::{Check, Level};
use crate::rules::ownership;

/// What concerns the interface itself.
pub(super) fn of_interface(case: &Case<'_>) -> Vec<Check> {
    let eni = case.eni;
    if case.attach.is_none() {
        return vec![attachment_known(eni), controllers(case)];
    }
    vec![
        pass(
            "secondary",
            "it is not the primary interface of an instance".to_owned(),
        ),
        attachment_known(eni),
        delete_on_termination(eni),
        routes(case),
        routes_by_instance(case),
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

/// Routes that lead to the old instance by another of its interfaces stay with it: EC2 keeps a route
/// that was made for an instance id as one to its interface (VPC User Guide, "Route table concepts").
fn routes_by_instance(case: &Case<'_>) -> Check {
    let id = "routes-by-instance";
    let Some(source) = case.source else {
        return pass(id, "no instance holds it".to_owned());
    };
    let held = case.world.enis_of(&source.id);
    let others = held.iter().filter(|eni| eni.id != case.eni.id);
    let staying: Vec<String> = others
        .flat_map(|eni| facts::routes(case.world, &eni.id))
        .map(|(_, route)| route.destination.to_string())
        .collect();
    let called = name(source);
    if staying.is_empty() {
        return pass(id, format!("no route leads to {called} another way"));
    }
    warn(
        id,
        format!(
            "{} lead to {called} by another interface and stay there",
            staying.join(", ")
        ),
        "Replace these routes too if the target is to take them over (--mechanism route).",
    )
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
