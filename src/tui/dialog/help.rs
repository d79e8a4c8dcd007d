//! Every key with its meaning, and what the glyphs stand for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::glyph::{CROSS, DOT, FREE, PRIMARY, SECONDARY, TICK};
use super::super::pen::{Pen, Row, fit, wrap};
use super::super::theme::Role;
use crate::app::keymap;

/// Column of the meanings.
const COLUMN: usize = 16;

pub(super) fn view(pen: Pen, scroll: usize, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(body.width).saturating_sub(3);
    let mut rows = Vec::new();
    for (title, keys) in keymap::help() {
        if keys.is_empty() {
            continue;
        }
        rows.push(pen.row(Role::Title, format!(" {title}")));
        for (keys, meaning) in keys {
            rows.extend(entry(pen, &keys, meaning, width));
        }
        rows.push(Row::default());
    }
    rows.push(pen.row(Role::Title, " Signs"));
    for (sign, meaning) in [
        (
            PRIMARY,
            "primary attachment: it lives and ends with its instance",
        ),
        (SECONDARY, "secondary attachment: it can be moved"),
        (FREE, "attached to nothing"),
        (DOT, "an address, or an interface that an AWS service owns"),
        (TICK, "a request was answered; a forecast came true"),
        (CROSS, "a request was lost; a forecast did not come true"),
    ] {
        rows.extend(entry(pen, sign, meaning, width));
    }
    super::scrolled(pen, buffer, body, &rows, scroll, "help");
}

/// A key and its meaning, wrapped under itself.
fn entry(pen: Pen, key: &str, meaning: &str, width: usize) -> Vec<Row> {
    let lines = wrap(meaning, width.saturating_sub(COLUMN + 3).max(10));
    lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            let key = if n == 0 { key } else { "" };
            pen.rows([
                (Role::Key, &format!("  {} ", fit(key, COLUMN))),
                (Role::Text, line),
            ])
        })
        .collect()
}
