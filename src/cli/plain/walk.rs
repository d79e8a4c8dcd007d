//! Plan, steps and end of a failover as lines.
//!
//! Invariant: forecast and fact are the engine's own; nothing is judged here.

use crate::app::model::Model;
use crate::cli::plan::{forecast_lines, heading, preflight_lines};
use crate::ec2::shown::shown;
use crate::failover::facts::Mark;
use crate::failover::plan::{Level, Plan, Step};
use crate::failover::report;
use crate::failover::status::Status;

/// The plan before anything happens.
pub(super) fn plan(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!("Plan: move {}", heading(plan))];
    let told = |line: &String| {
        let line = line.trim_start();
        !line.starts_with("pass")
    };
    lines.extend(preflight_lines(plan).into_iter().filter(told));
    for (n, step) in plan.steps.iter().enumerate() {
        lines.extend(step_ahead(n, plan.steps.len(), step));
    }
    if plan.steps.iter().all(|s| s.nothing_to_do.is_some()) {
        lines.push("Nothing is to be done.".to_owned());
    }
    if plan.preflight.iter().any(|c| c.level == Level::Block) {
        lines.push("Blocked: nothing can be done before every block is gone.".to_owned());
    }
    lines.iter().map(|l| shown(l).into_owned()).collect()
}

/// One step before it is flown: call and forecast.
pub(super) fn step_ahead(n: usize, of: usize, step: &Step) -> Vec<String> {
    let head = format!("[step {} of {of}] {} {}", n + 1, step.title, step.detail);
    let mut lines = vec![head.trim_end().to_owned()];
    if let Some(why) = &step.nothing_to_do {
        lines.push(match why.contains("nothing to do") {
            true => format!("  {why}"),
            false => format!("  nothing to do: {why}"),
        });
        return lines;
    }
    if let Some(call) = &step.call {
        lines.push(format!("  call: {}", call.line()));
        let forecast = forecast_lines(step);
        if !forecast.is_empty() {
            lines.push(format!("  forecast: {}", forecast.join("; ")));
        }
    }
    if !step.expects.is_empty() {
        lines.push(format!("  takes: {}", step.expects));
    }
    lines
}

/// Where fact and forecast of the step under way differ.
pub(super) fn mismatches(status: &Status) -> Vec<String> {
    let Some(step) = status.steps.get(status.current) else {
        return Vec::new();
    };
    let differing = step.rows.iter().filter_map(|row| match &row.mark {
        Mark::Mismatch(why) => {
            let now = row.now.as_deref().unwrap_or("unknown");
            Some(format!(
                "  MISMATCH {}: forecast {}, now {now}: {why}",
                row.label, row.forecast
            ))
        }
        _ => None,
    });
    differing.map(|l| shown(&l).into_owned()).collect()
}

/// How it ended.
pub(super) fn summary(model: &Model) -> Vec<String> {
    let status = model.walk.as_ref().and_then(|w| w.status.as_deref());
    let Some(status) = status else {
        return Vec::new();
    };
    let summary = report::summary(status, model.strips.first(), &model.world, model.now);
    report::text(&summary)
}
