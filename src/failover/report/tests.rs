//! Reports and scripts of what is carried over without its interface.

use std::sync::Arc;

use super::{explanation, markdown, script, summary};
use crate::ec2::resource::{CheckStatus, InstanceState};
use crate::ec2::time::Time;
use crate::failover::engine::Engine;
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::Intent;
use crate::failover::status::Ending;
use crate::failover::testing::{
    FAR, PRIMARY, STANDBY, eni, intent, live, planned, wide_world, world,
};

#[test]
fn what_is_carried_over_is_named_and_polled() {
    // mechanism | target | what is carried | what the script looks at
    for (way, target, what, polled) in [
        (
            "private-ip",
            STANDBY,
            "10.0.1.51",
            "PrivateIpAddresses[?PrivateIpAddress==",
        ),
        (
            "elastic-ip",
            FAR,
            "203.0.113.10",
            "describe-addresses --allocation-ids eipalloc-1",
        ),
        (
            "route",
            FAR,
            "172.31.99.0/24",
            "describe-route-tables --route-table-ids rtb-1",
        ),
    ] {
        let world = wide_world();
        let intent = Intent {
            mechanism: Mechanism::of_word(way).unwrap(),
            ..Intent::new(eni(), target.into())
        };
        let plan = Arc::new(planned(&world, &intent, &live()));
        let script = script(&plan);
        assert!(script.contains(polled), "{way}: {script}");
        assert!(
            script.contains(&format!("# Carry {what}")),
            "{way}: {script}"
        );
        let polls = script.matches("until [").count();
        assert_eq!(polls, plan.goods().count(), "{way}: {script}");
        // The interface itself goes nowhere, so nothing is asked of it.
        assert!(!script.contains("is Status"), "{way}: {script}");
        let engine = Engine::new(Arc::clone(&plan), "7f3a", 1);
        let mut status = engine.status().clone();
        status.ending = Some(Ending::Done);
        status.ended = Some(Time::from_millis(1_773_280_820_000));
        let summary = summary(&status, None, &world, Time::from_millis(1_773_280_830_000));
        assert!(summary.headline.contains(what), "{}", summary.headline);
        let report = markdown(&summary);
        // It takes no index at the target.
        let to = report
            .lines()
            .find(|line| line.starts_with("- to: "))
            .unwrap();
        assert!(!to.contains("index"), "{way}: {to}");
        assert!(report.contains("| ended: DONE: "), "{way}: {report}");
        assert!(report.contains("## Before and after"), "{way}: {report}");
    }
}

#[test]
fn what_to_do_with_the_source_afterwards_depends_on_how_it_is() {
    let plan = Arc::new(planned(&world(), &intent(STANDBY), &live()));
    let mut status = Engine::new(Arc::clone(&plan), "7f3a", 1).status().clone();
    status.ending = Some(Ending::Done);
    let now = Time::from_millis(1_773_280_830_000);
    // instance check | state | what is next
    for (check, state, expected) in [
        (
            CheckStatus::Impaired,
            InstanceState::Running,
            Some(
                "stop db-primary before it wakes: it no longer has the address, but may still \
                 write to what it shares",
            ),
        ),
        (
            CheckStatus::Ok,
            InstanceState::Running,
            Some(
                "db-primary is running and may still serve, or write to what it shares: stop its \
                 service, or the instance, if it must not",
            ),
        ),
        (CheckStatus::Ok, InstanceState::Stopped, None),
        (CheckStatus::Ok, InstanceState::Terminated, None),
    ] {
        let mut world = world();
        world.edit_instance(&PRIMARY.into(), |i| {
            i.instance_status = check.clone();
            i.state = state.clone();
        });
        let told = summary(&status, None, &world, now).next;
        assert_eq!(told.as_deref(), expected, "{check:?} {state}");
        // Two lines of a screen of 80 columns, beside their label.
        assert!(told.is_none_or(|text| text.len() <= 2 * 62));
    }
    // Without a look at it nothing is said of its health.
    let why = explanation(&status).join(" ");
    assert!(why.contains(
        "db-primary is not fenced by this. It has lost the address, but as long as it runs"
    ));
}
