//! Paints a model. One file per screen region; colours only through theme roles.
//!
//! Invariants: no I/O and no clock; painting never changes the model; every state is a word or a
//! glyph before it is a colour; every string from outside goes through
//! [`crate::ec2::shown::shown`], and a last sweep over the frame catches what did not.

pub mod glyph;
pub mod look;
pub mod theme;

use ratatui::Frame;

use crate::app::geometry::{SIZE_MIN, panes};
use crate::app::model::Model;
pub use look::{Look, LookRequest};

/// Paints the whole screen.
pub fn view(frame: &mut Frame, model: &Model, look: &Look) {
    let area = frame.area();
    if panes((area.width, area.height), false).is_none() {
        let text = format!(
            "terminal {}x{}, enipilot needs {}x{}",
            area.width, area.height, SIZE_MIN.0, SIZE_MIN.1
        );
        let width = usize::from(area.width);
        let (style, buffer) = (look.style(theme::Role::Text), frame.buffer_mut());
        buffer.set_stringn(area.x, area.y, text, width, style);
    }
    let _ = model;
    glyph::sweep(frame.buffer_mut(), look.glyphs);
}
