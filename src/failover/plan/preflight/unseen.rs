//! What could not be looked at, and what is therefore not known.
//!
//! Invariant: nothing passes because nothing was seen of what nobody may look at.

use super::{Case, warn};
use crate::ec2::gap::Kind;
use crate::failover::plan::{Check, Level};

/// Items that are judged by resources of this kind, so that they prove nothing without them.
fn judged_by(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Addresses | Kind::SecurityGroups => &[],
        Kind::RouteTables => &["routes", "routes-by-instance", "internet-route"],
        Kind::StatusChecks => &["source-checks", "target-checks"],
    }
}

/// Takes away what passed unseen, and says what is not known.
pub(super) fn tell(case: &Case<'_>, checks: &mut Vec<Check>) {
    for gap in case.world.gaps() {
        let hollow = |check: &Check| {
            check.level == Level::Pass && judged_by(gap.kind).contains(&check.id.as_str())
        };
        checks.retain(|check| !hollow(check));
        let (id, unknown) = match gap.kind {
            Kind::Addresses => (
                "sees-addresses",
                "that the Elastic IPs followed is known from the interface alone",
            ),
            Kind::RouteTables => (
                "sees-routes",
                "which routes lead to it or to its instance, and whether they follow, is not known",
            ),
            Kind::SecurityGroups => ("sees-groups", "the groups' names are not known"),
            Kind::StatusChecks => (
                "sees-checks",
                "whether the instances are healthy is not known",
            ),
        };
        let action = gap.kind.action();
        let mut check = warn(
            id,
            format!("{} may not be looked at: {unknown}", gap.kind.word()),
            &format!("Allow ec2:{action} in the identity's IAM policy."),
        );
        check.code = Some(gap.code.to_string());
        checks.push(check);
    }
}
