//! Parses the command line, calls the library, ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(enipilot::cli::main(std::env::args_os()))
}
