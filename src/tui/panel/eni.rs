//! A network interface: who holds it, what travels with it, what stays behind, every field.

use std::net::Ipv4Addr;

use unicode_width::UnicodeWidthStr;

use super::super::glyph::{DOT, FREE};
use super::super::pen::{Pen, Row, wrap};
use super::super::theme::Role;
use super::super::words::{count, eni_name, eni_state, short_id};
use super::{address, fields, section, slots};
use crate::ec2::eni::Eni;
use crate::ec2::resource::RouteState;
use crate::ec2::world::World;
use crate::rules::ownership::owner;

/// The panel of an interface: title, what is seen at once, and every field below it.
pub(super) fn content(
    pen: Pen,
    world: &World,
    eni: &Eni,
    width: usize,
) -> (Row, Vec<Row>, Vec<Row>) {
    let mut rows = top(pen, world, eni, width);
    if owner(eni).is_none() && eni.is_primary() {
        rows.extend(fixed(pen, eni, width));
    } else if owner(eni).is_none() {
        rows.extend(stays(pen, eni, width));
    }
    (title(pen, eni), rows, every_field(pen, eni, width))
}

/// The panel of one of its addresses: the same, with the address in place of what stays behind.
pub(super) fn with_address(
    pen: Pen,
    world: &World,
    eni: &Eni,
    ip: Ipv4Addr,
    width: usize,
) -> (Row, Vec<Row>, Vec<Row>) {
    let mut rows = top(pen, world, eni, width);
    rows.extend(address::section(pen, world, eni, ip, width));
    (title(pen, eni), rows, every_field(pen, eni, width))
}

fn title(pen: Pen, eni: &Eni) -> Row {
    pen.rows([
        (Role::Muted, &format!("{}  ", short_id(eni.id.as_str()))),
        (
            Role::Title,
            &owner(eni).map_or_else(|| eni_name(eni), |owner| owner.service.to_owned()),
        ),
    ])
}

fn every_field(pen: Pen, eni: &Eni, width: usize) -> Vec<Row> {
    let mut rows = vec![pen.row(Role::Title, " every field")];
    rows.extend(fields::all(pen, eni, width));
    rows
}

/// Id and state, who holds it, what travels with it.
fn top(pen: Pen, world: &World, eni: &Eni, width: usize) -> Vec<Row> {
    let (role, state) = eni_state(eni);
    let status = eni.status.as_str();
    let word = if status == state || state == "attached" {
        status.to_owned()
    } else {
        format!("{status}, {state}")
    };
    let mut rows = vec![pen.rows([
        (Role::Text, &format!(" {}", eni.id)),
        (Role::Muted, &format!(" {DOT} ")),
        (role, &word),
    ])];
    rows.extend(holder(pen, world, eni, width));
    rows.extend(travels(pen, world, eni, width));
    rows
}

/// The instance end of the attachment, or why there is none.
fn holder(pen: Pen, world: &World, eni: &Eni, width: usize) -> Vec<Row> {
    if let Some(owner) = owner(eni) {
        let resource = owner.resource.map(|r| format!(" {r}")).unwrap_or_default();
        let mut rows = pen.wrapped(
            Role::Warning,
            &format!("{}{resource} owns it", owner.service),
            width,
            " ",
        );
        rows.extend(pen.wrapped(Role::Text, &owner.because, width, " "));
        return rows;
    }
    let Some(id) = eni.instance_id() else {
        let text = match &eni.attachment {
            Some(a) => format!(
                "held by {} ({})",
                a.instance_owner_id.as_deref().unwrap_or("another account"),
                a.attachment_id
            ),
            None => format!("{FREE} attached to nothing: nobody answers for its addresses"),
        };
        return pen.wrapped(Role::StateIdle, &text, width, " ");
    };
    let Some(instance) = world.instance(id) else {
        return pen.wrapped(
            Role::Muted,
            &format!("held by {id}, which is not in this inventory"),
            width,
            " ",
        );
    };
    let mut rows = vec![slots::head(pen, instance, width)];
    rows.extend(slots::slots(pen, world, instance, Some(&eni.id), width));
    rows.push(slots::capacity(pen, world, instance, Some(eni)));
    rows
}

fn travels(pen: Pen, world: &World, eni: &Eni, width: usize) -> Vec<Row> {
    let heading = if owner(eni).is_some() || eni.is_primary() {
        "what it carries"
    } else {
        "travels with it"
    };
    let mut rows = section(pen, heading).to_vec();
    let addresses = eni.private_ip_addresses.iter().map(|ip| {
        let kind = if ip.primary { " primary" } else { "" };
        format!("{}{kind}", ip.private_ip_address)
    });
    let rest = eni
        .ipv4_prefixes
        .iter()
        .chain(&eni.ipv6_prefixes)
        .map(ToString::to_string)
        .chain(
            eni.ipv6_addresses
                .iter()
                .map(|ip| ip.ipv6_address.to_string()),
        );
    rows.extend(items(pen, addresses.chain(rest), "   ", width));
    let public = eni
        .associations()
        .filter(|(_, a)| a.is_elastic())
        .map(|(ip, a)| format!("EIP {} on {ip}", a.public_ip));
    rows.extend(items(pen, public, "   ", width));
    let groups = eni.groups.iter().map(|g| {
        if g.group_name.is_empty() {
            g.group_id.to_string()
        } else {
            g.group_name.to_string()
        }
    });
    let check = if eni.source_dest_check { "on" } else { "off" };
    let marks = groups.chain([
        format!("source/dest {check}"),
        count(eni.tag_set.len(), "tag"),
    ]);
    rows.extend(items(
        pen,
        [format!("MAC {}", eni.mac_address)].into_iter(),
        "",
        width,
    ));
    rows.extend(items(pen, marks, " · ", width));
    for table in world.route_tables_to(&eni.id) {
        for route in &table.routes {
            if route.network_interface_id.as_ref() != Some(&eni.id) {
                continue;
            }
            let role = if route.state == RouteState::Blackhole {
                Role::StateFailed
            } else {
                Role::StateGood
            };
            let mut row = pen.rows([
                (Role::Text, &format!("  route {} ", route.destination)),
                (role, route.state.as_str()),
            ]);
            let table = format!(" in {}", short_id(table.id.as_str()));
            if row.width() + table.width() < width {
                row.spans.push(pen.span(Role::Muted, table));
            }
            rows.push(row);
        }
    }
    rows
}

/// A primary interface never leaves its instance: nothing travels.
fn fixed(pen: Pen, eni: &Eni, width: usize) -> Vec<Row> {
    let mut rows = section(pen, "never moves").to_vec();
    let on = eni.attachment.as_ref().map(|a| a.delete_on_termination);
    let end = match on {
        Some(true) => "terminating the instance deletes it (DeleteOnTermination ON)",
        _ => "it survives the instance, unattached (DeleteOnTermination off)",
    };
    for text in ["primary: EC2 never detaches it from its instance", end] {
        rows.extend(pen.wrapped(Role::Text, text, width, "  "));
    }
    if eni.associations().any(|(_, a)| a.is_elastic()) {
        let text = "its Elastic IP can move alone: i associates it elsewhere";
        rows.extend(pen.wrapped(Role::Text, text, width, "  "));
    }
    rows
}

fn stays(pen: Pen, eni: &Eni, width: usize) -> Vec<Row> {
    let mut rows = section(pen, "stays behind").to_vec();
    let Some(a) = &eni.attachment else {
        rows.extend(items(
            pen,
            ["nothing: there is no attachment".to_owned()].into_iter(),
            "",
            width,
        ));
        return rows;
    };
    let delete = if a.delete_on_termination { "ON" } else { "off" };
    let list = [
        format!("device index {}", a.device_index),
        "attachment id".to_owned(),
        format!("DeleteOnTermination (now {delete})"),
    ];
    rows.extend(items(pen, list.into_iter(), " · ", width));
    let automatic = eni.associations().filter(|(_, a)| !a.is_elastic());
    for (_, association) in automatic {
        let text = format!(
            "{} is automatic: detaching releases it",
            association.public_ip
        );
        rows.extend(pen.wrapped(Role::Warning, &text, width, "  "));
    }
    if eni.ipv6_addresses.iter().any(|ip| ip.is_primary_ipv6) {
        let text = "the primary mark of its IPv6 address is lost on detach";
        rows.extend(pen.wrapped(Role::Warning, text, width, "  "));
    }
    rows
}

/// Short items, several on a line, none broken.
fn items(pen: Pen, list: impl Iterator<Item = String>, between: &str, width: usize) -> Vec<Row> {
    let room = width.saturating_sub(3);
    let mut lines: Vec<String> = Vec::new();
    for item in list {
        for part in wrap(&item, room) {
            match lines.last_mut() {
                Some(line)
                    if line.width() + between.width() + part.width() <= room
                        && !between.is_empty() =>
                {
                    line.push_str(between);
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines
        .into_iter()
        .map(|line| pen.row(Role::Text, format!("  {line}")))
        .collect()
}
