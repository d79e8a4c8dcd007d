//! Whether an interface may be created or deleted.
//!
//! Invariant: without an attachment there is no instance type, so nothing here asks for one; the
//! limit of addresses is judged when the interface is attached.

use std::collections::BTreeSet;

use super::find::{self, eni_called, holder_called};
use super::verdict::{Denial, Verdict};
use super::wanted::{Wanted, Wanted6};
use super::{modify, ownership, tags, token};
use crate::ec2::call::{Create, Delete};
use crate::ec2::eni::AttachmentStatus;
use crate::ec2::id::{GroupId, SubnetId};
use crate::ec2::resource::Subnet;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check_create(world: &World, call: &Create) -> Verdict {
    if token::is_repeated(world, call.client_token.as_ref(), call)? {
        return Ok(());
    }
    tags::check(&call.tags)?;
    interface_type(call.interface_type.as_deref())?;
    let subnet = find::subnet(
        world,
        call.subnet_id.as_ref().unwrap_or(&SubnetId::default()),
    )?;
    groups(world, &call.groups, subnet, false)?;
    if let Some(tracking) = &call.connection_tracking_specification {
        modify::timeouts(tracking)?;
    }
    let nothing = BTreeSet::new();
    Wanted::of_create(call)?.check(world, subnet, &nothing, &nothing)?;
    let ipv6 = Wanted6::of_create(call, subnet)?;
    ipv6.check(world, subnet)?;
    room_in_account(world, 1)
}

/// Interfaces that one account may have in a Region (VPC User Guide, "Amazon VPC quotas").
pub(super) fn room_in_account(world: &World, more: usize) -> Verdict {
    let may = world.quotas.network_interfaces;
    if world.eni_count().saturating_add(more) <= may {
        return Ok(());
    }
    Err(Denial::approximate(
        "NetworkInterfaceLimitExceeded",
        "The maximum number of network interfaces has been reached.",
    )
    .because(format!(
        "The account has {} of {may} interfaces in {}.",
        world.eni_count(),
        world.region
    ))
    .instead("Delete interfaces that are not used, or have the quota raised."))
}

fn interface_type(given: Option<&str>) -> Verdict {
    const MAY: [&str; 5] = ["interface", "efa", "efa-only", "branch", "trunk"];
    match given {
        Some(kind) if !MAY.contains(&kind) => Err(Denial::approximate(
            "InvalidParameterValue",
            format!("Value ({kind}) for parameter interfaceType is invalid."),
        )
        .because(format!("Interfaces of the type {kind} are made by AWS."))
        .instead("Leave the type out, or use efa, efa-only, branch or trunk.")),
        _ => Ok(()),
    }
}

/// The first refusal in EC2's order.
pub fn check_delete(world: &World, call: &Delete) -> Verdict {
    find::eni_form(world, &call.network_interface_id)?;
    let eni = find::eni(world, &call.network_interface_id)?;
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    let Some(attachment) = &eni.attachment else {
        return Ok(());
    };
    let name = eni_called(eni);
    let denial = Denial::verified(
        "InvalidParameterValue",
        format!("Network interface '{}' is currently in use.", eni.id),
    );
    Err(match &attachment.instance_id {
        Some(id) if eni.is_primary() => {
            let holder = holder_called(world, id);
            denial
                .because(format!("{name} is the primary interface of {holder}."))
                .instead(format!(
                    "It goes when {holder} is terminated, if DeleteOnTermination is on (now: {}).",
                    if attachment.delete_on_termination {
                        "on"
                    } else {
                        "off"
                    }
                ))
        }
        Some(id) => denial
            .because(find::attachment_told(world, eni, attachment, id))
            .instead(match attachment.status {
                AttachmentStatus::Detaching => {
                    format!("Wait until {name} is available, then delete it.")
                }
                _ => format!(
                    "Detach it (attachment {}), wait until it is available, then delete it.",
                    attachment.attachment_id
                ),
            }),
        None => denial
            .because(format!("{name} is {} to a service.", attachment.status))
            .instead(ownership::remedy(eni)),
    })
}

/// Whether an interface of this subnet may be in these groups.
pub(super) fn groups(world: &World, ids: &[GroupId], subnet: &Subnet, at_launch: bool) -> Verdict {
    for id in ids {
        let group = find::group(world, id)?;
        if group.vpc_id != subnet.vpc_id {
            let denial = if at_launch {
                Denial::verified(
                    "InvalidParameter",
                    format!(
                        "Security group {id} and subnet {} belong to different networks.",
                        subnet.id
                    ),
                )
            } else {
                Denial::approximate("InvalidGroup.NotFound", modify::DIFFERENT_NETWORKS)
            };
            return Err(denial
                .because(format!(
                    "Security group {} ({id}) is of {}; subnet {} is of {}.",
                    group.group_name,
                    group.vpc_id,
                    find::subnet_called(subnet),
                    subnet.vpc_id
                ))
                .instead(format!("Choose a security group of {}.", subnet.vpc_id)));
        }
    }
    let (count, may) = (ids.len(), world.quotas.groups_per_interface);
    if count > may {
        return Err(Denial::verified(
            "InvalidParameterValue",
            format!(
                "user {} exceeded limit {may} on the number of interface security group \
                 memberships",
                world.account
            ),
        )
        .because(format!(
            "The call names {count} security groups; an interface may have {may}."
        ))
        .instead("Name fewer groups, or have the quota raised (it may be up to 16)."));
    }
    Ok(())
}
