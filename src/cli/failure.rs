//! Why a command did not do what it was asked, and the exit code that says so.
//!
//! Invariant: a failure names what happened and what to do next; EC2's code stands last, in
//! parentheses.

use std::io::{self, Write};

use serde_json::json;

use crate::cloud::port;
use crate::ec2::shown::shown;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or already so.
    Done,
    /// Usage, not a terminal, or internal error.
    Usage,
    /// Blocked by preflight, or refused before anything moved.
    Blocked,
    /// Somebody else changed it.
    ForeignChange,
    /// Ended as the engine ended: 0 to 5.
    Engine(u8),
    /// Another operation holds the interface.
    Locked,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 1,
            Self::Blocked => 2,
            Self::ForeignChange => 3,
            Self::Engine(code) => code,
            Self::Locked => 6,
        }
    }
}

impl From<port::Failure> for Failure {
    fn from(failure: port::Failure) -> Self {
        let mut out = Self::usage(failure.what, failure.remedy).because(&failure.cause);
        out.code = failure.code;
        out
    }
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened, naming the thing; no full stop at its end.
    pub what: String,
    /// What to do; empty if the first line says it all.
    pub remedy: String,
    /// EC2's code, where EC2 has one for it.
    pub code: Option<String>,
    /// Lines that belong to it: the candidates of an ambiguous name.
    pub details: Vec<String>,
    /// Exit code.
    pub exit: Exit,
}

impl Failure {
    /// A failure with exit code 1.
    pub fn usage(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
            code: None,
            details: Vec::new(),
            exit: Exit::Usage,
        }
    }

    /// The same failure with EC2's code.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    /// The same failure with lines of detail.
    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// The same failure with another exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// What an endpoint, a file or the system said, outermost first; empty adds nothing.
    #[must_use]
    pub fn because(mut self, cause: &str) -> Self {
        if !cause.is_empty() {
            self.details.push(cause.to_owned());
        }
        self
    }

    /// The lines for a person.
    pub fn lines(&self) -> Vec<String> {
        let code = self.code.as_ref().map(|c| format!(" ({c})"));
        let mut lines = vec![format!(
            "enipilot: {}{}",
            self.what,
            code.unwrap_or_default()
        )];
        lines.extend(self.details.iter().map(|d| format!("  {d}")));
        if !self.remedy.is_empty() {
            lines.push(format!("  {}", self.remedy));
        }
        lines
    }

    /// Prints it on stderr, as one object if JSON was asked for.
    pub fn print(&self, json: bool) {
        let mut text = String::new();
        if json {
            let error = json!({
                "Code": self.code,
                "Message": self.what,
                "Remedy": self.remedy,
                "Details": self.details,
            });
            let object = json!({ "version": 1, "error": error });
            text.push_str(&super::json::printed(&object));
            text.push('\n');
        } else {
            for line in self.lines() {
                text.push_str(&shown(&line));
                text.push('\n');
            }
        }
        // Nobody may be listening; the exit code speaks all the same.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}
