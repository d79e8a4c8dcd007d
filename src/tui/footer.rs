//! The footer: the keys that work now, the most important first, the way out last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pen::{Pen, Row, spread};
use super::theme::Role;
use crate::app::action::Action;
use crate::app::keymap::{Hint, available};
use crate::app::model::Model;

/// Paints the footer.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect) {
    let row = row(pen, &available(model), usize::from(area.width));
    buffer.set_line(area.x, area.y, &row, area.width);
}

/// As many hints as fit; the way out and the way to everything else stand at the right edge, where
/// they never move.
fn row(pen: Pen, hints: &[Hint], width: usize) -> Row {
    let kept = |hint: &&Hint| {
        matches!(
            hint.action,
            Action::Quit | Action::Close | Action::Palette | Action::Help
        )
    };
    let mut right = Line::default();
    for hint in hints.iter().filter(kept) {
        right.spans.extend(spans(pen, hint));
    }
    let mut left = Line::from(" ");
    for hint in hints.iter().filter(|h| !kept(h)) {
        let next = spans(pen, hint);
        let size: usize = next.iter().map(Span::width).sum();
        if left.width() + size + right.width() < width {
            left.spans.extend(next);
        }
    }
    spread(left, right, width)
}

/// `f fail over  `
fn spans(pen: Pen, hint: &Hint) -> [Span<'static>; 3] {
    [
        pen.span(Role::Key, &hint.key),
        pen.span(Role::KeyLabel, format!(" {}", hint.label)),
        Span::raw("  "),
    ]
}
