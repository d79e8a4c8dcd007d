//! `enipilot serve`: stdout gets what a shell needs, stderr what happens.
//!
//! Invariant: stdout is a script whether or not it is a terminal, so that it can be pasted, or read
//! by another program up to the first request.

use std::io::{self, Write};

use serde_json::json;

use super::args::{GlobalArgs, ServeArgs};
use super::failure::{Exit, Failure};
use super::json;
use super::load::simulator;
use super::out::Out;
use crate::ec2::shown::shown;
use crate::runtime::serve::{self, Announcement, Options};
use crate::sim::timings::Range;

/// Serves until a signal ends it.
pub fn run(
    world: &str,
    args: &ServeArgs,
    global: &GlobalArgs,
    seed: u64,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let mut sim = simulator(world, seed)?;
    sim.set_timings(|timings| {
        if let Some(span) = args.attach_time {
            timings.attach = Range::exactly(span);
        }
        if let Some(span) = args.detach_time {
            timings.detach = Range::exactly(span);
        }
    });
    let name = sim.name().to_owned();
    let region = sim.world().region.clone();
    let options = Options {
        port: args.port,
        access_key: args.access_key.clone(),
        any_key: args.no_auth,
        speed: global.speed.unwrap_or(1.0),
    };
    let mut announce = |at: &Announcement| {
        tell(out, at, &name, &region);
        out.flush();
    };
    serve::serve(sim, &options, &mut announce, &mut log).map_err(|error| {
        Failure::usage(
            format!("the port cannot be served: {error}"),
            "Choose another one with --port, or leave it out",
        )
    })?;
    Ok(Exit::Done)
}

fn tell(out: &mut Out, at: &Announcement, name: &str, region: &str) {
    if out.json {
        out.json(&json::object(json!({
            "Endpoint": at.endpoint,
            "AccessKeyId": at.access_key_id,
            "SecretAccessKey": at.secret_access_key,
            "Region": region,
        })));
        return;
    }
    out.lines(&[
        format!("# enipilot simulates {name}; Ctrl-C ends it"),
        format!("export AWS_ENDPOINT_URL={}", at.endpoint),
        format!("export AWS_ACCESS_KEY_ID={}", at.access_key_id),
        format!("export AWS_SECRET_ACCESS_KEY={}", at.secret_access_key),
        format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region}"),
    ]);
}

fn log(line: &str) {
    // Nobody may be listening; clients are served all the same.
    let _ = writeln!(io::stderr(), "{}", shown(line));
}
