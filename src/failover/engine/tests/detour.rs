//! Operations that are taken up again and go on to another place than the planned one.

use std::time::Duration;

use super::rig::{Answering, Rig};
use crate::ec2::call::Call;
use crate::ec2::eni::Eni;
use crate::ec2::resource::InstanceState;
use crate::failover::agreement::Agreement;
use crate::failover::engine::{Action, Engine, Goal, Pace};
use crate::failover::facts::Mark;
use crate::failover::journal::Entry;
use crate::failover::plan::{Alternative, StepKind};
use crate::failover::report::summary;
use crate::failover::resume::{Detour, Operation, elsewhere, prospect};
use crate::failover::status::{Ending, Status};
use crate::failover::testing::{FAR, OTHER, PRIMARY, STANDBY, eni, intent, live, planned, world};

/// The process died behind the detach, and meanwhile the planned place was lost: `index` is taken at the
/// standby, the standby is `gone`, or so long gone that EC2 lists it no more (`vanished`).
fn stranded(how: &str) -> Rig {
    let world = world();
    let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.ec2.holder().is_none());
    lose(&mut rig, how);
    rig
}

fn lose(rig: &mut Rig, how: &str) {
    match how {
        "index" => {
            let root = "eni-0d1a2b3c4d5e60002".into();
            let mut other = Eni::clone(rig.ec2.world.eni(&root).unwrap());
            other.id = "eni-0d1a2b3c4d5e60091".into();
            let held = other.attachment.as_mut().unwrap();
            held.device_index = 1;
            held.attachment_id = "eni-attach-1".into();
            rig.ec2.world.put_eni(other);
        }
        "gone" => rig.ec2.world.edit_instance(&STANDBY.into(), |i| {
            i.state = InstanceState::Terminated;
        }),
        "vanished" => {
            rig.ec2.world.remove_instance(&STANDBY.into());
        }
        "nothing" => {}
        other => panic!("{other}"),
    }
}

fn at_index(index: u32) -> Detour {
    Detour {
        index: Some(index),
        or_to: None,
    }
}

fn or_to(rig: &Rig, id: &str) -> Detour {
    Detour {
        index: None,
        or_to: Some(Alternative::now(&rig.ec2.world, &eni(), &id.into()).unwrap()),
    }
}

fn slot(rig: &Rig) -> Option<(u32, u32)> {
    let held = rig.ec2.world.eni(&eni()).unwrap().attachment.clone();
    held.map(|a| (a.network_card_index, a.device_index))
}

/// The lines of the attaches, there and back.
fn attach_told(status: &Status) -> Vec<&str> {
    let way = status.plan.steps.iter().chain(&status.back);
    let attaches = way.filter(|step| step.kind == StepKind::Attach);
    attaches.map(|step| step.detail.as_str()).collect()
}

#[test]
fn an_index_that_was_agreed_to_and_not_used_yet_is_told_by_the_journal() {
    let mut rig = stranded("index").resumed_to(Goal::Target, Some(Vec::new()), at_index(2));
    rig.begin(Pace::Run);
    let operation = rig.operation();
    let status = Engine::told(&operation);
    assert_eq!(attach_told(&status), ["to db-standby, card 0 index 2"]);
    let report = summary(&status, None, &rig.ec2.world, rig.now());
    assert!(
        report.target.ends_with("card 0 index 2"),
        "{}",
        report.target
    );
    let words: Vec<_> = operation.consents.iter().map(Agreement::said).collect();
    assert!(
        words.contains(&"to attach it at index 2 (--index)".to_owned()),
        "{words:?}"
    );
}

#[test]
fn where_else_it_could_go_is_told_and_judged() {
    let rig = stranded("index");
    let operation = rig.operation();
    let world = &rig.ec2.world;
    let other = elsewhere(&operation, Goal::Target, world);
    assert_eq!((other.fits, other.indexes), (false, vec![2, 3, 4]));
    let names: Vec<_> = other.others.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["web-1"]);
    // what is asked for | what would follow
    for (goal, index, expected) in [
        (Goal::Target, None, "no"),
        (Goal::Target, Some(1), "no"),
        (Goal::Target, Some(2), "attach"),
        (Goal::Source, None, "attach"),
        (Goal::Source, Some(0), "no"),
        (Goal::Source, Some(2), "attach"),
    ] {
        let detour = Detour { index, or_to: None };
        let heading = operation.detoured(goal, &detour);
        let (action, checks) = prospect(&heading, goal, world, rig.now());
        let word = match action {
            Action::Attach(to) if to == goal => "attach",
            Action::NotEligible(_) => "no",
            other => panic!("{other:?}"),
        };
        assert_eq!(word, expected, "{goal:?} {index:?}");
        let blocked = checks.iter().any(|c| c.level == super::super::Level::Block);
        assert_eq!(blocked, expected == "no", "{goal:?} {index:?}: {checks:?}");
    }
    for (id, expected) in [
        (FAR, "us-east-1b"),
        (PRIMARY, ""),
        ("i-0aaaaaaaaaaaaaaaa", "it does not exist"),
    ] {
        match Alternative::now(world, &eni(), &id.into()) {
            Ok(_) => assert!(expected.is_empty(), "{id}"),
            Err(why) => assert!(!expected.is_empty() && why.contains(expected), "{why}"),
        }
    }
}

#[test]
fn another_index_is_attached_at_whenever_the_process_dies() {
    for died_after in 0..12 {
        let rig = stranded("index");
        let before = rig.records.len();
        let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), at_index(2));
        rig.begin(Pace::Run);
        rig.run(|rig| rig.ending.is_some() || rig.records.len() >= before + died_after);
        if rig.ending.is_none() && died_after > 0 {
            let chosen = rig.records.iter().any(
                |r| matches!(&r.entry, Entry::Consent { to, how, .. } if to == "index" && how == "--index"),
            );
            let again = match chosen {
                true => Detour::default(),
                false => at_index(2),
            };
            rig = rig.resumed_to(Goal::Target, Some(Vec::new()), again);
            rig.begin(Pace::Run);
        }
        assert_eq!(rig.end(), Ending::Done, "{died_after}: {}", rig.notes());
        assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
        assert_eq!(slot(&rig), Some((0, 2)), "{died_after}");
        // Whoever flies it, and whoever reads it afterwards, is told of the index agreed to.
        let operation = rig.operation();
        assert_eq!(operation.plan.target_slot, (0, 1), "as it was planned");
        for status in [rig.engine.status(), &Engine::told(&operation)] {
            assert_eq!(attach_told(status), ["to db-standby, card 0 index 2"]);
            let report = summary(status, None, &rig.ec2.world, rig.now());
            assert!(report.target.ends_with("card 0 index 2"), "{died_after}");
        }
        for row in &rig.engine.status().steps.last().unwrap().rows {
            assert_eq!(row.mark, Mark::Tick, "{died_after}: {row:?}");
        }
        rig.assert_journal_reads_back();
    }
}

#[test]
fn it_is_put_back_at_another_index() {
    let mut rig = stranded("gone").resumed_to(Goal::Source, Some(Vec::new()), at_index(2));
    assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()));
    assert_eq!(slot(&rig), Some((0, 2)));
    for status in [rig.engine.status(), &Engine::told(&rig.operation())] {
        let told = attach_told(status);
        assert_eq!(told[1], "to db-primary, card 0 index 2", "{told:?}");
    }
}

#[test]
fn another_instance_is_gone_on_to_whenever_the_process_dies() {
    for (lost, died_after) in ["gone", "vanished"]
        .into_iter()
        .flat_map(|lost| (0..14).map(move |n| (lost, n)))
    {
        let rig = stranded(lost);
        let before = rig.records.len();
        let other = or_to(&rig, OTHER);
        let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
        rig.begin(Pace::Run);
        rig.run(|rig| rig.ending.is_some() || rig.records.len() >= before + died_after);
        if rig.ending.is_none() && died_after > 0 {
            let named = rig.records.iter();
            let named = named
                .filter(|r| matches!(&r.entry, Entry::Alternative { .. }))
                .count();
            let again = match named {
                0 => or_to(&rig, OTHER),
                _ => Detour::default(),
            };
            rig = rig.resumed_to(Goal::Target, Some(Vec::new()), again);
            rig.begin(Pace::Run);
        }
        let case = format!("{lost} {died_after}");
        assert_eq!(rig.end(), Ending::Done, "{case}: {}", rig.notes());
        assert_eq!(rig.ec2.holder(), Some(OTHER.into()), "{case}");
        rig.assert_journal_reads_back();
        let operation = rig.operation();
        assert_eq!(operation.plan.intent.target, OTHER.into());
        let tried = rig.calls().contains("attach-2");
        assert!(!tried, "{case}: no attach to what is not there");
    }
}

#[test]
fn a_target_that_ec2_lists_no_more_is_as_gone_as_a_terminated_one() {
    for lost in ["gone", "vanished"] {
        let rig = stranded(lost);
        let detour = or_to(&rig, OTHER);
        let heading = rig.operation().detoured(Goal::Target, &detour);
        let world = &rig.ec2.world;
        let blocked = |operation: &Operation| {
            let (action, checks) = prospect(operation, Goal::Target, world, rig.now());
            let blocked = checks.iter().any(|c| c.level == super::super::Level::Block);
            (matches!(action, Action::NotEligible(_)), blocked)
        };
        assert_eq!(blocked(&heading), (true, true), "{lost}");
        let other = heading.fallen_back().unwrap();
        assert_eq!(blocked(&other), (false, false), "{lost}");
    }
}

#[test]
fn an_index_of_the_target_before_is_not_meant_at_the_next_one() {
    let rig = stranded("gone");
    let detour = Detour {
        index: Some(2),
        ..or_to(&rig, OTHER)
    };
    let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), detour);
    rig.begin(Pace::Run);
    let chosen = |rig: &Rig| {
        let mut records = rig.records.iter();
        records.any(|r| matches!(&r.entry, Entry::Consent { to, .. } if to == "candidate"))
    };
    rig.run(chosen);
    // The process dies before its attach.
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(OTHER.into()));
    assert_eq!(slot(&rig), Some((0, 1)));
}

#[test]
fn the_planned_instance_is_gone_on_to_while_it_takes_it() {
    let world = world();
    let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.ec2.holder().is_none());
    let other = or_to(&rig, OTHER);
    let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other.clone());
    assert_eq!(rig.fly(), Ending::Done);
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    // Unless EC2 refuses it there.
    let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.ec2.holder().is_none());
    let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
    rig.answers = [Answering::Refused("UnauthorizedOperation")].into();
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(OTHER.into()));
}

#[test]
fn an_attach_that_may_still_arrive_is_waited_for_first() {
    let world = world();
    let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.calls().contains("attach-2"));
    // The process dies, its attach has not arrived, and the standby is gone.
    rig.ec2.settle();
    rig.ec2.world.edit_eni(&eni(), |e| {
        e.status = crate::ec2::eni::EniStatus::Available;
        e.attachment = None;
    });
    lose(&mut rig, "gone");
    let taken = rig.now();
    let other = or_to(&rig, OTHER);
    let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
    rig.begin(Pace::Run);
    rig.run(|rig| rig.calls().contains("attach-6"));
    let waited = rig.now().since(taken);
    assert!(waited >= Duration::from_secs(60), "{waited:?}");
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    let attaches = rig
        .submitted
        .iter()
        .filter(|call| matches!(call, Call::AttachNetworkInterface(_)));
    assert_eq!(attaches.count(), 2);
}

/// EC2 has accepted the attach to the standby, the process died, and the interface is attached to
/// nothing again.
fn arrived_and_lost(how: &str) -> Rig {
    let world = world();
    let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.ec2.holder() == Some(STANDBY.into()) && rig.engine.known.attach.accepted);
    rig.run(|rig| rig.operation().known.attach.accepted);
    rig.ec2.settle();
    rig.ec2.world.edit_eni(&eni(), |e| {
        e.status = crate::ec2::eni::EniStatus::Available;
        e.attachment = None;
    });
    lose(&mut rig, how);
    rig
}

#[test]
fn an_attach_that_arrived_and_is_over_again_does_not_hold_it_back() {
    // The standby is gone with what it held; or somebody took it off, and the index with it.
    for how in ["gone", "vanished", "index"] {
        let rig = arrived_and_lost(how);
        let taken = rig.now();
        let other = or_to(&rig, OTHER);
        let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
        rig.begin(Pace::Run);
        rig.run(|rig| rig.calls().contains("attach-6") || rig.ending.is_some());
        // An accepted call may be missing in looks for a while.
        let waited = rig.now().since(taken);
        let bounds = Duration::from_secs(10)..Duration::from_secs(20);
        assert!(bounds.contains(&waited), "{how}: {waited:?}");
        assert_eq!(rig.end(), Ending::Done, "{how}: {}", rig.notes());
        assert_eq!(rig.calls(), "detach attach-2 attach-6", "{how}");
        assert_eq!(rig.ec2.holder(), Some(OTHER.into()));
        let now_is = rig.ec2.world.eni(&eni()).unwrap().attachment.clone();
        let operation = rig.operation();
        assert_eq!(operation.attachment_id, now_is.map(|a| a.attachment_id));
        rig.assert_journal_reads_back();
    }
}

#[test]
fn an_old_look_does_not_make_it_go_on_from_an_attach_that_has_arrived() {
    // Between detach and attach another interface takes the index for a moment: looks of that time show
    // a standby that cannot take it.
    for lag in [2, 5, 8] {
        let world = world();
        let mut rig = Rig::new(world.clone(), planned(&world, &intent(STANDBY), &live()));
        rig.begin(Pace::Run);
        rig.run(|rig| rig.ec2.holder().is_none());
        lose(&mut rig, "index");
        rig.pass(rig.now() + Duration::from_millis(1));
        rig.ec2.world.remove_eni(&"eni-0d1a2b3c4d5e60091".into());
        rig.run(|rig| rig.operation().known.attach.accepted);
        let other = or_to(&rig, OTHER);
        let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
        rig.lag = Duration::from_secs(lag);
        rig.begin(Pace::Run);
        let until = rig.now() + Duration::from_secs(9);
        rig.run(|rig| rig.ending.is_some() || rig.now() >= until);
        rig.lag = Duration::ZERO;
        assert_eq!(rig.end(), Ending::Done, "{lag} s: {}", rig.notes());
        assert_eq!(rig.calls(), "detach attach-2", "{lag} s");
        assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    }
}

#[test]
fn where_the_target_takes_it_again_it_goes_there_and_not_on() {
    let rig = arrived_and_lost("nothing");
    let other = or_to(&rig, OTHER);
    let mut rig = rig.resumed_to(Goal::Target, Some(Vec::new()), other);
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
}
