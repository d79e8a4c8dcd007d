//! *before | forecast | now*: what a step changes, and whether it came out that way.

use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::super::glyph::{CROSS, TICK, WAIT};
use super::super::pen::{Pen, Row, fit};
use super::super::theme::Role;
use crate::failover::facts::{Mark, Row as Fact};
use crate::failover::status::{Status, StepState, StepStatus};

/// The step whose facts matter: the one under way, else the newest that has any observation.
pub(super) fn shown(status: &Status) -> Option<(usize, &StepStatus)> {
    let all = || status.steps.iter().enumerate();
    let failed = all().find(|(_, s)| s.rows.iter().any(|r| matches!(r.mark, Mark::Mismatch(_))));
    let doing = all().find(|(_, s)| s.state == StepState::Doing);
    let ended = all()
        .rev()
        .find(|(_, s)| s.ended.is_some() && !s.rows.is_empty());
    let next = status
        .steps
        .get(status.current)
        .map(|s| (status.current, s));
    doing
        .filter(|(_, s)| !s.rows.is_empty())
        .or(failed)
        .or(ended)
        .or(next)
}

/// A forecast: before and after, the values that change first, the others on one line if need be.
pub(super) fn planned(pen: Pen, head: &str, facts: &[Fact], width: usize, room: usize) -> Vec<Row> {
    if facts.is_empty() || room < 2 {
        return Vec::new();
    }
    let (label, value) = columns(facts, head, width, 2);
    let mut rows = vec![pen.rows([
        (Role::Title, &format!(" {} ", fit(head, label))),
        (Role::Muted, &format!("{} ", fit("before", value))),
        (Role::Muted, "after"),
    ])];
    let (changed, same): (Vec<_>, Vec<_>) = facts.iter().partition(|f| f.before != f.forecast);
    for fact in &changed {
        rows.push(pen.rows([
            (Role::Text, &format!("   {} ", fit(&fact.label, label - 2))),
            (Role::DiffBefore, &format!("{} ", fit(&fact.before, value))),
            (Role::DiffAfter, &fit(&fact.forecast, value)),
        ]));
    }
    let spare = room.saturating_sub(rows.len());
    if same.len() <= spare {
        rows.extend(same.iter().map(|fact| {
            pen.rows([
                (Role::Text, &format!("   {} ", fit(&fact.label, label - 2))),
                (Role::DiffSame, &format!("{} ", fit(&fact.before, value))),
                (Role::DiffSame, "same"),
            ])
        }));
    } else {
        rows.extend(unchanged(pen, &same, label, "same"));
    }
    rows.truncate(room);
    rows
}

/// Forecast against fact, mismatches first and explained.
pub(super) fn observed(
    pen: Pen,
    head: &str,
    facts: &[Fact],
    width: usize,
    room: usize,
) -> Vec<Row> {
    if facts.is_empty() || room < 2 {
        return Vec::new();
    }
    let (label, value) = columns(facts, head, width, 3);
    let mut rows = vec![pen.rows([
        (Role::Title, &format!(" {} ", fit(head, label))),
        (Role::Muted, &format!("{} ", fit("before", value))),
        (Role::Muted, &format!("{} ", fit("forecast", value))),
        (Role::Muted, "now"),
    ])];
    let loud = |fact: &&Fact| matches!(fact.mark, Mark::Mismatch(_));
    let quiet = |fact: &&Fact| {
        fact.before == fact.forecast && fact.now.as_ref().is_none_or(|now| *now == fact.before)
    };
    let (mismatches, others): (Vec<_>, Vec<_>) = facts.iter().partition(loud);
    let (same, changed): (Vec<_>, Vec<_>) = others.into_iter().partition(quiet);
    for fact in mismatches {
        rows.push(line(pen, fact, label, value));
        if let Mark::Mismatch(why) = &fact.mark {
            let why = format!("MISMATCH: {why}");
            rows.extend(pen.wrapped(Role::Error, &why, width.saturating_sub(1), "     "));
        }
    }
    rows.extend(
        changed
            .into_iter()
            .map(|fact| line(pen, fact, label, value)),
    );
    if same.len() <= room.saturating_sub(rows.len()) {
        rows.extend(same.into_iter().map(|fact| line(pen, fact, label, value)));
    } else {
        let ticked = same.iter().all(|f| f.mark == Mark::Tick);
        let word = if ticked { "same ✓" } else { "same" };
        rows.extend(unchanged(pen, &same, label, word));
    }
    rows.truncate(room);
    rows
}

fn line(pen: Pen, fact: &Fact, label: usize, value: usize) -> Row {
    let same = fact.before == fact.forecast;
    let forecast = if same { "same" } else { &fact.forecast };
    let now = match &fact.now {
        Some(now) if same && *now == fact.before => "same",
        Some(now) => now,
        None => "",
    };
    let (role, mark) = match (&fact.mark, &fact.now) {
        (Mark::Open, None) => (Role::Muted, ""),
        (Mark::Open, Some(_)) => (Role::StateMoving, WAIT),
        (Mark::Tick, _) => (Role::DiffMatch, TICK),
        (Mark::Mismatch(_), _) => (Role::DiffMismatch, CROSS),
    };
    let values = if matches!(fact.mark, Mark::Mismatch(_)) {
        Role::DiffMismatch
    } else {
        Role::Text
    };
    let mut row = Line::from_iter([
        pen.span(Role::Text, format!("   {} ", fit(&fact.label, label - 2))),
        pen.span(Role::DiffBefore, format!("{} ", fit(&fact.before, value))),
        pen.span(
            if same {
                Role::DiffSame
            } else {
                Role::DiffAfter
            },
            format!("{} ", fit(forecast, value)),
        ),
        pen.span(values, fit(now, value)),
    ]);
    row.spans.push(pen.span(role, format!(" {mark}")));
    row
}

/// What stays as it is, on as few lines as it takes.
fn unchanged(pen: Pen, same: &[&Fact], label: usize, word: &str) -> Option<Row> {
    if same.is_empty() {
        return None;
    }
    let labels: Vec<&str> = same.iter().map(|f| &*f.label).collect();
    Some(pen.rows([
        (
            Role::Text,
            &format!("   {} ", fit(&format!("{} others", same.len()), label - 2)),
        ),
        (Role::DiffSame, &format!("{word}: {}", labels.join(", "))),
    ]))
}

/// Widths of the label and of each value: the label as wide as the widest, if values of 13
/// columns, an address or a short name, still fit.
fn columns(facts: &[Fact], head: &str, width: usize, values: usize) -> (usize, usize) {
    let widest = facts.iter().map(|f| f.label.width() + 2).max().unwrap_or(0);
    let most = width.saturating_sub(values * 14 + 5).max(14);
    let label = widest.max(head.width()).clamp(14, most);
    let rest = width.saturating_sub(label + 2 + 3);
    (label, (rest / values).saturating_sub(1).max(6))
}
