//! The header: which sky, whose account, whether time runs, whether the service answers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pen::{Pen, Row, spread};
use super::strip;
use super::theme::Role;
use super::words::timer;
use crate::app::effect::Clock;
use crate::app::model::{Freshness, Model};
use crate::failover::sky::Kind;

/// Paints the header.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect) {
    let width = usize::from(area.width);
    let services = [
        service(pen, model, true),
        service(pen, model, false),
        Row::default(),
    ];
    let full = left(pen, model, false);
    // Where not everything fits, the account and its warnings outrank the service.
    let fits = |left: &Row, right: &Row| left.width() + right.width() < width;
    let found = services.iter().find(|right| fits(&full, right)).cloned();
    let line = match found {
        Some(right) => spread(full, right, width),
        None => spread(left(pen, model, true), Row::default(), width),
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// The sky and its clock; `short` says the same in fewer columns.
fn left(pen: Pen, model: &Model, short: bool) -> Row {
    let sky = &model.sky;
    let role = match sky.kind {
        Kind::Sim => Role::BadgeSim,
        Kind::Rehearsal => Role::BadgeRehearsal,
        Kind::Live if sky.writes => Role::BadgeLive,
        Kind::Live => Role::BadgeReadonly,
    };
    let mut spans = vec![pen.span(Role::Title, if short { "" } else { " enipilot " })];
    spans.push(pen.span(role, format!(" {} ", sky.badge())));
    let mut say = |role, text: String| {
        // The badge brings its own blank.
        let gap = if short || spans.len() == 2 { " " } else { "  " };
        spans.push(Span::raw(gap));
        spans.push(pen.span(role, text));
    };
    if let Freshness::Stale { .. } = model.freshness
        && let Some((role, text)) = clock(model)
    {
        say(role, if short { "STALE".to_owned() } else { text });
    }
    if sky.kind != Kind::Sim {
        say(Role::Text, sky.account.to_string());
    }
    match &sky.profile {
        Some(profile) if short => say(Role::Text, format!("{profile}/{}", sky.region)),
        Some(profile) => {
            say(Role::Text, sky.region.to_string());
            say(Role::Text, format!("profile {profile}"));
        }
        None => say(Role::Text, sky.region.to_string()),
    }
    if let Some(endpoint) = &sky.endpoint {
        let host = endpoint
            .split_once("://")
            .map_or(&**endpoint, |(_, host)| host);
        let text = if short { host } else { endpoint };
        say(Role::BadgeLive, format!(" ENDPOINT {text} "));
    }
    if !matches!(model.freshness, Freshness::Stale { .. })
        && let Some((role, text)) = clock(model)
    {
        say(role, text);
    }
    Line::from(spans)
}

/// Virtual time, or the age of what is on the screen.
fn clock(model: &Model) -> Option<(Role, String)> {
    match (&model.freshness, model.clock) {
        (Freshness::Stale { since, .. }, _) => {
            let age = timer(model.now.since(*since));
            Some((Role::Error, format!("STALE {age}")))
        }
        (Freshness::Loading, _) => Some((Role::Warning, "loading…".to_owned())),
        (Freshness::Fresh, _) if model.looking().is_some() => {
            Some((Role::Warning, format!("LOOKING BACK {}", model.now.clock())))
        }
        (Freshness::Fresh, None) => None,
        (Freshness::Fresh, Some(Clock::Pause)) => {
            Some((Role::Muted, format!("paused {}", model.now.clock())))
        }
        (Freshness::Fresh, Some(_)) => Some((Role::Text, format!("running {}", model.now.clock()))),
    }
}

/// Whether the service answers: `db 10.0.1.50:5432 LOST 00:13`.
fn service(pen: Pen, model: &Model, with_target: bool) -> Row {
    let Some(strip) = model.strips.first() else {
        return Row::default();
    };
    let (role, word) = strip::verdict(model, strip);
    let target = if with_target { &*strip.target } else { "" };
    let gap = if with_target { " " } else { "" };
    pen.rows([
        (Role::Muted, &format!("{} {target}{gap}", strip.service)),
        (role, &format!("{word} ")),
    ])
}
