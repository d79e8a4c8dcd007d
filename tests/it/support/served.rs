//! `enipilot serve` as a process of its own: its log says what clients did, its control path says
//! when transitions may complete.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use enipilot::runtime::serve::client::ask;
use serde_json::{Value, json};

use super::lines::Lines;

/// Longer than any test waits: a transition of this length completes when the test says so.
pub const HELD: &str = "300s";

/// A running server, ended with the test.
pub struct Served {
    child: Child,
    log: Lines,
    url: String,
}

impl Served {
    /// Serves two-am with these times.
    pub fn start(detach_time: &str, attach_time: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .args(["serve", "--plain", "--no-auth", "--world", "two-am"])
            .args(["--detach-time", detach_time, "--attach-time", attach_time])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Lines::of(child.stderr.take().unwrap());
        let export = "export AWS_ENDPOINT_URL=";
        let line = Lines::of(child.stdout.take().unwrap()).wait_for(export);
        let url = line.strip_prefix(export).unwrap().to_owned();
        Self { child, log, url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until a call of this name has been accepted.
    pub fn wait_for(&self, action: &str) {
        self.log.wait_for(&format!("{action} accepted"));
    }

    /// Whatever is under way completes now, and what begins later completes at once.
    pub fn release(&self) {
        self.ctl("clock", &json!({ "Speed": 1_000.0 }));
    }

    /// Breaks the world, or mends it: `Add`, `Remove`, `Clear`.
    pub fn faults(&self, wish: &Value) {
        self.ctl("faults", wish);
    }

    fn ctl(&self, command: &str, body: &Value) {
        let answer = ask(&self.url, "test", command, body);
        answer.unwrap_or_else(|error| panic!("{command} {body}: {error}"));
    }

    /// What somebody else does meanwhile: a form of EC2's query protocol; the answer as it came.
    pub fn call(&self, form: &str) -> String {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: judge\r\n\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Which instance an interface is attached to, or where else it is; and which calls have changed
    /// something so far, in order.
    pub fn holder_and_changes(&self, eni: &str) -> (String, Vec<String>) {
        let form = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={eni}");
        let answer = self.call(&form);
        let between = |before: &str, after: &str| {
            let (_, rest) = answer.split_once(before)?;
            rest.split_once(after).map(|(text, _)| text.to_owned())
        };
        let on = between("<attachment>", "</attachment>")
            .and_then(|_| between("<instanceId>", "</instanceId>"));
        // Lines come behind the answers: those before our own are all that there are.
        self.log.wait_for("judge: ");
        let lines = self.log.so_far();
        let changed = lines.iter().filter_map(|line| {
            let (before, _) = line.split_once(" accepted")?;
            // A dry run is said to be one that "would be accepted".
            let action = before.rsplit(' ').next()?;
            (action != "be").then(|| action.to_owned())
        });
        (on.unwrap_or_else(|| "nobody".to_owned()), changed.collect())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
