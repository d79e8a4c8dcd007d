//! Operations and people: who stops, steps, forces, answers late, goes away, or may not begin.

use super::flights::{assert_safe, name, practice, rig};
use super::rig::{Answering, Rig};
use crate::ec2::call::Call;
use crate::ec2::resource::InstanceState;
use crate::failover::engine::{FORCE_PHRASE, Input, Output, Pace};
use crate::failover::facts::Mark;
use crate::failover::journal::{Entry, Record};
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{FAR, PRIMARY, STANDBY, eni, intent, live, planned, world};

#[test]
fn a_hung_detach_is_forced_only_by_its_own_phrase() {
    let mut rig = rig();
    rig.ec2.hang = true;
    rig.begin(Pace::Run);
    rig.run(|r| r.engine.status().question.is_some());
    let waited = rig
        .now()
        .since(rig.engine.status().began.unwrap())
        .as_secs();
    assert!((60..63).contains(&waited), "{waited}");
    rig.command(Command::Force("yes".to_owned()));
    assert!(rig.engine.status().question.is_some());
    rig.command(Command::WaitOn);
    assert!(rig.engine.status().question.is_none());
    rig.run(|r| r.engine.status().question.is_some());
    rig.command(Command::Force(FORCE_PHRASE.to_owned()));
    assert_eq!(rig.end(), Ending::Done);
    assert_eq!(rig.calls(), "detach force attach-2");
    let consents = rig
        .records
        .iter()
        .filter(|r| matches!(&r.entry, Entry::Consent { to, .. } if to == "force"));
    assert_eq!(consents.count(), 1);
}

#[test]
fn left_alone_it_reaches_a_safe_end_from_every_step() {
    let mut outputs = 0;
    for at in 0.. {
        let mut rig = rig();
        let mut count = 0;
        rig.hook = Box::new(move |_, _| {
            count += 1;
            if count == at {
                vec![Input::Alone("SIGHUP".to_owned())]
            } else {
                Vec::new()
            }
        });
        let ending = rig.fly();
        assert_safe(&rig, &ending);
        let expected = if rig.calls().is_empty() {
            "aborted"
        } else {
            "done"
        };
        assert_eq!(name(&ending), expected, "at output {at}: {}", rig.calls());
        outputs += 1;
        if !rig.notes().contains("alone") && expected == "done" && at > 60 {
            break;
        }
        assert!(at < 1_000, "never beyond the end");
    }
    assert!(outputs > 20);
}

#[test]
fn a_target_that_is_lost_after_the_detach_is_asked_about_or_put_back() {
    // alone, source still eligible, (ending, calls)
    for (alone, source, expected, calls) in [
        (true, true, "put-back", "detach attach-1"),
        (true, false, "person", "detach"),
        (false, true, "put-back", "detach attach-1"),
    ] {
        let mut rig = rig();
        rig.answers = vec![Answering::Normal, Answering::Refused("IncorrectState")].into();
        rig.hook = Box::new(move |ec2, output| {
            if matches!(output, Output::Submit(_, Call::DetachNetworkInterface(_))) {
                let gone =
                    |i: &mut crate::ec2::resource::Instance| i.state = InstanceState::ShuttingDown;
                ec2.world.edit_instance(&STANDBY.into(), gone);
                if !source {
                    ec2.world.edit_instance(&PRIMARY.into(), gone);
                }
            }
            Vec::new()
        });
        rig.begin(Pace::Run);
        rig.run(|r| r.calls().contains("attach-2"));
        if alone {
            rig.input(Input::Alone("SIGTERM".to_owned()));
        } else {
            rig.run(|r| r.engine.status().question.is_some());
            rig.command(Command::PutBack);
        }
        let ending = rig.end();
        let calls = calls.replace("detach", "detach attach-2");
        assert_eq!(
            (name(&ending), rig.calls()),
            (expected, calls),
            "{ending:?}"
        );
        assert_safe(&rig, &ending);
        if expected == "put-back" {
            assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()));
            let status = rig.engine.status();
            assert!(status.putting_back);
            assert_eq!(
                status.steps.len(),
                status.plan.steps.len() + status.back.len()
            );
            for row in &status.steps.last().unwrap().rows {
                assert_eq!(row.mark, Mark::Tick, "{row:?}");
            }
        }
    }
}

#[test]
fn stopping_is_free_before_the_detach_and_a_question_after_it() {
    let mut rig = practice();
    rig.begin(Pace::Step);
    rig.command(Command::Abort);
    assert_eq!(name(&rig.end()), "aborted");
    assert_eq!(rig.calls(), "");
    for (answer, expected, calls) in [
        (Command::Finish, "done", "detach attach-2"),
        (Command::PutBack, "put-back", "detach attach-1"),
    ] {
        let mut rig = practice();
        rig.begin(Pace::Step);
        rig.run(|r| r.engine.status().paused);
        assert_eq!(rig.calls(), "detach");
        rig.command(Command::Abort);
        assert!(rig.engine.status().question.is_some(), "{answer:?}");
        rig.command(answer.clone());
        assert_eq!(name(&rig.end()), expected);
        assert_eq!(rig.calls(), calls);
    }
}

#[test]
fn a_stop_while_the_attach_is_being_written_down_is_too_late() {
    let mut rig = rig();
    rig.hook = Box::new(|_, output| match output {
        Output::Journal(Record {
            entry:
                Entry::Intent {
                    call: Call::AttachNetworkInterface(_),
                    ..
                },
            ..
        }) => vec![
            Input::Command(Command::Abort),
            Input::Command(Command::PutBack),
        ],
        _ => Vec::new(),
    });
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach attach-2");
}

#[test]
fn an_unanswered_stop_on_a_live_account_finishes_by_itself() {
    let mut rig = rig();
    rig.begin(Pace::Run);
    rig.run(|r| r.calls() == "detach");
    rig.command(Command::Abort);
    assert!(rig.engine.status().question.is_some());
    assert_eq!(rig.end(), Ending::Done);
}

#[test]
fn stepping_stops_before_every_step_and_shows_what_is() {
    let mut rig = practice();
    rig.begin(Pace::Step);
    let mut seen = Vec::new();
    for _ in 0..10 {
        rig.run(|r| r.engine.status().paused || r.ending.is_some());
        seen.push(rig.engine.status().current);
        if rig.ending.is_some() {
            break;
        }
        rig.command(Command::Step);
    }
    assert_eq!(rig.ending, Some(Ending::Done));
    assert_eq!(seen, [2, 3, 4, 5, 5]);
}

#[test]
fn nothing_is_flown_without_leave() {
    let world = world();
    let mut readonly = planned(&world, &intent(STANDBY), &live());
    readonly.sky.writes = false;
    let blocked = planned(&world, &intent(FAR), &live());
    let plan = planned(&world, &intent(STANDBY), &live());
    for (plan, typed, how, says) in [
        (readonly, eni().to_string(), "--confirm", "--allow-writes"),
        (blocked, eni().to_string(), "--confirm", "preflight blocks"),
        (plan.clone(), "3f9a1".to_owned(), "tui", "does not name"),
        (
            plan.clone(),
            "03f9a1".to_owned(),
            "--confirm",
            "does not name",
        ),
    ] {
        let mut rig = Rig::new(world.clone(), plan);
        let consent = crate::failover::engine::Consent { typed, how };
        rig.input(Input::Begin(Pace::Run, consent));
        let ending = rig.end();
        assert!(
            matches!(&ending, Ending::Refused(t) if t.contains(says)),
            "{ending:?}"
        );
        assert!(rig.records.is_empty());
    }
    let mut rig = Rig::new(world, plan);
    let consent = crate::failover::engine::Consent {
        typed: "03f9a1".to_owned(),
        how: "tui",
    };
    rig.input(Input::Begin(Pace::Run, consent));
    assert_eq!(rig.end(), Ending::Done);
}
