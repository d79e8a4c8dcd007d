//! The timeline, in the place of the feed: the clients' luck, the bar, where one stands, and what
//! changed there.
//!
//! Invariant: every mark is a glyph of its own before it is a colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::feed::{event, pinned, role};
use super::glyph::{CROSS, DOT, FREE, HERE, TICK};
use super::pen::{Pen, Row, cut, fit, fit_right, heading, paint};
use super::strip;
use super::theme::Role;
use super::words::about;
use crate::app::model::Model;
use crate::app::timeline::Looking;
use crate::app::timeline::bar::{Bar, Kind};

/// Columns of the label before a bar.
const LABEL: usize = 10;
/// Rows from which there is room for a client's requests as well.
const STRIPS_MIN: usize = 9;
/// Clients whose luck is drawn.
const CLIENTS_MAX: usize = 2;

/// Paints it.
pub(super) fn view(pen: Pen, model: &Model, looking: &Looking, buffer: &mut Buffer, area: Rect) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let title = format!(
        "timeline {} of {}",
        looking.at + 1,
        looking.timeline.stops()
    );
    let mut title = pen.row(Role::Title, title);
    let legend = format!("   {CALL} call  {CROSS} refused  {FREE} effect  ! event");
    title.spans.push(pen.span(Role::Muted, legend));
    heading(buffer, area.x, area.y.saturating_sub(1), area.width, title);
    paint(buffer, area, &rows(pen, model, looking, width, height), 0);
}

/// An accepted call.
pub(super) const CALL: &str = "●";

fn rows(pen: Pen, model: &Model, looking: &Looking, width: usize, height: usize) -> Vec<Row> {
    let timeline = &looking.timeline;
    let room = width.saturating_sub(2 * LABEL).max(1);
    let bar = Bar::of(timeline, looking.at, room);
    let clients: Vec<_> = timeline.clients().take(CLIENTS_MAX).collect();
    let alike = clients.iter().all(|c| c.service == clients[0].service);
    let mut rows = Vec::new();
    for (n, client) in clients.iter().enumerate() {
        let word = if alike {
            &client.client
        } else {
            &client.service
        };
        let word = if clients.len() == 1 {
            &client.service
        } else {
            word
        };
        let mut row = pen.row(Role::Muted, format!(" {} ", fit(word, LABEL - 2)));
        let lost = |stop: &usize| timeline.lost(n, *stop);
        row.spans.extend(luck(pen, bar.newest.iter().map(lost)));
        rows.push(row);
    }
    let (first, _) = timeline.mark(0);
    let (last, _) = timeline.mark(timeline.stops() - 1);
    rows.push(marks(pen, &bar, &first.clock(), &last.clock()));
    let since = looking.what.at.since(first);
    rows.push(place(pen, &bar, looking, &about(since), width));
    if height >= STRIPS_MIN {
        let line = |s| strip::line(pen, model, s, width);
        rows.extend(model.strips.iter().take(1).map(line));
    }
    let pinned = pinned(pen, model, width);
    let free = height.saturating_sub(rows.len() + pinned.len());
    let mut told: Vec<Row> = told(pen, looking, width);
    if told.len() > free {
        let more = told.len() - free + 1;
        told.truncate(free.saturating_sub(1));
        told.push(pen.row(Role::Muted, format!("           and {more} more")));
    }
    rows.extend(told);
    rows.resize(height.saturating_sub(pinned.len()), Row::default());
    rows.extend(pinned);
    rows
}

/// What led here, whole, and what is different since.
fn told(pen: Pen, looking: &Looking, width: usize) -> Vec<Row> {
    let what = &looking.what;
    let indent = " ".repeat(LABEL + 1);
    let mut rows = pen.wrapped(
        role(what.tone),
        &what.text,
        width.saturating_sub(1),
        &indent,
    );
    if let Some(first) = rows.first_mut() {
        let text: String = first.spans.iter().map(|s| s.content.as_ref()).collect();
        let clock = format!(" {}  ", what.at.clock());
        *first = pen.rows([
            (Role::LogTime, &clock),
            (role(what.tone), text.trim_start()),
        ]);
    }
    rows.extend(looking.told.iter().map(|line| event(pen, line, width)));
    rows
}

/// Ticks and crosses, runs of the same in one span.
fn luck(pen: Pen, lost: impl Iterator<Item = Option<bool>>) -> Vec<Span<'static>> {
    let mut runs: Vec<(Option<bool>, usize)> = Vec::new();
    for one in lost {
        match runs.last_mut() {
            Some((last, count)) if *last == one => *count += 1,
            _ => runs.push((one, 1)),
        }
    }
    let run = |(lost, count): (Option<bool>, usize)| match lost {
        Some(true) => pen.span(Role::StripLost, CROSS.repeat(count)),
        Some(false) => pen.span(Role::StripAnswered, TICK.repeat(count)),
        None => Span::raw(" ".repeat(count)),
    };
    runs.into_iter().map(run).collect()
}

/// ` 02:00:13 ├──●──○──!─┤ 02:04:50`
pub(super) fn marks(pen: Pen, bar: &Bar, first: &str, last: &str) -> Row {
    let mut row = pen.row(Role::LogTime, format!(" {} ", fit(first, LABEL - 2)));
    let end = bar.columns.len().saturating_sub(1);
    for (n, kind) in bar.columns.iter().enumerate() {
        let (role, glyph) = match kind {
            Kind::Way => (Role::Border, "─"),
            Kind::End if n == 0 => (Role::Border, "├"),
            Kind::End if n == end => (Role::Border, "┤"),
            Kind::End => (Role::Border, "│"),
            Kind::Turn => (Role::Muted, DOT),
            Kind::Effect => (Role::Text, FREE),
            Kind::Event => (Role::Warning, "!"),
            Kind::Call => (Role::StateGood, CALL),
            Kind::Refused => (Role::StateFailed, CROSS),
        };
        let role = if n == bar.at { Role::Selection } else { role };
        row.spans.push(pen.span(role, glyph));
    }
    let last = format!(" {}", fit_right(last, LABEL - 2));
    row.spans.push(pen.span(Role::LogTime, last));
    row
}

/// The arrow below the bar, and beside it when that is.
fn place(pen: Pen, bar: &Bar, looking: &Looking, since: &str, width: usize) -> Row {
    let text = format!("{} +{since}", looking.what.at.clock());
    arrow(pen, bar, &text, width)
}

/// An arrow at the bar's cursor, and a text where there is room for it.
pub(super) fn arrow(pen: Pen, bar: &Bar, text: &str, width: usize) -> Row {
    let column = LABEL + bar.at;
    let size = text.chars().count();
    let mut row = if column + 2 + size < width {
        let mut row = pen.row(Role::Text, " ".repeat(column));
        row.spans.push(pen.span(Role::Title, HERE));
        row.spans.push(pen.span(Role::Text, format!(" {text}")));
        row
    } else {
        let text = fit_right(text, column.saturating_sub(1));
        let mut row = pen.row(Role::Text, format!("{text} "));
        row.spans.push(pen.span(Role::Title, HERE));
        row
    };
    cut(&mut row, width);
    row
}
