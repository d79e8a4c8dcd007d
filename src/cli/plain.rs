//! The screen's work in linear text: for screen readers, dumb terminals and scripts.
//!
//! Lines come in, lines go out; no cursor is moved and no colour is used. What happens is decided by
//! the same stage, actions and `update` as on the screen.
//!
//! Invariants: no line is longer than 78 columns; input that is not from a terminal is printed
//! before its answer, so that a transcript can be read; the end of the input is the end.

mod fold;
mod help;
mod menu;
mod past;
mod talk;
mod tell;
mod walk;
mod word;

use std::io::{BufRead, IsTerminal, Read, stdin};
use std::path::PathBuf;

use super::failure::{Exit, Failure};
use super::out::Out;
use crate::runtime::stage::Stage;
use talk::Talk;

/// Bytes of a line; nobody types more.
const LINE_MAX: u64 = 4_096;

/// Holds a conversation on stdin and stdout until the person leaves or the input ends.
pub fn run(stage: Stage, state_dir: Option<PathBuf>, out: &mut Out) -> Result<Exit, Failure> {
    let input = stdin();
    let echo = !input.is_terminal();
    let mut input = input.lock();
    let mut talk = Talk::new(stage, state_dir);
    say(out, &talk.greeting());
    while !talk.is_over() {
        out.raw("> ");
        out.flush();
        if out.is_lost() {
            return Ok(Exit::Done);
        }
        let Some(line) = read(&mut input)? else {
            out.raw("\n");
            return Ok(ended(&talk, out));
        };
        if echo {
            out.lines(&[line.trim_end().to_owned()]);
        }
        say(out, &talk.hear(&line));
    }
    out.lines(&["Left.".to_owned()]);
    Ok(Exit::Done)
}

fn say(out: &mut Out, lines: &[String]) {
    out.lines(&fold::folded(lines));
}

/// The input has ended: a lesson that is not done is left for a person.
fn ended(talk: &Talk, out: &mut Out) -> Exit {
    match talk.unfinished() {
        None => {
            out.lines(&["End of input.".to_owned()]);
            Exit::Done
        }
        Some((name, step, of)) => {
            out.lines(&[format!(
                "End of input. The lesson {name} is not done: step {step} of {of}."
            )]);
            Exit::Engine(4)
        }
    }
}

/// One line; `None` at the end. What is too long or no UTF-8 is not guessed at.
fn read(input: &mut impl BufRead) -> Result<Option<String>, Failure> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes);
    let length = read.map_err(|error| {
        Failure::usage(format!("the input cannot be read: {error}"), "Try again")
    })?;
    if length == 0 {
        return Ok(None);
    }
    if !bytes.ends_with(b"\n") && bytes.len() as u64 >= LINE_MAX {
        return Err(Failure::usage(
            format!("a line of the input is longer than {LINE_MAX} bytes"),
            "One command a line",
        ));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
