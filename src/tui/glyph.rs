//! The glyphs of the screen, and what stands for them where only ASCII can be shown.
//!
//! Painters write the Unicode glyphs; [`sweep`] is the last hand on every frame. Invariant: every
//! glyph is one column wide in both sets.

use crate::ec2::shown::is_hidden;
use ratatui::buffer::Buffer;

/// Which glyphs the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Box drawing, arrows, ticks.
    Unicode,
    /// Nothing above 0x7E.
    Ascii,
}

/// A branch that is open.
pub const OPEN: &str = "▾";
/// A branch that is closed; what the cursor points at.
pub const CLOSED: &str = "▸";
/// A primary attachment: solid, it cannot be undone.
pub const PRIMARY: &str = "━";
/// A secondary attachment: dashed, it can.
pub const SECONDARY: &str = "┅";
/// Attached to nothing, or free.
pub const FREE: &str = "○";
/// An address.
pub const DOT: &str = "·";
/// It is so.
pub const TICK: &str = "✓";
/// It is not so.
pub const CROSS: &str = "✗";
/// Where one stands.
pub const HERE: &str = "▲";
/// Something is on its way.
pub const WAIT: &str = "…";

/// What stands for a glyph of ours in ASCII. Anything else becomes `?`.
const ASCII: &[(char, &str)] = &[
    ('▾', "v"),
    ('▸', ">"),
    ('━', "="),
    ('┅', "-"),
    ('┈', "."),
    ('○', "o"),
    ('●', "*"),
    ('·', "."),
    ('✓', "+"),
    ('✗', "x"),
    ('…', "~"),
    ('→', ">"),
    ('←', "<"),
    ('↑', "^"),
    ('▲', "^"),
    ('↓', "v"),
    ('─', "-"),
    ('│', "|"),
    ('┌', "+"),
    ('┐', "+"),
    ('└', "+"),
    ('┘', "+"),
    ('├', "+"),
    ('┤', "+"),
    ('┬', "+"),
    ('┴', "+"),
    ('┼', "+"),
    ('▏', "|"),
];

/// Makes sure that no cell drives the terminal, and that none leaves ASCII if it must not.
///
/// Everything from outside went through [`crate::ec2::shown::shown`] before; this is the second
/// line of defence, against a painter that forgot.
pub fn sweep(buffer: &mut Buffer, glyphs: Glyphs) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.len() == 1 && !symbol.starts_with(|c: char| c.is_control()) {
            continue;
        }
        let hostile = symbol.chars().any(is_hidden);
        if hostile {
            cell.set_symbol("?");
            continue;
        }
        if glyphs == Glyphs::Unicode {
            continue;
        }
        let mut chars = symbol.chars();
        let known = match (chars.next(), chars.next()) {
            (Some(c), None) => ASCII.iter().find(|(glyph, _)| *glyph == c),
            _ => None,
        };
        cell.set_symbol(known.map_or("?", |(_, ascii)| ascii));
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn a_hostile_cell_never_passes() {
        for symbol in ["\u{1b}", "a\u{202e}", "\u{9b}", "\u{200b}", "\u{7}"] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
            buffer.content[0].set_symbol(symbol);
            sweep(&mut buffer, Glyphs::Unicode);
            assert_eq!(buffer.content[0].symbol(), "?", "{symbol:?}");
        }
    }

    #[test]
    fn ascii_means_ascii() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "▾ ✓ é 東 a━", Style::new());
        sweep(&mut buffer, Glyphs::Ascii);
        let line: String = buffer.content.iter().map(|c| c.symbol()).collect();
        assert_eq!(line, "v + ? ?  a= ");
    }

    #[test]
    fn every_glyph_is_one_column_in_both_sets() {
        for (glyph, ascii) in ASCII {
            assert_eq!(glyph.to_string().width(), 1, "{glyph}");
            assert!(ascii.len() == 1 && ascii.is_ascii());
        }
        for glyph in [
            OPEN, CLOSED, PRIMARY, SECONDARY, FREE, DOT, TICK, CROSS, WAIT, HERE,
        ] {
            assert!(
                ASCII.iter().any(|(known, _)| glyph.starts_with(*known)),
                "{glyph}"
            );
        }
    }
}
