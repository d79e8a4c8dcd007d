//! From the command line to the screen.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use super::args::GlobalArgs;
use super::failure::{Exit, Failure};
use super::faults;
use super::load::{port_options, simulator};
use super::resolve::Source;
use crate::failover::sky::Sky;
use crate::runtime::{self, RunError};

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

/// Whether a screen can be drawn: a person sits at a terminal that knows how.
pub fn can_draw() -> bool {
    let term = env::var("TERM").unwrap_or_default();
    let terminals = stdin().is_terminal() && stdout().is_terminal();
    terminals && !term.is_empty() && term != "dumb"
}

/// Shows the screen until the person leaves.
pub fn explore(source: &Source, global: &GlobalArgs, seed: u64) -> Result<Exit, Failure> {
    let mut options = options(global);
    let result = match source {
        Source::World(world) => {
            let mut sim = simulator(world, seed)?;
            faults::put_in(&mut sim, global.faults.as_deref())?;
            let inventory = sim.world();
            let sky = Sky::sim(sim.name(), &inventory.account, &inventory.region);
            runtime::run_sim(sim, sky, &options)
        }
        Source::Live(live) => {
            options.probe = live.probe;
            runtime::run_live(&port_options(live), &options)
        }
    };
    ended(result, &format!("`enipilot tree {}`", source.flags()))
}

/// How the screen is to be, from the flags.
pub fn options(global: &GlobalArgs) -> runtime::Options {
    runtime::Options {
        theme: global.theme.clone(),
        no_color: global.no_color,
        ascii: global.ascii,
        state_dir: global.state_dir.clone(),
        speed: global.speed,
        probe: None,
    }
}

/// How the screen ended; `instead` is what to do without one.
pub fn ended(result: Result<u8, RunError>, instead: &str) -> Result<Exit, Failure> {
    match result {
        Ok(code) => Ok(Exit::Engine(code)),
        Err(RunError::Endpoint(failure)) => Err(failure.into()),
        Err(RunError::Theme(error)) => Err(Failure::usage(
            error.to_string(),
            "`enipilot themes` lists them",
        )),
        Err(error) => Err(Failure::usage(
            format!("{error}; without a screen: {instead}"),
            "",
        )),
    }
}
