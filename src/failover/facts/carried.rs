//! The facts of what is carried over instead of the interface.
//!
//! Invariant: one fact a thing, under the same label wherever the thing is.

use super::{EIP, Fact, GONE, ROUTE, Scope};
use crate::ec2::id::EniId;
use crate::ec2::world::World;
use crate::failover::mechanism::good::{Good, Seen, What};

/// Labels of private addresses begin with this.
const ADDRESS: &str = "address ";

pub(super) fn facts(world: &World, scope: &Scope) -> Vec<Fact> {
    let mut facts = Vec::new();
    for good in &scope.goods {
        match &good.what {
            What::PrivateIp(ip) => {
                facts.push(fact(format!("{ADDRESS}{ip}"), place(world, scope, good)));
                facts.extend(elastic_under(world, scope, good));
            }
            What::ElasticIp { public_ip, .. } => {
                facts.push(fact(format!("{EIP}{public_ip}"), place(world, scope, good)));
            }
            What::Route { .. } => {
                facts.push(fact(
                    format!("{ROUTE}{}", good.what),
                    route(world, scope, good),
                ));
            }
        }
    }
    facts
}

fn fact(label: String, value: String) -> Fact {
    Fact {
        label: label.into(),
        value: value.into(),
    }
}

/// `on db-primary`, with the private address where an Elastic IP is on one.
fn place(world: &World, scope: &Scope, good: &Good) -> String {
    let berth = match good.seen(world) {
        Seen::AtSource => &good.from,
        Seen::AtTarget => &good.to,
        Seen::Foreign(_) => return "elsewhere".to_owned(),
        Seen::Hidden(_) => return "not permitted to look".to_owned(),
        Seen::Gone(_) => return GONE.to_owned(),
    };
    let holder = holder(world, scope, &berth.eni);
    match berth.private_ip {
        Some(ip) => format!("on {holder} {ip}"),
        None => format!("on {holder}"),
    }
}

/// The instance that has an interface; the interface itself where none has.
fn holder(world: &World, scope: &Scope, eni: &EniId) -> String {
    let instance = world.eni(eni).and_then(|e| e.instance_id());
    instance.map_or_else(|| eni.to_string(), |id| scope.name_of(world, id))
}

/// The Elastic IP that goes with a private address.
fn elastic_under(world: &World, scope: &Scope, good: &Good) -> Option<Fact> {
    let What::PrivateIp(ip) = &good.what else {
        return None;
    };
    let mut all = world.addresses();
    let ends = [&good.from.eni, &good.to.eni];
    let elastic = all.find(|a| {
        let on = a.network_interface_id.as_ref();
        a.private_ip_address == Some(*ip) && on.is_some_and(|eni| ends.contains(&eni))
    })?;
    let on = holder(world, scope, elastic.network_interface_id.as_ref()?);
    Some(fact(
        format!("{EIP}{}", elastic.public_ip),
        format!("on {on} {ip}"),
    ))
}

/// `to db-standby, active`.
fn route(world: &World, scope: &Scope, good: &Good) -> String {
    let What::Route { table, destination } = &good.what else {
        return GONE.to_owned();
    };
    let table = world.route_table(table);
    let mut routes = table.into_iter().flat_map(|t| &t.routes);
    let Some(route) = routes.find(|r| r.destination == *destination) else {
        return GONE.to_owned();
    };
    let to = route.network_interface_id.as_ref();
    let to = to.map_or_else(|| "elsewhere".to_owned(), |eni| holder(world, scope, eni));
    format!("to {to}, {}", route.state)
}
