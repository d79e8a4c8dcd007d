//! The footer: the keys that work now, the most important first, the way out last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pen::{Pen, Row};
use super::theme::Role;
use crate::app::action::Action;
use crate::app::keymap::{Hint, available};
use crate::app::model::Model;

/// Paints the footer.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect) {
    let row = row(pen, &available(model), usize::from(area.width));
    buffer.set_line(area.x, area.y, &row, area.width);
}

/// As many hints as fit; the way out and the way to everything else always do.
fn row(pen: Pen, hints: &[Hint], width: usize) -> Row {
    let kept = |hint: &Hint| {
        matches!(
            hint.action,
            Action::Quit | Action::Close | Action::Palette | Action::Help
        )
    };
    let size = |hint: &Hint| hint.key.len() + 1 + hint.label.len() + 2;
    let reserved: usize = hints.iter().filter(|h| kept(h)).map(size).sum();
    let mut room = width.saturating_sub(reserved + 1);
    let mut line = Line::from(" ");
    for hint in hints {
        if !kept(hint) {
            let Some(rest) = room.checked_sub(size(hint)) else {
                continue;
            };
            room = rest;
        }
        line.spans.push(pen.span(Role::Key, &hint.key));
        line.spans
            .push(pen.span(Role::KeyLabel, format!(" {}", hint.label)));
        line.spans.push(Span::raw("  "));
    }
    line
}
