//! What lies over the explorer in a box: help, palette, prompt, consent, texts, leaving.
//!
//! Invariant: a dialog never covers header and footer, so that the sky and the keys that work
//! stay in sight.

mod consent;
mod help;
mod lessons;
mod operations;
mod palette;
mod prompt;
mod quit;
mod replay;
mod text;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, Row, boxed, clear, paint};
use super::theme::Role;
use crate::app::layer::Layer;
use crate::app::model::Model;

/// Paints a layer that is a dialog; others are painted elsewhere.
pub(super) fn view(pen: Pen, model: &Model, layer: &Layer, buffer: &mut Buffer, body: Rect) {
    match layer {
        Layer::Help { scroll } => help::view(pen, *scroll, buffer, body),
        Layer::Text(text) => text::view(pen, text, buffer, body),
        Layer::Preflight { scroll } => text::preflight(pen, model, *scroll, buffer, body),
        Layer::Palette { input, cursor } => palette::view(pen, model, input, *cursor, buffer, body),
        Layer::Prompt(prompt) => prompt::view(pen, prompt, buffer, body),
        Layer::Consent(consent) => consent::view(pen, model, consent, buffer, body),
        Layer::Lessons(list) => lessons::view(pen, model, list, buffer, body),
        Layer::Operations { cursor } => operations::view(pen, model, *cursor, buffer, body),
        Layer::Replay(replaying) => replay::view(pen, replaying, buffer, body),
        Layer::Quit => quit::view(pen, model, buffer, body),
        Layer::Filter { .. } | Layer::Candidates(_) | Layer::Walk | Layer::Timeline(_) => {}
    }
}

/// A box in the middle of the body, as high as its content needs; returns what is inside.
fn middle(pen: Pen, buffer: &mut Buffer, body: Rect, width: u16, rows: usize, title: &str) -> Rect {
    let width = width.min(body.width);
    let height = u16::try_from(rows.saturating_add(2)).unwrap_or(u16::MAX);
    let height = height.min(body.height);
    let area = Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    );
    clear(buffer, area);
    let title = pen.row(Role::Title, title);
    boxed(buffer, area, pen.style(Role::BorderFocus), title)
}

/// A text in the middle that may be longer than the screen; the lower edge says how much follows.
fn scrolled(pen: Pen, buffer: &mut Buffer, body: Rect, rows: &[Row], scroll: usize, title: &str) {
    let inner = middle(pen, buffer, body, body.width, rows.len(), title);
    let last = rows.len().saturating_sub(usize::from(inner.height));
    let below = paint(buffer, inner, rows, scroll.min(last));
    more(pen, buffer, inner, scroll.min(last), below);
}

/// ` 3 above · 12 below ` in the lower edge of a box.
pub(super) fn more(pen: Pen, buffer: &mut Buffer, inner: Rect, above: usize, below: usize) {
    let text = match (above, below) {
        (0, 0) => return,
        (0, below) => format!(" ↓ {below} more "),
        (above, 0) => format!(" ↑ {above} more "),
        (above, below) => format!(" ↑ {above}  ↓ {below} "),
    };
    let width = u16::try_from(text.chars().count()).unwrap_or(0);
    if inner.width > width + 2 {
        let x = inner.right() - width - 1;
        let row = pen.row(Role::Muted, text);
        buffer.set_line(x, inner.bottom(), &row, width);
    }
}

/// The part of a list that is in view: first line, so that the cursor is seen.
fn first_in_view(cursor: usize, height: usize) -> usize {
    (cursor + 1).saturating_sub(height.max(1))
}
