//! `enipilot serve` over its socket: keys, hosts, sizes, broken clients, several at once, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::Deref;
use std::process::{Child, Command, Stdio};

use enipilot::ec2::time::Time;

use super::wire::document;
use crate::support::pty::{Program, Start};

/// Who asks.
pub struct Client {
    pub port: u16,
    pub key: String,
}

/// A running server, ended with the test.
pub struct Server {
    child: Child,
    client: Client,
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Server {
    pub fn start(args: &[&str]) -> Self {
        Self::start_with(args, Stdio::null())
    }

    /// The same, with its log.
    pub fn logged(args: &[&str]) -> (Self, std::process::ChildStderr) {
        let mut server = Self::start_with(args, Stdio::piped());
        let log = server.child.stderr.take().unwrap();
        (server, log)
    }

    fn start_with(args: &[&str], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .arg("serve")
            .args(args)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        // The announcement: a comment and four exports.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(5);
        let text: Vec<String> = lines.map(Result::unwrap).collect();
        let text = text.join("\n");
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!("export {name}=")).expect(&text);
            rest.lines().next().unwrap().to_owned()
        };
        let endpoint = value("AWS_ENDPOINT_URL");
        let port = endpoint.strip_prefix("http://127.0.0.1:").unwrap();
        assert_eq!(value("AWS_SECRET_ACCESS_KEY").len(), 40);
        assert_eq!(
            value("AWS_REGION"),
            "us-east-1 AWS_DEFAULT_REGION=us-east-1"
        );
        let client = Client {
            port: port.parse().unwrap(),
            key: value("AWS_ACCESS_KEY_ID"),
        };
        Self { child, client }
    }
}

impl Client {
    /// By the lines for a shell that stand above the screen, where they are found again after it.
    pub fn announced(screen: &Program) -> Self {
        let text = screen.wait("exports", |o| {
            let text = String::from_utf8_lossy(&o.bytes).into_owned();
            text.contains("AWS_DEFAULT_REGION").then_some(text)
        });
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!("export {name}=")).unwrap();
            rest.lines().next().unwrap().to_owned()
        };
        let endpoint = value("AWS_ENDPOINT_URL");
        let port = endpoint.strip_prefix("http://127.0.0.1:").unwrap();
        Self {
            port: port.parse().unwrap(),
            key: value("AWS_ACCESS_KEY_ID"),
        }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Sends bytes, and reads the answer to its end.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that has refused already may close before everything is sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A signed POST of a form.
    pub fn post(&self, body: &str) -> String {
        self.raw(&self.request(&format!("127.0.0.1:{}", self.port), &self.key, body))
    }

    fn request(&self, host: &str, key: &str, body: &str) -> Vec<u8> {
        format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={key}/20260312/us-east-1/ec2/aws4_request, \
             SignedHeaders=host, Signature=00\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status line and EC2's code of an answer; `ok` for a success. The body is well-formed XML.
pub fn told(answer: &str) -> (String, String) {
    let (head, body) = answer.split_once("\r\n\r\n").expect(answer);
    let status = head.split(' ').nth(1).unwrap().to_owned();
    assert!(head.contains("text/xml;charset=UTF-8"), "{head}");
    assert!(
        !head.to_ascii_lowercase().contains("access-control"),
        "{head}"
    );
    let root = document::read(body).unwrap_or_else(|wrong| panic!("{wrong}: {answer}"));
    let code = match root.name.as_str() {
        "Response" => root.text_at("Errors/Error/Code").to_owned(),
        _ => "ok".to_owned(),
    };
    (status, code)
}

fn pair(status: &str, code: &str) -> (String, String) {
    (status.to_owned(), code.to_owned())
}

const LOOK: &str = "Action=DescribeVpcs&Version=2016-11-15";

#[test]
fn keys_hosts_methods_and_sizes() {
    let server = Server::start(&[]);
    let here = format!("127.0.0.1:{}", server.port);
    let key = server.key.clone();
    assert!(key.starts_with("AKIA") && key.len() == 20, "{key}");
    assert_eq!(told(&server.post(LOOK)), pair("200", "ok"));
    let asked = |host: &str, key: &str| told(&server.raw(&server.request(host, key, LOOK)));
    assert_eq!(asked(&here, "AKIAFOREIGN"), pair("401", "AuthFailure"));
    assert_eq!(asked("evil.example", &key), pair("403", "AuthFailure"));
    let plain = format!(
        "POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let missing = pair("403", "MissingAuthenticationToken");
    assert_eq!(told(&server.raw(plain.as_bytes())), missing);
    let put = plain.replace("POST", "PUT");
    assert_eq!(
        told(&server.raw(put.as_bytes())),
        pair("405", "InvalidAction")
    );
    let get = format!(
        "GET /?{LOOK}&AWSAccessKeyId={key} HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(told(&server.raw(get.as_bytes())), pair("200", "ok"));
    let unknown = told(&server.post("Action=FlyToTheMoon"));
    assert_eq!(unknown, pair("400", "InvalidAction"));
    // A body of exactly the largest size is read; one byte more is not.
    let fill = |size: usize| format!("Action=DescribeVpcs&x={}", "y".repeat(size - 22));
    let largest = enipilot::wire::BODY_MAX;
    assert_eq!(
        told(&server.post(&fill(largest))),
        pair("400", "UnknownParameter")
    );
    let over = pair("413", "RequestEntityTooLarge");
    assert_eq!(told(&server.post(&fill(largest + 1))), over);
    // What it says it will send is enough: nothing of 64 MB has to arrive.
    let huge = format!("POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 67108864\r\n\r\n");
    assert_eq!(told(&server.raw(huge.as_bytes())), over);
    assert_eq!(told(&server.post(LOOK)), pair("200", "ok"));
}

/// What is no HTTP, or is sent in an unusual form, is answered as EC2 answers, too.
#[test]
fn every_request_gets_an_answer_in_ec2s_form() {
    let server = Server::start(&[]);
    for garbage in [
        "garbage\r\n\r\n",
        "GET\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n",
        "\u{0}\r\n\r\n",
    ] {
        let (status, code) = told(&server.raw(garbage.as_bytes()));
        assert_eq!(
            (&*status, &*code),
            ("400", "MalformedQueryString"),
            "{garbage:?}"
        );
    }
    let long = format!(
        "GET /?{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "x".repeat(70_000)
    );
    assert_eq!(told(&server.raw(long.as_bytes())).0, "414");
    let head = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/x\r\n",
        server.port, server.key
    );
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n7\r\nAction=\r\nc\r\nDescribeVpcs\r\n0\r\n\r\n"
    );
    assert_eq!(told(&server.raw(chunked.as_bytes())), pair("200", "ok"));
    let mut invalid = format!("{head}Content-Length: 9\r\n\r\nAction=").into_bytes();
    invalid.extend_from_slice(b"\xff\xfe");
    assert_eq!(
        told(&server.raw(&invalid)),
        pair("400", "MalformedQueryString")
    );
}

#[test]
fn a_fixed_key_or_none() {
    let fixed = Server::start(&["--access-key", "trainee7"]);
    assert_eq!(fixed.key, "trainee7");
    assert_eq!(told(&fixed.post(LOOK)), pair("200", "ok"));
    let open = Server::start(&["--no-auth"]);
    let here = format!("127.0.0.1:{}", open.port);
    let foreign = open.request(&here, "AKIAFOREIGN", LOOK);
    assert_eq!(told(&open.raw(&foreign)), pair("200", "ok"));
    // The host is looked at all the same.
    let elsewhere = open.request("evil.example", "AKIAFOREIGN", LOOK);
    assert_eq!(told(&open.raw(&elsewhere)), pair("403", "AuthFailure"));
}

#[test]
fn clients_that_break_off_or_wait_hinder_nobody() {
    let server = Server::start(&[]);
    let here = format!("127.0.0.1:{}", server.port);
    // Stays open, half a head sent.
    let mut slow = server.connect();
    slow.write_all(b"POST / HTTP/1.1\r\nHo").unwrap();
    // Promises more than it sends, and says that it is done.
    let mut half = server.connect();
    let head = format!("POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 500\r\n\r\nAction=");
    half.write_all(head.as_bytes()).unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    // An answer or none, but an end.
    let _ = half.read_to_string(&mut answer);
    server.raw(b"\x00\xff\r\n\r\n");
    drop(server.connect());
    let clients: Vec<_> = (0..16).map(|_| server.connect()).collect();
    let request = server.request(&here, &server.key, LOOK);
    let asked = clients.into_iter().rev().map(|mut client| {
        client.write_all(&request).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        told(&answer)
    });
    assert_eq!(asked.collect::<Vec<_>>(), vec![pair("200", "ok"); 16]);
    drop(slow);
}

/// Two clients see one world; transitions take the time that was asked for.
#[test]
fn one_world_for_all_clients() {
    let server = Server::start(&["--detach-time", "0s", "--attach-time", "86400s"]);
    let detach = "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338";
    assert_eq!(told(&server.post(detach)), pair("200", "ok"));
    let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1";
    let seen = server.post(look);
    assert!(seen.contains("<status>available</status>"), "{seen}");
    let attach = "Action=AttachNetworkInterface&NetworkInterfaceId=eni-0c1d52aa7be03f9a1\
                  &InstanceId=i-0d1a2b3c4d5e6f702&DeviceIndex=1";
    assert_eq!(told(&server.post(attach)), pair("200", "ok"));
    let seen = server.post(look);
    assert!(seen.contains("<status>attaching</status>"), "{seen}");
    let again = told(&server.post(detach));
    assert_eq!(again, pair("400", "InvalidAttachmentID.NotFound"));
}

#[test]
fn a_signal_ends_it_with_exit_code_0() {
    for name in ["TERM", "INT"] {
        let mut server = Server::start(&[]);
        let _open = server.connect();
        let id = server.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{name}");
    }
}

/// At a terminal the screen shows what clients do, as they do it, and asks before it takes their
/// world away.
#[test]
fn the_screen_shows_what_clients_do() {
    let mut screen = Start::new(&["serve", "--access-key", "k3y", "--detach-time", "0s"])
        .size(120, 40)
        .run();
    screen.wait_for_text("nobody has asked yet");
    let client = Client::announced(&screen);
    screen.wait_for_text(&format!("http://127.0.0.1:{}  key k3y", client.port));
    for _ in 0..3 {
        assert_eq!(told(&client.post(LOOK)), pair("200", "ok"));
    }
    screen.wait_for_text("client: DescribeVpcs x3");
    let detach = "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338";
    assert_eq!(told(&client.post(detach)), pair("200", "ok"));
    screen.wait_for_text("DetachNetworkInterface accepted eni-attach-0b7e5c21d09f1a338");
    screen.wait_for_text("detached from db-primary #1, now available");
    screen.wait_for_text("4 requests");
    // What the person does is the clients' world as well.
    screen.send(b"u");
    screen.wait_for_text("taken back");
    let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1";
    let seen = client.post(look);
    assert!(seen.contains("<status>in-use</status>"), "{seen}");
    screen.send(b"E");
    screen.wait_for_text("export AWS_ACCESS_KEY_ID=k3y");
    screen.send(b"\x1b");
    screen.wait("exports closed", |o| {
        (!o.text().contains("export AWS")).then_some(())
    });
    assert_eq!(told(&client.post(LOOK)), pair("200", "ok"));
    screen.send(b"q");
    screen.wait_for_text("endpoint, and with it the world");
    screen.send(b"y");
    assert_eq!(screen.exit_code(), 0);
    screen.assert_restored();
}

/// A terminal that takes nothing any more keeps no client waiting.
#[test]
fn a_stuck_screen_stops_no_client() {
    let mut screen = Start::new(&["serve", "--access-key", "k3y"]).run();
    let client = Client::announced(&screen);
    screen.wait_for_text("nobody has asked yet");
    screen.stop_reading();
    for _ in 0..200 {
        // Everything is painted again: some kilobytes that nobody takes.
        screen.send(b"\x0c");
        assert_eq!(told(&client.post(LOOK)), pair("200", "ok"));
    }
    screen.signal("TERM");
    assert_eq!(screen.exit_code(), 143);
}

/// A log that nobody reads keeps no client waiting either.
#[test]
fn a_log_that_nobody_reads_stops_no_client() {
    let server = Server::start_with(&[], Stdio::piped());
    let long = format!("Action={}", "x".repeat(40));
    for _ in 0..2_000 {
        assert_eq!(told(&server.post(&long)), pair("400", "InvalidAction"));
    }
}

/// `serve ctl` on a server: exit code, stdout, stderr.
pub fn ctl(client: &Client, args: &[&str]) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_enipilot"))
        .args(["serve", "ctl"])
        .args(args)
        .env_clear()
        .env(
            "AWS_ENDPOINT_URL",
            format!("http://127.0.0.1:{}", client.port),
        )
        .env("AWS_ACCESS_KEY_ID", &client.key)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn a_trainer_steers_the_world() {
    let server = Server::start(&["--detach-time", "60s"]);
    let said = |args: &[&str]| {
        let (code, out, err) = ctl(&server, args);
        assert_eq!(code, Some(0), "{args:?}: {err}");
        out
    };
    let status = |member: &str| {
        let out = said(&["--json", "status"]);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        value[member].clone()
    };
    let eni = || {
        let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1";
        let seen = server.post(look);
        let (_, rest) = seen
            .split_once("<attachment>")
            .unwrap_or(("", "<status>none"));
        let (_, rest) = rest.split_once("<status>").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert!(said(&["status"]).contains("two-am"));
    assert_eq!(said(&["pause"]), "stands still\n");
    let stood = status("Now");
    let detach = "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338";
    assert_eq!(told(&server.post(detach)), pair("200", "ok"));
    assert_eq!((eni().as_str(), status("Now")), ("detaching", stood));
    said(&["advance", "61s"]);
    assert_eq!(eni(), "none");
    assert!(said(&["undo"]).contains("taken back: DetachNetworkInterface"));
    assert_eq!(eni(), "attached");
    said(&["pace", "100"]);
    assert_eq!(status("Speed"), 100.0);
    assert_eq!(said(&["faults"]), "no faults\n");
    said(&["faults", "--add", "deny=DetachNetworkInterface,stale=8s"]);
    assert_eq!(said(&["faults"]).lines().count(), 2);
    said(&["faults", "--add", "fail=db-primary@1h"]);
    // By its first word, as it was put in, and as it is listed.
    assert_eq!(
        said(&["faults", "--remove", "stale"]),
        "taken out: stale=8s\n"
    );
    assert!(said(&["faults", "--remove", "fail=db-primary@1h"]).contains("i-0d1a2b3c4d5e6f701"));
    assert_eq!(said(&["faults"]), "deny=DetachNetworkInterface\n");
    said(&[
        "faults",
        "--remove",
        "deny=DetachNetworkInterface",
        "--add",
        "expired,throttle",
    ]);
    assert_eq!(said(&["faults"]), "expired\nthrottle\n");
    said(&["faults", "--clear"]);
    assert_eq!(said(&["faults"]), "no faults\n");
    said(&["load", "empty"]);
    assert_eq!(status("World"), "empty");
    let vpc = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    assert_eq!(told(&server.post(vpc)), pair("200", "ok"));
    assert_eq!(status("Undoable"), 1);
    // The world that was loaded, not the first one.
    said(&["reset"]);
    assert_eq!(
        (status("World"), status("Undoable")),
        ("empty".into(), 0.into())
    );
}

/// A world saved by one server and served by another is the same one, its past included.
#[test]
fn a_saved_world_goes_on_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let file = file.to_str().unwrap();
    let first = Server::start(&["--detach-time", "86400s", "--seed", "5"]);
    let said = |client: &Client, args: &[&str]| {
        let (code, out, err) = ctl(client, args);
        assert_eq!(code, Some(0), "{args:?}: {err}");
        out
    };
    said(&first, &["pause"]);
    let detach = "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338";
    assert_eq!(told(&first.post(detach)), pair("200", "ok"));
    said(&first, &["advance", "1s"]);
    said(&first, &["faults", "--add", "deny=Attach*"]);
    assert_eq!(said(&first, &["save", file]), format!("saved to {file}\n"));
    let (code, _, err) = ctl(&first, &["save", file]);
    assert_eq!(code, Some(1));
    assert!(err.contains("Choose another name"), "{err}");
    let done = Command::new(env!("CARGO_BIN_EXE_enipilot"))
        .args(["serve", "--world", file, "--attach-time", "1s"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let err = String::from_utf8(done.stderr).unwrap();
    assert!(err.contains("that it was saved with"), "{err}");
    let second = Server::start(&["--world", file]);
    let third = Server::start(&["--world", "empty"]);
    said(&third, &["load", file]);
    let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1";
    let body = |client: &Client| {
        let answer = client.post(look);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let (_, body) = body.split_once("</requestId>").unwrap();
        body.to_owned()
    };
    for client in [&*first, &*second, &*third] {
        said(client, &["advance", "86399s"]);
    }
    assert!(body(&first).contains("<status>available</status>"));
    assert_eq!(body(&second), body(&first));
    assert_eq!(body(&third), body(&first));
    for client in [&*first, &*second, &*third] {
        assert_eq!(said(client, &["faults"]), "deny=Attach*\n");
        assert!(said(client, &["undo"]).contains("DetachNetworkInterface"));
        assert!(body(client).contains("<status>in-use</status>"));
    }
    // As it was saved, not as it began.
    said(&third, &["reset"]);
    assert!(body(&third).contains("<status>detaching</status>"));
}

/// What becomes of requests on a faulty road, as a client sees it.
#[test]
fn requests_are_refused_lost_doubled_and_delayed() {
    let server = Server::start(&["--faults", "lost=100%", "--speed", "1000"]);
    let switched = |faults: &str| {
        let (code, _, err) = ctl(&server, &["faults", "--clear", "--add", faults]);
        assert_eq!(code, Some(0), "{faults}: {err}");
    };
    let status = |member: &str| {
        let (_, out, _) = ctl(&server, &["--json", "status"]);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        value[member].clone()
    };
    let count = || status("NetworkInterfaces").as_u64().unwrap();
    let create = "Action=CreateNetworkInterface&SubnetId=subnet-0aa11bb22cc33dd44";
    // Commands never get lost, whatever becomes of requests.
    let before = count();
    assert_eq!(server.post(create), "");
    assert_eq!(count(), before);
    switched("unanswered=100%");
    assert_eq!(server.post(create), "");
    assert_eq!(count(), before + 1);
    switched("twice=100%");
    assert_eq!(told(&server.post(create)), pair("200", "ok"));
    assert_eq!(count(), before + 3);
    for (faults, status, code) in [
        ("throttle=100%", "503", "RequestLimitExceeded"),
        ("deny=Create*", "403", "UnauthorizedOperation"),
        ("expired", "400", "RequestExpired"),
    ] {
        switched(faults);
        assert_eq!(told(&server.post(create)), pair(status, code), "{faults}");
    }
    assert_eq!(count(), before + 3);
    // 100 virtual seconds pass between request and answer, and others are answered meanwhile.
    let now = || {
        let text = status("Now").as_str().unwrap().to_owned();
        Time::parse(&text).unwrap()
    };
    switched("delay=100s");
    let asked = now();
    let mut waiting = server.connect();
    let here = format!("127.0.0.1:{}", server.port);
    let request = server.request(&here, &server.key, create);
    waiting.write_all(&request).unwrap();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert_eq!(told(&answer), pair("200", "ok"));
    assert!(now().since(asked) >= std::time::Duration::from_secs(100));
}

#[test]
fn a_command_that_cannot_be_done_says_why() {
    let server = Server::start(&[]);
    let refused = |client: &Client, args: &[&str], words: &str| {
        let (code, _, err) = ctl(client, args);
        assert_eq!(code, Some(1), "{args:?}");
        assert!(err.contains(words), "{args:?}: {err}");
    };
    refused(&server, &["undo"], "no call to take back");
    refused(&server, &["faults", "--add", "storm"], "storm");
    refused(
        &server,
        &["faults", "--add", "expired,fail=nobody"],
        "nobody",
    );
    refused(
        &server,
        &["faults", "--remove", "expired"],
        "no switch \"expired\"",
    );
    refused(
        &server,
        &["load", "no-such-world"],
        "there is no world no-such-world",
    );
    let foreign = Client {
        port: server.port,
        key: "AKIAFOREIGN".to_owned(),
    };
    refused(&foreign, &["reset"], "not the access key id");
    let elsewhere = ["--endpoint-url", "http://192.0.2.1:80", "status"];
    refused(&server, &elsewhere, "is not the address");
    let gone = Client {
        port: std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port(),
        key: "x".to_owned(),
    };
    refused(&gone, &["status"], "nobody answers");
    let raw = |method: &str, command: &str, kind: &str, body: &str| {
        let answer = server.raw(
            format!(
                "{method} /enipilot/v1/{command} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
                 Connection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
                 Authorization: enipilot Credential={}/ctl\r\n\r\n{body}",
                server.port,
                body.len(),
                server.key
            )
            .as_bytes(),
        );
        let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
        let value: serde_json::Value = serde_json::from_str(body).expect(body);
        let code = value["Error"]["Code"].as_str().unwrap_or("ok").to_owned();
        (head.split(' ').nth(1).unwrap().to_owned(), code)
    };
    let json = "application/json";
    assert_eq!(raw("POST", "status", json, ""), pair("200", "ok"));
    assert_eq!(
        raw("POST", "explode", json, ""),
        pair("404", "UnknownCommand")
    );
    // A web page can send a form without being asked, but not JSON.
    assert_eq!(
        raw("POST", "reset", "text/plain", ""),
        pair("405", "BadRequest")
    );
    assert_eq!(raw("GET", "status", json, ""), pair("405", "BadRequest"));
    for body in [
        "{",
        "[]",
        "{\"Advance\":-1}",
        "{\"Advance\":1e300}",
        "{\"Speed\":0}",
        "{\"Sped\":2}",
    ] {
        assert_eq!(
            raw("POST", "clock", json, body),
            pair("400", "BadRequest"),
            "{body}"
        );
    }
}

#[test]
fn what_cannot_be_served_is_said() {
    let run = |args: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .args(args)
            .env_clear()
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, text) = run(&["serve", "--live"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("serve simulates an endpoint"), "{text}");
    let server = Server::start(&[]);
    let (code, text) = run(&["serve", "--port", &server.port.to_string()]);
    assert_eq!(code, Some(1));
    assert!(text.contains("the port cannot be served"), "{text}");
    for bad in [
        ["--access-key", "a/b"],
        ["--attach-time", "soon"],
        ["--port", "70000"],
    ] {
        assert_eq!(run(&["serve", bad[0], bad[1]]).0, Some(1), "{bad:?}");
    }
}
