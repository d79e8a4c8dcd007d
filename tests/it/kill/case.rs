//! One line of the table: read, and played.

use std::time::Instant;

use enipilot::failover::journal::{Entry, Record};
use enipilot::failover::mechanism::Mechanism;
use serde_json::json;

use super::aloft::{self, Phase};
use super::pilot::{OTHER, Pilot, TARGET, run, verdict};
use super::{screen, way};
use crate::support::served::Served;

/// One line of the table.
pub struct Case {
    pub text: String,
    how: Vec<String>,
    steps: Vec<Step>,
    calls: Vec<String>,
    end: String,
}

/// What is done after the first process has ended.
struct Step {
    what: String,
    /// Where this one dies.
    dies: Option<String>,
    code: i32,
}

pub fn read(table: &str) -> Vec<Case> {
    let lines = table.lines().map(str::trim);
    let cases = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    cases.map(one).collect()
}

fn one(line: &str) -> Case {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let [how, steps, calls, end] = columns[..] else {
        panic!("not four columns: {line}");
    };
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    Case {
        text: columns.join(" | "),
        how: words(how),
        steps: words(steps).iter().map(|word| step(word)).collect(),
        calls: words(calls),
        end: end.to_owned(),
    }
}

/// `WHAT=CODE`, or `WHAT@MOMENT:KIND:N=CODE` where that process dies as well.
fn step(word: &str) -> Step {
    let (what, code) = word.split_once('=').unwrap_or((word, "0"));
    let (what, dies) = match what.split_once('@') {
        Some((what, point)) => (what, Some(point.to_owned())),
        None => (what, None),
    };
    Step {
        what: what.to_owned(),
        dies,
        code: code.parse().expect(word),
    }
}

/// What was measured.
pub struct Played {
    pub seconds: f64,
    pub records: usize,
    pub ending: String,
}

impl Case {
    pub fn play(&self) -> Played {
        let began = Instant::now();
        let way = way::of(&self.how);
        let phase = Phase::of(&self.how);
        // Where records are counted, a look right behind a call must see it under way.
        let counted = self.how.iter().any(|word| word == "observed");
        let pace = if counted { "1s" } else { "100ms" };
        let times = phase.map_or([pace, pace], |phase| phase.times);
        let held = phase.and_then(|phase| phase.held);
        let served = Served::start(way::world(way), times, held);
        let pilot = Pilot::new(&served, way);
        let named = usize::from(way != Mechanism::Interface);
        let how: Vec<&str> = self.how[named..].iter().map(String::as_str).collect();
        match (&how[..], phase) {
            (["killed", moment, kind, n], None) => {
                killed(&pilot, &format!("{moment}:{kind}:{n}"));
            }
            ([what, _, "exits", code], Some(phase)) => {
                aloft::happen(&pilot, what, phase, code.parse().unwrap());
            }
            _ => panic!("nothing is known of {how:?}"),
        }
        for step in &self.steps {
            take(&pilot, step);
        }
        self.judge(&pilot, began)
    }

    fn judge(&self, pilot: &Pilot, began: Instant) -> Played {
        let end = way::place(pilot.served, pilot.way);
        assert_eq!(end, self.end, "{}", self.text);
        let calls = pilot.served.changes();
        let calls: Vec<&str> = calls.iter().map(|call| verb(call)).collect();
        assert_eq!(calls, self.calls, "{}", self.text);
        let journals = pilot.journals();
        let (_, newest) = journals.last().unwrap();
        assert_eq!(newest.torn, 0, "{}", self.text);
        Played {
            seconds: began.elapsed().as_secs_f64(),
            records: journals.iter().map(|(_, j)| j.records.len()).sum(),
            ending: verdict(newest).unwrap_or("no verdict").to_owned(),
        }
    }
}

/// `Detach` of DetachNetworkInterface.
fn verb(action: &str) -> &str {
    let rest = action.char_indices().skip(1);
    let end = rest.into_iter().find(|(_, c)| c.is_ascii_uppercase());
    &action[..end.map_or(action.len(), |(at, _)| at)]
}

/// The failover dies of SIGKILL at a record of its journal.
fn killed(pilot: &Pilot, point: &str) {
    let mut command = pilot.failover();
    command.env("ENIPILOT_DIE_AT", point);
    let ended = run(command);
    assert_eq!(ended.code, 137, "{point}: {}", ended.err);
    // Once a call may have been made, whatever is run next tells of it.
    let (_, journal) = pilot.journals().remove(0);
    let called = |record: &Record| matches!(record.entry, Entry::Intent { .. });
    let open = journal.records.iter().any(called) && verdict(&journal).is_none();
    let tree = run(pilot.command(&["tree", "--world", "empty"]));
    assert_eq!(tree.err.contains("was left open"), open, "{}", tree.err);
}

/// One step, on the operation that was left open, or on the newest.
fn take(pilot: &Pilot, step: &Step) {
    match step.what.as_str() {
        "calm" => return pilot.served.faults(&json!({ "Clear": true })),
        "release" => return pilot.served.release(),
        "settle" => return pilot.served.settle(),
        "terminate-target" => {
            let form = format!("Action=TerminateInstances&InstanceId.1={TARGET}");
            pilot.served.call(&form);
            return;
        }
        "free-bastion" => {
            let form =
                "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0986df66792f62bf4";
            let seen = pilot.served.call(form);
            let (_, rest) = seen.split_once("<attachmentId>").unwrap();
            let (id, _) = rest.split_once('<').unwrap();
            let form = format!("Action=DetachNetworkInterface&AttachmentId={id}");
            pilot.served.call(&form);
            return;
        }
        "screen-finish" => return screen::take_up(pilot, b"R"),
        "screen-put-back" => return screen::take_up(pilot, b"P"),
        _ => {}
    }
    let listed = pilot.listed();
    let open = listed.iter().find(|item| item["Open"] == true);
    let op = open.unwrap_or(&listed[0])["Operation"].as_str().unwrap();
    let mut command = match step.what.as_str() {
        "resume" => pilot.ops("resume", op, &["--allow-writes"]),
        "index" => pilot.ops("resume", op, &["--index", "2", "--allow-writes"]),
        "or-to" => pilot.ops("resume", op, &["--or-to", OTHER, "--allow-writes"]),
        "put-back" => pilot.ops("resume", op, &["--put-back", "--allow-writes"]),
        "undo" => pilot.undo(op),
        "abandon" => pilot.ops("abandon", op, &[]),
        "failover" => pilot.failover(),
        other => panic!("no step {other}"),
    };
    if let Some(point) = &step.dies {
        command.env("ENIPILOT_DIE_AT", point);
    }
    let before = intents(pilot);
    let ended = run(command);
    let told = format!("{}: {}{}", step.what, ended.out, ended.err);
    assert_eq!(ended.code, step.code, "{told}");
    if step.dies.is_none() {
        // What is told is what this process has done, and nothing that another did before it.
        let calls = ended.err.lines().filter(|l| l.starts_with("  call: "));
        assert_eq!(calls.count(), intents(pilot) - before, "{told}");
    }
}

/// Calls that were to be made, by all journals.
fn intents(pilot: &Pilot) -> usize {
    let journals = pilot.journals();
    let records = journals.iter().flat_map(|(_, journal)| &journal.records);
    let intents = records.filter(|r| matches!(r.entry, Entry::Intent { .. }));
    intents.count()
}
