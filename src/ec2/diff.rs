//! What is different between two worlds, resource by resource and field by field.
//!
//! Invariant: a difference is made from the two worlds alone, so the feed says the same thing
//! whether the newer world came from the simulator, from a poll or from a person's own call; of a kind
//! that one of them could not look at nothing is said.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::eni::Eni;
use super::gap::Kind;
use super::id::{AllocationId, EniId, InstanceId, RouteTableId, Str, SubnetId};
use super::resource::{Address, Instance, RouteTable, SecurityGroup, Subnet, Vpc};
use super::world::World;

/// The resource that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A network interface.
    Eni(EniId),
    /// An instance.
    Instance(InstanceId),
    /// A subnet.
    Subnet(SubnetId),
    /// An Elastic IP.
    Address(AllocationId),
    /// A route, named by its table and destination.
    Route(RouteTableId, Str),
}

/// One field that differs. A resource that came or went has the field `exists`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose field it is.
    pub subject: Subject,
    /// EC2's member name, or `exists`.
    pub field: &'static str,
    /// Value in the older world; `None` if there was none.
    pub before: Option<String>,
    /// Value in the newer world; `None` if there is none.
    pub after: Option<String>,
}

/// A resource that differs: as it was and as it is. One of the two is there.
pub type Pair<'a, T> = (Option<&'a Arc<T>>, Option<&'a Arc<T>>);

/// Every resource that is new, gone or different in the newer of two worlds, each kind by id.
/// Resources that are one object in both worlds are skipped unread.
#[derive(Clone, Debug)]
pub struct Changes<'a> {
    /// The older world.
    pub before: &'a World,
    /// The newer world.
    pub after: &'a World,
    /// VPCs.
    pub vpcs: Vec<Pair<'a, Vpc>>,
    /// Subnets.
    pub subnets: Vec<Pair<'a, Subnet>>,
    /// Instances.
    pub instances: Vec<Pair<'a, Instance>>,
    /// Network interfaces.
    pub enis: Vec<Pair<'a, Eni>>,
    /// Security groups.
    pub groups: Vec<Pair<'a, SecurityGroup>>,
    /// Elastic IPs.
    pub addresses: Vec<Pair<'a, Address>>,
    /// Route tables.
    pub route_tables: Vec<Pair<'a, RouteTable>>,
}

impl<'a> Changes<'a> {
    /// Compares two worlds.
    pub fn between(before: &'a World, after: &'a World) -> Self {
        Self {
            before,
            after,
            vpcs: before.changed_vpcs(after),
            subnets: before.changed_subnets(after),
            instances: before.changed_instances(after),
            enis: before.changed_enis(after),
            groups: before.changed_groups(after),
            addresses: before.changed_addresses(after),
            route_tables: before.changed_route_tables(after),
        }
    }

    /// The worlds hold the same.
    pub fn is_empty(&self) -> bool {
        self.before.region == self.after.region
            && self.before.account == self.after.account
            && self.vpcs.is_empty()
            && self.subnets.is_empty()
            && self.instances.is_empty()
            && self.enis.is_empty()
            && self.groups.is_empty()
            && self.addresses.is_empty()
            && self.route_tables.is_empty()
            && self.after.same_rest(self.before)
    }

    /// Field by field: instances first, then interfaces, routes, Elastic IPs and subnets, cause
    /// before consequence.
    pub fn differences(&self) -> Vec<Difference> {
        let mut out = Vec::new();
        for pair in &self.instances {
            let subject = |i: &Instance| Subject::Instance(i.id.clone());
            fields(&mut out, subject, *pair, instance_fields);
        }
        for pair in &self.enis {
            let subject = |e: &Eni| Subject::Eni(e.id.clone());
            fields(&mut out, subject, *pair, eni_fields);
        }
        for (before, after) in &self.route_tables {
            routes(&mut out, *before, *after);
        }
        for pair in &self.addresses {
            let subject = |a: &Address| Subject::Address(a.id.clone());
            fields(&mut out, subject, *pair, address_fields);
        }
        for pair in &self.subnets {
            let subject = |s: &Subnet| Subject::Subnet(s.id.clone());
            fields(&mut out, subject, *pair, subnet_fields);
        }
        out.retain(|difference| self.is_seen(difference));
        out
    }

    /// Whether both worlds could tell. What may not be looked at any more is not gone, and what may be
    /// looked at from now on has not come.
    fn is_seen(&self, difference: &Difference) -> bool {
        let kind = match (&difference.subject, difference.field) {
            (Subject::Address(_), _) => Kind::Addresses,
            (Subject::Route(..), _) => Kind::RouteTables,
            (Subject::Instance(_), "SystemStatus" | "InstanceStatus") => Kind::StatusChecks,
            _ => return true,
        };
        self.before.gap(kind).is_none() && self.after.gap(kind).is_none()
    }
}

type Field = (&'static str, Option<String>);

fn fields<T>(
    out: &mut Vec<Difference>,
    subject: impl Fn(&T) -> Subject,
    (before, after): Pair<T>,
    list: fn(&T) -> Vec<Field>,
) {
    let Some(subject) = after.or(before).map(|resource| subject(resource)) else {
        return;
    };
    match (before, after) {
        (Some(before), Some(after)) => {
            for ((field, old), (_, new)) in list(before).into_iter().zip(list(after)) {
                if old != new {
                    out.push(Difference {
                        subject: subject.clone(),
                        field,
                        before: old,
                        after: new,
                    });
                }
            }
        }
        (before, after) => out.push(Difference {
            subject,
            field: "exists",
            before: before.map(|_| "yes".to_owned()),
            after: after.map(|_| "yes".to_owned()),
        }),
    }
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Option<String> {
    let words: Vec<String> = items.into_iter().map(|i| i.to_string()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The fields of an interface that can change in its life, under their API names.
pub fn eni_fields(eni: &Eni) -> Vec<Field> {
    let a = eni.attachment.as_ref();
    vec![
        ("Status", Some(eni.status.to_string())),
        ("AttachmentId", a.map(|a| a.attachment_id.to_string())),
        (
            "InstanceId",
            a.and_then(|a| a.instance_id.as_ref())
                .map(ToString::to_string),
        ),
        ("DeviceIndex", a.map(|a| a.device_index.to_string())),
        ("AttachmentStatus", a.map(|a| a.status.to_string())),
        (
            "DeleteOnTermination",
            a.map(|a| a.delete_on_termination.to_string()),
        ),
        (
            "PrivateIpAddresses",
            list(
                eni.private_ip_addresses
                    .iter()
                    .map(|p| p.private_ip_address),
            ),
        ),
        (
            "PublicIp",
            list(eni.associations().map(|(_, a)| a.public_ip)),
        ),
        (
            "Ipv6Addresses",
            list(eni.ipv6_addresses.iter().map(|p| p.ipv6_address)),
        ),
        ("Groups", list(eni.groups.iter().map(|g| &g.group_id))),
        ("SourceDestCheck", Some(eni.source_dest_check.to_string())),
        ("Description", Some(eni.description.to_string())),
        (
            "TagSet",
            list(eni.tag_set.iter().map(|t| format!("{}={}", t.key, t.value))),
        ),
    ]
}

fn instance_fields(i: &Instance) -> Vec<Field> {
    vec![
        ("State", Some(i.state.to_string())),
        ("InstanceType", Some(i.instance_type.to_string())),
        ("SystemStatus", Some(i.system_status.to_string())),
        ("InstanceStatus", Some(i.instance_status.to_string())),
        ("Name", i.name().map(ToOwned::to_owned)),
    ]
}

fn address_fields(a: &Address) -> Vec<Field> {
    vec![
        (
            "AssociationId",
            a.association_id.as_ref().map(ToString::to_string),
        ),
        (
            "NetworkInterfaceId",
            a.network_interface_id.as_ref().map(ToString::to_string),
        ),
        (
            "InstanceId",
            a.instance_id.as_ref().map(ToString::to_string),
        ),
        (
            "PrivateIpAddress",
            a.private_ip_address.map(|ip| ip.to_string()),
        ),
    ]
}

fn subnet_fields(s: &Subnet) -> Vec<Field> {
    vec![(
        "AvailableIpAddressCount",
        Some(s.available_ip_address_count.to_string()),
    )]
}

fn routes(
    out: &mut Vec<Difference>,
    before: Option<&Arc<RouteTable>>,
    after: Option<&Arc<RouteTable>>,
) {
    let Some(table) = after.or(before).map(|t| &t.id) else {
        return;
    };
    let all = |t: Option<&Arc<RouteTable>>| t.map(|t| t.routes.clone()).unwrap_or_default();
    let (before, after) = (all(before), all(after));
    let destinations: BTreeSet<&Str> = before
        .iter()
        .chain(&after)
        .map(|route| &route.destination)
        .collect();
    for destination in destinations {
        let find = |routes: &[super::resource::Route]| {
            routes
                .iter()
                .find(|r| r.destination == *destination)
                .cloned()
        };
        let (old, new) = (find(&before), find(&after));
        let values = |r: &Option<super::resource::Route>| -> [Field; 3] {
            let r = r.as_ref();
            [
                ("State", r.map(|r| r.state.to_string())),
                (
                    "NetworkInterfaceId",
                    r.and_then(|r| r.network_interface_id.as_ref())
                        .map(ToString::to_string),
                ),
                (
                    "InstanceId",
                    r.and_then(|r| r.instance_id.as_ref())
                        .map(ToString::to_string),
                ),
            ]
        };
        for ((field, before), (_, after)) in values(&old).into_iter().zip(values(&new)) {
            if before != after {
                let subject = Subject::Route(table.clone(), destination.clone());
                out.push(Difference {
                    subject,
                    field,
                    before,
                    after,
                });
            }
        }
    }
}
