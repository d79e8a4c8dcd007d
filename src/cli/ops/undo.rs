//! Taking an operation back.
//!
//! Invariants: it is a plan of its own with source and target swapped and a preflight of its own, never
//! a replay backwards; without `--confirm` it is only printed.

use serde_json::json;

use super::connect;
use super::wish::{Wish, consent, may_change};
use crate::cli::failover::fly;
use crate::cli::failure::{Exit, Failure};
use crate::cli::json::object;
use crate::cli::load::{Behind, Loaded};
use crate::cli::out::Out;
use crate::cli::plan;
use crate::cli::resolve::{Live, Source};
use crate::cli::surroundings;
use crate::failover::permission::Permissions;
use crate::failover::plan::{Intent, Planned};
use crate::failover::resume::Operation;
use crate::runtime::headless;

/// Takes an operation back: a new plan from where it went to where it was.
pub(super) fn run(
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
