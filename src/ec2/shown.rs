//! Text from outside, made safe and honest for a terminal, a report, a log or a file name.
//!
//! Names, descriptions, tags and error texts come from other people. What reorders a row, hides in
//! it or drives the terminal becomes a visible escape such as `<202E>`; the rest stays as it is.
//!
//! Invariants: the result holds no control, format, bidirectional, zero-width or tag character and
//! no line break; at most [`MARKS_MAX`] combining marks follow one character and none leads; text
//! that needs nothing is borrowed, not copied. Compare identifiers, never what this returns.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks kept in a row; real writing needs two or three.
pub const MARKS_MAX: usize = 4;

/// Format characters (general category Cf), variation selectors and blank fillers, outside the
/// ranges that [`char::is_control`] knows. Inclusive, ascending.
const HIDDEN: &[(u32, u32)] = &[
    (0x00AD, 0x00AD), // soft hyphen
    (0x034F, 0x034F), // combining grapheme joiner
    (0x0600, 0x0605),
    (0x061C, 0x061C), // Arabic letter mark
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160), // Hangul fillers
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F), // zero-width space, joiners, marks of direction
    (0x2028, 0x202E), // line and paragraph separator, embeddings, overrides
    (0x2060, 0x206F), // word joiner, isolates, deprecated format characters
    (0x3164, 0x3164), // Hangul filler
    (0xFE00, 0xFE0F), // variation selectors: terminals disagree about the width they give
    (0xFEFF, 0xFEFF), // byte order mark
    (0xFFA0, 0xFFA0), // half-width Hangul filler
    (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF), // tags and further variation selectors
];

/// True for a character that must never reach a terminal as it is.
pub fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    if code < 0x7F {
        return code < 0x20;
    }
    c.is_control()
        || HIDDEN
            .iter()
            .take_while(|(first, _)| *first <= code)
            .any(|(_, last)| code <= *last)
}

/// True for a character that takes no column of its own.
fn is_mark(c: char) -> bool {
    c.width() == Some(0)
}

/// The text with everything dangerous or invisible made visible.
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut altered = false;
    let mut marks_left = 0;
    for (at, c) in text.char_indices() {
        let mark = is_mark(c);
        let escape = is_hidden(c) || (mark && marks_left == 0);
        marks_left = match (escape, mark) {
            // A mark after an escape would sit on its `>`.
            (true, _) => 0,
            (false, true) => marks_left - 1,
            (false, false) => MARKS_MAX,
        };
        if escape && !altered {
            altered = true;
            out.push_str(&text[..at]);
        }
        if escape {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "<{:04X}>", u32::from(c));
        } else if altered {
            out.push(c);
        }
    }
    if altered {
        Cow::Owned(out)
    } else {
        Cow::Borrowed(text)
    }
}

/// As [`shown`], cut to at most `columns` terminal columns, an ellipsis in place of what is cut.
pub fn shown_within(text: &str, columns: usize) -> Cow<'_, str> {
    let safe = shown(text);
    if safe.width() <= columns {
        return safe;
    }
    let mut out = String::new();
    let mut used = 0;
    for c in safe.chars() {
        let width = c.width().unwrap_or(0);
        // One column is kept for the ellipsis.
        if used + width + 1 > columns {
            break;
        }
        used += width;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_and_what_is_not() {
        for (text, expected) in [
            ("", ""),
            ("db-service", "db-service"),
            ("Zürich 東京", "Zürich 東京"),
            ("e\u{301}", "e\u{301}"),
            ("\u{1b}[31mred", "<001B>[31mred"),
            ("\u{1b}]52;c;aGk=\u{7}", "<001B>]52;c;aGk=<0007>"),
            ("a\u{9b}31m", "a<009B>31m"),
            ("two\nlines\ttab\r", "two<000A>lines<0009>tab<000D>"),
            ("txt.\u{202e}exe", "txt.<202E>exe"),
            ("\u{2066}x\u{2069}", "<2066>x<2069>"),
            ("a\u{200b}b\u{feff}c\u{ad}d", "a<200B>b<FEFF>c<00AD>d"),
            ("\u{2028}\u{2029}", "<2028><2029>"),
            ("\u{e0041}", "<E0041>"),
            ("\u{301}lead", "<0301>lead"),
            (
                "z\u{301}\u{301}\u{301}\u{301}\u{301}!",
                "z\u{301}\u{301}\u{301}\u{301}<0301>!",
            ),
            ("\u{7f}", "<007F>"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn clean_text_is_not_copied() {
        for text in ["plain", "Zürich"] {
            assert!(matches!(shown(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_cut_never_exceeds_its_columns() {
        for (text, columns, expected) in [
            ("db-service", 10, "db-service"),
            ("db-service", 9, "db-servi…"),
            ("東京東京", 5, "東京…"),
            ("東京東京", 4, "東…"),
            ("x", 0, ""),
            ("xy", 1, "…"),
            ("\u{202e}abc", 4, "<20…"),
        ] {
            assert_eq!(shown_within(text, columns), expected, "{text:?} {columns}");
        }
    }

    #[test]
    fn every_character_of_unicode_ends_up_harmless() {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}");
            let out = shown(&text);
            assert!(!out.chars().any(is_hidden), "U+{:04X}", u32::from(c));
            let lonely = c.to_string();
            assert!(
                shown(&lonely).width() > 0,
                "U+{:04X} vanishes",
                u32::from(c)
            );
        }
    }

    /// Any mixture: harmless, idempotent, no pile of marks, never wider than asked.
    #[test]
    fn mixtures_end_up_harmless() {
        const PIECES: &[&str] = &[
            "a",
            "é",
            "東",
            "\u{301}",
            "\u{302}",
            "\u{1b}",
            "\n",
            "\u{202e}",
            "\u{200d}",
            "👩",
            "\u{e0020}",
            "<",
            "\u{1160}",
            "\u{11ff}",
            "\u{fe0f}",
            " ",
        ];
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        for round in 0..4_000 {
            let mut text = String::new();
            for _ in 0..round % 24 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = usize::try_from(seed % 16).unwrap_or(0);
                text.push_str(PIECES[at]);
            }
            let out = shown(&text);
            assert!(!out.chars().any(is_hidden), "{text:?}");
            assert_eq!(shown(&out), out, "{text:?}");
            let mut run = 0;
            for c in out.chars() {
                run = if is_mark(c) { run + 1 } else { 0 };
                assert!(run <= MARKS_MAX, "{text:?}");
            }
            let columns = round % 17;
            assert!(shown_within(&text, columns).width() <= columns, "{text:?}");
        }
    }
}
