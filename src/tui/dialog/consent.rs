//! The one consent: what will be called, where, on which interface, and what is to be typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row, paint};
use super::super::theme::Role;
use super::super::walk::cli;
use crate::app::layer::{Asks, Consent};
use crate::app::model::Model;
use crate::app::operations::Taking;
use crate::app::walk::Place;
use crate::ec2::shown::shown;
use crate::failover::plan::{Check, Level};
use crate::failover::sky::Kind;

pub(super) fn view(pen: Pen, model: &Model, consent: &Consent, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(body.width).saturating_sub(2);
    let (title, mut rows) = match &consent.asks {
        Asks::Plan => ("one consent for the whole plan", plan(pen, model, width)),
        Asks::TakeUp(taking) => ("take it up again", take_up(pen, model, taking, width)),
        Asks::Force(text) => ("force the detach", drastic(pen, model, text, width)),
        Asks::Fence(text) => ("stop the source", drastic(pen, model, text, width)),
    };
    let what = match consent.asks {
        Asks::Plan | Asks::TakeUp(_) => "type the last six characters of the interface's id:",
        Asks::Force(_) => "type this phrase:",
        Asks::Fence(_) => "type the id of the instance that is to be stopped:",
    };
    let mut ask = vec![Row::default(), pen.row(Role::Text, format!(" {what}"))];
    if let Asks::Force(_) | Asks::Fence(_) = consent.asks {
        ask.extend(pen.wrapped(Role::Title, &consent.expected, width, "   "));
    }
    ask.push(pen.rows([
        (Role::Key, " > "),
        (Role::Input, &consent.typed),
        (Role::Key, "▏"),
    ]));
    let waits = matches!(&consent.asks, Asks::TakeUp(taking) if taking.place != Place::Judged);
    let state = if waits {
        (
            Role::Muted,
            " looking at the place that this program runs at",
        )
    } else if !consent.armed {
        (
            Role::Muted,
            " what was typed before this was on the screen does not count",
        )
    } else if consent.typed == consent.expected {
        (Role::Warning, " enter agrees; esc does nothing")
    } else {
        (
            Role::Muted,
            " enter does nothing yet; a paste does not count; esc does nothing",
        )
    };
    ask.push(pen.row(state.0, state.1));
    // What must be typed is never the part that is cut.
    let room = usize::from(body.height).saturating_sub(ask.len() + 2);
    if rows.len() > room {
        rows.truncate(room.saturating_sub(1));
        rows.push(pen.row(Role::Warning, " … the terminal is too low for the rest"));
    }
    rows.extend(ask);
    let inner = super::middle(pen, buffer, body, body.width, rows.len(), title);
    paint(buffer, inner, &rows, 0);
}

/// What it does that lasts.
fn drastic(pen: Pen, model: &Model, text: &str, width: usize) -> Vec<Row> {
    let mut rows = place(pen, model, width);
    rows.push(Row::default());
    rows.extend(pen.wrapped(Role::Error, text, width, " "));
    rows
}

/// Where it would happen.
fn place(pen: Pen, model: &Model, width: usize) -> Vec<Row> {
    let sky = &model.sky;
    if sky.kind != Kind::Live {
        let mut row = pen.rows([(Role::Muted, " in         "), (Role::Title, &sky.badge())]);
        super::super::pen::cut(&mut row, width);
        return vec![row];
    }
    let endpoint = match &sky.endpoint {
        Some(endpoint) => (Role::BadgeLive, endpoint.to_string()),
        None => (Role::Text, format!("AWS in {}", sky.region)),
    };
    let profile = sky.profile.as_deref().unwrap_or("default chain");
    let mut rows = vec![
        pen.rows([
            (Role::Muted, " account   "),
            (Role::Title, &sky.account),
            (Role::Muted, "   region   "),
            (Role::Title, &sky.region),
        ]),
        pen.rows([(Role::Muted, " profile   "), (Role::Text, profile)]),
        pen.rows([(Role::Muted, " endpoint  "), (endpoint.0, &endpoint.1)]),
    ];
    for row in &mut rows {
        super::super::pen::cut(row, width);
    }
    rows
}

/// What the operation is, where its interface stands, what would be done; of the preflight what
/// does not pass.
fn take_up(pen: Pen, model: &Model, taking: &Taking, width: usize) -> Vec<Row> {
    let mut rows = place(pen, model, width);
    rows.push(pen.rows([
        (Role::Muted, " interface "),
        (Role::Title, taking.eni.as_str()),
        (Role::Muted, "   operation "),
        (Role::Text, &taking.op),
    ]));
    for line in &taking.lines {
        rows.extend(pen.wrapped(Role::Text, line, width, " "));
    }
    let told = taking.fresh.iter().filter(|c| c.level != Level::Pass);
    let before = rows.len();
    for check in told {
        let (role, word) = super::text::level(check.level);
        let text = format!("{word} {}", check.said(""));
        rows.extend(pen.wrapped(role, &text, width, " "));
    }
    if rows.len() == before {
        let text = format!(" preflight made now: {} pass", taking.fresh.len());
        rows.push(pen.row(Role::Muted, text));
    }
    rows
}

fn plan(pen: Pen, model: &Model, width: usize) -> Vec<Row> {
    let mut rows = place(pen, model, width);
    let Some(walk) = &model.walk else {
        return rows;
    };
    let plan = &walk.plan;
    let id = plan.intent.eni.as_str();
    let at = id.len().saturating_sub(6);
    let (head, tail) = id.split_at_checked(at).unwrap_or((id, ""));
    rows.push(pen.rows([
        (Role::Muted, " interface "),
        (Role::Text, head),
        (Role::Title, tail),
        (Role::Muted, &format!("  {}", plan.names.eni)),
    ]));
    rows.push(pen.rows([
        (Role::Muted, " move      "),
        (Role::Text, &plan.names.source),
        (Role::Muted, " → "),
        (Role::Text, &plan.names.target),
        (Role::Muted, &format!("  {}", plan.intent.target)),
    ]));
    let accepted = |c: &&Check| plan.intent.accepted.contains(&c.id);
    for check in plan.preflight.iter().filter(accepted) {
        let text = shown(&format!("{}: {}", check.id, check.finding)).into_owned();
        rows.extend(pen.wrapped(Role::Warning, &text, width, " "));
    }
    rows.push(Row::default());
    rows.push(pen.row(
        Role::Title,
        " calls, in this order; the attach follows the detach without a key",
    ));
    for call in plan.calls() {
        rows.extend(cli(pen, call, width));
    }
    rows
}
