//! An instance: device slots, capacity, status checks, limits of its type.

use super::super::glyph::DOT;
use super::super::pen::{Pen, Row};
use super::super::theme::Role;
use super::super::words::{instance_name, instance_state};
use super::{pair, section, slots, tags};
use crate::app::model::Model;
use crate::ec2::resource::{CheckStatus, Instance};
use crate::rules::limits::{self, Limits};
use crate::sim::guest::{Sight, guest};

/// Title and lines.
pub(super) fn content(
    pen: Pen,
    model: &Model,
    instance: &Instance,
    width: usize,
) -> (Row, Vec<Row>) {
    let world = &*model.world;
    let title = pen.row(Role::Title, instance_name(instance));
    let (role, word) = instance_state(instance);
    // Laid out as the panel of an interface, so that little moves between the two.
    let mut rows = vec![
        pen.rows([
            (Role::Text, &format!(" {}", instance.id)),
            (Role::Muted, &format!(" {DOT} ")),
            (role, &word),
        ]),
        slots::head(pen, instance, width),
    ];
    rows.extend(slots::slots(pen, world, instance, None, width));
    rows.push(slots::capacity(pen, world, instance, None));
    let lags = model.guests.as_ref();
    if let Some(guest) = lags.and_then(|lags| guest(world, lags, &instance.id)) {
        let agrees = guest.devices.iter().all(|d| d.sight == Sight::Up);
        let role = if agrees {
            Role::Text
        } else {
            Role::StateMoving
        };
        rows.extend(pair(pen, "guest sees", &guest.to_string(), role, 12, width));
    }
    rows.extend(section(pen, "status checks"));
    for (label, status) in [
        ("system", &instance.system_status),
        ("instance", &instance.instance_status),
    ] {
        let role = match status {
            CheckStatus::Ok => Role::StateGood,
            CheckStatus::Impaired => Role::StateFailed,
            CheckStatus::NotApplicable => Role::StateIdle,
            _ => Role::StateMoving,
        };
        let word = match status {
            CheckStatus::Impaired => "IMPAIRED",
            other => other.as_str(),
        };
        rows.extend(pair(pen, label, word, role, 12, width));
    }
    let place = format!(
        "{}, {}",
        instance.availability_zone,
        instance
            .instance_lifecycle
            .as_deref()
            .unwrap_or("on-demand")
    );
    rows.extend(pair(pen, "runs in", &place, Role::Text, 12, width));
    let launched = instance.launch_time.map(|t| t.to_string());
    if let Some(launched) = launched {
        rows.extend(pair(pen, "launched", &launched, Role::Text, 12, width));
    }
    rows.extend(section(
        pen,
        &format!("what {} allows", instance.instance_type),
    ));
    match limits::in_world(world, &instance.instance_type) {
        Some(limits) => rows.extend(of_type(pen, &limits, width)),
        None => rows.extend(pen.wrapped(
            Role::Muted,
            "not known to this program; EC2 will tell when asked",
            width,
            "  ",
        )),
    }
    rows.extend(tags(pen, &instance.tags, width));
    (title, rows)
}

fn of_type(pen: Pen, limits: &Limits, width: usize) -> Vec<Row> {
    let mut list = vec![
        ("interfaces", limits.interfaces_max.to_string()),
        ("IPv4 each", limits.ipv4_per_interface_max.to_string()),
    ];
    if let Some(max) = limits.ipv6_per_interface_max {
        list.push(("IPv6 each", max.to_string()));
    }
    if limits.network_cards > 1 {
        list.push(("cards", limits.network_cards.to_string()));
    }
    if let Some(network) = limits.network_performance.as_deref() {
        list.push(("network", network.to_owned()));
    }
    if let Some(nitro) = limits.nitro {
        let word = if nitro { "Nitro" } else { "Xen" };
        list.push(("hypervisor", word.to_owned()));
    }
    let mut rows = Vec::new();
    for (label, value) in list {
        rows.extend(pair(pen, label, &value, Role::Text, 12, width));
    }
    rows
}
