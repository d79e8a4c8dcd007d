//! Whether an interface may be attached to an instance.
//!
//! Invariant: the order of [`CHECKS`] is the order in which EC2 is taken to check; AWS does not
//! publish it. Form and existence of the ids come before all of them.

use super::find::{self, counted, eni_called, instance_called};
use super::limits::{self, Limits};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::Attach;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::world::World;

/// Device indexes end here on every card. Documented by AWS nowhere; 32 is what an independent
/// implementation of EC2 (Eucalyptus) allows, and no instance type has more on one card.
const DEVICE_INDEX_MAX: u32 = 31;

/// One call with everything that the checks look at.
struct Case<'a> {
    world: &'a World,
    call: &'a Attach,
    eni: &'a Eni,
    instance: &'a Instance,
    limits: Option<Limits>,
    slots: Slots,
    /// As if the interface were detached already: only the target counts.
    moving: bool,
}

type Check = fn(&Case<'_>) -> Option<Denial>;

const CHECKS: [Check; 9] = [
    not_ours,
    in_use,
    instance_state,
    hot_attach_of_efa,
    other_zone,
    no_such_slot,
    index_taken,
    no_room,
    too_many_addresses,
];

/// The first refusal in EC2's order.
pub fn check(world: &World, call: &Attach) -> Verdict {
    let case = Case::of(world, call, false)?;
    match CHECKS.iter().find_map(|check| check(&case)) {
        Some(denial) => Err(denial),
        None => Ok(()),
    }
}

/// Every refusal at once, in EC2's order, as if `call.network_interface_id` were already detached
/// from where it is now: what stands in the way of this target. A taken index is none of them
/// where no other index would help: then it is the room that is missing.
pub fn blockers(world: &World, call: &Attach) -> Vec<Denial> {
    match Case::of(world, call, true) {
        Ok(case) => CHECKS.iter().filter_map(|check| check(&case)).collect(),
        Err(denial) => vec![denial],
    }
}

/// The lowest free device index on card 0, or on the first card that has room: (card, index).
/// `None` if the type's limit is reached on every card. A type with unknown limits has room.
pub fn free_slot(world: &World, instance: &InstanceId) -> Option<(u32, u32)> {
    let limits = world
        .instance(instance)
        .and_then(|i| limits::in_world(world, &i.instance_type));
    Slots::of(world, instance, None).free(limits.as_ref())
}

/// The occupied positions of an instance: (card, index). Attaching and detaching ones count.
struct Slots(Vec<(u32, u32)>);

impl Slots {
    /// Those of `instance`, without the one that `leaving` holds.
    fn of(world: &World, instance: &InstanceId, leaving: Option<&EniId>) -> Self {
        let others = world.enis_of(instance).into_iter();
        Self(
            others
                .filter(|e| Some(&e.id) != leaving)
                .filter_map(|e| e.attachment.as_ref())
                .map(|a| (a.network_card_index, a.device_index))
                .collect(),
        )
    }

    fn count_on(&self, card: u32) -> u32 {
        let on_card = self.0.iter().filter(|(c, _)| *c == card);
        u32::try_from(on_card.count()).unwrap_or(u32::MAX)
    }

    fn free(&self, limits: Option<&Limits>) -> Option<(u32, u32)> {
        let cards = limits.map_or(1, |l| l.network_cards);
        let mut with_room = (0..cards).filter(|card| {
            limits.is_none_or(|l| self.count_on(*card) < l.interfaces_per_card_max(*card))
        });
        with_room.find_map(|card| {
            let free = (1..=DEVICE_INDEX_MAX).find(|index| !self.0.contains(&(card, *index)));
            free.map(|index| (card, index))
        })
    }
}

impl<'a> Case<'a> {
    fn of(world: &'a World, call: &'a Attach, moving: bool) -> Result<Self, Denial> {
        find::eni_form(world, &call.network_interface_id)?;
        find::instance_form(world, &call.instance_id)?;
        let eni = find::eni(world, &call.network_interface_id)?;
        let instance = find::instance(world, &call.instance_id)?;
        let leaving = moving.then_some(&call.network_interface_id);
        Ok(Self {
            world,
            call,
            eni,
            instance,
            limits: limits::in_world(world, &instance.instance_type),
            slots: Slots::of(world, &call.instance_id, leaving),
            moving,
        })
    }

    /// `a t3.nano`, `an m5.large`.
    fn a_type(&self) -> String {
        with_article(&self.instance.instance_type)
    }
}

fn not_ours(case: &Case<'_>) -> Option<Denial> {
    ownership::refusal(case.world, case.eni)
}

fn in_use(case: &Case<'_>) -> Option<Denial> {
    let attachment = case.eni.attachment.as_ref().filter(|_| !case.moving)?;
    let eni = &case.eni.id;
    let name = eni_called(case.eni);
    let told = match &attachment.instance_id {
        Some(id) => find::attachment_told(case.world, case.eni, attachment, id),
        None => format!("{name} is {} to a service.", attachment.status),
    };
    let remedy = match attachment.status {
        AttachmentStatus::Detaching => format!("Wait until {name} is available."),
        _ => format!(
            "Detach it first (attachment {}), and wait until it is available.",
            attachment.attachment_id
        ),
    };
    Some(
        Denial::approximate(
            "InvalidNetworkInterface.InUse",
            format!("Interface: [{eni}] in use."),
        )
        .because(told)
        .instead(remedy),
    )
}

fn instance_state(case: &Case<'_>) -> Option<Denial> {
    let name = instance_called(case.instance);
    let state = &case.instance.state;
    let remedy = match state {
        InstanceState::Pending => format!("Wait until {name} is running."),
        InstanceState::Stopping => {
            format!("Wait until {name} is stopped: a stopped instance can be attached to.")
        }
        InstanceState::ShuttingDown | InstanceState::Terminated => {
            format!("Choose another instance: {name} does not come back.")
        }
        // A state that this program does not know is EC2's to judge.
        InstanceState::Running | InstanceState::Stopped | InstanceState::Other(_) => return None,
    };
    Some(
        Denial::approximate(
            "IncorrectState",
            format!(
                "Instance '{}' is not 'running' or 'stopped'.",
                case.instance.id
            ),
        )
        .because(format!(
            "{name} is {state}; interfaces are attached to running or stopped instances only."
        ))
        .instead(remedy),
    )
}

fn hot_attach_of_efa(case: &Case<'_>) -> Option<Denial> {
    let hot = case.instance.state == InstanceState::Running;
    let efa = case.eni.interface_type.starts_with("efa");
    (hot && efa).then(|| hot_efa(case.eni, case.instance))
}

/// An Elastic Fabric Adapter is attached and detached while its instance is stopped, or at launch
/// (EC2 User Guide, "Elastic Fabric Adapter").
pub(super) fn hot_efa(eni: &Eni, instance: &Instance) -> Denial {
    let name = instance_called(instance);
    Denial::approximate(
        "InvalidParameterCombination",
        "Elastic Fabric Adapters can be attached or detached only while the instance is stopped.",
    )
    .because(format!(
        "{} is of type {}, and {name} is running.",
        eni_called(eni),
        eni.interface_type
    ))
    .instead(format!("Stop {name} first."))
}

fn other_zone(case: &Case<'_>) -> Option<Denial> {
    let (here, there) = (
        &case.eni.availability_zone,
        &case.instance.availability_zone,
    );
    (here != there).then(|| {
        Denial::verified(
            "InvalidParameterCombination",
            "You may not attach a network interface to an instance if they are not in the same \
             availability zone",
        )
        .because(format!(
            "{} stays in {here} with its subnet; {} is in {there}.",
            eni_called(case.eni),
            instance_called(case.instance)
        ))
        .instead(format!(
            "Choose an instance in {here}. To reach {there}, {}.",
            another_way(case)
        ))
    })
}

/// What can reach another zone when the interface cannot.
fn another_way(case: &Case<'_>) -> &'static str {
    let elastic = case.eni.associations().any(|(_, a)| a.is_elastic());
    let mut tables = case.world.route_tables_to(&case.eni.id);
    match (elastic, tables.next().is_some()) {
        (true, true) => {
            "associate the Elastic IP with an interface there, and replace the route's target"
        }
        (true, false) => "associate the Elastic IP with an interface there",
        (false, true) => "replace the route's target by an interface there",
        (false, false) => "lead the clients there by DNS or a load balancer",
    }
}

fn no_such_slot(case: &Case<'_>) -> Option<Denial> {
    let card = case.call.network_card_index;
    let index = case.call.device_index;
    if let Some(limits) = case.limits.as_ref().filter(|l| card >= l.network_cards) {
        return Some(
            Denial::approximate(
                "InvalidParameterValue",
                format!(
                    "Network card index '{card}' is not valid for instance type '{}'.",
                    case.instance.instance_type
                ),
            )
            .because(format!(
                "{} has {}, counted from 0.",
                case.instance.instance_type,
                counted(limits.network_cards, "network card", "network cards")
            ))
            .instead("Use network card index 0."),
        );
    }
    (index > DEVICE_INDEX_MAX).then(|| {
        Denial::approximate(
            "InvalidParameterValue",
            format!("Device index '{index}' is out of range."),
        )
        .because(format!("Device indexes go from 0 to {DEVICE_INDEX_MAX}."))
        .instead(case.another_index())
    })
}

fn index_taken(case: &Case<'_>) -> Option<Denial> {
    let slot = (case.call.network_card_index, case.call.device_index);
    let primary = slot == (0, 0);
    if !primary && !case.slots.0.contains(&slot) {
        return None;
    }
    if case.moving && no_room(case).is_some() {
        return None;
    }
    let index = case.call.device_index;
    let name = instance_called(case.instance);
    let holder = case
        .world
        .enis_of(&case.instance.id)
        .into_iter()
        .find(|e| {
            let at = e.attachment.as_ref();
            at.is_some_and(|a| (a.network_card_index, a.device_index) == slot)
        })
        .map_or("its primary interface", |e| eni_called(e));
    Some(
        Denial::verified(
            "InvalidParameterValue",
            format!(
                "Instance '{}' already has an interface attached at device index '{index}'.",
                case.instance.id
            ),
        )
        .because(if primary {
            format!("Device index 0 of {name} belongs to its primary interface.")
        } else {
            format!("{holder} is at {} of {name}.", case.slot(slot))
        })
        .instead(case.another_index()),
    )
}

fn no_room(case: &Case<'_>) -> Option<Denial> {
    let limits = case.limits.as_ref()?;
    let card = case.call.network_card_index;
    // Cards share out all of a type's interfaces, so a type that is full is full on every card.
    let (has, may) = (
        case.slots.count_on(card),
        limits.interfaces_per_card_max(card),
    );
    if has < may || card >= limits.network_cards {
        return None;
    }
    let name = instance_called(case.instance);
    let on_card = if limits.network_cards > 1 {
        format!("network card {card} of ")
    } else {
        String::new()
    };
    let remedy = if case.slots.free(Some(limits)).is_some() {
        "Use another network card, or choose another instance.".to_owned()
    } else {
        format!(
            "Choose another instance, detach an interface from {name}, or change its type to a \
             larger one (it must be stopped for that)."
        )
    };
    Some(
        Denial::verified(
            "AttachmentLimitExceeded",
            format!(
                "Interface count {} exceeds the limit for {}",
                has + 1,
                case.instance.instance_type
            ),
        )
        .because(format!(
            "{name} already has {has} of the {may} interfaces that {on_card}{} may have.",
            case.a_type()
        ))
        .instead(remedy),
    )
}

/// An interface keeps its addresses, so a smaller type may be too small for it.
fn too_many_addresses(case: &Case<'_>) -> Option<Denial> {
    let limits = case.limits.as_ref()?;
    let ipv4 = case.eni.ipv4_count();
    let ipv6 = case.eni.ipv6_addresses.len() + case.eni.ipv6_prefixes.len();
    let ipv6 = u32::try_from(ipv6).unwrap_or(u32::MAX);
    let too_many = |has: u32, may: u32, kind: &str| {
        Denial::approximate(
            "PrivateIpAddressLimitExceeded",
            "Number of private addresses will exceed limit.",
        )
        .because(format!(
            "{} has {has} {kind} addresses; one interface of {} may have {may}.",
            eni_called(case.eni),
            case.a_type()
        ))
        .instead(format!(
            "Unassign {} of them, or choose an instance of a type that allows {has}.",
            has - may
        ))
    };
    let ipv4_may = limits.ipv4_per_interface_max;
    let ipv6_may = limits.ipv6_per_interface_max.unwrap_or(u32::MAX);
    if ipv4 > ipv4_may {
        Some(too_many(ipv4, ipv4_may, "IPv4"))
    } else if ipv6 > ipv6_may {
        Some(too_many(ipv6, ipv6_may, "IPv6"))
    } else {
        None
    }
}

impl Case<'_> {
    fn another_index(&self) -> String {
        let name = instance_called(self.instance);
        match self.slots.free(self.limits.as_ref()) {
            Some(free) => format!("Use {}: it is free on {name}.", self.slot(free)),
            None => format!("{name} has no room for another interface: choose another instance."),
        }
    }

    /// A position in words; the card is named where there are several.
    fn slot(&self, (card, index): (u32, u32)) -> String {
        if card > 0 || self.limits.as_ref().is_some_and(|l| l.network_cards > 1) {
            format!("network card {card}, device index {index}")
        } else {
            format!("device index {index}")
        }
    }
}

/// `a t3.nano`, `an m5.large`: by the sound of the first letter.
fn with_article(instance_type: &str) -> String {
    let article = match instance_type.bytes().next() {
        Some(b'a' | b'f' | b'h' | b'i' | b'm' | b'r' | b'x') => "an",
        _ => "a",
    };
    format!("{article} {instance_type}")
}
