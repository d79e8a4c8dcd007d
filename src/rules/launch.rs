//! Whether instances may be launched, with interfaces that exist or with new ones.
//!
//! Invariant: what exists is attached cold, at launch; the same limits hold as for an attach.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::find;
use super::limits::{self, Limits};
use super::verdict::{Denial, Verdict};
use super::wanted::{Wanted, Wanted6};
use super::{create, ownership, tags, token};
use crate::ec2::call::{Run, RunInterface};
use crate::ec2::eni::Eni;
use crate::ec2::id::{Str, SubnetId};
use crate::ec2::resource::Subnet;
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";
const COMBINATION: &str = "InvalidParameterCombination";

/// The type when none is named (API Reference, `RunInstances`).
pub const DEFAULT_TYPE: &str = "m1.small";

/// Most instances of one call here: EC2's quota is one of vCPUs, which this world does not count.
const INSTANCES_MAX: u32 = 1_000;

/// The first refusal in EC2's order.
pub fn check(world: &World, call: &Run) -> Verdict {
    if token::is_repeated(world, call.client_token.as_ref(), call)? {
        return Ok(());
    }
    counts(call)?;
    tags::check(&call.tags)?;
    tags::check(&call.interface_tags)?;
    let kind = call.instance_type.as_deref().unwrap_or(DEFAULT_TYPE);
    let Some(limits) = limits::of(kind) else {
        return Err(Denial::approximate(
            VALUE,
            format!("Invalid value '{kind}' for InstanceType."),
        )
        .because(format!(
            "There is no instance type {kind} that is known here."
        ))
        .instead("Check the type's name."));
    };
    combinations(call)?;
    positions(call, kind, &limits)?;
    let interfaces = interfaces(call);
    let mut zone: Option<Str> = None;
    let mut spoken_for = BTreeSet::new();
    let mut new = 0;
    for interface in &interfaces {
        let in_zone = match &interface.network_interface_id {
            Some(_) => existing(world, interface, &limits)?
                .availability_zone
                .clone(),
            None => {
                new += 1;
                let subnet = subnet(world, interface)?;
                created(world, call, interface, subnet, &limits, &mut spoken_for)?;
                subnet.availability_zone.clone()
            }
        };
        if zone.get_or_insert_with(|| in_zone.clone()) != &in_zone {
            return Err(Denial::approximate(
                COMBINATION,
                "All network interfaces must be in the same availability zone",
            )
            .because("An instance is in one zone, and all its interfaces are.")
            .instead("Choose subnets and interfaces of one zone."));
        }
    }
    let instances = usize::try_from(call.max_count).unwrap_or(usize::MAX);
    create::room_in_account(world, instances.saturating_mul(new))
}

fn counts(call: &Run) -> Verdict {
    let (least, most) = (call.min_count, call.max_count);
    if most == 0 || least == 0 {
        let name = if most == 0 { "MaxCount" } else { "MinCount" };
        return Err(find::missing(name)
            .because("At least one instance is launched.")
            .instead("Give 1 or more."));
    }
    if least > most || most > INSTANCES_MAX {
        return Err(Denial::approximate(
            VALUE,
            format!("Invalid value for MinCount ({least}) or MaxCount ({most})"),
        )
        .because(format!(
            "MinCount is at most MaxCount, and that at most {INSTANCES_MAX}."
        ))
        .instead("Give other counts."));
    }
    Ok(())
}

/// The interfaces of one instance: those listed, or the one that the other parameters describe.
pub fn interfaces(call: &Run) -> Vec<RunInterface> {
    if !call.network_interfaces.is_empty() {
        return call.network_interfaces.clone();
    }
    vec![RunInterface {
        device_index: Some(0),
        subnet_id: call.subnet_id.clone(),
        groups: call.security_group_ids.clone(),
        private_ip_address: call.private_ip_address,
        ..RunInterface::default()
    }]
}

fn combinations(call: &Run) -> Verdict {
    let listed = &call.network_interfaces;
    if listed.is_empty() {
        return fixed_and_several(call);
    }
    for (what, given) in [
        ("subnet ID", call.subnet_id.is_some()),
        ("security groups", !call.security_group_ids.is_empty()),
        ("private IP address", call.private_ip_address.is_some()),
    ] {
        if given {
            let text = format!(
                "Network interfaces and an instance-level {what} may not be specified on the same \
                 request"
            );
            return Err(Denial::verified(COMBINATION, text)
                .because(format!(
                    "The call lists interfaces and names a {what} beside them."
                ))
                .instead("Say it of the interface that is meant."));
        }
    }
    for interface in listed {
        alone(interface)?;
    }
    let public = listed
        .iter()
        .any(|i| i.associate_public_ip_address.is_some());
    if public && listed.len() > 1 {
        return Err(Denial::verified(
            COMBINATION,
            "The associatePublicIPAddress parameter cannot be specified when launching with \
             multiple network interfaces",
        )
        .because("Only an instance with a single interface gets an automatic public address.")
        .instead("Leave it out, and associate an Elastic IP afterwards."));
    }
    fixed_and_several(call)
}

/// An interface that exists is taken as it is.
fn alone(interface: &RunInterface) -> Verdict {
    let exists = interface.network_interface_id.is_some();
    let describes = interface.subnet_id.is_some()
        || !interface.groups.is_empty()
        || interface.private_ip_address.is_some()
        || !interface.private_ip_addresses.is_empty()
        || interface.secondary_private_ip_address_count > 0
        || interface.ipv6_address_count.is_some()
        || interface.associate_public_ip_address.is_some();
    if exists && describes {
        return Err(Denial::approximate(
            COMBINATION,
            "A network interface may not specify both a network interface ID and the properties of \
             a new one",
        )
        .because("An interface that exists keeps its subnet, groups and addresses.")
        .instead("Give its id and its device index alone."));
    }
    if exists && interface.delete_on_termination == Some(true) {
        return Err(Denial::approximate(
            COMBINATION,
            "DeleteOnTermination may only be true for a network interface that is created at launch",
        )
        .because("An interface that exists is attached with DeleteOnTermination off.")
        .instead("Turn it on afterwards (ModifyNetworkInterfaceAttribute)."));
    }
    if interface.associate_public_ip_address.is_some() && interface.device_index != Some(0) {
        return Err(Denial::approximate(
            COMBINATION,
            "The associatePublicIPAddress parameter can only be specified for device index 0",
        )
        .because("Only a primary interface gets an automatic public address.")
        .instead("Leave it out here."));
    }
    Ok(())
}

/// What is fixed can be given to one instance only.
fn fixed_and_several(call: &Run) -> Verdict {
    let fixed = interfaces(call).iter().any(|i| {
        i.network_interface_id.is_some()
            || i.private_ip_address.is_some()
            || !i.private_ip_addresses.is_empty()
    });
    if !fixed || call.max_count == 1 {
        return Ok(());
    }
    Err(Denial::approximate(
        COMBINATION,
        "Network interface IDs and private IP addresses may only be specified when launching a \
         single instance",
    )
    .because(format!(
        "The call launches {} instances with one interface or address.",
        call.max_count
    ))
    .instead("Launch one at a time, or let EC2 choose."))
}

fn positions(call: &Run, kind: &str, limits: &Limits) -> Verdict {
    let listed = interfaces(call);
    let mut taken = BTreeSet::new();
    for interface in &listed {
        let Some(index) = interface.device_index else {
            return Err(Denial::approximate(
                VALUE,
                "Each network interface requires a device index.",
            )
            .because("An interface is listed without a device index.")
            .instead("Give every interface one; the primary one has 0."));
        };
        let card = interface.network_card_index.unwrap_or(0);
        if card >= limits.network_cards {
            return Err(Denial::approximate(
                VALUE,
                format!("Network card index '{card}' is not valid for instance type '{kind}'."),
            )
            .because(format!(
                "{kind} has {} network cards.",
                limits.network_cards
            ))
            .instead("Use network card index 0."));
        }
        if !taken.insert((card, index)) {
            return Err(
                Denial::approximate(VALUE, format!("Duplicate device index '{index}'."))
                    .because(format!("Two interfaces have device index {index}."))
                    .instead("Give every interface its own."),
            );
        }
    }
    if !taken.contains(&(0, 0)) {
        return Err(Denial::approximate(
            VALUE,
            "A network interface with device index 0 is required.",
        )
        .because("An instance has a primary interface, at device index 0.")
        .instead("List one with device index 0."));
    }
    let has = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    let full = (0..limits.network_cards).any(|card| {
        let on_card = taken.iter().filter(|(c, _)| *c == card).count();
        u32::try_from(on_card).unwrap_or(u32::MAX) > limits.interfaces_per_card_max(card)
    });
    if !full {
        return Ok(());
    }
    Err(Denial::verified(
        "AttachmentLimitExceeded",
        format!("Interface count {has} exceeds the limit for {kind}"),
    )
    .because(format!(
        "{kind} may have {} interfaces.",
        limits.interfaces_max
    ))
    .instead("List fewer interfaces, or choose a larger type."))
}

fn existing<'w>(
    world: &'w World,
    interface: &RunInterface,
    limits: &Limits,
) -> Result<&'w Eni, Denial> {
    let id = interface.network_interface_id.clone().unwrap_or_default();
    find::eni_form(world, &id)?;
    let eni = find::eni(world, &id)?;
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    if let Some(attachment) = &eni.attachment {
        let told = match &attachment.instance_id {
            Some(holder) => find::attachment_told(world, eni, attachment, holder),
            None => format!("{id} is {} to a service.", attachment.status),
        };
        return Err(Denial::verified(
            "InvalidNetworkInterface.InUse",
            format!("Interface: [{id}] in use."),
        )
        .because(told)
        .instead("Detach it first, and wait until it is available."));
    }
    few_addresses(eni.ipv4_count(), limits)?;
    Ok(eni)
}

fn few_addresses(has: u32, limits: &Limits) -> Verdict {
    let may = limits.ipv4_per_interface_max;
    if has <= may {
        return Ok(());
    }
    Err(Denial::approximate(
        "InvalidInterface.IpAddressLimitExceeded",
        "Number of private addresses will exceed limit.",
    )
    .because(format!(
        "The interface has {has} IPv4 addresses; this type allows {may}."
    ))
    .instead("Ask for fewer addresses, or choose a larger type."))
}

/// The subnet of a new interface: the one named, or one of the default VPC.
pub fn subnet<'w>(world: &'w World, interface: &RunInterface) -> Result<&'w Subnet, Denial> {
    if let Some(id) = &interface.subnet_id {
        return find::subnet(world, id);
    }
    let default = world.vpcs().find(|v| v.is_default);
    let mut subnets = default.into_iter().flat_map(|v| world.subnets_of(&v.id));
    subnets.next().map(|s| &**s).ok_or_else(|| {
        Denial::approximate(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default \
             VPC.",
        )
        .because("The call names no subnet, and the account has no default VPC.")
        .instead("Give the subnet.")
    })
}

fn created(
    world: &World,
    call: &Run,
    interface: &RunInterface,
    subnet: &Subnet,
    limits: &Limits,
    spoken_for: &mut BTreeSet<Ipv4Addr>,
) -> Verdict {
    if let Some(kind) = &interface.interface_type
        && !["interface", "efa", "efa-only"].contains(&&**kind)
    {
        return Err(Denial::approximate(
            VALUE,
            format!("Value ({kind}) for parameter interfaceType is invalid."),
        )
        .because("A launch makes ordinary interfaces and EFAs.")
        .instead("Leave the type out, or use efa or efa-only."));
    }
    create::groups(world, &interface.groups, subnet, true)?;
    let wanted = Wanted::of_launch(interface)?;
    few_addresses(wanted.count(), limits)?;
    wanted.check(world, subnet, spoken_for, &BTreeSet::new())?;
    // Two interfaces of one instance may be in one subnet, or in subnets with the same addresses;
    // to speak for an address in both costs nothing.
    spoken_for.extend(wanted.choose(world, subnet, spoken_for).ips);
    Wanted6::of_launch(interface, subnet)?.check(world, subnet)?;
    let all = wanted.count().saturating_mul(call.max_count);
    if call.max_count == 1 || subnet.available_ip_address_count >= all {
        return Ok(());
    }
    Err(not_enough(subnet, all))
}

fn not_enough(subnet: &Subnet, all: u32) -> Denial {
    Denial::verified(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )
    .because(format!(
        "The launch wants {all} addresses; subnet {} has {} free.",
        find::subnet_called(subnet),
        subnet.available_ip_address_count
    ))
    .instead("Launch fewer instances, or choose another subnet.")
}

/// The subnet id of an interface, existing or new; for what the instance says of itself.
pub fn subnet_of(world: &World, interface: &RunInterface) -> Option<SubnetId> {
    match &interface.network_interface_id {
        Some(id) => world.eni(id).map(|e| e.subnet_id.clone()),
        None => subnet(world, interface).ok().map(|s| s.id.clone()),
    }
}
