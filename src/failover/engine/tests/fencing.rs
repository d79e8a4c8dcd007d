//! Stopping the old instance when the detach hangs.

use super::rig::{Answering, Rig};
use crate::ec2::resource::Tag;
use crate::failover::engine::{Goal, Input, Pace};
use crate::failover::journal::{Entry, MemoryJournal};
use crate::failover::plan::Intent;
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{OTHER, PRIMARY, STANDBY, eni, live, planned, world};

fn rig(fence: Option<&str>) -> Rig {
    let world = world();
    let intent = Intent {
        fence: fence.map(Into::into),
        ..Intent::new(eni(), STANDBY.into())
    };
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    rig.ec2.hang = true;
    rig.ec2.stop_frees = true;
    rig
}

#[test]
fn a_hung_detach_ends_with_the_instance_that_was_agreed_to() {
    let mut rig = rig(Some(PRIMARY));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach StopInstances attach-2");
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    let detach = rig.engine.status().calls[0].at;
    let stop = rig.engine.status().calls[1].at;
    let waited = stop.since(detach).as_secs();
    assert!((60..65).contains(&waited), "{waited} s");
    let consents: Vec<_> = rig
        .records
        .iter()
        .filter_map(|r| match &r.entry {
            Entry::Consent { to, typed, .. } => Some((to.as_str(), typed.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(consents.get(1), Some(&("fence", PRIMARY)));
    assert!(rig.notes().contains("half a minute"), "{}", rig.notes());
    rig.assert_journal_reads_back();
}

#[test]
fn nothing_is_stopped_that_was_not_agreed_to() {
    let mut rig = rig(None);
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach");
}

#[test]
fn a_consent_to_the_stop_that_is_not_in_the_journal_is_none() {
    // Records of the plan and the consent to it; the consent to the stop may follow.
    for (records, calls) in [(2, "detach"), (3, "detach StopInstances")] {
        let mut first = rig(Some(PRIMARY));
        first.begin(Pace::Run);
        first.run(|rig| rig.records.len() >= 3);
        first.records.truncate(records);
        first.journal = MemoryJournal::default();
        for record in &first.records {
            first.journal.append("7f3a", record).unwrap();
        }
        let mut second = first.resumed(Goal::Target, Some(Vec::new()));
        second.ec2.hang = true;
        second.begin(Pace::Run);
        second.run(|rig| rig.engine.status().question.is_some() || rig.calls() == calls);
        assert_eq!(second.calls(), calls, "{records} records");
        if records == 2 {
            second.run(|rig| rig.engine.status().question.is_some());
            assert_eq!(second.calls(), "detach");
        }
    }
}

#[test]
fn a_refused_stop_is_told_and_not_repeated() {
    let mut rig = rig(Some(PRIMARY));
    rig.answers = vec![
        Answering::Normal,
        Answering::Refused("UnsupportedOperation"),
    ]
    .into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach StopInstances");
    assert!(rig.notes().contains("was not stopped"), "{}", rig.notes());
    rig.input(Input::Alone("nobody can be asked".to_owned()));
    let ending = rig.end();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
    assert_eq!(rig.calls(), "detach StopInstances");
}

/// Flies until the detach hangs; `what` is so by then.
fn stuck(what: &str) -> Rig {
    let mut rig = rig(None);
    let primary = PRIMARY.into();
    match what {
        "scaling" => rig.ec2.world.edit_instance(&primary, |i| {
            i.tags.push(Tag {
                key: "aws:autoscaling:groupName".into(),
                value: "db".into(),
            });
        }),
        "spot" => rig.ec2.world.edit_instance(&primary, |i| {
            i.instance_lifecycle = Some("spot".into());
        }),
        _ => {}
    }
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    rig
}

/// `wait force fence`: what the question offers.
fn offered(rig: &Rig) -> String {
    let question = rig.engine.status().question.as_ref().unwrap();
    let words = question.choices.iter().map(|(command, _)| match command {
        Command::WaitOn => "wait",
        Command::Force(_) => "force",
        Command::Fence(id) if id == PRIMARY => "fence",
        _ => "?",
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_question_offers_what_the_preflight_would_let_pass() {
    // what is so, answers offered, words in the question or its answers
    for (what, expected, says) in [
        ("", "wait fence force", "fence: stop db-primary"),
        ("spot", "wait fence force", "is a Spot Instance"),
        (
            "scaling",
            "wait force",
            "not offered: db-primary belongs to an Auto Scaling group",
        ),
    ] {
        let mut rig = stuck(what);
        assert_eq!(offered(&rig), expected, "{what}");
        let question = rig.engine.status().question.clone().unwrap();
        let texts = question.choices.iter().map(|(_, text)| text.as_str());
        let all: Vec<_> = texts.chain([question.text.as_str()]).collect();
        assert!(all.join(" ").contains(says), "{what}: {all:?}");
        if what == "scaling" {
            rig.command(Command::Fence(PRIMARY.to_owned()));
            assert!(rig.notes().contains("is not stopped"), "{}", rig.notes());
            assert_eq!(rig.calls(), "detach");
        }
    }
}

#[test]
fn the_answered_question_stops_the_source_once_and_by_its_whole_id() {
    let mut rig = stuck("");
    for typed in ["", "yes", OTHER, STANDBY] {
        rig.command(Command::Fence(typed.to_owned()));
        assert!(rig.engine.status().question.is_some(), "{typed}");
    }
    rig.command(Command::Fence(PRIMARY.to_owned()));
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach StopInstances attach-2");
    let consents = rig.records.iter().filter_map(|r| match &r.entry {
        Entry::Consent { to, typed, how } => Some((to.as_str(), typed.as_str(), how.as_str())),
        _ => None,
    });
    let all: Vec<_> = consents.collect();
    let newest = all.last().copied();
    assert_eq!(newest, Some(("fence", PRIMARY, "typed")));
    rig.assert_journal_reads_back();
}

#[test]
fn a_stop_that_changed_nothing_is_not_offered_again() {
    let mut rig = stuck("");
    rig.ec2.stop_frees = false;
    rig.command(Command::Fence(PRIMARY.to_owned()));
    assert!(rig.engine.status().question.is_none());
    rig.run(|rig| rig.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach StopInstances");
    assert_eq!(offered(&rig), "wait force");
}

#[test]
fn nothing_is_stopped_without_a_journal() {
    let mut rig = stuck("");
    rig.fail_from = Some(rig.records.len() as u64);
    rig.command(Command::Fence(PRIMARY.to_owned()));
    rig.run(|rig| rig.notes().contains("not fenced"));
    assert!(rig.notes().contains("not fenced"), "{}", rig.notes());
    assert_eq!(rig.calls(), "detach");
}
