//! From the command line to the screen.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use super::args::GlobalArgs;
use super::failure::{Exit, Failure};
use super::faults;
use super::load::{port_options, simulator};
use super::out::Out;
use super::plain;
use super::resolve::Source;
use crate::failover::sky::Sky;
use crate::runtime::stage::Stage;
use crate::runtime::{self, RunError};
use crate::sim::Sim;

/// Why no screen can be shown here; `None` if a person sits at a terminal that can be drawn on.
pub fn no_screen() -> Option<String> {
    let term = env::var("TERM").unwrap_or_default();
    if !stdin().is_terminal() {
        Some("stdin is not a terminal".to_owned())
    } else if !stdout().is_terminal() {
        Some("stdout is not a terminal".to_owned())
    } else if term.is_empty() || term == "dumb" {
        Some(format!("the terminal cannot be drawn on (TERM={term})"))
    } else {
        None
    }
}

/// An error that names the commands without a screen, unless one can be shown.
pub fn at_a_terminal(source: &Source) -> Result<(), Failure> {
    let Some(why) = no_screen() else {
        return Ok(());
    };
    let flags = source.flags();
    let talk = match source {
        Source::World(_) => format!(", to type at: `enipilot --plain {flags}`"),
        Source::Live(_) => String::new(),
    };
    // One line: logs and cron mails show the first one only.
    let what =
        format!("{why}; without a screen: `enipilot tree {flags}`{talk}, over SSH: `ssh -t`");
    Err(Failure::usage(what, ""))
}

/// A person sits at a terminal that knows letters and nothing else (`TERM=dumb`).
pub fn is_dumb() -> bool {
    let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
    dumb && stdin().is_terminal() && stdout().is_terminal()
}

/// Whether a screen can be drawn: a person sits at a terminal that knows how.
pub fn can_draw() -> bool {
    no_screen().is_none()
}

/// Shows the screen until the person leaves.
pub fn explore(source: &Source, global: &GlobalArgs, seed: u64) -> Result<Exit, Failure> {
    let mut options = options(global);
    let result = match source {
        Source::World(world) => {
            let (sim, sky) = simulated(world, global, seed)?;
            runtime::run_sim(sim, sky, &options)
        }
        Source::Live(live) => {
            options.probe = live.probe;
            runtime::run_live(&port_options(live), &options)
        }
    };
    ended(result, &format!("`enipilot tree {}`", source.flags()))
}

/// Talks about a simulated world in lines of text until the person leaves.
pub fn talk(
    source: &Source,
    global: &GlobalArgs,
    seed: u64,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let Source::World(world) = source else {
        return Err(Failure::usage(
            "a real account has no plain screen",
            "`enipilot plan` and `enipilot failover` print lines",
        ));
    };
    let (sim, sky) = simulated(world, global, seed)?;
    plain::run(Stage::new(sim, sky), global.state_dir.clone(), out)
}

fn simulated(world: &str, global: &GlobalArgs, seed: u64) -> Result<(Sim, Sky), Failure> {
    let mut sim = simulator(world, seed)?;
    faults::put_in(&mut sim, global.faults.as_deref())?;
    let inventory = sim.world();
    let sky = Sky::sim(sim.name(), &inventory.account, &inventory.region);
    Ok((sim, sky))
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
