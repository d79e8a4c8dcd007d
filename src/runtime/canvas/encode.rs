//! Cells to bytes, few of them: a failing link is often what one lands on when a network fails.
//!
//! Against crossterm's own encoding: one SGR sequence for a change of style and the shorter of its
//! two forms, relative moves, unchanged neighbours written through instead of jumped over, runs of
//! blanks erased (`ECH`, known to xterm, VTE, tmux, screen, mosh and the Linux console).
//!
//! Invariant: after the bytes of a frame the terminal shows exactly the cells, and its style is
//! reset.

use std::fmt::Write;

use crossterm::Command;
use crossterm::cursor::{MoveRight, MoveTo};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A run of blanks from this length on is erased instead of written.
const ERASE_MIN: u16 = 9;

/// Modifiers that show on a blank.
const SHOW_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT);

/// Modifier, SGR parameter that sets it, parameter that ends it.
const MODIFIERS: &[(Modifier, u8, u8)] = &[
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How a cell looks, without its symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen {
    fg: Color::Reset,
    bg: Color::Reset,
    modifier: Modifier::empty(),
};

/// What the terminal shows, as far as this program has drawn it.
#[derive(Debug)]
pub(super) struct Encoder {
    width: u16,
    shown: Vec<Cell>,
}

/// One frame on its way.
struct Frame<'a> {
    out: &'a mut String,
    pen: Pen,
    at: Option<(u16, u16)>,
}

impl Encoder {
    /// A terminal that shows nothing.
    pub(super) fn new(size: (u16, u16)) -> Self {
        Self {
            width: size.0,
            shown: vec![Cell::default(); usize::from(size.0) * usize::from(size.1)],
        }
    }

    /// The bytes that bring these cells (row by row, from left to right) onto the terminal.
    pub(super) fn encode<'a>(
        &mut self,
        cells: impl Iterator<Item = (u16, u16, &'a Cell)>,
        bytes: &mut Vec<u8>,
    ) {
        let mut out = String::new();
        let mut frame = Frame {
            out: &mut out,
            pen: PLAIN,
            at: None,
        };
        let mut cells = cells.peekable();
        while let Some((x, y, cell)) = cells.next() {
            self.remember(x, y, cell);
            self.go(&mut frame, x, y);
            let mut blanks = 1;
            if is_erasable(cell) {
                while let Some((_, _, next)) = cells
                    .next_if(|(nx, ny, next)| (*nx, *ny) == (x + blanks, y) && is_erasable(next))
                {
                    self.remember(x + blanks, y, next);
                    blanks += 1;
                }
            }
            if blanks >= ERASE_MIN {
                frame.wear(PLAIN);
                let _ = write!(frame.out, "\x1b[{blanks}X");
                continue;
            }
            frame.put(cell);
            for _ in 1..blanks {
                frame.put(&Cell::EMPTY);
            }
        }
        frame.wear(PLAIN);
        bytes.extend_from_slice(out.as_bytes());
    }

    fn remember(&mut self, x: u16, y: u16, cell: &Cell) {
        let at = usize::from(y) * usize::from(self.width) + usize::from(x);
        if let Some(shown) = self.shown.get_mut(at) {
            *shown = cell.clone();
        }
        for hidden in 1..cell.symbol().width() {
            if let Some(shown) = self.shown.get_mut(at + hidden) {
                // The right half of a wide character cannot be written on its own.
                shown.set_symbol("");
            }
        }
    }

    /// Moves the cursor, in the cheapest way.
    fn go(&self, frame: &mut Frame, x: u16, y: u16) {
        match frame.at {
            Some(at) if at == (x, y) => return,
            Some((from, row)) if row == y && from < x => {
                let gap = x - from;
                if gap < 4 && self.write_through(frame, from, x, y) {
                    return;
                }
                let _ = match gap {
                    1 => write!(frame.out, "\x1b[C"),
                    n => MoveRight(n).write_ansi(frame.out),
                };
            }
            _ => {
                let _ = MoveTo(x, y).write_ansi(frame.out);
            }
        }
        frame.at = Some((x, y));
    }

    /// Writes what already stands between two columns, if that needs no change of style.
    fn write_through(&self, frame: &mut Frame, from: u16, to: u16, y: u16) -> bool {
        let start = usize::from(y) * usize::from(self.width);
        let between = self
            .shown
            .get(start + usize::from(from)..start + usize::from(to))
            .unwrap_or_default();
        let same = |cell: &Cell| cell.symbol().len() == 1 && frame.pen.suits(cell);
        if between.is_empty() || !between.iter().all(same) {
            return false;
        }
        for cell in between {
            frame.put(cell);
        }
        true
    }
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// The cell looks the same when it is drawn with this pen.
    fn suits(self, cell: &Cell) -> bool {
        let wanted = Self::of(cell);
        if cell.symbol() == " " {
            let shows = |pen: Self| (pen.bg, pen.modifier & SHOW_ON_BLANK);
            // A reversed or underlined blank shows its foreground.
            let fg = wanted.fg == self.fg || (wanted.modifier & SHOW_ON_BLANK).is_empty();
            return fg && shows(wanted) == shows(self);
        }
        wanted == self
    }
}

fn is_erasable(cell: &Cell) -> bool {
    cell.symbol() == " " && PLAIN.suits(cell)
}

impl Frame<'_> {
    fn put(&mut self, cell: &Cell) {
        if !self.pen.suits(cell) {
            self.wear(Pen::of(cell));
        }
        self.out.push_str(cell.symbol());
        let width = u16::try_from(cell.symbol().width()).unwrap_or(1);
        self.at = self.at.map(|(x, y)| (x + width, y));
    }

    fn wear(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        let change = change(self.pen, pen);
        let fresh = fresh(pen);
        let shorter = if fresh.len() <= change.len() {
            fresh
        } else {
            change
        };
        let _ = write!(self.out, "\x1b[{shorter}m");
        self.pen = pen;
    }
}

/// SGR parameters that make a pen out of nothing.
fn fresh(pen: Pen) -> String {
    let mut out = String::from("0");
    for (modifier, on, _) in MODIFIERS {
        if pen.modifier.contains(*modifier) {
            let _ = write!(out, ";{on}");
        }
    }
    if pen.fg != Color::Reset {
        out.push(';');
        color(&mut out, pen.fg, 30);
    }
    if pen.bg != Color::Reset {
        out.push(';');
        color(&mut out, pen.bg, 40);
    }
    out
}

/// SGR parameters that make one pen out of another.
fn change(from: Pen, to: Pen) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut left = from.modifier;
    for (modifier, _, off) in MODIFIERS {
        if left.contains(*modifier) && !to.modifier.contains(*modifier) {
            parts.push(off.to_string());
            // One parameter ends bold and dim together; what shall stay is set again below.
            for (other, _, same) in MODIFIERS {
                if same == off {
                    left.remove(*other);
                }
            }
        }
    }
    for (modifier, on, _) in MODIFIERS {
        if to.modifier.contains(*modifier) && !left.contains(*modifier) {
            parts.push(on.to_string());
        }
    }
    for (old, new, base) in [(from.fg, to.fg, 30), (from.bg, to.bg, 40)] {
        if old != new {
            let mut part = String::new();
            color(&mut part, new, base);
            parts.push(part);
        }
    }
    parts.join(";")
}

/// `base` is 30 for a foreground, 40 for a background.
fn color(out: &mut String, color: Color, base: u8) {
    let ansi = |n: u8| if n < 8 { base + n } else { base + 52 + n };
    let _ = match color {
        Color::Reset => write!(out, "{}", base + 9),
        Color::Black => write!(out, "{}", ansi(0)),
        Color::Red => write!(out, "{}", ansi(1)),
        Color::Green => write!(out, "{}", ansi(2)),
        Color::Yellow => write!(out, "{}", ansi(3)),
        Color::Blue => write!(out, "{}", ansi(4)),
        Color::Magenta => write!(out, "{}", ansi(5)),
        Color::Cyan => write!(out, "{}", ansi(6)),
        Color::Gray => write!(out, "{}", ansi(7)),
        Color::DarkGray => write!(out, "{}", ansi(8)),
        Color::LightRed => write!(out, "{}", ansi(9)),
        Color::LightGreen => write!(out, "{}", ansi(10)),
        Color::LightYellow => write!(out, "{}", ansi(11)),
        Color::LightBlue => write!(out, "{}", ansi(12)),
        Color::LightMagenta => write!(out, "{}", ansi(13)),
        Color::LightCyan => write!(out, "{}", ansi(14)),
        Color::White => write!(out, "{}", ansi(15)),
        Color::Indexed(n @ 0..=15) => write!(out, "{}", ansi(n)),
        Color::Indexed(n) => write!(out, "{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => write!(out, "{};2;{r};{g};{b}", base + 8),
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    /// Small numbers without end (xorshift).
    struct Dice(u32);

    impl Dice {
        fn roll(&mut self, sides: u32) -> u32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 17;
            self.0 ^= self.0 << 5;
            self.0 % sides
        }
    }

    const SIZE: (u16, u16) = (40, 6);

    fn scribble(buffer: &mut Buffer, dice: &mut Dice) {
        const COLORS: [Color; 6] = [
            Color::Reset,
            Color::Reset,
            Color::Red,
            Color::Indexed(12),
            Color::Indexed(200),
            Color::Rgb(1, 2, 3),
        ];
        const WORDS: [&str; 7] = [
            "a",
            "detached",
            "        ",
            "━ é",
            " x ",
            "━┅▸",
            "            ",
        ];
        for _ in 0..1 + dice.roll(6) {
            let mut modifier = Modifier::empty();
            for (one, ..) in MODIFIERS {
                if dice.roll(6) == 0 && !one.intersects(Modifier::RAPID_BLINK | Modifier::HIDDEN) {
                    modifier |= *one;
                }
            }
            let style = Style::new()
                .fg(COLORS[dice.roll(6) as usize])
                .bg(COLORS[(dice.roll(9) as usize).saturating_sub(3)])
                .add_modifier(modifier)
                .remove_modifier(!modifier);
            // Even columns only: ratatui's own diff overlooks a wide character that is overwritten by
            // one which begins a column earlier.
            let (x, y) = (
                dice.roll(u32::from(SIZE.0) / 2) * 2,
                dice.roll(u32::from(SIZE.1)),
            );
            let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
            buffer.set_string(x, y, WORDS[dice.roll(7) as usize], style);
        }
    }

    fn vt(color: Color) -> vt100::Color {
        match color {
            Color::Reset => vt100::Color::Default,
            Color::Red => vt100::Color::Idx(1),
            Color::Indexed(n) => vt100::Color::Idx(n),
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            other => unreachable!("{other:?}"),
        }
    }

    fn assert_shows(screen: &vt100::Screen, buffer: &Buffer, seed: u32) {
        for y in 0..SIZE.1 {
            let mut x = 0;
            while x < SIZE.0 {
                let (cell, seen) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
                let place = format!("seed {seed}, {x},{y}: {cell:?} as {seen:?}");
                let text = if seen.has_contents() {
                    seen.contents()
                } else {
                    " "
                };
                assert_eq!(text, cell.symbol(), "{place}");
                assert_eq!(seen.bgcolor(), vt(cell.bg), "{place}");
                let has = |m| cell.modifier.contains(m);
                assert_eq!(seen.inverse(), has(Modifier::REVERSED), "{place}");
                assert_eq!(seen.underline(), has(Modifier::UNDERLINED), "{place}");
                if cell.symbol() != " " {
                    assert_eq!(seen.fgcolor(), vt(cell.fg), "{place}");
                    // vt100 keeps either bold or dim, whichever came last.
                    if !has(Modifier::BOLD) || !has(Modifier::DIM) {
                        assert_eq!(seen.bold(), has(Modifier::BOLD), "{place}");
                        assert_eq!(seen.dim(), has(Modifier::DIM), "{place}");
                    }
                    assert_eq!(seen.italic(), has(Modifier::ITALIC), "{place}");
                }
                x += u16::try_from(cell.symbol().width().max(1)).unwrap();
            }
        }
    }

    #[test]
    fn a_terminal_shows_what_was_drawn_whatever_was_there_before() {
        for seed in 1..400 {
            let mut dice = Dice(seed);
            let mut encoder = Encoder::new(SIZE);
            let mut parser = vt100::Parser::new(SIZE.1, SIZE.0, 0);
            let mut before = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
            for _ in 0..6 {
                let mut after = before.clone();
                scribble(&mut after, &mut dice);
                let mut bytes = Vec::new();
                encoder.encode(before.diff(&after).into_iter(), &mut bytes);
                parser.process(&bytes);
                assert_shows(parser.screen(), &after, seed);
                before = after;
            }
        }
    }

    #[test]
    fn the_cheapest_form_is_chosen() {
        let area = Rect::new(0, 0, 40, 2);
        let cost = |before: &Buffer, after: &Buffer| {
            let mut encoder = Encoder::new((40, 2));
            let mut bytes = Vec::new();
            let empty = Buffer::empty(area);
            encoder.encode(empty.diff(before).into_iter(), &mut Vec::new());
            encoder.encode(before.diff(after).into_iter(), &mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        let line = |text: &str| Buffer::with_lines([format!("{text:40}"), " ".repeat(40)]);
        for (before, after, expected) in [
            ("be but", "by but", "\x1b[1;2Hy"),
            ("one two", "oNe tWo", "\x1b[1;2HNe tW"),
            ("one        two", "onE        tWo", "\x1b[1;3HE\x1b[9CW"),
            ("0123456789", "", "\x1b[1;1H\x1b[10X"),
            ("01234", "", "\x1b[1;1H     "),
        ] {
            assert_eq!(cost(&line(before), &line(after)), expected, "{before}");
        }
        let mut bold = line("x");
        bold.set_string(0, 0, "x", Style::new().bold().fg(Color::Indexed(6)));
        assert_eq!(cost(&line("x"), &bold), "\x1b[1;1H\x1b[1;36mx\x1b[0m");
    }
}
