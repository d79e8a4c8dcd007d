//! Colours, and what becomes of them at each depth.

use ratatui::style::Color;

/// How many colours the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, only attributes.
    Mono,
    /// The 16 of ANSI.
    Ansi16,
    /// The 256 of xterm: the normal case over SSH, where COLORTERM does not travel.
    Indexed256,
    /// 24-bit.
    True,
}

/// One colour of a theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ink {
    /// As written: 24-bit or one of the 16.
    pub full: Color,
    /// One of the 16.
    pub ansi: Color,
}

impl Ink {
    /// The colour at a depth; `None` for the terminal's own.
    pub fn at(&self, depth: Depth) -> Option<Color> {
        let color = match depth {
            Depth::Mono => return None,
            Depth::Ansi16 => self.ansi,
            Depth::True => self.full,
            Depth::Indexed256 => match self.full {
                Color::Rgb(r, g, b) => Color::Indexed(nearest(r, g, b)),
                other => other,
            },
        };
        (color != Color::Reset).then_some(color)
    }
}

/// Names of the 16 and of the terminal's own colour.
pub(super) const NAMES: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

/// A colour by name.
pub(super) fn named(text: &str) -> Option<Color> {
    NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, color)| *color)
}

/// `#rrggbb`.
pub(super) fn hex(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = value.to_be_bytes();
    Some(Color::Rgb(r, g, b))
}

/// The nearest of xterm's 6x6x6 cube and its 24 greys.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |v: u8| {
        (0_u8..6)
            .zip(LEVELS)
            .min_by_key(|(_, level)| level.abs_diff(v))
            .unwrap_or((0, 0))
    };
    let ((ri, rl), (gi, gl), (bi, bl)) = (step(r), step(g), step(b));
    let distance = |x: u8, y: u8, z: u8| {
        let square = |d: u8| u32::from(d) * u32::from(d);
        square(x.abs_diff(r)) + square(y.abs_diff(g)) + square(z.abs_diff(b))
    };
    let (grey, level) = (0_u8..24)
        .map(|n| (232 + n, 8 + 10 * n))
        .min_by_key(|(_, level)| distance(*level, *level, *level))
        .unwrap_or((232, 8));
    if distance(level, level, level) < distance(rl, gl, bl) {
        grey
    } else {
        16 + 36 * ri + 6 * gi + bi
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_of_the_256() {
        for (text, expected) in [
            ("#e69f00", 178),
            ("#56b4e9", 74),
            ("#d55e00", 166),
            ("#cc79a7", 175),
            ("#000000", 16),
            ("#ffffff", 231),
            ("#808080", 244),
        ] {
            let Some(Color::Rgb(r, g, b)) = hex(text) else {
                unreachable!("{text}")
            };
            assert_eq!(nearest(r, g, b), expected, "{text}");
        }
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        for bad in ["#12345", "123456", "#12345g", "#+12345", "#éab"] {
            assert_eq!(hex(bad), None, "{bad}");
        }
    }
}
