//! The simulator itself: calls by `Sim::call`, looks by the wire's own function.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::world::World;
use enipilot::sim::Sim;
use enipilot::wire;

use super::{Look, Outcome, Refusal, Reply, Request, Road, Rows};
use crate::conformance::names::Names;
use crate::wire::document::{self, Element};

pub struct Direct {
    sim: Sim,
    serial: u64,
}

impl Direct {
    pub fn on(sim: Sim) -> Self {
        Self { sim, serial: 0 }
    }

    fn look(&mut self, look: &Look) -> Result<Rows, Refusal> {
        let mut rows = Rows::default();
        let mut token = look.next_token.clone();
        loop {
            self.serial += 1;
            let (now, serial) = (self.sim.now(), self.serial);
            let form = form(look, token.as_deref());
            let reply = wire::answer(&mut self.sim, now, serial, form.as_bytes());
            let root =
                document::read(&reply.body).unwrap_or_else(|wrong| panic!("{form}: {wrong}"));
            if let Some(code) = &reply.code {
                return Err(Refusal {
                    code: code.to_string(),
                    message: root.text_at("Errors/Error/Message").to_owned(),
                    status: reply.status,
                });
            }
            let before = rows.ids.len();
            read(&look.action, &root, &mut rows);
            rows.pages.push(rows.ids.len() - before);
            let next = root.text_at("nextToken");
            rows.token = !next.is_empty();
            token = Some(next.to_owned());
            if !(look.all && rows.token) {
                return Ok(rows);
            }
        }
    }
}

impl Road for Direct {
    fn request(&mut self, request: &Request) -> Outcome {
        let refused = |error: enipilot::ec2::error::ApiError| Refusal {
            code: error.code.to_string(),
            message: error.message.to_string(),
            status: error.http_status(),
        };
        match request {
            Request::Change(call, true) => Err(refused(self.sim.dry_run(call))),
            Request::Change(call, false) => match self.sim.call(call) {
                Ok(answer) => Ok(Reply::Change(Box::new(answer))),
                Err(error) => Err(refused(error)),
            },
            Request::Look(look) => self.look(look).map(Reply::Rows),
        }
    }

    fn world(&mut self, _: &Names) -> Result<Arc<World>, String> {
        let world = self.sim.world();
        match world.check_invariants() {
            wrong if wrong.is_empty() => Ok(world),
            wrong => Err(wrong.join(", ")),
        }
    }

    fn settle(&mut self, _: &Names) -> Result<(), String> {
        settle(&mut self.sim);
        Ok(())
    }

    fn pass(&mut self, span: Duration) {
        let to = self.sim.now() + span;
        self.sim.advance(to);
    }
}

/// Lets everything happen that is under way.
pub fn settle(sim: &mut Sim) {
    while !sim.is_settled() {
        let due = sim.next_due().unwrap();
        sim.advance(due);
    }
}

/// The form of a describe: what the aws CLI would send.
fn form(look: &Look, token: Option<&str>) -> String {
    let mut pairs = vec![
        ("Action".to_owned(), look.action.clone()),
        ("Version".to_owned(), "2016-11-15".to_owned()),
    ];
    let id = kind(&look.action).id_parameter;
    if look.action == "DescribeNetworkInterfaceAttribute" {
        pairs.extend(look.ids.iter().map(|i| (id.to_owned(), i.clone())));
    } else {
        let ids = look.ids.iter().enumerate();
        pairs.extend(ids.map(|(n, i)| (format!("{id}.{}", n + 1), i.clone())));
    }
    for (n, (name, values)) in look.filters.iter().enumerate() {
        pairs.push((format!("Filter.{}.Name", n + 1), name.clone()));
        for (m, value) in values.iter().enumerate() {
            pairs.push((format!("Filter.{}.Value.{}", n + 1, m + 1), value.clone()));
        }
    }
    let mut some = |name: &str, value: Option<String>| {
        pairs.extend(value.map(|value| (name.to_owned(), value)));
    };
    some("MaxResults", look.max_results.map(|n| n.to_string()));
    some("NextToken", token.map(str::to_owned));
    some("Attribute", look.attribute.clone());
    let pairs = pairs.iter().map(|(n, v)| format!("{n}={}", escaped(v)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

struct Kind {
    action: &'static str,
    id_parameter: &'static str,
    set: &'static str,
    id: &'static str,
}

const fn of(
    action: &'static str,
    id_parameter: &'static str,
    set: &'static str,
    id: &'static str,
) -> Kind {
    Kind {
        action,
        id_parameter,
        set,
        id,
    }
}

const KINDS: &[Kind] = &[
    of(
        "DescribeNetworkInterfaces",
        "NetworkInterfaceId",
        "networkInterfaceSet",
        "networkInterfaceId",
    ),
    of(
        "DescribeNetworkInterfaceAttribute",
        "NetworkInterfaceId",
        "",
        "networkInterfaceId",
    ),
    of(
        "DescribeInstances",
        "InstanceId",
        "reservationSet",
        "instancesSet/item/instanceId",
    ),
    of("DescribeSubnets", "SubnetId", "subnetSet", "subnetId"),
    of("DescribeVpcs", "VpcId", "vpcSet", "vpcId"),
    of(
        "DescribeAddresses",
        "AllocationId",
        "addressesSet",
        "allocationId",
    ),
    of(
        "DescribeRouteTables",
        "RouteTableId",
        "routeTableSet",
        "routeTableId",
    ),
    of(
        "DescribeSecurityGroups",
        "GroupId",
        "securityGroupInfo",
        "groupId",
    ),
    of(
        "DescribeInstanceTypes",
        "InstanceType",
        "instanceTypeSet",
        "instanceType",
    ),
    of(
        "DescribeAvailabilityZones",
        "ZoneName",
        "availabilityZoneInfo",
        "zoneName",
    ),
    of("DescribeTags", "", "tagSet", "resourceId"),
    of(
        "DescribeNatGateways",
        "NatGatewayId",
        "natGatewaySet",
        "natGatewayId",
    ),
    of(
        "DescribeInternetGateways",
        "InternetGatewayId",
        "internetGatewaySet",
        "internetGatewayId",
    ),
];

fn kind(action: &str) -> &'static Kind {
    let found = KINDS.iter().find(|k| k.action == action);
    found.unwrap_or_else(|| panic!("no such describe: {action}"))
}

/// Members of a first row: `Name` and where it stands.
const FIELDS: &[(&str, &str, &str)] = &[
    ("DescribeAddresses", "InstanceId", "instanceId"),
    (
        "DescribeAddresses",
        "NetworkInterfaceId",
        "networkInterfaceId",
    ),
    (
        "DescribeNetworkInterfaces",
        "Association",
        "association/publicIp",
    ),
    (
        "DescribeNetworkInterfaces",
        "AddressAssociation",
        "privateIpAddressesSet/item/association/publicIp",
    ),
    ("DescribeNatGateways", "State", "state"),
    (
        "DescribeNatGateways",
        "NetworkInterfaceId",
        "natGatewayAddressSet/item/networkInterfaceId",
    ),
    (
        "DescribeInstanceTypes",
        "MaximumNetworkInterfaces",
        "networkInfo/maximumNetworkInterfaces",
    ),
    (
        "DescribeInstanceTypes",
        "Ipv4AddressesPerInterface",
        "networkInfo/ipv4AddressesPerInterface",
    ),
    ("DescribeTags", "Value", "value"),
    (
        "DescribeNetworkInterfaceAttribute",
        "Description",
        "description/value",
    ),
    (
        "DescribeNetworkInterfaceAttribute",
        "SourceDestCheck",
        "sourceDestCheck/value",
    ),
    (
        "DescribeNetworkInterfaceAttribute",
        "DeleteOnTermination",
        "attachment/deleteOnTermination",
    ),
    (
        "DescribeNetworkInterfaceAttribute",
        "Groups",
        "groupSet/item/groupId",
    ),
];

fn read(action: &str, root: &Element, rows: &mut Rows) {
    let kind = kind(action);
    let items: Vec<&Element> = match kind.set {
        "" => vec![root],
        set => root.at(set).into_iter().flat_map(|s| &s.children).collect(),
    };
    rows.ids
        .extend(items.iter().map(|i| i.text_at(kind.id).to_owned()));
    if rows.fields.is_empty() {
        let first = items.first();
        let ours = FIELDS.iter().filter(|(of, ..)| *of == action);
        rows.fields = ours
            .filter_map(|(_, name, path)| Some(((*name).to_owned(), first?.at(path)?.text.clone())))
            .collect::<BTreeMap<_, _>>();
        let held = first.and_then(|i| i.at("instancesSet/item/networkInterfaceSet"));
        if let Some(held) = held {
            let count = held.children.len().to_string();
            rows.fields.insert("Interfaces".to_owned(), count);
        }
    }
}
