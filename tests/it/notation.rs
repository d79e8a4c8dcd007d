//! Calls as one line of a table.
//!
//! `Action Parameter=value Parameter=value`: parameters have their API names, a value is JSON
//! without spaces where it is that, else text. `{name}` is the id of what has the tag `Name`;
//! `sg-#1` is the id made of that number.

use enipilot::ec2::call::Call;
use enipilot::ec2::world::World;
use serde_json::{Map, Value};

/// The call, if the line begins with an action.
pub fn call(text: &str) -> Option<Call> {
    let mut words = text.split_whitespace();
    let action = words.next().filter(|w| Call::ACTIONS.contains(w))?;
    let mut members = Map::new();
    members.insert("Action".to_owned(), action.into());
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("{text}"));
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        members.insert(name.to_owned(), value);
    }
    // What a call cannot do without and a line leaves out is missing, as it would be on the wire.
    let required: &[&str] = match action {
        "AttachNetworkInterface" => &["NetworkCardIndex"],
        "RunInstances" => &["MinCount", "MaxCount"],
        _ => &[],
    };
    for name in required {
        let default = u32::from(*name != "NetworkCardIndex");
        members.entry(*name).or_insert(default.into());
    }
    let call: Call = serde_json::from_value(Value::Object(members.clone()))
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    // A misspelt parameter would silently be none.
    let back = serde_json::to_value(&call).unwrap();
    for name in members.keys() {
        let known = back.get(name).is_some() || members[name] == 0;
        assert!(known, "{text}: there is no {name}");
    }
    Some(call)
}

/// Puts ids in place of `{name}` and `prefix-#number`.
pub fn with_ids(text: &str, world: &World, id: impl Fn(&str, usize) -> String) -> String {
    let mut text = text.to_owned();
    let mut name = |name: Option<&str>, id: &str| {
        if let Some(name) = name {
            text = text.replace(&format!("{{{name}}}"), id);
        }
    };
    for eni in world.enis() {
        name(eni.name(), eni.id.as_str());
    }
    for instance in world.instances() {
        name(instance.name(), instance.id.as_str());
    }
    let tagged = |tags: &[enipilot::ec2::resource::Tag]| {
        let found = tags.iter().find(|t| &*t.key == "Name");
        found.map(|t| t.value.to_string())
    };
    for vpc in world.vpcs() {
        name(tagged(&vpc.tags).as_deref(), vpc.id.as_str());
    }
    for subnet in world.subnets() {
        name(tagged(&subnet.tags).as_deref(), subnet.id.as_str());
    }
    for address in world.addresses() {
        name(tagged(&address.tags).as_deref(), address.id.as_str());
    }
    for table in world.route_tables() {
        name(tagged(&table.tags).as_deref(), table.id.as_str());
    }
    for group in world.groups() {
        name(Some(&group.group_name), group.id.as_str());
    }
    while let Some(at) = text.find("-#") {
        let start = text[..at]
            .rfind(|c: char| !c.is_ascii_lowercase())
            .map_or(0, |n| n + 1);
        let digits = text[at + 2..].find(|c: char| !c.is_ascii_digit());
        let end = digits.map_or(text.len(), |n| at + 2 + n);
        let number = text[at + 2..end].parse().unwrap();
        let whole = id(&text[start..=at], number);
        text.replace_range(start..end, &whole);
    }
    text
}
