//! `enipilot serve ctl`: steers a served world.

use std::env;
use std::fs::{OpenOptions, remove_file};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::args::CtlCommand;
use super::failure::{Exit, Failure};
use super::load::world_text;
use super::out::Out;
use crate::runtime::serve::client::{CtlError, ask};

/// Asks the server, and prints what has come of it.
pub fn run(
    endpoint: Option<String>,
    access_key: Option<String>,
    command: &CtlCommand,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let Some(endpoint) = endpoint.or_else(|| variable("AWS_ENDPOINT_URL")) else {
        return Err(Failure::usage(
            "there is no server to steer",
            "Paste the export lines of `enipilot serve`, or name it with --endpoint-url",
        ));
    };
    let key = access_key.or_else(|| variable("AWS_ACCESS_KEY_ID"));
    let (name, body) = request(command)?;
    let answer = ask(&endpoint, &key.unwrap_or_default(), name, &body);
    let mut answer = answer.map_err(|error| failure(&error))?;
    if let CtlCommand::Save { file } = command {
        let text = answer.get("Text").and_then(Value::as_str);
        keep(file, text.unwrap_or_default())?;
        answer = json!({ "version": 1, "Message": format!("saved to {}", file.display()) });
    }
    if out.json {
        out.json(&answer);
    } else {
        out.lines(&lines(command, &answer));
    }
    Ok(Exit::Done)
}

/// Name and body of a command on the wire.
fn request(command: &CtlCommand) -> Result<(&'static str, Value), Failure> {
    Ok(match command {
        CtlCommand::Status => ("status", json!({})),
        CtlCommand::Reset => ("reset", json!({})),
        CtlCommand::Undo => ("undo", json!({})),
        CtlCommand::Pause => ("clock", json!({ "Running": false })),
        CtlCommand::Run => ("clock", json!({ "Running": true })),
        CtlCommand::Pace { factor } => {
            let factor: f64 = factor.parse().unwrap_or(1.0);
            ("clock", json!({ "Speed": factor }))
        }
        CtlCommand::Advance { time } => {
            ("clock", json!({ "Advance": Duration::as_secs_f64(time) }))
        }
        CtlCommand::Faults { add, remove, clear } => (
            "faults",
            json!({ "Add": add, "Remove": remove, "Clear": clear }),
        ),
        CtlCommand::Save { .. } => ("save", json!({})),
        CtlCommand::Load { file } => {
            let (file, text) = world_text(file)?;
            ("load", json!({ "File": file, "Text": text }))
        }
    })
}

/// Writes a file that must not exist: nothing is ever written over.
fn keep(file: &Path, text: &str) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let written = opened.and_then(|mut opened| {
        let written = opened.write_all(text.as_bytes());
        written.and_then(|()| opened.sync_all()).inspect_err(|_| {
            // Half a world is of no use; the error that counts is the one above.
            let _ = remove_file(file);
        })
    });
    written.map_err(|error| {
        let remedy = match error.kind() {
            ErrorKind::AlreadyExists => "Choose another name, or move that file away",
            _ => "Choose a file that can be written",
        };
        Failure::usage(
            format!("{} is not written: {error}", file.display()),
            remedy,
        )
    })
}

fn failure(error: &CtlError) -> Failure {
    let remedy = match error {
        CtlError::NotOurs(_) => "It is http://127.0.0.1:PORT, as serve prints it",
        CtlError::NoServer(..) | CtlError::NoAnswer(_) => {
            "Is `enipilot serve` still running? E on its screen shows its export lines"
        }
        CtlError::Refused { code, .. } if code == "AuthFailure" || code.starts_with("Missing") => {
            "Paste its export lines, or name the key with --access-key"
        }
        CtlError::Refused { .. } => "Nothing was changed",
    };
    let failure = Failure::usage(error.to_string(), remedy);
    match error {
        CtlError::Refused { code, .. } => failure.code(code),
        _ => failure,
    }
}

/// What was done; for `status` and a bare `faults`, how things are.
fn lines(command: &CtlCommand, answer: &Value) -> Vec<String> {
    let text = |name: &str| match answer.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let items = answer.get("Faults").and_then(Value::as_array);
    let faults: Vec<String> = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect();
    let message = text("Message");
    match command {
        _ if !message.is_empty() => vec![message],
        CtlCommand::Faults { .. } if faults.is_empty() => vec!["no faults".to_owned()],
        CtlCommand::Faults { .. } => faults,
        _ => {
            let lesson = lesson(answer.get("Lesson").unwrap_or(&Value::Null));
            let runs = answer.get("Running") == Some(&Value::Bool(true));
            let time = if runs { "running" } else { "paused" };
            let mut lines = vec![
                format!("world     {}", text("World")),
                format!("time      {} {time}, speed {}", text("Now"), text("Speed")),
                format!("requests  {}", text("Requests")),
                format!("undoable  {}", text("Undoable")),
                format!(
                    "faults    {}",
                    match faults.is_empty() {
                        true => "none".to_owned(),
                        false => faults.join(","),
                    }
                ),
            ];
            lines.extend(lesson);
            lines
        }
    }
}

/// The lesson that is played on the world, if one is: step and goals.
fn lesson(lesson: &Value) -> Vec<String> {
    let text = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if lesson.is_null() {
        return Vec::new();
    }
    let of = |name: &str| text(lesson, name);
    let calls = format!("{} calls, best known {}", of("Calls"), of("Best"));
    if lesson.get("Done") == Some(&Value::Bool(true)) {
        return vec![format!("lesson    {}: done, {calls}", of("Name"))];
    }
    let (step, steps) = (of("Step"), of("Steps"));
    let mut lines = vec![
        format!("lesson    {}: step {step} of {steps}, {calls}", of("Name")),
        format!("          {}", of("Text")),
    ];
    let goals = lesson.get("Goals").and_then(Value::as_array);
    lines.extend(goals.into_iter().flatten().map(|goal| {
        let met = goal.get("Met") == Some(&Value::Bool(true));
        let state = if met { "met " } else { "open" };
        format!("  {state}    {}", text(goal, "Goal"))
    }));
    lines
}
