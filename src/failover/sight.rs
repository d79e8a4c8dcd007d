//! What a look of an operation holds, of all that there is.
//!
//! Invariant: neither more nor less than what the reader of live endpoints asks for (`cloud`; a test
//! compares the two), so that what is proven of an engine that is shown this holds there too.

use std::collections::BTreeSet;

use super::engine::Gaze;
use super::facts::Scope;
use super::mechanism::good::What;
use crate::ec2::id::EniId;
use crate::ec2::world::World;

/// What this look shows of a world.
pub fn sight(world: &World, scope: &Scope, gaze: Gaze) -> World {
    let mut seen = World::new(world.region.clone(), world.account.clone());
    if gaze == Gaze::Full {
        around(world, scope, &mut seen);
    }
    if let Some(eni) = world.eni(&scope.eni) {
        seen.share_eni(eni);
    }
    seen
}

/// Both instances with all their interfaces, the interfaces that take and give, every route table and
/// Elastic IP.
fn around(world: &World, scope: &Scope, seen: &mut World) {
    for eni in berths(scope).iter().filter_map(|id| world.eni(id)) {
        seen.share_eni(eni);
    }
    for id in scope.source.iter().chain([&scope.target]) {
        for eni in world.enis_of(id) {
            seen.share_eni(eni);
        }
        if let Some(instance) = world.instance(id) {
            seen.share_instance(instance);
            if let Some(described) = world.instance_type(&instance.instance_type) {
                seen.put_instance_type((**described).clone());
            }
        }
    }
    for table in world.route_tables() {
        seen.put_route_table((**table).clone());
    }
    for address in world.addresses() {
        seen.put_address((**address).clone());
    }
    if needs_subnets(scope) {
        for subnet in world.subnets() {
            seen.put_subnet((**subnet).clone());
        }
    }
    for gap in world.gaps() {
        seen.put_gap(gap.clone());
    }
}

/// The interfaces that something is carried between: one of them may be attached to nothing, or to an
/// instance that is neither source nor target.
pub fn berths(scope: &Scope) -> BTreeSet<EniId> {
    let goods = scope.goods.iter();
    goods
        .flat_map(|good| [&good.from.eni, &good.to.eni])
        .cloned()
        .collect()
}

/// Whether a call of the operation is judged by the subnet of its interface: private addresses belong
/// to the block of a subnet.
pub fn needs_subnets(scope: &Scope) -> bool {
    let mut goods = scope.goods.iter();
    goods.any(|good| matches!(good.what, What::PrivateIp(_)))
}
