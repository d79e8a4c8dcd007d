//! One thing that a call carries from an interface to another one, and where it is.
//!
//! Invariants: a place is an interface by its id, and for an Elastic IP the private address under
//! it; whole values are compared, never text within text. What is in neither of the two planned
//! places is foreign: nothing is concluded from where else it may be.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::ec2::gap::Kind;
use crate::ec2::id::{AllocationId, EniId, RouteTableId, Str};
use crate::ec2::world::World;

/// What is carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A secondary private IPv4 address; its Elastic IP goes with it.
    PrivateIp(Ipv4Addr),
    /// An Elastic IP.
    ElasticIp {
        /// Allocation; it stays the same, the association is new.
        allocation_id: AllocationId,
        /// The address.
        public_ip: Ipv4Addr,
    },
    /// A route.
    Route {
        /// Table.
        table: RouteTableId,
        /// CIDR block or prefix list.
        destination: Str,
    },
}

impl What {
    /// What must be looked at to see it, besides interfaces.
    pub fn needs(&self) -> Option<Kind> {
        match self {
            Self::PrivateIp(_) => None,
            Self::ElasticIp { .. } => Some(Kind::Addresses),
            Self::Route { .. } => Some(Kind::RouteTables),
        }
    }

    /// What a person names it by: the address, or the destination.
    pub fn name(&self) -> Str {
        match self {
            Self::PrivateIp(ip) => ip.to_string().into(),
            Self::ElasticIp { public_ip, .. } => public_ip.to_string().into(),
            Self::Route { destination, .. } => destination.clone(),
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PrivateIp(ip) => write!(f, "{ip}"),
            Self::ElasticIp { public_ip, .. } => write!(f, "{public_ip}"),
            Self::Route { table, destination } => write!(f, "{destination} in {table}"),
        }
    }
}

/// An interface, and the private address on it where that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Berth {
    /// Interface.
    pub eni: EniId,
    /// Private address under an Elastic IP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<Ipv4Addr>,
}

impl std::fmt::Display for Berth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.private_ip {
            Some(ip) => write!(f, "{} {ip}", self.eni),
            None => write!(f, "{}", self.eni),
        }
    }
}

/// One thing with its two places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// What.
    pub what: What,
    /// Where it is when the plan is made.
    pub from: Berth,
    /// Where it goes.
    pub to: Berth,
}

/// Where a thing is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Where it was when the plan was made.
    AtSource,
    /// Where it shall go.
    AtTarget,
    /// In neither place, in words.
    Foreign(String),
    /// It does not exist any more, in words.
    Gone(String),
    /// Nobody may look at it, in words.
    Hidden(String),
}

impl Good {
    /// Where it is in a world that holds both interfaces, all Elastic IPs and all route tables.
    pub fn seen(&self, world: &World) -> Seen {
        if let Some(gap) = self.what.needs().and_then(|kind| world.gap(kind)) {
            return Seen::Hidden(gap.to_string());
        }
        match &self.what {
            What::PrivateIp(ip) => self.seen_address(world, *ip),
            What::ElasticIp {
                allocation_id,
                public_ip,
            } => match world.address(allocation_id) {
                None => Seen::Gone(format!("{public_ip} ({allocation_id}) was released")),
                Some(address) => {
                    self.judge(address.network_interface_id.as_ref().map(|eni| Berth {
                        eni: eni.clone(),
                        private_ip: address.private_ip_address,
                    }))
                }
            },
            What::Route { table, destination } => {
                let route = world.route_table(table).and_then(|t| {
                    let mut routes = t.routes.iter();
                    routes.find(|r| r.destination == *destination)
                });
                match route {
                    None => Seen::Gone(format!("the route to {self} was deleted")),
                    Some(route) => {
                        self.judge(route.network_interface_id.as_ref().map(|eni| Berth {
                            eni: eni.clone(),
                            private_ip: None,
                        }))
                    }
                }
            }
        }
    }

    fn seen_address(&self, world: &World, ip: Ipv4Addr) -> Seen {
        let on = |berth: &Berth| {
            let eni = world.eni(&berth.eni);
            eni.is_some_and(|eni| {
                let mut ips = eni.private_ip_addresses.iter();
                ips.any(|on| on.private_ip_address == ip)
            })
        };
        if on(&self.to) {
            return Seen::AtTarget;
        }
        if on(&self.from) {
            return Seen::AtSource;
        }
        match world.eni(&self.to.eni) {
            None => Seen::Gone(format!(
                "{}, which should take {ip}, does not exist any more",
                self.to.eni
            )),
            Some(_) => Seen::Foreign(format!(
                "{ip} is on neither {} nor {}: somebody else unassigned or took it",
                self.from.eni, self.to.eni
            )),
        }
    }

    fn judge(&self, at: Option<Berth>) -> Seen {
        match at {
            Some(at) if at == self.to => Seen::AtTarget,
            Some(at) if at == self.from => Seen::AtSource,
            Some(at) => Seen::Foreign(format!("{self} was moved by somebody else to {at}")),
            None => Seen::Foreign(format!(
                "{self} was taken off its interface by somebody else"
            )),
        }
    }
}

impl std::fmt::Display for Good {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.what.fmt(f)
    }
}

/// Things that one call carries, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// What is carried.
    pub goods: Vec<Good>,
    /// Brings them to the target.
    pub over: crate::ec2::call::Call,
    /// Brings them back.
    pub back: crate::ec2::call::Call,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::failover::testing::{ENI, ROOT, world};

    const THERE: &str = "eni-0d1a2b3c4d5e60002";

    fn good(what: &str) -> Good {
        let (what, from, to) = match what {
            "address" => (What::PrivateIp("10.0.1.51".parse().unwrap()), None, None),
            "elastic" => (
                What::ElasticIp {
                    allocation_id: "eipalloc-1".into(),
                    public_ip: "203.0.113.10".parse().unwrap(),
                },
                Some("10.0.1.50"),
                Some("10.0.1.11"),
            ),
            _ => (
                What::Route {
                    table: "rtb-1".into(),
                    destination: "172.31.99.0/24".into(),
                },
                None,
                None,
            ),
        };
        let berth = |eni: &str, ip: Option<&str>| Berth {
            eni: eni.into(),
            private_ip: ip.map(|ip| ip.parse().unwrap()),
        };
        Good {
            what,
            from: berth(ENI, from),
            to: berth(THERE, to),
        }
    }

    /// Puts the thing somewhere: `source`, `target`, `third`, `nowhere`, `gone`, `other-ip`.
    fn put(world: &mut World, what: &str, place: &str) {
        let eni = match place {
            "source" | "other-ip" => Some(ENI),
            "target" => Some(THERE),
            "third" => Some(ROOT),
            _ => None,
        };
        match what {
            "address" => {
                let ip: Ipv4Addr = "10.0.1.51".parse().unwrap();
                world.edit_eni(&ENI.into(), |e| {
                    e.private_ip_addresses
                        .retain(|on| on.private_ip_address != ip);
                });
                if place == "gone" {
                    world.remove_eni(&THERE.into());
                }
                if let Some(eni) = eni {
                    world.edit_eni(&eni.into(), |e| {
                        let mut on = e.private_ip_addresses[0].clone();
                        (on.private_ip_address, on.primary) = (ip, false);
                        e.private_ip_addresses.push(on);
                    });
                }
            }
            "elastic" if place == "gone" => world.remove_address(&"eipalloc-1".into()),
            "elastic" => world.edit_address(&"eipalloc-1".into(), |a| {
                a.network_interface_id = eni.map(Into::into);
                let ip = match place {
                    "target" => "10.0.1.11",
                    "other-ip" => "10.0.1.51",
                    _ => "10.0.1.50",
                };
                a.private_ip_address = eni.map(|_| ip.parse().unwrap());
            }),
            _ => world.edit_route_table(&"rtb-1".into(), |t| {
                if place == "gone" {
                    t.routes.clear();
                } else {
                    t.routes[0].network_interface_id = eni.map(Into::into);
                }
            }),
        }
    }

    #[test]
    fn every_place_of_every_thing_is_told() {
        // what | where it is | how that is judged
        let table = "
            address | source   | at source
            address | target   | at target
            address | third    | foreign
            address | nowhere  | foreign
            address | gone     | gone
            elastic | source   | at source
            elastic | other-ip | foreign
            elastic | target   | at target
            elastic | third    | foreign
            elastic | nowhere  | foreign
            elastic | gone     | gone
            route   | source   | at source
            route   | target   | at target
            route   | third    | foreign
            route   | nowhere  | foreign
            route   | gone     | gone";
        for row in table.lines().filter(|l| !l.trim().is_empty()) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let mut world = world();
            put(&mut world, cells[0], cells[1]);
            let seen = good(cells[0]).seen(&world);
            let word = match &seen {
                Seen::AtSource => "at source",
                Seen::AtTarget => "at target",
                Seen::Foreign(_) => "foreign",
                Seen::Gone(_) => "gone",
                Seen::Hidden(_) => "hidden",
            };
            assert_eq!(word, cells[2], "{row}: {seen:?}");
        }
    }
}
