//! An attach that EC2 refuses while the interface is attached to nothing.

use super::rig::{Answering, Rig};
use crate::ec2::call::Call;
use crate::ec2::resource::InstanceState;
use crate::failover::engine::{Goal, Input, Output, Pace};
use crate::failover::facts::Mark;
use crate::failover::journal::Entry;
use crate::failover::plan::Intent;
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{PRIMARY, STANDBY, eni, live, planned, world};

/// Flies until the attach is submitted, with what is in its way.
fn rejected(what: &str) -> Rig {
    let world = world();
    let intent = Intent::new(eni(), STANDBY.into());
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    let refused = match what {
        "index" | "all-taken" => None,
        "hidden" => Some("InvalidParameterValue"),
        "limit" => Some("AttachmentLimitExceeded"),
        "state" => Some("IncorrectState"),
        "zone" => Some("InvalidParameterCombination"),
        "permission" => Some("UnauthorizedOperation"),
        other => panic!("{other}"),
    };
    let refused = refused.map_or(Answering::Normal, Answering::Refused);
    rig.answers = vec![Answering::Normal, refused].into();
    let what = what.to_owned();
    rig.hook = Box::new(move |ec2, output| {
        if matches!(output, Output::Submit(_, Call::DetachNetworkInterface(_))) {
            // m5.large takes three interfaces.
            let others: &[u32] = match &*what {
                "index" => &[1],
                "all-taken" => &[1, 2],
                _ => &[],
            };
            let root = "eni-0d1a2b3c4d5e60002".into();
            for index in others {
                let mut other = crate::ec2::eni::Eni::clone(ec2.world.eni(&root).unwrap());
                other.id = format!("eni-0d1a2b3c4d5e6009{index}").as_str().into();
                let held = other.attachment.as_mut().unwrap();
                held.device_index = *index;
                held.attachment_id = format!("eni-attach-{index}").as_str().into();
                ec2.world.put_eni(other);
            }
            if what == "state" {
                ec2.world.edit_instance(&STANDBY.into(), |i| {
                    i.state = InstanceState::ShuttingDown;
                });
            }
        }
        Vec::new()
    });
    rig.begin(Pace::Run);
    rig.run(|r| r.calls().contains("attach-2"));
    rig
}

fn offered(rig: &Rig) -> String {
    let question = rig.engine.status().question.as_ref().unwrap();
    let words = question.choices.iter().map(|(command, _)| match command {
        Command::Index(index) => format!("index-{index}"),
        Command::PutBack => "back".to_owned(),
        Command::Finish => "again".to_owned(),
        other => format!("{other:?}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_rejection_is_a_question_and_alone_it_is_put_back() {
    // what is in the way | what a person is offered
    let table = "index      | index-2 back again
                 hidden     | index-2 back again
                 all-taken  | back again
                 limit      | back again
                 state      | back again
                 zone       | back again
                 permission | back again";
    for row in table.lines() {
        let (what, expected) = row.split_once('|').unwrap();
        let mut rig = rejected(what.trim());
        rig.run(|r| r.engine.status().question.is_some());
        assert_eq!(offered(&rig), expected.trim(), "{what}");
        let mut rig = rejected(what.trim());
        rig.input(Input::Alone("SIGTERM".to_owned()));
        assert_eq!(rig.end(), Ending::PutBack, "{what}: {}", rig.notes());
        assert_eq!(rig.calls(), "detach attach-2 attach-1", "{what}");
        assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()), "{what}");
    }
}

#[test]
fn another_index_is_chosen_journaled_and_told_everywhere() {
    let mut rig = rejected("index");
    rig.run(|r| r.engine.status().question.is_some());
    for wrong in [0, 1, 3, 99] {
        rig.command(Command::Index(wrong));
        assert!(rig.engine.status().question.is_some(), "{wrong}");
    }
    rig.command(Command::Index(2));
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach attach-2 attach-2");
    let held = rig.ec2.world.eni(&eni()).unwrap().attachment.clone();
    assert_eq!(held.map(|a| a.device_index), Some(2));
    let status = rig.engine.status();
    assert_eq!(status.slot(false), Some((0, 2)));
    for row in &status.steps.last().unwrap().rows {
        assert_eq!(row.mark, Mark::Tick, "{row:?}");
    }
    let chosen = rig.records.iter().filter(
        |r| matches!(&r.entry, Entry::Consent { to, typed, .. } if to == "index" && typed == "2"),
    );
    assert_eq!(chosen.count(), 1);
    rig.assert_journal_reads_back();
}

#[test]
fn an_index_that_fails_too_is_not_offered_again() {
    let mut rig = rejected("hidden");
    rig.answers = vec![Answering::Refused("InvalidParameterValue")].into();
    rig.run(|r| r.engine.status().question.is_some());
    rig.command(Command::Index(2));
    rig.run(|r| r.engine.status().question.is_some());
    assert_eq!(offered(&rig), "index-3 back again");
    rig.command(Command::PutBack);
    assert_eq!(rig.end(), Ending::PutBack, "{}", rig.notes());
    let held = rig.ec2.world.eni(&eni()).unwrap().attachment.clone();
    assert_eq!(held.map(|a| a.device_index), Some(1), "its old place");
}

#[test]
fn whoever_takes_over_goes_on_at_the_chosen_index() {
    let mut rig = rejected("index");
    rig.run(|r| r.engine.status().question.is_some());
    rig.answers = vec![Answering::LostDropped].into();
    rig.command(Command::Index(2));
    rig.run(|r| r.calls() == "detach attach-2 attach-2");
    let mut rig = rig.resumed(Goal::Target, Some(Vec::new()));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    let held = rig.ec2.world.eni(&eni()).unwrap().attachment.clone();
    assert_eq!(held.map(|a| a.device_index), Some(2));
}
