//! What a look shows of an operation, judged by the harness itself.

use enipilot::ec2::eni::AttachmentStatus;
use enipilot::ec2::id::{AllocationId, EniId, InstanceId};
use enipilot::ec2::world::World;
use enipilot::failover::engine::Gaze;
use enipilot::failover::mechanism::good::{Berth, Good, What};

use super::op::{Op, same_identity};

/// An end of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Source,
    Target,
}

/// Where a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    At(Side),
    Elsewhere,
    Gone,
}

/// One look.
pub struct View {
    /// A change that is not ours.
    pub foreign: bool,
    /// It, or a part of it, does not exist.
    pub gone: bool,
    /// It exists, and is not what it was.
    pub changed: bool,
    /// It is there, whole and unchanged.
    pub arrived: Option<Side>,
}

impl Op {
    pub fn view(&self, gaze: Gaze, world: &World) -> View {
        match self.plan.handovers.is_empty() {
            true => self.interface(gaze, world),
            false => self.goods(gaze, world),
        }
    }

    fn interface(&self, gaze: Gaze, world: &World) -> View {
        let Some(eni) = world.eni(&self.plan.intent.eni) else {
            return View {
                foreign: false,
                gone: true,
                changed: false,
                arrived: None,
            };
        };
        let same = same_identity(&self.before, eni);
        let attached = eni
            .attachment
            .as_ref()
            .filter(|a| a.status == AttachmentStatus::Attached);
        let arrived = attached.filter(|_| gaze == Gaze::Full && same);
        let at = arrived.and_then(|a| a.instance_id.as_ref());
        View {
            foreign: self.is_foreign(eni),
            gone: false,
            changed: !same,
            arrived: at.and_then(|at| self.side_of(at)),
        }
    }

    fn side_of(&self, id: &InstanceId) -> Option<Side> {
        let sides = [
            (Some(&self.plan.intent.target), Side::Target),
            (self.plan.source.as_ref(), Side::Source),
        ];
        let found = sides.into_iter().find(|(end, _)| *end == Some(id));
        found.map(|(_, side)| side)
    }

    fn goods(&self, gaze: Gaze, world: &World) -> View {
        let places: Vec<Place> = self.plan.goods().map(|g| place(g, world)).collect();
        let moved = |(n, at): (usize, &Place)| match (self.reached.get(n), at) {
            (Some(Some(side)), Place::At(at)) => side != at && self.heading(n) == Some(*side),
            _ => false,
        };
        let all = |side: &Side| places.iter().all(|p| *p == Place::At(*side));
        let same = self.elastic == elastic(self.plan.goods(), world);
        let end = [Side::Target, Side::Source].into_iter().find(all);
        let whole = gaze == Gaze::Full;
        View {
            foreign: whole
                && (places.contains(&Place::Elsewhere) || places.iter().enumerate().any(moved)),
            gone: whole && places.contains(&Place::Gone),
            changed: whole && !same,
            arrived: end.filter(|_| whole && same),
        }
    }

    /// The end to which the newest call for this thing brings it.
    fn heading(&self, good: usize) -> Option<Side> {
        let mut goods = 0;
        let handover = self.plan.handovers.iter().find(|h| {
            goods += h.goods.len();
            good < goods
        })?;
        self.sent.iter().rev().find_map(|sent| {
            if sent.call == handover.over {
                Some(Side::Target)
            } else {
                (sent.call == handover.back).then_some(Side::Source)
            }
        })
    }

    /// Remembers where a look has shown each thing.
    pub fn note_places(&mut self, world: &World) {
        let places: Vec<Place> = self.plan.goods().map(|g| place(g, world)).collect();
        self.reached.resize(places.len(), None);
        for (n, place) in places.into_iter().enumerate() {
            if let Place::At(side) = place
                && self.heading(n) == Some(side)
            {
                self.reached[n] = Some(side);
            }
        }
    }
}

/// The Elastic IPs that go with private addresses.
pub fn elastic<'a>(
    goods: impl Iterator<Item = &'a Good>,
    world: &World,
) -> Vec<Option<AllocationId>> {
    goods
        .map(|good| match &good.what {
            What::PrivateIp(ip) => {
                let mut on = world.addresses();
                on.find(|a| a.private_ip_address == Some(*ip))
                    .map(|a| a.id.clone())
            }
            _ => None,
        })
        .collect()
}

/// Where a thing is, from the world alone.
pub fn place(good: &Good, world: &World) -> Place {
    let at = |berth: Option<Berth>| match berth {
        Some(at) if at == good.to => Place::At(Side::Target),
        Some(at) if at == good.from => Place::At(Side::Source),
        _ => Place::Elsewhere,
    };
    let berth = |eni: &EniId, private_ip| Berth {
        eni: eni.clone(),
        private_ip,
    };
    match &good.what {
        What::PrivateIp(ip) => {
            let holds = |eni: &&EniId| {
                world.eni(eni).is_some_and(|eni| {
                    let mut on = eni.private_ip_addresses.iter();
                    on.any(|on| on.private_ip_address == *ip)
                })
            };
            let holder = [&good.to.eni, &good.from.eni].into_iter().find(holds);
            match (holder, world.eni(&good.to.eni)) {
                (Some(eni), _) => at(Some(berth(eni, None))),
                (None, None) => Place::Gone,
                (None, Some(_)) => Place::Elsewhere,
            }
        }
        What::ElasticIp { allocation_id, .. } => match world.address(allocation_id) {
            None => Place::Gone,
            Some(address) => {
                let on = address.network_interface_id.as_ref();
                at(on.map(|eni| berth(eni, address.private_ip_address)))
            }
        },
        What::Route { table, destination } => {
            let table = world.route_table(table);
            let mut routes = table.into_iter().flat_map(|t| &t.routes);
            match routes.find(|r| r.destination == *destination) {
                None => Place::Gone,
                Some(route) => at(route
                    .network_interface_id
                    .as_ref()
                    .map(|eni| berth(eni, None))),
            }
        }
    }
}
