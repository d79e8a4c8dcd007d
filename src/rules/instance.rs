//! Whether instances may be started, stopped or terminated.
//!
//! Invariant: a call that names several instances is refused as a whole for the first of them that
//! is refused. Starting what runs, stopping what is stopped and terminating twice are successes
//! that change nothing.

use super::find::{self, instance_called};
use super::verdict::{Denial, Verdict};
use super::{elastic, limits, modify};
use crate::ec2::call::{Instances, ModifyInstance};
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check_start(world: &World, call: &Instances) -> Verdict {
    let named = find::instances(world, &call.instance_ids)?;
    first(named, |instance| {
        let id = &instance.id;
        let name = instance_called(instance);
        let message =
            format!("The instance '{id}' is not in a state from which it can be started.");
        match instance.state {
            InstanceState::Stopping => Some(
                Denial::verified(INCORRECT, message)
                    .because(format!("{name} is still stopping."))
                    .instead(format!("Wait until {name} is stopped, then start it.")),
            ),
            InstanceState::ShuttingDown | InstanceState::Terminated => Some(
                Denial::approximate(INCORRECT, message)
                    .because(format!("{name} is {}; that is final.", instance.state))
                    .instead("Launch another instance."),
            ),
            _ => None,
        }
    })
}

/// The first refusal in EC2's order.
pub fn check_stop(world: &World, call: &Instances) -> Verdict {
    let named = find::instances(world, &call.instance_ids)?;
    first(named, |instance| {
        let id = &instance.id;
        let name = instance_called(instance);
        match instance.state {
            InstanceState::Pending => Some(
                Denial::verified(
                    INCORRECT,
                    format!(
                        "Instance '{id}' cannot be stopped as it has never reached the 'running' \
                         state."
                    ),
                )
                .because(format!("{name} is pending: it has only just been started."))
                .instead(format!("Wait until {name} is running, then stop it.")),
            ),
            InstanceState::ShuttingDown | InstanceState::Terminated => Some(
                Denial::approximate(
                    INCORRECT,
                    format!("The instance '{id}' is not in a state from which it can be stopped."),
                )
                .because(format!("{name} is {}; that is final.", instance.state))
                .instead("Nothing is left to stop."),
            ),
            _ => None,
        }
    })
}

/// The first refusal in EC2's order.
pub fn check_terminate(world: &World, call: &Instances) -> Verdict {
    let named = find::instances(world, &call.instance_ids)?;
    first(named, |instance| {
        let protected = instance.disable_api_termination && !instance.is_gone();
        protected.then(|| {
            let (id, name) = (&instance.id, instance_called(instance));
            Denial::approximate(
                "OperationNotPermitted",
                format!(
                    "The instance '{id}' may not be terminated. Modify its \
                     'disableApiTermination' instance attribute and try again."
                ),
            )
            .because(format!("{name} is protected from termination."))
            .instead("Turn DisableApiTermination off first, if that is what you want.")
        })
    })
}

/// The first refusal in EC2's order.
pub fn check_reboot(world: &World, call: &Instances) -> Verdict {
    let named = find::instances(world, &call.instance_ids)?;
    first(named, |instance| {
        let (id, name) = (&instance.id, instance_called(instance));
        (instance.state != InstanceState::Running).then(|| {
            Denial::approximate(
                "IncorrectState",
                format!("Instance '{id}' is not 'running'."),
            )
            .because(format!(
                "{name} is {}; only what runs is rebooted.",
                instance.state
            ))
            .instead(format!("Start {name} instead, if it is stopped."))
        })
    })
}

/// The first refusal in EC2's order.
pub fn check_modify(world: &World, call: &ModifyInstance) -> Verdict {
    modify::only_one(&[
        ("instanceType", call.instance_type.is_some()),
        ("sourceDestCheck", call.source_dest_check.is_some()),
        ("groupSet", call.groups.is_some()),
        (
            "disableApiTermination",
            call.disable_api_termination.is_some(),
        ),
    ])?;
    find::instance_form(world, &call.instance_id)?;
    let instance = find::instance(world, &call.instance_id)?;
    if let Some(kind) = &call.instance_type {
        resized(world, instance, kind)?;
    }
    if call.source_dest_check.is_some() || call.groups.is_some() {
        let eni = elastic::only_interface(world, &call.instance_id)?;
        if let Some(ids) = &call.groups {
            modify::groups(world, eni, ids)?;
        }
    }
    Ok(())
}

/// Whether a stopped instance and all that is attached to it fit another type.
fn resized(world: &World, instance: &Instance, kind: &str) -> Verdict {
    let (id, name) = (&instance.id, instance_called(instance));
    if instance.state != InstanceState::Stopped {
        return Err(Denial::verified(
            INCORRECT,
            format!("The instance '{id}' is not in the 'stopped' state."),
        )
        .because(format!(
            "{name} is {}; its type can change only while it is stopped.",
            instance.state
        ))
        .instead(format!("Stop {name} first.")));
    }
    let Some(limits) = limits::of(kind) else {
        return Err(Denial::approximate(
            "InvalidParameterValue",
            format!("Invalid value '{kind}' for InstanceType."),
        )
        .because(format!(
            "There is no instance type {kind} that is known here."
        ))
        .instead("Check the type's name."));
    };
    let enis = world.enis_of(id);
    let has = u32::try_from(enis.len()).unwrap_or(u32::MAX);
    if has > limits.interfaces_max {
        return Err(Denial::approximate(
            "AttachmentLimitExceeded",
            format!("Interface count {has} exceeds the limit for {kind}"),
        )
        .because(format!(
            "{name} has {has} interfaces; {kind} may have {}.",
            limits.interfaces_max
        ))
        .instead("Detach interfaces first, or choose a larger type."));
    }
    let may = limits.ipv4_per_interface_max;
    match enis.iter().find(|eni| eni.ipv4_count() > may) {
        Some(eni) => Err(Denial::approximate(
            "InvalidInterface.IpAddressLimitExceeded",
            "Number of private addresses will exceed limit.",
        )
        .because(format!(
            "{} has {} IPv4 addresses; one interface of {kind} may have {may}.",
            find::eni_called(eni),
            eni.ipv4_count()
        ))
        .instead("Unassign addresses first, or choose a larger type.")),
        None => Ok(()),
    }
}

const INCORRECT: &str = "IncorrectInstanceState";

fn first(named: Vec<&Instance>, refusal: impl Fn(&Instance) -> Option<Denial>) -> Verdict {
    match named.into_iter().find_map(refusal) {
        Some(denial) => Err(denial),
        None => Ok(()),
    }
}
