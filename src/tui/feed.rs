//! The feed: the client's strip, what must not be overlooked, and what happened last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::pen::{Pen, Row, paint};
use super::strip;
use super::theme::Role;
use crate::app::feed::{Line, Tone};
use crate::app::model::{Freshness, Model};
use crate::ec2::gap;

/// Paints the feed.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect) {
    let rows = rows(
        pen,
        model,
        usize::from(area.width),
        usize::from(area.height),
    );
    paint(buffer, area, &rows, 0);
}

fn rows(pen: Pen, model: &Model, width: usize, height: usize) -> Vec<Row> {
    let mut pinned = pinned(pen, model, width);
    // Something that must be read outranks the strip where there is no room for both.
    if pinned.len() > height {
        pinned.truncate(height);
        // What is cut off must be seen to be cut off.
        if let Some(last) = pinned.last_mut() {
            let room = width.saturating_sub(10);
            let whole = last.width() <= room;
            super::pen::cut(last, room);
            last.spans.push(Span::raw(if whole { " … " } else { " " }));
            last.spans.push(pen.span(Role::Key, "e"));
            last.spans.push(pen.span(Role::Muted, " all"));
        }
    }
    let mut rows: Vec<Row> = model
        .strips
        .iter()
        .take(height.saturating_sub(pinned.len()).min(2))
        .map(|s| strip::line(pen, model, s, width))
        .collect();
    let room = height.saturating_sub(rows.len() + pinned.len());
    let skip = model.feed.lines.len().saturating_sub(room);
    rows.extend(
        model
            .feed
            .lines
            .iter()
            .skip(skip)
            .map(|l| event(pen, l, width)),
    );
    rows.resize(height.saturating_sub(pinned.len()), Row::default());
    rows.extend(pinned);
    rows
}

/// A stale world's cause, what nobody may look at, and the notice.
pub(super) fn pinned(pen: Pen, model: &Model, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Freshness::Stale { since, cause } = &model.freshness {
        let text = format!("stale since {}: {cause}", since.clock());
        rows.extend(marked(pen, Role::Error, "!", &text, width));
    }
    let gaps = model.world.gaps();
    if !gaps.is_empty() {
        let text = format!("not seen: {}", gap::told(gaps));
        rows.extend(marked(pen, Role::Warning, "!", &text, width));
    }
    if let Some(why) = &model.leaving {
        let text = format!("ends as soon as the interface is attached: {why}");
        rows.extend(marked(pen, Role::Warning, "!", &text, width));
    }
    if let Some(notice) = &model.notice {
        let (role, mark) = if notice.bad {
            (Role::Error, "!")
        } else {
            (Role::Title, ">")
        };
        rows.extend(marked(pen, role, mark, &notice.text, width));
    }
    rows
}

/// Wrapped text behind a mark.
fn marked(pen: Pen, role: Role, mark: &str, text: &str, width: usize) -> Vec<Row> {
    let mut rows = pen.wrapped(role, text, width, "   ");
    if let Some(first) = rows.first_mut() {
        let line: String = first.spans.iter().map(|s| s.content.as_ref()).collect();
        *first = pen.row(role, format!(" {mark} {}", line.trim_start()));
    }
    rows
}

/// How a line is painted.
pub(super) fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Good => Role::StateGood,
        Tone::Warn => Role::Warning,
        Tone::Bad => Role::StateFailed,
    }
}

/// `02:00:09 db-primary: instance status check failed`
pub(super) fn event(pen: Pen, line: &Line, width: usize) -> Row {
    let role = role(line.tone);
    let mut row = pen.row(Role::LogTime, format!(" {} ", line.at.clock()));
    row.spans.push(Span::raw(" "));
    row.spans.push(pen.span(role, &line.text));
    super::pen::cut(&mut row, width);
    row
}
