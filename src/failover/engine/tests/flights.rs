//! Whole operations.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::rig::{Answering, Rig, detach_of, is_detach, move_to};
use crate::ec2::call::Call;
use crate::ec2::resource::InstanceState;
use crate::failover::engine::{Gaze, Input, Output, Pace};
use crate::failover::facts::Mark;
use crate::failover::journal::Entry;
use crate::failover::status::{Ending, StepState};
use crate::failover::testing::{OTHER, PRIMARY, STANDBY, eni, intent, live, planned, sim, world};

pub fn rig() -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    Rig::new(world, plan)
}

pub fn practice() -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &sim());
    Rig::new(world, plan)
}

pub fn name(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Aborted => "aborted",
        Ending::PutBack => "put-back",
        Ending::Refused(_) => "refused",
        Ending::ForeignChange(_) => "foreign",
        Ending::IdentityLost(_) => "lost",
        Ending::NeedsPerson(_) => "person",
    }
}

/// Nobody may end an operation while the interface is attached to nothing, unless a person is
/// named what to do.
pub fn assert_safe(rig: &Rig, ending: &Ending) {
    let unattached = rig.ec2.holder().is_none() && rig.ec2.world.eni(&eni()).is_some();
    let told = matches!(ending, Ending::NeedsPerson(t) if t.contains("aws ec2 attach-network-interface"))
        || matches!(ending, Ending::ForeignChange(_));
    assert!(!unattached || told, "{ending:?}");
}

#[test]
fn the_happy_path_is_two_calls_and_every_row_ticked() {
    let mut rig = rig();
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach attach-2");
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    let status = rig.engine.status();
    let states: Vec<_> = status.steps.iter().map(|s| s.state).collect();
    let mut expected = vec![StepState::Done; 6];
    expected[0] = StepState::Skipped;
    assert_eq!(states, expected);
    for row in &status.steps[5].rows {
        assert_eq!(row.mark, Mark::Tick, "{row:?}");
    }
    assert!(status.attachment_id.is_some());
    // 2.9 s to detach and 1.4 s to attach are EC2's own.
    let took = status.ended.unwrap().since(status.began.unwrap());
    assert!(took < Duration::from_millis(4_300 + 1_000), "{took:?}");
    rig.assert_journal_reads_back();
    let kinds: Vec<_> = rig.records.iter().map(|r| kind(&r.entry)).collect();
    assert_eq!(kinds.first(), Some(&"plan"));
    assert_eq!(kinds.get(1), Some(&"consent"));
    assert_eq!(kinds.last(), Some(&"verdict"));
}

fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::Plan { .. } => "plan",
        Entry::Consent { .. } | Entry::Alternative { .. } => "consent",
        Entry::Intent { .. } => "intent",
        Entry::Outcome { .. } => "outcome",
        Entry::Observed { .. } => "observed",
        Entry::Note { .. } => "note",
        Entry::Verdict { .. } => "verdict",
        Entry::Measured { .. } => "measured",
    }
}

#[test]
fn answers_that_are_lost_or_refused_are_looked_into() {
    use Answering::{LostApplied, LostDropped, LostLate, Normal, Refused};
    // answers to the calls in order, (ending, calls made)
    let table: Vec<(Vec<Answering>, &str, &str)> = vec![
        (vec![LostApplied], "done", "detach attach-2"),
        (vec![LostDropped], "done", "detach detach attach-2"),
        (vec![LostLate(300)], "done", "detach attach-2"),
        (vec![Normal, LostApplied], "done", "detach attach-2"),
        (
            vec![Normal, LostDropped],
            "done",
            "detach attach-2 attach-2",
        ),
        (vec![Normal, LostLate(250)], "done", "detach attach-2"),
        (
            vec![Refused("RequestLimitExceeded")],
            "done",
            "detach detach attach-2",
        ),
        (
            vec![Refused("InvalidAttachmentID.NotFound")],
            "done",
            "detach detach attach-2",
        ),
        (vec![Refused("UnauthorizedOperation")], "refused", "detach"),
        (
            vec![Normal, Refused("InvalidNetworkInterface.InUse")],
            "done",
            "detach attach-2 attach-2",
        ),
        (
            vec![Refused("InternalError"); 5],
            "refused",
            "detach detach detach detach detach",
        ),
        (
            vec![LostDropped; 5],
            "person",
            "detach detach detach detach detach",
        ),
    ];
    for (answers, expected, calls) in table {
        let mut rig = rig();
        rig.answers = answers.clone().into();
        let ending = rig.fly();
        assert_eq!(
            (name(&ending), rig.calls().as_str()),
            (expected, calls),
            "{answers:?} {ending:?}"
        );
        assert_safe(&rig, &ending);
        rig.assert_journal_reads_back();
    }
}

#[test]
fn a_stale_look_decides_nothing() {
    for lag in [500, 3_000, 8_000] {
        let mut rig = rig();
        rig.lag = Duration::from_millis(lag);
        let ending = rig.fly();
        assert_eq!(ending, Ending::Done, "lag {lag}");
        assert_eq!(rig.calls(), "detach attach-2", "lag {lag}");
    }
    // An answer of the past, asked for before the detach was accepted, arriving after it.
    let mut rig = rig();
    let before = rig.ec2.seen();
    let asked = rig.now();
    let mut looks = 0;
    rig.hook = Box::new(move |_, output| {
        looks += u32::from(matches!(output, Output::Look(_)));
        // The second look is the first one after the detach.
        if looks != 2 || !matches!(output, Output::Look(_)) {
            return Vec::new();
        }
        let mut gone = crate::ec2::world::World::clone(&before);
        gone.remove_eni(&eni());
        let old = crate::failover::engine::Observation {
            asked_at: asked,
            gaze: crate::failover::engine::Gaze::Full,
            seen: Ok(std::sync::Arc::new(gone)),
        };
        vec![Input::Observed(old.clone()), Input::Observed(old)]
    });
    assert_eq!(rig.fly(), Ending::Done);
}

#[test]
fn a_second_operator_is_noticed_wherever_he_acts() {
    // when he acts, where to, ending
    for (point, to, expected) in [
        ("before-detach", STANDBY, "done"),
        ("before-detach", OTHER, "foreign"),
        ("before-detach", PRIMARY, "foreign"),
        ("after-detach", STANDBY, "done"),
        ("after-detach", OTHER, "foreign"),
        ("after-detach", PRIMARY, "foreign"),
        ("after-attach", OTHER, "foreign"),
        ("after-attach", PRIMARY, "foreign"),
    ] {
        let mut rig = rig();
        let mut acted = false;
        rig.hook = Box::new(move |ec2, output| {
            let now = match (point, output) {
                ("before-detach", Output::Look(_)) => true,
                ("after-detach", Output::Journal(r)) => matches!(r.entry, Entry::Outcome { .. }),
                ("after-attach", Output::Look(_)) => ec2.holder() == Some(STANDBY.into()),
                _ => false,
            };
            if now && !acted {
                acted = true;
                ec2.settle();
                move_to(ec2, to);
            }
            Vec::new()
        });
        let ending = rig.fly();
        assert_eq!(name(&ending), expected, "{point} {to}: {ending:?}");
        let theirs = rig.submitted.iter().filter(|c| is_detach(c)).count();
        assert!(theirs <= 1, "{point} {to}: {}", rig.calls());
        assert_safe(&rig, &ending);
    }
}

#[test]
fn what_changed_since_the_plan_stops_it_before_the_detach() {
    type Change = fn(&mut crate::ec2::world::World);
    let table: [(&str, Change, &str); 5] = [
        (
            "target stopping",
            |w| w.edit_instance(&STANDBY.into(), |i| i.state = InstanceState::Stopping),
            "IncorrectState",
        ),
        (
            "target stopped",
            |w| w.edit_instance(&STANDBY.into(), |i| i.state = InstanceState::Stopped),
            "plan anew",
        ),
        (
            "target gone",
            |w| w.remove_instance(&STANDBY.into()),
            "does not exist",
        ),
        (
            "slot taken",
            |w| {
                w.edit_eni(&"eni-0d1a2b3c4d5e60006".into(), |e| {
                    if let Some(a) = &mut e.attachment {
                        a.instance_id = Some(STANDBY.into());
                        a.device_index = 1;
                    }
                })
            },
            "InvalidParameterValue",
        ),
        (
            "other index",
            |w| {
                w.edit_eni(&eni(), |e| {
                    if let Some(a) = &mut e.attachment {
                        a.device_index = 2;
                    }
                })
            },
            "not the planned one",
        ),
    ];
    for (what, change, says) in table {
        let mut rig = rig();
        change(&mut rig.ec2.world);
        let ending = rig.fly();
        assert!(
            matches!(&ending, Ending::Refused(t) if t.contains(says) && t.contains("nothing has moved")),
            "{what}: {ending:?}"
        );
        assert_eq!(rig.calls(), "", "{what}");
    }
}

#[test]
fn a_long_wait_looks_at_everything_now_and_then_and_at_the_interface_between() {
    let mut rig = rig();
    rig.ec2.hang = true;
    let looks = Rc::new(RefCell::new((0, 0)));
    let seen = Rc::clone(&looks);
    rig.hook = Box::new(move |_, output| {
        let mut looks = seen.borrow_mut();
        match output {
            Output::Look(Gaze::Full) => looks.0 += 1,
            Output::Look(Gaze::Eni) => looks.1 += 1,
            _ => {}
        }
        Vec::new()
    });
    rig.begin(Pace::Run);
    rig.run(|r| r.engine.status().question.is_some());
    let (full, eni) = *looks.borrow();
    // Once a second for a quarter of a minute, every five seconds after that.
    assert!((20..=26).contains(&full), "{full} in a minute");
    assert!((110..=180).contains(&eni), "{eni} in a minute");
}

#[test]
fn a_detach_that_never_ends_is_given_up_without_changing_anything() {
    for alone in [false, true] {
        let mut rig = rig();
        rig.ec2.hang = true;
        rig.begin(Pace::Run);
        rig.run(|r| r.calls() == "detach");
        if alone {
            rig.input(Input::Alone("hang-up".to_owned()));
        }
        let ending = rig.end();
        assert_eq!(name(&ending), "person", "{ending:?}");
        assert_eq!(rig.calls(), "detach");
        let took = rig
            .now()
            .since(rig.engine.status().began.unwrap())
            .as_secs();
        let (least, most) = if alone { (119, 123) } else { (598, 605) };
        assert!((least..most).contains(&took), "{took}");
    }
}

#[test]
fn a_journal_that_fails_stops_it_before_the_detach_and_never_after() {
    // Which record is which: as in a flight where nothing fails.
    let mut whole = rig();
    whole.fly();
    let position = |found: fn(&Entry) -> bool, nth: usize| {
        let mut all = whole.records.iter().filter(|r| found(&r.entry));
        all.nth(nth).unwrap().seq
    };
    let detach = position(|e| matches!(e, Entry::Intent { .. }), 0);
    for seq in 0..whole.records.len() as u64 {
        let mut rig = rig();
        rig.fail_from = Some(seq);
        let ending = rig.fly();
        if seq <= detach {
            assert!(
                matches!(&ending, Ending::Refused(t) if t.contains("nothing has moved")),
                "{seq}: {ending:?}"
            );
            assert_eq!(rig.calls(), "", "{seq}");
        } else {
            assert_eq!(ending, Ending::Done, "{seq}");
            assert_eq!(rig.calls(), "detach attach-2", "{seq}");
            let last = seq + 1 == whole.records.len() as u64;
            assert!(
                last || rig.notes().contains("aws ec2 attach-network-interface"),
                "{seq}: {}",
                rig.notes()
            );
        }
    }
}

#[test]
fn a_journal_that_never_answers_counts_as_failed() {
    let mut rig = rig();
    rig.begin(Pace::Run);
    rig.run(|r| r.calls() == "detach");
    // From here on the disk hangs: nothing is durable, nothing fails.
    let plan = rig.engine.status().plan.clone();
    let mut engine = rig.engine.clone();
    let ticket = rig
        .records
        .iter()
        .rev()
        .find(|r| matches!(r.entry, Entry::Intent { .. }))
        .unwrap()
        .seq;
    let answer = crate::failover::engine::Outcome::Accepted(Default::default());
    let now = rig.now() + Duration::from_millis(200);
    engine.handle(now, Input::Answered(ticket, answer, Duration::ZERO));
    let later = now + Duration::from_secs(6);
    let outputs = engine.handle(later, Input::Tick);
    assert!(
        outputs.iter().any(|o| matches!(o, Output::Look(_))),
        "{outputs:?}"
    );
    assert!(
        engine
            .status()
            .notes
            .iter()
            .any(|(_, t)| t.contains(plan.intent.target.as_str()))
    );
}

#[test]
fn a_late_route_is_reported_and_is_no_failure() {
    let mut rig = rig();
    rig.ec2.routes_late = true;
    rig.hook = Box::new(|ec2, output| {
        if matches!(output, Output::Submit(_, Call::AttachNetworkInterface(_))) {
            let mut table = ec2.world.route_tables().next().unwrap().as_ref().clone();
            table.routes[0].state = crate::ec2::resource::RouteState::Blackhole;
            ec2.world.put_route_table(table);
        }
        Vec::new()
    });
    assert_eq!(rig.fly(), Ending::Done);
    let rows = &rig.engine.status().steps[5].rows;
    let late = rows.iter().find(|r| r.label.starts_with("route")).unwrap();
    assert!(
        matches!(&late.mark, Mark::Mismatch(t) if t.contains("ReplaceRoute")),
        "{late:?}"
    );
    assert!(rig.notes().contains("route"), "{}", rig.notes());
}

#[test]
fn an_identity_that_changed_is_told_and_so_is_an_interface_that_is_gone() {
    let mut rig = rig();
    rig.hook = Box::new(|ec2, output| {
        if matches!(output, Output::Submit(_, Call::AttachNetworkInterface(_))) {
            ec2.world.edit_eni(&eni(), |e| e.groups.clear());
        }
        Vec::new()
    });
    let ending = rig.fly();
    assert!(
        matches!(&ending, Ending::IdentityLost(t) if t.contains("Groups was sg-1, is none")),
        "{ending:?}"
    );
    let mut rig = self::rig();
    rig.hook = Box::new(|ec2, output| {
        if matches!(output, Output::Submit(_, Call::AttachNetworkInterface(_))) {
            ec2.world.remove_eni(&eni());
        }
        Vec::new()
    });
    let ending = rig.fly();
    assert!(
        matches!(&ending, Ending::IdentityLost(t) if t.contains("10.0.1.50")),
        "{ending:?}"
    );
}

#[test]
fn looks_that_fail_stop_it_before_the_detach() {
    let mut rig = rig();
    rig.blind = true;
    let ending = rig.fly();
    assert!(
        matches!(&ending, Ending::Refused(t) if t.contains("nothing has moved")),
        "{ending:?}"
    );
    assert_eq!(rig.calls(), "");
    assert!(rig.notes().contains("connection refused"));
}

#[test]
fn an_unattached_interface_is_attached_only() {
    let mut world = world();
    let call = detach_of(&crate::failover::testing::Fake::new(world.clone())).unwrap();
    let mut ec2 = crate::failover::testing::Fake::new(world);
    ec2.call(&call).unwrap();
    ec2.settle();
    world = ec2.world;
    let plan = planned(&world, &intent(STANDBY), &live());
    assert_eq!(plan.steps.len(), 3);
    let mut rig = Rig::new(world, plan);
    assert_eq!(rig.fly(), Ending::Done);
    assert_eq!(rig.calls(), "attach-2");
}

#[test]
fn delete_on_termination_is_turned_off_first() {
    use Answering::{LostApplied, LostDropped, Normal, Refused};
    for (answer, calls) in [
        (Normal, "protect detach attach-2"),
        (LostApplied, "protect detach attach-2"),
        (LostDropped, "protect protect detach attach-2"),
        (Refused("UnauthorizedOperation"), "protect detach attach-2"),
    ] {
        let mut world = world();
        world.edit_eni(&eni(), |e| {
            if let Some(a) = &mut e.attachment {
                a.delete_on_termination = true;
            }
        });
        let plan = planned(&world, &intent(STANDBY), &live());
        let mut rig = Rig::new(world, plan);
        rig.answers = vec![answer.clone()].into();
        assert_eq!(rig.fly(), Ending::Done, "{answer:?}");
        assert_eq!(rig.calls(), calls, "{answer:?}");
    }
}
