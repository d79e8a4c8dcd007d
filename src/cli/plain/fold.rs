//! Long lines folded for narrow terminals and for ears.
//!
//! Invariant: nothing is cut off but the blank at a fold; an aws CLI line that was folded can still
//! be pasted into a shell.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a line, at most.
pub(super) const COLUMNS: usize = 78;

/// The lines as they are printed.
pub(super) fn folded(lines: &[String]) -> Vec<String> {
    let each = lines.iter().flat_map(|line| line.split('\n'));
    each.flat_map(fold).collect()
}

fn fold(line: &str) -> Vec<String> {
    let line = line.trim_end();
    if line.width() <= COLUMNS {
        return vec![line.to_owned()];
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let shell = line.trim_start().starts_with("aws ");
    let deeper = if indent == 0 { 2 } else { indent + 4 };
    let hanging = " ".repeat(deeper.min(COLUMNS / 2));
    let room = if shell { COLUMNS - 2 } else { COLUMNS };
    let mut out = Vec::new();
    let mut rest = line.to_owned();
    while rest.width() > room {
        let Some(at) = place(&rest, room, hanging.len().max(indent + 1), shell) else {
            break;
        };
        let (head, tail) = rest.split_at(at);
        let end = if shell { " \\" } else { "" };
        out.push(format!("{}{end}", head.trim_end()));
        rest = format!("{hanging}{}", tail.trim_start());
    }
    out.push(rest);
    out
}

/// Where to fold: behind the last blank that leaves something before it, in a shell line one that
/// is not quoted; a word that is wider than the room is cut inside.
fn place(text: &str, room: usize, least: usize, shell: bool) -> Option<usize> {
    let mut width = 0;
    let mut last = None;
    let mut full = text.len();
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        width += c.width().unwrap_or(0);
        if width > room {
            full = at;
            break;
        }
        quoted ^= shell && c == '\'';
        if c == ' ' && at >= least && !quoted {
            last = Some(at + 1);
        }
    }
    match (last, shell) {
        // What is quoted stays whole: a backslash inside of quotes is a backslash.
        (None, true) => None,
        (last, _) => Some(last.unwrap_or(full)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_at_blanks_and_hang() {
        let long = format!("  1  {}", "word ".repeat(30));
        let lines = folded(std::slice::from_ref(&long));
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|l| l.width() <= COLUMNS), "{lines:?}");
        assert!(lines.iter().skip(1).all(|l| l.starts_with("      w")));
        let all: Vec<&str> = lines.iter().flat_map(|l| l.split_whitespace()).collect();
        assert_eq!(all, long.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn a_word_without_end_is_cut_and_wide_letters_count_double() {
        for text in ["x".repeat(200), "字".repeat(100)] {
            let lines = folded(std::slice::from_ref(&text));
            assert!(lines.iter().all(|l| l.width() <= COLUMNS), "{lines:?}");
            let all: String = lines.iter().map(|l| l.trim()).collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn an_aws_line_stays_one_for_the_shell() {
        let line = "aws ec2 attach-network-interface --network-interface-id eni-0c1d52aa7be03f9a1 --instance-id i-0d1a2b3c4d5e6f702 --device-index 1";
        let lines = folded(&[line.to_owned()]);
        assert!(lines.len() > 1);
        let joined = lines.join("\n").replace("\\\n", "");
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&joined), words(line));
        assert!(lines.iter().all(|l| l.width() <= COLUMNS));
    }
}
