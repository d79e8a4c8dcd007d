//! Whether secondary addresses may be assigned and unassigned.
//!
//! Invariant: all or nothing. Only secondary addresses move from one interface to another, and only
//! when the call allows it; IPv6 addresses never do (EC2 User Guide, "Secondary IP addresses").

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::find::{self, counted, eni_called, instance_called};
use super::limits;
use super::ownership;
use super::verdict::{Denial, Verdict};
use super::wanted::{Wanted, Wanted6};
use crate::ec2::call::{AssignIpv6, AssignPrivate, UnassignIpv6, UnassignPrivate};
use crate::ec2::eni::Eni;
use crate::ec2::id::EniId;
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";

/// The first refusal in EC2's order.
pub fn check_assign(world: &World, call: &AssignPrivate) -> Verdict {
    let wanted = Wanted::of_assign(call)?;
    let eni = changeable(world, &call.network_interface_id)?;
    let mut ours = BTreeSet::new();
    let mut there = 0;
    for ip in &call.private_ip_addresses {
        let Some(holder) = world.eni_with_address(&eni.subnet_id, *ip) else {
            continue;
        };
        if holder.id == eni.id {
            there += u32::from(!ours.contains(ip));
        } else {
            take_over(world, call, eni, holder, *ip)?;
        }
        ours.insert(*ip);
    }
    let more = wanted.count().saturating_sub(there);
    room(world, eni, eni.ipv4_count(), more, false)?;
    let subnet = find::subnet(world, &eni.subnet_id)?;
    wanted.check(world, subnet, &BTreeSet::new(), &ours)
}

/// Whether an address of another interface may be taken.
fn take_over(
    world: &World,
    call: &AssignPrivate,
    eni: &Eni,
    holder: &Eni,
    ip: Ipv4Addr,
) -> Verdict {
    let name = eni_called(holder);
    if holder.primary_ip() == Some(ip) {
        return Err(Denial::approximate(
            VALUE,
            format!("{ip} is the primary private IP address of {}", holder.id),
        )
        .because(format!(
            "{ip} is the primary address of {name}; only secondary addresses move."
        ))
        .instead(format!(
            "Move {name} as a whole, or serve under a secondary address."
        )));
    }
    if let Some(denial) = ownership::refusal(world, holder) {
        return Err(denial);
    }
    if !call.allow_reassignment {
        return Err(Denial::approximate(
            "Resource.AlreadyAssigned",
            format!(
                "{ip} is already assigned to network interface {}",
                holder.id
            ),
        )
        .because(format!("{ip} is on {name}."))
        .instead(format!(
            "Set AllowReassignment to take it over: {} gets it, and its Elastic IP with it.",
            eni_called(eni)
        )));
    }
    Ok(())
}

/// The first refusal in EC2's order.
pub fn check_unassign(world: &World, call: &UnassignPrivate) -> Verdict {
    if call.private_ip_addresses.is_empty() && call.ipv4_prefixes.is_empty() {
        return Err(find::missing("privateIpAddress")
            .because("The call names no address.")
            .instead("Give the addresses or prefixes."));
    }
    let eni = changeable(world, &call.network_interface_id)?;
    let name = eni_called(eni);
    for ip in &call.private_ip_addresses {
        let mut has = eni.private_ip_addresses.iter();
        let found = has.find(|on| on.private_ip_address == *ip);
        let Some(found) = found else {
            return Err(not_on_it(eni, &ip.to_string()));
        };
        if found.primary {
            return Err(Denial::approximate(
                VALUE,
                format!("The primary private IP address {ip} cannot be unassigned"),
            )
            .because(format!(
                "{ip} is the primary address of {name}, for its life."
            ))
            .instead("Delete the interface to free its primary address."));
        }
    }
    let prefixes = call.ipv4_prefixes.iter();
    match prefixes
        .into_iter()
        .find(|p| !eni.ipv4_prefixes.contains(p))
    {
        Some(prefix) => Err(not_on_it(eni, prefix)),
        None => Ok(()),
    }
}

/// The first refusal in EC2's order.
pub fn check_assign_ipv6(world: &World, call: &AssignIpv6) -> Verdict {
    let wanted = Wanted6::of_assign(call)?;
    let eni = changeable(world, &call.network_interface_id)?;
    let has = eni.ipv6_addresses.len() + eni.ipv6_prefixes.len();
    let has = u32::try_from(has).unwrap_or(u32::MAX);
    room(world, eni, has, wanted.count(), true)?;
    wanted.check(world, find::subnet(world, &eni.subnet_id)?)
}

/// The first refusal in EC2's order.
pub fn check_unassign_ipv6(world: &World, call: &UnassignIpv6) -> Verdict {
    if call.ipv6_addresses.is_empty() && call.ipv6_prefixes.is_empty() {
        return Err(find::missing("ipv6Addresses")
            .because("The call names no address.")
            .instead("Give the addresses or prefixes."));
    }
    let eni = changeable(world, &call.network_interface_id)?;
    for ip in &call.ipv6_addresses {
        if !eni.ipv6_addresses.iter().any(|on| on.ipv6_address == *ip) {
            return Err(not_on_it(eni, &ip.to_string()));
        }
    }
    let prefixes = call.ipv6_prefixes.iter();
    match prefixes
        .into_iter()
        .find(|p| !eni.ipv6_prefixes.contains(p))
    {
        Some(prefix) => Err(not_on_it(eni, prefix)),
        None => Ok(()),
    }
}

/// An interface that exists and is ours.
fn changeable<'w>(world: &'w World, id: &EniId) -> Result<&'w Eni, Denial> {
    find::eni_form(world, id)?;
    let eni = find::eni(world, id)?;
    match ownership::refusal(world, eni) {
        Some(denial) => Err(denial),
        None => Ok(eni),
    }
}

fn not_on_it(eni: &Eni, what: &str) -> Denial {
    Denial::approximate(
        VALUE,
        format!("{what} is not assigned to network interface {}", eni.id),
    )
    .because(format!("{} does not have {what}.", eni_called(eni)))
    .instead("Look at the interface again: it may have moved on.")
}

/// Whether the type of its instance allows it more addresses. What is attached to nothing has no
/// type, and is judged when it is attached.
fn room(world: &World, eni: &Eni, has: u32, more: u32, ipv6: bool) -> Verdict {
    let holder = eni.instance_id().and_then(|id| world.instance(id));
    let Some((holder, limits)) = holder.and_then(|i| Some((i, limits::of(&i.instance_type)?)))
    else {
        return Ok(());
    };
    let may = if ipv6 {
        limits.ipv6_per_interface_max.unwrap_or(u32::MAX)
    } else {
        limits.ipv4_per_interface_max
    };
    if has.saturating_add(more) <= may {
        return Ok(());
    }
    let code = "PrivateIpAddressLimitExceeded";
    let text = "Number of private addresses will exceed limit.";
    let denial = if ipv6 {
        Denial::approximate(code, text)
    } else {
        Denial::verified(code, text)
    };
    let family = if ipv6 { "IPv6" } else { "IPv4" };
    Err(denial
        .because(format!(
            "{} has {}; with {more} more it would exceed the {may} that one interface of {} ({}) \
             may have.",
            eni_called(eni),
            counted(
                has,
                &format!("{family} address"),
                &format!("{family} addresses")
            ),
            instance_called(holder),
            holder.instance_type
        ))
        .instead(if may > has {
            format!(
                "Ask for at most {} more, or use another interface.",
                may - has
            )
        } else {
            "Unassign addresses first, or use another interface.".to_owned()
        }))
}
