//! Whether an interface may be attached to an instance.

use super::verdict::{Denial, Verdict};
use crate::ec2::call::Attach;
use crate::ec2::id::InstanceId;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check(_world: &World, _call: &Attach) -> Verdict {
    Ok(())
}

/// Every refusal at once, in EC2's order, as if `call.network_interface_id` were already detached
/// from where it is now: what stands in the way of this target.
pub fn blockers(_world: &World, _call: &Attach) -> Vec<Denial> {
    Vec::new()
}

/// The lowest free device index on card 0, or on the first card that has room: (card, index).
/// `None` if the type's limit is reached on every card.
pub fn free_slot(_world: &World, _instance: &InstanceId) -> Option<(u32, u32)> {
    None
}
