//! Whether an attachment may be ended.
//!
//! Invariant: force overrides none of these refusals. An instance that is stopping or shutting down
//! is no reason, nor is an attachment that is still attaching or already detaching: whether EC2
//! waits or refuses is not documented, and a wrong refusal would keep a person from trying.

use super::find::{self, eni_called};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::Detach;
use crate::ec2::eni::Eni;
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check(world: &World, call: &Detach) -> Verdict {
    let eni = find::attached(world, &call.attachment_id)?;
    if let Some(denial) = service_attachment(call, eni) {
        return Err(denial);
    }
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    if let Some(denial) = primary(world, eni) {
        return Err(denial);
    }
    match holder_not_ready(world, eni) {
        Some(denial) => Err(denial),
        None => Ok(()),
    }
}

/// `ela-attach-…`: the attachments that AWS services make for themselves.
fn service_attachment(call: &Detach, eni: &Eni) -> Option<Denial> {
    let theirs = call.attachment_id.as_str().starts_with("ela-attach-");
    theirs.then(|| {
        Denial::verified(
            "OperationNotPermitted",
            "You are not allowed to manage 'ela-attach' attachments.",
        )
        .because(ownership::reason(eni))
        .instead(ownership::remedy(eni))
    })
}

fn primary(world: &World, eni: &Eni) -> Option<Denial> {
    let holder = eni.instance_id().filter(|_| eni.is_primary())?;
    Some(
        Denial::verified(
            "OperationNotPermitted",
            "The network interface at device index 0 and networkCard index 0 cannot be detached.",
        )
        .because(format!(
            "{} is the primary interface of {}: it lives and dies with its instance.",
            eni_called(eni),
            find::holder_called(world, holder)
        ))
        .instead(
            "Move what it carries instead: its secondary private addresses and its Elastic IPs can \
             be reassigned to another interface. Plan services on a secondary interface.",
        ),
    )
}

fn holder_not_ready(world: &World, eni: &Eni) -> Option<Denial> {
    let holder = world.instance(eni.instance_id()?)?;
    let name = find::instance_called(holder);
    match holder.state {
        InstanceState::Pending => Some(
            Denial::approximate(
                "IncorrectState",
                format!("Instance '{}' is not 'running' or 'stopped'.", holder.id),
            )
            .because(format!("{name} is pending: it has only just been started."))
            .instead(format!("Wait until {name} is running, then detach.")),
        ),
        InstanceState::Running if eni.interface_type.starts_with("efa") => {
            Some(super::attach::hot_efa(eni, holder))
        }
        _ => None,
    }
}
