//! A call by hand: what can be chosen, and the exact call that it makes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::glyph::CLOSED;
use super::super::pen::{Pen, Row, cut, paint};
use super::super::theme::Role;
use crate::app::layer::Prompt;

const WIDTH: u16 = 76;

pub(super) fn view(pen: Pen, prompt: &Prompt, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    let mut rows = pen.wrapped(Role::Text, &prompt.title, width, " ");
    rows.push(Row::default());
    if prompt.choices.is_empty() {
        rows.push(pen.rows([
            (Role::Key, " > "),
            (Role::Input, &prompt.input),
            (Role::Key, "▏"),
        ]));
    }
    // The list gives way to what stands around it.
    let height = usize::from(body.height)
        .saturating_sub(rows.len() + 6)
        .max(1);
    let first = super::first_in_view(prompt.cursor, height);
    let names = prompt.choices.iter().map(|(name, _)| name.chars().count());
    let column = names.max().unwrap_or(0).min(24);
    for (n, (name, remark)) in prompt.choices.iter().enumerate().skip(first).take(height) {
        let chosen = n == prompt.cursor;
        let mark = if chosen { CLOSED } else { " " };
        let mut row = pen.rows([
            (Role::Key, &format!(" {mark} ")),
            (Role::Text, &super::super::pen::fit(name, column)),
            (Role::Muted, &format!("  {remark}")),
        ]);
        cut(&mut row, width);
        if chosen {
            let gap = width.saturating_sub(row.width());
            row.spans.push(ratatui::text::Span::raw(" ".repeat(gap)));
            row = row.patch_style(pen.style(Role::Selection));
        }
        rows.push(row);
    }
    if let Some(Some(call)) = prompt.calls.get(prompt.cursor) {
        rows.push(Row::default());
        rows.extend(pen.wrapped(Role::Muted, &call.line(), width, " "));
    }
    let inner = super::middle(pen, buffer, body, WIDTH, rows.len(), "a call by hand");
    paint(buffer, inner, &rows, 0);
}
