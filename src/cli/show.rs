//! One resource with every field.
//!
//! Invariant: the text is made from the same value as the JSON, so neither can leave out a field
//! that the other has.

use serde_json::{Map, Value, json};

use super::find::{Found, by_id};
use super::json::object;
use super::table::aligned;
use super::tree::{gaps, with_gaps};
use crate::ec2::eni::Eni;
use crate::ec2::world::World;
use crate::rules::ownership::owner;
use crate::sim::guest::Guest;

/// One object: `ResourceType`, then every field, then what stands around it.
pub fn json(world: &World, found: &Found, guest: Option<&Guest>) -> Value {
    let mut members = Map::new();
    members.insert("ResourceType".to_owned(), json!(resource_type(found)));
    if let Value::Object(fields) = found.value() {
        members.extend(fields);
    }
    members.extend(around(world, found, guest));
    with_gaps(object(Value::Object(members)), world)
}

/// As EC2 names it in tag specifications (EC2 API Reference, "TagSpecification").
fn resource_type(found: &Found) -> &'static str {
    match found {
        Found::Vpc(_) => "vpc",
        Found::Subnet(_) => "subnet",
        Found::Instance(_) => "instance",
        Found::Eni(_) => "network-interface",
        Found::Group(_) => "security-group",
        Found::Address(_) => "elastic-ip",
        Found::RouteTable(_) => "route-table",
    }
}

/// What a describe of the resource alone would not show.
fn around(world: &World, found: &Found, guest: Option<&Guest>) -> Map<String, Value> {
    let mut out = Map::new();
    match found {
        Found::Eni(eni) => {
            out.insert("Routes".to_owned(), json!(routes_to(world, eni)));
            if let Some(owner) = owner(eni) {
                let by = json!({
                    "Service": owner.service, "Resource": owner.resource, "Because": owner.because
                });
                out.insert("ManagedBy".to_owned(), by);
            }
        }
        Found::Instance(instance) => {
            let enis = world.enis_of(&instance.id).into_iter();
            let enis: Vec<Value> = enis.map(|e| super::json::value(&**e)).collect();
            out.insert("NetworkInterfaces".to_owned(), json!(enis));
            if let Some(guest) = guest {
                out.insert("Guest".to_owned(), super::json::value(guest));
            }
        }
        Found::Subnet(subnet) => {
            let ids: Vec<_> = world.enis_in(&subnet.id).map(|e| e.id.as_str()).collect();
            out.insert("NetworkInterfaceIds".to_owned(), json!(ids));
        }
        Found::Vpc(vpc) => {
            let ids: Vec<_> = world.subnets_of(&vpc.id).map(|s| s.id.as_str()).collect();
            out.insert("SubnetIds".to_owned(), json!(ids));
        }
        Found::Group(_) | Found::Address(_) | Found::RouteTable(_) => {}
    }
    out
}

fn routes_to(world: &World, eni: &Eni) -> Vec<Value> {
    world
        .route_tables_to(&eni.id)
        .flat_map(|table| {
            let to = table.routes.iter();
            let to = to.filter(|r| r.network_interface_id.as_ref() == Some(&eni.id));
            to.map(|route| {
                json!({
                    "RouteTableId": table.id, "Destination": route.destination,
                    "State": route.state,
                })
            })
        })
        .collect()
}

/// Every field, one a line, nested ones below their parent.
pub fn lines(world: &World, found: &Found, guest: Option<&Guest>) -> Vec<String> {
    let title = format!(
        "{} {}  {}",
        found.kind(),
        found.id(),
        found.name().unwrap_or_default()
    );
    let mut lines = vec![title.trim_end().to_owned()];
    let mut rows = Vec::new();
    let mut fields = found.value();
    if let (Found::Eni(eni), Value::Object(members)) = (found, &mut fields)
        && eni.attachment.is_none()
    {
        members.insert("Attachment".to_owned(), Value::Null);
    }
    rows_of(world, found.id(), 1, &fields, &mut rows);
    rows_of(
        world,
        found.id(),
        1,
        &Value::Object(around(world, found, guest)),
        &mut rows,
    );
    lines.extend(aligned(&rows));
    lines.extend(gaps(world));
    lines
}

fn rows_of(world: &World, own: &str, depth: usize, value: &Value, rows: &mut Vec<Vec<String>>) {
    let Value::Object(members) = value else {
        return;
    };
    for (name, member) in members {
        let label = format!("{}{name}", "  ".repeat(depth));
        match member {
            Value::Object(inner) if !inner.is_empty() => {
                rows.push(vec![label]);
                rows_of(world, own, depth + 1, member, rows);
            }
            Value::Array(list) if list.iter().any(Value::is_object) => {
                rows.push(vec![label]);
                for item in list {
                    item_rows(world, own, depth, item, rows);
                }
            }
            _ => rows.push(vec![label, said(world, own, member)]),
        }
    }
}

/// A tag on one line; anything else with a dash before its first member.
fn item_rows(world: &World, own: &str, depth: usize, item: &Value, rows: &mut Vec<Vec<String>>) {
    let pad = "  ".repeat(depth + 1);
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    if let (Some(key), Some(value)) = (text("Key"), text("Value")) {
        rows.push(vec![format!("{pad}{key}"), value.to_owned()]);
        return;
    }
    let first = rows.len();
    rows_of(world, own, depth + 2, item, rows);
    if let Some(cell) = rows.get_mut(first).and_then(|row| row.first_mut()) {
        *cell = format!("{pad}- {}", cell.trim_start());
    }
}

/// A value in words; an id of something else gets its Name beside it.
fn said(world: &World, own: &str, value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => {
            let others = by_id(world, text)
                .into_iter()
                .filter(|f| f.id() == text && text != own);
            let name = others.filter_map(|f| f.name().map(str::to_owned)).next();
            name.map_or_else(|| text.clone(), |name| format!("{text}  {name}"))
        }
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Object(_) => "none".to_owned(),
        Value::Array(list) => {
            let all: Vec<String> = list.iter().map(|item| said(world, own, item)).collect();
            all.join(", ")
        }
        other => other.to_string(),
    }
}
