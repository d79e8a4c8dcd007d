//! Ids, names and addresses replaced by others, the same by the same.
//!
//! Invariants: what is equal before is equal after, and what differs differs; private IPv4 addresses
//! stay, because they tell the structure and nothing else; everything that looks like an id, an
//! account, a MAC address, a public or an IPv6 address goes, wherever it stands.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use crate::ec2::error::without_encoded;

/// Prefixes of ids that EC2 gives out, as far as a journal can hold them.
const HEX_MIN: usize = 8;

/// What is replaced by what.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    /// The longest first, so that no name is cut by a shorter one within it.
    names: Vec<(String, String)>,
    words: BTreeMap<String, String>,
}

impl Redactor {
    /// Knows these names, and every id in the document.
    pub(super) fn new(names: &[String], document: &Value) -> Self {
        let mut known: Vec<&String> = names.iter().filter(|n| n.chars().count() > 1).collect();
        known.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.as_str()));
        known.dedup();
        let names = known.into_iter().filter(|name| kind(name).is_none());
        let mut redactor = Self {
            names: names
                .enumerate()
                .map(|(n, name)| (name.clone(), format!("name-{}", n + 1)))
                .collect(),
            words: BTreeMap::new(),
        };
        let mut counts = BTreeMap::new();
        redactor.learn(document, &mut counts);
        redactor
    }

    fn learn(&mut self, value: &Value, counts: &mut BTreeMap<String, u64>) {
        match value {
            Value::String(text) => {
                for word in words(text) {
                    let Some(kind) = kind(word).filter(|_| !self.words.contains_key(word)) else {
                        continue;
                    };
                    let n = counts.entry(kind.clone()).or_default();
                    *n += 1;
                    self.words.insert(word.to_owned(), stand_in(&kind, *n));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item, counts)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.learn(&Value::String(name.clone()), counts);
                    self.learn(value, counts);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The same document without them.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(n, v)| (self.text(n), self.value(v)))
                    .collect()
            }
            other => other.clone(),
        }
    }

    /// The same text without them.
    pub(super) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        // It names what is replaced here, for whoever may decode it.
        let mut named = without_encoded(text).0.into_owned();
        for (name, other) in &self.names {
            named = replace_whole(&named, name, other);
        }
        let mut rest = named.as_str();
        for word in words(&named) {
            let Some(at) = rest.find(word) else { continue };
            out.push_str(rest.get(..at).unwrap_or_default());
            match self.words.get(word) {
                Some(other) => out.push_str(other),
                // A word that was not in the document: made up on the spot, but never let through.
                None if kind(word).is_some() => out.push_str("redacted"),
                None => out.push_str(word),
            }
            rest = rest.get(at + word.len()..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }
}

/// Replaces a name where it is not part of a longer word.
fn replace_whole(text: &str, name: &str, other: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(at) = rest.find(name) {
        let (head, tail) = rest.split_at(at);
        let after = tail.get(name.len()..).unwrap_or_default();
        let left = head.chars().next_back().or(before);
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        out.push_str(head);
        let whole = !inside(left) && !inside(after.chars().next());
        out.push_str(if whole { other } else { name });
        before = name.chars().next_back();
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Words that could be an id or an address.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':')))
        .map(|word| member(word.trim_matches(['.', ':', '-'])))
        .filter(|word| !word.is_empty())
}

/// Without the names of members before it: `203.0.113.10` of `Association.203.0.113.10`.
fn member(word: &str) -> &str {
    match word.split_once('.') {
        Some((name, rest)) if name.bytes().all(|b| b.is_ascii_alphabetic()) => member(rest),
        _ => word,
    }
}

/// What an id or an address is of, `None` for any other word.
fn kind(word: &str) -> Option<String> {
    if word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit()) {
        return Some("account".to_owned());
    }
    if let Ok(ip) = word.parse::<Ipv4Addr>() {
        let public = !(ip.is_private() || ip.is_loopback() || ip.is_unspecified());
        return public.then(|| "ipv4".to_owned());
    }
    if word.contains(':') {
        let parts: Vec<&str> = word.split(':').collect();
        let hex = |p: &&str| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit());
        if parts.len() == 6 && parts.iter().all(hex) {
            return Some("mac".to_owned());
        }
        let v6 = word.parse::<Ipv6Addr>().is_ok() && parts.len() > 3;
        return v6.then(|| "ipv6".to_owned());
    }
    if is_uuid(word) {
        return Some("request".to_owned());
    }
    let (prefix, tail) = word.rsplit_once('-')?;
    let hex = tail.len() >= HEX_MIN && tail.bytes().all(|b| b.is_ascii_hexdigit());
    let letters = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (hex && letters).then(|| prefix.to_owned())
}

fn is_uuid(word: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = word.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

/// Of the same form, so that whatever reads the original reads this too.
fn stand_in(kind: &str, n: u64) -> String {
    match kind {
        "account" => format!("{n:012}"),
        // Addresses that nobody has (RFC 2544, RFC 3849).
        "ipv4" => format!("198.18.{}.{}", n / 256 % 256, n % 256),
        "ipv6" => format!("2001:db8::{n:x}"),
        "mac" => format!("02:00:00:00:{:02x}:{:02x}", n / 256 % 256, n % 256),
        "request" => format!("00000000-0000-0000-0000-{n:012x}"),
        prefix => format!("{prefix}-{n:017x}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_becomes_the_same_and_nothing_is_left() {
        let secrets = [
            "eni-0c1d52aa7be03f9a1",
            "i-0d1a2b3c4d5e6f701",
            "eni-attach-0b7e5c21d09f1a338",
            "198.51.100.7",
            "02:5e:11:04:aa:9c",
            "2600:1f18::5",
            "444455556666",
            "59dbff89-35bd-4eac-99ed-be587EXAMPLE",
            "3e4f0c2a-35bd-4eac-99ed-be5871234567",
            "db-primary",
        ];
        let text = secrets.join(" (")
            + "), PrivateIpAddresses.10.0.1.50 stays; eni-0c1d52aa7be03f9a1: again";
        let document =
            json!({ "a": text, "Association.198.51.100.7": ["x eni-0c1d52aa7be03f9a1."] });
        let redactor = Redactor::new(&["db-primary".to_owned()], &document);
        let out = redactor.value(&document);
        let printed = out.to_string();
        for secret in secrets.iter().filter(|s| !s.contains("EXAMPLE")) {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
        assert_eq!(
            printed.matches("eni-00000000000000001").count(),
            3,
            "{printed}"
        );
        assert!(
            printed.contains("10.0.1.50") && printed.contains("name-1"),
            "{printed}"
        );
    }

    #[test]
    fn names_are_replaced_only_where_they_stand_alone() {
        for (text, expected) in [
            ("db (db) mdb dbx db", "N (N) mdb dbx N"),
            ("db-2 db", "N-2 N"),
            ("", ""),
        ] {
            assert_eq!(replace_whole(text, "db", "N"), expected, "{text}");
        }
    }
}
