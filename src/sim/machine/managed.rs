//! AWS services that make and give up interfaces in the world.
//!
//! Invariants: interfaces come at once, as far as the subnet has addresses, and go one by one after
//! the time that their service takes; one that is on its way out counts as gone.

use std::time::Duration;

use super::Machine;
use crate::ec2::change::Change;
use crate::ec2::id::{EniId, Str, SubnetId};
use crate::rules::effect::interface_gone;
use crate::rules::effect::managed::Kind;
use crate::sim::history::Due;
use crate::sim::scenario::{Event, ManagedIn};
use crate::sim::timings::Range;

/// From the moment at which a service needs an interface no more to its end. Lambda's are kept for
/// long: 35 minutes in the 99th percentile (hashicorp/terraform-provider-aws,
/// `internal/service/ec2/vpc_network_interface.go`).
fn release(kind: Kind) -> Range {
    let seconds = |least, most| Range {
        least: Duration::from_secs(least),
        most: Duration::from_secs(most),
    };
    match kind {
        Kind::Lambda => seconds(5 * 60, 35 * 60),
        Kind::Ecs => seconds(5, 30),
        Kind::Alb | Kind::Nlb | Kind::Endpoint => seconds(15, 90),
    }
}

impl Machine {
    /// The interfaces that a service's resource has in a subnet and does not give up already.
    fn members(&self, of: &ManagedIn, subnet: &SubnetId) -> Vec<EniId> {
        let going: Vec<&EniId> = self
            .due
            .values()
            .filter_map(|due| match due {
                Due::Event(Event::Release(eni)) => Some(eni),
                _ => None,
            })
            .collect();
        let enis = self.world.enis_in(subnet);
        enis.filter(|eni| of.managed.has(&self.world, eni) && !going.contains(&&eni.id))
            .map(|eni| eni.id.clone())
            .collect()
    }

    /// Makes interfaces, or lets them go, until there are `to` in each subnet.
    pub(super) fn scale(&mut self, name: &Str, to: u32) {
        let Some(of) = self.managed.get(name).cloned() else {
            return;
        };
        let to = usize::try_from(to).unwrap_or(usize::MAX);
        for subnet in &of.subnets {
            let has = self.members(&of, subnet);
            for _ in has.len()..to {
                if !self.one_more(&of, subnet) {
                    break;
                }
            }
            for eni in has.into_iter().skip(to) {
                let delay = release(of.managed.kind).draw(&mut self.moment.dice);
                self.push_due(delay, Due::Event(Event::Release(eni)));
            }
        }
    }

    /// Whether there was room for it.
    fn one_more(&mut self, of: &ManagedIn, subnet: &SubnetId) -> bool {
        let Some(subnet) = self.world.subnet(subnet).cloned() else {
            return false;
        };
        let quota = self.world.quotas.network_interfaces;
        if self.world.eni_count() >= quota {
            return false;
        }
        let (now, dice) = (self.moment.now, &mut self.moment.dice);
        match of.managed.interface(&self.world, &subnet, dice, now) {
            Some(eni) => {
                self.apply(&Change::EniCreated(Box::new(eni)));
                true
            }
            None => false,
        }
    }

    /// The service has let go.
    pub(super) fn let_go(&mut self, eni: &EniId) {
        for change in interface_gone(&self.world, eni) {
            self.apply(&change);
        }
    }
}
