//! Bytes from a terminal to keys and pastes.
//!
//! An escape sequence may arrive in pieces, so an `ESC` counts as a key of its own only after
//! [`ESCAPE_WAIT`] without another byte; crossterm 0.29 does not wait and reads a split arrow key as
//! letters, and its reader spins on a dead terminal (crossterm-rs/crossterm#793).
//!
//! Invariants: pure; a sequence that is not understood gives nothing, never its letters; memory is
//! bounded whatever arrives.

use std::time::Duration;

use crate::app::msg::Key;

/// How long the rest of an escape sequence may take; Neovim waits as long.
pub const ESCAPE_WAIT: Duration = Duration::from_millis(50);

/// How long a paste may be silent before it is taken to be over.
pub const PASTE_WAIT: Duration = Duration::from_secs(1);

/// Pasted bytes that are kept; nothing that this program asks for is longer.
const PASTE_MAX: usize = 4_096;

/// Bytes after which an unfinished escape sequence is given up.
const SEQUENCE_MAX: usize = 64;

const PASTE_END: &[u8] = b"\x1b[201~";

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A key.
    Key(Key),
    /// A bracketed paste.
    Paste(String),
}

/// The decoder; it keeps what is unfinished.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What the first bytes are.
enum Step {
    /// This many bytes, and what they mean, if anything.
    Take(usize, Option<Typed>),
    /// A paste begins after this many bytes.
    Paste(usize),
    /// More bytes are needed.
    Wait,
}

impl Decoder {
    /// Takes bytes and gives what they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Typed> {
        self.bytes.extend_from_slice(bytes);
        let mut out = Vec::new();
        loop {
            if self.paste.is_some() {
                match self.paste_end() {
                    Some(text) => out.push(Typed::Paste(text)),
                    None => return out,
                }
            }
            if self.bytes.is_empty() {
                return out;
            }
            match step(&self.bytes) {
                Step::Take(n, typed) => {
                    self.bytes.drain(..n);
                    out.extend(typed);
                }
                Step::Paste(n) => {
                    self.bytes.drain(..n);
                    self.paste = Some(Vec::new());
                }
                Step::Wait => return out,
            }
        }
    }

    /// How long to wait for the rest of what is unfinished; `None` if nothing is.
    pub fn patience(&self) -> Option<Duration> {
        if self.paste.is_some() {
            Some(PASTE_WAIT)
        } else if self.bytes.is_empty() {
            None
        } else {
            Some(ESCAPE_WAIT)
        }
    }

    /// The rest did not come in time.
    pub fn expire(&mut self) -> Vec<Typed> {
        if let Some(mut text) = self.paste.take() {
            // What was held back as a possible end mark belongs to the text, but for its mark.
            text.extend(self.bytes.iter().take_while(|b| **b != 0x1b));
            self.bytes.clear();
            return vec![Typed::Paste(lossy(&text))];
        }
        let alone = self.bytes == b"\x1b";
        self.bytes.clear();
        if alone {
            vec![Typed::Key(Key::Esc)]
        } else {
            Vec::new()
        }
    }

    /// Moves bytes into the paste; its text once it is over.
    fn paste_end(&mut self) -> Option<String> {
        let paste = self.paste.as_mut()?;
        let end = self
            .bytes
            .windows(PASTE_END.len())
            .position(|w| w == PASTE_END);
        // The last bytes may be the beginning of the end mark.
        let keep = PASTE_END.len() - 1;
        let upto = end.unwrap_or(self.bytes.len().saturating_sub(keep));
        let room = PASTE_MAX.saturating_sub(paste.len());
        paste.extend(self.bytes.iter().take(upto.min(room)));
        self.bytes.drain(..upto);
        end?;
        self.bytes.drain(..PASTE_END.len());
        self.paste.take().map(|text| lossy(&text))
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn key(n: usize, key: Key) -> Step {
    Step::Take(n, Some(Typed::Key(key)))
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Wait,
        [0x1b, rest @ ..] => match rest {
            [] => Step::Wait,
            [b'[', params @ ..] => control_sequence(params),
            [b'O'] => Step::Wait,
            [b'O', last, ..] => Step::Take(3, cursor_key(*last).map(Typed::Key)),
            _ => key(1, Key::Esc),
        },
        [b'\r' | b'\n', ..] => key(1, Key::Enter),
        [b'\t', ..] => key(1, Key::Tab),
        [0x7f | 0x08, ..] => key(1, Key::Backspace),
        [control @ 0x01..=0x1a, ..] => key(1, Key::Ctrl(char::from(control + 0x60))),
        [0x00..=0x1f, ..] => Step::Take(1, None),
        [first, ..] => character(bytes, *first),
    }
}

/// `params` is what follows `ESC [`.
fn control_sequence(params: &[u8]) -> Step {
    let Some(end) = params.iter().position(|b| (0x40..=0x7e).contains(b)) else {
        return if params.len() > SEQUENCE_MAX {
            Step::Take(params.len() + 2, None)
        } else {
            Step::Wait
        };
    };
    let n = end + 3;
    let number: &[u8] = params
        .get(..end)
        .and_then(|p| p.split(|b| *b == b';').next())
        .unwrap_or_default();
    let found = match (params.get(end), number) {
        (Some(b'~'), b"200") => return Step::Paste(n),
        (Some(b'~'), b"1" | b"7") => Some(Key::Home),
        (Some(b'~'), b"3") => Some(Key::Delete),
        (Some(b'~'), b"4" | b"8") => Some(Key::End),
        (Some(b'~'), b"5") => Some(Key::PageUp),
        (Some(b'~'), b"6") => Some(Key::PageDown),
        (Some(b'Z'), _) => Some(Key::BackTab),
        (Some(last), _) => cursor_key(*last),
        (None, _) => None,
    };
    Step::Take(n, found.map(Typed::Key))
}

fn cursor_key(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

fn character(bytes: &[u8], first: u8) -> Step {
    let length = match first {
        0x20..=0x7e => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Take(1, None),
    };
    let Some(sequence) = bytes.get(..length) else {
        // A broken character must not hold back what follows it.
        let broken = bytes.iter().skip(1).any(|b| !(0x80..=0xbf).contains(b));
        return if broken {
            Step::Take(1, None)
        } else {
            Step::Wait
        };
    };
    match std::str::from_utf8(sequence).map(|s| s.chars().next()) {
        Ok(Some(c)) => key(length, Key::Char(c)),
        _ => Step::Take(1, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &[Typed]) -> String {
        let word = |t: &Typed| match t {
            Typed::Key(Key::Char(c)) => c.to_string(),
            Typed::Key(Key::Ctrl(c)) => format!("^{c}"),
            Typed::Key(key) => format!("{key:?}"),
            Typed::Paste(text) => format!("paste({text})"),
        };
        typed.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// Bytes, what they mean at once, what more comes when nothing follows.
    const CASES: &[(&[u8], &str, &str)] = &[
        (b"jk", "j k", ""),
        (b"\r\t\x7f\x08\x03", "Enter Tab Backspace Backspace ^c", ""),
        (b"\x1b[A\x1b[B\x1bOC\x1b[1;5D", "Up Down Right Left", ""),
        (
            b"\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3~\x1b[Z",
            "Home End PageUp PageDown Delete BackTab",
            "",
        ),
        ("é漢".as_bytes(), "é 漢", ""),
        (b"\xff\xc3(j", "( j", ""),
        (b"\x1b", "", "Esc"),
        (b"\x1b\x1b", "Esc", "Esc"),
        (b"\x1bj", "Esc j", ""),
        (b"\x1b[", "", ""),
        (b"\x1b[99;9", "", ""),
        (b"\x1b[99;9u\x1b[?1;2cx", "x", ""),
        (
            b"a\x1b[200~two\nlines\x1b[201~b",
            "a paste(two\nlines) b",
            "",
        ),
        (b"\x1b[200~cut off\x1b[20", "", "paste(cut off)"),
    ];

    #[test]
    fn bytes_become_keys() {
        for (bytes, expected, later) in CASES {
            let mut decoder = Decoder::default();
            assert_eq!(words(&decoder.feed(bytes)), *expected, "{bytes:?}");
            assert_eq!(words(&decoder.expire()), *later, "{bytes:?}");
            assert_eq!(decoder.patience(), None, "{bytes:?}");
        }
    }

    #[test]
    fn pieces_mean_the_same_as_the_whole() {
        for (bytes, expected, _) in CASES {
            let mut decoder = Decoder::default();
            let typed: Vec<Typed> = bytes.iter().flat_map(|b| decoder.feed(&[*b])).collect();
            assert_eq!(words(&typed), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut decoder = Decoder::default();
        decoder.feed(b"\x1b[200~");
        for _ in 0..1_000 {
            decoder.feed(&[b'x'; 1_000]);
        }
        assert!(decoder.bytes.len() < 16);
        let pasted = decoder.feed(PASTE_END);
        assert!(matches!(&pasted[..], [Typed::Paste(text)] if text.len() == PASTE_MAX));
        decoder.feed(b"\x1b[");
        for _ in 0..1_000 {
            decoder.feed(b"11111111");
        }
        assert!(decoder.bytes.len() <= SEQUENCE_MAX + 16);
    }
}
