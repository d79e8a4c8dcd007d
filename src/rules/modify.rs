//! Whether an attribute may be changed.
//!
//! Invariant: EC2 takes exactly one attribute a call, and `DeleteOnTermination` only together with
//! the attachment that holds the interface now.

use super::find::{self, eni_called};
use super::ownership;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::Modify;
use crate::ec2::eni::Eni;
use crate::ec2::id::AttachmentId;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check(world: &World, call: &Modify) -> Verdict {
    one_attribute(call)?;
    find::eni_form(world, &call.network_interface_id)?;
    let eni = find::eni(world, &call.network_interface_id)?;
    if let Some(denial) = ownership::refusal(world, eni) {
        return Err(denial);
    }
    match &call.delete_on_termination {
        Some((attachment, _)) => current_attachment(world, eni, attachment),
        None => Ok(()),
    }
}

fn one_attribute(call: &Modify) -> Verdict {
    let named: Vec<_> = [
        ("attachment", call.delete_on_termination.is_some()),
        ("sourceDestCheck", call.source_dest_check.is_some()),
        ("description", call.description.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect();
    let code = "InvalidParameterCombination";
    match named.as_slice() {
        [_] => Ok(()),
        [] => Err(Denial::approximate(code, "No attributes specified.")
            .because("The call names no attribute to change.")
            .instead("Give one attribute.")),
        several => Err(Denial::approximate(
            code,
            format!(
                "Fields for multiple attribute types specified: {}",
                several.join(", ")
            ),
        )
        .because(format!(
            "The call names {} attributes; EC2 changes one a call.",
            several.len()
        ))
        .instead("Make one call for each attribute.")),
    }
}

fn current_attachment(world: &World, eni: &Eni, given: &AttachmentId) -> Verdict {
    let attached = find::attached(world, given)?;
    if attached.id == eni.id {
        return Ok(());
    }
    Err(find::no_attachment(given)
        .because(format!(
            "{given} holds {}, not {}.",
            eni_called(attached),
            eni_called(eni)
        ))
        .instead(match &eni.attachment {
            Some(a) => format!(
                "The attachment of {} is {}.",
                eni_called(eni),
                a.attachment_id
            ),
            None => format!(
                "{} is attached to nothing; attach it first.",
                eni_called(eni)
            ),
        }))
}
