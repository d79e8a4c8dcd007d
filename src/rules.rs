//! Why EC2 says yes or no, and what an accepted call changes.
//!
//! Every rule is one pure function. [`check`] answers a call as EC2 would, first refusal only;
//! `attach::blockers` gives every reason at once. [`effect`] says what an accepted call changes, at
//! once and once settled: the simulator acts by it, the planner forecasts by it, so that a rule is
//! written once.
//!
//! Invariants: pure; `sim` and `failover` use this layer and never each other; a denial carries
//! EC2's own code, EC2's text (marked where the wording is not verified), the reason in plain words
//! and what to do instead.

pub mod addresses;
pub mod attach;
pub mod create;
pub mod detach;
pub mod effect;
mod find;
pub mod instance;
pub mod limits;
pub mod modify;
pub mod ownership;
pub mod verdict;

use crate::ec2::call::Call;
use crate::ec2::world::World;
use verdict::Verdict;

/// Answers a call as EC2 would: allowed, or the first refusal in EC2's order of checks
/// (parameters, form of ids, existence, ownership, state, zone, index, limits).
pub fn check(world: &World, call: &Call) -> Verdict {
    match call {
        Call::AttachNetworkInterface(c) => attach::check(world, c),
        Call::DetachNetworkInterface(c) => detach::check(world, c),
        Call::ModifyNetworkInterfaceAttribute(c) => modify::check(world, c),
        Call::CreateNetworkInterface(c) => create::check_create(world, c),
        Call::DeleteNetworkInterface(c) => create::check_delete(world, c),
        Call::StartInstances(c) => instance::check_start(world, c),
        Call::StopInstances(c) => instance::check_stop(world, c),
        Call::TerminateInstances(c) => instance::check_terminate(world, c),
        other => Err(verdict::Denial::approximate(
            "Unsupported",
            format!("{} is not modelled yet.", other.action()),
        )),
    }
}
