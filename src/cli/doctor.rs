//! What this machine offers, and what to do about what it lacks.
//!
//! Invariants: nothing is changed, nothing goes over a network; a secret is never read further than
//! to see that it is there.

mod aws;
mod terminal;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::Path;

use serde_json::{Value, json};

use super::args::GlobalArgs;
use super::failure::{Exit, Failure};
use super::json::items;
use super::out::Out;
use super::resolve::Live;
use super::table::aligned;
use crate::store::dir;

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// As it should be, or at least no hindrance.
    pub ok: bool,
    /// What was found.
    pub finding: String,
    /// What to do; empty when nothing is to be done.
    pub fix: String,
}

impl Check {
    /// As it should be.
    fn ok(name: &'static str, finding: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            finding: finding.into(),
            fix: String::new(),
        }
    }

    /// Something to be known, with its remedy.
    fn warn(name: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            finding: finding.into(),
            fix: fix.into(),
        }
    }
}

/// Everything that the checks read, so that they are functions of it.
#[derive(Clone, Debug, Default)]
struct Surroundings {
    variables: BTreeMap<String, String>,
    stdin: bool,
    stdout: bool,
    stderr: bool,
    size: Option<(u16, u16)>,
    config: Option<String>,
    credentials: Option<String>,
}

impl Surroundings {
    /// The value of a variable that is set and not empty.
    fn var(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(String::as_str);
        value.filter(|v| !v.is_empty())
    }

    fn here() -> Self {
        let variables: BTreeMap<String, String> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let size = rustix::termios::tcgetwinsize(stdout()).ok();
        let mut here = Self {
            variables,
            stdin: stdin().is_terminal(),
            stdout: stdout().is_terminal(),
            stderr: stderr().is_terminal(),
            size: size.map(|s| (s.ws_col, s.ws_row)),
            config: None,
            credentials: None,
        };
        here.config = fs::read_to_string(aws::config_path(&here)).ok();
        here.credentials = fs::read_to_string(aws::credentials_path(&here)).ok();
        here
    }
}

/// Prints the report. Warnings are no failure: exit code 0.
pub fn run(live: &Live, global: &GlobalArgs, out: &mut Out) -> Result<Exit, Failure> {
    let here = Surroundings::here();
    let mut checks = vec![version()];
    checks.extend(terminal::checks(&here));
    checks.extend(paths(global.state_dir.as_deref()));
    checks.extend(aws::checks(&here, live));
    if out.json {
        out.json(&items(checks.iter().map(json_of).collect()));
    } else {
        out.lines(&lines(&checks));
    }
    Ok(Exit::Done)
}

fn version() -> Check {
    let features = if cfg!(feature = "aws") {
        "aws"
    } else {
        "none (simulator only)"
    };
    let text = format!("{}, features: {features}", env!("CARGO_PKG_VERSION"));
    Check::ok("version", text)
}

/// Where files are kept, without creating any.
fn paths(state_dir: Option<&Path>) -> Vec<Check> {
    let name = "state directory";
    let root = match dir::locate(state_dir) {
        Ok(root) => root,
        Err(error) => {
            return vec![Check::warn(
                name,
                error.to_string(),
                "name one with --state-dir",
            )];
        }
    };
    let shown = root.display().to_string();
    if !root.exists() {
        return vec![Check::ok(name, format!("{shown} (made on first use)"))];
    }
    match dir::StateDir::open(&root) {
        Ok(dir) => match dir.warnings().into_iter().next() {
            None => vec![Check::ok(name, shown)],
            Some(warning) => vec![Check::warn(name, warning, "")],
        },
        Err(error) => vec![Check::warn(
            name,
            error.to_string(),
            "name another with --state-dir",
        )],
    }
}

fn lines(checks: &[Check]) -> Vec<String> {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .flat_map(|check| {
            let mark = if check.ok { "ok" } else { "WARN" };
            let row = vec![
                mark.to_owned(),
                check.name.to_owned(),
                check.finding.clone(),
            ];
            let fix = vec![String::new(), String::new(), format!("fix: {}", check.fix)];
            std::iter::once(row).chain((!check.fix.is_empty()).then_some(fix))
        })
        .collect();
    let mut lines = aligned(&rows);
    let warnings = checks.iter().filter(|c| !c.ok).count();
    lines.push(match warnings {
        0 => "everything is as it should be".to_owned(),
        1 => "1 thing to know".to_owned(),
        n => format!("{n} things to know"),
    });
    lines
}

fn json_of(check: &Check) -> Value {
    json!({
        "Name": check.name,
        "Level": if check.ok { "ok" } else { "warn" },
        "Finding": check.finding,
        "Fix": check.fix,
    })
}
