//! `enipilot serve`: stdout gets what a shell needs; then a screen, or lines on stderr.
//!
//! Invariant: stdout is a script whether or not it is a terminal, so that it can be pasted, or read
//! by another program up to the first request.

use std::io;
use std::sync::Arc;

use serde_json::json;

use super::args::{GlobalArgs, ServeArgs};
use super::explore;
use super::failure::{Exit, Failure};
use super::faults;
use super::json;
use super::learn;
use super::load::{broken, world_text};
use super::out::Out;
use crate::runtime::serve::{Announcement, Class, Options, Origin, Port};
use crate::sim::saved::Settings;

/// Serves until a signal or the person ends it.
pub fn run(
    world: &str,
    args: &ServeArgs,
    global: &GlobalArgs,
    seed: u64,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let school = match &args.lesson {
        Some(lesson) => Some(learn::school(lesson, global)?),
        None => None,
    };
    let lesson = school.as_ref().and_then(|s| s.lesson()).map(Arc::clone);
    let (file, text) = match &lesson {
        Some(lesson) => (format!("{}.toml", lesson.world), lesson.world_text.clone()),
        None => world_text(world)?,
    };
    let origin = Origin {
        file,
        text,
        settings: Settings {
            seed,
            attach_time: args.attach_time,
            detach_time: args.detach_time,
        },
    };
    let mut sim = origin.begin().map_err(broken)?;
    let given = args.attach_time.or(args.detach_time);
    if given.is_some() && *sim.settings() != origin.settings {
        return Err(Failure::usage(
            "a saved world has the attach and detach times that it was saved with",
            "Leave --attach-time and --detach-time out",
        ));
    }
    faults::put_in(&mut sim, global.faults.as_deref())?;
    let options = Options {
        port: args.port,
        access_key: args.access_key.clone(),
        any_key: args.no_auth,
        speed: global.speed.unwrap_or(1.0),
        state_dir: global.state_dir.clone(),
    };
    let port = Port::open(&options).map_err(|error| no_port(&error))?;
    let region = sim.world().region.clone();
    let what = match &lesson {
        Some(lesson) => format!("{}, lesson {}", sim.name(), lesson.name),
        None => sim.name().to_owned(),
    };
    let lines = exports(port.announcement(), &what, &region);
    let mut announce = |at: &Announcement| {
        tell(out, at, &lines, &region);
        out.flush();
    };
    if global.plain || global.no_input || global.json || !explore::can_draw() {
        let progress = school.map(|s| s.progress).unwrap_or_default();
        let class = lesson.map(|lesson| Class::new(lesson, progress, &sim));
        let served = port.serve(origin, sim, class, io::stderr(), &mut announce);
        return served.map(|()| Exit::Done).map_err(|error| no_port(&error));
    }
    announce(port.announcement());
    let shown = port.serve_on_screen(origin, sim, school, lines, &explore::options(global));
    explore::ended(shown, "`enipilot serve --plain`")
}

fn no_port(error: &io::Error) -> Failure {
    Failure::usage(
        format!("the port cannot be served: {error}"),
        "Choose another one with --port, or leave it out",
    )
}

fn tell(out: &mut Out, at: &Announcement, lines: &[String], region: &str) {
    if out.json {
        out.json(&json::object(json!({
            "Endpoint": at.endpoint,
            "AccessKeyId": at.access_key_id,
            "SecretAccessKey": at.secret_access_key,
            "Region": region,
        })));
    } else {
        out.lines(lines);
    }
}

/// What a shell needs, as a script.
fn exports(at: &Announcement, name: &str, region: &str) -> Vec<String> {
    vec![
        format!("# enipilot simulates {name}; Ctrl-C ends it"),
        format!("export AWS_ENDPOINT_URL={}", at.endpoint),
        format!("export AWS_ACCESS_KEY_ID={}", at.access_key_id),
        format!("export AWS_SECRET_ACCESS_KEY={}", at.secret_access_key),
        format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region}"),
    ]
}
