//! What others do while an operation flies, or between two processes of it.

use std::time::Duration;

use super::rig::{Answering, Rig, is_detach};
use crate::ec2::call::Call;
use crate::ec2::eni::EniStatus;
use crate::failover::engine::{Goal, Input, Output, Pace};
use crate::failover::journal::Entry;
use crate::failover::status::Ending;
use crate::failover::testing::{PRIMARY, STANDBY, START, eni, intent, live, planned, world};

/// A process that dies once this is so.
fn left(until: impl Fn(&Rig) -> bool) -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    let mut rig = Rig::new(world, plan);
    rig.begin(Pace::Run);
    rig.run(until);
    rig
}

fn attaches_to(rig: &Rig, instance: &str) -> usize {
    let mut calls = rig.submitted.iter();
    let to = |call: &Call| matches!(call, Call::AttachNetworkInterface(c) if c.instance_id == instance.into());
    calls.by_ref().filter(|call| to(call)).count()
}

#[test]
fn what_the_plan_does_not_name_is_told_and_not_called() {
    let mut rig = left(|rig| !rig.records.is_empty());
    rig.ec2.world.edit_eni(&eni(), |eni| {
        let attachment = eni.attachment.as_mut().unwrap();
        attachment.delete_on_termination = true;
    });
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    let modifies = |c: &Call| matches!(c, Call::ModifyNetworkInterfaceAttribute(_));
    assert!(!rig.submitted.iter().any(modifies), "{}", rig.calls());
    let notes = rig.notes();
    assert!(notes.contains("DeleteOnTermination is still on"), "{notes}");
}

#[test]
fn it_looks_at_both_ends_before_it_attaches() {
    let rig = left(|rig| rig.submitted.iter().any(is_detach));
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    rig.hook = Box::new(|ec2, output| {
        if matches!(output, Output::Journal(r) if matches!(r.entry, Entry::Observed { .. })) {
            ec2.world
                .edit_instance(&STANDBY.into(), |i| i.state = "shutting-down".into());
        }
        Vec::new()
    });
    rig.begin(Pace::Run);
    rig.input(Input::Alone("SIGHUP".to_owned()));
    assert_eq!(rig.end(), Ending::PutBack, "{}", rig.notes());
    assert_eq!(attaches_to(&rig, STANDBY), 0, "{}", rig.calls());
    assert_eq!(attaches_to(&rig, PRIMARY), 1, "{}", rig.calls());
}

#[test]
fn an_old_look_after_the_attach_ends_nothing() {
    for refusal in ["ExpiredToken", "InternalError"] {
        let world = world();
        let plan = planned(&world, &intent(STANDBY), &live());
        let mut rig = Rig::new(world, plan);
        rig.answers = vec![Answering::Refused(refusal)].into();
        // Somebody else takes it off its instance before the refusal is looked into.
        rig.hook = Box::new(|ec2, output| {
            if matches!(output, Output::Submit(_, call) if is_detach(call)) {
                ec2.world.edit_eni(&eni(), |eni| {
                    eni.status = EniStatus::Available;
                    eni.attachment = None;
                });
            }
            Vec::new()
        });
        rig.begin(Pace::Run);
        rig.run(|rig| attaches_to(rig, STANDBY) == 1);
        // The next looks show the time before all that.
        rig.lag = rig.now().since(START);
        let later = rig.now() + Duration::from_secs(2);
        rig.run(|rig| rig.ending.is_some() || rig.now() >= later);
        rig.lag = Duration::ZERO;
        assert_eq!(rig.end(), Ending::Done, "{refusal}: {}", rig.notes());
        assert_eq!(rig.ec2.holder(), Some(STANDBY.into()), "{refusal}");
    }
}

#[test]
fn an_attachment_that_never_stays_away_is_given_to_a_person() {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    let before = (**world.eni(&eni()).unwrap()).clone();
    let mut rig = Rig::new(world, plan);
    let mut attached = false;
    rig.hook = Box::new(move |ec2, output| {
        attached |= matches!(output, Output::Submit(_, Call::AttachNetworkInterface(_)));
        if attached && matches!(output, Output::Look(_)) {
            ec2.world.edit_eni(&eni(), |eni| *eni = before.clone());
        }
        Vec::new()
    });
    let ending = rig.fly();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
    assert_eq!(rig.submitted.len(), 2, "{}", rig.calls());
}
