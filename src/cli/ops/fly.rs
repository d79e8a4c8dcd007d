//! Taking an operation up again, and taking one back.
//!
//! Invariants: a look and a preflight come first and are shown; without `--confirm` that is all;
//! taking back is a plan of its own with source and target swapped, never a replay backwards.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::{agreed, connect, free};
use crate::cli::failover::{Telling, blocked_checks, fly};
use crate::cli::failure::{Exit, Failure};
use crate::cli::json::object;
use crate::cli::load::{Behind, Loaded};
use crate::cli::out::Out;
use crate::cli::plan;
use crate::cli::resolve::{Live, Source};
use crate::cli::surroundings;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Action, Awaited, Consent, Goal};
use crate::failover::facts::place;
use crate::failover::ops::Kept;
use crate::failover::permission::Permissions;
use crate::failover::plan::{Check, Intent, Level, Planned};
use crate::failover::resume::{Operation, prospect};
use crate::failover::status::Ending;
use crate::failover::surroundings::{Surroundings, judge_again, moving};
use crate::runtime::headless;
use crate::runtime::launch::Again;
use crate::runtime::probe::reach;

/// How the person wants it.
pub(super) struct Wish<'a> {
    /// The consent; without it nothing is changed.
    pub confirm: Option<&'a str>,
    /// Checks that are accepted by their ids.
    pub accept: &'a [String],
    /// When to seek a safe end.
    pub timeout: Option<Duration>,
    /// `--state-dir`.
    pub state_dir: Option<&'a Path>,
}

/// What is there now, and what would follow.
struct Prospect {
    place: String,
    action: Action,
    checks: Vec<Check>,
}

/// Finishes an operation that was left behind, or puts it back.
pub(super) fn resume(
    operation: &Operation,
    put_back: bool,
    wish: &Wish<'_>,
    flags: &Live,
    kept: &Kept,
    out: &mut Out,
) -> Result<Exit, Failure> {
    free(kept)?;
    if !operation.is_open() {
        return Err(Failure::usage(
            format!("operation {} is over already", operation.op),
            format!("`enipilot ops show {}` says how it ended", operation.op),
        ));
    }
    may_change(&operation.plan.intent.eni, wish.confirm, flags)?;
    let goal = if put_back { Goal::Source } else { Goal::Target };
    let live = connect(&operation.op, &operation.plan.sky, flags)?;
    let (now, world, _) = live.world_and_caller()?;
    let mut prospect = look(operation, goal, &world, now);
    if prospect.action.goes_on() {
        let here = here(&live, operation, &world, wish.state_dir);
        let checks = std::mem::take(&mut prospect.checks);
        prospect.checks = judge_again(operation, checks, &world, &here, wish.accept, now);
        known_accepted(&prospect.checks, wish.accept)?;
    }
    let Some(confirm) = wish.confirm else {
        return Ok(show(operation, &prospect, goal, wish.accept, out));
    };
    if prospect.checks.iter().any(|c| c.level == Level::Block) {
        let what = format!(
            "{}: it cannot go on to {}",
            prospect.place,
            end_of(operation, goal)
        );
        let remedy = "Nothing was done; the other end may take it (with or without --put-back)";
        return Err(blocked_checks(&prospect.checks, what, remedy.to_owned()));
    }
    let mut telling = Telling::again(out.json, operation.notes.len());
    telling.lines(&look_lines(operation, &prospect, goal));
    let again = Again {
        op: operation.op.clone(),
        goal,
        fresh: Some(prospect.checks),
    };
    let consent = consent(confirm);
    let flown = live
        .resume(
            again,
            consent,
            wish.timeout,
            wish.state_dir,
            &mut |status| {
                telling.status(status);
            },
        )
        .map_err(crate::cli::failover::refused)?;
    let meant = put_back && flown.ending == Ending::PutBack;
    let arrived = !put_back || flown.ending != Ending::Done;
    let code = match flown.ending.exit_code() {
        _ if meant => 0,
        // It is at the target after all, which was not asked for.
        0 if !arrived => 4,
        code => code,
    };
    telling.result(&flown, out);
    if !arrived {
        telling.lines(&[format!(
            "it was to be put back, and has arrived at {} instead; to take it back: \
             enipilot ops undo {} --confirm {} --allow-writes",
            operation.plan.names.target, operation.op, operation.plan.intent.eni
        )]);
    }
    Ok(Exit::Engine(code))
}

/// What this process knows about where it runs, as far as it concerns the operation.
fn here(
    live: &headless::Live,
    operation: &Operation,
    world: &World,
    state_dir: Option<&Path>,
) -> Surroundings {
    let plan = &operation.plan;
    let moving = moving(plan, world);
    let mut here = live.surroundings(std::sync::Arc::clone(plan), moving, state_dir);
    here.probe = live.probe().map(|at| (at.to_string(), reach(at)));
    here
}

/// An error if something is accepted that no check is called.
fn known_accepted(checks: &[Check], accepted: &[String]) -> Result<(), Failure> {
    let unknown = accepted
        .iter()
        .find(|id| !checks.iter().any(|c| c.id == **id));
    match unknown {
        None => Ok(()),
        Some(id) => Err(plan::unknown_accepted(id)),
    }
}

fn consent(confirm: &str) -> Consent {
    Consent {
        typed: confirm.to_owned(),
        how: "--confirm",
    }
}

/// Agreement comes with the interface's id and with leave to write.
fn may_change(eni: &EniId, confirm: Option<&str>, flags: &Live) -> Result<(), Failure> {
    let Some(confirm) = confirm else {
        return Ok(());
    };
    agreed(confirm, eni.as_str())?;
    if flags.allow_writes {
        return Ok(());
    }
    Err(Failure::usage(
        "a live endpoint is read-only",
        "Add --allow-writes to let this change it; without --confirm it only looks",
    ))
}

fn look(operation: &Operation, goal: Goal, world: &World, now: Time) -> Prospect {
    let (action, checks) = prospect(operation, goal, world, now);
    Prospect {
        place: place(world, &operation.plan.scope()),
        action,
        checks,
    }
}

fn end_of(operation: &Operation, goal: Goal) -> &str {
    let names = &operation.plan.names;
    match goal {
        Goal::Target => &names.target,
        Goal::Source => &names.source,
    }
}

/// What would follow, in words.
fn intention(operation: &Operation, prospect: &Prospect, goal: Goal) -> String {
    let end = end_of(operation, goal);
    let names = &operation.plan.names;
    match &prospect.action {
        Action::Detach => format!(
            "detach it from {}, attach it to {end}, verify",
            names.source
        ),
        Action::Attach(_) | Action::AskAgain(_) => format!("attach it to {end}, verify"),
        Action::Wait(Awaited::Available) => {
            format!("wait for the detach, attach it to {end}, verify")
        }
        Action::Wait(Awaited::Attached) => "wait for the attach, verify".to_owned(),
        Action::Wait(Awaited::Understanding(text)) => {
            format!("wait: EC2 shows {text}, which is not understood")
        }
        Action::Verify(Goal::Target) if goal == Goal::Source => format!(
            "verify it on {0}, and close the operation: it has arrived there. To take it back then: \
             enipilot ops undo {1} --confirm {2} --allow-writes",
            names.target, operation.op, operation.plan.intent.eni
        ),
        Action::Verify(_) => format!("verify it on {end}, and close the operation"),
        Action::Foreign(what) => format!("nothing: {what}"),
        Action::NotEligible(_) => format!("nothing: {end} cannot take it"),
        Action::Lost(what) => format!("nothing: {what}"),
        Action::Handover(..) => format!("carry it over to {end}, verify"),
    }
}

fn look_lines(operation: &Operation, prospect: &Prospect, goal: Goal) -> Vec<String> {
    let mut lines = vec![
        format!("now: {}", prospect.place),
        format!("next: {}", intention(operation, prospect, goal)),
    ];
    let told = prospect.checks.iter().filter(|c| c.level != Level::Pass);
    lines.extend(told.map(|check| {
        let word = if check.level == Level::Block {
            "BLOCK"
        } else {
            "WARN"
        };
        let accept = check.acceptable && check.level == Level::Block;
        let accept = accept.then(|| format!(" Or --accept {}.", check.id));
        let accept = accept.unwrap_or_default();
        let finding = check.finding.trim_end_matches('.');
        format!("{word} {}: {finding}. {}{accept}", check.id, check.remedy)
    }));
    lines
}

/// Shows what going on would mean; changes nothing.
fn show(
    operation: &Operation,
    prospect: &Prospect,
    goal: Goal,
    accepted: &[String],
    out: &mut Out,
) -> Exit {
    let intention = intention(operation, prospect, goal);
    if out.json {
        out.json(&object(json!({
            "Operation": operation.op,
            "Whereabouts": prospect.place,
            "Next": intention,
            "Preflight": prospect.checks,
        })));
        return Exit::Engine(4);
    }
    let mut lines = look_lines(operation, prospect, goal);
    let back = match goal {
        Goal::Target => "",
        Goal::Source => " --put-back",
    };
    let accept: String = accepted
        .iter()
        .map(|id| format!(" --accept {id}"))
        .collect();
    lines.push(format!(
        "to do it: enipilot ops resume {} --confirm {}{back}{accept} --allow-writes",
        operation.op, operation.plan.intent.eni
    ));
    let has_arrived = matches!(prospect.action, Action::Verify(_));
    if goal == Goal::Target && operation.plan.source.is_some() && !has_arrived {
        lines.push(format!(
            "to put it back instead, look first: enipilot ops resume {} --put-back",
            operation.op
        ));
    }
    out.lines(&lines);
    Exit::Engine(4)
}

/// Takes an operation back: a new plan from where it went to where it was.
pub(super) fn undo(
    operation: &Operation,
    index: Option<u32>,
    wish: &Wish<'_>,
    flags: &Live,
    out: &mut Out,
) -> Result<Exit, Failure> {
    may_change(&may_go_back(operation)?.eni, wish.confirm, flags)?;
    let live = connect(&operation.op, &operation.plan.sky, flags)?;
    let loaded = loaded(live)?;
    let found = operation.plan.way_back_in(&loaded.world);
    let (mut back, other) = found.ok_or_else(|| from_nowhere(operation))?;
    back.accepted = wish.accept.to_vec();
    back.device_index = index.or(back.device_index);
    let planned = plan::planned_for(&loaded, &back)?;
    let Planned::Plan(mut made) = planned else {
        let where_to = &operation.plan.names.source;
        if out.json {
            out.json(&object(
                json!({ "changed": false, "Operation": operation.op }),
            ));
        } else {
            out.lines(&[format!("it is on {where_to} already: nothing to do")]);
        }
        return Ok(Exit::Done);
    };
    made.undo_of = Some(operation.op.clone());
    made.add_checks(other.filter(|_| index.is_none()).into_iter().collect());
    let permissions = match flags.allow_writes {
        true => surroundings::permissions(&made, &loaded, wish.state_dir)?,
        false => Permissions::NotWanted,
    };
    surroundings::add(&mut made, &loaded, wish.state_dir, permissions);
    plan::known_accepted(&made)?;
    let source = Source::Live(super::endpoint(&operation.op, &operation.plan.sky, flags)?);
    let offers = plan::offers_of(&made, &loaded);
    if made.is_blocked() {
        return Err(crate::cli::failover::blocked(&made, &offers, &source));
    }
    let Some(confirm) = wish.confirm else {
        if out.json {
            out.json(&plan::json(&made, &offers));
        } else {
            let mut lines = plan::lines(&made, &offers, &source);
            lines.pop();
            let index = index.map(|n| format!("--index {n} ")).unwrap_or_default();
            let accept: String = wish
                .accept
                .iter()
                .map(|id| format!("--accept {id} "))
                .collect();
            lines.push(format!(
                "to do it: enipilot ops undo {} {index}{accept}--confirm {} --allow-writes",
                operation.op, back.eni
            ));
            out.lines(&lines);
        }
        return Ok(Exit::Engine(4));
    };
    fly(
        loaded,
        *made,
        consent(confirm),
        wish.timeout,
        wish.state_dir,
        out,
    )
}

fn loaded(live: headless::Live) -> Result<Loaded, Failure> {
    let (now, world, caller) = live.world_and_caller()?;
    let mut sky = live.sky();
    sky.account = caller.account;
    Ok(Loaded {
        sky,
        world: std::sync::Arc::new(world),
        now,
        behind: Behind::Live(Box::new(live)),
    })
}

/// The intent of the way back; an operation that has moved nothing has none.
fn may_go_back(operation: &Operation) -> Result<Intent, Failure> {
    let (op, plan) = (&operation.op, &operation.plan);
    if operation.is_open() {
        return Err(Failure::usage(
            format!("operation {op} is not over"),
            format!(
                "Put it back with `enipilot ops resume {op} --put-back --confirm {} --allow-writes`",
                plan.intent.eni
            ),
        ));
    }
    let ending = operation
        .verdict
        .as_ref()
        .map(|(ending, _)| ending.as_str());
    if ending != Some("done") {
        return Err(Failure::usage(
            format!(
                "operation {op} ended as {}: there is nothing to take back",
                ending.unwrap_or("nothing")
            ),
            format!("`enipilot ops show {op}` says where everything was left"),
        ));
    }
    plan.way_back().ok_or_else(|| from_nowhere(operation))
}

fn from_nowhere(operation: &Operation) -> Failure {
    Failure::usage(
        format!(
            "{} was attached to nothing before operation {}",
            operation.plan.intent.eni, operation.op
        ),
        "There is no instance to take it back to; plan a move to another one",
    )
}
