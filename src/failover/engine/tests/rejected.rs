//! An attach that EC2 refuses while the interface is attached to nothing.

use std::time::Duration;

use super::rig::{Answering, Rig};
use crate::ec2::call::Call;
use crate::ec2::resource::InstanceState;
use crate::failover::engine::{Goal, Input, Output, Pace};
use crate::failover::facts::Mark;
use crate::failover::journal::{Entry, Record};
use crate::failover::plan::{Intent, StepKind};
use crate::failover::report::{markdown, summary};
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{FAR, OTHER, PRIMARY, STANDBY, START, eni, live, planned, world};

/// Flies until the attach is submitted, with what is in its way.
fn rejected(what: &str) -> Rig {
    rejected_with(what, None)
}

/// The same, where another instance was named beforehand.
fn rejected_with(what: &str, fallback: Option<&str>) -> Rig {
    let world = world();
    let intent = Intent {
        fallback: fallback.map(Into::into),
        ..Intent::new(eni(), STANDBY.into())
    };
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
        Command::Candidate(id) => format!("to-{}", &id.as_str()[18..]),
        other => format!("{other:?}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_rejection_is_a_question_and_alone_it_is_put_back() {
    // what is in the way | what a person is offered
    let table = "index      | index-2 back again to-6
                 hidden     | index-2 back again to-6
                 all-taken  | back again to-6
                 limit      | back again to-6
                 state      | back again to-6
                 zone       | back again to-6
                 permission | back again to-6";
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

/// The line of the attach that is under way, or of the last one.
fn place_told(rig: &Rig) -> &str {
    let status = rig.engine.status();
    let way = status.plan.steps.iter().chain(&status.back);
    let mut attach = way.filter(|step| step.kind == StepKind::Attach);
    attach.next_back().map_or("", |step| &step.detail)
}

#[test]
fn a_chosen_index_is_told_as_long_as_it_is_meant() {
    let mut rig = rejected("index");
    rig.run(|r| r.engine.status().question.is_some());
    rig.answers = vec![Answering::Refused("InvalidParameterValue")].into();
    rig.command(Command::Index(2));
    rig.run(|r| r.calls() == "detach attach-2 attach-2");
    rig.run(|r| r.engine.status().question.is_some());
    rig.answers = vec![Answering::Refused("UnauthorizedOperation")].into();
    rig.command(Command::PutBack);
    assert_eq!(place_told(&rig), "to db-primary, card 0 index 1");
    rig.run(|r| r.calls().ends_with("attach-1"));
    rig.run(|r| r.engine.status().question.is_some());
    let attach = |rig: &Rig| rig.engine.status().plan.steps[3].detail.clone();
    assert!(attach(&rig).ends_with("index 2"), "{}", attach(&rig));
    // The other way again it is the planned one.
    rig.command(Command::Finish);
    assert!(attach(&rig).ends_with("index 1"), "{}", attach(&rig));
    for row in &rig.engine.status().steps[5].rows {
        assert!(!row.forecast.ends_with("idx 2"), "{row:?}");
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
    assert_eq!(place_told(&rig), "to db-standby, card 0 index 1");
    rig.command(Command::Index(2));
    // From the answer on, before it is there.
    assert_eq!(place_told(&rig), "to db-standby, card 0 index 2");
    assert_eq!(rig.engine.status().slot(false), Some((0, 2)));
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(place_told(&rig), "to db-standby, card 0 index 2");
    assert_eq!(
        rig.operation().plan.target_slot,
        (0, 1),
        "as it was planned"
    );
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
fn a_question_is_withdrawn_once_it_is_seen_to_be_attached_there_after_all() {
    let mut rig = rejected("permission");
    rig.run(|r| r.engine.status().question.is_some());
    let attach = rig.submitted.last().unwrap().clone();
    rig.ec2.call(&attach).unwrap();
    let seen =
        |r: &Record| matches!(&r.entry, Entry::Observed { eni, .. } if eni.contains("attaching"));
    rig.run(|r| r.records.iter().any(seen));
    assert!(rig.engine.status().question.is_none());
    // The answer comes too late: it would begin a second attach.
    rig.command(Command::Candidate(OTHER.into()));
    let ending = rig.end();
    assert_eq!(ending, Ending::Done, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
}

#[test]
fn an_index_that_fails_too_is_not_offered_again() {
    let mut rig = rejected("hidden");
    rig.answers = vec![Answering::Refused("InvalidParameterValue")].into();
    rig.run(|r| r.engine.status().question.is_some());
    rig.command(Command::Index(2));
    rig.run(|r| r.engine.status().question.is_some());
    assert_eq!(offered(&rig), "index-3 back again to-6");
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

#[test]
fn another_instance_is_chosen_journaled_looked_at_and_told_everywhere() {
    let mut rig = rejected("limit");
    rig.run(|r| r.engine.status().question.is_some());
    for wrong in [PRIMARY, STANDBY, FAR, "i-0"] {
        rig.command(Command::Candidate(wrong.into()));
        assert!(rig.engine.status().question.is_some(), "{wrong}");
    }
    rig.command(Command::Candidate(OTHER.into()));
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach attach-2 attach-6");
    assert_eq!(rig.ec2.holder(), Some(OTHER.into()));
    let status = rig.engine.status();
    assert_eq!(status.plan.intent.target.as_str(), OTHER);
    assert_eq!(status.slot(false), Some((0, 1)));
    for row in &status.steps.last().unwrap().rows {
        assert_eq!(row.mark, Mark::Tick, "{row:?}");
    }
    // The choice stands before the intent of the attach.
    let kinds = rig.records.iter().filter_map(|r| match &r.entry {
        Entry::Consent { to, typed, .. } if to == "candidate" => Some(format!("to {typed}")),
        Entry::Intent {
            call: Call::AttachNetworkInterface(c),
            ..
        } => Some(format!("attach {}", c.instance_id)),
        _ => None,
    });
    let expected = [
        format!("attach {STANDBY}"),
        format!("to {OTHER}"),
        format!("attach {OTHER}"),
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
    rig.assert_journal_reads_back();
}

#[test]
fn whoever_takes_over_goes_on_to_the_chosen_instance() {
    let mut rig = rejected("permission");
    rig.run(|r| r.engine.status().question.is_some());
    rig.answers = vec![Answering::LostDropped].into();
    rig.command(Command::Candidate(OTHER.into()));
    rig.run(|r| r.calls() == "detach attach-2 attach-6");
    for (goal, ending, holder) in [
        (Goal::Target, Ending::Done, OTHER),
        (Goal::Source, Ending::PutBack, PRIMARY),
    ] {
        let mut rig = rejected("permission");
        rig.run(|r| r.engine.status().question.is_some());
        rig.answers = vec![Answering::LostDropped].into();
        rig.command(Command::Candidate(OTHER.into()));
        rig.run(|r| r.calls() == "detach attach-2 attach-6");
        let mut rig = rig.resumed(goal, Some(Vec::new()));
        assert_eq!(rig.fly(), ending, "{}", rig.notes());
        assert_eq!(rig.ec2.holder(), Some(holder.into()));
        // The former target's refusal is no try of the new one.
        assert_eq!(rig.engine.status().plan.intent.target.as_str(), OTHER);
    }
}

#[test]
fn another_instance_is_looked_at_before_the_attach_whatever_an_old_look_showed() {
    let mut rig = rejected("limit");
    rig.run(|r| r.engine.status().question.is_some());
    let told = rig.engine.status().seen.len();
    rig.lag = Duration::from_secs(2);
    rig.command(Command::Candidate(OTHER.into()));
    rig.run(|r| r.engine.status().seen.len() > told);
    let (_, seen) = rig.engine.status().seen.last().unwrap();
    assert!(seen.contains("detaching"), "{seen}");
    rig.lag = Duration::ZERO;
    rig.ec2
        .world
        .edit_instance(&OTHER.into(), |i| i.state = InstanceState::Terminated);
    rig.run(|r| r.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach attach-2", "{}", rig.notes());
}

#[test]
fn an_attach_of_its_own_to_the_former_target_is_nobody_elses_in_an_old_look() {
    let world = world();
    let intent = Intent {
        fallback: Some(OTHER.into()),
        ..Intent::new(eni(), STANDBY.into())
    };
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    rig.answers = vec![
        Answering::Normal,
        Answering::Twice("InvalidNetworkInterface.InUse"),
    ]
    .into();
    let let_go = |rig: &mut Rig| {
        rig.ec2.world.edit_eni(&eni(), |eni| {
            eni.attachment = None;
            eni.status = crate::ec2::eni::EniStatus::Available;
        });
    };
    let attaching = |r: &Rig| {
        let seen = r.engine.status().seen.last();
        seen.is_some_and(|(_, seen)| seen.contains(" attaching "))
    };
    // Long enough for looks from before the operation to be over.
    rig.ec2.hang = true;
    rig.begin(Pace::Run);
    rig.run(|r| r.now() >= START + Duration::from_secs(20));
    let_go(&mut rig);
    rig.run(attaching);
    let was = crate::ec2::eni::Eni::clone(rig.ec2.world.eni(&eni()).unwrap());
    // The target dies, and lets go; what is seen once another one is chosen is older than that.
    let_go(&mut rig);
    rig.ec2
        .world
        .edit_instance(&STANDBY.into(), |i| i.state = InstanceState::Terminated);
    rig.hook = Box::new(move |ec2, output| {
        if matches!(output, Output::Journal(Record { entry: Entry::Consent { to, .. }, .. }) if to == "candidate")
        {
            ec2.world.put_eni(was.clone());
        }
        Vec::new()
    });
    rig.run(|r| r.engine.status().plan.intent.target.as_str() == OTHER && attaching(r));
    let later = rig.now() + Duration::from_secs(8);
    rig.run(|r| r.now() >= later || r.ending.is_some());
    let_go(&mut rig);
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.ec2.holder(), Some(OTHER.into()));
}

#[test]
fn another_instance_that_is_refused_too_is_put_back_or_left_to_a_person() {
    let mut rig = rejected("limit");
    rig.answers = vec![Answering::Refused("AttachmentLimitExceeded")].into();
    rig.run(|r| r.engine.status().question.is_some());
    rig.command(Command::Candidate(OTHER.into()));
    rig.run(|r| r.calls() == "detach attach-2 attach-6");
    rig.run(|r| r.engine.status().question.is_some());
    // STANDBY was tried, nobody else is left.
    assert_eq!(offered(&rig), "back again");
    rig.command(Command::PutBack);
    assert_eq!(rig.end(), Ending::PutBack, "{}", rig.notes());
    let chosen = rig.records.iter().filter(
        |r| matches!(&r.entry, Entry::Consent { to, how, .. } if to == "put-back" && how == "chosen"),
    );
    assert_eq!(chosen.count(), 1, "the answer is in the journal");
}

#[test]
fn while_an_attach_may_still_arrive_no_other_instance_is_offered() {
    let mut rig = rejected("index");
    rig.answers = vec![Answering::LostDropped].into();
    rig.run(|r| r.engine.status().question.is_some());
    rig.command(Command::Index(2));
    rig.run(|r| r.calls() == "detach attach-2 attach-2");
    rig.answers = vec![Answering::Refused("UnauthorizedOperation")].into();
    rig.run(|r| r.engine.status().question.is_some());
    assert!(!offered(&rig).contains("to-6"), "{}", offered(&rig));
}

#[test]
fn the_instance_named_beforehand_is_gone_on_to_without_a_question() {
    for alone in [false, true] {
        let mut rig = rejected_with("permission", Some(OTHER));
        if alone {
            rig.input(Input::Alone("SIGTERM".to_owned()));
        }
        assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
        assert_eq!(rig.calls(), "detach attach-2 attach-6");
        let how = rig.records.iter().find_map(|r| match &r.entry {
            Entry::Consent { to, how, .. } if to == "candidate" => Some(how.clone()),
            _ => None,
        });
        assert_eq!(how.as_deref(), Some("--or-to"));
    }
    // One that cannot take it blocks before anything moves.
    let wanted = Intent {
        fallback: Some(FAR.into()),
        ..Intent::new(eni(), STANDBY.into())
    };
    let plan = planned(&world(), &wanted, &live());
    let check = plan.preflight.iter().find(|c| c.id == "fallback").unwrap();
    assert_eq!(check.level, crate::failover::plan::Level::Block);
    assert!(plan.is_blocked());
}

#[test]
fn after_a_try_elsewhere_nothing_is_said_to_have_been_done_by_nobody() {
    // Attached to nothing from the beginning, so that the attach is the only call.
    let mut world = world();
    world.edit_eni(&eni(), |eni| {
        eni.attachment = None;
        eni.status = crate::ec2::eni::EniStatus::Available;
    });
    let plan = planned(&world, &Intent::new(eni(), STANDBY.into()), &live());
    let mut rig = Rig::new(world, plan);
    rig.answers = vec![Answering::Refused("AttachmentLimitExceeded")].into();
    rig.begin(Pace::Run);
    rig.run(|r| r.engine.status().question.is_some());
    let question = rig.engine.status().question.clone().unwrap();
    let mut choices = question.choices.into_iter().map(|(command, _)| command);
    let other = choices
        .find(|c| matches!(c, Command::Candidate(_)))
        .unwrap();
    let Command::Candidate(id) = &other else {
        panic!("{other:?}");
    };
    rig.ec2
        .world
        .edit_instance(id, |i| i.state = InstanceState::ShuttingDown);
    rig.command(other.clone());
    let later = rig.now() + Duration::from_secs(60);
    rig.run(|r| r.now() >= later);
    assert!(
        !matches!(rig.ending, Some(Ending::Refused(_))),
        "{:?}",
        rig.ending
    );
}

#[test]
fn what_ec2_encodes_stands_whole_in_the_journal_and_nowhere_else() {
    let secret = "hUQ4x7-_".repeat(60);
    let text = format!(
        "You are not authorized to perform this operation. Encoded authorization failure message: \
         {secret}"
    );
    let world = world();
    let plan = planned(&world, &Intent::new(eni(), STANDBY.into()), &live());
    let mut rig = Rig::new(world, plan);
    rig.answers = vec![
        Answering::Normal,
        Answering::RefusedSaying("UnauthorizedOperation", text),
    ]
    .into();
    rig.begin(Pace::Run);
    rig.run(|r| r.engine.status().question.is_some());
    rig.input(Input::Alone("SIGTERM".to_owned()));
    assert_eq!(rig.end(), Ending::PutBack, "{}", rig.notes());
    let status = rig.engine.status();
    let report = summary(status, None, &rig.ec2.world, rig.now());
    for shown in [markdown(&report), format!("{status:?}")] {
        assert!(!shown.contains("hUQ4x7"), "{shown}");
        assert!(shown.contains("You are not authorized to perform this operation. (Unauth"));
        let hints = shown
            .matches("aws sts decode-authorization-message")
            .count();
        assert_eq!(hints, 1, "{shown}");
    }
    let whole = |r: &&crate::failover::journal::Record| {
        serde_json::to_string(r).is_ok_and(|text| text.contains(&secret))
    };
    assert_eq!(rig.records.iter().filter(whole).count(), 1);
}
