//! Plans of what is carried over by calls of its own: private addresses, Elastic IPs, routes.
//!
//! Invariants: every call names one thing, or things that EC2 moves all or nothing; every call has
//! its opposite; nothing here ends an attachment, so that the plan names none.

use std::net::Ipv4Addr;

use super::{Intent, Names, Plan, Planned, Unplannable, preflight, resolve, steps};
use crate::ec2::call::{AssignPrivate, Associate, Call, PutRoute};
use crate::ec2::eni::Eni;
use crate::ec2::gap::Kind;
use crate::ec2::id::{EniId, Str};
use crate::ec2::resource::Instance;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::identity::Identity;
use crate::failover::mechanism::Mechanism;
use crate::failover::mechanism::good::{Berth, Good, Handover, What};
use crate::failover::sky::Sky;
use crate::rules::limits;

/// Plans it.
pub(super) fn plan(
    world: &World,
    intent: &Intent,
    sky: &Sky,
    now: Time,
) -> Result<Planned, Unplannable> {
    may_be_seen(world, intent.mechanism)?;
    let (eni, target) = resolve::ends(world, intent)?;
    resolve::held_by(world, intent, eni)?;
    if eni.instance_id() == Some(&target.id) || is_there(world, intent, target) {
        return Ok(Planned::AlreadyThere);
    }
    let all = carried(world, intent.mechanism, eni);
    let count = if intent.only.is_empty() {
        all.len()
    } else {
        intent.only.len()
    };
    let receiver = receiver(world, intent, eni, target, count)?;
    let chosen = chosen(intent, eni, all)?;
    let handovers = handovers(intent, eni, receiver, chosen)?;
    let names = Names::of(world, eni, target);
    let source = eni.instance_id().and_then(|id| world.instance(id));
    let attachment = eni.attachment.as_ref();
    let there = receiver.attachment.as_ref();
    let mut plan = Plan {
        intent: intent.clone(),
        sky: sky.clone(),
        made_at: now,
        source: eni.instance_id().cloned(),
        attachment_id: None,
        source_slot: attachment.map(|a| (a.network_card_index, a.device_index)),
        target_slot: there.map_or((0, 0), |a| (a.network_card_index, a.device_index)),
        target_state: target.state.clone(),
        preflight: preflight::preflight(&preflight::Case {
            world,
            eni,
            source: source.map(|i| &**i),
            target,
            attach: None,
            receiver: Some(receiver),
            handovers: &handovers,
            fence: intent.fence.as_ref(),
        }),
        steps: Vec::new(),
        identity: Identity::of_goods(world, handovers.iter().flat_map(|h| &h.goods)),
        names,
        handovers,
        undo_of: None,
        alternatives: Vec::new(),
    };
    plan.steps = steps::carrying(world, &plan, now);
    plan.settle_checks();
    Ok(Planned::Plan(Box::new(plan)))
}

fn sorry(what: String, remedy: &str) -> Unplannable {
    Unplannable {
        what,
        remedy: remedy.to_owned(),
        code: None,
    }
}

/// All that was asked for by name is on an interface of the target.
fn is_there(world: &World, intent: &Intent, target: &Instance) -> bool {
    let there: Vec<Str> = world
        .enis_of(&target.id)
        .into_iter()
        .flat_map(|eni| carried(world, intent.mechanism, eni))
        .map(|(what, _)| what.name())
        .collect();
    !intent.only.is_empty() && intent.only.iter().all(|name| there.contains(name))
}

/// What a mechanism could take off an interface, with the private address under an Elastic IP.
/// That none was seen of what nobody may look at is no reason to carry none.
fn may_be_seen(world: &World, mechanism: Mechanism) -> Result<(), Unplannable> {
    let kind = match mechanism {
        Mechanism::Interface | Mechanism::PrivateIp => return Ok(()),
        Mechanism::ElasticIp => Kind::Addresses,
        Mechanism::Route => Kind::RouteTables,
    };
    match world.gap(kind) {
        None => Ok(()),
        Some(gap) => Err(Unplannable {
            what: gap.to_string(),
            remedy: format!("Allow ec2:{} in the identity's IAM policy", kind.action()),
            code: None,
        }),
    }
}

fn carried(world: &World, mechanism: Mechanism, eni: &Eni) -> Vec<(What, Option<Ipv4Addr>)> {
    match mechanism {
        Mechanism::Interface => Vec::new(),
        Mechanism::PrivateIp => {
            let ips = eni.private_ip_addresses.iter().filter(|ip| !ip.primary);
            ips.map(|ip| (What::PrivateIp(ip.private_ip_address), None))
                .collect()
        }
        Mechanism::ElasticIp => world
            .addresses_on(&eni.id)
            .map(|address| {
                let what = What::ElasticIp {
                    allocation_id: address.id.clone(),
                    public_ip: address.public_ip,
                };
                (what, address.private_ip_address)
            })
            .collect(),
        Mechanism::Route => world
            .route_tables_to(&eni.id)
            .flat_map(|table| {
                let to = |r: &&crate::ec2::resource::Route| {
                    r.network_interface_id.as_ref() == Some(&eni.id)
                };
                table.routes.iter().filter(to).map(|route| What::Route {
                    table: table.id.clone(),
                    destination: route.destination.clone(),
                })
            })
            .map(|what| (what, None))
            .collect(),
    }
}

/// All of it, or what the intent names.
fn chosen(
    intent: &Intent,
    eni: &Eni,
    all: Vec<(What, Option<Ipv4Addr>)>,
) -> Result<Vec<(What, Option<Ipv4Addr>)>, Unplannable> {
    let noun = match intent.mechanism {
        Mechanism::PrivateIp => "secondary private address",
        Mechanism::ElasticIp => "Elastic IP",
        _ => "route",
    };
    if all.is_empty() {
        return Err(sorry(
            format!("{} has no {noun} that could be carried over", eni.id),
            "Choose another mechanism",
        ));
    }
    let missing = intent
        .only
        .iter()
        .find(|name| !all.iter().any(|(what, _)| what.name() == **name));
    if let Some(missing) = missing {
        return Err(sorry(
            format!("{missing} is no {noun} of {}", eni.id),
            "Look at the interface again: it may have moved already",
        ));
    }
    let is_wanted = |what: &What| intent.only.is_empty() || intent.only.contains(&what.name());
    Ok(all.into_iter().filter(|(w, _)| is_wanted(w)).collect())
}

/// The interface of the target that takes so many things over: the one that the intent names, or the
/// first that can.
fn receiver<'w>(
    world: &'w World,
    intent: &Intent,
    eni: &Eni,
    target: &Instance,
    count: usize,
) -> Result<&'w Eni, Unplannable> {
    let held = world.enis_of(&target.id);
    let called = preflight::name(target);
    if let Some(id) = &intent.receiver {
        let named = held.iter().find(|e| e.id == *id);
        return named.map(|e| &***e).ok_or_else(|| {
            sorry(
                format!("{id} is no interface of {called} ({})", target.id),
                "Name an interface that is attached to the target",
            )
        });
    }
    let why = |e: &Eni| match intent.mechanism {
        Mechanism::PrivateIp => e.subnet_id == eni.subnet_id,
        Mechanism::Route => e.vpc_id == eni.vpc_id,
        _ => true,
    };
    let mut able: Vec<&Eni> = held.iter().map(|e| &***e).filter(|e| why(e)).collect();
    let limits = limits::in_world(world, &target.instance_type);
    let addresses_max = limits.map_or(usize::MAX, |l| l.ipv4_per_interface_max as usize);
    // Routed traffic needs the source/dest check off, each Elastic IP a private address without one,
    // and a private address room for it; the first index is best otherwise.
    able.sort_by_key(|e| match intent.mechanism {
        Mechanism::Route => usize::from(e.source_dest_check),
        Mechanism::ElasticIp => count.saturating_sub(free_addresses(e).count()),
        _ => (e.ipv4_count() as usize + count).saturating_sub(addresses_max),
    });
    able.first().copied().ok_or_else(|| match intent.mechanism {
        Mechanism::PrivateIp => sorry(
            format!(
                "{called} has no interface in {}: a private address never leaves its subnet",
                eni.subnet_id
            ),
            "Choose a target with an interface there, or another mechanism",
        ),
        Mechanism::Route => sorry(
            format!("{called} has no interface in {}", eni.vpc_id),
            "Choose a target in the same VPC",
        ),
        _ => sorry(
            format!("{called} has no interface"),
            "Choose another target",
        ),
    })
}

/// Private addresses without a public one, the primary first.
fn free_addresses(eni: &Eni) -> impl Iterator<Item = Ipv4Addr> {
    let mut ips: Vec<_> = eni.private_ip_addresses.iter().collect();
    ips.sort_by_key(|ip| !ip.primary);
    let is_free = |ip: &&crate::ec2::eni::PrivateIp| {
        let on = ip.association.as_ref();
        on.is_none_or(|a| !a.is_elastic())
    };
    ips.into_iter()
        .filter(is_free)
        .map(|ip| ip.private_ip_address)
}

fn no_room(receiver: &Eni, public_ip: Ipv4Addr) -> Unplannable {
    sorry(
        format!(
            "{} has no private address left for {public_ip}: one takes one Elastic IP",
            receiver.id
        ),
        "Assign it another private address, or carry fewer over",
    )
}

/// The private address of the receiver that an Elastic IP had before, and is to have again.
fn had(receiver: &Eni, public_ip: Ipv4Addr, under: Ipv4Addr) -> Result<Ipv4Addr, Unplannable> {
    let mut ips = receiver.private_ip_addresses.iter();
    let why = match ips.find(|ip| ip.private_ip_address == under) {
        None => format!("is no address of {} any more", receiver.id),
        Some(ip) => match ip.association.as_ref().filter(|a| a.is_elastic()) {
            Some(other) => format!("has {} by now", other.public_ip),
            None => return Ok(under),
        },
    };
    Err(sorry(
        format!("{public_ip} cannot go back to where it was: {under} {why}"),
        "Make room for it there, or carry it to another address with --mechanism elastic-ip --only",
    ))
}

fn handovers(
    intent: &Intent,
    eni: &Eni,
    receiver: &Eni,
    chosen: Vec<(What, Option<Ipv4Addr>)>,
) -> Result<Vec<Handover>, Unplannable> {
    let is_kept = |ip: &Ipv4Addr| intent.under.values().any(|under| under == ip);
    let mut free = free_addresses(receiver).filter(|ip| !is_kept(ip));
    let mut goods = Vec::new();
    for (what, under) in chosen {
        let to = match &what {
            What::ElasticIp { public_ip, .. } => Some(match intent.under.get(&what.name()) {
                Some(under) => had(receiver, *public_ip, *under)?,
                None => free.next().ok_or_else(|| no_room(receiver, *public_ip))?,
            }),
            _ => None,
        };
        let berth = |eni: &EniId, private_ip| Berth {
            eni: eni.clone(),
            private_ip,
        };
        goods.push(Good {
            what,
            from: berth(&eni.id, under),
            to: berth(&receiver.id, to),
        });
    }
    let handover = |goods: Vec<Good>| Handover {
        over: call(&goods, |g| &g.to),
        back: call(&goods, |g| &g.from),
        goods,
    };
    Ok(match intent.mechanism {
        // EC2 assigns all addresses of a call or none.
        Mechanism::PrivateIp => vec![handover(goods)],
        _ => goods.into_iter().map(|g| handover(vec![g])).collect(),
    })
}

/// The call that brings things, all of one kind, to one of their ends.
fn call(goods: &[Good], end: fn(&Good) -> &Berth) -> Call {
    let mut assign = AssignPrivate {
        allow_reassignment: true,
        ..AssignPrivate::default()
    };
    for good in goods {
        let berth = end(good);
        match &good.what {
            What::PrivateIp(ip) => {
                assign.network_interface_id = berth.eni.clone();
                assign.private_ip_addresses.push(*ip);
            }
            What::ElasticIp { allocation_id, .. } => {
                return Call::AssociateAddress(Associate {
                    allocation_id: Some(allocation_id.clone()),
                    network_interface_id: Some(berth.eni.clone()),
                    private_ip_address: berth.private_ip,
                    // What its absence means depends on the account's age: always explicit.
                    allow_reassociation: Some(true),
                    ..Associate::default()
                });
            }
            What::Route { table, destination } => {
                return Call::ReplaceRoute(PutRoute {
                    route_table_id: table.clone(),
                    destination: destination.clone(),
                    network_interface_id: Some(berth.eni.clone()),
                    ..PutRoute::default()
                });
            }
        }
    }
    Call::AssignPrivateIpAddresses(assign)
}
