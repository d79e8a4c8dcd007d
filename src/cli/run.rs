//! One match on what is wanted.

use std::io::{self, Write};

use clap::CommandFactory;
use serde_json::json;

use super::args::{Args, GlobalArgs, MoveArgs};
use super::failure::{Exit, Failure};
use super::find::{find, find_eni, find_instance};
use super::json;
use super::load::{Behind, Loaded, load};
use super::out::Out;
use super::resolve::{Job, Request, Source};
use super::{
    ctl, doctor, explore, failover, faults, keys, learn, ops, plan, serve, show, surroundings, tree,
};
use crate::ec2::id::EniId;
use crate::failover::permission::Permissions;
use crate::failover::plan::{Plan, Planned};
use crate::tui::theme::EMBEDDED;

/// Seed of the simulator when none is given: the same run for everybody.
pub const SEED: u64 = 1;

/// Does it.
pub fn run(request: Request, out: &mut Out) -> Result<Exit, Failure> {
    let Request { job, global } = request;
    let seed = global.seed.unwrap_or(SEED);
    if minds_operations(&job) {
        warn_of_operations(&global);
    }
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
            let guest = loaded.guest(&found);
            if out.json {
                out.json(&show::json(&loaded.world, &found, guest.as_ref()));
            } else {
                out.lines(&show::lines(&loaded.world, &found, guest.as_ref()));
            }
            Ok(Exit::Done)
        }
        Job::Plan(source, movement) => {
            let loaded = load(&source, seed)?;
            match plan::planned(&loaded, &movement)? {
                Planned::AlreadyThere => already_there(&loaded, &movement, false, out),
                Planned::Plan(mut plan) => {
                    let state_dir = global.state_dir.as_deref();
                    // Who only reads need not be permitted to write.
                    let permissions = match loaded.behind {
                        Behind::Live(_) if plan.sky.writes => {
                            surroundings::permissions(&plan, &loaded, state_dir)?
                        }
                        _ => Permissions::NotWanted,
                    };
                    surroundings::add(&mut plan, &loaded, state_dir, permissions);
                    told(&plan, &loaded, &source, out)
                }
            }
        }
        Job::DryRun(source, movement) => {
            let loaded = troubled(&source, &global, seed)?;
            match plan::planned(&loaded, &movement)? {
                Planned::AlreadyThere => already_there(&loaded, &movement, false, out),
                Planned::Plan(mut plan) => {
                    let state_dir = global.state_dir.as_deref();
                    let permissions = surroundings::permissions(&plan, &loaded, state_dir)?;
                    surroundings::add(&mut plan, &loaded, state_dir, permissions);
                    told(&plan, &loaded, &source, out)
                }
            }
        }
        Job::Failover(source, flight) => {
            let loaded = troubled(&source, &global, seed)?;
            let state_dir = global.state_dir.as_deref();
            let eni = EniId::from(flight.movement.eni.as_str());
            // Whatever stands in the way, an operation that is not over comes first.
            let outranked =
                |failure| ops::unfinished(&loaded.sky, &eni, state_dir).unwrap_or(failure);
            match plan::planned(&loaded, &flight.movement).map_err(outranked)? {
                Planned::AlreadyThere => already_there(&loaded, &flight.movement, true, out),
                Planned::Plan(mut plan) => {
                    let permissions = match loaded.behind {
                        Behind::Live(_) => surroundings::permissions(&plan, &loaded, state_dir)?,
                        // It is flown to see what happens.
                        Behind::Sim(_) => Permissions::NotWanted,
                    };
                    surroundings::add(&mut plan, &loaded, state_dir, permissions);
                    plan::known_accepted(&plan)?;
                    if plan.is_blocked() {
                        let offers = plan::offers_of(&plan, &loaded);
                        return Err(outranked(failover::blocked(&plan, &offers, &source)));
                    }
                    failover::run(loaded, *plan, &flight, state_dir, out)
                }
            }
        }
        Job::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "enipilot", &mut script);
            out.raw(&String::from_utf8_lossy(&script));
            Ok(Exit::Done)
        }
        Job::Plain(source) => explore::talk(&source, &global, seed, out),
        Job::Explore(source @ Source::World(_)) if explore::is_dumb() => {
            explore::talk(&source, &global, seed, out)
        }
        Job::Explore(source) => {
            explore::at_a_terminal(&source)?;
            explore::explore(&source, &global, seed)
        }
        Job::Ctl {
            endpoint,
            access_key,
            command,
        } => ctl::run(endpoint, access_key, &command, out),
        Job::Ops(job) => ops::run(&job, &global, out),
        Job::Serve(world, args) => serve::run(&world, &args, &global, seed, out),
        Job::Learn(args) => learn::run(&args, &global, out),
        Job::Doctor(live) => doctor::run(&live, &global, out),
        Job::Keys => {
            if out.json {
                out.json(&keys::json());
            } else {
                out.lines(&keys::lines());
            }
            Ok(Exit::Done)
        }
        Job::Themes => {
            let names = EMBEDDED.iter().map(|(name, _)| *name);
            if out.json {
                out.json(&json::items(
                    names.map(|name| json!({ "Name": name })).collect(),
                ));
            } else {
                out.lines(&names.map(str::to_owned).collect::<Vec<_>>());
            }
            Ok(Exit::Done)
        }
    }
}

/// A source with what `--faults` puts into it.
fn troubled(source: &Source, global: &GlobalArgs, seed: u64) -> Result<Loaded, Failure> {
    let mut loaded = load(source, seed)?;
    if let Behind::Sim(sim) = &mut loaded.behind {
        faults::put_in(sim, global.faults.as_deref())?;
        loaded.world = sim.world();
    }
    Ok(loaded)
}

/// Prints a plan; a blocked one has an exit code of its own.
fn told(plan: &Plan, loaded: &Loaded, source: &Source, out: &mut Out) -> Result<Exit, Failure> {
    plan::known_accepted(plan)?;
    let offers = plan::offers_of(plan, loaded);
    if out.json {
        out.json(&plan::json(plan, &offers));
    } else {
        out.lines(&plan::lines(plan, &offers, source));
    }
    Ok(match plan.is_blocked() {
        true => Exit::Blocked,
        false => Exit::Done,
    })
}

/// Whoever reads or changes interfaces must know of operations that were left open; `ops` and
/// the screen tell of them by themselves.
fn minds_operations(job: &Job) -> bool {
    matches!(
        job,
        Job::Tree(_)
            | Job::Show(..)
            | Job::Plan(..)
            | Job::DryRun(..)
            | Job::Failover(..)
            | Job::Doctor(_)
    )
}

fn warn_of_operations(global: &GlobalArgs) {
    for line in ops::banners(global.state_dir.as_deref()) {
        // Nobody may be listening; the command goes on all the same.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Nothing to do is done; a flight says so as the only event of its stream.
fn already_there(
    loaded: &Loaded,
    movement: &MoveArgs,
    flown: bool,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let eni = find_eni(&loaded.world, &movement.eni)?;
    let target = find_instance(&loaded.world, &movement.to)?;
    let result = json!({
        "changed": false,
        "NetworkInterfaceId": eni.id,
        "InstanceId": target.id,
        "AttachmentId": eni.attachment.as_ref().map(|a| &a.attachment_id),
    });
    if out.json && flown {
        out.raw(&format!("{}\n", failover::event_line(&result)));
    } else if out.json {
        out.json(&json::object(result));
    } else {
        out.lines(&[format!(
            "{} is on {} already: nothing to do",
            eni.id, target.id
        )]);
    }
    Ok(Exit::Done)
}
