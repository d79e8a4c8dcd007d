//! Copying through the terminal: OSC 52, write only.
//!
//! Invariant: nothing but base64 stands between the control bytes, whatever the text is.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// Bytes of text that are sent at most; terminals drop longer sequences without a word.
const TEXT_MAX: usize = 8 * 1024;

/// The sequence that puts a text on the clipboard; `None` if it is too long.
pub fn sequence(text: &str) -> Option<Vec<u8>> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let mut out = String::new();
    CopyToClipboard::to_clipboard_from(text)
        .write_ansi(&mut out)
        .ok()?;
    Some(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_travels_as_base64_up_to_a_limit() {
        let hostile = sequence("\x1b]0;x\x07").unwrap();
        assert_eq!(hostile, b"\x1b]52;c;G10wO3gH\x1b\\");
        assert!(sequence(&"x".repeat(TEXT_MAX)).is_some());
        assert_eq!(sequence(&"x".repeat(TEXT_MAX + 1)), None);
    }
}
