//! From the command line to the screen.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use super::failure::Failure;
use super::resolve::Source;

/// An error that names the command without a screen, unless a person sits at a terminal that can
/// be drawn on.
pub fn at_a_terminal(source: &Source) -> Result<(), Failure> {
    let term = env::var("TERM").unwrap_or_default();
    let why = if !stdin().is_terminal() {
        "stdin is not a terminal".to_owned()
    } else if !stdout().is_terminal() {
        "stdout is not a terminal".to_owned()
    } else if term.is_empty() || term == "dumb" {
        format!("the terminal cannot be drawn on (TERM={term})")
    } else {
        return Ok(());
    };
    // One line: logs and cron mails show the first one only.
    Err(Failure::usage(
        format!(
            "{why}; without a screen: `enipilot tree {}`, over SSH: `ssh -t`",
            source.flags()
        ),
        "",
    ))
}
