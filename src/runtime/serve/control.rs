//! The control path: `POST /enipilot/v1/COMMAND` with a JSON body, for whoever steers the world.
//!
//! Invariants: the same key and host as for clients; a body that is not JSON, has an unknown member
//! or an absurd value changes nothing; every answer is one JSON object with `version`, and with
//! `Error` if nothing was done.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::behind::Behind;
use super::desk::Desk;
use super::origin::Origin;
use crate::lessons::Play;
use crate::sim::Sim;
use crate::sim::faults::Faults;

/// Where commands are asked for.
pub(super) const PATH: &str = "/enipilot/v1/";
/// Every command.
pub(super) const COMMANDS: &[&str] =
    &["status", "reset", "save", "load", "clock", "undo", "faults"];
/// As far as time may be moved at once.
const ADVANCE_MAX: f64 = 31.0 * 86_400.0;
/// As fast as time may run.
const SPEED_MAX: f64 = 1_000.0;

/// Why nothing was done: HTTP status, a word for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub u16, pub &'static str, pub String);

impl Refusal {
    fn bad(text: impl Into<String>) -> Self {
        Self(400, "BadRequest", text.into())
    }

    /// The answer.
    pub fn json(&self) -> Value {
        let Self(_, code, message) = self;
        json!({ "version": 1, "Error": { "Code": code, "Message": message } })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Load {
    /// Names the text in errors.
    file: String,
    /// A world file.
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ClockWish {
    running: Option<bool>,
    speed: Option<f64>,
    /// Virtual seconds to move forward at once.
    advance: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FaultsWish {
    /// Items to put in, as `--faults` takes them.
    add: Option<String>,
    /// Items to take out before: as they are listed, as they were put in, or by their first word.
    remove: Option<String>,
    /// Takes everything out first.
    #[serde(default)]
    clear: bool,
}

/// Does a command now.
pub(super) fn answer<B: Behind>(
    desk: &mut Desk<B>,
    now: Instant,
    command: &str,
    body: &[u8],
) -> Result<Value, Refusal> {
    desk.turn(now);
    let message = match command {
        "status" => read::<Nothing>(body).map(|_| String::new()),
        "reset" => {
            read::<Nothing>(body)?;
            let origin = desk.origin.clone();
            begin(desk, origin).map(|()| "the world begins again".to_owned())
        }
        "save" => {
            read::<Nothing>(body)?;
            return save(desk);
        }
        "load" => {
            let Load { file, text } = read(body)?;
            let origin = Origin {
                file,
                text,
                ..desk.origin.clone()
            };
            begin(desk, origin)?;
            Ok(format!("{} begins", desk.behind().sim().name()))
        }
        "clock" => clock(desk, now, &read(body)?),
        "undo" => read::<Nothing>(body).and_then(|_| undo(desk)),
        "faults" => faults(desk, &read(body)?),
        _ => {
            let known = COMMANDS.join(", ");
            let text = format!("there is no command {command:?}; there are {known}");
            Err(Refusal(404, "UnknownCommand", text))
        }
    }?;
    if !message.is_empty() {
        desk.behind_mut().note(&format!("ctl {command}: {message}"));
        desk.nudge();
    }
    Ok(status(desk, &message))
}

/// A body; none at all is an empty object.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("the body: {error}")))
}

fn idle<B: Behind>(desk: &Desk<B>) -> Result<(), Refusal> {
    if desk.behind().is_busy() {
        let text = "a failover is under way at the screen; wait for its end";
        return Err(Refusal(409, "Busy", text.to_owned()));
    }
    Ok(())
}

fn begin<B: Behind>(desk: &mut Desk<B>, origin: Origin) -> Result<(), Refusal> {
    idle(desk)?;
    let sim = origin
        .begin()
        .map_err(|wrong| Refusal::bad(wrong.to_string()))?;
    desk.behind_mut().restart(sim);
    desk.origin = origin;
    Ok(())
}

/// The world as it is, for whoever asks to keep.
fn save<B: Behind>(desk: &Desk<B>) -> Result<Value, Refusal> {
    idle(desk)?;
    let saved = desk.behind().sim().save(&desk.origin.text);
    let saved = saved.map_err(|error| Refusal(409, "NotSaved", error.to_string()))?;
    let mut answer = status(desk, "");
    if let Value::Object(members) = &mut answer {
        members.insert("Text".to_owned(), Value::String(saved));
    }
    Ok(answer)
}

fn undo<B: Behind>(desk: &mut Desk<B>) -> Result<String, Refusal> {
    idle(desk)?;
    match desk.behind_mut().take_back() {
        Some(call) => Ok(format!("taken back: {}", call.line())),
        None => {
            let text = "there is no call to take back";
            Err(Refusal(409, "NothingToUndo", text.to_owned()))
        }
    }
}

fn clock<B: Behind>(desk: &mut Desk<B>, now: Instant, wish: &ClockWish) -> Result<String, Refusal> {
    let within = |value: f64, most: f64| value.is_finite() && value > 0.0 && value <= most;
    if wish.speed.is_some_and(|speed| !within(speed, SPEED_MAX)) {
        return Err(Refusal::bad(format!(
            "Speed: above 0 and up to {SPEED_MAX}"
        )));
    }
    if wish.advance.is_some_and(|by| !within(by, ADVANCE_MAX)) {
        return Err(Refusal::bad(format!(
            "Advance: seconds above 0 and up to {ADVANCE_MAX}"
        )));
    }
    let mut done = Vec::new();
    if let Some(by) = wish.advance {
        idle(desk)?;
        let to = desk.behind().sim().now() + Duration::from_secs_f64(by);
        desk.behind_mut().play(to);
        done.push(format!("moved on by {by} s"));
    }
    if let Some(speed) = wish.speed {
        desk.pace.set_speed(speed, now);
        done.push(format!("{speed} virtual seconds a second"));
    }
    if let Some(runs) = wish.running {
        desk.behind_mut().run(runs);
        done.push(if runs { "runs" } else { "stands still" }.to_owned());
    }
    Ok(done.join(", "))
}

/// Everything that is asked for, or nothing.
fn faults<B: Behind>(desk: &mut Desk<B>, wish: &FaultsWish) -> Result<String, Refusal> {
    let sim = desk.behind_mut().sim_mut();
    let mut going = Vec::new();
    for text in wish.remove.iter().flat_map(|list| list.split(',')) {
        going.extend(meant(sim, text.trim())?);
    }
    let add = wish.add.as_deref().map(Faults::parse).transpose();
    let add = add.map_err(|error| Refusal::bad(error.to_string()))?;
    let mut coming = Vec::new();
    for item in add.iter().flat_map(|faults| &faults.0) {
        let item = item.located(&sim.world());
        coming.push(item.map_err(|error| Refusal::bad(error.to_string()))?);
    }
    let mut done = Vec::new();
    if wish.clear {
        sim.calm();
        done.push("all taken out".to_owned());
    }
    for (number, text) in going {
        if sim.take_out(number) {
            done.push(format!("taken out: {text}"));
        }
    }
    for item in &coming {
        sim.inject(item)
            .map_err(|error| Refusal::bad(error.to_string()))?;
        done.push(format!("put in: {item}"));
    }
    Ok(done.join(", "))
}

/// The switches that a text means, with what they are called.
fn meant(sim: &Sim, text: &str) -> Result<Vec<(u64, String)>, Refusal> {
    let located = Faults::parse(text).ok().and_then(|faults| {
        let item = faults.0.into_iter().next()?;
        Some(item.located(&sim.world()).ok()?.to_string())
    });
    let is_meant = |listed: &str| {
        let word = listed.split(['=', '@']).next();
        listed == text || word == Some(text) || Some(listed) == located.as_deref()
    };
    let all = sim.faults().iter().map(|p| (p.number, p.item.to_string()));
    let found: Vec<_> = all.filter(|(_, listed)| is_meant(listed)).collect();
    if found.is_empty() {
        let text = format!("there is no switch {text:?} in; `faults` alone lists what is");
        return Err(Refusal(409, "NotThere", text));
    }
    Ok(found)
}

/// The lesson that is played, with the goals of its step.
fn lesson(play: &Play) -> Value {
    let lesson = play.lesson();
    let steps = lesson.steps.len();
    let goals = play.goals();
    let goals: Vec<Value> = goals
        .map(|(goal, met)| json!({ "Goal": goal.words(), "Met": met }))
        .collect();
    json!({
        "Name": lesson.name,
        "Title": lesson.title,
        "Step": play.number().min(steps),
        "Steps": steps,
        "Text": play.step().map(|s| &s.text),
        "Goals": goals,
        "Done": play.is_done(),
        "Calls": play.calls(),
        "Best": lesson.best,
    })
}

fn status<B: Behind>(desk: &Desk<B>, message: &str) -> Value {
    let behind = desk.behind();
    let sim = behind.sim();
    let faults: Vec<String> = sim.faults().iter().map(|f| f.item.to_string()).collect();
    let mut out = Map::new();
    for (name, value) in [
        ("version", json!(1)),
        ("World", json!(sim.name())),
        ("Now", json!(sim.now().to_string())),
        ("Running", json!(behind.runs())),
        ("Speed", json!(desk.pace.speed())),
        ("Requests", json!(desk.requests())),
        ("Undoable", json!(sim.history().undoable())),
        ("NetworkInterfaces", json!(sim.world().eni_count())),
        ("Faults", json!(faults)),
        (
            "Lesson",
            behind.play_of_lesson().map_or(Value::Null, lesson),
        ),
        ("Message", json!(message)),
    ] {
        out.insert(name.to_owned(), value);
    }
    Value::Object(out)
}
