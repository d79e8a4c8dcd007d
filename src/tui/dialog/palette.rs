//! Every action by name, with its key; what does not work now says why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row, fit, list_row, paint};
use super::super::theme::Role;
use crate::app::keymap::{self, Availability, Hint};
use crate::app::model::Model;

const WIDTH: u16 = 76;
const ROWS: usize = 18;

pub(super) fn view(
    pen: Pen,
    model: &Model,
    input: &str,
    cursor: usize,
    buffer: &mut Buffer,
    body: Rect,
) {
    let hints = keymap::palette(model, input);
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    // Of the chosen action the whole reason is told, however long.
    let reason = hints.get(cursor).and_then(|h| h.availability.reason());
    let reason = reason.map_or(Vec::new(), |why| {
        let mut rows = vec![Row::default()];
        rows.extend(pen.wrapped(Role::Warning, why, width, " "));
        rows
    });
    let rows = (hints.len() + headings(&hints, input) + 2).clamp(4, ROWS) + reason.len();
    let inner = super::middle(pen, buffer, body, WIDTH, rows, "all actions");
    let mut lines = vec![
        pen.rows([(Role::Key, " : "), (Role::Input, input), (Role::Key, "▏")]),
        Row::default(),
    ];
    if hints.is_empty() {
        lines.push(pen.row(Role::Muted, "   no action is called that"));
    }
    let height = usize::from(inner.height).saturating_sub(2 + reason.len());
    lines.extend(list(pen, &hints, input, cursor, height, width));
    lines.extend(reason);
    paint(buffer, inner, &lines, 0);
}

/// What a line of the list stands under, where nothing is searched for.
fn heading(hint: &Hint) -> &'static str {
    match hint.availability {
        Availability::Works => hint.action.group().title(),
        _ => "not now, not on this row",
    }
}

fn headings(hints: &[Hint], input: &str) -> usize {
    if !input.is_empty() {
        return 0;
    }
    let mut titles: Vec<_> = hints.iter().map(heading).collect();
    titles.dedup();
    titles.len()
}

/// The actions in view, under headings as long as nothing is searched for.
fn list(
    pen: Pen,
    hints: &[Hint],
    input: &str,
    cursor: usize,
    height: usize,
    width: usize,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0;
    let mut under = "";
    for (n, hint) in hints.iter().enumerate() {
        if input.is_empty() && heading(hint) != under {
            under = heading(hint);
            rows.push(pen.row(Role::Title, format!(" {under}")));
        }
        if n == cursor {
            at = rows.len();
        }
        rows.push(line(pen, hint, n == cursor, width));
    }
    let first = super::first_in_view(at, height);
    rows.into_iter().skip(first).take(height).collect()
}

fn line(pen: Pen, hint: &Hint, chosen: bool, width: usize) -> Row {
    let works = hint.availability == Availability::Works;
    let role = if works { Role::Text } else { Role::Muted };
    let row = pen.rows([
        (
            if works { Role::Key } else { Role::Muted },
            &format!(" {} ", fit(&hint.key, 9)),
        ),
        (role, hint.description),
        (Role::Muted, if works { "" } else { " (not now)" }),
    ]);
    list_row(pen, row, chosen, width)
}
