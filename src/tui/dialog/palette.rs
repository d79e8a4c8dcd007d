//! Every action by name, with its key; what does not work now says why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row, cut, fit, paint};
use super::super::theme::Role;
use crate::app::keymap::{self, Availability};
use crate::app::model::Model;

const WIDTH: u16 = 76;
const ROWS: usize = 16;

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
    let rows = (hints.len() + 2).clamp(4, ROWS) + reason.len();
    let inner = super::middle(pen, buffer, body, WIDTH, rows, "all actions");
    let mut lines = vec![
        pen.rows([(Role::Key, " : "), (Role::Input, input), (Role::Key, "▏")]),
        Row::default(),
    ];
    if hints.is_empty() {
        lines.push(pen.row(Role::Muted, "   no action is called that"));
    }
    let height = usize::from(inner.height).saturating_sub(2 + reason.len());
    let first = super::first_in_view(cursor, height);
    for (n, hint) in hints.iter().enumerate().skip(first).take(height) {
        let works = hint.availability == Availability::Works;
        let (role, note) = match hint.availability.reason() {
            None => (Role::Text, ""),
            Some(_) => (Role::Muted, " (not now)"),
        };
        let mut row = pen.rows([
            (
                if works { Role::Key } else { Role::Muted },
                &format!(" {} ", fit(&hint.key, 9)),
            ),
            (role, hint.description),
            (Role::Muted, note),
        ]);
        cut(&mut row, width);
        if n == cursor {
            let gap = width.saturating_sub(row.width());
            row.spans.push(ratatui::text::Span::raw(" ".repeat(gap)));
            row = row.patch_style(pen.style(Role::Selection));
        }
        lines.push(row);
    }
    lines.extend(reason);
    paint(buffer, inner, &lines, 0);
}
