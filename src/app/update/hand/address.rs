//! Private addresses and Elastic IPs by hand.

use std::net::Ipv4Addr;

use super::ask::{Question, choice, judged, leave};
use super::target::named;
use super::words;
use crate::app::feed::story::eni_name;
use crate::app::layer::{Choice, HandAction, Then};
use crate::ec2::call::{
    Allocate, AssignPrivate, Associate, Call, Disassociate, Release, UnassignPrivate,
};
use crate::ec2::eni::Eni;
use crate::ec2::id::{AllocationId, EniId};
use crate::ec2::resource::{Address, name_of};
use crate::ec2::world::World;
use crate::rules;

/// Addresses of other interfaces that are offered for reassignment.
const OFFERED_MAX: usize = 50;

/// Addresses that can be asked for by number; EC2 judges the rest by the type's limit.
const NUMBER_MAX: u32 = 255;

pub(super) fn question(world: &World, action: &HandAction, input: &str) -> Question {
    match action {
        HandAction::Assign(id) => assign_question(world, id, input),
        HandAction::Unassign(id, ip) => Question {
            title: format!("unassign which address of {}?", eni_name(world, id)),
            list: secondary(world, id, *ip),
            ..Question::default()
        },
        HandAction::Associate { eni, ip, elastic } => match elastic {
            None => Question {
                title: format!("which Elastic IP for {}?", eni_name(world, eni)),
                typed: true,
                list: elastic_ips(world, eni, *ip),
                ..Question::default()
            },
            Some(allocation) => Question {
                title: "on which of its private addresses?".to_owned(),
                list: places(world, eni, allocation),
                ..Question::default()
            },
        },
        HandAction::Disassociate(id) => Question {
            title: format!(
                "disassociate which Elastic IP from {}?",
                eni_name(world, id)
            ),
            list: associated(world, id),
            ..Question::default()
        },
        HandAction::Allocate => Question {
            title: "a new Elastic IP, name (may be empty):".to_owned(),
            typed: true,
            made: vec![judged(world, "allocate", "EC2 chooses it", allocate(input))],
            ..Question::default()
        },
        _ => Question {
            title: "release which Elastic IP?".to_owned(),
            typed: true,
            list: releasable(world),
            ..Question::default()
        },
    }
}

fn assign(eni: &EniId, ips: Vec<Ipv4Addr>, count: u32, reassign: bool) -> Call {
    Call::AssignPrivateIpAddresses(AssignPrivate {
        network_interface_id: eni.clone(),
        private_ip_addresses: ips,
        secondary_private_ip_address_count: count,
        allow_reassignment: reassign,
        ..AssignPrivate::default()
    })
}

/// A number, an address, or one of those that other interfaces of the subnet carry.
fn assign_question(world: &World, id: &EniId, input: &str) -> Question {
    let title = format!(
        "assign to {}: how many addresses, or which one?",
        eni_name(world, id)
    );
    let Some(eni) = world.eni(id) else {
        return Question {
            title,
            ..Question::default()
        };
    };
    let number = |n: u32| {
        let words = match n {
            1 => "1 address".to_owned(),
            n => format!("{n} addresses"),
        };
        judged(
            world,
            words,
            "EC2 chooses",
            assign(id, Vec::new(), n, false),
        )
    };
    let mut made = Vec::new();
    if let Ok(n @ 1..=NUMBER_MAX) = input.parse() {
        made.push(number(n));
    }
    let mut list = Vec::new();
    if input.is_empty() {
        made.extend([number(1), number(2)]);
    }
    if let Ok(ip) = input.parse() {
        made.extend(given(world, eni, ip));
    } else {
        let others = world.enis_in(&eni.subnet_id).filter(|e| e.id != eni.id);
        let taken = others.flat_map(|e| {
            let secondary = e.private_ip_addresses.iter().filter(|a| !a.primary);
            secondary.map(move |a| (e, a.private_ip_address))
        });
        list.extend(taken.take(OFFERED_MAX).map(|(other, ip)| {
            let from = format!("taken from {}", eni_name(world, &other.id));
            judged(world, ip.to_string(), from, assign(id, vec![ip], 0, true))
        }));
    }
    Question {
        title,
        typed: true,
        made,
        list,
    }
}

/// An address that was typed: free, or taken from who has it.
fn given(world: &World, eni: &Eni, ip: Ipv4Addr) -> Vec<Choice> {
    let holder = world.eni_with_address(&eni.subnet_id, ip);
    let call = |reassign| assign(&eni.id, vec![ip], 0, reassign);
    let line = |remark: &str, reassign| judged(world, ip.to_string(), remark, call(reassign));
    match holder.filter(|h| h.id != eni.id) {
        Some(holder) => vec![
            line(&format!("taken from {}", eni_name(world, &holder.id)), true),
            line("without AllowReassignment", false),
        ],
        None => vec![line("free", false)],
    }
}

/// Its secondary addresses, the selected one first; a primary one only if it is selected, because
/// EC2 refuses it.
fn secondary(world: &World, id: &EniId, selected: Option<Ipv4Addr>) -> Vec<Choice> {
    let Some(eni) = world.eni(id) else {
        return vec![leave()];
    };
    let addresses = eni.private_ip_addresses.iter();
    let mut ips: Vec<Ipv4Addr> = addresses
        .filter(|a| !a.primary || Some(a.private_ip_address) == selected)
        .map(|a| a.private_ip_address)
        .collect();
    ips.sort_by_key(|ip| Some(*ip) != selected);
    let line = |ip: Ipv4Addr| {
        let elastic = eni.associations().find(|(on, _)| *on == ip);
        let remark = match elastic {
            Some((_, a)) => format!("EIP {} on it is disassociated", a.public_ip),
            None => "it goes back to the subnet".to_owned(),
        };
        let call = Call::UnassignPrivateIpAddresses(UnassignPrivate {
            network_interface_id: id.clone(),
            private_ip_addresses: vec![ip],
            ..UnassignPrivate::default()
        });
        judged(world, ip.to_string(), remark, call)
    };
    ips.into_iter().map(line).chain([leave()]).collect()
}

fn allocate(name: &str) -> Call {
    Call::AllocateAddress(Allocate {
        domain: Some("vpc".into()),
        tags: named(name),
    })
}

/// `AssociateAddress`; taking an Elastic IP from where it is has to be asked for.
pub(super) fn associate(
    world: &World,
    eni: &EniId,
    ip: Option<Ipv4Addr>,
    elastic: &AllocationId,
) -> Call {
    let taken = world
        .address(elastic)
        .is_some_and(|a| a.association_id.is_some());
    Call::AssociateAddress(Associate {
        allocation_id: Some(elastic.clone()),
        network_interface_id: Some(eni.clone()),
        private_ip_address: ip,
        allow_reassociation: taken.then_some(true),
        ..Associate::default()
    })
}

/// What follows once the Elastic IP is known: the call, or the question on which address.
pub(super) fn associate_then(
    world: &World,
    eni: &EniId,
    ip: Option<Ipv4Addr>,
    elastic: &AllocationId,
) -> Then {
    let several = world
        .eni(eni)
        .is_some_and(|e| e.private_ip_addresses.len() > 1);
    if ip.is_none() && several {
        return Then::Ask(HandAction::Associate {
            eni: eni.clone(),
            ip,
            elastic: Some(elastic.clone()),
        });
    }
    Then::Call(associate(world, eni, ip, elastic))
}

fn called(address: &Address) -> String {
    match name_of(&address.tags) {
        Some(name) => format!("{} {name}", address.public_ip),
        None => address.public_ip.to_string(),
    }
}

/// Where an Elastic IP is, if it is anywhere.
fn place(world: &World, address: &Address) -> Option<String> {
    let eni = address.network_interface_id.as_ref()?;
    let ip = address.private_ip_address;
    let on = ip.map(|ip| format!(" {ip}")).unwrap_or_default();
    Some(format!("now on {}{on}", eni_name(world, eni)))
}

/// A new Elastic IP, those on nothing, and those that would be taken from where they are.
fn elastic_ips(world: &World, eni: &EniId, ip: Option<Ipv4Addr>) -> Vec<Choice> {
    let mut known: Vec<_> = world.addresses().collect();
    known.sort_by_key(|a| (a.association_id.is_some(), a.public_ip));
    let line = |address: &std::sync::Arc<Address>| {
        let call = associate(world, eni, ip, &address.id);
        let remark = match rules::check(world, &call) {
            Err(denial) => words(&denial),
            Ok(()) => match place(world, address) {
                Some(place) => format!("{place}: taken from there"),
                None => format!("{}, on nothing", address.id),
            },
        };
        Choice {
            words: called(address),
            remark,
            then: associate_then(world, eni, ip, &address.id),
        }
    };
    let free = known.iter().take_while(|a| a.association_id.is_none());
    let taken = known.iter().skip_while(|a| a.association_id.is_none());
    let new = Choice {
        words: "a new one".to_owned(),
        remark: "allocated first, then associated: two calls".to_owned(),
        then: Then::Both(
            allocate(""),
            HandAction::Associate {
                eni: eni.clone(),
                ip,
                elastic: None,
            },
        ),
    };
    let free = free.map(|a| line(a));
    free.chain([new]).chain(taken.map(|a| line(a))).collect()
}

/// Its private addresses, the primary one first.
fn places(world: &World, id: &EniId, elastic: &AllocationId) -> Vec<Choice> {
    let Some(eni) = world.eni(id) else {
        return vec![leave()];
    };
    let line = |address: &crate::ec2::eni::PrivateIp| {
        let ip = address.private_ip_address;
        let remark = match (&address.association, address.primary) {
            (Some(a), _) => format!("carries {} already", a.public_ip),
            (None, true) => "primary".to_owned(),
            (None, false) => "secondary".to_owned(),
        };
        let call = associate(world, id, Some(ip), elastic);
        match world.address(elastic) {
            Some(_) => judged(world, ip.to_string(), remark, call),
            // Just allocated: the inventory does not list it yet.
            None => choice(ip.to_string(), remark, Some(call)),
        }
    };
    let addresses = eni.private_ip_addresses.iter().map(line);
    addresses.chain([leave()]).collect()
}

/// The Elastic IPs on an interface.
fn associated(world: &World, id: &EniId) -> Vec<Choice> {
    let eni = world.eni(id);
    let on = eni.into_iter().flat_map(|e| e.associations());
    let line = |(ip, association): (Ipv4Addr, &crate::ec2::eni::Association)| {
        let call = Call::DisassociateAddress(Disassociate {
            association_id: association.association_id.clone(),
            ..Disassociate::default()
        });
        let remark = format!("from {ip}; it stays allocated");
        judged(world, association.public_ip.to_string(), remark, call)
    };
    let elastic = on.filter(|(_, a)| a.is_elastic()).map(line);
    elastic.chain([leave()]).collect()
}

/// Every Elastic IP, those on nothing first.
fn releasable(world: &World) -> Vec<Choice> {
    let mut known: Vec<_> = world.addresses().collect();
    known.sort_by_key(|a| (a.association_id.is_some(), a.public_ip));
    let line = |address: &std::sync::Arc<Address>| {
        let call = Call::ReleaseAddress(Release {
            allocation_id: Some(address.id.clone()),
            ..Release::default()
        });
        judged(world, called(address), "given back to EC2 for good", call)
    };
    let lines = known.into_iter().map(line);
    lines.chain([leave()]).collect()
}
