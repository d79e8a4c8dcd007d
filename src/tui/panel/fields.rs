//! Every field of a resource, under EC2's own names, from its serialised form.
//!
//! Invariant: nothing is listed by hand, so nothing can be forgotten.

use serde::Serialize;
use serde_json::Value;

use super::super::pen::{Pen, Row};
use super::super::theme::Role;
use super::pair;

/// Column of the values.
const COLUMN: usize = 22;

/// The fields as lines; nested ones are indented under their own heading.
pub(super) fn all(pen: Pen, resource: &impl Serialize, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Ok(Value::Object(members)) = serde_json::to_value(resource) {
        for (name, value) in &members {
            lines(pen, name, value, 0, width, &mut rows);
        }
    }
    rows
}

fn lines(pen: Pen, name: &str, value: &Value, depth: usize, width: usize, rows: &mut Vec<Row>) {
    let label = format!("{}{name}", "  ".repeat(depth));
    match value {
        Value::Object(members) => {
            // A tag is one line.
            if let (2, Some(Value::String(key)), Some(Value::String(value))) =
                (members.len(), members.get("Key"), members.get("Value"))
            {
                let label = format!("{}{key}", "  ".repeat(depth));
                rows.extend(pair(pen, &label, value, Role::Text, COLUMN, width));
                return;
            }
            rows.push(pen.row(Role::Muted, format!(" {label}")));
            for (name, value) in members {
                lines(pen, name, value, depth + 1, width, rows);
            }
        }
        Value::Array(items) if items.is_empty() => {
            rows.extend(pair(pen, &label, "none", Role::Muted, COLUMN, width));
        }
        Value::Array(items) => {
            rows.push(pen.row(Role::Muted, format!(" {label}")));
            for (n, item) in items.iter().enumerate() {
                lines(pen, &format!("{}.", n + 1), item, depth + 1, width, rows);
            }
        }
        Value::String(text) => {
            let text = if text.is_empty() { "none" } else { text };
            rows.extend(pair(pen, &label, text, Role::Text, COLUMN, width));
        }
        Value::Null => {}
        other => rows.extend(pair(
            pen,
            &label,
            &other.to_string(),
            Role::Text,
            COLUMN,
            width,
        )),
    }
}
