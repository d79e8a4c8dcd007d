//! Errors of world files: from a place in the text to a line and a hint.

use std::ops::Range;

use super::WorldFileError;

/// The text being read, for error places.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name in errors.
    pub file: &'a str,
    /// The text.
    pub text: &'a str,
}

impl Source<'_> {
    /// An error at a place.
    pub fn error(
        &self,
        span: Range<usize>,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) -> WorldFileError {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        WorldFileError {
            file: self.file.to_owned(),
            line: 1 + before.iter().filter(|b| **b == b'\n').count(),
            what: what.into(),
            expected: expected.into(),
        }
    }

    /// What the TOML reader found wrong.
    pub fn toml_error(&self, error: &toml::de::Error) -> WorldFileError {
        let span = error.span().unwrap_or(0..0);
        let (what, mut expected) = taken_apart(error.message());
        if let Some(found) = quoted(&what).next()
            && what.starts_with("unknown ")
            && let Some(near) = nearest(found, quoted(&expected))
        {
            expected = format!("{expected}; did you mean `{near}`?");
        }
        self.error(span, what, expected)
    }
}

/// Splits `unknown field `x`, expected one of …` and its kin.
fn taken_apart(message: &str) -> (String, String) {
    let message = message.lines().collect::<Vec<_>>().join(", ");
    if let Some((what, expected)) = message.split_once(", expected ") {
        let what = what
            .replace("unknown field", "unknown key")
            .replace("unknown variant", "unknown value");
        let expected = match expected {
            "u16" => "a whole number from 0 to 65535",
            "u32" => "a whole number from 0 on",
            other => other,
        };
        return (what, expected.to_owned());
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return (format!("no {field} here"), format!("a value for {field}"));
    }
    let expected = if message.starts_with("duplicate key") {
        "every name once"
    } else {
        "TOML as of https://toml.io"
    };
    (message, expected.to_owned())
}

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The candidate that a slip of the hand turns into `word`, if there is one.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + word.chars().count() / 4;
    candidates
        .map(|c| (distance(word, c), c))
        .filter(|(d, c)| *d <= allowed && *d < c.chars().count())
        .min()
        .map(|(_, c)| c)
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = old[j] + usize::from(x != y);
            let mut best = replaced.min(old[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(older[j - 1] + 1);
            }
            row.push(best);
        }
        older = std::mem::replace(&mut old, row);
    }
    old.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        for (word, near) in [
            ("subnte", Some("subnet")),
            ("subne", Some("subnet")),
            ("instnace", Some("instance")),
            ("Subnet", Some("subnet")),
            ("colour", None),
            ("x", None),
        ] {
            let seen = nearest(word, ["subnet", "instance", "eip"].into_iter());
            assert_eq!(seen, near, "{word}");
        }
    }
}
