//! Routes to an interface: active or blackhole, and the instance shown with them.
//!
//! Invariant: a route names the interface and nothing else; which instance it leads to follows
//! from where the interface is attached, without any route call.

use super::Transition;
use crate::ec2::change::Change;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::{InstanceState, RouteState};
use crate::ec2::world::World;

/// Sets the routes to an interface under way, if there are any.
pub fn will_follow(world: &World, eni: &EniId) -> Option<Transition> {
    let mut tables = world.route_tables_to(eni);
    tables.next()?;
    Some(Transition::RoutesFollow(eni.clone()))
}

/// What the routes to an interface look like now, where that differs from what they say.
pub fn follow(world: &World, id: &EniId) -> Vec<Change> {
    let (state, instance) = seen_from_a_route(world, world.eni(id).map(|e| &**e));
    let mut changes = Vec::new();
    for table in world.route_tables_to(id) {
        for route in &table.routes {
            let to_it = route.network_interface_id.as_ref() == Some(id);
            if to_it && (route.state != state || route.instance_id != instance) {
                changes.push(Change::Route {
                    table: table.id.clone(),
                    destination: route.destination.clone(),
                    state: state.clone(),
                    instance: instance.clone(),
                });
            }
        }
    }
    changes
}

/// Active while the interface is attached to an instance that has not stopped: a route stays
/// active in `stopping` and `shutting-down` and is a blackhole only afterwards
/// (bobtfish/AWSnycast#21). A detach that is still under way has not taken the path away yet; an
/// attach that is still under way has not made it.
pub fn seen_from_a_route(world: &World, eni: Option<&Eni>) -> (RouteState, Option<InstanceId>) {
    let Some(attachment) = eni.and_then(|e| e.attachment.as_ref()) else {
        return (RouteState::Blackhole, None);
    };
    if matches!(
        attachment.status,
        AttachmentStatus::Attaching | AttachmentStatus::Detached
    ) {
        return (RouteState::Blackhole, None);
    }
    let holder = attachment.instance_id.as_ref();
    let down = holder
        .and_then(|id| world.instance(id))
        .is_some_and(|i| matches!(i.state, InstanceState::Stopped | InstanceState::Terminated));
    let state = if down {
        RouteState::Blackhole
    } else {
        RouteState::Active
    };
    (state, holder.cloned())
}
