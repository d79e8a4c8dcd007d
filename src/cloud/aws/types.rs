//! Instance types that the embedded table does not know: asked for once, kept as long as the
//! connection.
//!
//! Invariants: an unknown limit is never a refusal, so that a `DescribeInstanceTypes` that fails or
//! is not allowed costs nothing but the knowledge; no type is asked for twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_ec2::types::{InstanceType as Name, InstanceTypeInfo};

use super::Connection;
use crate::ec2::id::Str;
use crate::ec2::resource::InstanceType;
use crate::ec2::world::World;
use crate::rules::limits;

/// Names in one request: the most that EC2 takes.
const NAMES_MAX: usize = 100;

/// What has been asked for, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Types(Mutex<BTreeMap<Str, Option<InstanceType>>>);

impl Types {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<Str, Option<InstanceType>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Types present in a world that neither the table nor an earlier answer knows.
    fn missing(&self, world: &World) -> Vec<Str> {
        let present: BTreeSet<&Str> = world.instances().map(|i| &i.instance_type).collect();
        let unknown = present
            .into_iter()
            .filter(|name| !name.is_empty() && limits::of(name).is_none());
        self.with(|known| {
            unknown
                .filter(|name| !known.contains_key(*name))
                .cloned()
                .collect()
        })
    }
}

impl Connection {
    /// Asks for the types present that are not known yet.
    pub(super) async fn learn_types(&self, world: &World) {
        let missing = self.types.missing(world);
        for names in missing.chunks(NAMES_MAX) {
            // Marked first: what cannot be had now is not asked for with every poll.
            self.types.with(|known| {
                known.extend(names.iter().map(|name| (name.clone(), None)));
            });
            let wanted = names.iter().map(|name| Name::from(&**name)).collect();
            let request = self.reads.describe_instance_types();
            let Ok(answer) = request.set_instance_types(Some(wanted)).send().await else {
                continue;
            };
            let told = answer.instance_types().iter().filter_map(described);
            self.types
                .with(|known| known.extend(told.map(|t| (t.name.clone(), Some(t)))));
        }
    }

    /// Puts what is known of the types present into a world.
    pub(super) fn with_types(&self, mut world: World) -> World {
        let present: BTreeSet<Str> = world.instances().map(|i| i.instance_type.clone()).collect();
        let known: Vec<_> = self.types.with(|known| {
            let found = present.iter().filter_map(|name| known.get(name)?.clone());
            found.collect()
        });
        for described in known {
            world.put_instance_type(described);
        }
        world
    }
}

/// `None` if it does not say how many interfaces there may be.
fn described(info: &InstanceTypeInfo) -> Option<InstanceType> {
    let network = info.network_info()?;
    let count = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
    let cards = network.network_cards().iter();
    let mut per_card: Vec<u32> = cards
        .filter_map(|card| count(card.maximum_network_interfaces()))
        .collect();
    if per_card.is_empty() {
        per_card.push(count(network.maximum_network_interfaces())?);
    }
    Some(InstanceType {
        name: info.instance_type()?.as_str().into(),
        interfaces_per_card: per_card,
        ipv4_addresses_per_interface: count(network.ipv4_addresses_per_interface())?,
        ipv6_addresses_per_interface: count(network.ipv6_addresses_per_interface()),
        network_performance: network.network_performance().map(Str::from),
        hypervisor: info.hypervisor().map(|h| h.as_str().into()),
    })
}
