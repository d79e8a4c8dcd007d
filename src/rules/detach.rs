//! Whether an attachment may be ended.

use super::verdict::Verdict;
use crate::ec2::call::Detach;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check(_world: &World, _call: &Detach) -> Verdict {
    Ok(())
}
