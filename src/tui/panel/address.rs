//! One private address of an interface, and the public one on it.

use std::net::Ipv4Addr;

use super::super::pen::{Pen, Row};
use super::super::theme::Role;
use super::super::words::{eni_name, instance_called};
use super::{pair, section, tags};
use crate::ec2::eni::Eni;
use crate::ec2::world::World;

/// Title and lines.
pub(super) fn content(
    pen: Pen,
    world: &World,
    eni: &Eni,
    ip: Ipv4Addr,
    width: usize,
) -> (Row, Vec<Row>) {
    let found = eni
        .private_ip_addresses
        .iter()
        .find(|p| p.private_ip_address == ip);
    let title = pen.rows([(Role::Muted, "address "), (Role::Title, &ip.to_string())]);
    let Some(found) = found else {
        let text = format!("{ip} is no longer on {}.", eni_name(eni));
        return (title, pen.wrapped(Role::Muted, &text, width, " "));
    };
    let mut rows = Vec::new();
    let mut say = |label: &str, value: &str| {
        rows.extend(pair(pen, label, value, Role::Text, 14, width));
    };
    say("address", &ip.to_string());
    say(
        "kind",
        if found.primary {
            "primary, fixed for the interface's life"
        } else {
            "secondary, may be moved by itself"
        },
    );
    say("interface", &format!("{} {}", eni_name(eni), eni.id));
    match eni.instance_id() {
        Some(id) => say("held by", &instance_called(world, id)),
        None => say("held by", "nobody"),
    }
    if let Some(name) = &found.private_dns_name {
        say("private DNS", name);
    }
    let Some(public) = &found.association else {
        rows.extend(section(pen, "no public address"));
        return (title, rows);
    };
    let kind = if public.is_elastic() {
        "Elastic IP: it travels"
    } else {
        "automatic public address: it does not travel"
    };
    rows.extend(section(pen, kind));
    let mut say = |label: &str, value: Option<&str>| {
        if let Some(value) = value {
            rows.extend(pair(pen, label, value, Role::Text, 14, width));
        }
    };
    say("public", Some(&public.public_ip.to_string()));
    say(
        "allocation",
        public.allocation_id.as_ref().map(|id| id.as_str()),
    );
    say(
        "association",
        public.association_id.as_ref().map(|id| id.as_str()),
    );
    say("public DNS", public.public_dns_name.as_deref());
    say("owner", Some(&public.ip_owner_id));
    say("carrier", public.carrier_ip.as_deref());
    say("customer", public.customer_owned_ip.as_deref());
    let address = public
        .allocation_id
        .as_ref()
        .and_then(|id| world.address(id));
    if let Some(address) = address {
        let instance = address.instance_id.as_ref();
        let behind = instance.map_or("none".to_owned(), |id| instance_called(world, id));
        say("instance", Some(&behind));
        rows.extend(tags(pen, &address.tags, width));
    }
    (title, rows)
}
