//! The two groups of a subnet: interfaces that nobody holds, and those that AWS services own.

use super::super::glyph::FREE;
use super::super::pen::{Pen, Row, fit};
use super::super::theme::Role;
use super::super::words::{count, short_id};
use super::LIST_MAX;
use crate::ec2::resource::Subnet;
use crate::ec2::world::World;
use crate::rules::ownership::owner;

/// Interfaces attached to nothing.
pub(super) fn unattached(
    pen: Pen,
    world: &World,
    subnet: &Subnet,
    width: usize,
) -> (Row, Vec<Row>) {
    let title = pen.row(Role::Title, "unattached");
    let mut rows = pen.wrapped(
        Role::Text,
        "Nobody holds these: their addresses do not answer, but stay taken. Attach one, or delete it.",
        width,
        " ",
    );
    rows.push(Row::default());
    let list = world
        .enis_in(&subnet.id)
        .filter(|e| e.attachment.is_none() && owner(e).is_none());
    for eni in list.take(LIST_MAX) {
        let ip = eni
            .primary_ip()
            .map(|ip| ip.to_string())
            .unwrap_or_default();
        let name = eni
            .name()
            .map_or_else(|| short_id(eni.id.as_str()), ToOwned::to_owned);
        rows.push(pen.rows([
            (Role::StateIdle, &format!(" {FREE} ")),
            (Role::Text, &format!("{} ", fit(&name, 16))),
            (Role::Text, &fit(&ip, 15)),
        ]));
    }
    (title, rows)
}

/// Interfaces that AWS services own: who, and why they cannot be moved.
pub(super) fn managed(pen: Pen, world: &World, subnet: &Subnet, width: usize) -> (Row, Vec<Row>) {
    let list: Vec<_> = world
        .enis_in(&subnet.id)
        .filter_map(|e| owner(e).map(|owner| (e, owner)))
        .take(LIST_MAX)
        .collect();
    let title = pen.row(Role::Title, "service-managed");
    let text = format!(
        "{} of AWS services. EC2 lets nobody but the service change them.",
        count(list.len(), "interface")
    );
    let mut rows = pen.wrapped(Role::Text, &text, width, " ");
    for (eni, owner) in list {
        let ip = eni
            .primary_ip()
            .map(|ip| ip.to_string())
            .unwrap_or_default();
        rows.push(Row::default());
        rows.push(pen.rows([
            (Role::Title, &format!(" {}", owner.service)),
            (Role::Text, &format!("  {ip}  ")),
            (Role::Muted, &short_id(eni.id.as_str())),
        ]));
        if let Some(resource) = &owner.resource {
            rows.extend(pen.wrapped(Role::Muted, resource, width, "   "));
        }
        rows.extend(pen.wrapped(Role::Text, &owner.because, width, "   "));
    }
    (title, rows)
}
