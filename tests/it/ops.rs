//! Operations of the state directory, on the real binary: journals that the engine wrote against the
//! simulator until its process died.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Consent, Engine, Input, Observation, Outcome, Output, Pace};
use enipilot::failover::journal::line;
use enipilot::failover::plan::{Intent, Plan, Planned, plan};
use enipilot::failover::sky::{Kind, Sky};
use enipilot::sim::Sim;
use enipilot::store::dir::StateDir;
use enipilot::store::journal::JournalFile;
use enipilot::store::lock::{Holder, OpLock};
use serde_json::Value;

use crate::cli::enipilot;

const ENI: &str = "eni-0c1d52aa7be03f9a1";
const STANDBY: &str = "i-0d1a2b3c4d5e6f702";

fn made(sim: &Sim) -> Plan {
    let sky = Sky {
        kind: Kind::Live,
        endpoint: Some("http://127.0.0.1:1".into()),
        ..Sky::sim("", "111122223333", "us-east-1")
    };
    let intent = Intent::new(ENI.into(), STANDBY.into());
    let Ok(Planned::Plan(plan)) = plan(&sim.world(), &intent, &sky, sim.now()) else {
        panic!("two-am cannot be planned");
    };
    *plan
}

/// The journal of an operation whose process died as soon as so many records were written.
pub fn left(dir: &StateDir, op: &str, records: usize) -> PathBuf {
    let text = include_str!("../../demo/worlds/two-am.toml");
    let mut sim = Sim::load("two-am.toml", text, 1).unwrap();
    let mut engine = Engine::new(Arc::new(made(&sim)), op, 1);
    let mut journal = JournalFile::create(dir, sim.now(), &ENI.into(), op).unwrap();
    let consent = Consent {
        typed: ENI.to_owned(),
        how: "--confirm",
    };
    let mut written = 0;
    let mut due: Vec<(Time, Input)> = vec![(sim.now(), Input::Begin(Pace::Run, consent))];
    while !due.is_empty() {
        due.sort_by_key(|(at, _)| *at);
        let (at, input) = due.remove(0);
        sim.advance(at);
        let now = sim.now();
        for output in engine.handle(now, input) {
            match output {
                Output::Journal(record) => {
                    journal.append(&line::encode(op, &record).unwrap()).unwrap();
                    written += 1;
                    if written == records {
                        return journal.path().to_path_buf();
                    }
                    due.push((now, Input::Durable(record.seq)));
                }
                Output::Submit(ticket, call) => {
                    let outcome = match sim.call(&call) {
                        Ok(answer) => Outcome::Accepted(answer),
                        Err(error) => Outcome::Refused(error),
                    };
                    let took = Duration::from_millis(200);
                    due.push((now + took, Input::Answered(ticket, outcome, took)));
                }
                Output::Look(gaze) => {
                    let seen = Observation {
                        asked_at: now,
                        gaze,
                        seen: Ok(sim.world()),
                    };
                    due.push((now + Duration::from_millis(30), Input::Observed(seen)));
                }
                Output::WakeAt(at) => {
                    due.retain(|(_, input)| !matches!(input, Input::Tick));
                    due.push((at, Input::Tick));
                }
                Output::End(_) => return journal.path().to_path_buf(),
            }
        }
    }
    panic!("the operation stands still");
}

/// Exit code, stdout, stderr.
fn run(state: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = enipilot()
        .args(arguments)
        .args(["--state-dir", state.to_str().unwrap()])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

const EVERYTHING: usize = usize::MAX;

#[test]
fn every_operation_is_listed_with_where_it_stands() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    left(&dir, "aaaa0001", EVERYTHING);
    left(&dir, "aaaa0002", 4);
    left(&dir, "aaaa0003", 2);
    let (code, out, err) = run(home.path(), &["ops", "list"]);
    assert_eq!(code, 0, "{err}");
    let word = |op: &str| {
        let line = out.lines().find(|l| l.starts_with(op)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(word("aaaa0001"), "over", "{out}");
    assert_eq!(word("aaaa0002"), "OPEN", "{out}");
    assert_eq!(word("aaaa0003"), "not", "{out}");
    assert!(
        out.contains("no answer known, it may have happened"),
        "{out}"
    );
    let (_, out, _) = run(home.path(), &["ops", "list", "--json"]);
    let items = json(&out)["items"].as_array().unwrap().clone();
    let open: Vec<_> = items.iter().map(|i| i["Open"].as_bool().unwrap()).collect();
    assert_eq!(open, [false, true, false], "{out}");
}

#[test]
fn whoever_does_anything_else_is_told_what_was_left_open() {
    let home = tempfile::tempdir().unwrap();
    let tree = ["tree", "--world", "empty"];
    let (code, _, err) = run(home.path(), &tree);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        std::fs::read_dir(home.path()).unwrap().count(),
        0,
        "looking makes nothing"
    );
    let dir = StateDir::open(home.path()).unwrap();
    left(&dir, "aaaa0001", EVERYTHING);
    left(&dir, "aaaa0003", 2);
    assert_eq!(run(home.path(), &tree).2, "");
    left(&dir, "aaaa0002", 4);
    let (code, out, err) = run(home.path(), &tree);
    assert_eq!(code, 0);
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains("operation aaaa0002 was left open"), "{err}");
    assert!(!out.contains("aaaa0002"));
}

#[test]
fn an_operation_is_shown_with_the_commands_that_end_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    left(&dir, "aaaa0001", EVERYTHING);
    let path = left(&dir, "aaaa0002", 4);
    let (code, out, _) = run(home.path(), &["ops", "show", "aaaa0002"]);
    assert_eq!(code, 0);
    for part in [
        "NO ANSWER KNOWN",
        "DetachNetworkInterface AttachmentId=",
        &format!("enipilot ops resume aaaa0002 --confirm {ENI} --allow-writes"),
        &format!("enipilot ops resume aaaa0002 --confirm {ENI} --put-back --allow-writes"),
        path.to_str().unwrap(),
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (_, out, _) = run(home.path(), &["ops", "show", "aaaa0001"]);
    assert!(out.contains("done: on the target, verified"), "{out}");
    assert!(
        out.contains(&format!("enipilot ops undo aaaa0001 --confirm {ENI}")),
        "{out}"
    );
    let (_, out, _) = run(home.path(), &["ops", "show", "aaaa0001", "--json"]);
    let shown = json(&out);
    assert_eq!(shown["Calls"].as_array().unwrap().len(), 2, "{out}");
    assert_eq!(shown["Ending"], "done");
}

#[test]
fn mistakes_are_named_before_anything_is_asked_of_an_endpoint() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    left(&dir, "aaaa0001", EVERYTHING);
    left(&dir, "aaaa0002", 4);
    let damaged = left(&dir, "aaaa0005", 6);
    let text = std::fs::read_to_string(&damaged).unwrap();
    std::fs::write(&damaged, text.replacen("\"seq\":2", "\"seq\":3", 1)).unwrap();
    // arguments | exit code | part of stderr
    let table = format!(
        "ops show aaaa0009 | 1 | Did you mean aaaa000
         ops show zzzz | 1 | there is no operation zzzz
         ops resume aaaa0001 --confirm {ENI} --allow-writes | 1 | is over already
         ops resume aaaa0002 --confirm eni-0aaaaaaaaaaaaaaaa --allow-writes | 1 | is not {ENI}
         ops resume aaaa0002 --confirm {ENI} | 1 | a live endpoint is read-only
         ops resume aaaa0002 --region eu-west-1 | 2 | belongs to account 111122223333 us-east-1
         ops resume aaaa0002 --account 444455556666 | 2 | Leave --account out
         ops resume aaaa0002 --endpoint-url http://127.0.0.1:2 | 2 | Leave --endpoint-url out
         ops resume aaaa0002 --world two-am | 1 | belongs to the simulator
         ops resume aaaa0005 | 4 | cannot be trusted: line 3
         ops undo aaaa0002 | 1 | --put-back
         ops abandon aaaa0001 | 1 | is over already
         ops resume | 1 | <OP>"
    );
    for row in table.lines() {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let words: Vec<_> = cells[0].split_whitespace().collect();
        let (code, out, err) = run(home.path(), &words);
        assert_eq!(code.to_string(), cells[1], "{row}: {out}{err}");
        assert!(err.contains(cells[2]), "{row}: {err}");
        assert!(out.is_empty(), "{row}: {out}");
    }
}

#[test]
fn one_that_is_under_way_is_not_taken_up_by_a_second() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    left(&dir, "aaaa0002", 4);
    let me = Holder::me("aaaa0002", Time::from_millis(0));
    let _lock = OpLock::take(&dir, "111122223333", "us-east-1", &[ENI.into()].into(), &me).unwrap();
    for what in ["resume", "abandon"] {
        let arguments = ["ops", what, "aaaa0002", "--confirm", ENI, "--allow-writes"];
        let (code, _, err) = run(home.path(), &arguments);
        assert_eq!(code, 6, "{what}: {err}");
        assert!(
            err.contains(&format!("process {}", std::process::id())),
            "{err}"
        );
    }
}

#[test]
fn giving_up_says_where_it_is_and_closes_the_journal_alone() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    let path = left(&dir, "aaaa0002", 7);
    // A crash has torn the last line.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 9]).unwrap();
    let (code, out, _) = run(home.path(), &["ops", "abandon", "aaaa0002"]);
    assert_eq!(code, 4);
    assert!(
        out.contains("NOT KNOWN") && out.contains("its journal saw it at"),
        "{out}"
    );
    assert!(
        out.contains(&format!("ops abandon aaaa0002 --confirm {ENI}")),
        "{out}"
    );
    let (code, out, err) = run(
        home.path(),
        &["ops", "abandon", "aaaa0002", "--confirm", ENI],
    );
    assert_eq!(code, 0, "{out}{err}");
    let read = line::decode(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!((read.records.len(), read.torn), (7, 0));
    let (_, out, _) = run(home.path(), &["ops", "show", "aaaa0002"]);
    assert!(out.contains("abandoned: given up by a person"), "{out}");
    assert_eq!(run(home.path(), &["tree", "--world", "empty"]).2, "");
}

#[test]
fn a_damaged_journal_is_told_of_and_set_aside_only_by_its_interface() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    let path = left(&dir, "aaaa0002", 6);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"seq\":2", "\"seq\":3", 1)).unwrap();
    assert!(
        run(home.path(), &["tree", "--world", "empty"])
            .2
            .contains("cannot be trusted")
    );
    let wrong = ["ops", "abandon", "aaaa0002", "--confirm", "eni-1"];
    assert_eq!(run(home.path(), &wrong).0, 1);
    let (code, out, _) = run(
        home.path(),
        &["ops", "abandon", "aaaa0002", "--confirm", ENI],
    );
    assert_eq!(code, 0, "{out}");
    assert!(!path.exists() && out.contains(".jsonl.damaged"), "{out}");
}

#[test]
fn an_export_has_report_and_journal_and_redacted_it_names_nothing() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    let path = left(&dir, "aaaa0001", EVERYTHING);
    let (code, out, _) = run(home.path(), &["ops", "export", "aaaa0001", "--json"]);
    assert_eq!(code, 0);
    let whole = json(&out);
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(whole["Journal"].as_array().unwrap().len(), lines);
    assert_eq!(whole["Report"]["Ending"], "done");
    for part in ["Detach", "Attach", "AddressAway"] {
        let span = whole["Report"]["Outage"][part].as_u64();
        assert!(span.is_some_and(|ms| ms > 0), "{part}: {}", whole["Report"]);
    }
    // Whoever reads it must not wait for an end that nobody works at.
    left(&dir, "aaaa0002", 4);
    let (_, left_open, _) = run(home.path(), &["ops", "export", "aaaa0002"]);
    assert!(
        left_open.contains("LEFT OPEN: db-service: last call DetachNetworkInterface: no answer")
            && left_open.contains("- next: `enipilot ops resume aaaa0002`"),
        "{left_open}"
    );
    let (_, prose, _) = run(home.path(), &["ops", "export", "aaaa0001"]);
    assert!(
        [
            "## Timeline",
            "## Before and after",
            "## Journal",
            "agreed: to the plan (--confirm)"
        ]
        .iter()
        .all(|part| prose.contains(part)),
        "{prose}"
    );
    for redacted in [
        run(home.path(), &["ops", "export", "aaaa0001", "--redact"]).1,
        run(
            home.path(),
            &["ops", "export", "aaaa0001", "--redact", "--json"],
        )
        .1,
    ] {
        assert!(redacted.contains("10.0.1.50"), "the structure stays");
        for secret in secrets(&whole) {
            assert!(!redacted.contains(&secret), "{secret} in {redacted}");
        }
    }
}

/// Every string of the plan that names something of the account.
fn secrets(whole: &Value) -> Vec<String> {
    let plan = &whole["Journal"][0]["plan"];
    let mut secrets: Vec<String> = ["account", "endpoint"]
        .iter()
        .map(|k| plan["sky"][k].as_str().unwrap().to_owned())
        .collect();
    for name in ["eni", "source", "target"] {
        secrets.push(plan["names"][name].as_str().unwrap().to_owned());
    }
    for id in ["source", "attachment_id"] {
        secrets.push(plan[id].as_str().unwrap().to_owned());
    }
    for field in plan["identity"]["fields"].as_array().unwrap() {
        let (name, value) = (field[0].as_str().unwrap(), field[1].as_str().unwrap());
        match name {
            "NetworkInterfaceId" | "MacAddress" | "SubnetId" | "VpcId" | "Groups" => {
                secrets.extend(value.split(' ').map(str::to_owned));
            }
            _ => {}
        }
        if let Some(ip) = name.strip_prefix("Association.") {
            secrets.push(ip.to_owned());
        }
    }
    assert!(secrets.len() > 10, "{secrets:?}");
    secrets
}

/// Also where the journal is torn or spoilt: as far as it goes, saying so.
#[test]
fn an_operation_is_replayed_as_far_as_its_journal_goes() {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    let path = left(&dir, "7f3a0001", EVERYTHING);
    let (code, out, err) = run(home.path(), &["ops", "replay", "7f3a0001"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for wanted in [
        "operation 7f3a0001: db-service, db-primary -> db-standby",
        "agreed    to the plan (--confirm)",
        "call      DetachNetworkInterface AttachmentId=",
        "accepted  DetachNetworkInterface, answered in 0.200 s",
        "db-service is attached to nothing",
        "call      AttachNetworkInterface NetworkInterfaceId=",
        "db-service is at db-standby",
        "ended     done: ",
    ] {
        assert!(out.contains(wanted), "{wanted} is missing:\n{out}");
    }
    let place = |text: &str| out.find(text).unwrap();
    assert!(place("attached to nothing") < place("is at db-standby"));
    let (code, document, _) = run(home.path(), &["ops", "replay", "7f3a0001", "--json"]);
    let document = json(&document);
    let moments = document["Moments"].as_array().unwrap();
    let records = std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!((code, moments.len()), (0, records));
    let places: Vec<&str> = moments.iter().filter_map(|m| m["Place"].as_str()).collect();
    assert_eq!(places.first(), Some(&"source"));
    assert_eq!(places.last(), Some(&"target"));
    assert!(places.contains(&"nowhere") && document["Broken"].is_null());

    // The last line is torn off in the middle.
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    let (code, out, _) = run(home.path(), &["ops", "replay", "7f3a0001"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("! it can be read no further: the last line is torn"),
        "{out}"
    );
    assert!(!out.contains("ended "), "{out}");
    // A line in the middle is no text at all any more.
    let mut spoilt = whole.clone();
    let text = String::from_utf8(whole.clone()).unwrap();
    let (fifth, _) = text.match_indices('\n').nth(4).unwrap();
    spoilt[fifth - 30] = 0xff;
    std::fs::write(&path, &spoilt).unwrap();
    let (_, list, _) = run(home.path(), &["ops", "list", "--json"]);
    assert_eq!(json(&list)["items"][0]["State"], "DAMAGED");
    let op = json(&list)["items"][0]["Operation"]
        .as_str()
        .unwrap()
        .to_owned();
    let (code, out, _) = run(home.path(), &["ops", "replay", &op]);
    assert_eq!(code, 0);
    assert!(out.contains("! it can be read no further: line "), "{out}");
    assert!(out.contains("agreed "), "{out}");
    let (code, _, err) = run(home.path(), &["ops", "replay", "nobody"]);
    assert_eq!(code, 1);
    assert!(err.contains("there is no operation nobody"), "{err}");
}
