//! Paints a model into a buffer, and the buffer as text and as a grid of style letters.

use enipilot::app::model::Model;
use enipilot::tui::{Look, LookRequest, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};

/// A painted screen.
pub struct Screen(pub Buffer);

/// The look of an ordinary terminal.
pub fn colour() -> Look {
    Look::choose(&LookRequest {
        term: Some("xterm-256color".into()),
        locale: Some("C.UTF-8".into()),
        ..LookRequest::default()
    })
    .unwrap()
}

impl Screen {
    /// As an ordinary terminal shows it.
    pub fn of(model: &Model, size: (u16, u16)) -> Self {
        Self::with(model, size, &colour())
    }

    /// As a terminal with this look shows it.
    pub fn with(model: &Model, size: (u16, u16), look: &Look) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal.draw(|frame| view(frame, model, look)).unwrap();
        Self(terminal.backend().buffer().clone())
    }

    fn lines(&self, mut letter: impl FnMut(&Cell) -> String) -> String {
        let width = usize::from(self.0.area.width).max(1);
        let mut out = String::new();
        for row in self.0.content.chunks(width) {
            let line: String = row.iter().map(&mut letter).collect();
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.lines(|cell| cell.symbol().to_owned())
    }
}
