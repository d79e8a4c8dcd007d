//! The failover: plan, walk and summary.
//!
//! From top to bottom: both ends of the move, the steps, *before | forecast | now* of the one that
//! matters, the exact call, and at the very bottom what must never scroll away: a question that
//! waits for a person, and the client's strip.

mod ends;
mod facts;
mod question;
mod steps;
mod summary;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::feed;
use super::pen::{Pen, Row, paint, wrap};
use super::strip;
use super::theme::Role;
use crate::app::model::Model;
use crate::app::walk::{Phase, Walk};
use crate::ec2::call::Call;
use crate::failover::plan::Level;

/// Paints the walk.
pub(super) fn view(pen: Pen, model: &Model, walk: &Walk, buffer: &mut Buffer, area: Rect) {
    let used = ends::view(pen, model, walk, buffer, area);
    let rest = Rect {
        y: area.y + used.min(area.height),
        height: area.height.saturating_sub(used),
        ..area
    };
    let width = usize::from(rest.width);
    let bottom = bottom(pen, model, walk, width);
    let room = usize::from(rest.height).saturating_sub(bottom.len());
    let mut rows = match walk.phase() {
        Phase::Plan => plan(pen, walk, width, room),
        Phase::Flight => flight(pen, model, walk, width, room),
        Phase::Summary => squeezed(pen, summary::rows(pen, model, walk, width), room),
    };
    rows.truncate(room);
    let spare = room - rows.len();
    let events = events(pen, model, walk, width, spare);
    rows.resize(room - events.len(), Row::default());
    rows.extend(events);
    rows.extend(bottom);
    paint(buffer, rest, &rows, 0);
}

/// Gives up what parts the lines where they have no room otherwise, the last ones first; what is cut off
/// all the same is said to be.
fn squeezed(pen: Pen, mut rows: Vec<Row>, room: usize) -> Vec<Row> {
    while rows.len() > room {
        let Some(blank) = rows.iter().rposition(|row| row.width() == 0) else {
            break;
        };
        rows.remove(blank);
    }
    if rows.len() > room && room > 0 {
        rows.truncate(room - 1);
        rows.push(pen.row(Role::Warning, " … y copies all of it"));
    }
    rows
}

/// What happened last, where the screen is high enough for it.
fn events(pen: Pen, model: &Model, walk: &Walk, width: usize, spare: usize) -> Vec<Row> {
    if spare < 5 || walk.phase() == Phase::Plan {
        return Vec::new();
    }
    let lines = &model.feed.lines;
    let skip = lines.len().saturating_sub((spare - 2).min(8));
    lines
        .iter()
        .skip(skip)
        .map(|line| feed::event(pen, line, width))
        .collect()
}

/// Which face of the walk it is, and what moves where.
pub(super) fn title(pen: Pen, walk: &Walk) -> Row {
    let names = &walk.plan.names;
    let word = match walk.phase() {
        Phase::Plan => "plan",
        Phase::Flight => "fail over",
        Phase::Summary => "summary",
    };
    pen.rows([
        (Role::Muted, &format!("{word}  ")),
        (Role::Title, &names.eni),
        (Role::Muted, " → "),
        (Role::Title, &names.target),
    ])
}

/// What never scrolls away.
fn bottom(pen: Pen, model: &Model, walk: &Walk, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let status = walk.status.as_deref();
    if let Some(question) = status.and_then(|s| s.question.as_ref()) {
        rows.extend(question::rows(pen, question, width));
    }
    if walk.phase() == Phase::Flight
        && let Some(status) = walk.status.as_deref()
    {
        rows.extend(summary::so_far(pen, model, status, width));
    }
    if walk.phase() != Phase::Plan {
        rows.extend(
            model
                .strips
                .iter()
                .take(2)
                .map(|s| strip::line(pen, model, s, width)),
        );
    }
    rows.extend(feed::pinned(pen, model, width));
    rows
}

/// Before anything happens: preflight, steps, the forecast of the shown step, its call.
fn plan(pen: Pen, walk: &Walk, width: usize, room: usize) -> Vec<Row> {
    let plan = &walk.plan;
    let mut rows = vec![preflight(pen, walk, width)];
    rows.extend(steps::planned(pen, walk, width));
    let step = plan.steps.get(walk.shown);
    let mut tail: Vec<Row> = Vec::new();
    if let Some(call) = step
        .filter(|s| s.nothing_to_do.is_none())
        .and_then(|s| s.call.as_ref())
    {
        tail.extend(cli(pen, call, width));
    }
    if let Some(expects) = step.map(|s| s.expects.as_str()).filter(|e| !e.is_empty()) {
        tail.extend(pen.wrapped(Role::Muted, &format!("takes {expects}"), width, " "));
    }
    if let Some(undo) = step.map(|s| s.undo.as_str()).filter(|u| !u.is_empty()) {
        tail.extend(pen.wrapped(Role::Muted, &format!("way back: {undo}"), width, " "));
    }
    let risk = match plan.handovers.is_empty() {
        true => " refused before the detach: nothing has moved; after it: finish or put back",
        false => " nothing is detached; what a call carries over can be carried back",
    };
    tail.push(pen.row(Role::Muted, risk));
    let spare = room.saturating_sub(rows.len() + tail.len());
    if let Some(step) = step {
        let head = format!("forecast of step {}", walk.shown + 1);
        rows.extend(facts::planned(pen, &head, &step.rows, width, spare));
    }
    rows.extend(tail);
    rows
}

/// ` preflight 14 pass · 1 warn · 0 block          eni-0c1d52aa7be03f9a1`
fn preflight(pen: Pen, walk: &Walk, width: usize) -> Row {
    let plan = &walk.plan;
    let count = |level| plan.count(level);
    let role = |level, loud| if count(level) > 0 { loud } else { Role::Muted };
    let left = pen.rows([
        (Role::Muted, " preflight "),
        (
            role(Level::Pass, Role::StateGood),
            &format!("{} pass", count(Level::Pass)),
        ),
        (Role::Muted, " · "),
        (
            role(Level::Warn, Role::Warning),
            &format!("{} warn", count(Level::Warn)),
        ),
        (Role::Muted, " · "),
        (
            role(Level::Block, Role::StateFailed),
            &format!("{} block", count(Level::Block)),
        ),
    ]);
    let right = pen.row(Role::Muted, format!("{} ", plan.intent.eni));
    super::pen::spread(left, right, width)
}

/// While it flies: steps with their answers, the exact call, before, forecast and now.
fn flight(pen: Pen, model: &Model, walk: &Walk, width: usize, room: usize) -> Vec<Row> {
    let Some(status) = walk.status.as_deref() else {
        return vec![pen.row(Role::StepDoing, " the operation begins…")];
    };
    let mut rows = steps::flown(pen, model, status, width);
    if let Some(made) = status.calls.last() {
        rows.extend(pen.wrapped(Role::Muted, &made.call.line(), width, " "));
    }
    let shown = facts::shown(status);
    let notes: Vec<Row> = status
        .notes
        .last()
        .map(|(at, note)| pen.wrapped(Role::Warning, &format!("{} {note}", at.clock()), width, " "))
        .unwrap_or_default();
    if let Some((index, step)) = shown {
        let spare = room.saturating_sub(rows.len() + notes.len());
        let head = format!("step {}", index + 1);
        rows.extend(facts::observed(pen, &head, &step.rows, width, spare));
    }
    rows.extend(notes);
    rows
}

/// The equivalent aws CLI line, broken between options.
pub(super) fn cli(pen: Pen, call: &Call, width: usize) -> Vec<Row> {
    let line = call.aws_cli();
    let lines = wrap(&line, width.saturating_sub(5).max(20));
    let last = lines.len().saturating_sub(1);
    lines
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let indent = if n == 0 { " " } else { "   " };
            let more = if n == last { "" } else { " \\" };
            pen.row(Role::Text, format!("{indent}{part}{more}"))
        })
        .collect()
}
