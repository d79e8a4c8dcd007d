//! The first checks of every call: is the identifier one, and does it name something?
//!
//! Invariant: what the world holds is never malformed, whatever it is called: EC2 decides what an
//! identifier looks like.

mod network;

use super::verdict::{Denial, Verdict};
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni};
use crate::ec2::id::{AttachmentId, EniId, InstanceId};
use crate::ec2::resource::Instance;
use crate::ec2::world::World;
pub use network::{
    allocation, group, internet_gateway, nat_gateway, route_table, subnet, subnet_called, vpc,
};

/// What a person calls it: its name, or its identifier if it has none.
pub fn called<'a>(name: Option<&'a str>, id: &'a str) -> &'a str {
    name.unwrap_or(id)
}

/// What a person calls an interface.
pub fn eni_called(eni: &Eni) -> &str {
    called(eni.name(), eni.id.as_str())
}

/// What a person calls an instance.
pub fn instance_called(instance: &Instance) -> &str {
    called(instance.name(), instance.id.as_str())
}

/// What a person calls an instance that may not be in the world.
pub fn holder_called<'a>(world: &'a World, id: &'a InstanceId) -> &'a str {
    world
        .instance(id)
        .map_or(id.as_str(), |i| instance_called(i))
}

/// Where an interface is attached, as a sentence.
pub fn attachment_told(world: &World, eni: &Eni, at: &Attachment, holder: &InstanceId) -> String {
    let direction = match at.status {
        AttachmentStatus::Detaching | AttachmentStatus::Detached => "from",
        _ => "to",
    };
    format!(
        "{} is {} {direction} {} at device index {}.",
        eni_called(eni),
        at.status,
        holder_called(world, holder),
        at.device_index
    )
}

/// `1 address`, `2 addresses`.
pub fn counted(count: u32, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Refuses an interface id that is none.
pub fn eni_form(world: &World, id: &EniId) -> Verdict {
    if world.eni(id).is_some() || EniId::well_formed(id.as_str()) {
        return Ok(());
    }
    let code = "InvalidNetworkInterfaceId.Malformed";
    Err(
        Denial::verified(code, invalid_id(id.as_str(), EniId::PREFIX))
            .because(not_the_form(
                id.as_str(),
                "a network interface id",
                EniId::PREFIX,
            ))
            .instead("Copy the id from the tree or from DescribeNetworkInterfaces."),
    )
}

/// Refuses an instance id that is none.
pub fn instance_form(world: &World, id: &InstanceId) -> Verdict {
    if world.instance(id).is_some() || InstanceId::well_formed(id.as_str()) {
        return Ok(());
    }
    let code = "InvalidInstanceID.Malformed";
    Err(
        Denial::approximate(code, invalid_id(id.as_str(), InstanceId::PREFIX))
            .because(not_the_form(
                id.as_str(),
                "an instance id",
                InstanceId::PREFIX,
            ))
            .instead("Copy the id from the tree or from DescribeInstances."),
    )
}

/// The interface, or EC2's "does not exist".
pub fn eni<'w>(world: &'w World, id: &EniId) -> Result<&'w Eni, Denial> {
    world.eni(id).map(|e| &**e).ok_or_else(|| {
        Denial::verified(
            "InvalidNetworkInterfaceID.NotFound",
            format!("The networkInterface ID '{id}' does not exist"),
        )
        .because(format!(
            "There is no network interface {id} in {} of this account.",
            world.region
        ))
        .instead(
            "Check the id, the Region and the account. One created a moment ago can take seconds \
             to be visible.",
        )
    })
}

/// The instance, or EC2's "does not exist".
pub fn instance<'w>(world: &'w World, id: &InstanceId) -> Result<&'w Instance, Denial> {
    world.instance(id).map(|i| &**i).ok_or_else(|| {
        Denial::approximate(
            NO_INSTANCE,
            format!("The instance ID '{id}' does not exist"),
        )
        .because(format!(
            "There is no instance {id} in {} of this account.",
            world.region
        ))
        .instead(CHECK_INSTANCE)
    })
}

/// Every instance that a call names, or EC2's refusal of the ids.
pub fn instances<'w>(world: &'w World, ids: &[InstanceId]) -> Result<Vec<&'w Instance>, Denial> {
    if ids.is_empty() {
        return Err(missing("InstanceId")
            .because("The call names no instance.")
            .instead("Give the instance."));
    }
    ids.iter().try_for_each(|id| instance_form(world, id))?;
    let unknown: Vec<_> = ids
        .iter()
        .filter(|id| world.instance(id).is_none())
        .map(InstanceId::as_str)
        .collect();
    if unknown.len() > 1 {
        let unknown = unknown.join(", ");
        return Err(Denial::approximate(
            NO_INSTANCE,
            format!("The instance IDs '{unknown}' do not exist"),
        )
        .because(format!(
            "There are no instances {unknown} in {} of this account.",
            world.region
        ))
        .instead(CHECK_INSTANCE));
    }
    ids.iter().map(|id| instance(world, id)).collect()
}

/// A parameter that the call needs is not there.
pub fn missing(parameter: &str) -> Denial {
    Denial::approximate(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}"),
    )
}

const NO_INSTANCE: &str = "InvalidInstanceID.NotFound";
const CHECK_INSTANCE: &str = "Check the id, the Region and the account. A terminated instance is \
                              forgotten after about an hour.";

/// The interface that an attachment holds, or EC2's refusal of the attachment id.
pub fn attached<'w>(world: &'w World, id: &AttachmentId) -> Result<&'w Eni, Denial> {
    if let Some(eni) = world.eni_of_attachment(id) {
        return Ok(eni);
    }
    let text = id.as_str();
    if !AttachmentId::well_formed(text) && !text.starts_with("ela-attach-") {
        let denial = Denial::approximate(
            "InvalidNetworkInterfaceAttachmentId.Malformed",
            invalid_id(text, AttachmentId::PREFIX),
        );
        return Err(match world.eni(&EniId::new(text)) {
            Some(eni) => denial
                .because(format!(
                    "{text} is the network interface {} itself; this call names its attachment.",
                    eni_called(eni)
                ))
                .instead(match &eni.attachment {
                    Some(a) => format!("Its attachment is {}.", a.attachment_id),
                    None => "It has none now: it is attached to nothing.".to_owned(),
                }),
            None => denial
                .because(not_the_form(text, "an attachment id", AttachmentId::PREFIX))
                .instead("Copy the attachment id from the interface's attachment."),
        });
    }
    Err(no_attachment(id)
        .because(format!(
            "No network interface is attached by {id}: it was detached, or moved and got a new \
         attachment id."
        ))
        .instead(
            "Look at the interface again: if it is available, there is nothing to detach; if it is \
         attached elsewhere, someone else moved it.",
        ))
}

/// EC2's "does not exist" for an attachment.
pub fn no_attachment(id: &AttachmentId) -> Denial {
    Denial::verified(
        "InvalidAttachmentID.NotFound",
        format!("The interface attachment '{id}' does not exist."),
    )
}

fn invalid_id(text: &str, prefix: &str) -> String {
    format!("Invalid id: \"{text}\" (expecting \"{prefix}...\")")
}

fn not_the_form(text: &str, what: &str, prefix: &str) -> String {
    format!("{text:?} is not {what}: {prefix} followed by 17 (older: 8) hexadecimal digits.")
}
