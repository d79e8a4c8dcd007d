//! The preflight: everything that should be known before an interface is moved.
//!
//! Invariants: every item is judged, also those that pass, because a person at night wants to see
//! that it was looked at; what EC2 would refuse comes from `rules`; tag values do not appear, because
//! the items go into the journal.

mod carrying;
mod ec2;
mod fence;
mod interface;
mod source;
mod target;
mod unseen;

pub(in crate::failover) use fence::of_stop;
pub(in crate::failover) use target::of_target;

use super::{Check, Level};
use crate::ec2::call::Attach;
use crate::ec2::eni::Eni;
use crate::ec2::id::InstanceId;
use crate::ec2::resource::{Instance, Tag};
use crate::ec2::world::World;
use crate::failover::mechanism::good::Handover;
use crate::rules::verdict::Denial;

/// What is judged.
pub(in crate::failover) struct Case<'a> {
    pub world: &'a World,
    pub eni: &'a Eni,
    /// The holder, if an instance holds it and the world knows it.
    pub source: Option<&'a Instance>,
    pub target: &'a Instance,
    /// The attach that would be made, if the interface itself moves.
    pub attach: Option<&'a Attach>,
    /// The interface of the target that takes things over, if it does not.
    pub receiver: Option<&'a Eni>,
    /// The calls that carry them.
    pub handovers: &'a [Handover],
    /// The instance that may be stopped if the detach hangs.
    pub fence: Option<&'a InstanceId>,
}

/// Every item, blocks first, then warnings.
pub(in crate::failover) fn preflight(case: &Case<'_>) -> Vec<Check> {
    let mut checks = of_target(case);
    checks.extend(interface::of_interface(case));
    checks.extend(carrying::of_carrying(case));
    checks.extend(source::of_source(case));
    checks.extend(fence::of_fence(case));
    unseen::tell(case, &mut checks);
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    checks
}

/// What people call an instance.
pub(in crate::failover) fn name(instance: &Instance) -> String {
    instance
        .name()
        .map_or_else(|| instance.id.to_string(), str::to_owned)
}

fn has_key<'a>(tags: &[Tag], prefixes: &[&'a str]) -> Option<&'a str> {
    prefixes
        .iter()
        .find(|prefix| tags.iter().any(|t| t.key.starts_with(**prefix)))
        .copied()
}

pub(in crate::failover) fn pass(id: &str, finding: String) -> Check {
    Check {
        id: id.to_owned(),
        level: Level::Pass,
        finding,
        remedy: String::new(),
        code: None,
        acceptable: false,
    }
}

pub(in crate::failover) fn warn(id: &str, finding: String, remedy: &str) -> Check {
    Check {
        level: Level::Warn,
        remedy: remedy.to_owned(),
        ..pass(id, finding)
    }
}

/// Blocks until it is accepted by its id.
pub(in crate::failover) fn blocked_by(id: &str, finding: String, remedy: &str) -> Check {
    Check {
        level: Level::Block,
        acceptable: true,
        ..warn(id, finding, remedy)
    }
}

fn block(id: &str, denial: Denial) -> Check {
    Check {
        level: Level::Block,
        remedy: denial.instead,
        code: Some(denial.code.to_owned()),
        ..pass(id, denial.because)
    }
}
