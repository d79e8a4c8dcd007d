//! The JSON envelope: `{"version":1,"items":[…]}`, or one object with `version`.
//!
//! Invariants: members are named as EC2 names them; characters that could steer a terminal are
//! escaped, so that the text may be shown as it is and still parses to the same value.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ec2::shown::is_hidden;
use crate::failover::sky::Sky;

/// Version of every document.
pub const VERSION: u32 = 1;

/// A resource as JSON; members in the order of its type.
pub fn value(resource: &impl Serialize) -> Value {
    // Our own types have string keys only, so this cannot fail.
    serde_json::to_value(resource).unwrap_or(Value::Null)
}

/// One object with `version` before its members.
pub fn object(members: Value) -> Value {
    let mut out = Map::new();
    out.insert("version".to_owned(), json!(VERSION));
    if let Value::Object(members) = members {
        out.extend(members);
    }
    Value::Object(out)
}

/// A list.
pub fn items(items: Vec<Value>) -> Value {
    object(json!({ "items": items }))
}

/// Where calls go.
pub fn sky(sky: &Sky) -> Value {
    json!({
        "Kind": sky.kind,
        "Name": sky.name,
        "Account": sky.account,
        "Region": sky.region,
        "Profile": sky.profile,
        "Endpoint": sky.endpoint,
    })
}

/// The document as text, two spaces a level.
pub fn printed(value: &Value) -> String {
    escaped(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The document on one line, for a stream of them.
pub fn line(value: &Value) -> String {
    escaped(&value.to_string())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_parses_back() {
        let hostile = json!({ "a": "x\u{1b}]52\u{7}\u{9b}\u{202e}\u{e0041}é" });
        let text = printed(&hostile);
        assert!(text.chars().all(|c| c == '\n' || !is_hidden(c)));
        assert!(text.contains("\\u202e") && text.contains('é'));
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(hostile));
    }
}
