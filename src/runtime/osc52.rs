//! Copying through the terminal: OSC 52, write only.
//!
//! Invariant: nothing but base64 stands between the control bytes, whatever the text is.

/// Bytes of text that are sent at most; terminals drop longer sequences without a word.
const TEXT_MAX: usize = 8 * 1024;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The sequence that puts a text on the clipboard; `None` if it is too long.
pub fn sequence(text: &str) -> Option<Vec<u8>> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let mut out = b"\x1b]52;c;".to_vec();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * n) & 63).unwrap_or(0);
            let pad = n as usize > chunk.len();
            let letter = ALPHABET.get(index).copied().unwrap_or(b'=');
            out.push(if pad { b'=' } else { letter });
        }
    }
    out.push(0x07);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_travels_as_base64() {
        // RFC 4648, section 10.
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let wanted = format!("\x1b]52;c;{expected}\x07");
            assert_eq!(sequence(text), Some(wanted.into_bytes()), "{text}");
        }
        assert_eq!(sequence(&"x".repeat(TEXT_MAX + 1)), None);
    }
}
