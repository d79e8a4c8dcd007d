//! One private address of an interface, and the public one on it: a section of its panel.

use std::net::Ipv4Addr;

use super::super::pen::{Pen, Row};
use super::super::theme::Role;
use super::super::words::instance_called;
use super::{pair, tags};
use crate::ec2::eni::Eni;
use crate::ec2::world::World;

/// What there is to say of the address.
pub(super) fn section(pen: Pen, world: &World, eni: &Eni, ip: Ipv4Addr, width: usize) -> Vec<Row> {
    let mut rows = super::section(pen, &format!("address {ip}")).to_vec();
    let found = eni
        .private_ip_addresses
        .iter()
        .find(|p| p.private_ip_address == ip);
    let Some(found) = found else {
        rows.extend(pen.wrapped(Role::Muted, "no longer on this interface", width, "  "));
        return rows;
    };
    let mut say = |label: &str, value: &str| {
        rows.extend(pair(pen, label, value, Role::Text, 12, width));
    };
    say(
        "kind",
        if found.primary {
            "primary, fixed for life"
        } else {
            "secondary, may move by itself"
        },
    );
    if let Some(name) = &found.private_dns_name {
        say("private DNS", name);
    }
    let Some(public) = &found.association else {
        return rows;
    };
    let kind = if public.is_elastic() {
        "Elastic IP, travels with it"
    } else {
        "automatic, released on detach"
    };
    let mut say = |label: &str, value: Option<&str>| {
        if let Some(value) = value {
            rows.extend(pair(pen, label, value, Role::Text, 12, width));
        }
    };
    say("public", Some(&public.public_ip.to_string()));
    say("", Some(kind));
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
    rows
}
