//! Dry runs by the real program: asked of a served world, which answers them as EC2 does, and of an
//! endpoint that executes them.

use std::path::Path;
use std::process::Command;

use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;
use serde_json::Value;

use crate::serve::Server;
use crate::support::endpoint::Endpoint;

const ENI: &str = "eni-0c1d52aa7be03f9a1";
const SOURCE: &str = "i-0d1a2b3c4d5e6f701";
const TARGET: &str = "i-0d1a2b3c4d5e6f702";

fn command(url: &str, key: &str, state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enipilot"));
    command
        .args(arguments)
        .args(["--endpoint-url", url, "--region", "us-east-1"])
        .args(["--state-dir", state.to_str().unwrap()])
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn run(url: &str, key: &str, state: &Path, arguments: &[&str]) -> (i32, String, String) {
    told(&mut command(url, key, state, arguments))
}

/// Exit code, standard output, standard error.
fn told(command: &mut Command) -> (i32, String, String) {
    let done = command.output().unwrap();
    (
        done.status.code().unwrap(),
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}

/// Level, code and finding of an item of a plan in JSON.
fn item(out: &str, id: &str) -> (String, String, String) {
    let plan: Value = serde_json::from_str(out).unwrap();
    let checks = plan["Preflight"].as_array().unwrap();
    let check = checks.iter().find(|c| c["Id"] == id).unwrap();
    let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
    (text("Level"), text("Code"), text("Finding"))
}

const DRY: [&str; 6] = ["failover", ENI, "--to", TARGET, "--dry-run", "--json"];

#[test]
fn a_served_world_says_what_is_permitted_and_nothing_changes() {
    let tmp = tempfile::tempdir().unwrap();
    for (faults, id, level, code, exit) in [
        (None, "may-detach", "pass", "", 0),
        (None, "may-attach", "pass", "", 0),
        (None, "may-undo", "pass", "", 0),
        (
            Some("deny=AttachNetworkInterface"),
            "may-attach",
            "block",
            "UnauthorizedOperation",
            2,
        ),
        (
            Some("deny=DetachNetworkInterface"),
            "may-detach",
            "block",
            "UnauthorizedOperation",
            2,
        ),
    ] {
        let faults = faults.map(|list| ["--faults", list]);
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        let server = Server::start(&faults);
        let url = format!("http://127.0.0.1:{}", server.port);
        let asked = [&DRY[..], &["--dry-run-supported"]].concat();
        let (code_of, out, err) = run(&url, &server.key, tmp.path(), &asked);
        assert_eq!(code_of, exit, "{id}: {out}{err}");
        let (found, said, finding) = item(&out, id);
        assert_eq!((&*found, &*said), (level, code), "{finding}");
        // Without the word of a person nobody asks.
        let (_, out, _) = run(&url, &server.key, tmp.path(), &DRY);
        let (found, _, finding) = item(&out, id);
        assert_eq!(found, "warn");
        assert!(finding.contains("may execute dry runs"), "{finding}");
        // Nothing has changed, and nothing was left open.
        let (_, out, _) = run(&url, &server.key, tmp.path(), &["show", ENI]);
        assert!(out.contains(SOURCE) && !out.contains("detaching"), "{out}");
        let (_, out, _) = run(&url, &server.key, tmp.path(), &["ops", "list", "--json"]);
        assert!(!out.contains("NetworkInterfaceId"), "{out}");
    }
}

#[test]
fn what_an_endpoint_executes_is_journaled_and_can_be_put_back() {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    // It takes no notice of DryRun.
    let endpoint = Endpoint::start(Sim::load("two-am.toml", text, 1).unwrap());
    let tmp = tempfile::tempdir().unwrap();
    let state = tmp.path();
    let holder = || {
        let world = endpoint.world();
        let eni = world.eni(&ENI.into()).unwrap();
        eni.instance_id().map(ToString::to_string)
    };
    let asked = [&DRY[..], &["--dry-run-supported"]].concat();
    let (code, out, err) = run(&endpoint.url(), "test", state, &asked);
    assert_eq!(code, 4, "{out}{err}");
    assert!(
        err.contains("EXECUTED a dry run of DetachNetworkInterface"),
        "{err}"
    );
    assert!(out.is_empty(), "{out}");
    // The one call, and no further one: attach was not asked for.
    let kept = std::fs::read_dir(state.join("ops")).unwrap();
    let journals: Vec<_> = kept
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    let [journal] = &journals[..] else {
        panic!("{journals:?}");
    };
    let journal = std::fs::read_to_string(journal).unwrap();
    let records: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = records
        .iter()
        .map(|r| r["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["plan", "note", "intent", "outcome", "observed", "verdict"]
    );
    let op = records[0]["op"].as_str().unwrap();
    assert!(
        err.contains(&format!("ops resume {op} --put-back")),
        "{err}"
    );
    // A flight is not begun on it, and it goes back by the command that was printed.
    let flight = ["failover", ENI, "--to", TARGET, "--confirm", ENI];
    let flight = [&flight[..], &["--allow-writes"]].concat();
    let (code, _, err) = run(&endpoint.url(), "test", state, &flight);
    assert_eq!(code, 6, "{err}");
    assert!(err.contains(op), "{err}");
    let back = ["ops", "resume", op, "--put-back", "--confirm", ENI];
    let back = [&back[..], &["--allow-writes"]].concat();
    let (code, out, err) = run(&endpoint.url(), "test", state, &back);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(holder().as_deref(), Some(SOURCE));
}

#[test]
fn taking_back_is_judged_by_its_place_and_asks_for_the_old_index() {
    let tmp = tempfile::tempdir().unwrap();
    let state = tmp.path();
    let server = Server::start(&["--speed", "1000"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let run = |session: Option<&str>, arguments: &[&str]| {
        let mut command = command(&url, &server.key, state, arguments);
        command.envs(session.map(|to| ("SSH_CONNECTION", format!("192.0.2.7 50022 {to} 22"))));
        told(&mut command)
    };
    let flight = [
        "failover",
        ENI,
        "--to",
        TARGET,
        "--index",
        "2",
        "--allow-writes",
    ];
    let (code, out, err) = run(None, &[&flight[..], &["--confirm", ENI, "--json"]].concat());
    assert_eq!(code, 0, "{out}{err}");
    let result: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let op = result["Operation"].as_str().unwrap();
    let undo = ["ops", "undo", op];
    // From a session that came in over the address that would leave.
    let over = Some("10.0.1.50");
    let (code, _, err) = run(over, &undo);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("--accept own-session"), "{err}");
    let (code, _, err) = run(over, &[&undo[..], &["--accept", "own-host"]].concat());
    assert_eq!(code, 2, "{err}");
    let (code, out, err) = run(over, &[&undo[..], &["--accept", "nonsense"]].concat());
    assert_eq!(code, 1, "{out}{err}");
    let accepted = [&undo[..], &["--accept", "own-session"]].concat();
    let (code, out, err) = run(over, &accepted);
    assert_eq!(code, 4, "{err}");
    assert!(out.contains("card 0 index 1"), "{out}");
    assert!(
        out.contains(&format!(
            "ops undo {op} --accept own-session --confirm {ENI}"
        )),
        "{out}"
    );
    let (_, out, _) = run(None, &[&undo[..], &["--index", "4"]].concat());
    assert!(out.contains("card 0 index 4"), "{out}");
    let done = [&accepted[..], &["--confirm", ENI, "--allow-writes"]].concat();
    let (code, out, err) = run(over, &done);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains(SOURCE) && out.contains("card 0 index 1"),
        "{out}"
    );
}

#[test]
fn what_may_not_be_described_is_a_gap_and_no_emptiness() {
    let tmp = tempfile::tempdir().unwrap();
    let state = tmp.path();
    let denied = "deny=DescribeAddresses,deny=DescribeRouteTables,deny=DescribeSecurityGroups,\
                  deny=DescribeInstanceStatus";
    let server = Server::start(&["--speed", "1000", "--faults", denied]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let run = |arguments: &[&str]| run(&url, &server.key, state, arguments);
    for command in [&["tree"][..], &["show", ENI]] {
        let (code, out, err) = run(command);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("db-service"), "{out}");
        for kind in [
            "Elastic IPs",
            "route tables",
            "security groups",
            "status checks",
        ] {
            let line = format!("NOT SEEN: {kind}: not permitted (UnauthorizedOperation)");
            assert!(out.contains(&line), "{kind}: {out}");
        }
        let (_, out, _) = run(&[command, &["--json"]].concat());
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["Unseen"].as_array().unwrap().len(), 4, "{out}");
    }
    // Nothing passes because nothing was seen.
    let plan = ["plan", ENI, "--to", TARGET, "--json"];
    let (code, out, err) = run(&plan);
    assert_eq!(code, 0, "{out}{err}");
    for id in [
        "sees-addresses",
        "sees-routes",
        "sees-groups",
        "sees-checks",
    ] {
        let (level, code, _) = item(&out, id);
        assert_eq!((&*level, &*code), ("warn", "UnauthorizedOperation"), "{id}");
    }
    for hollow in [
        "\"routes\"",
        "\"routes-by-instance\"",
        "passes both status checks",
    ] {
        assert!(!out.contains(hollow), "{hollow}: {out}");
    }
    for (way, kind) in [("route", "route tables"), ("elastic-ip", "Elastic IPs")] {
        let plan = ["plan", ENI, "--to", TARGET, "--mechanism", way];
        let (code, out, err) = run(&plan);
        assert_ne!(code, 0, "{way}: {out}");
        let text = format!("{kind}: not permitted (UnauthorizedOperation)");
        assert!(err.contains(&text), "{way}: {err}");
    }
    // The interface itself is in full view, so it can be moved.
    let flight = [
        "failover",
        ENI,
        "--to",
        TARGET,
        "--confirm",
        ENI,
        "--allow-writes",
    ];
    let (code, out, err) = run(&flight);
    assert_eq!(code, 0, "{out}{err}");
    // Without the frame there is no tree.
    let server = Server::start(&["--faults", "deny=DescribeInstances"]);
    let url = format!("http://127.0.0.1:{}", server.port);
    let (code, _, err) = self::run(&url, &server.key, state, &["tree"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("may not ec2:DescribeInstances"), "{err}");
}
