//! What should be known of the target.

use super::ec2::refusals;
use super::source::{ownership_of, statuses};
use super::{Case, name, pass, warn};
use crate::ec2::resource::{CheckStatus, Instance, InstanceState};
use crate::failover::plan::Check;

/// What concerns the target.
pub(in crate::failover) fn of_target(case: &Case<'_>) -> Vec<Check> {
    let target = name(case.target);
    let mut checks = Vec::new();
    if let Some(call) = case.attach {
        checks.extend(refusals(case, call));
    }
    checks.push(target_checks(case.target, &target));
    if case.attach.is_some() {
        checks.push(same_subnet(case, &target));
        checks.push(same_vpc(case, &target));
    }
    checks.push(size(case, &target));
    checks.extend(ownership_of("target", case.target, &target));
    checks
}

fn target_checks(target: &Instance, called: &str) -> Check {
    let id = "target-checks";
    if target.state != InstanceState::Running {
        return pass(
            id,
            format!("{called} is {}: no status checks", target.state),
        );
    }
    let status = statuses(target);
    if target.is_impaired() {
        warn(
            id,
            format!("{called} fails its own status checks ({status})"),
            "Choose a healthy instance if there is one.",
        )
    } else if target.system_status == CheckStatus::Ok && target.instance_status == CheckStatus::Ok {
        pass(id, format!("{called} passes both status checks"))
    } else {
        warn(
            id,
            format!("the status checks of {called} say nothing yet ({status})"),
            "Wait for them if there is time.",
        )
    }
}

fn same_subnet(case: &Case<'_>, target: &str) -> Check {
    let id = "same-subnet";
    let held = case.world.enis_of(&case.target.id);
    let twin = held
        .iter()
        .find(|e| e.subnet_id == case.eni.subnet_id && e.id != case.eni.id);
    match twin {
        None => pass(
            id,
            format!("{target} has no other interface in this subnet"),
        ),
        Some(twin) => warn(
            id,
            format!(
                "{target} already has {} in this subnet: replies may leave by the wrong interface",
                twin.id
            ),
            "See that the guest has a routing rule for each address (amazon-ec2-net-utils and \
             cloud-init hotplug do it).",
        ),
    }
}

fn same_vpc(case: &Case<'_>, target: &str) -> Check {
    let id = "same-vpc";
    match &case.target.vpc_id {
        Some(vpc) if *vpc != case.eni.vpc_id => warn(
            id,
            format!(
                "{target} is in {vpc}, the interface stays in {}",
                case.eni.vpc_id
            ),
            "EC2 allows it within an account since October 2023; the interface keeps the routes \
             and groups of its own VPC.",
        ),
        _ => pass(id, format!("both are in {}", case.eni.vpc_id)),
    }
}

fn size(case: &Case<'_>, target: &str) -> Check {
    let id = "target-size";
    let Some(source) = case.source else {
        return pass(id, format!("{target} is a {}", case.target.instance_type));
    };
    let (from, to) = (&source.instance_type, &case.target.instance_type);
    match (size_rank(from), size_rank(to)) {
        (Some(a), Some(b)) if b < a => warn(
            id,
            format!("{target} is a smaller type: {to} instead of {from}"),
            "See that it carries the load.",
        ),
        _ => pass(id, format!("{to} instead of {from}")),
    }
}

/// Sizes of instance types in order; `None` for those that cannot be compared by name.
fn size_rank(instance_type: &str) -> Option<u32> {
    let (_, size) = instance_type.split_once('.')?;
    match size {
        "nano" => Some(0),
        "micro" => Some(1),
        "small" => Some(2),
        "medium" => Some(3),
        "large" => Some(4),
        "xlarge" => Some(5),
        _ => {
            let times: u32 = size.strip_suffix("xlarge")?.parse().ok()?;
            Some(times.saturating_add(4))
        }
    }
}
