//! The parameters of a call, written down once for both forms in which they are shown.
//!
//! Invariant: every parameter goes into the wire form and into the aws CLI line by one statement,
//! so that the two never say different things.

use std::fmt::Display;

use super::quoted;
use crate::ec2::resource::Tag;

/// Parameters in EC2's wire form, and the words of the aws CLI line.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub wire: Vec<(String, String)>,
    pub words: Vec<String>,
}

/// One structure of a list: its members by wire name.
pub(super) type Members = Vec<(&'static str, String)>;

impl Args {
    /// Goes over the wire only; [`Args::word`] says it to the aws CLI.
    pub fn wire(&mut self, name: impl Into<String>, value: impl Display) {
        self.wire.push((name.into(), value.to_string()));
    }

    /// `--option value`, quoted where a shell needs it.
    pub fn word(&mut self, option: &str, value: impl Display) {
        self.words.push(format!("--{option}"));
        self.words.push(quoted(&value.to_string()));
    }

    /// `Name=value`, `--name value`.
    pub fn one(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        self.word(&kebab(name), &value);
        self.wire(name, value);
    }

    /// The same, where there is a value.
    pub fn some<T: Display>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.one(name, value);
        }
    }

    /// `Name=true` and `--name`, or nothing.
    pub fn switch(&mut self, name: &str, on: bool) {
        if on {
            self.toggle(name, Some(true));
        }
    }

    /// `Name=true` and `--name`, `Name=false` and `--no-name`, or nothing.
    pub fn toggle(&mut self, name: &str, on: Option<bool>) {
        if let Some(on) = on {
            self.wire(name, on);
            self.flag(&kebab(name), on);
        }
    }

    /// `--option` or `--no-option`.
    pub fn flag(&mut self, option: &str, on: bool) {
        let no = if on { "" } else { "no-" };
        self.words.push(format!("--{no}{option}"));
    }

    /// `Wire.1=a`, `Wire.2=b` and `--option a b`, or nothing.
    pub fn list<T: Display>(&mut self, wire: &str, option: &str, values: &[T]) {
        if values.is_empty() {
            return;
        }
        self.words.push(format!("--{option}"));
        for (n, value) in values.iter().enumerate() {
            let value = value.to_string();
            self.words.push(quoted(&value));
            self.wire(format!("{wire}.{}", n + 1), value);
        }
    }

    /// `Wire.1.Member=a` and `--option Member=a`, in the aws CLI's shorthand.
    pub fn structures<N: Display>(&mut self, wire: &str, option: &str, items: &[Vec<(N, String)>]) {
        if items.is_empty() {
            return;
        }
        self.words.push(format!("--{option}"));
        for (n, members) in items.iter().enumerate() {
            let shorthand: Vec<_> = members.iter().map(|(k, v)| format!("{k}={v}")).collect();
            self.words.push(quoted(&shorthand.join(",")));
            for (name, value) in members {
                self.wire(format!("{wire}.{}.{name}", n + 1), value);
            }
        }
    }

    /// One structure: `Wire.Member=a` and `--option Member=a`.
    pub fn structure(&mut self, wire: &str, option: &str, members: &Members) {
        if members.is_empty() {
            return;
        }
        let shorthand: Vec<_> = members.iter().map(|(k, v)| format!("{k}={v}")).collect();
        self.word(option, shorthand.join(","));
        for (name, value) in members {
            self.wire(format!("{wire}.{name}"), value);
        }
    }

    /// The tags that something is created with.
    pub fn tags(&mut self, resource_type: &str, tags: &[Tag]) {
        self.tag_specifications(&[(resource_type, tags)]);
    }

    /// The tags of everything that a call creates.
    pub fn tag_specifications(&mut self, specifications: &[(&str, &[Tag])]) {
        let given: Vec<_> = specifications
            .iter()
            .filter(|(_, tags)| !tags.is_empty())
            .collect();
        if given.is_empty() {
            return;
        }
        self.words.push("--tag-specifications".to_owned());
        for (n, (resource_type, tags)) in given.into_iter().enumerate() {
            let head = format!("TagSpecification.{}", n + 1);
            self.wire(format!("{head}.ResourceType"), resource_type);
            let mut shorthand = Vec::new();
            for (n, tag) in tags.iter().enumerate() {
                self.wire(format!("{head}.Tag.{}.Key", n + 1), &tag.key);
                self.wire(format!("{head}.Tag.{}.Value", n + 1), &tag.value);
                shorthand.push(format!("{{Key={},Value={}}}", tag.key, tag.value));
            }
            let shorthand = shorthand.join(",");
            self.words.push(quoted(&format!(
                "ResourceType={resource_type},Tags=[{shorthand}]"
            )));
        }
    }
}

/// `SubnetId` becomes `subnet-id`, as the aws CLI names it.
pub(super) fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
