//! The banner: an operation is open. One line, below the header, on every screen, until somebody
//! ends it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pen::{Pen, spread};
use super::theme::Role;
use crate::app::action::Action;
use crate::app::keymap::{self, Scope};
use crate::app::model::Model;
use crate::app::operations::Listed;

/// Paints the banner; nothing where nothing is open.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect) {
    let Some(listed) = model.open_operation() else {
        return;
    };
    let left = pen.row(Role::Error, format!(" ! {}", text(model, listed)));
    let mut right = Line::default();
    let here = listed.is_here(&model.sky);
    for (action, word) in [
        (Action::Operations, "look"),
        (Action::Resume, "finish"),
        (Action::UndoOperation, "put back"),
    ] {
        // Where something else has the keys, or there is no leave to write, they would not work.
        let works = action == Action::Operations || (here && model.sky.writes);
        let key = keymap::binding(Scope::Explorer, action).and_then(|b| b.keys.first());
        if let Some(key) = key.filter(|_| works && model.layers.is_empty()) {
            right.spans.push(pen.span(Role::Key, keymap::name(*key)));
            right
                .spans
                .push(pen.span(Role::KeyLabel, format!(" {word}  ")));
        }
    }
    let row = spread(left, right, usize::from(area.width));
    buffer.set_line(area.x, area.y, &row, area.width);
}

/// `db-service is attached to nothing: op 7f3a`
fn text(model: &Model, listed: &Listed) -> String {
    let more = model.left_behind().count().saturating_sub(1);
    let more = match more {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    let (name, _, target) = &listed.names;
    let op = &listed.op;
    if listed.operation().is_none() {
        return format!("the journal of operation {op} cannot be trusted{more}");
    }
    if listed.is_here(&model.sky) {
        return format!("{name} {}: op {op}{more}", listed.stands(&model.world));
    }
    let (account, region) = &listed.place;
    format!("op {op} left open in {account} {region}: {name} to {target}{more}")
}
