//! What should be known of the instance that holds it now, and of whoever else rules an instance.

use super::{Case, has_key, name, pass, warn};
use crate::ec2::resource::Instance;
use crate::failover::plan::Check;

/// What concerns the instance that holds it now.
pub(super) fn of_source(case: &Case<'_>) -> Vec<Check> {
    let Some(source) = case.source else {
        return Vec::new();
    };
    let called = name(source);
    let checks = if source.is_impaired() {
        warn(
            "source-checks",
            format!(
                "{called} is impaired ({}): {}it may still write",
                statuses(source),
                match case.attach {
                    Some(_) => "the detach may take long, and ",
                    None => "",
                }
            ),
            "Stop it after the move, before it wakes.",
        )
    } else {
        pass("source-checks", format!("{called} is {}", source.state))
    };
    let mut all = vec![checks];
    all.extend(ownership_of("source", source, &called));
    all
}

pub(super) fn statuses(instance: &Instance) -> String {
    format!(
        "system {}, instance {}",
        instance.system_status, instance.instance_status
    )
}

/// Who may replace an instance, or take it away: Auto Scaling, Spot, a controller.
pub(super) fn ownership_of(role: &str, instance: &Instance, called: &str) -> Vec<Check> {
    let spot = match instance.instance_lifecycle.as_deref() {
        Some("spot") => warn(
            &format!("{role}-spot"),
            format!("{called} is a Spot Instance: EC2 may take it away"),
            "Prefer an on-demand instance for a service address.",
        ),
        _ => pass(
            &format!("{role}-spot"),
            format!("{called} is no Spot Instance"),
        ),
    };
    let scaling = has_key(&instance.tags, &["aws:autoscaling:groupName"]);
    let scaling = match scaling {
        Some(_) => warn(
            &format!("{role}-auto-scaling"),
            format!("{called} belongs to an Auto Scaling group, which may replace it"),
            "Set it to standby or protect it from scale-in for as long as it holds the address.",
        ),
        None => pass(
            &format!("{role}-auto-scaling"),
            format!("{called} belongs to no Auto Scaling group"),
        ),
    };
    vec![scaling, spot]
}
