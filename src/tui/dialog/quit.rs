//! Leave although something runs? Says what stays done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, paint};
use super::super::theme::Role;
use crate::app::model::Model;
use crate::failover::sky::Kind;

const WIDTH: u16 = 64;

pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    let (role, text) = if !model.is_flying() {
        (
            Role::Text,
            "Clients have asked in the last few seconds. Leaving ends the endpoint, and with it the world as it is now.",
        )
    } else if model.sky.kind != Kind::Live {
        (
            Role::Text,
            "A failover is under way in the simulator. Leaving throws it away; nothing real is touched.",
        )
    } else if model.is_critical() {
        (
            Role::Error,
            "The interface is between two instances. The program finishes the attach, or puts it back, and ends then.",
        )
    } else {
        (
            Role::Warning,
            "A failover is under way. Leaving stops it before its next call; what EC2 has accepted stays done.",
        )
    };
    let rows = pen.wrapped(role, text, width, " ");
    let inner = super::middle(pen, buffer, body, WIDTH, rows.len(), "leave?");
    paint(buffer, inner, &rows, 0);
}
