//! A VPC: its subnets with their room, and the routes that lead to interfaces.

use super::super::glyph::DOT;
use super::super::pen::{Pen, Row, fit, spread};
use super::super::theme::Role;
use super::super::words::{count, eni_name, short_id, zone};
use super::{LIST_MAX, pair, section, tags};
use crate::ec2::resource::{RouteState, Vpc, name_of};
use crate::ec2::world::World;

/// Title and lines.
pub(super) fn content(pen: Pen, world: &World, vpc: &Vpc, width: usize) -> (Row, Vec<Row>) {
    let name = name_of(&vpc.tags).unwrap_or(vpc.id.as_str());
    let title = pen.rows([(Role::Muted, "vpc "), (Role::Title, name)]);
    let default = if vpc.is_default {
        " the account's default"
    } else {
        ""
    };
    let mut rows = vec![
        pen.row(Role::Text, format!(" {}", vpc.id)),
        pen.rows([
            (Role::Text, &format!(" {}", vpc.cidr_block)),
            (
                Role::Muted,
                &format!(
                    " {DOT}{default} {}",
                    count(world.subnets_of(&vpc.id).count(), "subnet")
                ),
            ),
        ]),
    ];
    rows.extend(section(pen, "subnets"));
    // Where it is narrow a name gives way: the block and what is free in it are the point.
    let (name_width, gap) = if width < 40 { (10, " ") } else { (12, "  ") };
    for subnet in world.subnets_of(&vpc.id).take(LIST_MAX) {
        let name =
            name_of(&subnet.tags).map_or_else(|| short_id(subnet.id.as_str()), ToOwned::to_owned);
        let left = pen.rows([
            (Role::Text, &format!("  {} ", fit(&name, name_width))),
            (
                Role::Muted,
                &format!(
                    "{}{gap}{}",
                    zone(&subnet.availability_zone),
                    subnet.cidr_block
                ),
            ),
        ]);
        let free = format!("{} free ", subnet.available_ip_address_count);
        rows.push(spread(left, pen.row(Role::Text, free), width));
    }
    let mut routes = Vec::new();
    for table in world.route_tables().filter(|t| t.vpc_id == vpc.id) {
        for route in &table.routes {
            let Some(eni) = &route.network_interface_id else {
                continue;
            };
            let to = world
                .eni(eni)
                .map_or_else(|| short_id(eni.as_str()), |e| eni_name(e));
            let role = if route.state == RouteState::Blackhole {
                Role::StateFailed
            } else {
                Role::StateGood
            };
            routes.push(pen.rows([
                (Role::Text, &format!("  {} to {to} ", route.destination)),
                (role, route.state.as_str()),
            ]));
        }
    }
    if !routes.is_empty() {
        rows.extend(section(pen, "routes to interfaces"));
        rows.extend(routes);
    }
    if !vpc.owner_id.is_empty() {
        rows.push(Row::default());
        rows.extend(pair(pen, "owner", &vpc.owner_id, Role::Text, 12, width));
    }
    rows.extend(tags(pen, &vpc.tags, width));
    (title, rows)
}
