//! The only way to stdout.
//!
//! Invariants: every line is sanitised here, whatever it was made of; after the reader has closed
//! the pipe nothing is written and nothing fails.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use serde_json::Value;

use super::failure::Failure;
use super::json::printed;
use crate::ec2::shown::shown;

/// Stdout, as text or as JSON.
#[derive(Debug)]
pub struct Out {
    stdout: BufWriter<Stdout>,
    /// JSON was asked for.
    pub json: bool,
    failed: Option<io::Error>,
}

impl Out {
    /// Nothing written yet.
    pub fn new(json: bool) -> Self {
        Self {
            stdout: BufWriter::new(io::stdout()),
            json,
            failed: None,
        }
    }

    /// Writes lines of text.
    pub fn lines(&mut self, lines: &[String]) {
        for line in lines {
            self.write(&shown(line));
            self.write("\n");
        }
    }

    /// Writes one JSON document.
    pub fn json(&mut self, value: &Value) {
        self.write(&printed(value));
        self.write("\n");
    }

    /// Writes a text that the program itself made, as it is.
    pub fn raw(&mut self, text: &str) {
        self.write(text);
    }

    /// Sends on what was written so far, for a command that goes on.
    pub fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.stdout.flush().err();
        }
    }

    /// Nobody can read what is written: for a command that goes on.
    pub fn is_lost(&self) -> bool {
        self.failed.is_some()
    }

    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.stdout.write_all(text.as_bytes()).err();
        }
    }

    /// Writes what is left. A closed pipe is no failure; a full disk is.
    pub fn finish(mut self) -> Result<(), Failure> {
        let failed = self.failed.take().or_else(|| self.stdout.flush().err());
        match failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::usage(
                format!("the output could not be written: {error}"),
                "Make room, or write elsewhere",
            )),
            _ => Ok(()),
        }
    }
}
