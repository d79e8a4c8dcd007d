//! Bandwidth: it belongs to the instance type and not to the number of interfaces.
//!
//! Invariant: what the clients of one instance ask for is shared by demand up to what its type can
//! do (EC2 User Guide, "Amazon EC2 instance network bandwidth").

use std::collections::BTreeMap;

use crate::ec2::id::InstanceId;
use crate::ec2::sample::{Rate, Reply};
use crate::ec2::world::World;
use crate::rules::limits;
use crate::sim::scenario::Client;

/// What each client gets, in Mbit/s, where it asks for a rate and is answered.
pub fn rates(world: &World, clients: &[Client], replies: &[Option<Reply>]) -> Vec<Option<Rate>> {
    let mut asked: BTreeMap<&InstanceId, u64> = BTreeMap::new();
    let answered = |n: usize| match replies.get(n) {
        Some(Some(Reply::Answered(by))) => Some(by),
        _ => None,
    };
    for (n, client) in clients.iter().enumerate() {
        if let (Some(mbps), Some(by)) = (client.mbps, answered(n)) {
            *asked.entry(by).or_default() += u64::from(mbps);
        }
    }
    let share = |(n, client): (usize, &Client)| {
        let wanted = client.mbps?;
        let Some(by) = answered(n) else {
            return Some(Rate { wanted, got: 0 });
        };
        let instance = world.instance(by)?;
        let most = limits::in_world(world, &instance.instance_type).and_then(|l| l.mbps_max());
        let total = asked.get(by).copied().unwrap_or(0).max(1);
        let got = match most {
            Some(most) if u64::from(most) < total => {
                u32::try_from(u64::from(wanted) * u64::from(most) / total).unwrap_or(u32::MAX)
            }
            _ => wanted,
        };
        Some(Rate { wanted, got })
    };
    clients.iter().enumerate().map(share).collect()
}
