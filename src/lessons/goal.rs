//! Goals of a lesson: predicates over the world, over what was done, and over what clients see.
//!
//! A goal is one line of a lesson file (`eni db-service on db-standby 1`); [`Goal::parse`] reads it,
//! [`Goal::words`] says it to a person, [`Goal::met`] checks it.
//!
//! Invariants: the words are made from the same data that is checked; a resource is meant by its
//! tag `Name` or its id, and one that is gone is still meant by the name that it had at the start.

mod check;
mod parse;

use std::net::Ipv4Addr;

use crate::ec2::id::{EniId, Str};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
pub use parse::GoalError;

/// What has to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// EC2 refused a call of this action with this code.
    Refused(Str, Str),
    /// EC2 accepted a call of this action.
    Accepted(Str),
    /// A failover of this interface ended on this instance.
    Moved(String, String),
    /// Something about an interface.
    Eni(String, OfEni),
    /// Something about an instance.
    Instance(String, OfInstance),
    /// An Elastic IP is associated with this interface, or with none.
    Eip(String, Option<String>),
    /// A route to this range targets this interface and has this state.
    Route(Str, String, Str),
    /// Something about a client's requests.
    Client(String, OfClient),
    /// This too has to be so when the step ends; it does not latch.
    Still(Box<Goal>),
    /// A report was written.
    Report,
    /// A subnet has at most this many addresses left.
    SubnetLeft(String, u32),
}

/// What can be so of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfEni {
    /// It has this status, and nothing is under way.
    Status(Str),
    /// It does not exist.
    Gone,
    /// It is attached to this instance, at this device index if one is named.
    On(String, Option<u32>),
    /// It has this private address.
    Address(Ipv4Addr),
    /// It has at least this many private addresses.
    Addresses(usize),
    /// It has this security group, or does not have it.
    Group(String, bool),
    /// DeleteOnTermination of its attachment.
    DeleteOnTermination(bool),
    /// Its source/destination check.
    SourceDestCheck(bool),
}

/// What can be so of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfInstance {
    /// It has this state.
    State(Str),
    /// It has this type.
    Type(Str),
    /// It has this many interfaces attached.
    Interfaces(usize),
}

/// What can be so of a client's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfClient {
    /// The newest request was answered, by this instance if one is named, after the step began.
    Answered(Option<String>),
    /// The newest request was lost, after the step began; the reason contains this text.
    Lost(String),
    /// It gets the whole rate that it could use, or less than that.
    Rate(bool),
}

/// What a person did, as far as goals care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A call was answered: its action, and EC2's code where it was refused.
    Called(Str, Option<Str>),
    /// A failover of this interface ended where it was planned.
    Moved(EniId),
    /// A report was written.
    Wrote,
}

/// What a goal is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The world when the lesson began.
    pub beginning: &'a World,
    /// The world now.
    pub world: &'a World,
    /// What clients saw.
    pub strips: &'a [Strip],
    /// When the present step began.
    pub since: Time,
    /// What was done since then, oldest first.
    pub deeds: &'a [Deed],
}

impl Goal {
    /// The goal in words: `db-service is on db-standby at index 1`.
    pub fn words(&self) -> String {
        match self {
            Self::Refused(action, code) => format!("EC2 refused {action}: {code}"),
            Self::Accepted(action) => format!("EC2 accepted {action}"),
            Self::Moved(eni, instance) => format!("{eni} was failed over to {instance}"),
            Self::Eni(eni, what) => format!("{eni} {}", what.words()),
            Self::Instance(instance, what) => format!("{instance} {}", what.words()),
            Self::Eip(eip, Some(eni)) => format!("EIP {eip} is on {eni}"),
            Self::Eip(eip, None) => format!("EIP {eip} is on nothing"),
            Self::Route(cidr, eni, state) => format!("route {cidr} to {eni} is {state}"),
            Self::Client(client, what) => format!("{client} {}", what.words()),
            Self::Still(goal) => format!("in the end: {}", goal.words()),
            Self::Report => "a report was written".to_owned(),
            Self::SubnetLeft(subnet, 0) => format!("{subnet} has no address left"),
            Self::SubnetLeft(subnet, n) => format!("{subnet} has {n} addresses left, or fewer"),
        }
    }
}

fn on(flag: bool) -> &'static str {
    if flag { "on" } else { "off" }
}

impl OfEni {
    fn words(&self) -> String {
        match self {
            Self::Status(status) => format!("is {status}"),
            Self::Gone => "does not exist any more".to_owned(),
            Self::On(instance, None) => format!("is on {instance}"),
            Self::On(instance, Some(index)) => format!("is on {instance} at index {index}"),
            Self::Address(ip) => format!("has {ip}"),
            Self::Addresses(n) => format!("has {n} private addresses or more"),
            Self::Group(group, true) => format!("has group {group}"),
            Self::Group(group, false) => format!("does not have group {group}"),
            Self::DeleteOnTermination(flag) => format!("has DeleteOnTermination {}", on(*flag)),
            Self::SourceDestCheck(flag) => format!("has its source/dest check {}", on(*flag)),
        }
    }
}

impl OfInstance {
    fn words(&self) -> String {
        match self {
            Self::State(state) => format!("is {state}"),
            Self::Type(name) => format!("is of type {name}"),
            Self::Interfaces(1) => "has one interface".to_owned(),
            Self::Interfaces(n) => format!("has {n} interfaces"),
        }
    }
}

impl OfClient {
    fn words(&self) -> String {
        match self {
            Self::Answered(None) => "is answered".to_owned(),
            Self::Answered(Some(by)) => format!("is answered by {by}"),
            Self::Lost(why) if why.is_empty() => "is not answered".to_owned(),
            Self::Lost(why) => format!("is not answered: {why}"),
            Self::Rate(true) => "gets all the bandwidth it wants".to_owned(),
            Self::Rate(false) => "gets less bandwidth than it wants".to_owned(),
        }
    }
}
