//! What an accepted call changes, at once and once settled.
//!
//! Invariants: an effect is made for a call that [`super::check`] allows; transitions are settled
//! against the world as it is *then*, so that a later call may have overtaken them (an attachment
//! that is no longer there settles to nothing). Only what differs becomes a change, and only what
//! can still change something is set under way.

mod attribute;
mod elastic;
mod instance;
mod interface;
mod launch;
pub mod managed;
mod network;
pub mod permission;
mod private;
mod routes;
mod table;
mod tags;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::ec2::call::{Answer, Call};
use crate::ec2::change::Change;
use crate::ec2::id::{AttachmentId, EniId, InstanceId, NatGatewayId};
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// Where fresh identifiers come from: seeded in the simulator, placeholders in a forecast.
pub trait Mint {
    /// A fresh identifier with this prefix.
    fn id(&mut self, prefix: &str) -> String;
    /// A fresh locally administered MAC address.
    fn mac(&mut self) -> String;
    /// A public address from Amazon's pool.
    fn public_ip(&mut self) -> Ipv4Addr;
    /// Where in a subnet a free choice of IPv6 addresses begins.
    fn ipv6_host(&mut self) -> u64 {
        let digits: String = self.mac().chars().filter(char::is_ascii_hexdigit).collect();
        u64::from_str_radix(&digits, 16).unwrap_or(4)
    }
}

/// Placeholders: `eni-attach-new`, then `eni-attach-new2`; `0.0.0.0`.
#[derive(Debug, Default)]
pub struct Forecast {
    /// How many of each prefix there are.
    made: BTreeMap<String, u32>,
}

impl Mint for Forecast {
    fn id(&mut self, prefix: &str) -> String {
        let made = self.made.entry(prefix.to_owned()).or_default();
        *made += 1;
        match made {
            1 => format!("{prefix}new"),
            n => format!("{prefix}new{n}"),
        }
    }

    fn mac(&mut self) -> String {
        "02:00:00:00:00:00".to_owned()
    }

    fn public_ip(&mut self) -> Ipv4Addr {
        Ipv4Addr::UNSPECIFIED
    }
}

/// Something under way that ends by itself, after a time that is the simulator's to choose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transition {
    /// A created interface becomes available.
    EniAvailable(EniId),
    /// Attaching becomes attached.
    Attached(EniId, AttachmentId),
    /// Detaching becomes available, without an attachment. True when forced.
    Detached(EniId, AttachmentId, bool),
    /// Pending becomes running.
    Running(InstanceId),
    /// Status checks of a fresh start go from initializing to ok.
    ChecksPass(InstanceId),
    /// Stopping becomes stopped.
    Stopped(InstanceId),
    /// Shutting down becomes terminated.
    Terminated(InstanceId),
    /// A pending NAT gateway becomes available, or fails.
    NatGatewayUp(NatGatewayId),
    /// A NAT gateway that is being deleted is gone.
    NatGatewayGone(NatGatewayId),
    /// Routes to the interface notice where it is now: active or blackhole.
    RoutesFollow(EniId),
}

/// What an accepted call does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// The reply.
    pub answer: Answer,
    /// Changes that the next describe already shows.
    pub at_once: Vec<Change>,
    /// What is under way from now on.
    pub under_way: Vec<Transition>,
}

/// What the end of a transition changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Changes.
    pub changes: Vec<Change>,
    /// What that in turn sets under way.
    pub under_way: Vec<Transition>,
}

/// The effect of a call that is allowed. `now` becomes attach and launch times.
pub fn effect(world: &World, call: &Call, mint: &mut dyn Mint, now: Time) -> Effect {
    match call {
        Call::AttachNetworkInterface(c) => interface::attach(world, c, mint, now),
        Call::DetachNetworkInterface(c) => interface::detach(world, c),
        Call::ModifyNetworkInterfaceAttribute(c) => interface::modify(world, c),
        Call::ResetNetworkInterfaceAttribute(c) => interface::reset(c),
        Call::AssignPrivateIpAddresses(c) => private::assign(world, c),
        Call::UnassignPrivateIpAddresses(c) => private::unassign(world, c),
        Call::AssignIpv6Addresses(c) => private::assign_ipv6(world, c, mint),
        Call::UnassignIpv6Addresses(c) => private::unassign_ipv6(world, c),
        Call::AllocateAddress(c) => elastic::allocate(c, mint),
        Call::AssociateAddress(c) => elastic::associate(world, c, mint),
        Call::DisassociateAddress(c) => elastic::disassociate(world, c, mint),
        Call::ReleaseAddress(c) => elastic::release(world, c),
        Call::ModifyInstanceAttribute(c) => instance::modify(world, c),
        // The guest restarts on the same host: nothing that EC2 describes is different.
        Call::RebootInstances(_) => Effect::default(),
        Call::CreateTags(c) => tags::create(world, c),
        Call::DeleteTags(c) => tags::delete(world, c),
        Call::CreateNetworkInterface(c) => interface::create(world, c, mint),
        Call::DeleteNetworkInterface(c) => interface::delete(world, c),
        Call::StartInstances(c) => instance::start(world, c, mint, now),
        Call::StopInstances(c) => instance::stop(world, c),
        Call::TerminateInstances(c) => instance::terminate(world, c),
        Call::RunInstances(c) => launch::run(world, c, mint, now),
        Call::CreateRoute(c) | Call::ReplaceRoute(c) => table::put_route(world, c),
        Call::DeleteRoute(c) => table::delete_route(world, c),
        Call::CreateRouteTable(c) => table::create(world, c, mint),
        Call::DeleteRouteTable(c) => table::delete(c),
        Call::AssociateRouteTable(c) => table::associate(world, c, mint),
        Call::DisassociateRouteTable(c) => table::disassociate(world, c),
        Call::CreateVpc(c) => network::create_vpc(world, c, mint),
        Call::DeleteVpc(c) => network::delete_vpc(world, c),
        Call::ModifyVpcAttribute(c) => attribute::modify_vpc(world, c),
        Call::ModifySubnetAttribute(c) => attribute::modify_subnet(world, c),
        Call::CreateSubnet(c) => network::create_subnet(world, c, mint),
        Call::DeleteSubnet(c) => network::delete_subnet(world, c),
        Call::CreateSecurityGroup(c) => network::create_group(world, c, mint),
        Call::AuthorizeSecurityGroupIngress(c) => permission::authorize(world, c, false, mint),
        Call::AuthorizeSecurityGroupEgress(c) => permission::authorize(world, c, true, mint),
        Call::RevokeSecurityGroupIngress(c) => permission::revoke(world, c, false),
        Call::RevokeSecurityGroupEgress(c) => permission::revoke(world, c, true),
        Call::DeleteSecurityGroup(c) => network::delete_group(c),
        Call::CreateInternetGateway(c) => network::create_internet_gateway(world, c, mint),
        Call::AttachInternetGateway(c) => network::attach_internet_gateway(world, c, true),
        Call::DetachInternetGateway(c) => network::attach_internet_gateway(world, c, false),
        Call::DeleteInternetGateway(c) => network::delete_internet_gateway(c),
        Call::CreateNatGateway(c) => network::create_nat_gateway(world, c, mint, now),
        Call::DeleteNatGateway(c) => network::delete_nat_gateway(world, c, now),
    }
}

/// The end of a transition, in the world as it is now.
pub fn settle(world: &World, transition: &Transition) -> Settled {
    match transition {
        Transition::EniAvailable(eni) => interface::available(world, eni),
        Transition::Attached(eni, attachment) => interface::attached(world, eni, attachment),
        // Forcing changes when the detach ends, not what it ends in.
        Transition::Detached(eni, attachment, _) => interface::detached(world, eni, attachment),
        Transition::Running(id) => instance::running(world, id),
        Transition::ChecksPass(id) => instance::checks_pass(world, id),
        Transition::Stopped(id) => instance::stopped(world, id),
        Transition::Terminated(id) => instance::terminated(world, id),
        Transition::NatGatewayUp(id) => network::nat_gateway_up(world, id),
        Transition::NatGatewayGone(id) => network::nat_gateway_gone(world, id),
        Transition::RoutesFollow(eni) => Settled {
            changes: routes::follow(world, eni),
            under_way: Vec::new(),
        },
    }
}

/// The world right after the call is accepted, and once everything has settled.
pub fn forecast(world: &World, call: &Call, now: Time) -> (World, World) {
    let effect = effect(world, call, &mut Forecast::default(), now);
    let mut at_once = world.clone();
    for change in &effect.at_once {
        at_once.apply(change);
    }
    let mut settled = at_once.clone();
    let mut under_way: std::collections::VecDeque<_> = effect.under_way.into();
    while let Some(transition) = under_way.pop_front() {
        let end = settle(&settled, &transition);
        for change in &end.changes {
            settled.apply(change);
        }
        under_way.extend(end.under_way);
    }
    (at_once, settled)
}

/// What deleting an interface changes: it is gone, and its Elastic IPs are free.
pub fn interface_gone(world: &World, id: &EniId) -> Vec<Change> {
    interface::gone(world, id)
}
