//! `--faults`: switches for a simulated world, as a list or as a file of lists.
//!
//! Invariant: a mistake names the item and its place; nothing is put in unless everything can be.

use std::fs;

use super::failure::Failure;
use crate::sim::Sim;
use crate::sim::faults::Faults;

/// Puts in what `--faults` says.
pub fn put_in(sim: &mut Sim, given: Option<&str>) -> Result<(), Failure> {
    let Some(given) = given else { return Ok(()) };
    for item in read(given)?.0 {
        sim.inject(&item).map_err(|e| {
            Failure::usage(
                format!("--faults: `{}`: {}", e.item, e.what),
                expected(&e.expected),
            )
        })?;
    }
    Ok(())
}

/// A list, or else a file with a list on each line; `#` begins a remark.
fn read(given: &str) -> Result<Faults, Failure> {
    let wrong = match Faults::parse(given) {
        Ok(faults) => return Ok(faults),
        Err(wrong) => wrong,
    };
    let text = match fs::read_to_string(given) {
        Ok(text) => text,
        Err(error) if given.ends_with(".txt") || given.contains('/') => {
            return Err(Failure::usage(
                format!("--faults: {given} cannot be read: {error}"),
                "A file of faults has a list on each line, such as throttle,stale=8s",
            ));
        }
        Err(_) => {
            let what = format!(
                "--faults: item {}, `{}`: {}",
                wrong.number, wrong.item, wrong.what
            );
            return Err(Failure::usage(what, expected(&wrong.expected)));
        }
    };
    let mut all = Faults::default();
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let faults = Faults::parse(line).map_err(|wrong| {
            let what = format!("{given}:{}: `{}`: {}", n + 1, wrong.item, wrong.what);
            Failure::usage(what, expected(&wrong.expected))
        })?;
        all.0.extend(faults.0);
    }
    Ok(all)
}

fn expected(what: &str) -> String {
    format!("Expected {what}")
}
