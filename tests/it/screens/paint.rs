//! Paints a model into a buffer, and the buffer as text and as a grid of style letters.

use std::collections::BTreeMap;
use std::fmt::Write as _;

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

/// The look of a terminal without colours, or of one that can show ASCII only.
pub fn plain(ascii: bool) -> Look {
    Look::choose(&LookRequest {
        no_color: true,
        ascii,
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

    /// The text, below it a letter for the style of every cell, below that what the letters mean.
    pub fn snapshot(&self) -> String {
        let mut styles: BTreeMap<String, char> = BTreeMap::new();
        let mut letters = ('a'..='z').chain('A'..='Z');
        let grid = self.lines(|cell| {
            let style = style(cell);
            if style.is_empty() {
                return if cell.symbol() == " " { " " } else { "." }.to_owned();
            }
            let letter = styles
                .entry(style)
                .or_insert_with(|| letters.next().unwrap_or('?'));
            letter.to_string()
        });
        let mut legend: Vec<_> = styles.into_iter().map(|(s, l)| (l, s)).collect();
        legend.sort_unstable();
        let mut out = self.text();
        let _ = writeln!(out, "styles\n{grid}. plain");
        for (letter, style) in legend {
            let _ = writeln!(out, "{letter} {style}");
        }
        out
    }
}

fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    for (what, color) in [("", cell.fg), ("on ", cell.bg)] {
        if color != ratatui::style::Color::Reset {
            words.push(format!("{what}{color}").to_lowercase());
        }
    }
    if !cell.modifier.is_empty() {
        words.push(format!("{:?}", cell.modifier).to_lowercase());
    }
    words.join(" ")
}
