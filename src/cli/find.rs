//! From what a person typed to one resource: an id, an address, a MAC address or an exact Name.
//!
//! Invariant: what is not unique is listed, never guessed.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::failure::Failure;
use super::json;
use super::resolve::{kind_of, with_article};
use super::suggest::nearest;
use crate::ec2::eni::Eni;
use crate::ec2::id::AttachmentId;
use crate::ec2::resource::{Address, Instance, RouteTable, SecurityGroup, Subnet, Vpc, name_of};
use crate::ec2::world::World;

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A VPC.
    Vpc(Arc<Vpc>),
    /// A subnet.
    Subnet(Arc<Subnet>),
    /// An instance.
    Instance(Arc<Instance>),
    /// A network interface.
    Eni(Arc<Eni>),
    /// A security group.
    Group(Arc<SecurityGroup>),
    /// An Elastic IP.
    Address(Arc<Address>),
    /// A route table.
    RouteTable(Arc<RouteTable>),
}

impl Found {
    /// What it is, in EC2's nouns.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Vpc(_) => "VPC",
            Self::Subnet(_) => "subnet",
            Self::Instance(_) => "instance",
            Self::Eni(_) => "network interface",
            Self::Group(_) => "security group",
            Self::Address(_) => "Elastic IP",
            Self::RouteTable(_) => "route table",
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Vpc(r) => r.id.as_str(),
            Self::Subnet(r) => r.id.as_str(),
            Self::Instance(r) => r.id.as_str(),
            Self::Eni(r) => r.id.as_str(),
            Self::Group(r) => r.id.as_str(),
            Self::Address(r) => r.id.as_str(),
            Self::RouteTable(r) => r.id.as_str(),
        }
    }

    /// The value of its tag `Name`; a security group without one goes by its group name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Vpc(r) => name_of(&r.tags),
            Self::Subnet(r) => name_of(&r.tags),
            Self::Instance(r) => name_of(&r.tags),
            Self::Eni(r) => name_of(&r.tag_set),
            Self::Group(r) => name_of(&r.tags).or(Some(&r.group_name)),
            Self::Address(r) => name_of(&r.tags),
            Self::RouteTable(r) => name_of(&r.tags),
        }
    }

    /// Every field, members named as EC2 names them.
    pub fn value(&self) -> Value {
        match self {
            Self::Vpc(r) => json::value(&**r),
            Self::Subnet(r) => json::value(&**r),
            Self::Instance(r) => json::value(&**r),
            Self::Eni(r) => json::value(&**r),
            Self::Group(r) => json::value(&**r),
            Self::Address(r) => json::value(&**r),
            Self::RouteTable(r) => json::value(&**r),
        }
    }

    /// `instance i-… db-standby`, for lists.
    fn line(&self) -> String {
        let name = self.name().unwrap_or_default();
        format!("{} {} {name}", self.kind(), self.id())
            .trim_end()
            .to_owned()
    }
}

/// The one resource that `what` names.
pub fn find(world: &World, what: &str) -> Result<Found, Failure> {
    let mut found = by_id(world, what);
    if found.is_empty() {
        found = match what.parse::<IpAddr>() {
            Ok(ip) => by_address(world, ip),
            Err(_) => by_name(world, what),
        };
    }
    one(found, world, what)
}

/// The network interface that `what` names.
pub fn find_eni(world: &World, what: &str) -> Result<Arc<Eni>, Failure> {
    // A Name may stand on an instance and its interface alike: the place says which is meant.
    match narrowed(world, what, |f| matches!(f, Found::Eni(_)))? {
        Found::Eni(eni) => Ok(eni),
        other => {
            let mut failure = wrong_kind(&other, what, "network interface");
            if let Found::Instance(instance) = &other {
                let enis = world.enis_of(&instance.id).into_iter().cloned();
                failure.details = enis.map(|eni| Found::Eni(eni).line()).collect();
            }
            Err(failure)
        }
    }
}

/// The instance that `what` names.
pub fn find_instance(world: &World, what: &str) -> Result<Arc<Instance>, Failure> {
    match narrowed(world, what, |f| matches!(f, Found::Instance(_)))? {
        Found::Instance(instance) => Ok(instance),
        other => {
            let mut failure = wrong_kind(&other, what, "instance");
            if let Found::Eni(eni) = &other
                && let Some(holder) = eni.instance_id()
            {
                failure.details = vec![format!("it is attached to instance {holder}")];
            }
            Err(failure)
        }
    }
}

fn narrowed(world: &World, what: &str, wanted: impl Fn(&Found) -> bool) -> Result<Found, Failure> {
    let mut named = by_name(world, what);
    if by_id(world, what).is_empty() && named.len() > 1 {
        named.retain(&wanted);
        return one(named, world, what);
    }
    find(world, what)
}

fn wrong_kind(found: &Found, what: &str, wanted: &str) -> Failure {
    Failure::usage(
        format!(
            "{what} is {}, but {} is needed here",
            with_article(found.kind()),
            with_article(wanted)
        ),
        format!("Name {}", with_article(wanted)),
    )
}

fn one(mut found: Vec<Found>, world: &World, what: &str) -> Result<Found, Failure> {
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(missing(world, what)),
        n => Err(Failure::usage(
            format!("{what} names {n} resources"),
            "Name one of them by its id",
        )
        .details(found.iter().map(Found::line).collect())),
    }
}

/// Whatever has exactly this id; an attachment id finds its interface.
pub fn by_id(world: &World, what: &str) -> Vec<Found> {
    let attachment = world.eni_of_attachment(&AttachmentId::from(what));
    [
        world
            .eni(&what.into())
            .or(attachment)
            .cloned()
            .map(Found::Eni),
        world.instance(&what.into()).cloned().map(Found::Instance),
        world.subnet(&what.into()).cloned().map(Found::Subnet),
        world.vpc(&what.into()).cloned().map(Found::Vpc),
        world.group(&what.into()).cloned().map(Found::Group),
        world.address(&what.into()).cloned().map(Found::Address),
        world
            .route_table(&what.into())
            .cloned()
            .map(Found::RouteTable),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whoever carries the address; an Elastic IP that nobody carries is found itself.
fn by_address(world: &World, ip: IpAddr) -> Vec<Found> {
    let carries = |eni: &Eni| match ip {
        IpAddr::V4(ip) => {
            let private = eni.private_ip_addresses.iter();
            private.map(|p| p.private_ip_address).any(|p| p == ip)
                || eni.associations().any(|(_, a)| a.public_ip == ip)
        }
        IpAddr::V6(ip) => eni.ipv6_addresses.iter().any(|a| a.ipv6_address == ip),
    };
    let enis: Vec<Found> = world
        .enis()
        .filter(|eni| carries(eni))
        .cloned()
        .map(Found::Eni)
        .collect();
    if !enis.is_empty() {
        return enis;
    }
    let free = world.addresses().filter(|a| IpAddr::V4(a.public_ip) == ip);
    free.cloned().map(Found::Address).collect()
}

fn by_name(world: &World, what: &str) -> Vec<Found> {
    let enis = world.enis().filter(|e| &*e.mac_address == what);
    let by_mac: Vec<Found> = enis.cloned().map(Found::Eni).collect();
    if !by_mac.is_empty() {
        return by_mac;
    }
    everything(world)
        .filter(|f| f.name() == Some(what))
        .collect()
}

fn everything(world: &World) -> impl Iterator<Item = Found> {
    let vpcs = world.vpcs().cloned().map(Found::Vpc);
    let subnets = world.subnets().cloned().map(Found::Subnet);
    let instances = world.instances().cloned().map(Found::Instance);
    let enis = world.enis().cloned().map(Found::Eni);
    let groups = world.groups().cloned().map(Found::Group);
    let addresses = world.addresses().cloned().map(Found::Address);
    let tables = world.route_tables().cloned().map(Found::RouteTable);
    vpcs.chain(subnets)
        .chain(instances)
        .chain(enis)
        .chain(groups)
        .chain(addresses)
        .chain(tables)
}

fn missing(world: &World, what: &str) -> Failure {
    let known: Vec<Found> = everything(world).collect();
    let kind = kind_of(what);
    let near = nearest(
        what,
        known
            .iter()
            .filter(|f| kind.is_none_or(|k| k == f.kind()))
            .flat_map(|f| [Some(f.id()), f.name()])
            .flatten(),
    );
    let what = match kind {
        Some(kind) => format!("there is no {kind} {what} in {}", world.region),
        None => format!(
            "nothing in {} has the id, address or Name {what}",
            world.region
        ),
    };
    let remedy = match near {
        Some(near) => format!("Did you mean {near}?"),
        None => "`enipilot tree` lists what there is".to_owned(),
    };
    let failure = Failure::usage(what, remedy);
    match kind {
        Some("network interface") => failure.code("InvalidNetworkInterfaceID.NotFound"),
        Some("instance") => failure.code("InvalidInstanceID.NotFound"),
        _ => failure,
    }
}
