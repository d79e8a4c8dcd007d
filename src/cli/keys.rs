//! Every key of the screen, from the one table that the screen itself uses.

use serde_json::{Value, json};

use super::json::items;
use super::table::aligned;
use crate::app::keymap::{TABLE, help, name};

/// As text, by scope.
pub fn lines() -> Vec<String> {
    let mut rows = Vec::new();
    for (title, keys) in help().into_iter().filter(|(_, keys)| !keys.is_empty()) {
        if !rows.is_empty() {
            rows.push(vec![]);
        }
        rows.push(vec![title.to_owned()]);
        let described = keys.into_iter();
        rows.extend(described.map(|(keys, what)| vec![format!("  {keys}"), what.to_owned()]));
    }
    aligned(&rows)
}

/// As JSON.
pub fn json() -> Value {
    let bound = TABLE.iter().filter(|binding| !binding.keys.is_empty());
    let described = bound.map(|binding| {
        json!({
            "Scope": binding.scope.title(),
            "Keys": binding.keys.iter().map(|key| name(*key)).collect::<Vec<_>>(),
            "Description": binding.description,
        })
    });
    items(described.collect())
}
