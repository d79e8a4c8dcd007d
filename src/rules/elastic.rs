//! Whether Elastic IPs may be allocated, associated, disassociated and released.
//!
//! Invariant: one Elastic IP on one private address. Associating again what is there already, and
//! ending what is over, are successes that change nothing (API Reference, `AssociateAddress` and
//! `DisassociateAddress`).

use std::net::Ipv4Addr;

use super::find::{self, eni_called, instance_called};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{Allocate, Associate, Disassociate, Release};
use crate::ec2::eni::Eni;
use crate::ec2::id::{AllocationId, InstanceId};
use crate::ec2::resource::{Address, Instance, InstanceState};
use crate::ec2::world::World;
use crate::rules::tags;

const COMBINATION: &str = "InvalidParameterCombination";

/// The first refusal in EC2's order.
pub fn check_allocate(world: &World, call: &Allocate) -> Verdict {
    tags::check(&call.tags)?;
    if let Some(domain) = call.domain.as_deref().filter(|d| *d != "vpc") {
        return Err(Denial::approximate(
            "InvalidParameterValue",
            format!("Value ({domain}) for parameter domain is invalid."),
        )
        .because("Elastic IPs are for VPCs only since EC2-Classic is gone.")
        .instead("Leave the domain out, or use vpc."));
    }
    let (_, _, has, _) = world.counts();
    let may = world.quotas.elastic_ips;
    if has < may {
        return Ok(());
    }
    Err(Denial::verified(
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
    )
    .because(format!(
        "The account has {has} of {may} Elastic IPs in {}.",
        world.region
    ))
    .instead("Release one that is not used, or have the quota raised."))
}

/// Where an Elastic IP goes.
pub struct Place<'w> {
    /// Which one.
    pub address: &'w Address,
    /// The interface.
    pub eni: &'w Eni,
    /// Which of its addresses.
    pub private_ip: Ipv4Addr,
}

/// The first refusal in EC2's order.
pub fn check_associate(world: &World, call: &Associate) -> Verdict {
    let place = place(world, call)?;
    let eni = place.eni;
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    if let Some(holder) = eni.instance_id().and_then(|id| world.instance(id)) {
        state(eni, holder)?;
    }
    if eni.deny_all_igw_traffic {
        return Err(Denial::approximate(
            "InvalidParameterValue",
            format!(
                "Network interface {} denies all internet gateway traffic",
                eni.id
            ),
        )
        .because(format!(
            "{} has DenyAllIgwTraffic on: no public address may be on it.",
            eni_called(eni)
        ))
        .instead("Choose another interface."));
    }
    if !world.has_internet(&eni.vpc_id) {
        return Err(Denial::verified(
            "Gateway.NotAttached",
            format!(
                "Network {} is not attached to any internet gateway",
                eni.vpc_id
            ),
        )
        .because(format!(
            "{} is of {}, which the internet does not reach.",
            eni_called(eni),
            eni.vpc_id
        ))
        .instead("Attach an internet gateway to the VPC first."));
    }
    free(world, call, &place)
}

/// What a call means, or EC2's refusal of what it names.
pub fn place<'w>(world: &'w World, call: &Associate) -> Result<Place<'w>, Denial> {
    let Some(allocation) = &call.allocation_id else {
        return Err(if call.public_ip.is_some() {
            Denial::verified(
                COMBINATION,
                "You must specify an allocation id when mapping an address to a VPC instance",
            )
            .because("The call names the address by itself.")
            .instead("Name the Elastic IP by its allocation id.")
        } else {
            find::missing("AllocationId")
                .because("The call names no Elastic IP.")
                .instead("Give its allocation id.")
        });
    };
    if let Some(id) = &call.network_interface_id {
        find::eni_form(world, id)?;
    }
    if let Some(id) = &call.instance_id {
        find::instance_form(world, id)?;
    }
    let address = find::allocation(world, allocation)?;
    let eni = match (&call.network_interface_id, &call.instance_id) {
        (Some(id), None) => find::eni(world, id)?,
        (None, Some(id)) => only_interface(world, id)?,
        (None, None) => {
            return Err(Denial::approximate(
                COMBINATION,
                "Either 'InstanceId' or 'NetworkInterfaceId' should be specified",
            )
            .because("The call names no target.")
            .instead("Give the interface."));
        }
        (Some(_), Some(_)) => {
            return Err(Denial::approximate(
                COMBINATION,
                "You may specify either an instance or a network interface, but not both",
            )
            .because("The call names two targets.")
            .instead("Give the interface alone."));
        }
    };
    let private_ip = match call.private_ip_address.or(eni.primary_ip()) {
        Some(ip)
            if eni
                .private_ip_addresses
                .iter()
                .any(|on| on.private_ip_address == ip) =>
        {
            ip
        }
        other => {
            let ip = other.map_or_else(|| "IPv4".to_owned(), |ip| ip.to_string());
            return Err(Denial::approximate(
                "InvalidParameterValue",
                format!("The address {ip} is not on network interface {}", eni.id),
            )
            .because(format!("{} does not have {ip}.", eni_called(eni)))
            .instead("Give one of its private addresses, or none for the primary one."));
        }
    };
    Ok(Place {
        address,
        eni,
        private_ip,
    })
}

/// The one interface of an instance that has no other: what a call on the instance means.
pub(super) fn only_interface<'w>(world: &'w World, id: &InstanceId) -> Result<&'w Eni, Denial> {
    let instance = find::instance(world, id)?;
    let name = instance_called(instance);
    match world.enis_of(id).as_slice() {
        [only] => {
            if matches!(
                instance.state,
                InstanceState::Pending | InstanceState::Terminated | InstanceState::ShuttingDown
            ) {
                return Err(Denial::verified(
                    "InvalidInstanceID",
                    format!(
                        "The {} instance '{id}' is not in a valid state for this operation.",
                        instance.state
                    ),
                )
                .because(format!("{name} is {}.", instance.state))
                .instead(wait_or_choose(instance)));
            }
            Ok(only)
        }
        [] => Err(Denial::verified(
            "InvalidInstanceID",
            format!(
                "The {} instance '{id}' is not in a valid state for this operation.",
                instance.state
            ),
        )
        .because(format!(
            "{name} is {} and has no interface.",
            instance.state
        ))
        .instead("Choose another instance.")),
        several => Err(Denial::verified(
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{id}'. Please specify an \
                 interface ID for the operation instead."
            ),
        )
        .because(format!("{name} has {} interfaces.", several.len()))
        .instead("Name the interface that is meant.")),
    }
}

fn wait_or_choose(instance: &Instance) -> String {
    let name = instance_called(instance);
    match instance.state {
        InstanceState::Pending => format!("Wait until {name} is running."),
        _ => "Choose another instance.".to_owned(),
    }
}

/// An instance that is only being launched takes no Elastic IP yet.
fn state(eni: &Eni, holder: &Instance) -> Verdict {
    let word = match holder.state {
        InstanceState::Pending => "pending-instance-creation",
        InstanceState::ShuttingDown => "shutting-down",
        InstanceState::Terminated => "terminated",
        _ => return Ok(()),
    };
    let text = format!(
        "The {word} instance to which '{}' is attached is not in a valid state for this operation",
        eni.id
    );
    let code = "IncorrectInstanceState";
    let denial = if holder.state == InstanceState::Pending {
        Denial::verified(code, text)
    } else {
        Denial::approximate(code, text)
    };
    Err(denial
        .because(format!("{} is {}.", instance_called(holder), holder.state))
        .instead(wait_or_choose(holder)))
}

/// Whether the Elastic IP may come from where it is.
fn free(world: &World, call: &Associate, place: &Place<'_>) -> Verdict {
    let Some(association) = &place.address.association_id else {
        return Ok(());
    };
    let holder = place.address.network_interface_id.as_ref();
    if holder == Some(&place.eni.id) && place.address.private_ip_address == Some(place.private_ip) {
        return Ok(());
    }
    let holder = holder.and_then(|id| world.eni(id));
    if let Some(denial) = holder.and_then(|eni| ownership::refusal(world, eni)) {
        return Err(denial);
    }
    if call.allow_reassociation != Some(false) {
        return Ok(());
    }
    let on = holder.map_or("another interface", |eni| eni_called(eni));
    Err(Denial::verified(
        "Resource.AlreadyAssociated",
        format!(
            "resource {} is already associated with associate-id {association}",
            place.address.id
        ),
    )
    .because(format!("{} is on {on}.", place.address.public_ip))
    .instead("Set AllowReassociation to take it from there."))
}

/// The first refusal in EC2's order.
pub fn check_disassociate(world: &World, call: &Disassociate) -> Verdict {
    let Some(id) = &call.association_id else {
        return Err(if call.public_ip.is_some() {
            Denial::approximate(
                "InvalidParameterValue",
                "You must specify an association id when unmapping an address from a VPC instance",
            )
            .because("The call names the address by itself.")
            .instead("Give the association id.")
        } else {
            find::missing("AssociationId")
                .because("The call names no association.")
                .instead("Give the association id.")
        });
    };
    let Some(address) = world.address_of_association(id) else {
        if world.was_associated(id) {
            return Ok(());
        }
        return Err(Denial::approximate(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        )
        .because(format!("No Elastic IP is associated by {id}."))
        .instead("Look at the Elastic IP again: every association has a new id."));
    };
    let eni = address.network_interface_id.as_ref();
    match eni.and_then(|id| world.eni(id)) {
        Some(eni) => ownership::refusal(world, eni).map_or(Ok(()), Err),
        None => Ok(()),
    }
}

/// The first refusal in EC2's order.
pub fn check_release(world: &World, call: &Release) -> Verdict {
    let Some(id) = &call.allocation_id else {
        return Err(if call.public_ip.is_some() {
            Denial::approximate(
                "InvalidParameterValue",
                "You must specify an allocation id when releasing a VPC elastic IP address",
            )
            .because("The call names the address by itself.")
            .instead("Name the Elastic IP by its allocation id.")
        } else {
            find::missing("AllocationId")
                .because("The call names no Elastic IP.")
                .instead("Give its allocation id.")
        });
    };
    let address = find::allocation(world, id)?;
    let holder = address.network_interface_id.as_ref();
    let Some(eni) = holder.and_then(|id| world.eni(id)) else {
        return Ok(());
    };
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    if in_default_vpc(world, id) {
        return Ok(());
    }
    Err(Denial::approximate(
        "InvalidIPAddress.InUse",
        format!("Address {} is in use.", address.public_ip),
    )
    .because(format!("{} is on {}.", address.public_ip, eni_called(eni)))
    .instead("Disassociate it first."))
}

/// In a default VPC a release disassociates by itself (API Reference, `ReleaseAddress`).
fn in_default_vpc(world: &World, id: &AllocationId) -> bool {
    let address = world.address(id);
    let eni = address.and_then(|a| a.network_interface_id.as_ref());
    let vpc = eni.and_then(|id| world.eni(id)).map(|e| &e.vpc_id);
    vpc.and_then(|id| world.vpc(id))
        .is_some_and(|v| v.is_default)
}
