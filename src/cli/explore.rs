//! From the command line to the screen.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use super::args::GlobalArgs;
use super::failure::{Exit, Failure};
use super::load::simulator;
use super::resolve::Source;
use super::run::SEED;
use crate::cloud::port;
use crate::failover::sky::Sky;
use crate::runtime::{self, Options};

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

/// Opens the screen and stays until the person leaves.
pub fn run(source: &Source, global: &GlobalArgs) -> Result<Exit, Failure> {
    let options = Options {
        theme: global.theme.clone(),
        no_color: false,
        ascii: global.ascii,
        state_dir: global.state_dir.clone(),
        speed: global.speed,
    };
    let left = match source {
        Source::World(world) => {
            let sim = simulator(world, global.seed.unwrap_or(SEED))?;
            let inventory = sim.world();
            let sky = Sky::sim(sim.name(), &inventory.account, &inventory.region);
            runtime::run_sim(sim, sky, &options)
        }
        Source::Live(live) => {
            let text = |option: &Option<String>| option.as_deref().map(Into::into);
            let endpoint = port::Options {
                profile: text(&live.profile),
                region: text(&live.region),
                endpoint_url: text(&live.endpoint_url),
                account: text(&live.account),
                allow_writes: live.allow_writes,
            };
            runtime::run_live(&endpoint, &options)
        }
    };
    left.map(Exit::Engine)
        .map_err(|error| Failure::usage(error.to_string(), ""))
}
