//! Asked to end while verifying: it says what it finishes, and that does not take for ever.

use super::rig::Rig;
use crate::ec2::call::Call;
use crate::ec2::resource::RouteState;
use crate::failover::engine::{Input, Output, Pace};
use crate::failover::plan::StepKind;
use crate::failover::status::Ending;
use crate::failover::testing::{STANDBY, eni, intent, live, planned, world};

fn verifies(rig: &Rig) -> bool {
    let status = rig.engine.status();
    let step = status.step(status.current);
    step.is_some_and(|s| s.kind == StepKind::Verify)
}

/// A route that never follows, so that verifying takes its time.
fn verifying() -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    let mut rig = Rig::new(world, plan);
    rig.ec2.routes_late = true;
    rig.hook = Box::new(|ec2, output| {
        if matches!(output, Output::Submit(_, Call::AttachNetworkInterface(_))) {
            let mut table = ec2.world.route_tables().next().unwrap().as_ref().clone();
            table.routes[0].state = RouteState::Blackhole;
            ec2.world.put_route_table(table);
        }
        Vec::new()
    });
    rig.begin(Pace::Run);
    rig.run(verifies);
    rig
}

#[test]
fn verifying_goes_on_and_says_so() {
    let mut rig = verifying();
    let asked = rig.now();
    rig.input(Input::Alone("SIGTERM".to_owned()));
    assert!(
        rig.notes().contains("alone: SIGTERM; finishing: verify"),
        "{}",
        rig.notes()
    );
    assert_eq!(rig.end(), Ending::Done);
    let took = rig.now().since(asked).as_secs();
    assert!((5..34).contains(&took), "{took} s");
}

#[test]
fn an_endpoint_that_has_gone_silent_does_not_hold_it_for_ever() {
    let mut rig = verifying();
    let asked = rig.now();
    rig.blind = true;
    rig.input(Input::Alone("SIGTERM".to_owned()));
    rig.end();
    let took = rig.now().since(asked).as_secs();
    assert!((60..124).contains(&took), "{took} s");
}

#[test]
fn it_counts_as_there_only_if_it_was_still_there() {
    let mut rig = verifying();
    rig.input(Input::Alone("SIGHUP".to_owned()));
    let later = rig.now() + std::time::Duration::from_secs(5);
    rig.run(|rig| rig.now() >= later);
    // Somebody takes it away; one look shows that, and then there are none any more.
    rig.ec2.world.edit_eni(&eni(), |eni| {
        eni.attachment = None;
        eni.status = crate::ec2::eni::EniStatus::Available;
    });
    let known = rig.records.len();
    rig.run(|rig| rig.records.len() > known);
    rig.blind = true;
    let ending = rig.end();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
}

#[test]
fn a_loss_that_one_look_has_shown_is_no_verdict() {
    let mut rig = verifying();
    rig.input(Input::Alone("SIGHUP".to_owned()));
    let later = rig.now() + std::time::Duration::from_secs(5);
    rig.run(|rig| rig.now() >= later);
    rig.ec2.world.edit_eni(&eni(), |eni| {
        eni.private_ip_addresses[0].association = None;
    });
    let known = rig.records.len();
    rig.run(|rig| rig.records.len() > known);
    rig.blind = true;
    let ending = rig.end();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
}
