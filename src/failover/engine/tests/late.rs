//! Calls of ours that take effect long after their answer was lost: no final verdict before that is
//! impossible.

use std::sync::Arc;
use std::time::Duration;

use super::rig::{Answering, Rig, is_detach};
use crate::ec2::call::{AssignPrivate, Call};
use crate::ec2::resource::InstanceState;
use crate::failover::engine::{Goal, Input, Output, Pace};
use crate::failover::mechanism::Mechanism;
use crate::failover::mechanism::good::Seen;
use crate::failover::plan::Intent;
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{
    FAR, PRIMARY, STANDBY, eni, intent, live, planned, wide_world, world,
};

/// A process whose detach was lost, so many milliseconds late; then another one puts it back.
fn put_back_after(late: u64) -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    let mut rig = Rig::new(world, plan);
    rig.answers = [Answering::LostLate(late)].into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.submitted.iter().any(is_detach));
    rig.resumed(Goal::Source, Some(Vec::new()))
}

fn carrying(mechanism: Mechanism, answers: Vec<Answering>) -> Rig {
    let world = wide_world();
    let target = match mechanism {
        Mechanism::PrivateIp => STANDBY,
        _ => FAR,
    };
    let intent = Intent {
        mechanism,
        ..Intent::new(eni(), target.into())
    };
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    rig.answers = answers.into();
    rig
}

fn all_seen(rig: &Rig, at: &Seen) -> bool {
    let plan = Arc::clone(&rig.engine.status().plan);
    plan.goods().all(|good| good.seen(&rig.ec2.world) == *at)
}

#[test]
fn a_loss_of_identity_at_the_source_is_told_once_no_late_detach_can_follow() {
    let mut rig = put_back_after(20_000);
    rig.ec2.world.edit_eni(&eni(), |eni| {
        eni.private_ip_addresses[0].association = None;
    });
    let ending = rig.fly();
    assert!(matches!(ending, Ending::IdentityLost(_)), "{ending:?}");
    rig.ec2.settle();
    assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()), "{}", rig.notes());
    assert_eq!(rig.calls(), "detach attach-1");
}

#[test]
fn left_alone_it_asks_for_a_person_while_a_late_call_may_follow() {
    let mut first = carrying(Mechanism::PrivateIp, vec![Answering::LostDropped]);
    first.begin(Pace::Run);
    first.run(|rig| rig.submitted.len() == 1);
    let mut rig = first.resumed(Goal::Target, Some(Vec::new()));
    rig.answers = vec![
        Answering::LostLate(60_000),
        Answering::Refused("UnauthorizedOperation"),
    ]
    .into();
    rig.blind = true;
    rig.begin(Pace::Run);
    rig.input(Input::Alone("SIGHUP".to_owned()));
    let sighted = rig.now() + Duration::from_secs(80);
    rig.run(|rig| rig.now() >= sighted);
    rig.blind = false;
    let ending = rig.end();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
    assert_eq!(rig.submitted.len(), 3, "{}", rig.notes());
}

#[test]
fn a_late_call_that_carries_over_is_waited_for_before_it_counts_as_put_back() {
    for mechanism in [Mechanism::PrivateIp, Mechanism::ElasticIp, Mechanism::Route] {
        let mut rig = carrying(mechanism, vec![Answering::LostLate(20_000)]);
        rig.hook = Box::new(|_, output| match output {
            Output::Submit(..) => vec![
                Input::Command(Command::Abort),
                Input::Command(Command::PutBack),
            ],
            _ => Vec::new(),
        });
        assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
        rig.ec2.settle();
        assert!(all_seen(&rig, &Seen::AtSource), "{mechanism}");
        assert_eq!(rig.submitted.len(), 2, "{mechanism}: {}", rig.calls());
    }
}

#[test]
fn a_foreign_change_is_told_once_no_late_call_can_undo_it() {
    // The call arrives late, or never.
    for (answer, expected) in [
        (Answering::LostLate(20_000), "done"),
        (Answering::LostDropped, "foreign"),
    ] {
        let mut rig = carrying(Mechanism::PrivateIp, vec![answer]);
        rig.begin(Pace::Run);
        rig.run(|rig| rig.submitted.len() == 1);
        let third = Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: "eni-0d1a2b3c4d5e60006".into(),
            private_ip_addresses: vec!["10.0.1.51".parse().unwrap()],
            allow_reassignment: true,
            ..AssignPrivate::default()
        });
        rig.ec2.call(&third).unwrap();
        let ending = rig.end();
        rig.ec2.settle();
        assert_eq!(rig.submitted.len(), 1, "hands off: {}", rig.calls());
        match (expected, &ending) {
            ("done", Ending::Done) => assert!(all_seen(&rig, &Seen::AtTarget)),
            ("foreign", Ending::ForeignChange(_)) => {}
            other => panic!("{other:?} {}", rig.notes()),
        }
    }
}

#[test]
fn putting_back_waits_for_a_late_stop_of_the_source_and_says_what_it_did() {
    let world = world();
    let intent = Intent {
        fence: Some(PRIMARY.into()),
        ..intent(STANDBY)
    };
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    rig.ec2.hang = true;
    rig.answers = vec![Answering::Normal, Answering::LostLate(20_000)].into();
    let mut stopped = false;
    rig.hook = Box::new(move |ec2, output| {
        if !matches!(output, Output::Submit(_, Call::StopInstances(_))) || stopped {
            return Vec::new();
        }
        stopped = true;
        // It lets go by itself just then.
        ec2.world.edit_eni(&eni(), |eni| {
            eni.attachment = None;
            eni.status = crate::ec2::eni::EniStatus::Available;
        });
        vec![
            Input::Command(Command::Abort),
            Input::Command(Command::PutBack),
        ]
    });
    assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
    let source = rig.ec2.world.instance(&PRIMARY.into()).unwrap();
    assert_ne!(source.state, InstanceState::Running);
    assert!(
        rig.notes().contains("db-primary is stop"),
        "{}",
        rig.notes()
    );
}

/// Moves it to the standby, and plans its way back at once.
fn just_moved() -> Rig {
    let world = world();
    let mut there = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    assert_eq!(there.fly(), Ending::Done);
    let intent = there.engine.status().plan.way_back().unwrap();
    let plan = crate::failover::plan::plan(&there.ec2.world, &intent, &live(), there.now());
    let Ok(crate::failover::plan::Planned::Plan(plan)) = plan else {
        panic!("{plan:?}");
    };
    there.followed_by(*plan)
}

#[test]
fn a_look_from_before_the_plan_proves_neither_an_arrival_nor_a_foreign_change() {
    // Looks lag by so many seconds for a while: they show the interface where it was before.
    for lag in [1, 3, 5, 8] {
        let mut rig = just_moved();
        let begin = rig.now();
        rig.begin(Pace::Run);
        rig.run(|rig| rig.submitted.iter().any(is_detach));
        rig.lag = Duration::from_secs(lag);
        let until = begin + Duration::from_secs(9);
        rig.run(|rig| rig.ending.is_some() || rig.now() >= until);
        rig.lag = Duration::ZERO;
        assert_eq!(rig.end(), Ending::Done, "{lag} s: {}", rig.notes());
        rig.ec2.settle();
        assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()), "{lag} s");
    }
}

#[test]
fn a_clock_that_was_set_back_after_the_plan_does_not_keep_it_waiting() {
    let world = world();
    let mut plan = planned(&world, &intent(STANDBY), &live());
    plan.made_at = plan.made_at + Duration::from_secs(3_600);
    let mut rig = Rig::new(world, plan);
    super::rig::move_to(&mut rig.ec2, crate::failover::testing::OTHER);
    let began = rig.now();
    let ending = rig.fly();
    assert!(matches!(ending, Ending::ForeignChange(_)), "{ending:?}");
    assert!(rig.now().since(began) < Duration::from_secs(90));
}
