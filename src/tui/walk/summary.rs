//! The end: what moved, what stayed, how long the address was away, what to do next.

use std::time::Duration;

use super::super::pen::{Pen, Row, spread, wrap};
use super::super::theme::Role;
use super::super::words::about;
use crate::app::model::Model;
use crate::app::walk::Walk;
use crate::failover::outage::ABSENT;
use crate::failover::report::{self, Outage, Summary};
use crate::failover::status::{Ending, Made, Status};

/// The summary.
pub(super) fn rows(pen: Pen, model: &Model, walk: &Walk, width: usize) -> Vec<Row> {
    let Some(status) = walk.status.as_deref() else {
        return Vec::new();
    };
    let Some(ending) = &status.ending else {
        return Vec::new();
    };
    let summary = report::summary(status, model.strips.first(), &model.world, model.now);
    let role = match ending {
        Ending::Done => Role::StepDone,
        Ending::PutBack | Ending::Aborted => Role::Warning,
        _ => Role::Error,
    };
    let mut rows = headline(pen, &summary, (role, report::badge(ending)), width);
    rows.push(Row::default());
    let word = if *ending == Ending::PutBack {
        "back"
    } else {
        "moved"
    };
    rows.extend(list(pen, word, &summary.moved, width));
    rows.extend(list(pen, "new", &summary.new, width));
    match &summary.measured {
        Some(measured) => {
            rows.extend(list(pen, "outage", &measured.short(), width));
            if let Some((at, how)) = &measured.held_ended {
                let text = format!("held connection ended {}: {how}", at.clock());
                rows.extend(item(pen, "", &text, width));
            }
        }
        None => rows.extend(list(pen, "outage", &phases(&summary.outage), width)),
    }
    if let Some(service) = summary.service.filter(|_| !summary.moved.is_empty()) {
        if service.answers {
            rows.extend(item(pen, "service", &service.text, width));
        } else {
            let text = format!("service      {}", service.text);
            rows.extend(pen.wrapped(Role::Error, &text, width, " "));
        }
    }
    if let Some(text) = summary.not_touched {
        rows.extend(item(pen, "not touched", text, width));
    }
    if let Some(next) = summary.next {
        rows.push(Row::default());
        rows.extend(item(pen, "next", &next, width));
    }
    if !summary.notes.is_empty() {
        rows.push(Row::default());
        for (at, note) in &summary.notes {
            rows.extend(item(pen, &at.clock(), note, width));
        }
    }
    rows
}

fn headline(pen: Pen, summary: &Summary, (role, word): (Role, &str), width: usize) -> Vec<Row> {
    let away = summary.outage.address_away;
    let away = away.map(|ms| format!("address away {} ", length(ms)));
    let right = pen.row(Role::Title, away.unwrap_or_default());
    let text = &summary.text;
    let left = pen.rows([(role, &format!(" {word}  ")), (Role::Title, text)]);
    if left.width() + right.width() < width {
        return vec![spread(left, right, width)];
    }
    let mut rows = vec![spread(pen.row(role, format!(" {word}")), right, width)];
    rows.extend(pen.wrapped(Role::Title, text, width, " "));
    rows
}

fn length(millis: u64) -> String {
    about(Duration::from_millis(millis))
}

/// `detach 2.9 s · unattached 0.3 s · attach 1.4 s · guest 0.2 s`: what the address being away is
/// made of.
fn phases(outage: &Outage) -> Vec<String> {
    [
        ("detach", outage.detach),
        ("unattached", outage.unattached),
        ("attach", outage.attach),
        ("guest", outage.guest),
        (ABSENT, outage.nobody_was_there),
    ]
    .into_iter()
    .filter_map(|(name, ms)| Some(format!("{name} {}", length(ms?))))
    .collect()
}

/// While it flies: how long each part of the outage has taken, the one under way at its end. Not
/// beside a question, which needs the room.
pub(super) fn so_far(pen: Pen, model: &Model, status: &Status, width: usize) -> Vec<Row> {
    let detach = |m: &&Made| m.call.action() == "DetachNetworkInterface";
    let submitted = status.calls.iter().find(detach).map(|m| m.at);
    let (Some(submitted), None) = (submitted, &status.question) else {
        return Vec::new();
    };
    let strip = model.strips.first();
    let outage = report::summary(status, strip, &model.world, model.now).outage;
    let known = [
        outage.detach,
        outage.unattached,
        outage.attach,
        outage.guest,
    ];
    let mut parts = phases(&outage);
    let names = ["detach", "unattached", "attach", "guest"];
    let done = known.iter().take_while(|part| part.is_some()).count();
    if let Some(name) = names.get(done) {
        let past = known.iter().take(done).chain([&outage.nobody_was_there]);
        let past: u64 = past.flatten().sum();
        let lasting = model
            .now
            .since(submitted)
            .saturating_sub(Duration::from_millis(past));
        let nobody = parts.split_off(done);
        parts.push(format!("{name} {} …", about(lasting)));
        parts.extend(nobody);
    }
    list(pen, "outage", &parts, width)
}

/// As [`item`], of parts that are not broken inside; nothing of no parts.
fn list(pen: Pen, label: &str, parts: &[String], width: usize) -> Vec<Row> {
    if parts.is_empty() {
        return Vec::new();
    }
    let whole: Vec<String> = parts.iter().map(|p| p.replace(' ', "\u{a0}")).collect();
    item(pen, label, &whole.join(" · "), width)
}

/// ` label        text`, wrapped under itself.
fn item(pen: Pen, label: &str, text: &str, width: usize) -> Vec<Row> {
    const COLUMN: usize = 13;
    let lines = wrap(text, width.saturating_sub(COLUMN + 2).max(10));
    lines
        .into_iter()
        .enumerate()
        .map(|(n, line)| {
            let label = if n == 0 { label } else { "" };
            pen.rows([
                (Role::Muted, &format!(" {label:<COLUMN$}")),
                (Role::Text, &line.replace('\u{a0}', " ")),
            ])
        })
        .collect()
}
