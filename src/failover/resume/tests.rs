#![allow(clippy::unwrap_used, clippy::panic)]

//! The resume table, one row a line in `tests/data/resume.txt`.

use std::sync::Arc;
use std::time::Duration;

use super::{NoOperation, Operation, next, preflight};
use crate::ec2::call::{Answer, Attach, Call, Detach};
use crate::ec2::eni::{Attachment, AttachmentStatus, EniStatus};
use crate::ec2::error::ApiError;
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;
use crate::failover::engine::{Action, Awaited, Goal};
use crate::failover::journal::line::decode;
use crate::failover::journal::{CallResult, Entry, MemoryJournal, Record};
use crate::failover::plan::Level;
use crate::failover::testing::{
    ATTACHMENT, OTHER, PRIMARY, STANDBY, START, eni, intent, live, planned, world,
};

const TABLE: &str = include_str!("../../../tests/data/resume.txt");

fn detach() -> Call {
    Call::DetachNetworkInterface(Detach {
        attachment_id: ATTACHMENT.into(),
        force: false,
    })
}

fn attach(to: &str) -> Call {
    Call::AttachNetworkInterface(Attach {
        network_interface_id: eni(),
        instance_id: to.into(),
        device_index: 1,
        network_card_index: 0,
    })
}

/// The journal that these words tell: `detach+` accepted, `detach-` refused, `detach?` no outcome,
/// `detach~` outcome unknown, `detach0` never submitted; the same for `attach` and `back`.
fn journal(words: &str) -> String {
    let mut entries = vec![Entry::Plan {
        plan: Arc::new(planned(&world(), &intent(STANDBY), &live())),
    }];
    for word in words.split_whitespace() {
        let (word, mark) = match word.strip_suffix(['+', '-', '?', '~', '0']) {
            Some(stem) => (stem, &word[stem.len()..]),
            None => (word, ""),
        };
        let call = match word {
            "detach" => detach(),
            "attach" => attach(STANDBY),
            "back" => attach(PRIMARY),
            "consent" | "put-back" | "finish" => {
                let to = if word == "consent" { "plan" } else { word };
                entries.push(Entry::Consent {
                    to: to.to_owned(),
                    typed: String::new(),
                    how: "tui".to_owned(),
                });
                continue;
            }
            ending => {
                entries.push(Entry::Verdict {
                    ending: ending.to_owned(),
                    text: String::new(),
                });
                continue;
            }
        };
        let of = entries.len() as u64;
        entries.push(Entry::Intent { call, attempt: 1 });
        let result = match mark {
            "+" => CallResult::Accepted(Answer::default()),
            "-" => CallResult::Refused(ApiError::new("InternalError", "no")),
            "~" => CallResult::Unknown("reset".to_owned()),
            "0" => CallResult::NotSubmitted("given up".to_owned()),
            _ => continue,
        };
        entries.push(Entry::Outcome {
            of,
            result,
            millis: 200,
        });
    }
    let mut journal = MemoryJournal::default();
    for (seq, entry) in (0..).zip(entries) {
        let wall = START;
        journal
            .append("7f3a", &Record { seq, wall, entry })
            .unwrap();
    }
    journal.text().to_owned()
}

fn operation(words: &str) -> Operation {
    Operation::read(&decode(journal(words).as_bytes()).unwrap()).unwrap()
}

/// `attached planned source`, `available`, `missing`, `available, target stopped` …
fn seen(text: &str) -> World {
    let mut world = world();
    let (place, target) = text.split_once(", target ").unwrap_or((text, "running"));
    match target {
        "gone" => {
            world.remove_instance(&STANDBY.into());
        }
        state => world.edit_instance(&STANDBY.into(), |i| i.state = InstanceState::from(state)),
    }
    let words: Vec<_> = place.split_whitespace().collect();
    if words[0] == "missing" {
        world.remove_eni(&eni());
        return world;
    }
    world.edit_eni(&eni(), |e| {
        let Some(held) = words.get(1) else {
            e.status = EniStatus::from(words[0]);
            e.attachment = None;
            return;
        };
        let holder = match words[2] {
            "source" => PRIMARY,
            "target" => STANDBY,
            _ => OTHER,
        };
        let id = if *held == "planned" {
            ATTACHMENT
        } else {
            "eni-attach-x"
        };
        e.attachment = Some(Attachment {
            attachment_id: id.into(),
            status: AttachmentStatus::from(words[0]),
            instance_id: Some(holder.into()),
            ..e.attachment.clone().unwrap()
        });
    });
    world
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Detach => "detach",
        Action::Attach(Goal::Target) => "attach",
        Action::Attach(Goal::Source) => "attach-back",
        Action::Wait(Awaited::Available | Awaited::Attached) => "wait",
        Action::Wait(Awaited::Understanding(_)) => "pause",
        Action::Verify(Goal::Target) => "verify",
        Action::Verify(Goal::Source) => "verify-back",
        Action::Foreign(_) => "foreign",
        Action::NotEligible(_) => "not-eligible",
        Action::AskAgain(_) => "ask",
        Action::Lost(_) => "lost",
        Action::Disputed(_) => "disputed",
        Action::Handover(_, Goal::Target) => "carry",
        Action::Handover(_, Goal::Source) => "carry-back",
    }
}

#[test]
fn every_row_of_the_resume_table() {
    let mut rows = 0;
    let lines = TABLE.lines().enumerate();
    for (n, line) in lines.filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [records, age, observed, finish, back, fresh] = cells[..] else {
            panic!("line {}: {line}", n + 1);
        };
        let operation = operation(records);
        let world = seen(observed);
        let now = match age.strip_prefix('-') {
            Some(before) => START - Duration::from_secs(before.parse::<u64>().unwrap() * 60),
            None => START + Duration::from_secs(age.parse::<u64>().unwrap() * 60),
        };
        for (goal, renewed, expected) in [
            (Goal::Target, false, finish),
            (Goal::Source, false, back),
            (Goal::Target, true, fresh),
        ] {
            let action = next(&operation, goal, renewed, now, &world);
            let got = word(&action);
            assert_eq!(
                got,
                expected,
                "line {}: {goal:?} {renewed}: {action:?}",
                n + 1
            );
        }
        rows += 1;
    }
    assert!(rows >= 30, "{rows} rows");
}

#[test]
fn a_journal_says_whether_it_is_open_and_which_calls_may_have_happened() {
    // records | open | detaches, doubtful | goal
    for (records, open, detaches, doubtful, goal) in [
        ("", true, 0, false, Goal::Target),
        ("consent detach?", true, 1, true, Goal::Target),
        ("consent detach~ detach+", true, 2, true, Goal::Target),
        ("consent detach0 aborted", false, 0, false, Goal::Target),
        (
            "consent detach+ attach- needs-person",
            true,
            1,
            false,
            Goal::Target,
        ),
        (
            "consent detach+ attach+ done",
            false,
            1,
            false,
            Goal::Target,
        ),
        ("consent detach+ back?", true, 1, false, Goal::Source),
        ("consent detach+ back- finish", true, 1, false, Goal::Source),
        ("consent detach+ put-back", true, 1, false, Goal::Source),
        (
            "consent detach+ foreign-change",
            false,
            1,
            false,
            Goal::Target,
        ),
        (
            "consent detach+ needs-person put-back back+ put-back",
            true,
            1,
            false,
            Goal::Source,
        ),
    ] {
        let operation = operation(records);
        assert_eq!(operation.is_open(), open, "{records}");
        let detach = &operation.known.detach;
        assert_eq!(
            (detach.made, detach.doubtful),
            (detaches, doubtful),
            "{records}"
        );
        assert_eq!(operation.known.goal, goal, "{records}");
        let numbers = journal(records).lines().count() as u64;
        assert_eq!(operation.next_seq, numbers);
    }
}

#[test]
fn a_torn_last_line_is_left_out_and_an_empty_journal_tells_nothing() {
    let whole = journal("consent detach+");
    let torn = decode(&whole.as_bytes()[..whole.len() - 3]).unwrap();
    let operation = Operation::read(&torn).unwrap();
    assert!(operation.known.detach.doubtful && operation.torn > 0);
    let empty = decode(&whole.as_bytes()[..9]).unwrap();
    assert_eq!(Operation::read(&empty), Err(NoOperation::Empty));
    let cut = decode(&whole.as_bytes()[..whole.len() - 1]).unwrap();
    assert!(cut.unended && cut.torn == 0);
    assert!(!decode(whole.as_bytes()).unwrap().unended);
}

#[test]
fn a_fresh_preflight_is_made_from_where_it_is_now() {
    let operation = operation("consent detach+");
    for (observed, goal, blocks) in [
        ("available", Goal::Target, false),
        ("available", Goal::Source, false),
        ("available, target terminated", Goal::Target, true),
        ("available, target terminated", Goal::Source, false),
        ("available, target gone", Goal::Target, true),
        ("attached x target", Goal::Target, false),
        ("missing", Goal::Target, true),
    ] {
        let checks = preflight(&operation, goal, &seen(observed), START);
        let blocked = checks.iter().any(|c| c.level == Level::Block);
        assert_eq!(blocked, blocks, "{observed} {goal:?}: {checks:?}");
    }
}
