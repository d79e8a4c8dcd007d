//! Whether instances may be started, stopped or terminated.
//!
//! Invariant: a call that names several instances is refused as a whole for the first of them that
//! is refused. Starting what runs, stopping what is stopped and terminating twice are successes
//! that change nothing.

use super::find::{self, instance_called};
use super::verdict::{Denial, Verdict};
use crate::ec2::call::Instances;
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
    find::instances(world, &call.instance_ids).map(|_| ())
}

const INCORRECT: &str = "IncorrectInstanceState";

fn first(named: Vec<&Instance>, refusal: impl Fn(&Instance) -> Option<Denial>) -> Verdict {
    match named.into_iter().find_map(refusal) {
        Some(denial) => Err(denial),
        None => Ok(()),
    }
}
