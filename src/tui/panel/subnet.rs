//! A subnet: how many addresses are free, which are used and by whom.

use std::net::Ipv4Addr;

use super::super::glyph::DOT;
use super::super::pen::{Pen, Row, fit};
use super::super::theme::Role;
use super::super::words::{eni_name, instance_called, short_id};
use super::{LIST_MAX, pair, section, tags};
use crate::ec2::eni::Eni;
use crate::ec2::resource::{Subnet, name_of};
use crate::ec2::world::World;
use crate::rules::ownership::owner;

/// AWS keeps the first four addresses of a subnet and the last one (VPC User Guide, "Subnet CIDR
/// blocks").
const RESERVED: u32 = 5;

/// Title and lines.
pub(super) fn content(pen: Pen, world: &World, subnet: &Subnet, width: usize) -> (Row, Vec<Row>) {
    let name = name_of(&subnet.tags).unwrap_or(subnet.id.as_str());
    let title = pen.rows([(Role::Muted, "subnet "), (Role::Title, name)]);
    let zone = match &subnet.availability_zone_id {
        Some(id) => format!("{} ({id})", subnet.availability_zone),
        None => subnet.availability_zone.to_string(),
    };
    let mut rows = vec![
        pen.row(Role::Text, format!(" {}", subnet.id)),
        pen.rows([
            (Role::Text, &format!(" {}", subnet.cidr_block)),
            (Role::Muted, &format!(" {DOT} {zone}")),
        ]),
    ];
    let free = subnet.available_ip_address_count;
    rows.extend(section(pen, "addresses"));
    let role = if free == 0 {
        Role::StateFailed
    } else {
        Role::Text
    };
    rows.extend(pair(pen, "free", &free.to_string(), role, 12, width));
    if let Some(size) = size(&subnet.cidr_block) {
        let used = size.saturating_sub(RESERVED).saturating_sub(free);
        rows.extend(pair(pen, "used", &used.to_string(), Role::Text, 12, width));
        let reserved = format!("{RESERVED} by AWS");
        rows.extend(pair(pen, "reserved", &reserved, Role::Text, 12, width));
    }
    let launch = if subnet.map_public_ip_on_launch {
        "gives a public address"
    } else {
        "no public address"
    };
    rows.extend(pair(pen, "on launch", launch, Role::Text, 12, width));
    rows.extend(section(pen, "used by"));
    let mut used: Vec<(Ipv4Addr, &Eni)> = world
        .enis_in(&subnet.id)
        .take(LIST_MAX)
        .flat_map(|eni| eni.private_ip_addresses.iter().map(move |ip| (ip, eni)))
        .map(|(ip, eni)| (ip.private_ip_address, eni.as_ref()))
        .collect();
    used.sort_by_key(|(ip, _)| *ip);
    if used.is_empty() {
        rows.push(pen.row(Role::Muted, "  nobody"));
    }
    let cut = world.enis_in(&subnet.id).nth(LIST_MAX).is_some();
    for (ip, eni) in used {
        rows.push(pen.rows([
            (Role::Text, &format!("  {}", fit(&ip.to_string(), 16))),
            (Role::Muted, &who(world, eni)),
        ]));
    }
    if cut {
        let text =
            format!("and those of more than {LIST_MAX} further interfaces: / filters the tree");
        rows.extend(pen.wrapped(Role::Muted, &text, width, "  "));
    }
    rows.extend(tags(pen, &subnet.tags, width));
    (title, rows)
}

fn who(world: &World, eni: &Eni) -> String {
    if let Some(owner) = owner(eni) {
        return owner.service.to_owned();
    }
    match eni.instance_id() {
        Some(id) if eni.is_primary() => instance_called(world, id),
        Some(id) => format!("{} on {}", eni_name(eni), instance_called(world, id)),
        None => match eni.name() {
            Some(name) => format!("{name}, unattached"),
            None => format!("{}, unattached", short_id(eni.id.as_str())),
        },
    }
}

/// Addresses of a CIDR block.
fn size(cidr: &str) -> Option<u32> {
    let bits: u32 = cidr.split_once('/')?.1.parse().ok()?;
    1_u32.checked_shl(32_u32.checked_sub(bits)?)
}
