//! Lessons on a served world: goals are met by what clients ask, the trainer sees how far they are.
//!
//! Time is moved by the trainer alone, so nothing here depends on a wall clock.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use super::serve::{Client, Server, ctl, told};
use super::wire::document;
use crate::cli::enipilot;
use crate::support::pty::Start;

/// What the server says of the lesson.
fn lesson(client: &Client) -> Value {
    let (code, out, err) = ctl(client, &["status", "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let status: Value = serde_json::from_str(&out).unwrap();
    status["Lesson"].clone()
}

/// The text at a path of the answer to a describe of what has this name.
fn named(client: &Client, action: &str, name: &str, path: &str) -> String {
    let answer = client.post(&format!(
        "Action={action}&Filter.1.Name=tag%3AName&Filter.1.Value.1={name}"
    ));
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    document::read(body).unwrap().text_at(path).to_owned()
}

fn eni(client: &Client, name: &str, field: &str) -> String {
    let path = format!("networkInterfaceSet/item/{field}");
    named(client, "DescribeNetworkInterfaces", name, &path)
}

fn instance(client: &Client, name: &str) -> String {
    let path = "reservationSet/item/instancesSet/item/instanceId";
    named(client, "DescribeInstances", name, path)
}

fn detach(client: &Client, name: &str) -> String {
    let id = eni(client, name, "attachment/attachmentId");
    code(client, &format!("DetachNetworkInterface&AttachmentId={id}"))
}

fn attach(client: &Client, name: &str, to: &str, index: u32) -> String {
    let (id, to) = (
        eni(client, name, "networkInterfaceId"),
        instance(client, to),
    );
    code(
        client,
        &format!(
            "AttachNetworkInterface&NetworkInterfaceId={id}&InstanceId={to}&DeviceIndex={index}"
        ),
    )
}

/// EC2's code of the answer.
fn code(client: &Client, request: &str) -> String {
    told(&client.post(&format!("Action={request}"))).1
}

fn pass(client: &Client, time: &str) {
    assert_eq!(ctl(client, &["advance", time]).0, Some(0));
}

#[test]
fn a_lesson_is_solved_by_clients_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().to_str().unwrap();
    let args = ["--lesson", "one-zone", "--state-dir", state];
    let (server, log) = Server::logged(&args);
    ctl(&server, &["pause"]);
    assert_eq!(lesson(&server)["Step"], 1);
    // What only tries, or only looks, is no call of the lesson.
    let id = eni(&server, "ledger", "attachment/attachmentId");
    let trial = format!("DetachNetworkInterface&DryRun=true&AttachmentId={id}");
    assert_eq!(code(&server, &trial), "DryRunOperation");
    assert_eq!(lesson(&server)["Calls"], 0);
    assert_eq!(detach(&server, "ledger"), "ok");
    pass(&server, "30s");
    assert_eq!(lesson(&server)["Step"], 2);
    assert_eq!(
        attach(&server, "ledger", "ledger-b", 1),
        "InvalidParameterCombination"
    );
    let now = lesson(&server);
    assert_eq!((&now["Step"], &now["Calls"]), (&3.into(), &2.into()));
    assert_eq!(now["Goals"][0]["Met"], false);
    assert_eq!(attach(&server, "ledger", "ledger-a2", 1), "ok");
    pass(&server, "60s");
    let now = lesson(&server);
    assert_eq!((&now["Done"], &now["Calls"]), (&true.into(), &3.into()));
    let (_, out, _) = ctl(&server, &["status"]);
    assert!(
        out.contains("one-zone: done, 3 calls, best known 3"),
        "{out}"
    );
    let told = [
        "step 1 of 3: ",
        "goal met: ledger is available",
        "done with 3 calls",
    ];
    let mut log = BufReader::new(log).lines().map(Result::unwrap);
    for words in told {
        assert!(log.any(|line| line.contains(words)), "{words}");
    }
    let list = enipilot()
        .args(["learn", "--list", "--state-dir", state])
        .output();
    let list = String::from_utf8(list.unwrap().stdout).unwrap();
    assert!(list.contains("done, 3 calls, best 3"), "{list}");
}

#[test]
fn a_detach_and_an_attach_are_a_failover_over_the_wire() {
    let server = Server::start(&["--lesson", "failover", "--state-dir", "/nonexistent/x"]);
    ctl(&server, &["pause"]);
    assert_eq!(
        attach(&server, "orders", "jump", 2),
        "InvalidNetworkInterface.InUse"
    );
    // The trainer makes it hard: the first attempt is refused, and is no failover.
    assert_eq!(
        ctl(&server, &["faults", "--add", "deny=DetachNetworkInterface"]).0,
        Some(0)
    );
    assert_eq!(detach(&server, "orders"), "UnauthorizedOperation");
    assert_eq!(ctl(&server, &["faults", "--clear"]).0, Some(0));
    assert_eq!(detach(&server, "orders"), "ok");
    pass(&server, "30s");
    assert_eq!(attach(&server, "orders", "orders-2", 1), "ok");
    assert_eq!(lesson(&server)["Step"], 2);
    pass(&server, "60s");
    assert_eq!(lesson(&server)["Step"], 3);
    let id = instance(&server, "orders-1");
    assert_eq!(
        code(&server, &format!("StopInstances&InstanceId.1={id}")),
        "ok"
    );
    pass(&server, "120s");
    assert_eq!(lesson(&server)["Done"], true);
}

#[test]
fn a_call_that_arrives_late_counts_when_it_arrives() {
    let server = Server::start(&["--lesson", "one-zone", "--state-dir", "/nonexistent/x"]);
    ctl(&server, &["pause"]);
    arrives_late(&server);
}

#[test]
fn a_late_call_counts_on_the_screen_too() {
    let mut screen = Start::new(&["serve", "--lesson", "one-zone"])
        .size(100, 30)
        .run();
    let client = Client::announced(&screen);
    screen.wait_for_text("lesson 4 of 18");
    screen.send(b"\x1b");
    screen.wait_for_text("step 1/3");
    ctl(&client, &["pause"]);
    arrives_late(&client);
    screen.wait_for_text("step 2/3");
    screen.signal("TERM");
    assert_eq!(screen.exit_code(), 143);
}

fn arrives_late(client: &Client) {
    let id = eni(client, "ledger", "attachment/attachmentId");
    ctl(client, &["faults", "--add", "late=100%:20s"]);
    let silence = client.post(&format!("Action=DetachNetworkInterface&AttachmentId={id}"));
    assert_eq!(silence, "", "nobody answers");
    ctl(client, &["faults", "--clear"]);
    assert_eq!(lesson(client)["Calls"], 0);
    pass(client, "60s");
    let now = lesson(client);
    assert_eq!((&now["Step"], &now["Calls"]), (&2.into(), &1.into()));
}

#[test]
fn a_report_is_told_of_by_a_tag() {
    let server = Server::start(&["--lesson", "report", "--state-dir", "/nonexistent/x"]);
    ctl(&server, &["pause"]);
    assert_eq!(detach(&server, "mx"), "ok");
    pass(&server, "30s");
    assert_eq!(attach(&server, "mx", "mx-2", 1), "ok");
    pass(&server, "60s");
    assert_eq!(lesson(&server)["Step"], 2);
    let id = eni(&server, "mx", "networkInterfaceId");
    let tag =
        |key: &str| format!("CreateTags&ResourceId.1={id}&Tag.1.Key={key}&Tag.1.Value=wiki-42");
    assert_eq!(code(&server, &tag("owner")), "ok");
    assert_eq!(lesson(&server)["Step"], 2);
    assert_eq!(code(&server, &tag("report")), "ok");
    assert_eq!(lesson(&server)["Step"], 3);
    let id = instance(&server, "mx-1");
    let stop = format!("StopInstances&InstanceId.1={id}");
    assert_eq!(code(&server, &stop), "ok");
    pass(&server, "120s");
    assert_eq!(lesson(&server)["Done"], true);
}

#[test]
fn a_trainer_begins_the_lesson_again_or_another_world() {
    let server = Server::start(&["--lesson", "one-zone", "--state-dir", "/nonexistent/x"]);
    ctl(&server, &["pause"]);
    assert_eq!(detach(&server, "ledger"), "ok");
    pass(&server, "30s");
    assert_eq!(lesson(&server)["Step"], 2);
    assert_eq!(ctl(&server, &["reset"]).0, Some(0));
    let now = lesson(&server);
    assert_eq!((&now["Step"], &now["Calls"]), (&1.into(), &0.into()));
    assert_eq!(ctl(&server, &["load", "two-am"]).0, Some(0));
    assert_eq!(lesson(&server), Value::Null);
}

#[test]
fn the_screen_follows_what_clients_do_in_a_lesson() {
    let mut screen = Start::new(&["serve", "--lesson", "one-zone"])
        .size(100, 30)
        .run();
    let client = Client::announced(&screen);
    screen.wait_for_text("lesson 4 of 18");
    screen.send(b"\x1b");
    screen.wait_for_text("step 1/3");
    ctl(&client, &["pause"]);
    assert_eq!(detach(&client, "ledger"), "ok");
    pass(&client, "30s");
    screen.wait_for_text("step 2/3");
    assert_eq!(lesson(&client)["Step"], 2);
    // Begun again by a key, it is begun again for everybody.
    screen.send(b"R");
    screen.wait_for_text("lesson 4 of 18");
    assert_eq!(lesson(&client)["Step"], 1);
    assert_eq!(eni(&client, "ledger", "status"), "in-use");
    // The next lesson is what is reset from then on.
    screen.send(b"\x1bN");
    screen.wait_for_text("lesson 5 of 18");
    ctl(&client, &["reset"]);
    let now = lesson(&client);
    assert_eq!(
        (&now["Name"], &now["Step"]),
        (&"capacity".into(), &1.into())
    );
    assert!(!eni(&client, "relay", "networkInterfaceId").is_empty());
    screen.signal("TERM");
    assert_eq!(screen.exit_code(), 143);
}

#[test]
fn what_is_no_lesson_is_not_served() {
    for (args, words) in [
        (&["--lesson", "one-zoen"][..], "Did you mean `one-zone`?"),
        (&["--lesson", "1", "--world", "empty"], "world of its own"),
        (&["--lesson", "nowhere.toml"], "nowhere.toml cannot be read"),
    ] {
        let done = enipilot().arg("serve").args(args).output().unwrap();
        let text = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
}
