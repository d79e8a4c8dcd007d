//! From ratatui's cells to the bytes of one frame.
//!
//! Invariants: a frame is one write, with the marks of a synchronized update inside it; a frame
//! that changes nothing is no write; the terminal is never asked anything (`Terminal::clear` of
//! ratatui asks crossterm's backend for the cursor, which stalls on slow lines and in a bare pty);
//! NO_COLOR is the look's business (crossterm 0.29 reads it itself and then resets every attribute
//! that was just set, which hides the selection: crossterm-rs/crossterm#1069).

mod encode;

use std::convert::Infallible;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal};

use encode::Encoder;

/// Draws frames into bytes.
#[derive(Debug)]
pub struct Canvas {
    terminal: Terminal<Bytes>,
    pastes: bool,
}

impl Canvas {
    /// A canvas of this many columns and rows, taken to be blank.
    pub fn new(size: (u16, u16)) -> Self {
        let bytes = Bytes {
            pending: Vec::with_capacity(64 * 1024),
            encoder: Encoder::new(size),
            size,
            place: None,
        };
        let Ok(terminal) = Terminal::new(bytes);
        Self {
            terminal,
            pastes: false,
        }
    }

    /// The terminal has another size now.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.terminal.backend_mut().size = size;
        self.forget();
    }

    /// Takes the terminal to show anything: the next frame repaints all of it.
    pub fn forget(&mut self) {
        let Ok(()) = self.terminal.clear();
        self.terminal.backend_mut().place = None;
        self.pastes = false;
    }

    /// The bytes that bring the terminal from the last frame to this one; empty if they are the
    /// same. `pastes`: a paste shall arrive as one (bracketed paste).
    pub fn frame(&mut self, pastes: bool, paint: impl FnOnce(&mut Frame)) -> Vec<u8> {
        let Ok(_) = self.terminal.draw(paint);
        let drawn = std::mem::take(&mut self.terminal.backend_mut().pending);
        if drawn.is_empty() && self.pastes == pastes {
            return drawn;
        }
        let mut frame = Vec::with_capacity(drawn.len() + 32);
        // Writing into memory does not fail. Terminals without synchronized updates ignore the marks.
        let _ = queue!(frame, BeginSynchronizedUpdate);
        frame.extend_from_slice(&drawn);
        if self.pastes != pastes {
            self.pastes = pastes;
            let mode: &[u8] = if pastes {
                b"\x1b[?2004h"
            } else {
                b"\x1b[?2004l"
            };
            frame.extend_from_slice(mode);
        }
        let _ = queue!(frame, EndSynchronizedUpdate);
        frame
    }
}

/// A backend that collects bytes and answers every question itself.
#[derive(Debug)]
struct Bytes {
    pending: Vec<u8>,
    encoder: Encoder,
    size: (u16, u16),
    /// Where the terminal's cursor was left for those who follow it.
    place: Option<Position>,
}

impl Backend for Bytes {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.encoder.encode(content, &mut self.pending);
        Ok(())
    }

    /// It is hidden from the first moment on.
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.place = None;
        Ok(())
    }

    /// It is never shown: it marks the place for those who follow it, and nothing blinks.
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, at: P) -> Result<(), Infallible> {
        let at: Position = at.into();
        // Drawing has moved it away; else it stands where it was left.
        if !self.pending.is_empty() || self.place != Some(at) {
            self.place = Some(at);
            let _ = queue!(self.pending, MoveTo(at.x, at.y));
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        let plain = SetAttribute(Attribute::Reset);
        let all = Clear(crossterm::terminal::ClearType::All);
        let _ = queue!(self.pending, plain, all);
        self.encoder = Encoder::new(self.size);
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(Size::new(self.size.0, self.size.1))
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: Size::new(self.size.0, self.size.1),
            pixels: Size::new(0, 0),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn frame(canvas: &mut Canvas, pastes: bool, text: &str) -> String {
        let bytes = canvas.frame(pastes, |f| f.render_widget(text, f.area()));
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_frame_carries_its_marks_and_an_equal_one_is_nothing() {
        let mut canvas = Canvas::new((20, 3));
        let first = frame(&mut canvas, false, "hello");
        assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"));
        assert!(first.contains("hello"));
        assert_eq!(frame(&mut canvas, false, "hello"), "");
        let second = frame(&mut canvas, false, "hellO");
        assert!(
            second.contains('O') && !second.contains("hell"),
            "{second:?}"
        );
    }

    #[test]
    fn the_cursor_marks_a_place_and_is_never_shown() {
        let mut canvas = Canvas::new((20, 3));
        let mut at = |text: &str, y| {
            let bytes = canvas.frame(false, |f| {
                f.render_widget(text, f.area());
                f.set_cursor_position((0, y));
            });
            String::from_utf8(bytes).unwrap()
        };
        let first = at("one", 2);
        assert!(first.ends_with("\x1b[3;1H\x1b[?2026l"), "{first:?}");
        assert!(!first.contains("\x1b[?25h"), "{first:?}");
        assert_eq!(at("one", 2), "");
        assert!(at("two", 2).ends_with("\x1b[3;1H\x1b[?2026l"));
        assert!(at("two", 1).ends_with("\x1b[2;1H\x1b[?2026l"));
    }

    #[test]
    fn nothing_is_ever_asked() {
        let mut canvas = Canvas::new((20, 3));
        let mut all = frame(&mut canvas, false, "one");
        canvas.forget();
        all += &frame(&mut canvas, false, "one");
        canvas.resize((10, 2));
        all += &frame(&mut canvas, false, "two");
        assert!(
            !all.contains("\x1b[6n") && !all.contains("\x1b[c"),
            "{all:?}"
        );
        assert_eq!(all.matches("one").count(), 2, "{all:?}");
        assert!(all.contains("two"));
    }

    #[test]
    fn paste_mode_is_switched_once() {
        let mut canvas = Canvas::new((20, 3));
        assert!(frame(&mut canvas, true, "x").contains("\x1b[?2004h"));
        assert_eq!(frame(&mut canvas, true, "x"), "");
        assert!(frame(&mut canvas, false, "x").contains("\x1b[?2004l"));
    }
}
