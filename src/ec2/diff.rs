//! What is different between two worlds, resource by resource and field by field.
//!
//! Invariant: a difference is made from the two worlds alone, so the feed says the same thing
//! whether the newer world came from the simulator, from a poll or from a person's own call.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::eni::Eni;
use super::id::{AllocationId, EniId, InstanceId, RouteTableId, Str, SubnetId};
use super::resource::{Address, Instance, RouteTable, Subnet};
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

/// Every difference, instances first, then interfaces, routes, Elastic IPs and subnets: cause
/// before consequence. Resources that are one object in both worlds are skipped unread.
pub fn diff(before: &World, after: &World) -> Vec<Difference> {
    let mut out = Vec::new();
    for id in changed(before.instances(), after.instances(), |i| &i.id) {
        let subject = Subject::Instance(id.clone());
        fields(
            &mut out,
            subject,
            before.instance(&id),
            after.instance(&id),
            instance_fields,
        );
    }
    for id in changed(before.enis(), after.enis(), |e| &e.id) {
        let subject = Subject::Eni(id.clone());
        fields(
            &mut out,
            subject,
            before.eni(&id),
            after.eni(&id),
            eni_fields,
        );
    }
    for id in changed(before.route_tables(), after.route_tables(), |t| &t.id) {
        routes(
            &mut out,
            &id,
            before.route_table(&id),
            after.route_table(&id),
        );
    }
    for id in changed(before.addresses(), after.addresses(), |a| &a.id) {
        let subject = Subject::Address(id.clone());
        fields(
            &mut out,
            subject,
            before.address(&id),
            after.address(&id),
            address_fields,
        );
    }
    for id in changed(before.subnets(), after.subnets(), |s| &s.id) {
        let subject = Subject::Subnet(id.clone());
        fields(
            &mut out,
            subject,
            before.subnet(&id),
            after.subnet(&id),
            subnet_fields,
        );
    }
    out
}

/// Ids of what is new, gone or another object. Both sides come sorted by id: one merge pass.
fn changed<'a, T: 'a + PartialEq, I: Ord + Clone + 'a>(
    before: impl Iterator<Item = &'a Arc<T>>,
    after: impl Iterator<Item = &'a Arc<T>>,
    id: impl Fn(&'a T) -> &'a I,
) -> Vec<I> {
    use std::cmp::Ordering;
    let mut out = Vec::new();
    let (mut before, mut after) = (before.peekable(), after.peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return out,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(b), Some(a)) => id(b).cmp(id(a)),
        };
        match order {
            Ordering::Less => out.extend(before.next().map(|b| id(b).clone())),
            Ordering::Greater => out.extend(after.next().map(|a| id(a).clone())),
            Ordering::Equal => {
                if let (Some(b), Some(a)) = (before.next(), after.next())
                    && !Arc::ptr_eq(b, a)
                    && b != a
                {
                    out.push(id(a).clone());
                }
            }
        }
    }
}

type Field = (&'static str, Option<String>);

fn fields<T>(
    out: &mut Vec<Difference>,
    subject: Subject,
    before: Option<&Arc<T>>,
    after: Option<&Arc<T>>,
    list: fn(&T) -> Vec<Field>,
) {
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
    table: &RouteTableId,
    before: Option<&Arc<RouteTable>>,
    after: Option<&Arc<RouteTable>>,
) {
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
