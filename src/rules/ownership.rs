//! Who owns an interface: we ourselves, or an AWS service that will not let us touch it.
//!
//! Invariants: what EC2 refuses ([`refusal`]) follows from what EC2 itself knows, never from a
//! description that anybody may write; what the tree shows ([`owner`]) may use every hint.

mod kinds;

use super::find::eni_called;
use super::verdict::Denial;
use crate::ec2::eni::Eni;
use crate::ec2::world::World;

/// The service behind an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Short name for the tree: `NAT gateway`, `ALB`, `Lambda`.
    pub service: &'static str,
    /// The service's own resource, if the interface names it: `nat-0a1b…`, `app/web/50dc6c…`.
    pub resource: Option<String>,
    /// Plain words: who made it, and what to do instead of moving it.
    pub because: String,
}

/// The service that owns the interface, or `None` if its account does. Recognised in the order
/// interface type, requester-managed or operator-managed, owner of the attachment, description.
pub fn owner(eni: &Eni) -> Option<Owner> {
    if let Some(kind) = kinds::by_type(&eni.interface_type) {
        return Some(kind.owner(eni));
    }
    let managed = eni.requester_managed
        || eni.operator.as_ref().is_some_and(|o| o.managed)
        || held_by_another(eni)
        || !OF_CUSTOMERS.contains(&&*eni.interface_type);
    match kinds::by_description(&eni.description, !managed) {
        Some(kind) => Some(kind.owner(eni)),
        None => managed.then(|| unrecognised(eni)),
    }
}

/// The instance behind the attachment is not of the account that owns the interface.
fn held_by_another(eni: &Eni) -> bool {
    let holder = eni.attachment.as_ref();
    holder
        .and_then(|a| a.instance_owner_id.as_deref())
        .is_some_and(|id| !id.is_empty() && !eni.owner_id.is_empty() && *id != *eni.owner_id)
}

/// A service that this program does not know, named by what it says about itself.
fn unrecognised(eni: &Eni) -> Owner {
    let principal = eni.operator.as_ref().and_then(|o| o.principal.as_deref());
    let holder = eni.attachment.as_ref();
    let holder = holder.and_then(|a| a.instance_owner_id.as_deref());
    let known_type = OF_CUSTOMERS.contains(&&*eni.interface_type);
    let resource = principal
        .or(eni.requester_id.as_deref())
        .or((!known_type).then_some(&*eni.interface_type))
        .or(holder)
        .map(str::to_owned);
    let of = resource.as_ref().map(|r| format!(" ({r})"));
    Owner {
        service: UNRECOGNISED,
        because: format!(
            "Made for an AWS service{}; not to be moved by hand. {ASK_THE_SERVICE}",
            of.unwrap_or_default()
        ),
        resource,
    }
}

const UNRECOGNISED: &str = "AWS service";
const ASK_THE_SERVICE: &str = "Change it through the service that made it.";

/// What a customer may create, attach and move (EC2 API, `InterfaceType` of
/// `CreateNetworkInterface`; `interface` when none was given).
const OF_CUSTOMERS: [&str; 5] = ["interface", "efa", "efa-only", "trunk", "branch"];

/// EC2's refusal of any change to an interface that is not this account's own to change.
pub(super) fn refusal(world: &World, eni: &Eni) -> Option<Denial> {
    let account = &world.account;
    let foreign = |id: &str| !account.is_empty() && !id.is_empty() && *id != **account;
    let holder = eni.attachment.as_ref();
    let held_by_another = holder
        .and_then(|a| a.instance_owner_id.as_deref())
        .is_some_and(foreign);
    let denial = if eni.operator.as_ref().is_some_and(|o| o.managed) {
        Denial::approximate(
            "OperationNotPermitted",
            format!(
                "The network interface '{}' is managed by a service provider.",
                eni.id
            ),
        )
    } else if held_by_another {
        Denial::verified("AuthFailure", NO_PERMISSION)
    } else if eni.requester_managed
        || foreign(&eni.owner_id)
        || !OF_CUSTOMERS.contains(&&*eni.interface_type)
    {
        Denial::approximate("AuthFailure", NO_PERMISSION)
    } else {
        return None;
    };
    Some(denial.because(reason(eni)).instead(remedy(eni)))
}

const NO_PERMISSION: &str = "You do not have permission to access the specified resource.";

/// Why it is not ours to change.
pub(super) fn reason(eni: &Eni) -> String {
    match owner(eni) {
        Some(owner) => {
            let resource = owner.resource.map(|r| format!(" {r}"));
            format!(
                "{} belongs to {}{}.",
                eni_called(eni),
                owner.service,
                resource.unwrap_or_default()
            )
        }
        None => format!("{} belongs to account {}.", eni_called(eni), eni.owner_id),
    }
}

/// What to do instead of changing it.
pub(super) fn remedy(eni: &Eni) -> String {
    let Some(owner) = owner(eni) else {
        return "Ask the account that owns it.".to_owned();
    };
    kinds::by_service(owner.service)
        .map_or(ASK_THE_SERVICE, |kind| kind.instead)
        .to_owned()
}
