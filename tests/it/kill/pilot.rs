//! The program as a person runs it: every command against one server, with one state directory.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use enipilot::failover::journal::Entry;
use enipilot::failover::journal::line::{self, Journal};
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::resume::Operation;
use serde_json::Value;

use super::way::{self, RECEIVER};
use crate::support::served::{Served, between};

pub const ENI: &str = "eni-0c1d52aa7be03f9a1";
pub const SOURCE: &str = "i-0d1a2b3c4d5e6f701";
pub const TARGET: &str = "i-0d1a2b3c4d5e6f702";

/// The bastion: in the same zone, and full until `bastion-mgmt` has left it.
pub const OTHER: &str = "i-0d1a2b3c4d5e6f703";

/// A command that has ended.
pub struct Ended {
    /// Exit code, or 128 and the signal that ended it, as a shell says.
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub struct Pilot<'a> {
    pub served: &'a Served,
    /// How its failovers go.
    pub way: Mechanism,
    state: tempfile::TempDir,
}

impl<'a> Pilot<'a> {
    pub fn new(served: &'a Served, way: Mechanism) -> Self {
        let state = tempfile::tempdir().unwrap();
        Self { served, way, state }
    }

    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// `enipilot WORDS` in surroundings that are the same everywhere.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_enipilot"));
        command
            .args(words)
            .arg("--state-dir")
            .arg(self.state.path())
            .env_clear()
            .env("HOME", "/nonexistent")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Moves the service's interface to the standby, or carries over what is on it.
    pub fn failover(&self) -> Command {
        let words = ["failover", ENI, "--to", TARGET, "--confirm", ENI];
        self.command(&[&words[..], &way::words(self.way), &self.live()].concat())
    }

    /// The same in the other direction, as another person may want it at the same time.
    pub fn opposite(&self) -> Command {
        let eni = match self.way {
            Mechanism::Interface => ENI,
            _ => RECEIVER,
        };
        let words = ["failover", eni, "--to", SOURCE, "--confirm", eni];
        let carried = ["--mechanism", self.way.word(), "--receiver", ENI];
        let carried = match self.way {
            Mechanism::Interface => &[],
            _ => &carried[..],
        };
        self.command(&[&words[..], carried, &self.live()].concat())
    }

    /// Where calls go, with leave to change something there.
    pub fn live(&self) -> [&str; 5] {
        let url = self.served.url();
        [
            "--allow-writes",
            "--region",
            "us-east-1",
            "--endpoint-url",
            url,
        ]
    }

    /// `ops WHAT OP`, agreed to with the interface that the operation is about.
    pub fn ops(&self, what: &str, op: &str, more: &[&str]) -> Command {
        let mut journals = self.journals().into_iter();
        let told = journals.find_map(|(_, journal)| {
            let operation = Operation::read(&journal).ok()?;
            (operation.op == op).then(|| operation.plan.intent.eni.to_string())
        });
        let eni = told.as_deref().unwrap_or(ENI);
        let words = ["ops", what, op, "--confirm", eni];
        self.command(&[&words[..], more].concat())
    }

    /// `ops undo OP`, agreed to as it says itself.
    pub fn undo(&self, op: &str) -> Command {
        let said = run(self.command(&["ops", "undo", op])).out;
        let confirm = between(&said, "--confirm ", " ").unwrap_or(ENI).to_owned();
        self.command(&["ops", "undo", op, "--confirm", &confirm, "--allow-writes"])
    }

    /// Every operation of the state directory, the newest first, as `ops list --json` tells.
    pub fn listed(&self) -> Vec<Value> {
        let ended = run(self.command(&["ops", "list", "--json"]));
        assert_eq!(ended.code, 0, "{}", ended.err);
        let list: Value = serde_json::from_str(&ended.out).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// Every journal, oldest first; each is one that can be trusted.
    pub fn journals(&self) -> Vec<(PathBuf, Journal)> {
        let entries = std::fs::read_dir(self.state().join("ops")).unwrap();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
            .collect();
        files.sort_by_key(|path| std::fs::metadata(path).unwrap().created().unwrap());
        let read = |path: PathBuf| {
            let journal = line::decode(&std::fs::read(&path).unwrap()).unwrap();
            (path, journal)
        };
        files.into_iter().map(read).collect()
    }
}

pub fn run(mut command: Command) -> Ended {
    Ended::of(command.output().unwrap())
}

impl Ended {
    pub fn of(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: code(output.status),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

pub fn code(status: ExitStatus) -> i32 {
    let by_signal = status.signal().map(|signal| 128 + signal);
    status.code().or(by_signal).unwrap()
}

/// The verdict of a journal, if it ends with one.
pub fn verdict(journal: &Journal) -> Option<&str> {
    match &journal.records.last()?.entry {
        Entry::Verdict { ending, .. } => Some(ending),
        _ => None,
    }
}
