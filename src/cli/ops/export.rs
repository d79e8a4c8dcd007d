//! An operation to be handed out: its report and its journal in one document.
//!
//! Invariants: everything is made from the journal, so that it can be had without the endpoint; a
//! journal holds no secret; with `--redact` no id, name or address of the account is left in it.

use std::path::Path;

use serde_json::{Value, json};

use super::redact::Redactor;
use crate::cli::failure::{Exit, Failure};
use crate::cli::json::{object, value};
use crate::cli::out::Out;
use crate::ec2::world::World;
use crate::failover::engine::Engine;
use crate::failover::ops::{Kept, standing};
use crate::failover::report::{Summary, markdown, summary, timeline};
use crate::failover::resume::Operation;
use crate::store::journal::read;

pub(super) fn run(path: &Path, kept: &Kept, redact: bool, out: &mut Out) -> Result<Exit, Failure> {
    let operation = super::operation(kept)?;
    let text = read(path).map_err(super::failed)?;
    let records: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let world = World::new(&*operation.plan.sky.region, &*operation.plan.sky.account);
    let status = Engine::told(operation);
    let mut report = summary(&status, None, &world, operation.last);
    if status.ending.is_none() && kept.holder.is_none() {
        left_behind(&mut report, operation, kept.is_open());
    }
    let agreed = operation.consents.iter().map(|agreed| {
        // A picture of the engine holds no agreements; a journal does.
        timeline::Event::new(agreed.at, "agreed", &agreed.said())
    });
    report.timeline.extend(agreed);
    timeline::sort(&mut report.timeline);
    let mut document = object(json!({
        "Operation": operation.op,
        "Redacted": redact,
        "Report": value(&report),
        "Journal": records,
    }));
    let mut prose = markdown(&report);
    if redact {
        let mut names = names(operation);
        // It may have gone on to another target since it was planned.
        if let Some(Value::Object(planned)) = document.pointer("/Journal/0/plan/names") {
            let planned = planned.values().filter_map(Value::as_str);
            names.extend(planned.map(str::to_owned));
        }
        let redactor = Redactor::new(&names, &document);
        document = redactor.value(&document);
        prose = redactor.text(&prose);
        // A checksum of what is no longer there proves nothing.
        if let Some(Value::Array(records)) = document.get_mut("Journal") {
            for record in records.iter_mut().filter_map(Value::as_object_mut) {
                record.remove("crc");
            }
        }
    }
    if out.json {
        out.json(&document);
        return Ok(Exit::Done);
    }
    let mut lines: Vec<String> = prose.lines().map(str::to_owned).collect();
    lines.extend([
        String::new(),
        "## Journal".to_owned(),
        String::new(),
        "```".to_owned(),
    ]);
    if let Some(Value::Array(records)) = document.get("Journal") {
        lines.extend(records.iter().map(crate::cli::json::line));
    }
    lines.push("```".to_owned());
    out.lines(&lines);
    Ok(Exit::Done)
}

/// Nobody is at work on it: whoever reads the report must not wait for its end.
fn left_behind(report: &mut Summary, operation: &Operation, open: bool) {
    let (op, name) = (&operation.op, &operation.plan.names.eni);
    let (ending, headline) = match open {
        true => ("left-open", "LEFT OPEN"),
        false => ("not-begun", "NOT BEGUN"),
    };
    report.ending = ending;
    report.text = standing(operation);
    report.headline = format!("{headline}: {name}: {}", report.text);
    report.next = open.then(|| {
        format!(
            "`enipilot ops resume {op}` looks where it is now and says what going on would mean"
        )
    });
}

/// Names that people gave, and what else has no form by which it could be known.
fn names(operation: &Operation) -> Vec<String> {
    let plan = &operation.plan;
    let mut names = vec![
        plan.names.eni.clone(),
        plan.names.source.clone(),
        plan.names.target.clone(),
        plan.sky.name.to_string(),
    ];
    names.extend(plan.alternatives.iter().map(|other| other.name.clone()));
    names.extend(plan.sky.profile.iter().map(ToString::to_string));
    names.extend(plan.sky.endpoint.iter().map(ToString::to_string));
    for (field, text) in &plan.identity.fields {
        if field == "Description" || field.starts_with("TagSet.") || field.ends_with("DnsName") {
            names.push(text.clone());
        }
        if let Some(key) = field.strip_prefix("TagSet.") {
            // `Name` is everybody's, and stands in other words.
            names.extend((key != "Name").then(|| key.to_owned()));
        }
    }
    names
}
