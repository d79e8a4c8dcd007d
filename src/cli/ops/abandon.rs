//! Giving an operation up: nobody is to finish it, and nothing is changed but its journal.
//!
//! Invariants: where the interface is is said first, from a look if one can be had and else from the
//! journal, marked as such; the verdict names it too; a damaged journal is set aside, never deleted.

use std::path::Path;

use serde_json::json;

use super::{agreed, connect, free};
use crate::cli::failure::{Exit, Failure};
use crate::cli::json::object;
use crate::cli::out::Out;
use crate::cli::resolve::Live;
use crate::ec2::shown::shown;
use crate::failover::facts::place;
use crate::failover::journal::{Entry, Record, line};
use crate::failover::ops::{Kept, Told};
use crate::failover::resume::Operation;
use crate::runtime::clock::WallClock;
use crate::runtime::launch::{self, Refusal};
use crate::store::dir::StateDir;
use crate::store::journal::{JournalFile, set_aside};

pub(super) fn run(
    dir: &StateDir,
    path: &Path,
    kept: &Kept,
    confirm: Option<&str>,
    flags: &Live,
    out: &mut Out,
) -> Result<Exit, Failure> {
    free(kept)?;
    let Told::Operation(operation) = &kept.told else {
        return damaged(path, kept, confirm, out);
    };
    if !operation.is_open() {
        return Err(Failure::usage(
            format!("operation {} is over already", kept.op),
            format!("`enipilot ops show {}` says how it ended", kept.op),
        ));
    }
    let eni = operation.plan.intent.eni.as_str();
    if let Some(confirm) = confirm {
        agreed(confirm, eni)?;
    }
    let found = whereabouts(operation, flags);
    let Some(confirm) = confirm else {
        tell(kept, &found, false, out);
        if !out.json {
            out.lines(&[format!(
                "to give it up: enipilot ops abandon {} --confirm {eni}",
                kept.op
            )]);
        }
        return Ok(Exit::Engine(4));
    };
    let text = format!("given up by a person (--confirm {confirm}): {found}");
    close(dir, path, &kept.op, text)?;
    tell(kept, &found, true, out);
    Ok(Exit::Done)
}

fn tell(kept: &Kept, found: &str, abandoned: bool, out: &mut Out) {
    if out.json {
        out.json(&object(json!({
            "Operation": kept.op, "Abandoned": abandoned, "Whereabouts": found,
        })));
        return;
    }
    let mut lines = vec![found.to_owned()];
    if abandoned {
        lines.push(format!(
            "operation {} is given up; nothing else was changed",
            kept.op
        ));
    }
    out.lines(&lines);
}

/// Where the interface is, by a look; or why there is none, and what the journal saw last.
fn whereabouts(operation: &Operation, flags: &Live) -> String {
    let plan = &operation.plan;
    let reading = Live {
        allow_writes: false,
        ..flags.clone()
    };
    let looked = connect(&operation.op, &plan.sky, &reading)
        .and_then(|live| live.world_and_caller().map_err(Failure::from));
    match looked {
        Ok((_, world, _)) => place(&world, &plan.scope()),
        Err(failure) => {
            let seen = operation.seen.last().map_or_else(
                || "its journal has not seen it".to_owned(),
                |(at, text)| format!("its journal saw it at {at}: {text}"),
            );
            let why = shown(&failure.what).into_owned();
            format!(
                "where {} is now is NOT KNOWN ({why}); {seen}",
                plan.intent.eni
            )
        }
    }
}

/// Writes the verdict, under the lock.
fn close(dir: &StateDir, path: &Path, op: &str, text: String) -> Result<(), Failure> {
    let now = WallClock::start().now();
    let (_, _, operation) = launch::read(path).map_err(refused)?;
    let _lock =
        launch::lock(dir, &operation.plan, op, now).map_err(|held| refused(Refusal::Lock(held)))?;
    let (length, journal, operation) = launch::read(path).map_err(refused)?;
    if !operation.is_open() {
        return Err(refused(Refusal::Over(op.to_owned())));
    }
    let mut file = JournalFile::reopen(path, length, &journal).map_err(super::failed)?;
    let record = Record {
        seq: operation.next_seq,
        wall: now,
        entry: Entry::Verdict {
            ending: "abandoned".to_owned(),
            text,
        },
    };
    let line = line::encode(op, &record).map_err(|e| Failure::usage(e.to_string(), ""))?;
    file.append(&line).map_err(super::failed)
}

fn refused(refusal: Refusal) -> Failure {
    let exit = Exit::Engine(refusal.exit_code());
    Failure::usage(refusal.to_string(), "").exit(exit)
}

/// A journal that cannot be trusted takes no verdict: it is set aside under another name.
fn damaged(
    path: &Path,
    kept: &Kept,
    confirm: Option<&str>,
    out: &mut Out,
) -> Result<Exit, Failure> {
    // Names are made by us: moment, interface, operation.
    let stem = kept.file.strip_suffix(".jsonl").unwrap_or(&kept.file);
    let eni = stem
        .split_once('-')
        .and_then(|(_, rest)| rest.rsplit_once('-'))
        .map_or(stem, |(eni, _)| eni);
    let Some(confirm) = confirm else {
        out.lines(&[
            format!(
                "the journal of operation {} tells nothing that can be trusted: look where {eni} is first",
                kept.op
            ),
            format!("to set it aside: enipilot ops abandon {} --confirm {eni}", kept.op),
        ]);
        return Ok(Exit::Engine(4));
    };
    agreed(confirm, eni)?;
    let aside = set_aside(path).map_err(super::failed)?;
    tell(
        kept,
        &format!("set aside as {}", aside.display()),
        true,
        out,
    );
    Ok(Exit::Done)
}
