//! Names of the table and the ids that they stand for in one run of one case.

use std::collections::BTreeMap;

/// Ids by name.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn bind(&mut self, name: &str, id: &str) {
        self.0.insert(name.to_owned(), id.to_owned());
    }

    pub fn id(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every id that has a name.
    /// Every id that has a name.
    #[cfg(feature = "aws")]
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// The name of an id; the id itself where it has none.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.0.iter().find(|(_, known)| *known == id);
        found.map_or(id, |(name, _)| name)
    }

    /// Puts what they stand for in place of `{NAME}` and `{NAME.FIELD}`; `field` reads a field.
    pub fn fill(
        &self,
        text: &str,
        field: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let inner = from.get(1..).and_then(|f| f.split('}').next());
            let name = inner.filter(|n| is_name(n));
            let Some(name) = name else {
                out.push('{');
                rest = &from[1..];
                continue;
            };
            match self.id(name) {
                Some(id) => out.push_str(id),
                None if name.contains('.') => out.push_str(&field(name)?),
                None => return Err(format!("there is no {name}")),
            }
            rest = &from[name.len() + 2..];
        }
        Ok(out + rest)
    }
}

/// Whether a text asks for a field of anything.
pub fn has_fields(text: &str) -> bool {
    let inner = text.split('{').skip(1).filter_map(|f| f.split('}').next());
    inner
        .into_iter()
        .any(|name| is_name(name) && name.contains('.'))
}

/// What may stand between braces: JSON never does.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-.#".contains(c))
}

/// Every name that a text speaks of, among those that there are.
pub fn mentioned<'a>(text: &str, all: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || "-.#".contains(c)))
        .map(|word| word.strip_prefix("primary-").unwrap_or(word))
        .map(|word| word.split(['.', '#']).next().unwrap_or(word))
        .collect();
    let found = all.into_iter().filter(|name| words.contains(name));
    found.collect()
}
