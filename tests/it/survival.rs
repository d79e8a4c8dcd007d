//! From the detach to the verified attach nothing ends an operation: the real program against a
//! loopback endpoint whose detach completes when the test says so.

use std::process::{Child, Command, Stdio};

use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;

use crate::support::endpoint::Endpoint;
use crate::support::pty::{Program, Start};

const ENI: &str = "eni-0c1d52aa7be03f9a1";
const SOURCE: &str = "i-0d1a2b3c4d5e6f701";
const TARGET: &str = "i-0d1a2b3c4d5e6f702";

fn endpoint() -> Endpoint {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    Endpoint::start(Sim::load("two-am.toml", text, 1).unwrap())
}

fn arguments(endpoint: &Endpoint, state: &std::path::Path) -> Vec<String> {
    let state = state.to_str().unwrap();
    let url = endpoint.url();
    [
        "--endpoint-url",
        &url,
        "--region",
        "us-east-1",
        "--allow-writes",
        "--state-dir",
        state,
    ]
    .map(str::to_owned)
    .to_vec()
}

fn failover(endpoint: &Endpoint, state: &std::path::Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_enipilot"))
        .args(["failover", ENI, "--to", TARGET, "--confirm", ENI])
        .args(arguments(endpoint, state))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn holder(endpoint: &Endpoint) -> String {
    let world = endpoint.world();
    let eni = world.eni(&ENI.into()).unwrap();
    let attachment = eni.attachment.as_ref();
    let on = attachment.and_then(|a| a.instance_id.as_ref());
    on.map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

/// The journal's kinds of records, in order, of the only operation in this state directory.
fn journal(state: &std::path::Path) -> Vec<String> {
    let ops = std::fs::read_dir(state.join("ops")).unwrap();
    let mut files = ops.map(|e| e.unwrap().path());
    let file = files.find(|p| p.extension().is_some_and(|e| e == "jsonl"));
    let text = std::fs::read_to_string(file.unwrap()).unwrap();
    text.lines()
        .map(|line| {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            json["kind"].as_str().unwrap_or_default().to_owned()
        })
        .collect()
}

/// Where an operation is interrupted: while EC2 detaches, and while EC2 attaches.
const UNDER_WAY: [&str; 2] = ["DetachNetworkInterface", "AttachNetworkInterface"];

#[test]
fn a_signal_ends_nothing_once_the_detach_is_submitted() {
    for (signal, action) in ["TERM", "INT", "HUP"]
        .into_iter()
        .flat_map(|signal| UNDER_WAY.map(|action| (signal, action)))
    {
        let state = tempfile::tempdir().unwrap();
        let endpoint = endpoint();
        endpoint.hold_at(action);
        let child = failover(&endpoint, state.path());
        endpoint.wait_for(action, 1);
        let sent = Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        endpoint.hold(false);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{signal} {action}: {said}");
        let told = format!("alone: SIG{signal}; finishing: ");
        assert!(said.contains(&told), "{said}");
        assert!(
            [SOURCE, TARGET].contains(&holder(&endpoint).as_str()),
            "{signal} {action}: {said}"
        );
        let kinds = journal(state.path());
        assert_eq!(kinds.first().map(String::as_str), Some("plan"), "{kinds:?}");
        assert_eq!(
            kinds.last().map(String::as_str),
            Some("verdict"),
            "{kinds:?}"
        );
    }
}

/// The screen, with an operation on its way. `deaf`: hang-ups are ignored, as under nohup.
fn flying(endpoint: &Endpoint, state: &std::path::Path, deaf: bool) -> Program {
    let arguments = arguments(endpoint, state);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = if deaf {
        let deaf = [
            "-c",
            "trap '' HUP; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_enipilot"),
        ];
        Start::command("sh", &[&deaf[..], &arguments[..]].concat())
    } else {
        Start::new(&arguments)
    };
    let mut program = start
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .run();
    program.wait_for_text("db-primary");
    program.send(b"/db-service\r");
    program.wait_for_text("device index");
    program.send(b"f");
    program.wait_for_text("READY");
    program.send(b"\r");
    program.wait_for_text("preflight");
    // The footer offers it once the place that the program runs at has been judged.
    program.wait_for_text("run all");
    endpoint.hold(true);
    program.send(b"r");
    program.wait_for_text("last six");
    program.send(&ENI.as_bytes()[ENI.len() - 6..]);
    program.send(b"\r");
    endpoint.wait_for("DetachNetworkInterface", 1);
    program
}

#[test]
fn a_terminal_lost_between_detach_and_attach_ends_nothing() {
    for deaf in [false, true] {
        let state = tempfile::tempdir().unwrap();
        let endpoint = endpoint();
        let mut program = flying(&endpoint, state.path(), deaf);
        program.hang_up(b"?");
        endpoint.hold(false);
        assert_eq!(program.exit_code(), 0, "hang-ups ignored: {deaf}");
        assert!([SOURCE, TARGET].contains(&holder(&endpoint).as_str()));
        assert_eq!(
            journal(state.path()).last().map(String::as_str),
            Some("verdict")
        );
    }
}

#[test]
fn a_signal_to_the_screen_between_detach_and_attach_ends_the_screen_only() {
    let state = tempfile::tempdir().unwrap();
    let endpoint = endpoint();
    let mut program = flying(&endpoint, state.path(), false);
    program.signal("TERM");
    program.wait_for_text("safe end");
    endpoint.hold(false);
    assert_eq!(program.exit_code(), 0);
    program.wait_for_text("verified");
    program.assert_restored();
    assert!([SOURCE, TARGET].contains(&holder(&endpoint).as_str()));
}
