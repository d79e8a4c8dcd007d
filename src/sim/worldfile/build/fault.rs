//! `[faults]` and `[deny]`: the switches of a world.
//!
//! Invariant: a key and a value say what `key=value` says in short notation, underscores for dashes.

use toml::{Spanned, Value};

use super::{Builder, Result};
use crate::sim::faults::{Item, Kind};

impl Builder<'_> {
    /// The switches, in the order of their names, with ids in place of names.
    pub(super) fn faults(&self) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for action in self.file.deny.iter().flat_map(|d| &d.actions) {
            let text = format!("deny={}", action.get_ref());
            items.push(self.fault(&text, action.span())?);
        }
        for (name, value) in &self.file.faults {
            for text in self.texts(name, value)? {
                items.push(self.fault(&text, value.span())?);
            }
        }
        Ok(items)
    }

    /// A key with its value, or with each of its values, in short notation.
    fn texts(&self, name: &Spanned<String>, value: &Spanned<Value>) -> Result<Vec<String>> {
        let key = name.get_ref().replace('_', "-");
        let wrong = |found: &Value| {
            let what = format!("the value {found} for the fault `{key}`");
            let expected = "true, a text such as \"5%\" or \"db-primary@30s\", or a list of texts";
            self.source.error(value.span(), what, expected)
        };
        let text = |value: &Value| match value {
            Value::Boolean(true) => Ok(key.clone()),
            Value::String(text) if text.starts_with('@') => Ok(format!("{key}{text}")),
            Value::String(text) => Ok(format!("{key}={text}")),
            other => Err(wrong(other)),
        };
        match value.get_ref() {
            Value::Array(all) => all.iter().map(text).collect(),
            // Off, as if it were not there.
            Value::Boolean(false) => Ok(Vec::new()),
            one => Ok(vec![text(one)?]),
        }
    }

    fn fault(&self, text: &str, place: std::ops::Range<usize>) -> Result<Item> {
        let mut item = Item::parse(text)
            .map_err(|(what, expected)| self.source.error(place.clone(), what, expected))?;
        // The name of a table holds before a tag that says the same.
        if let Some((kind, name)) = item.fault.target_mut() {
            let id = match kind {
                Kind::Instance => self.instances.by_name.get(&**name).map(|i| i.as_str()),
                Kind::Eni => self.enis.by_name.get(&**name).map(|e| e.as_str()),
                Kind::Zone => None,
            };
            if let Some(id) = id {
                *name = id.into();
            }
        }
        item.located(&self.world)
            .map_err(|wrong| self.source.error(place, wrong.what, wrong.expected))
    }
}
