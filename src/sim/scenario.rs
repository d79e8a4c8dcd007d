//! What a world file says, resolved: the world, and everything around it that is not EC2's.
//!
//! Invariant: no names are left; every id exists in the world at the start.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::faults::Item;
use super::saved::Saved;
use super::timings::{Range, Timings};
use crate::ec2::call::Call;
use crate::ec2::id::{AllocationId, EniId, InstanceId, Str, SubnetId};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::effect::{Transition, managed::Managed};

/// Everything that a simulator starts from.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name of the world, for the badge.
    pub name: String,
    /// One sentence about it.
    pub about: String,
    /// The inventory.
    pub world: World,
    /// The moment of the story.
    pub now: Time,
    /// The interface that it is about.
    pub focus: Option<EniId>,
    /// What happened before, oldest first.
    pub prologue: Vec<(Time, String)>,
    /// How long transitions take.
    pub timings: Timings,
    /// Switches that are put in at the moment of the story; their names are ids.
    pub faults: Vec<Item>,
    /// Guests that behave in a way of their own.
    pub guests: BTreeMap<InstanceId, Guest>,
    /// Services by name.
    pub services: BTreeMap<Str, Service>,
    /// Resources of AWS services that have interfaces here, by name.
    pub managed: BTreeMap<Str, ManagedIn>,
    /// DNS names.
    pub names: BTreeMap<Str, Dns>,
    /// Modelled clients.
    pub clients: Vec<Client>,
    /// What others do, oldest first.
    pub events: Vec<(Duration, Event)>,
    /// Under way already, with the time from `now` at which it ends, if the file says so.
    pub under_way: Vec<(Transition, Option<Duration>)>,
    /// What has happened since, if the world was saved.
    pub saved: Option<Saved>,
}

/// How a guest behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guest {
    /// Attached to usable; the world's timing when absent.
    pub delay: Option<Range>,
    /// Never sees what is attached from now on.
    pub never_up: bool,
    /// Never lets go: only a forced detach ends.
    pub detach_hangs: bool,
    /// Answers through its primary interface what reached a second one in the same subnet.
    pub answers_astray: bool,
}

/// A service and where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// TCP port.
    pub port: u16,
    /// Instances on which it listens.
    pub on: BTreeSet<InstanceId>,
}

/// A service's resource, and the subnets in which it has interfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedIn {
    /// What it is.
    pub managed: Managed,
    /// Where, in order.
    pub subnets: Vec<SubnetId>,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A private address, in a subnet.
    Private(SubnetId, Ipv4Addr),
    /// An Elastic IP.
    Elastic(AllocationId, Ipv4Addr),
    /// A DNS name.
    Name(Str),
    /// An address beyond the VPC.
    Outside(Ipv4Addr),
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody with this address.
    Address(Ipv4Addr),
    /// One of our instances, through this interface or its primary one.
    Instance {
        /// The instance.
        id: InstanceId,
        /// The interface.
        via: Option<EniId>,
    },
}

/// A DNS name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dns {
    /// What it says at the beginning.
    pub address: Ipv4Addr,
    /// How long a client may keep a copy.
    pub ttl: Duration,
}

/// What somebody changes outside of EC2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A DNS name says another address.
    Dns(Str, Ipv4Addr),
    /// The firewall in front of this client passes another address.
    Firewall(Str, Ipv4Addr),
}

/// A modelled client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client 10.0.2.20`.
    pub label: Str,
    /// Which address.
    pub target: Target,
    /// Which port.
    pub port: u16,
    /// Name of the service asked for; empty outside.
    pub service: Str,
    /// Who asks.
    pub source: Source,
    /// Source addresses that the other end accepts; all when empty.
    pub allow: Vec<Ipv4Addr>,
    /// Addresses that the firewall on the way passes; all when empty.
    pub firewall: Vec<Ipv4Addr>,
    /// The rate that it could use, in Mbit/s.
    pub mbps: Option<u32>,
    /// When it began to ask: its copies of DNS records age from then on.
    pub began: Time,
    /// Time between two requests.
    pub interval: Duration,
    /// What it saw before the story's moment.
    pub past: Option<Past>,
}

/// What a client saw before the story's moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// First request.
    pub since: Time,
    /// Who answered.
    pub answered_by: InstanceId,
    /// First lost request.
    pub lost_from: Option<Time>,
    /// Why; the reason at the story's moment when absent.
    pub reason: Option<Str>,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody else submits a call.
    Call {
        /// Who.
        by: Str,
        /// What.
        deed: Deed,
    },
    /// Somebody changes something outside of EC2.
    Outside {
        /// Who.
        by: Str,
        /// What.
        change: Change,
    },
    /// A status check fails.
    Impair(InstanceId),
    /// The status checks pass again.
    Recover(InstanceId),
    /// A service no longer listens on an instance.
    StopService(Str, InstanceId),
    /// A service listens on an instance.
    StartService(Str, InstanceId),
    /// An AWS service wants this many interfaces in each of its resource's subnets.
    Scale(Str, u32),
    /// An AWS service gives up an interface.
    Release(EniId),
}

/// A call of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// As it stands.
    Call(Call),
    /// Ends whatever attachment the interface has by then.
    Detach {
        /// The interface.
        eni: EniId,
        /// `Force`.
        force: bool,
    },
}
