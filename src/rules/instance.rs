//! Whether instances may be started, stopped or terminated.

use super::verdict::Verdict;
use crate::ec2::call::Instances;
use crate::ec2::world::World;

/// The first refusal in EC2's order.
pub fn check_start(_world: &World, _call: &Instances) -> Verdict {
    Ok(())
}

/// The first refusal in EC2's order.
pub fn check_stop(_world: &World, _call: &Instances) -> Verdict {
    Ok(())
}

/// The first refusal in EC2's order.
pub fn check_terminate(_world: &World, _call: &Instances) -> Verdict {
    Ok(())
}
