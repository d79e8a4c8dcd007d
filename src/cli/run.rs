//! One match on what is wanted.

use clap::CommandFactory;

use super::args::Args;
use super::failure::{Exit, Failure};
use super::find::find;
use super::load::load;
use super::out::Out;
use super::resolve::{Job, Request};
use super::{show, tree};

/// Seed of the simulator when none is given: the same run for everybody.
pub const SEED: u64 = 1;

/// Does it.
pub fn run(request: Request, out: &mut Out) -> Result<Exit, Failure> {
    let Request { job, global } = request;
    let seed = global.seed.unwrap_or(SEED);
    match job {
        Job::Tree(source) => {
            let loaded = load(&source, seed)?;
            if out.json {
                out.json(&tree::json(&loaded.world));
            } else {
                out.lines(&tree::lines(&loaded.world, &loaded.sky));
            }
            Ok(Exit::Done)
        }
        Job::Show(source, what) => {
            let loaded = load(&source, seed)?;
            let found = find(&loaded.world, &what)?;
            if out.json {
                out.json(&show::json(&loaded.world, &found));
            } else {
                out.lines(&show::lines(&loaded.world, &found));
            }
            Ok(Exit::Done)
        }
        Job::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "enipilot", &mut script);
            out.raw(&String::from_utf8_lossy(&script));
            Ok(Exit::Done)
        }
        _ => Err(Failure::usage("not yet", "")),
    }
}
