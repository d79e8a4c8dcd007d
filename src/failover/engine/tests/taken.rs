//! Operations that another process takes up again.

use std::time::Duration;

use super::rig::{Answering, Rig, is_detach, move_to};
use crate::ec2::eni::EniStatus;
use crate::failover::engine::{Engine, Goal, Input, Output, Pace};
use crate::failover::journal::{Entry, MemoryJournal};
use crate::failover::report::{markdown, summary};
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{OTHER, PRIMARY, STANDBY, eni, intent, live, planned, world};

fn rig() -> Rig {
    let world = world();
    let plan = planned(&world, &intent(STANDBY), &live());
    Rig::new(world, plan)
}

/// Where a process dies: as soon as so many records are written, or so many calls submitted.
#[derive(Clone, Copy, Debug)]
enum Crash {
    Records(usize),
    Calls(usize),
}

fn crashed(at: Crash) -> Rig {
    let mut rig = rig();
    rig.begin(Pace::Run);
    rig.run(|rig| match at {
        Crash::Records(n) => rig.records.len() >= n,
        Crash::Calls(n) => rig.submitted.len() >= n,
    });
    rig
}

fn later(rig: &mut Rig, span: Duration) {
    let to = rig.now() + span;
    rig.ec2.advance(to);
}

fn every_crash() -> Vec<Crash> {
    let mut whole = rig();
    whole.fly();
    let records = (2..whole.records.len()).map(Crash::Records);
    records.chain([Crash::Calls(1), Crash::Calls(2)]).collect()
}

#[test]
fn whatever_record_was_the_last_it_is_finished_or_put_back() {
    for crash in every_crash() {
        for (goal, expected, holder) in [
            (Goal::Target, Ending::Done, STANDBY),
            (Goal::Source, Ending::PutBack, PRIMARY),
        ] {
            for pause in [0, 5, 1_800] {
                let mut rig = crashed(crash);
                let attaching = rig.submitted.len() > 1;
                later(&mut rig, Duration::from_secs(pause));
                let mut rig = rig.resumed(goal, Some(Vec::new()));
                let ending = rig.fly();
                // What is on its way to the target, or there, is not torn away again.
                let (expected, holder) = match attaching {
                    true => (&Ending::Done, STANDBY),
                    false => (&expected, holder),
                };
                let case = format!("{crash:?} {goal:?} {pause} s later: {}", rig.notes());
                assert_eq!(ending, *expected, "{case}");
                rig.ec2.settle();
                assert_eq!(rig.ec2.holder(), Some(holder.into()), "{case}");
                rig.assert_journal_reads_back();
            }
        }
    }
}

#[test]
fn whoever_takes_over_may_die_too() {
    for crash in every_crash() {
        for records in 1..8 {
            let mut rig = crashed(crash);
            let before = rig.records.len();
            later(&mut rig, Duration::from_secs(1));
            let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
            rig.begin(Pace::Run);
            rig.run(|rig| rig.ending.is_some() || rig.records.len() >= before + records);
            if rig.ending.is_some() {
                continue;
            }
            let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
            assert_eq!(
                rig.fly(),
                Ending::Done,
                "{crash:?} {records}: {}",
                rig.notes()
            );
            assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
        }
    }
}

#[test]
fn it_says_who_takes_over_looks_first_and_counts_records_on() {
    let rig = crashed(Crash::Calls(1));
    let before = rig.records.len();
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    rig.begin(Pace::Run);
    let Entry::Note { text } = &rig.records[before].entry else {
        panic!("{:?}", rig.records[before]);
    };
    assert!(
        text.starts_with("takeover by process 2 on test, 0 s after"),
        "{text}"
    );
    assert!(
        text.contains("may have happened: DetachNetworkInterface"),
        "{text}"
    );
    let submitted = rig.submitted.len();
    rig.hook = Box::new(|_, output| match output {
        Output::Submit(..) => panic!("{output:?} before a look"),
        Output::Look(_) => vec![Input::Command(Command::Abort)],
        _ => Vec::new(),
    });
    rig.run(|rig| rig.records.len() >= before + 3);
    assert_eq!(rig.submitted.len(), submitted);
    let kinds = rig.records[before + 1..].iter();
    let consent = kinds
        .map(|r| &r.entry)
        .find(|e| matches!(e, Entry::Consent { .. }));
    assert!(matches!(consent, Some(Entry::Consent { to, .. }) if to == "finish"));
}

#[test]
fn what_is_old_or_doubtful_is_not_touched_without_a_fresh_preflight() {
    // crash, minutes later, ending
    for (crash, minutes, expected) in [
        (
            Crash::Calls(1),
            1,
            "not known whether our detach was accepted",
        ),
        (Crash::Records(2), 16, "16 min old"),
        (Crash::Calls(2), 16, ""),
    ] {
        let mut rig = crashed(crash);
        later(&mut rig, Duration::from_secs(minutes * 60));
        let submitted = rig.submitted.len();
        let mut rig = rig.resumed(Goal::Target, None);
        let ending = rig.fly();
        assert_eq!(rig.submitted.len(), submitted, "{crash:?}");
        match &ending {
            Ending::NeedsPerson(text) => assert!(text.contains(expected), "{text}"),
            Ending::Done => assert!(expected.is_empty(), "{crash:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_person_who_was_needed_takes_it_up_again() {
    let mut first = rig();
    first.answers = std::iter::once(Answering::Normal)
        .chain(std::iter::repeat_n(Answering::Refused("InternalError"), 5))
        .collect();
    first.hook = Box::new(|_, output| match output {
        Output::Submit(..) => vec![Input::Alone("SIGHUP".to_owned())],
        _ => Vec::new(),
    });
    first
        .answers
        .extend(std::iter::repeat_n(Answering::Refused("InternalError"), 5));
    let ending = first.fly();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
    assert_eq!(first.ec2.holder(), None);
    let mut second = first.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(second.fly(), Ending::Done, "{}", second.notes());
}

#[test]
fn what_somebody_else_moved_meanwhile_is_left_alone() {
    for crash in [Crash::Records(3), Crash::Calls(1)] {
        let mut rig = crashed(crash);
        rig.ec2.settle();
        move_to(&mut rig.ec2, OTHER);
        let submitted = rig.submitted.len();
        let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
        let ending = rig.fly();
        assert!(matches!(ending, Ending::ForeignChange(_)), "{ending:?}");
        assert_eq!(rig.submitted.len(), submitted);
    }
}

#[test]
fn a_late_detach_is_waited_for_before_it_counts_as_put_back() {
    let mut rig = rig();
    rig.answers = [Answering::LostLate(20_000)].into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.submitted.iter().any(is_detach));
    let mut rig = rig.resumed(Goal::Source, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
    rig.ec2.settle();
    assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()));
    assert_eq!(rig.calls(), "detach attach-1");
}

#[test]
fn a_clock_that_jumps_does_not_shorten_the_wait_for_a_late_detach() {
    let mut rig = rig();
    rig.answers = [Answering::LostLate(20_000)].into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.submitted.iter().any(is_detach));
    // The process that died had a clock that was an hour slow.
    rig.journal = MemoryJournal::default();
    for record in &mut rig.records {
        record.wall = record.wall - Duration::from_secs(3_600);
        rig.journal.append("7f3a", record).unwrap();
    }
    let mut rig = rig.resumed(Goal::Source, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
    rig.ec2.settle();
    assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()));
    assert_eq!(rig.calls(), "detach attach-1");
}

#[test]
fn what_it_put_back_itself_is_nobody_elses_change() {
    let mut rig = crashed(Crash::Calls(1));
    rig.ec2.settle();
    let mut rig = rig.resumed(Goal::Source, Some(Vec::new()));
    rig.begin(Pace::Run);
    rig.run(|rig| rig.submitted.len() == 2);
    rig.ec2.settle();
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::PutBack, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()));
}

#[test]
fn what_was_attached_to_nothing_is_not_put_back() {
    let mut world = world();
    world.edit_eni(&eni(), |e| {
        e.status = EniStatus::Available;
        e.attachment = None;
    });
    let plan = planned(&world, &intent(STANDBY), &live());
    let mut rig = Rig::new(world, plan);
    rig.begin(Pace::Run);
    rig.run(|rig| rig.records.len() >= 2);
    let mut rig = rig.resumed(Goal::Source, None);
    let ending = rig.fly();
    assert!(
        matches!(&ending, Ending::Refused(text) if text.contains("no place to put it back")),
        "{ending:?}"
    );
    assert_eq!(rig.calls(), "");
}

#[test]
fn a_journal_that_fails_at_the_takeover_does_not_leave_it_unattached() {
    let mut rig = crashed(Crash::Records(2));
    rig.run(|rig| rig.ec2.holder().is_none());
    let from = rig.records.len() as u64;
    let mut rig = rig.resumed(Goal::Target, None);
    rig.fail_from = Some(from);
    assert_eq!(rig.fly(), Ending::Done);
    assert!(
        rig.notes().contains("the journal cannot be written"),
        "{}",
        rig.notes()
    );
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    // Nothing has been submitted: then there is no reason to go on without a journal.
    let rig = crashed(Crash::Records(2));
    let mut rig = rig.resumed(Goal::Target, None);
    rig.fail_from = Some(2);
    assert!(matches!(rig.fly(), Ending::Refused(_)));
}

#[test]
fn the_time_in_which_nobody_was_there_is_no_part_of_the_detach() {
    let mut rig = crashed(Crash::Calls(1));
    let died = rig.now();
    later(&mut rig, Duration::from_secs(125));
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    let journal = Engine::told(&rig.operation());
    for status in [rig.engine.status(), &journal] {
        let summary = summary(status, None, &rig.ec2.world, rig.now());
        let outage = &summary.outage;
        let nobody = outage.nobody_was_there.unwrap();
        assert!((124_000..126_000).contains(&nobody), "{outage:?}");
        assert!(outage.detach.unwrap() < 20_000, "{outage:?}");
        let parts = [outage.detach, outage.unattached, outage.attach];
        let sum: u64 = parts.into_iter().flatten().sum();
        assert_eq!(Some(sum + nobody), outage.address_away, "{outage:?}");
        let mut gaps = summary.timeline.iter().filter(|e| e.kind == "nobody");
        let gap = gaps.next().unwrap();
        assert_eq!((gap.millis, gaps.next()), (Some(nobody), None));
        assert!(gap.at >= died - Duration::from_secs(1), "{gap:?}");
        let report = markdown(&summary);
        assert!(report.contains("nobody was there 2 min 0"), "{report}");
        assert!(
            report.contains("nobody: nobody was there until"),
            "{report}"
        );
    }
}
