//! Filters of describes.
//!
//! Invariants: filters are joined by and, the values of one filter by or; `*` stands for any text and
//! `?` for one character, a backslash takes both at their word; values are compared as text, upper and
//! lower case apart (EC2 API Reference, "Filtering"). A name that the action does not document is
//! refused.

use super::params::{Params, missing};
use crate::ec2::error::ApiError;
use crate::ec2::resource::Tag;

/// Most filters of one request, and most values of one filter (EC2 User Guide, "Filtering").
const VALUES_MAX: usize = 200;

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    pub name: String,
    pub values: Vec<String>,
}

/// Takes `Filter.N.Name` and `Filter.N.Value.M`. Names are those of the action, or of tags.
pub(super) fn take(params: &mut Params, known: &[&str]) -> Result<Vec<Filter>, ApiError> {
    let mut out = Vec::new();
    for mut member in params.members("Filter")? {
        let name = member.needed("Name")?;
        let values = member.list("Value")?;
        member.finish()?;
        let tag = name.strip_prefix("tag:").is_some_and(|key| !key.is_empty());
        if !tag && !known.contains(&name.as_str()) {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("The filter '{name}' is invalid"),
            ));
        }
        if values.is_empty() {
            return Err(missing(&format!("Filter.Value of {name}")));
        }
        if values.len() > VALUES_MAX {
            return Err(ApiError::new(
                "FilterLimitExceeded",
                format!(
                    "The maximum number of filter values specified on a single call is {VALUES_MAX}"
                ),
            ));
        }
        out.push(Filter { name, values });
    }
    Ok(out)
}

impl Filter {
    /// Whether one of the resource's values passes.
    pub fn passes<T: AsRef<str>>(&self, values: impl IntoIterator<Item = T>) -> bool {
        values
            .into_iter()
            .any(|value| self.values.iter().any(|p| matches(p, value.as_ref())))
    }

    /// What a tag filter asks for; `None` if the filter is about something else.
    pub fn of_tags(&self, tags: &[Tag]) -> Option<bool> {
        if let Some(key) = self.name.strip_prefix("tag:") {
            let of_key = tags.iter().filter(|t| &*t.key == key);
            return Some(self.passes(of_key.map(|t| &*t.value)));
        }
        match self.name.as_str() {
            "tag-key" => Some(self.passes(tags.iter().map(|t| &*t.key))),
            "tag-value" => Some(self.passes(tags.iter().map(|t| &*t.value))),
            _ => None,
        }
    }
}

/// One pattern against one text, in time that grows with their product at worst.
fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == text;
    }
    let pattern: Vec<Piece> = pieces(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the newest `*` stands, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some(Piece::Star) => {
                star = Some((p, t));
                p += 1;
            }
            Some(Piece::One) => (p, t) = (p + 1, t + 1),
            Some(Piece::Char(wanted)) if wanted == c => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, reach)) => {
                    star = Some((at, reach + 1));
                    (p, t) = (at + 1, reach + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|piece| *piece == Piece::Star)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Star,
    One,
    Char(char),
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' => Piece::Star,
            '?' => Piece::One,
            '\\' => Piece::Char(chars.next().unwrap_or('\\')),
            c => Piece::Char(c),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let yes = [
            ("", ""),
            ("*", ""),
            ("a", "a"),
            ("db-*", "db-primary"),
            ("*-primary", "db-primary"),
            ("d?-*m*y", "db-primary"),
            ("**a**", "xay"),
            ("a*b*c", "aXbXbXc"),
            (r"\*\?\\", r"*?\"),
            ("?", "é"),
            (r"a\", r"a\"),
        ];
        for (pattern, text) in yes {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        let no = [
            ("", "a"),
            ("a", "A"),
            ("?", ""),
            ("?", "ab"),
            ("a*b", "abc"),
            (r"\*", "a"),
            ("db-?", "db-ab"),
        ];
        for (pattern, text) in no {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_take_long_does_not() {
        let pattern = "*a".repeat(100) + "b";
        let text = "a".repeat(5_000);
        assert!(!matches(&pattern, &text));
    }
}
