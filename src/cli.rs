//! Arguments, headless commands, text and JSON output.
//!
//! The way of a command line: [`args`] parses and knows nothing else; [`resolve`] applies the rules
//! of sources and says what is wanted; [`run`] does it, one match on the command. What is printed is
//! made by pure functions from a world, a plan or a status, and leaves through [`out`] alone.
//!
//! Invariants: a reading command never writes; a mutating command takes ids only; nothing from
//! outside reaches the terminal unsanitised; a closed pipe is no error.

pub mod args;
pub mod ctl;
mod doctor;
pub mod explore;
pub mod failover;
pub mod failure;
pub mod faults;
mod find;
pub mod json;
pub mod keys;
pub mod learn;
pub mod load;
pub mod ops;
pub mod out;
pub mod plain;
pub mod plan;
pub mod progress;
pub mod resolve;
pub mod run;
pub mod serve;
pub mod show;
pub mod suggest;
pub mod surroundings;
pub mod table;
pub mod tree;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;
use clap::error::ErrorKind;

use args::Args;
use out::Out;

/// Runs the program on these arguments, the program's own name first, and answers its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let parsed = match Args::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => return explained(&error),
    };
    let json = parsed.global.json;
    let mut out = Out::new(json);
    let result = resolve::resolve(parsed).and_then(|request| run::run(request, &mut out));
    let result = out.finish().and(result);
    match result {
        Ok(exit) => exit.code(),
        Err(failure) => {
            failure.print(json);
            failure.exit.code()
        }
    }
}

/// Prints what the parser has to say: help and version on stdout, mistakes on stderr with exit
/// code 1, because 2 means "blocked by preflight" here.
fn explained(error: &clap::Error) -> u8 {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that has closed the pipe has read enough.
            let _ = write!(io::stdout(), "{text}");
            failure::Exit::Done.code()
        }
        _ => {
            let _ = write!(io::stderr(), "{text}");
            failure::Exit::Usage.code()
        }
    }
}
