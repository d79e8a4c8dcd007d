//! `enipilot serve` as a process of its own: its log says what clients did, its control path says
//! when transitions may complete.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use enipilot::runtime::serve::client::ask;
use serde_json::{Value, json};

use super::gate::{Gate, Hold};
use super::lines::Lines;

/// Longer than any test waits: a transition of this length completes when the test says so.
pub const HELD: &str = "300s";

/// A running server, ended with the test.
pub struct Served {
    child: Child,
    log: Lines,
    url: String,
    gate: Option<Gate>,
    /// Calls of the test itself.
    calls: AtomicU32,
}

impl Served {
    /// Serves a world with these times; one call is held on the road if the test says so.
    pub fn start(world: &str, [detach, attach]: [&str; 2], hold: Option<Hold>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .args(["serve", "--plain", "--no-auth", "--world", world])
            .args(["--detach-time", detach, "--attach-time", attach])
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
        let mut served = Self {
            child,
            log,
            url,
            gate: None,
            calls: AtomicU32::new(0),
        };
        served.gate = hold.map(|hold| Gate::start(served.host(), hold));
        served
    }

    /// Where clients reach it.
    pub fn url(&self) -> &str {
        self.gate.as_ref().map_or(&self.url, Gate::url)
    }

    fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Waits until the call that is to be held is held.
    pub fn wait_until_held(&self) {
        self.gate.as_ref().unwrap().wait_until_held();
    }

    /// Waits until a call of this name has been accepted.
    pub fn wait_for(&self, action: &str) {
        self.log.wait_for(&format!("{action} accepted"));
    }

    /// Whatever is under way completes now, and what begins later completes at once.
    pub fn release(&self) {
        if let Some(gate) = &self.gate {
            gate.open();
        }
        self.ctl("clock", &json!({ "Speed": 1_000.0 }));
    }

    /// What others have begun completes: some minutes pass at once, and not an hour, after which EC2
    /// knows no more of an instance that was terminated.
    pub fn settle(&self) {
        self.ctl("clock", &json!({ "Advance": 300.0 }));
    }

    /// Breaks the world, or mends it: `Add`, `Remove`, `Clear`.
    pub fn faults(&self, wish: &Value) {
        self.ctl("faults", wish);
    }

    fn ctl(&self, command: &str, body: &Value) {
        let answer = ask(&self.url, "test", command, body);
        answer.unwrap_or_else(|error| panic!("{command} {body}: {error}"));
    }

    /// What somebody else asks or does meanwhile: a form of EC2's query protocol; the answer as it came.
    pub fn call(&self, form: &str) -> String {
        let host = self.host();
        let nth = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: judge-{nth}\r\n\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Which calls have changed something so far, in order, before our own newest [call](Self::call).
    pub fn changes(&self) -> Vec<String> {
        let nth = self.calls.load(Ordering::Relaxed);
        // Lines come behind the answers: those before our own are all that there are.
        self.log.wait_for(&format!("judge-{nth}: "));
        let lines = self.log.so_far();
        let changed = lines.iter().filter_map(|line| {
            let (before, _) = line.split_once(" accepted")?;
            // A dry run is said to be one that "would be accepted".
            let action = before.rsplit(' ').next()?;
            (action != "be").then(|| action.to_owned())
        });
        changed.collect()
    }
}

/// What stands between two texts, for the first time.
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(text, _)| text)
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
