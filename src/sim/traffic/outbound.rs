//! Requests that instances of ours send out: which address does the other end see?
//!
//! Invariants: the address is that of the Elastic IP or public address on the interface's primary
//! private address where the subnet's route goes to an internet gateway, that of a NAT gateway
//! where it goes there, and that of the instance behind where it goes to an interface whose
//! source/dest check is off (VPC User Guide, "NAT instances").

use std::net::Ipv4Addr;

use super::{Scene, called, groups, runs};
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::{Route, RouteState};
use crate::sim::scenario::{Client, Target};

/// Routes followed before a circle is taken for one.
const HOPS_MAX: u32 = 4;

impl Scene<'_> {
    /// A request of one of our instances, through an interface or its primary one.
    pub(super) fn leaves(
        &self,
        client: &Client,
        id: &InstanceId,
        via: Option<&EniId>,
    ) -> Result<InstanceId, String> {
        let instance = self.world.instance(id);
        let instance = instance.ok_or_else(|| format!("{id} does not exist any more"))?;
        runs(instance)?;
        let name = called(instance);
        let enis = self.world.enis_of(id);
        let eni = match via {
            Some(via) => enis.into_iter().find(|e| e.id == *via),
            None => enis.into_iter().find(|e| e.is_primary()),
        };
        let eni = eni.ok_or_else(|| format!("{name} has not got the interface it sends from"))?;
        let attachment = eni.attachment.as_ref();
        let ready = attachment.is_some_and(|a| {
            a.status == AttachmentStatus::Attached && !self.dark.contains(&a.attachment_id)
        });
        if !ready {
            return Err(format!("{name}: the interface it sends from is not up yet"));
        }
        let Target::Outside(to) = &client.target else {
            return Err("an instance's requests go outside".to_owned());
        };
        let seen = self.seen_as(eni, *to, HOPS_MAX)?;
        if client.allow.is_empty() || client.allow.contains(&seen) {
            return Ok(id.clone());
        }
        let known: Vec<String> = client.allow.iter().map(ToString::to_string).collect();
        Err(format!(
            "the partner refuses {seen}: its list has {}",
            known.join(", ")
        ))
    }

    /// The source address that the outside sees.
    fn seen_as(&self, eni: &Eni, to: Ipv4Addr, hops: u32) -> Result<Ipv4Addr, String> {
        let own = self.world.route_table_of(&eni.subnet_id);
        let mut of_vpc = self.world.route_tables_of(&eni.vpc_id);
        let table = own.or_else(|| of_vpc.find(|t| t.main));
        let routes = table.map(|t| t.routes.as_slice()).unwrap_or_default();
        let route = best(routes, to);
        let route = route.ok_or_else(|| format!("no route to {to} from its subnet"))?;
        if route.state != RouteState::Active {
            return Err(format!("route {} is a {}", route.destination, route.state));
        }
        if let Some(next) = &route.network_interface_id {
            return self.through(next, to, hops);
        }
        let gateway = route.gateway.as_deref().unwrap_or_default();
        if gateway.starts_with("igw-") {
            return public(eni).ok_or_else(|| {
                "it has no public address: the internet gateway passes nothing".to_owned()
            });
        }
        if gateway.starts_with("nat-") {
            let nat = self.world.nat_gateways().find(|n| n.id.as_str() == gateway);
            let address = nat.and_then(|n| n.public_ip);
            return address.ok_or_else(|| format!("{gateway} has no public address"));
        }
        Err(format!("route {} leads to {gateway}", route.destination))
    }

    /// Through an instance that forwards.
    fn through(&self, next: &EniId, to: Ipv4Addr, hops: u32) -> Result<Ipv4Addr, String> {
        let eni = self.world.eni(next);
        let eni = eni.ok_or_else(|| format!("{next} does not exist any more"))?;
        let holder = eni.instance_id().and_then(|id| self.world.instance(id));
        let holder =
            holder.ok_or_else(|| "the route's interface is attached to nothing".to_owned())?;
        runs(holder)?;
        if eni.source_dest_check {
            return Err(format!(
                "{} forwards nothing: the source/dest check of its interface is on",
                called(holder)
            ));
        }
        if hops == 0 {
            return Err("its routes go in a circle".to_owned());
        }
        self.seen_as(eni, to, hops - 1)
    }
}

/// The most specific route to an address.
fn best(routes: &[Route], to: Ipv4Addr) -> Option<&Route> {
    let length = |r: &&Route| {
        let length = r.destination.split_once('/').map(|(_, l)| l.parse::<u32>());
        length.and_then(Result::ok).unwrap_or(0)
    };
    let fitting = routes
        .iter()
        .filter(|r| groups::contains(&r.destination, to));
    fitting.max_by_key(length)
}

/// The public address on an interface's primary private address.
fn public(eni: &Eni) -> Option<Ipv4Addr> {
    let primary = eni.private_ip_addresses.iter().find(|a| a.primary)?;
    primary.association.as_ref().map(|a| a.public_ip)
}
