//! The world of the rules' tests, and a notation for calls on it.
//!
//! Every resource is named by its tag `Name`: instances A, B (t3.medium, running, app), S (stopped),
//! P (pending), K (stopping), D (shutting-down), T (terminated), C (in the other zone), N (t3.nano),
//! M (p4d.24xlarge, 4 cards) and U (a type of unknown limits), each with a primary interface A0, B0
//! and so on; E is the service interface on A at index 1, with Elastic IP X and a route to it.

use std::net::Ipv4Addr;

use enipilot::ec2::call::{Attach, Call, Create, Delete, Detach, Instances, Modify};
use enipilot::ec2::eni::{Attachment, Eni};
use enipilot::ec2::id::{AttachmentId, EniId, GroupId, InstanceId, SubnetId};
use enipilot::ec2::resource::{
    Address, Instance, InternetGateway, RouteTable, SecurityGroup, Subnet, Tag, Vpc,
};
use enipilot::ec2::world::World;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub const ACCOUNT: &str = "111122223333";

/// Name, type, state, subnet.
const INSTANCES: [(&str, &str, &str, &str); 11] = [
    ("A", "t3.medium", "running", "app"),
    ("B", "t3.medium", "running", "app"),
    ("S", "t3.medium", "stopped", "app"),
    ("P", "t3.medium", "pending", "app"),
    ("K", "t3.medium", "stopping", "app"),
    ("D", "t3.medium", "shutting-down", "app"),
    ("T", "t3.medium", "terminated", "app"),
    ("C", "t3.medium", "running", "other-zone"),
    ("N", "t3.nano", "running", "app"),
    ("M", "p4d.24xlarge", "running", "app"),
    ("U", "zz9.large", "running", "app"),
];

/// Name, VPC, range, zone.
const SUBNETS: [(&str, &str, &str, &str); 5] = [
    ("app", "a", "10.0.1.0/24", "us-east-1a"),
    ("app-2", "a", "10.0.2.0/24", "us-east-1a"),
    ("other-zone", "a", "10.0.9.0/24", "us-east-1b"),
    ("tiny", "a", "10.0.5.0/28", "us-east-1a"),
    ("other-vpc", "z", "10.0.1.0/24", "us-east-1a"),
];

/// Name, last byte of the address, subnet, and what is unusual about it.
fn interfaces() -> Vec<(&'static str, u8, &'static str, Value)> {
    let address = |n: u8| json!({"PrivateIpAddress": Ipv4Addr::new(10, 0, 1, n)});
    let many = (100..108).map(address).collect::<Vec<_>>();
    let ipv6 = |n: u8| json!({"Ipv6Address": format!("2001:db8::{n}"), "IsPrimaryIpv6": n == 1});
    vec![
        (
            "E",
            50,
            "app",
            json!({
            "PrivateIpAddresses": [
                {"PrivateIpAddress": "10.0.1.50", "Primary": true, "Association": {
                    "PublicIp": "203.0.113.10", "IpOwnerId": ACCOUNT,
                    "AllocationId": id("eipalloc-", 1), "AssociationId": id("eipassoc-", 1)}},
                {"PrivateIpAddress": "10.0.1.51"}],
            "Ipv6Addresses": [ipv6(1)],
            "Attachment": attachment(1, "A", 1, false)}),
        ),
        ("F", 60, "app", json!({})),
        ("G", 61, "app", json!({})),
        ("H", 62, "app", json!({})),
        ("near", 60, "app-2", json!({})),
        ("far", 60, "other-vpc", json!({})),
        ("many", 100, "app", json!({"PrivateIpAddresses": many})),
        (
            "six",
            63,
            "app",
            json!({"Ipv6Addresses": (10..17).map(ipv6).collect::<Vec<_>>()}),
        ),
        ("efa", 64, "app", json!({"InterfaceType": "efa"})),
        (
            "eks",
            65,
            "app",
            json!({"Operator": {"Managed": true, "Principal": "eks.amazonaws.com"}}),
        ),
        (
            "rds",
            66,
            "app",
            json!({"RequesterManaged": true, "RequesterId": "amazon-rds",
            "Description": "RDSNetworkInterface"}),
        ),
        (
            "nat",
            67,
            "app",
            json!({"InterfaceType": "nat_gateway", "RequesterManaged": true,
            "Description": "Interface for NAT Gateway nat-0a1b2c3d4e5f60718",
            "Attachment": {"AttachmentId": id("ela-attach-", 2), "Status": "attached",
                "DeviceIndex": 1, "InstanceOwnerId": "amazon-aws"}}),
        ),
        (
            "task",
            68,
            "app",
            json!({
            "Description": "arn:aws:ecs:us-east-1:111122223333:attachment/0b1c2d3e",
            "Attachment": {"AttachmentId": id("eni-attach-", 3), "Status": "attached",
                "DeviceIndex": 1, "InstanceOwnerId": "578734482556"}}),
        ),
        ("shared", 69, "app", json!({"OwnerId": "999988887777"})),
        (
            "mine",
            70,
            "app",
            json!({"Attachment": attachment(4, "N", 1, true)}),
        ),
    ]
}

/// A well-formed identifier.
pub fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:017x}")
}

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn tags(name: &str) -> Value {
    json!([{"Key": "Name", "Value": name}])
}

fn attachment(number: usize, instance: &str, index: u32, delete_on_termination: bool) -> Value {
    let position = INSTANCES.iter().position(|i| i.0 == instance).unwrap();
    json!({"AttachmentId": id("eni-attach-", number), "Status": "attached", "DeviceIndex": index,
        "InstanceId": id("i-", position), "InstanceOwnerId": ACCOUNT,
        "DeleteOnTermination": delete_on_termination, "AttachTime": "2026-03-01T00:00:00Z"})
}

fn eni(number: usize, name: &str, ip: Ipv4Addr, subnet: &str, unusual: Value) -> Eni {
    let position = SUBNETS.iter().position(|s| s.0 == subnet).unwrap();
    let attached = unusual.get("Attachment").is_some();
    let mut value = json!({"NetworkInterfaceId": id("eni-", number),
        "SubnetId": id("subnet-", position), "VpcId": vpc(SUBNETS[position].1),
        "AvailabilityZone": SUBNETS[position].3, "OwnerId": ACCOUNT,
        "Status": if attached { "in-use" } else { "available" },
        "MacAddress": format!("02:00:00:00:00:{number:02x}"), "InterfaceType": "interface",
        "PrivateIpAddresses": [{"PrivateIpAddress": ip, "Primary": true}],
        "Groups": [{"GroupId": id("sg-", 1), "GroupName": "web"}], "TagSet": tags(name)});
    let members = value.as_object_mut().unwrap();
    members.extend(unusual.as_object().unwrap().clone());
    of(value)
}

fn vpc(name: &str) -> String {
    id("vpc-", if name == "a" { 10 } else { 35 })
}

/// The world.
pub fn world() -> World {
    let mut world = World::new("us-east-1", ACCOUNT);
    for name in ["a", "z"] {
        world.put_vpc(of::<Vpc>(
            json!({"VpcId": vpc(name), "CidrBlock": "10.0.0.0/16"}),
        ));
    }
    for (n, (name, of_vpc, cidr, zone)) in SUBNETS.into_iter().enumerate() {
        let free = if name == "tiny" { 11 } else { 251 };
        world.put_subnet(of::<Subnet>(
            json!({"SubnetId": id("subnet-", n), "VpcId": vpc(of_vpc),
            "CidrBlock": cidr, "AvailabilityZone": zone, "AvailableIpAddressCount": free,
            "Ipv6CidrBlock": (name == "app").then_some("2001:db8::/64"),
            "MapPublicIpOnLaunch": name == "app",
            "Tags": tags(name)}),
        ));
    }
    // sg-0 and sg-7 are default groups, sg-1 to sg-6 are of VPC a.
    for n in 0..8 {
        let (name, of_vpc) = match n {
            0 => ("default".to_owned(), "a"),
            7 => ("default".to_owned(), "z"),
            _ => (format!("web-{n}"), "a"),
        };
        world.put_group(of::<SecurityGroup>(
            json!({"GroupId": id("sg-", n), "GroupName": name,
            "VpcId": vpc(of_vpc)}),
        ));
    }
    for (n, (name, instance_type, state, subnet)) in INSTANCES.into_iter().enumerate() {
        let checks = if state == "running" {
            "ok"
        } else {
            "not-applicable"
        };
        let at = SUBNETS.iter().position(|s| s.0 == subnet).unwrap();
        let gone = state == "terminated";
        world.put_instance(of::<Instance>(json!({"InstanceId": id("i-", n),
            "InstanceType": instance_type, "State": state, "SystemStatus": checks,
            "InstanceStatus": checks, "AvailabilityZone": SUBNETS[at].3,
            "SubnetId": (!gone).then(|| id("subnet-", at)), "OwnerId": ACCOUNT,
            "Tags": tags(name)})));
        if !gone {
            let ip = Ipv4Addr::new(
                10,
                0,
                SUBNETS[at].2.split('.').nth(2).unwrap().parse().unwrap(),
                10 + n as u8,
            );
            let mut unusual = json!({"Attachment": attachment(20 + n, name, 0, true)});
            if name == "A" {
                unusual["PrivateIpAddresses"] = json!([{"PrivateIpAddress": ip, "Primary": true,
                    "Association": {"PublicIp": "198.51.100.7", "IpOwnerId": "amazon"}}]);
            }
            put(
                &mut world,
                eni(20 + n, &format!("{name}0"), ip, subnet, unusual),
            );
        }
    }
    for (n, (name, last, subnet, unusual)) in interfaces().into_iter().enumerate() {
        let at = SUBNETS.iter().find(|s| s.0 == subnet).unwrap();
        let third = at.2.split('.').nth(2).unwrap().parse().unwrap();
        let ip = Ipv4Addr::new(10, 0, third, last);
        put(&mut world, eni(n, name, ip, subnet, unusual));
    }
    world.put_address(of::<Address>(json!({"AllocationId": id("eipalloc-", 1),
        "PublicIp": "203.0.113.10", "AssociationId": id("eipassoc-", 1),
        "NetworkInterfaceId": id("eni-", 0), "InstanceId": id("i-", 0),
        "PrivateIpAddress": "10.0.1.50"})));
    // eipalloc-2 is on nothing.
    world.put_address(of::<Address>(json!({"AllocationId": id("eipalloc-", 2),
        "PublicIp": "203.0.113.11"})));
    world.put_internet_gateway(of::<InternetGateway>(
        json!({"InternetGatewayId": id("igw-", 1), "VpcId": vpc("a")}),
    ));
    world.put_internet_gateway(of::<InternetGateway>(
        json!({"InternetGatewayId": id("igw-", 2)}),
    ));
    // rtb-1 is the main table of VPC a, with a route to E; rtb-2 is used by subnet app-2.
    world.put_route_table(of::<RouteTable>(json!({"RouteTableId": id("rtb-", 2),
        "VpcId": vpc("a"), "Associations": [
            {"RouteTableAssociationId": id("rtbassoc-", 1), "SubnetId": id("subnet-", 1)}],
        "Routes": [
            {"Destination": "10.0.0.0/16", "Gateway": "local", "State": "active"}]})));
    world.put_route_table(of::<RouteTable>(
        json!({"RouteTableId": id("rtb-", 1), "Main": true,
        "VpcId": vpc("a"), "Routes": [
            {"Destination": "10.0.0.0/16", "Gateway": "local", "State": "active"},
            {"Destination": "172.31.99.0/24", "NetworkInterfaceId": id("eni-", 0),
                "InstanceId": id("i-", 0), "State": "active"}]}),
    ));
    world
}

fn put(world: &mut World, eni: Eni) {
    let count = eni.ipv4_count();
    world.edit_subnet(&eni.subnet_id, |s| s.available_ip_address_count -= count);
    world.put_eni(eni);
}

/// The interface with this name, or the text itself as an id.
pub fn eni_id(world: &World, name: &str) -> EniId {
    let found = world.enis().find(|e| e.name() == Some(name));
    found.map_or_else(|| name.into(), |e| e.id.clone())
}

/// The instance with this name, or the text itself as an id.
pub fn instance_id(world: &World, name: &str) -> InstanceId {
    let found = world.instances().find(|i| i.name() == Some(name));
    found.map_or_else(|| name.into(), |i| i.id.clone())
}

/// The subnet with this name, or the text itself as an id.
pub fn subnet_id(name: &str) -> SubnetId {
    let position = SUBNETS.iter().position(|s| s.0 == name);
    position.map_or_else(|| name.into(), |n| SubnetId::from(id("subnet-", n)))
}

fn attachment_id(world: &World, name: &str) -> AttachmentId {
    let of_eni = world
        .eni(&eni_id(world, name))
        .filter(|_| !name.starts_with("eni-"));
    let attachment: Option<&Attachment> = of_eni.and_then(|e| e.attachment.as_ref());
    attachment.map_or_else(|| name.into(), |a| a.attachment_id.clone())
}

/// `attach ENI INSTANCE INDEX [CARD]`, `detach ENI|ATTACHMENT [force]`,
/// `modify ENI delete=on|off [of=ATTACHMENT] check=on|off text=WORD`,
/// `create SUBNET [ip=IP] [more=COUNT] [groups=N,N] [name=NAME]`, `delete ENI`,
/// `start|stop|terminate INSTANCE… [force]`.
pub fn call(world: &World, text: &str) -> Call {
    if let Some(call) = crate::notation::call(text) {
        return call;
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let (verb, rest) = words.split_first().unwrap();
    let option = |key: &str| {
        let found = rest.iter().find_map(|w| w.strip_prefix(key));
        found.and_then(|w| w.strip_prefix('='))
    };
    let force = rest.contains(&"force");
    let instances = || Instances {
        instance_ids: rest
            .iter()
            .filter(|w| **w != "force")
            .map(|w| instance_id(world, w))
            .collect(),
        force,
    };
    match *verb {
        "attach" => Call::AttachNetworkInterface(Attach {
            network_interface_id: eni_id(world, rest[0]),
            instance_id: instance_id(world, rest[1]),
            device_index: rest[2].parse().unwrap(),
            network_card_index: rest.get(3).map_or(0, |card| card.parse().unwrap()),
        }),
        "detach" => Call::DetachNetworkInterface(Detach {
            attachment_id: attachment_id(world, rest[0]),
            force,
        }),
        "modify" => Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: eni_id(world, rest[0]),
            delete_on_termination: option("delete").map(|on| {
                (
                    attachment_id(world, option("of").unwrap_or(rest[0])),
                    on == "on",
                )
            }),
            source_dest_check: option("check").map(|on| on == "on"),
            description: option("text").map(Into::into),
            ..Modify::default()
        }),
        "create" => Call::CreateNetworkInterface(Create {
            subnet_id: rest.first().map(|name| subnet_id(name)),
            private_ip_address: option("ip").map(|ip| ip.parse().unwrap()),
            secondary_private_ip_address_count: option("more").map_or(0, |n| n.parse().unwrap()),
            groups: option("groups").map_or_else(Vec::new, |numbers| {
                let numbers = numbers.split(',').map(|n| n.parse().unwrap());
                numbers.map(|n| GroupId::from(id("sg-", n))).collect()
            }),
            tags: option("name").map(Tag::name).into_iter().collect(),
            ..Create::default()
        }),
        "delete" => Call::DeleteNetworkInterface(Delete {
            network_interface_id: eni_id(world, rest[0]),
        }),
        "start" => Call::StartInstances(instances()),
        "stop" => Call::StopInstances(instances()),
        "terminate" => Call::TerminateInstances(instances()),
        other => panic!("no such call: {other}"),
    }
}
