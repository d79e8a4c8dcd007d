//! From what a person named to what is really there, or why there cannot even be a plan.

use super::{Intent, Unplannable};
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{AttachmentId, EniId, InstanceId};
use crate::ec2::resource::Instance;
use crate::ec2::world::World;
use crate::failover::plan::preflight::name;
use crate::rules::ownership;
use crate::rules::verdict::Denial;

fn sorry(what: String, remedy: &str, code: Option<&'static str>) -> Unplannable {
    Unplannable {
        what,
        remedy: remedy.to_owned(),
        code,
    }
}

/// The two ends that the intent names.
pub(super) fn ends<'a>(
    world: &'a World,
    intent: &Intent,
) -> Result<(&'a Eni, &'a Instance), Unplannable> {
    let eni = interface(world, &intent.eni)?;
    let target = target(world, &intent.target)?;
    if intent.source.as_ref() == Some(&intent.target) {
        return Err(sorry(
            format!("{} is both source and target", intent.target),
            "Name another target",
            None,
        ));
    }
    Ok((eni, target))
}

fn interface<'a>(world: &'a World, id: &EniId) -> Result<&'a Eni, Unplannable> {
    if let Some(eni) = world.eni(id) {
        return Ok(eni);
    }
    let text = id.as_str();
    let instance = InstanceId::from(text);
    if let Some(instance) = world.instance(&instance) {
        let held: Vec<_> = world
            .enis_of(&instance.id)
            .into_iter()
            .filter(|e| !e.is_primary())
            .map(|e| e.id.to_string())
            .collect();
        let remedy = match held.as_slice() {
            [] => "Name a network interface (eni-…); this instance has no secondary one".to_owned(),
            held => format!("Name one of its secondary interfaces: {}", held.join(", ")),
        };
        return Err(sorry(
            format!("{text} is an instance, not a network interface"),
            &remedy,
            Some("InvalidNetworkInterfaceId.Malformed"),
        ));
    }
    if let Some(eni) = world.eni_of_attachment(&AttachmentId::from(text)) {
        return Err(sorry(
            format!("{text} is an attachment, not a network interface"),
            &format!("Name the interface that it holds: {}", eni.id),
            Some("InvalidNetworkInterfaceId.Malformed"),
        ));
    }
    if InstanceId::well_formed(text) {
        return Err(sorry(
            format!("{text} is the id of an instance; a network interface is needed"),
            "Name a network interface (eni-…)",
            Some("InvalidNetworkInterfaceId.Malformed"),
        ));
    }
    if !EniId::well_formed(text) {
        return Err(sorry(
            format!("`{text}` is not the id of a network interface"),
            "Such an id is eni- and 17 hexadecimal digits",
            Some("InvalidNetworkInterfaceId.Malformed"),
        ));
    }
    Err(sorry(
        format!(
            "the network interface {text} does not exist in {}",
            place(world)
        ),
        "Check account, Region and id",
        Some("InvalidNetworkInterfaceID.NotFound"),
    ))
}

fn target<'a>(world: &'a World, id: &InstanceId) -> Result<&'a Instance, Unplannable> {
    if let Some(instance) = world.instance(id) {
        return Ok(instance);
    }
    let text = id.as_str();
    if let Some(eni) = world.eni(&EniId::from(text)) {
        let remedy = match eni.instance_id() {
            Some(holder) => format!("Name an instance (i-…); this interface is on {holder}"),
            None => "Name an instance (i-…)".to_owned(),
        };
        return Err(sorry(
            format!("{text} is a network interface, not an instance"),
            &remedy,
            Some("InvalidInstanceID.Malformed"),
        ));
    }
    if EniId::well_formed(text) {
        return Err(sorry(
            format!("{text} is the id of a network interface; an instance is needed"),
            "Name an instance (i-…)",
            Some("InvalidInstanceID.Malformed"),
        ));
    }
    if !InstanceId::well_formed(text) {
        return Err(sorry(
            format!("`{text}` is not the id of an instance"),
            "Such an id is i- and 17 hexadecimal digits",
            Some("InvalidInstanceID.Malformed"),
        ));
    }
    Err(sorry(
        format!("the instance {text} does not exist in {}", place(world)),
        "Check account, Region and id",
        Some("InvalidInstanceID.NotFound"),
    ))
}

fn place(world: &World) -> String {
    format!("account {}, {}", world.account, world.region)
}

/// Why the interface can never be moved, whatever the target: it is primary, or a service's.
pub(in crate::failover) fn immovable(world: &World, eni: &Eni) -> Option<Denial> {
    let attachment = eni.attachment.as_ref();
    let ended = attachment.map(|a| crate::ec2::call::Detach {
        attachment_id: a.attachment_id.clone(),
        force: false,
    });
    let refused = ended
        .filter(|_| {
            eni.is_primary()
                || eni.requester_managed
                || eni.operator.as_ref().is_some_and(|o| o.managed)
                || eni.instance_id().is_none()
                || ownership::owner(eni).is_some()
        })
        .and_then(|call| crate::rules::detach::check(world, &call).err())
        // A state of the holder passes; it is no property of the interface.
        .filter(|denial| !matches!(denial.code, "IncorrectState" | "IncorrectInstanceState"));
    if refused.is_some() {
        return refused;
    }
    let managed = eni.requester_managed
        || eni.operator.as_ref().is_some_and(|o| o.managed)
        || attachment.is_some_and(|a| a.instance_id.is_none());
    managed.then(|| Denial {
        code: "OperationNotPermitted",
        message: "You do not have permission to access the specified resource.".to_owned(),
        wording: crate::rules::verdict::Wording::Approximate,
        because: ownership::owner(eni).map_or_else(
            || format!("{} is managed by an AWS service", eni.id),
            |owner| owner.because,
        ),
        instead: "Act on the service that made it".to_owned(),
    })
}

/// Refuses what can never move, naming the owner.
pub(super) fn movable(world: &World, eni: &Eni) -> Result<(), Unplannable> {
    let Some(denial) = immovable(world, eni) else {
        return Ok(());
    };
    let owner = match ownership::owner(eni) {
        Some(owner) if !eni.is_primary() => match owner.resource {
            Some(resource) => format!("{} belongs to {} {resource}", eni.id, owner.service),
            None => format!("{} belongs to {}", eni.id, owner.service),
        },
        _ if eni.is_primary() => format!("{} is a primary interface", eni.id),
        _ => format!("{} is managed by a service", eni.id),
    };
    let because = denial.because.trim_end_matches('.');
    Err(Unplannable {
        what: format!("{owner} and cannot be moved: {because}"),
        remedy: denial.instead.trim_end_matches('.').to_owned(),
        code: Some(denial.code),
    })
}

/// Whether it is on the target already; an error if it is not where the intent says.
pub(super) fn already_there(
    world: &World,
    intent: &Intent,
    eni: &Eni,
    target: &Instance,
) -> Result<bool, Unplannable> {
    let holder = eni.instance_id();
    if let Some(attachment) = eni
        .attachment
        .as_ref()
        .filter(|_| holder == Some(&target.id))
    {
        return match attachment.status {
            AttachmentStatus::Attached => Ok(true),
            ref moving => Err(sorry(
                format!("{} is {moving} at {} right now", eni.id, name(target)),
                "Wait a few seconds and look again",
                None,
            )),
        };
    }
    held_by(world, intent, eni)?;
    Ok(false)
}

/// An error if it is not where the intent says.
pub(super) fn held_by(world: &World, intent: &Intent, eni: &Eni) -> Result<(), Unplannable> {
    let holder = eni.instance_id();
    match &intent.source {
        Some(from) if holder != Some(from) => {
            let place = holder.map_or_else(
                || "attached to nothing".to_owned(),
                |id| {
                    let called = world.instance(id).map_or_else(String::new, |i| name(i));
                    format!("on {called} ({id})")
                },
            );
            Err(sorry(
                format!("{} is {place}, not on {from}", eni.id),
                "Somebody may have moved it already: look before going on",
                None,
            ))
        }
        _ => Ok(()),
    }
}
