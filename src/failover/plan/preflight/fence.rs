//! Whether the source may be stopped if the detach hangs.
//!
//! Invariants: a block here cannot be accepted; what a stop would destroy, or hand to somebody else
//! to destroy, is never a matter of agreement.

use super::{Case, has_key, name, pass, warn};
use crate::ec2::eni::Eni;
use crate::ec2::resource::Instance;
use crate::failover::plan::{Check, Level};

/// Every item; none where fencing was not asked for.
pub(super) fn of_fence(case: &Case<'_>) -> Vec<Check> {
    let Some(wanted) = case.fence else {
        return Vec::new();
    };
    let Some(source) = case.source.filter(|s| s.id == *wanted) else {
        return vec![never(
            "fence",
            format!("{wanted} does not hold the interface, so stopping it would free nothing"),
            "Name the instance that holds it now.",
        )];
    };
    if case.attach.is_none() {
        return vec![never(
            "fence",
            "nothing is detached here, so nothing can hang".to_owned(),
            "Leave --fence out.",
        )];
    }
    let called = name(source);
    let mut checks = vec![pass(
        "fence",
        format!("{called} will be stopped if the detach hangs"),
    )];
    checks.extend(of_stop(source, case.eni));
    checks
}

/// What a stop of this instance would cost while it holds this interface.
pub(in crate::failover) fn of_stop(source: &Instance, eni: &Eni) -> Vec<Check> {
    let called = name(source);
    vec![
        scaling(source, &called),
        termination(eni, &called),
        spot(source, &called),
        instance_store(source, &called),
    ]
}

fn never(id: &str, finding: String, remedy: &str) -> Check {
    Check {
        level: Level::Block,
        ..warn(id, finding, remedy)
    }
}

/// A stopped member counts as unhealthy and is terminated (EC2 Auto Scaling User Guide, "Health
/// checks for instances in an Auto Scaling group").
fn scaling(source: &Instance, called: &str) -> Check {
    let id = "fence-auto-scaling";
    match has_key(&source.tags, &["aws:autoscaling:groupName"]) {
        Some(_) => never(
            id,
            format!(
                "{called} belongs to an Auto Scaling group, which would terminate it once stopped"
            ),
            "Put it into standby first, or leave --fence out.",
        ),
        None => pass(id, format!("{called} belongs to no Auto Scaling group")),
    }
}

fn termination(eni: &Eni, called: &str) -> Check {
    let id = "fence-delete-on-termination";
    let attachment = eni.attachment.as_ref();
    if attachment.is_some_and(|a| a.delete_on_termination) {
        never(
            id,
            format!(
                "DeleteOnTermination is on: were {called} terminated, the interface would go with it"
            ),
            "Turn it off first (ModifyNetworkInterfaceAttribute), then plan again.",
        )
    } else {
        pass(id, "off on the old attachment".to_owned())
    }
}

fn spot(source: &Instance, called: &str) -> Check {
    let id = "fence-spot";
    match source.instance_lifecycle.as_deref() {
        Some("spot") => warn(
            id,
            format!("{called} is a Spot Instance: only a persistent request lets it be stopped"),
            "See that its request is persistent; otherwise EC2 refuses to stop it.",
        ),
        _ => pass(id, format!("{called} is no Spot Instance")),
    }
}

fn instance_store(source: &Instance, called: &str) -> Check {
    let id = "fence-instance-store";
    if has_instance_store(&source.instance_type) {
        warn(
            id,
            format!(
                "{called} ({}) has instance store volumes: a stop loses what is on them",
                source.instance_type
            ),
            "See that nothing there is needed.",
        )
    } else {
        pass(
            id,
            format!("{} has no instance store volumes", source.instance_type),
        )
    }
}

/// By the name of the type: a `d` after the generation, or a storage family (EC2 User Guide,
/// "Instance store volumes").
fn has_instance_store(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let letters: String = family.chars().take_while(|c| !c.is_ascii_digit()).collect();
    let after: String = family
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .skip_while(char::is_ascii_digit)
        .collect();
    let storage = ["i", "is", "im", "d", "h", "x", "f", "z"];
    storage.contains(&letters.as_str()) || after.contains('d')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::has_instance_store;
    use crate::ec2::resource::Tag;
    use crate::failover::plan::{Intent, Level};
    use crate::failover::testing::{OTHER, PRIMARY, STANDBY, eni, planned, sim, world};

    #[test]
    fn storage_is_told_from_the_type() {
        for (kind, expected) in [
            ("m5.large", false),
            ("m5d.large", true),
            ("i4i.xlarge", true),
            ("c6gd.medium", true),
            ("c6g.medium", false),
            ("d3.xlarge", true),
            ("t3.nano", false),
            ("r5ad.large", true),
        ] {
            assert_eq!(has_instance_store(kind), expected, "{kind}");
        }
    }

    #[test]
    fn what_a_stop_would_cost_is_judged() {
        // what is so, item, level
        for (what, item, expected) in [
            ("", "fence", Level::Pass),
            ("", "fence-auto-scaling", Level::Pass),
            ("scaling", "fence-auto-scaling", Level::Block),
            ("delete", "fence-delete-on-termination", Level::Block),
            ("spot", "fence-spot", Level::Warn),
            ("store", "fence-instance-store", Level::Warn),
            ("other", "fence", Level::Block),
        ] {
            let mut world = world();
            let primary = PRIMARY.into();
            match what {
                "scaling" => world.edit_instance(&primary, |i| {
                    i.tags.push(Tag {
                        key: "aws:autoscaling:groupName".into(),
                        value: "db".into(),
                    });
                }),
                "delete" => world.edit_eni(&eni(), |e| {
                    let held = e.attachment.as_mut().unwrap();
                    held.delete_on_termination = true;
                }),
                "spot" => world.edit_instance(&primary, |i| {
                    i.instance_lifecycle = Some("spot".into());
                }),
                "store" => world.edit_instance(&primary, |i| i.instance_type = "m5d.large".into()),
                _ => {}
            }
            let fence = if what == "other" { OTHER } else { PRIMARY };
            let intent = Intent {
                fence: Some(fence.into()),
                accepted: vec![item.to_owned()],
                ..Intent::new(eni(), STANDBY.into())
            };
            let plan = planned(&world, &intent, &sim());
            let check = plan.preflight.iter().find(|c| c.id == item).unwrap();
            assert_eq!(check.level, expected, "{what}: {check:?}");
        }
    }
}
