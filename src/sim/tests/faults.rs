//! Switches in a world: going back, replaying, and what each of them does.

use super::*;
use crate::ec2::eni::EniStatus;
use crate::ec2::resource::InstanceState;
use crate::sim::faults::{Fault, Faults};
use crate::sim::history::Happened;

/// Every switch, of the road and of the world.
const ALL: &str = "throttle,stale=8s,delay=1s..3s,lost=5%,unanswered=5%,late=5%:20s,throttle=5%,\
    deny=DetachNetworkInterface@100s..110s,expired@40s..45s,hang-detach=db-primary@20s..60s,\
    hang-attach=db-standby@30s..90s,never-up=db-standby@0s..120s,fail=bastion@10s..50s,\
    fail-zone=us-east-1b@60s..80s,operator=db-service:5s@5s..200s,replace=report-b@15s";

fn put_in(sim: &mut Sim, faults: &str) {
    for item in Faults::parse(faults).unwrap().0 {
        sim.inject(&item).unwrap_or_else(|e| panic!("{e}"));
    }
}

pub(super) fn storm(sim: &mut Sim, seed: u64, steps: usize) {
    let mut dice = Dice::new(seed);
    for step in 0..steps {
        if step == 0 {
            put_in(sim, ALL);
            put_in(sim, "twice=5%");
        }
        if step == 20 {
            let number = sim.faults()[4].number;
            assert!(sim.take_out(number) && !sim.take_out(number));
        }
        let call = any_call(sim, &mut dice);
        let _ = sim.send("me", &call);
        if let Fate::Answered { as_of, .. } =
            sim.fate("me", &Ask::read("DescribeNetworkInterfaces", true))
        {
            sim.world_as_of(as_of);
        }
        sound(sim);
        let pause = Duration::from_millis(dice.roll() % 9_000);
        sim.advance(sim.now() + pause);
        sound(sim);
    }
}

#[test]
fn a_storm_replays_to_the_same_history() {
    for seed in 0..10 {
        let mut first = two_am(str::to_owned, seed);
        storm(&mut first, seed, 60);
        let mut second = two_am(str::to_owned, seed);
        replay(&first, &mut second);
        let (state, world) = everything(&first);
        assert_eq!(state, everything(&second).0, "seed {seed}");
        assert!(world == everything(&second).1, "seed {seed}");
    }
    let storms: Vec<_> = [1, 2]
        .map(|seed| {
            let mut sim = two_am(str::to_owned, seed);
            storm(&mut sim, 1, 60);
            everything(&sim).0
        })
        .into();
    assert!(storms[0] != storms[1]);
}

#[test]
fn undo_goes_back_exactly_in_a_storm_too() {
    for seed in 0..10 {
        let mut sim = two_am(str::to_owned, seed);
        let mut dice = Dice::new(seed);
        let mut moments = Vec::new();
        for step in 0..50 {
            if step == 0 {
                put_in(&mut sim, ALL);
            }
            if step == 30 {
                let hang = sim
                    .faults()
                    .iter()
                    .find(|p| matches!(p.item.fault, Fault::HangDetach(_)));
                let number = hang.unwrap().number;
                sim.take_out(number);
            }
            if step == 40 {
                sim.calm();
            }
            let call = any_call(&sim, &mut dice);
            sim.fate("me", &Ask::call(&call));
            if step % 7 == 0 {
                sim.call_later(&call, seconds(dice.roll() % 20));
            }
            moments.truncate(sim.history().undoable());
            moments.push(everything(&sim));
            let _ = sim.call(&call);
            let pause = Duration::from_millis(dice.roll() % 9_000);
            sim.advance(sim.now() + pause);
        }
        let levels = sim.history().undoable();
        assert!(levels > 5, "{levels}");
        while sim.history().undoable() > 0 {
            let expected = &moments[sim.history().undoable() - 1];
            sim.undo().unwrap();
            sound(&sim);
            let (state, world) = everything(&sim);
            assert_eq!(state, expected.0, "seed {seed}");
            assert!(world == expected.1, "seed {seed}");
        }
    }
}

#[test]
fn after_a_storm_everything_settles_and_reads_are_fresh() {
    for seed in 0..40 {
        let mut sim = two_am(str::to_owned, seed);
        storm(&mut sim, seed, 40);
        sim.calm();
        assert!(sim.faults().is_empty());
        let end = sim.now() + seconds(400);
        sim.advance(end);
        sound(&sim);
        assert!(sim.is_settled(), "seed {seed}");
        let world = sim.world();
        for eni in world.enis() {
            let status = eni.attachment.as_ref().map(|a| a.status.clone());
            let done = matches!(status, None | Some(AttachmentStatus::Attached));
            assert!(done, "seed {seed}: {} is {status:?}", eni.id);
            assert!(eni.status != EniStatus::Pending, "seed {seed}");
        }
        let ask = Ask::read("DescribeNetworkInterfaces", true);
        let as_of = sim.now();
        let after = Duration::ZERO;
        assert_eq!(sim.fate("me", &ask), Fate::Answered { after, as_of });
        assert!(Arc::ptr_eq(&sim.world_as_of(as_of), &sim.world()));
    }
}

#[test]
fn a_read_lags_and_then_does_not() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "stale=8s");
    let id = sim.focus().unwrap();
    let before = sim.now();
    run(&mut sim, 1);
    sim.call(&detach(&sim, false)).unwrap();
    let status = |world: &World| {
        let eni = world.eni(&id).unwrap();
        eni.attachment.as_ref().map(|a| a.status.clone())
    };
    let ask = Ask::read("DescribeNetworkInterfaces", false);
    let seen_at = |sim: &mut Sim| match sim.fate("me", &ask) {
        Fate::Answered { as_of, .. } => (as_of, status(&sim.world_as_of(as_of))),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        status(&sim.world_as_of(before)),
        Some(AttachmentStatus::Attached)
    );
    assert_eq!(
        status(&sim.world_as_of(sim.now())),
        Some(AttachmentStatus::Detaching)
    );
    let (as_of, seen) = seen_at(&mut sim);
    assert!(as_of < sim.now());
    assert_eq!(seen, Some(AttachmentStatus::Attached));
    // The detach is over after ten seconds, and nobody can be told otherwise after eight more.
    run(&mut sim, 18);
    for _ in 0..50 {
        assert_eq!(seen_at(&mut sim).1, None);
    }
}

#[test]
fn what_is_young_may_not_be_found_and_then_is() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "stale=8s");
    let before = sim.now();
    run(&mut sim, 1);
    let create = Call::CreateNetworkInterface(Create {
        subnet_id: Some("subnet-0aa11bb22cc33dd44".into()),
        ..Create::default()
    });
    let id = sim.call(&create).unwrap().network_interface_id.unwrap();
    run(&mut sim, 2);
    let attach = Call::AttachNetworkInterface(Attach {
        network_interface_id: id,
        instance_id: STANDBY.into(),
        device_index: 1,
        network_card_index: 0,
    });
    let error = sim.call_as_of(&attach, before).unwrap_err();
    assert_eq!(&*error.code, "InvalidNetworkInterfaceID.NotFound");
    let now = sim.now();
    sim.call_as_of(&attach, now).unwrap();
}

#[test]
fn a_hung_detach_ends_by_force_or_when_the_switch_goes_off() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "hang-detach=db-primary@0s..300s");
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 299);
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Detaching));
    run(&mut sim, 11);
    assert_eq!(attachment_status(&sim), None);
    sim.undo().unwrap();
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 60);
    sim.call(&detach(&sim, true)).unwrap();
    run(&mut sim, 3);
    assert_eq!(attachment_status(&sim), None);
    // The position is poisoned for others until the instance has stopped.
    let error = sim.call(&attach(&sim, PRIMARY, 1)).unwrap_err();
    assert_eq!(&*error.code, "InvalidParameterValue");
}

const PRIMARY: &str = "i-0d1a2b3c4d5e6f701";

#[test]
fn a_hung_attach_stays_attaching_until_the_switch_goes_off() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "hang-attach=db-standby");
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 10);
    sim.call(&attach(&sim, STANDBY, 1)).unwrap();
    run(&mut sim, 600);
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Attaching));
    sim.calm();
    run(&mut sim, 10);
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Attached));
    assert_eq!(last_reply(&sim), STANDBY);
}

#[test]
fn a_blind_guest_sees_the_interface_when_the_switch_goes_off() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "never-up=db-standby@0s..100s");
    fail_over(&mut sim);
    run(&mut sim, 70);
    assert_eq!(last_reply(&sim), "db-standby: guest not up yet");
    run(&mut sim, 20);
    assert_eq!(last_reply(&sim), STANDBY);
}

#[test]
fn an_instance_and_a_zone_fail_and_come_back() {
    let mut sim = two_am(str::to_owned, 1);
    fail_over(&mut sim);
    put_in(&mut sim, "fail=db-standby@0s..10s");
    run(&mut sim, 5);
    assert_eq!(last_reply(&sim), "db-standby is impaired");
    run(&mut sim, 6);
    assert_eq!(last_reply(&sim), STANDBY);
    put_in(&mut sim, "fail-zone=us-east-1a@5s..15s");
    run(&mut sim, 6);
    assert_eq!(last_reply(&sim), "us-east-1a has failed");
    let world = sim.world();
    let bad = world.instances().filter(|i| i.is_impaired()).count();
    let inside = world.instances();
    let inside = inside.filter(|i| &*i.availability_zone == "us-east-1a");
    let inside = inside.filter(|i| i.state == InstanceState::Running).count();
    assert_eq!((bad, inside), (3, 3));
    run(&mut sim, 10);
    assert_eq!(last_reply(&sim), STANDBY);
    assert!(!sim.world().instances().any(|i| i.is_impaired()));
}

#[test]
fn a_second_operator_moves_the_interface_away_and_back() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "operator=db-service:20s@10s..3000s");
    let mut holders = std::collections::BTreeSet::new();
    for _ in 0..3_000 {
        run(&mut sim, 1);
        let world = sim.world();
        let eni = world.eni(&sim.focus().unwrap()).unwrap();
        holders.insert(eni.instance_id().map(|i| i.to_string()));
    }
    assert!(holders.contains(&None));
    for holder in [PRIMARY, STANDBY] {
        assert!(holders.contains(&Some(holder.to_owned())), "{holders:?}");
    }
    let last = sim.history().happenings().count();
    run(&mut sim, 1_000);
    // Its window is over: at most what was under way has ended.
    assert!(sim.history().happenings().count() <= last + 4);
}

#[test]
fn auto_scaling_replaces_an_instance_by_one_like_it() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "replace=db-standby@5s");
    run(&mut sim, 90);
    let world = sim.world();
    let old = world.instance(&STANDBY.into()).unwrap();
    assert_eq!(old.state, InstanceState::Terminated);
    let new: Vec<_> = world
        .instances()
        .filter(|i| i.name() == Some("db-standby") && i.state == InstanceState::Running)
        .collect();
    assert_eq!(new.len(), 1);
    let group = new[0]
        .tags
        .iter()
        .find(|t| &*t.key == "aws:autoscaling:groupName");
    assert_eq!(&*group.unwrap().value, "asg-db-standby");
    assert_eq!(new[0].instance_type, old.instance_type);
    let calls: Vec<_> = sim
        .history()
        .happenings()
        .filter_map(|h| match &h.what {
            Happened::Called { by, call, .. } => Some((by.clone(), call.action())),
            _ => None,
        })
        .collect();
    let by = Some("autoscaling".into());
    let expected = [(by.clone(), "TerminateInstances"), (by, "RunInstances")];
    assert_eq!(calls, expected);
}

#[test]
fn a_call_that_is_late_arrives_and_one_that_is_lost_does_not() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(
        &mut sim,
        "lost=100%@0s..1s,unanswered=100%@1s..2s,late=100%:20s@2s..3s",
    );
    let send = |sim: &mut Sim, text: &str| {
        let call = describe(sim, text);
        assert_eq!(sim.send("me", &call).answer, None);
    };
    let text = |sim: &Sim| {
        let world = sim.world();
        world
            .eni(&sim.focus().unwrap())
            .unwrap()
            .description
            .to_string()
    };
    let before = text(&sim);
    send(&mut sim, "lost");
    assert_eq!(text(&sim), before);
    run(&mut sim, 1);
    send(&mut sim, "unanswered");
    assert_eq!(text(&sim), "unanswered");
    run(&mut sim, 1);
    send(&mut sim, "late");
    assert_eq!(text(&sim), "unanswered");
    assert!(!sim.is_settled());
    run(&mut sim, 20);
    assert_eq!(text(&sim), "late");
}

#[test]
fn a_call_that_arrives_twice_is_answered_by_the_second() {
    let mut sim = two_am(str::to_owned, 1);
    put_in(&mut sim, "twice=100%");
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 10);
    let call = attach(&sim, STANDBY, 1);
    let heard = sim.send("me", &call).answer.unwrap();
    assert_eq!(&*heard.unwrap_err().code, "InvalidNetworkInterface.InUse");
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Attaching));
}

#[test]
fn a_switch_on_what_is_not_there_is_refused() {
    let mut sim = two_am(str::to_owned, 1);
    for (item, expected) in [
        (
            "fail=db-primry",
            "there is no instance `db-primry`; expected the id or the tag `Name` of one instance; did you mean `db-primary`?",
        ),
        (
            "fail-zone=us-east-1c",
            "there is no zone `us-east-1c`; expected a zone with a subnet in it; did you mean `us-east-1a`?",
        ),
        (
            "operator=db-primary",
            "there is no network interface `db-primary`",
        ),
    ] {
        let item = &Faults::parse(item).unwrap().0[0];
        let error = sim.inject(item).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(sim.faults().is_empty());
    assert_eq!(sim.history().inputs().count(), 0);
}
