//! What the state directory knows, in words and as JSON.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::json::{items, object, sky};
use crate::cli::out::Out;
use crate::cli::plan::{call_json, heading};
use crate::cli::progress::seconds;
use crate::cli::table::aligned;
use crate::ec2::time::Time;
use crate::failover::engine::Engine;
use crate::failover::ops::{Kept, Told, ago, standing};
use crate::failover::resume::Operation;

/// Every operation, the newest first.
pub(super) fn list(kept: &[Kept], now: Time, out: &mut Out) {
    if out.json {
        out.json(&items(kept.iter().rev().map(brief).collect()));
        return;
    }
    if kept.is_empty() {
        out.lines(&["no operations".to_owned()]);
        return;
    }
    let rows: Vec<Vec<String>> = kept.iter().rev().map(|k| row(k, now)).collect();
    out.lines(&aligned(&rows));
}

fn row(kept: &Kept, now: Time) -> Vec<String> {
    let state = word(kept).to_owned();
    let Some(operation) = kept.operation() else {
        let why = match &kept.told {
            Told::Damaged(why) => why.clone(),
            _ => "nothing was recorded, nothing was done".to_owned(),
        };
        return vec![kept.op.clone(), state, why];
    };
    let plan = &operation.plan;
    let source = match plan.names.source.as_str() {
        "" => "nothing",
        source => source,
    };
    vec![
        kept.op.clone(),
        state,
        ago(operation.opened, now),
        format!("{} {}", plan.sky.account, plan.sky.region),
        plan.intent.eni.to_string(),
        format!("{source} -> {}", plan.names.target),
        match &kept.holder {
            Some(holder) => format!("by {holder}"),
            None => standing(operation),
        },
    ]
}

/// One word for the state of an operation.
fn word(kept: &Kept) -> &'static str {
    match &kept.told {
        Told::Empty => "empty",
        Told::Damaged(_) => "DAMAGED",
        Told::Operation(_) if kept.holder.is_some() => "under way",
        Told::Operation(_) if kept.is_open() => "OPEN",
        Told::Operation(operation) if operation.verdict.is_none() => "not begun",
        Told::Operation(_) => "over",
    }
}

fn brief(kept: &Kept) -> Value {
    let operation = kept.operation();
    let damage = match &kept.told {
        Told::Damaged(why) => Some(why),
        _ => None,
    };
    json!({
        "Operation": kept.op,
        "State": word(kept),
        "Open": kept.is_open(),
        "Holder": kept.holder,
        "File": kept.file,
        "Damage": damage,
        "Sky": operation.map(|o| sky(&o.plan.sky)),
        "NetworkInterfaceId": operation.map(|o| &o.plan.intent.eni),
        "SourceInstanceId": operation.and_then(|o| o.plan.source.as_ref()),
        "TargetInstanceId": operation.map(|o| &o.plan.intent.target),
        "UndoOf": operation.and_then(|o| o.plan.undo_of.as_ref()),
        "Opened": operation.map(|o| o.opened),
        "LastRecord": operation.map(|o| o.last),
        "Standing": operation.map(standing),
        "Ending": operation.and_then(|o| o.verdict.as_ref()).map(|(ending, _)| ending),
    })
}

/// One operation with all that its journal tells.
pub(super) fn show(path: &Path, kept: &Kept, now: Time, out: &mut Out) {
    if out.json {
        let mut members = brief(kept);
        if let (Value::Object(members), Some(operation)) = (&mut members, kept.operation()) {
            members.extend(details(operation));
        }
        out.json(&object(members));
        return;
    }
    let mut lines = match &kept.told {
        Told::Operation(operation) => operation_lines(operation, kept, now),
        Told::Empty => vec![format!(
            "operation {}: nothing was recorded, so nothing was submitted",
            kept.op
        )],
        Told::Damaged(why) => vec![
            format!("operation {}: {why}", kept.op),
            "Look at the interface in EC2 and act by hand; nothing is concluded from this file."
                .to_owned(),
        ],
    };
    lines.push(format!("journal {}", path.display()));
    out.lines(&lines);
}

fn details(operation: &Operation) -> serde_json::Map<String, Value> {
    let calls = operation.calls.iter().map(|made| {
        json!({
            "At": made.at,
            "Call": call_json(&made.call),
            "Answer": made.answer,
            "Seconds": made.answered_in.map(seconds),
            "RequestId": made.request_id,
        })
    });
    let consents = operation.consents.iter();
    let notes = operation.notes.iter();
    let mut out = serde_json::Map::new();
    for (name, value) in [
        ("Calls", calls.collect()),
        (
            "Consents",
            consents
                .map(|a| json!({ "To": a.to, "Text": a.words, "At": a.at, "How": a.how }))
                .collect(),
        ),
        (
            "Notes",
            notes
                .map(|(at, text)| json!({ "At": at, "Text": text }))
                .collect(),
        ),
        (
            "LastSeen",
            operation
                .seen
                .last()
                .map_or(Value::Null, |(at, text)| json!({ "At": at, "Text": text })),
        ),
        (
            "EndingText",
            operation
                .verdict
                .as_ref()
                .map_or(Value::Null, |(_, text)| json!(text)),
        ),
        ("TornBytes", json!(operation.torn)),
    ] {
        out.insert(name.to_owned(), value);
    }
    out
}

fn operation_lines(operation: &Operation, kept: &Kept, now: Time) -> Vec<String> {
    let plan = &operation.plan;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |label: &str, text: String| rows.push(vec![label.to_owned(), text]);
    row("operation", format!("{} {}", operation.op, word(kept)));
    // At the index that was agreed to, if another one was.
    row("move", heading(&Engine::told(operation).plan));
    let endpoint = plan.sky.endpoint.as_deref().unwrap_or("AWS");
    row(
        "where",
        format!(
            "account {} {} at {endpoint}",
            plan.sky.account, plan.sky.region
        ),
    );
    if let Some(undone) = &plan.undo_of {
        row("takes back", format!("operation {undone}"));
    }
    row(
        "begun",
        format!("{} ({})", operation.opened, ago(operation.opened, now)),
    );
    row(
        "last record",
        format!("{} ({})", operation.last, ago(operation.last, now)),
    );
    for agreed in &operation.consents {
        row("agreed", format!("{} {}", agreed.at.clock(), agreed.said()));
    }
    for made in &operation.calls {
        let answer = made.answer.as_deref();
        let answer = answer.unwrap_or("NO ANSWER KNOWN: it may have happened");
        row("call", format!("{} {}", made.at.clock(), made.call.line()));
        row("", answer.to_owned());
    }
    if let Some((at, text)) = operation.seen.last() {
        row("last seen", format!("{} {text}", at.clock()));
    }
    for (at, text) in &operation.notes {
        row("note", format!("{} {text}", at.clock()));
    }
    if operation.torn > 0 {
        row(
            "torn",
            format!("{} bytes of a last line left out", operation.torn),
        );
    }
    match &operation.verdict {
        Some((ending, text)) => row("ended", format!("{ending}: {text}")),
        None => row("ended", "no".to_owned()),
    }
    if let Some(holder) = &kept.holder {
        row("under way", holder.clone());
    }
    let mut lines = aligned(&rows);
    lines.extend(next_lines(operation, kept));
    lines
}

/// The commands that bring it to an end.
fn next_lines(operation: &Operation, kept: &Kept) -> Vec<String> {
    let (op, eni) = (&operation.op, &operation.plan.intent.eni);
    let command =
        |what: &str, writes: &str| format!("enipilot ops {what} {op} --confirm {eni}{writes}");
    let ended = operation
        .verdict
        .as_ref()
        .map(|(ending, _)| ending.as_str());
    let mut lines = Vec::new();
    if kept.is_left_behind() {
        lines.push(format!("look first:   enipilot ops resume {op}"));
        lines.push(format!(
            "finish:       {}",
            command("resume", " --allow-writes")
        ));
        if operation.plan.source.is_some() {
            let back = command("resume", " --put-back --allow-writes");
            lines.push(format!("put back:     {back}"));
        }
        lines.push(format!("leave as is:  {}", command("abandon", "")));
    } else if let Some(back) = operation.plan.way_back().filter(|_| ended == Some("done")) {
        let eni = back.eni;
        lines.push(format!(
            "take back:    enipilot ops undo {op} --confirm {eni} --allow-writes"
        ));
    }
    lines
}
