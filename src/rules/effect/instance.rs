//! Starting, stopping and terminating instances.
//!
//! Invariants: interfaces stay attached over stop and start; `DeleteOnTermination` is applied when
//! the instance reaches `terminated`, as it is set then (EC2 User Guide, "Instance lifecycle").

use super::{Effect, Mint, Settled, Transition, interface, routes};
use crate::ec2::call::{Answer, Instances, ModifyInstance, StateChange};
use crate::ec2::change::Change;
use crate::ec2::eni::EniStatus;
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::{Address, CheckStatus, Instance, InstanceState};
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// Stopped becomes pending; anything else is a success that changes nothing.
pub fn start(world: &World, call: &Instances, mint: &mut dyn Mint, now: Time) -> Effect {
    let mut effect = answered(world, call, |state| match state {
        InstanceState::Stopped => InstanceState::Pending,
        same => same,
    });
    for instance in named(world, call) {
        if instance.state == InstanceState::Stopped {
            let id = &instance.id;
            effect.at_once.extend([
                Change::InstanceState(id.clone(), InstanceState::Pending),
                Change::LaunchTime(id.clone(), now),
            ]);
            effect.at_once.extend(new_public_ip(world, instance, mint));
            effect.under_way.push(Transition::Running(id.clone()));
            effect.under_way.extend(routes_of(world, id));
        }
    }
    effect
}

/// A started instance gets a new automatic public address, unless several interfaces are attached
/// or an Elastic IP is on it (EC2 User Guide, "Public IPv4 addresses"). What its interface says
/// decides, and the subnet's setting where that says nothing.
fn new_public_ip(world: &World, instance: &Instance, mint: &mut dyn Mint) -> Option<Change> {
    let subnet = world.subnet(instance.subnet_id.as_ref()?)?;
    let [only] = world.enis_of(&instance.id)[..] else {
        return None;
    };
    let asked_for = only.associate_public_ip_address;
    let wanted =
        asked_for.unwrap_or(subnet.map_public_ip_on_launch) && only.associations().next().is_none();
    wanted.then(|| Change::PublicIpAssigned(only.id.clone(), mint.public_ip()))
}

/// What the only interface of an instance gets in place of an Elastic IP that leaves it, unless it
/// goes to another address of the same one (`staying`).
pub fn public_ip_again(
    world: &World,
    leaving: &Address,
    staying: Option<&EniId>,
    mint: &mut dyn Mint,
) -> Option<Change> {
    let eni = world.eni(leaving.network_interface_id.as_ref()?)?;
    let instance = world.instance(eni.instance_id()?)?;
    let [only] = world.enis_of(&instance.id)[..] else {
        return None;
    };
    let subnet = world.subnet(&only.subnet_id)?;
    let asked_for = only.associate_public_ip_address;
    let wanted = asked_for.unwrap_or(subnet.map_public_ip_on_launch)
        && instance.state == InstanceState::Running
        && staying != Some(&only.id)
        && leaving.private_ip_address == only.primary_ip()
        && only.associations().count() == 1;
    wanted.then(|| Change::PublicIpAssigned(only.id.clone(), mint.public_ip()))
}

/// An attribute of the instance itself, or of its only interface.
pub fn modify(world: &World, call: &ModifyInstance) -> Effect {
    let id = &call.instance_id;
    let mut effect = Effect::default();
    if let Some(kind) = &call.instance_type {
        let change = Change::InstanceType(id.clone(), kind.clone());
        effect.at_once.push(change);
    }
    if let Some(on) = call.disable_api_termination {
        let change = Change::DisableApiTermination(id.clone(), on);
        effect.at_once.push(change);
    }
    if let [only] = world.enis_of(id)[..] {
        if let Some(on) = call.source_dest_check {
            let change = Change::SourceDestCheck(only.id.clone(), on);
            effect.at_once.push(change);
        }
        if let Some(ids) = &call.groups {
            let groups = interface::group_refs(world, ids);
            effect.at_once.push(Change::Groups(only.id.clone(), groups));
        }
    }
    effect
}

/// The answer of a call that changes states: what each instance was, and is.
fn answered(
    world: &World,
    call: &Instances,
    becomes: impl Fn(InstanceState) -> InstanceState,
) -> Effect {
    let changes = named(world, call).map(|i| StateChange {
        instance_id: i.id.clone(),
        previous_state: i.state.clone(),
        current_state: becomes(i.state.clone()),
    });
    Effect {
        answer: Answer {
            state_changes: changes.collect(),
            ..Answer::default()
        },
        ..Effect::default()
    }
}

/// Running becomes stopping. Force on an instance that is already stopping ends the wait for its
/// guest; without it, stopping or stopped changes nothing.
pub fn stop(world: &World, call: &Instances) -> Effect {
    let mut effect = answered(world, call, |state| match state {
        InstanceState::Running => InstanceState::Stopping,
        same => same,
    });
    for instance in named(world, call) {
        let id = &instance.id;
        match instance.state {
            InstanceState::Running => {
                effect
                    .at_once
                    .push(Change::InstanceState(id.clone(), InstanceState::Stopping));
                effect.under_way.push(Transition::Stopped(id.clone()));
            }
            InstanceState::Stopping if call.force => {
                effect.under_way.push(Transition::Stopped(id.clone()));
            }
            _ => {}
        }
    }
    effect
}

/// Anything that still exists becomes shutting-down; a second call changes nothing.
pub fn terminate(world: &World, call: &Instances) -> Effect {
    let mut effect = answered(world, call, |state| match state {
        InstanceState::Terminated => InstanceState::Terminated,
        _ => InstanceState::ShuttingDown,
    });
    for instance in named(world, call).filter(|i| !i.is_gone()) {
        let id = &instance.id;
        effect.at_once.push(Change::InstanceState(
            id.clone(),
            InstanceState::ShuttingDown,
        ));
        effect.under_way.push(Transition::Terminated(id.clone()));
    }
    effect
}

/// Pending becomes running; the status checks begin anew and the routes come back.
pub fn running(world: &World, id: &InstanceId) -> Settled {
    if !is_in(world, id, &InstanceState::Pending) {
        return Settled::default();
    }
    let mut under_way = vec![Transition::ChecksPass(id.clone())];
    under_way.extend(routes_of(world, id));
    Settled {
        changes: vec![
            Change::InstanceState(id.clone(), InstanceState::Running),
            Change::StatusChecks(
                id.clone(),
                CheckStatus::Initializing,
                CheckStatus::Initializing,
            ),
        ],
        under_way,
    }
}

/// A check that is still initializing passes; one that has failed meanwhile stays failed.
pub fn checks_pass(world: &World, id: &InstanceId) -> Settled {
    let passed = |status: &CheckStatus| match status {
        CheckStatus::Initializing => CheckStatus::Ok,
        other => other.clone(),
    };
    let mut settled = Settled::default();
    if let Some(instance) = world.instance(id)
        && instance.state == InstanceState::Running
    {
        let system = passed(&instance.system_status);
        let guest = passed(&instance.instance_status);
        if system != instance.system_status || guest != instance.instance_status {
            let change = Change::StatusChecks(id.clone(), system, guest);
            settled.changes.push(change);
        }
    }
    settled
}

/// Stopping becomes stopped: an automatic public address is released, everything else stays.
pub fn stopped(world: &World, id: &InstanceId) -> Settled {
    if !is_in(world, id, &InstanceState::Stopping) {
        return Settled::default();
    }
    let mut changes = vec![Change::InstanceState(id.clone(), InstanceState::Stopped)];
    for eni in world.enis_of(id) {
        changes.extend(interface::public_ip_released(eni));
    }
    Settled {
        changes,
        under_way: routes_of(world, id),
    }
}

/// Shutting-down becomes terminated: interfaces with `DeleteOnTermination` are deleted and their
/// Elastic IPs freed, the others become available.
pub fn terminated(world: &World, id: &InstanceId) -> Settled {
    if !is_in(world, id, &InstanceState::ShuttingDown) {
        return Settled::default();
    }
    let mut changes = vec![
        Change::InstanceState(id.clone(), InstanceState::Terminated),
        Change::InstanceLeftSubnet(id.clone()),
    ];
    for eni in world.enis_of(id) {
        let goes = eni
            .attachment
            .as_ref()
            .is_some_and(|a| a.delete_on_termination);
        if goes {
            changes.extend(interface::gone(world, &eni.id));
        } else {
            changes.extend([
                Change::Attachment(eni.id.clone(), None),
                Change::EniStatus(eni.id.clone(), EniStatus::Available),
            ]);
            changes.extend(interface::left_its_instance(world, eni));
        }
    }
    Settled {
        changes,
        under_way: routes_of(world, id),
    }
}

fn named<'w>(world: &'w World, call: &'w Instances) -> impl Iterator<Item = &'w Instance> {
    let found = call.instance_ids.iter().filter_map(|id| world.instance(id));
    found.map(|i| &**i)
}

fn is_in(world: &World, id: &InstanceId, state: &InstanceState) -> bool {
    world.instance(id).is_some_and(|i| i.state == *state)
}

fn routes_of(world: &World, id: &InstanceId) -> Vec<Transition> {
    let enis = world.enis_of(id);
    enis.iter()
        .filter_map(|eni| routes::will_follow(world, &eni.id))
        .collect()
}
