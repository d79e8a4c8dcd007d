//! The two groups of a subnet: interfaces that nobody holds, and those that AWS services own.

use super::super::glyph::FREE;
use super::super::pen::{Pen, Row, fit};
use super::super::theme::Role;
use super::super::tree::members;
use super::super::words::{count, short_id};
use super::LIST_MAX;
use crate::app::model::Model;
use crate::app::tree::Node;
use crate::rules::ownership::owner;

/// Interfaces attached to nothing.
pub(super) fn unattached(pen: Pen, model: &Model, node: &Node, width: usize) -> (Row, Vec<Row>) {
    let title = pen.row(Role::Title, "unattached");
    let mut rows = pen.wrapped(
        Role::Text,
        "Nobody holds these: their addresses do not answer, but stay taken. Attach one, or delete it.",
        width,
        " ",
    );
    rows.push(Row::default());
    let (list, count) = members(model, node, LIST_MAX);
    let cut = count.saturating_sub(list.len());
    for eni in list {
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
    rows.extend(rest(pen, cut, width));
    (title, rows)
}

/// Interfaces that AWS services own: who, and why they cannot be moved.
pub(super) fn managed(pen: Pen, model: &Model, node: &Node, width: usize) -> (Row, Vec<Row>) {
    let (list, total) = members(model, node, LIST_MAX);
    let cut = total.saturating_sub(list.len());
    let title = pen.row(Role::Title, "service-managed");
    let text = format!(
        "{} of AWS services. EC2 lets nobody but the service change them.",
        count(total, "interface")
    );
    let mut rows = pen.wrapped(Role::Text, &text, width, " ");
    for eni in list {
        let Some(owner) = owner(eni) else { continue };
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
    rows.extend(rest(pen, cut, width));
    (title, rows)
}

/// What a long list leaves out.
fn rest(pen: Pen, cut: usize, width: usize) -> Vec<Row> {
    if cut == 0 {
        return Vec::new();
    }
    let text = format!("and {cut} more: / filters the tree");
    pen.wrapped(Role::Muted, &text, width, " ")
}
