//! The endpoint of a served world, in the line above the feed: where it listens, whose key it takes,
//! how much it was asked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, heading, rect};
use super::theme::Role;
use crate::app::action::Action;
use crate::app::geometry::Panes;
use crate::app::keymap::{self, Scope};
use crate::app::model::Model;

/// Columns at the right end that belong to the panel's own mark, how much of it follows below.
const MARK: u16 = 12;

/// Paints the line, if a world is served.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, panes: &Panes, area: Rect) {
    let Some(served) = &model.served else { return };
    let feed = rect(panes.feed, area);
    if feed.height == 0 {
        return;
    }
    let key = keymap::binding(Scope::Explorer, Action::Exports);
    let key = key.and_then(|b| b.keys.first().copied());
    let key = key.map(keymap::name).unwrap_or_default();
    let requests = match served.requests {
        0 => "nobody has asked yet".to_owned(),
        1 => "1 request".to_owned(),
        n => format!("{n} requests"),
    };
    let id = format!("  key {}", served.access_key_id);
    let row = |id: &str| {
        pen.rows([
            (Role::Title, &*served.endpoint),
            (Role::Muted, &format!("{id}  {requests}  ")),
            (Role::Key, &key),
            (Role::KeyLabel, " exports"),
        ])
    };
    let width = feed.width.saturating_sub(MARK);
    let full = row(&id);
    let fits = full.width() + 3 <= usize::from(width);
    let row = if fits { full } else { row("") };
    heading(buffer, feed.x, feed.y.saturating_sub(1), width, row);
}
