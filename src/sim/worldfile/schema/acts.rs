//! What happens in a world file, and who asks for it: services, names, clients, what AWS services
//! make, and events.

use serde::Deserialize;
use toml::Spanned;

use super::super::value::{Ip, Moment, Place, Ref, Span};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub port: u16,
    /// Instances on which it listens, whether they hold the address or not.
    pub on: Vec<Ref>,
}

/// A resource of an AWS service that has interfaces in subnets of this file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Managed {
    /// Which service.
    pub kind: ManagedKind,
    /// Name of the load balancer, function or ECS service; the table's when left out.
    pub name: Option<String>,
    pub subnets: Vec<Ref>,
    /// The VPC's default group when left out.
    #[serde(default)]
    pub groups: Vec<Ref>,
    /// Interfaces in each subnet at the beginning.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

/// The services that make interfaces as an event says.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManagedKind {
    Alb,
    Nlb,
    Lambda,
    Endpoint,
    Ecs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// A `[managed.…]` table.
    pub managed: Ref,
    /// Interfaces in each of its subnets from then on.
    pub to: u32,
}

/// A DNS name outside of EC2's world.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// What it says at `now`.
    pub address: Ip,
    /// How long a copy may be kept.
    pub ttl: Span,
}

/// Another address for a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDns {
    pub name: Ref,
    pub address: Ip,
}

/// Another address that the firewall in front of a client passes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFirewall {
    pub client: Ref,
    pub address: Ip,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client's own address, for its label and for security groups; left out where one of our
    /// instances asks.
    pub from: Option<Spanned<Ip>>,
    /// The instance of ours that asks.
    pub from_instance: Option<Ref>,
    /// The interface that it sends through; its primary one when left out.
    pub via: Option<Ref>,
    /// A private address, an Elastic IP, a `[dns.…]` name, or an address outside, with the port.
    pub to: Spanned<Place>,
    /// What is said instead of the address: `partner bank`.
    pub label: Option<String>,
    /// Source addresses that the other end accepts.
    #[serde(default)]
    pub allow: Vec<Ip>,
    /// Addresses that the firewall on the way passes.
    #[serde(default)]
    pub firewall: Vec<Ip>,
    /// The rate that it could use, in Mbit/s.
    pub mbps: Option<u32>,
    /// May be left out where one service has the port.
    pub service: Option<Ref>,
    pub interval: Option<Spanned<Span>>,
    pub past: Option<Past>,
}

/// What the client saw before `now`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// When it began to ask.
    pub since: Spanned<Moment>,
    /// Who answered then.
    pub answered_by: Ref,
    /// From when on there was no answer; left out: always answered.
    pub lost_from: Option<Moment>,
    /// Why; the reason that holds at `now` when left out.
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// From `now`.
    pub at: Spanned<Span>,
    /// Who did it.
    #[serde(default)]
    pub by: String,
    pub call: Option<EventCall>,
    /// An instance whose status check fails from then on.
    pub impair: Option<Ref>,
    /// An instance whose status checks pass from then on.
    pub recover: Option<Ref>,
    /// A DNS record is changed.
    pub dns: Option<EventDns>,
    /// A firewall rule is added.
    pub firewall: Option<EventFirewall>,
    pub stop_service: Option<ServiceOn>,
    pub start_service: Option<ServiceOn>,
    /// An AWS service makes more interfaces, or fewer.
    pub scale: Option<Scale>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOn {
    pub service: Ref,
    pub instance: Ref,
}

/// A call by names: which attachment it ends is looked up when it happens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventCall {
    pub action: Spanned<String>,
    pub eni: Option<Ref>,
    pub instance: Option<Ref>,
    pub device_index: Option<u32>,
    #[serde(default)]
    pub network_card_index: u32,
    #[serde(default)]
    pub force: bool,
}
