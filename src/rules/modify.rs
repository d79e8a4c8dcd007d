//! Whether an attribute may be changed.
//!
//! Invariant: EC2 takes exactly one attribute a call, and `DeleteOnTermination` only together with
//! the attachment that holds the interface now.

use super::find::{self, eni_called};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{Modify, Reset};
use crate::ec2::eni::{ConnectionTracking, Eni};
use crate::ec2::id::{AttachmentId, GroupId};
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check(world: &World, call: &Modify) -> Verdict {
    one_attribute(call)?;
    find::eni_form(world, &call.network_interface_id)?;
    let eni = find::eni(world, &call.network_interface_id)?;
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    if let Some((attachment, _)) = &call.delete_on_termination {
        current_attachment(world, eni, attachment)?;
    }
    if let Some(ids) = &call.groups {
        groups(world, eni, ids)?;
    }
    if let Some(on) = call.enable_primary_ipv6 {
        primary_ipv6(eni, on)?;
    }
    match &call.connection_tracking_specification {
        Some(tracking) => timeouts(tracking),
        None => Ok(()),
    }
}

/// The first refusal of a reset, in EC2's order.
pub fn check_reset(world: &World, call: &Reset) -> Verdict {
    if call.source_dest_check.is_none() {
        return Err(no_attribute());
    }
    find::eni_form(world, &call.network_interface_id)?;
    let eni = find::eni(world, &call.network_interface_id)?;
    match ownership::refusal(world, eni) {
        Some(denial) => Err(denial),
        None => Ok(()),
    }
}

/// EC2's text for a security group and an interface that are not of one VPC.
pub(super) const DIFFERENT_NETWORKS: &str =
    "You have specified two resources that belong to different networks.";

/// Whether an interface may be in these groups, instead of those it is in.
pub(super) fn groups(world: &World, eni: &Eni, ids: &[GroupId]) -> Verdict {
    let name = eni_called(eni);
    if ids.is_empty() {
        return Err(find::missing("groupId")
            .because(format!("{name} has to be in one security group at least."))
            .instead("Give the groups that it is in from then on."));
    }
    for id in ids {
        let group = find::group(world, id)?;
        if group.vpc_id != eni.vpc_id {
            return Err(
                Denial::verified("InvalidGroup.NotFound", DIFFERENT_NETWORKS)
                    .because(format!(
                        "Security group {} ({id}) is of {}; {name} is of {}.",
                        group.group_name, group.vpc_id, eni.vpc_id
                    ))
                    .instead(format!("Choose a security group of {}.", eni.vpc_id)),
            );
        }
    }
    let (count, may) = (ids.len(), world.quotas.groups_per_interface);
    if count <= may {
        return Ok(());
    }
    Err(Denial::verified(
        "SecurityGroupsPerInterfaceLimitExceeded",
        "The maximum number of security groups per interface has been reached.",
    )
    .because(format!(
        "The call names {count} security groups; an interface may have {may}."
    ))
    .instead("Name fewer groups, or have the quota raised (it may be up to 16)."))
}

fn primary_ipv6(eni: &Eni, on: bool) -> Verdict {
    let value = "InvalidParameterValue";
    let name = eni_called(eni);
    let is_on = eni.ipv6_addresses.iter().any(|ip| ip.is_primary_ipv6);
    if !on && is_on {
        return Err(
            Denial::approximate(value, "The primary IPv6 address cannot be disabled.")
                .because(format!("{name} has a primary IPv6 address, and keeps it."))
                .instead("It is lost when the interface is detached."),
        );
    }
    if on && eni.ipv6_addresses.is_empty() {
        return Err(
            Denial::approximate(value, "The network interface has no IPv6 address.")
                .because(format!("{name} has no IPv6 address that could be primary."))
                .instead("Assign one first."),
        );
    }
    Ok(())
}

/// Bounds of the idle timeouts in seconds (EC2 User Guide, "Connection tracking").
pub(super) fn timeouts(tracking: &ConnectionTracking) -> Verdict {
    let bounds = [
        (
            "tcpEstablishedTimeout",
            tracking.tcp_established_timeout,
            60..=432_000,
        ),
        ("udpStreamTimeout", tracking.udp_stream_timeout, 60..=180),
        ("udpTimeout", tracking.udp_timeout, 30..=60),
    ];
    for (name, given, may) in bounds {
        if let Some(seconds) = given.filter(|seconds| !may.contains(seconds)) {
            return Err(Denial::approximate(
                "InvalidParameterValue",
                format!("Value ({seconds}) for parameter {name} is invalid."),
            )
            .because(format!(
                "{name} may be {} to {} seconds.",
                may.start(),
                may.end()
            ))
            .instead("Choose a time within these bounds."));
        }
    }
    Ok(())
}

fn no_attribute() -> Denial {
    Denial::approximate("InvalidParameterCombination", "No attributes specified.")
        .because("The call names no attribute to change.")
        .instead("Give one attribute.")
}

fn one_attribute(call: &Modify) -> Verdict {
    let given = [
        ("attachment", call.delete_on_termination.is_some()),
        ("sourceDestCheck", call.source_dest_check.is_some()),
        ("description", call.description.is_some()),
        ("groupSet", call.groups.is_some()),
        ("enablePrimaryIpv6", call.enable_primary_ipv6.is_some()),
        (
            "connectionTrackingSpecification",
            call.connection_tracking_specification.is_some(),
        ),
        (
            "associatePublicIpAddress",
            call.associate_public_ip_address.is_some(),
        ),
    ];
    only_one(&given)
}

/// Whether exactly one attribute of a call is given.
pub(super) fn only_one(attributes: &[(&str, bool)]) -> Verdict {
    let given = attributes.iter().filter(|(_, given)| *given);
    let named: Vec<_> = given.map(|(name, _)| *name).collect();
    let code = "InvalidParameterCombination";
    match named.as_slice() {
        [_] => Ok(()),
        [] => Err(no_attribute()),
        several => Err(Denial::approximate(
            code,
            format!(
                "Fields for multiple attribute types specified: {}",
                several.join(", ")
            ),
        )
        .because(format!(
            "The call names {} attributes; EC2 changes one a call.",
            several.len()
        ))
        .instead("Make one call for each attribute.")),
    }
}

fn current_attachment(world: &World, eni: &Eni, given: &AttachmentId) -> Verdict {
    let attached = find::attached(world, given)?;
    if attached.id == eni.id {
        return Ok(());
    }
    Err(find::no_attachment(given)
        .because(format!(
            "{given} holds {}, not {}.",
            eni_called(attached),
            eni_called(eni)
        ))
        .instead(match &eni.attachment {
            Some(a) => format!(
                "The attachment of {} is {}.",
                eni_called(eni),
                a.attachment_id
            ),
            None => format!(
                "{} is attached to nothing; attach it first.",
                eni_called(eni)
            ),
        }))
}
