//! Whether an interface may be created or deleted.
//!
//! Invariant: without an attachment there is no instance type, so nothing here asks for one; the
//! limit of addresses is judged when the interface is attached.

use std::net::Ipv4Addr;

use super::addresses::{self, Range};
use super::find::{self, called, counted, eni_called, holder_called};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{Create, Delete};
use crate::ec2::eni::AttachmentStatus;
use crate::ec2::id::SubnetId;
use crate::ec2::resource::{Subnet, name_of};
use crate::ec2::world::World;

/// Security groups that one interface may have by default (VPC User Guide, "Amazon VPC quotas").
const GROUPS_MAX: usize = 5;

/// The first refusal in EC2's order.
pub fn check_create(world: &World, call: &Create) -> Verdict {
    let subnet = subnet(world, call.subnet_id.as_ref())?;
    groups(world, call, subnet)?;
    if let Some(ip) = call.private_ip_address {
        wanted_address(world, subnet, ip)?;
    }
    enough_addresses(world, call, subnet)
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

fn subnet<'w>(world: &'w World, id: Option<&SubnetId>) -> Result<&'w Subnet, Denial> {
    let Some(id) = id else {
        return Err(find::missing("subnetId")
            .because("An interface is created in a subnet, and the call names none.")
            .instead("Give the subnet."));
    };
    // EC2 answers the same to what is no subnet id at all (openshift/openshift-ansible#1053).
    world.subnet(id).map(|s| &**s).ok_or_else(|| {
        Denial::verified(
            "InvalidSubnetID.NotFound",
            format!("The subnet ID '{id}' does not exist"),
        )
        .because(format!(
            "There is no subnet {id} in {} of this account.",
            world.region
        ))
        .instead("Check the id, the Region and the account.")
    })
}

fn groups(world: &World, call: &Create, subnet: &Subnet) -> Verdict {
    for id in &call.groups {
        let Some(group) = world.group(id) else {
            return Err(Denial::approximate(
                "InvalidGroup.NotFound",
                format!("The security group '{id}' does not exist"),
            )
            .because(format!(
                "There is no security group {id} in {} of this account.",
                world.region
            ))
            .instead("Check the id; a group's name is not taken here."));
        };
        if group.vpc_id != subnet.vpc_id {
            return Err(Denial::approximate(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            )
            .because(format!(
                "Security group {} ({id}) is of {}; subnet {} is of {}.",
                group.group_name,
                group.vpc_id,
                subnet_called(subnet),
                subnet.vpc_id
            ))
            .instead(format!("Choose a security group of {}.", subnet.vpc_id)));
        }
    }
    let count = call.groups.len();
    if count > GROUPS_MAX {
        return Err(Denial::verified(
            "InvalidParameterValue",
            format!(
                "user {} exceeded limit {GROUPS_MAX} on the number of interface security group \
                 memberships",
                world.account
            ),
        )
        .because(format!(
            "The call names {count} security groups; an interface may have {GROUPS_MAX}."
        ))
        .instead("Name fewer groups, or have the quota raised (it may be up to 16)."));
    }
    Ok(())
}

fn wanted_address(world: &World, subnet: &Subnet, ip: Ipv4Addr) -> Verdict {
    let name = subnet_called(subnet);
    let cidr = &subnet.cidr_block;
    let code = "InvalidParameterValue";
    if let Some(range) = Range::parse(cidr) {
        if !range.holds(ip) {
            return Err(Denial::approximate(
                code,
                format!("Address {ip} does not fall within the subnet's address range"),
            )
            .because(format!("Subnet {name} has {cidr}; {ip} is not in it."))
            .instead("Choose an address of the subnet, or let EC2 choose."));
        }
        if range.reserves(ip) {
            return Err(Denial::approximate(
                code,
                format!("Address {ip} is in subnet's reserved address range"),
            )
            .because(format!(
                "AWS keeps the first four addresses and the last one of {cidr}."
            ))
            .instead("Choose another address, or let EC2 choose."));
        }
    }
    let Some(holder) = world.eni_with_address(&subnet.id, ip) else {
        return Ok(());
    };
    Err(Denial::verified(
        "InvalidIPAddress.InUse",
        "The specified address is already in use.",
    )
    .because(format!("{ip} is on {}.", eni_called(holder)))
    .instead(if holder.primary_ip() == Some(ip) {
        "A primary address is free only when its interface is deleted: move that interface \
         instead, or choose another address."
    } else {
        "Move it there as a secondary address (AssignPrivateIpAddresses with AllowReassignment), \
         or choose another address."
    }))
}

fn enough_addresses(world: &World, call: &Create, subnet: &Subnet) -> Verdict {
    let wanted = call.secondary_private_ip_address_count.saturating_add(1);
    let free = subnet.available_ip_address_count;
    let enough = free >= wanted && {
        let chosen = addresses::choose(
            world,
            subnet,
            call.private_ip_address,
            call.secondary_private_ip_address_count,
        );
        u32::try_from(chosen.len()).is_ok_and(|found| found >= wanted)
    };
    if enough {
        return Ok(());
    }
    Err(Denial::verified(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )
    .because(format!(
        "The interface wants {}; subnet {} ({}) has {free} free. AWS keeps five of every \
         subnet, and stopped instances keep theirs.",
        counted(wanted, "address", "addresses"),
        subnet_called(subnet),
        subnet.cidr_block
    ))
    .instead("Delete interfaces that are not used, or choose another subnet."))
}

fn subnet_called(subnet: &Subnet) -> &str {
    called(name_of(&subnet.tags), subnet.id.as_str())
}
