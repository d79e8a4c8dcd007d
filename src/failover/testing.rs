//! A small world and a tiny EC2 for the tests of this layer, made of the rules alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::plan::{Intent, Plan, Planned, plan};
use super::sky::{Kind, Sky};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::check;
use crate::rules::effect::{Mint, Transition, effect, settle};

pub const ENI: &str = "eni-0c1d52aa7be03f9a1";
pub const PRIMARY: &str = "i-0d1a2b3c4d5e6f701";
pub const STANDBY: &str = "i-0d1a2b3c4d5e6f702";
pub const OTHER: &str = "i-0d1a2b3c4d5e6f706";
pub const FAR: &str = "i-0d1a2b3c4d5e6f704";
pub const FULL: &str = "i-0d1a2b3c4d5e6f703";
pub const NAT: &str = "eni-0aaaaaaaaaaaaaaaa";
pub const ROOT: &str = "eni-0d1a2b3c4d5e60001";
pub const ATTACHMENT: &str = "eni-attach-0b7e5c21d09f1a338";
pub const START: Time = Time::from_millis(1_773_280_813_000);

pub fn eni() -> EniId {
    ENI.into()
}

fn from<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn instance(world: &mut World, id: &str, name: &str, kind: &str, checks: &str, zone: &str) {
    let subnet = if zone.ends_with('a') {
        "subnet-a"
    } else {
        "subnet-b"
    };
    world.put_instance(from(json!({
        "InstanceId": id, "InstanceType": kind, "State": "running", "SystemStatus": "ok",
        "InstanceStatus": checks, "AvailabilityZone": zone, "SubnetId": subnet, "VpcId": "vpc-1",
        "Tags": [{"Key": "Name", "Value": name}],
    })));
}

fn interface(world: &mut World, id: &str, ip: &str, holder: &str, index: u32, zone: &str) {
    let subnet = if zone.ends_with('a') {
        "subnet-a"
    } else {
        "subnet-b"
    };
    world.put_eni(from(json!({
        "NetworkInterfaceId": id, "SubnetId": subnet, "VpcId": "vpc-1", "AvailabilityZone": zone,
        "OwnerId": "111122223333", "Status": "in-use", "MacAddress": format!("02:00:00:00:00:{index:02x}"),
        "PrivateIpAddresses": [{"PrivateIpAddress": ip, "Primary": true}],
        "Groups": [{"GroupId": "sg-1", "GroupName": "sg-db"}], "InterfaceType": "interface",
        "Attachment": {"AttachmentId": id.replace("eni-", "eni-attach-"), "Status": "attached",
            "DeviceIndex": index, "InstanceId": holder, "DeleteOnTermination": true},
    })));
}

/// db-primary (impaired) holds db-service at index 1; db-standby and db-other are ready; report-b
/// is in another zone; bastion is full; a NAT gateway's interface.
pub fn world() -> World {
    let mut world = World::new("us-east-1", "111122223333");
    let (a, b) = ("us-east-1a", "us-east-1b");
    instance(&mut world, PRIMARY, "db-primary", "m5.large", "impaired", a);
    instance(&mut world, STANDBY, "db-standby", "m5.large", "ok", a);
    instance(&mut world, OTHER, "web-1", "m5.large", "ok", a);
    instance(&mut world, FAR, "report-b", "m5.large", "ok", b);
    instance(&mut world, FULL, "bastion", "t3.nano", "ok", a);
    interface(&mut world, ROOT, "10.0.1.10", PRIMARY, 0, a);
    interface(
        &mut world,
        "eni-0d1a2b3c4d5e60002",
        "10.0.1.11",
        STANDBY,
        0,
        a,
    );
    interface(
        &mut world,
        "eni-0d1a2b3c4d5e60006",
        "10.0.1.16",
        OTHER,
        0,
        a,
    );
    interface(&mut world, "eni-0d1a2b3c4d5e60004", "10.0.2.10", FAR, 0, b);
    interface(&mut world, "eni-0d1a2b3c4d5e60003", "10.0.1.12", FULL, 0, a);
    interface(&mut world, "eni-0d1a2b3c4d5e60013", "10.0.1.13", FULL, 1, a);
    world.put_eni(from(json!({
        "NetworkInterfaceId": ENI, "SubnetId": "subnet-a", "VpcId": "vpc-1", "AvailabilityZone": a,
        "OwnerId": "111122223333", "Status": "in-use", "MacAddress": "02:5e:11:04:aa:9c",
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.1.50", "Primary": true, "Association": {
                "PublicIp": "203.0.113.10", "IpOwnerId": "111122223333",
                "AllocationId": "eipalloc-1", "AssociationId": "eipassoc-1"}},
            {"PrivateIpAddress": "10.0.1.51"}],
        "Groups": [{"GroupId": "sg-1", "GroupName": "sg-db"}], "InterfaceType": "interface",
        "SourceDestCheck": false,
        "Attachment": {"AttachmentId": ATTACHMENT, "Status": "attached", "DeviceIndex": 1,
            "InstanceId": PRIMARY, "DeleteOnTermination": false},
        "TagSet": [{"Key": "Name", "Value": "db-service"}, {"Key": "team", "Value": "secret-team"}],
    })));
    world.put_eni(from(json!({
        "NetworkInterfaceId": NAT, "SubnetId": "subnet-a", "VpcId": "vpc-1", "AvailabilityZone": a,
        "OwnerId": "111122223333", "Status": "in-use", "MacAddress": "02:00:00:00:01:00",
        "RequesterManaged": true, "RequesterId": "123456789012", "InterfaceType": "nat_gateway",
        "Description": "Interface for NAT Gateway nat-0a1b2c3d4e5f60718",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.90", "Primary": true}],
        "Attachment": {"AttachmentId": "ela-attach-0a1b2c3d", "Status": "attached",
            "DeviceIndex": 1, "InstanceOwnerId": "amazon-aws"},
    })));
    world.put_address(from(json!({
        "AllocationId": "eipalloc-1", "PublicIp": "203.0.113.10", "AssociationId": "eipassoc-1",
        "NetworkInterfaceId": ENI, "InstanceId": PRIMARY, "PrivateIpAddress": "10.0.1.50",
    })));
    world.put_route_table(from(json!({
        "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Main": true, "Routes": [
            {"Destination": "172.31.99.0/24", "NetworkInterfaceId": ENI, "InstanceId": PRIMARY,
             "State": "active"}],
    })));
    world
}

/// The same world with subnets, an internet gateway, and a standby in the other zone that can take
/// Elastic IPs and routes.
pub fn wide_world() -> World {
    let mut world = world();
    for (id, cidr, zone) in [
        ("subnet-a", "10.0.1.0/24", "us-east-1a"),
        ("subnet-b", "10.0.2.0/24", "us-east-1b"),
    ] {
        world.put_subnet(from(json!({
            "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": cidr, "AvailabilityZone": zone,
            "AvailableIpAddressCount": 200,
        })));
    }
    world.put_vpc(from(json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"})));
    world.put_internet_gateway(from(
        json!({"InternetGatewayId": "igw-1", "VpcId": "vpc-1"}),
    ));
    for receiver in ["eni-0d1a2b3c4d5e60002", "eni-0d1a2b3c4d5e60004"] {
        world.edit_eni(&receiver.into(), |eni| eni.source_dest_check = false);
    }
    world.edit_route_table(&"rtb-1".into(), |table| {
        let route = &table.routes[0];
        let second = crate::ec2::resource::Route {
            destination: "172.31.98.0/24".into(),
            ..route.clone()
        };
        table.routes.push(second);
    });
    world
}

pub fn sim() -> Sky {
    Sky::sim("test", "111122223333", "us-east-1")
}

pub fn live() -> Sky {
    Sky {
        kind: Kind::Live,
        ..sim()
    }
}

pub fn intent(target: &str) -> Intent {
    Intent::new(eni(), target.into())
}

pub fn planned(world: &World, intent: &Intent, sky: &Sky) -> Plan {
    match plan(world, intent, sky, START) {
        Ok(Planned::Plan(plan)) => *plan,
        other => panic!("{other:?}"),
    }
}

struct Count<'a>(&'a mut u32);

impl Mint for Count<'_> {
    fn id(&mut self, prefix: &str) -> String {
        *self.0 += 1;
        format!("{prefix}{:017x}", self.0)
    }

    fn mac(&mut self) -> String {
        String::new()
    }

    fn public_ip(&mut self) -> std::net::Ipv4Addr {
        std::net::Ipv4Addr::UNSPECIFIED
    }
}

/// EC2 made of the rules: calls act at once, transitions end after a fixed time.
pub struct Fake {
    pub world: World,
    pub now: Time,
    /// A detach never ends unless it is forced.
    pub hang: bool,
    /// A detach that hangs ends once the instance is stopped.
    pub stop_frees: bool,
    hung: Vec<Transition>,
    /// Routes stay behind.
    pub routes_late: bool,
    minted: u32,
    due: Vec<(Time, Transition)>,
}

impl Fake {
    pub fn new(world: World) -> Self {
        Self {
            world,
            now: START,
            hang: false,
            stop_frees: false,
            hung: Vec::new(),
            routes_late: false,
            minted: 0,
            due: Vec::new(),
        }
    }

    pub fn call(&mut self, call: &Call) -> Result<Answer, ApiError> {
        check(&self.world, call).map_err(|denial| denial.error())?;
        let effect = effect(&self.world, call, &mut Count(&mut self.minted), self.now);
        for change in &effect.at_once {
            self.world.apply(change);
        }
        self.under_way(effect.under_way);
        Ok(effect.answer)
    }

    fn under_way(&mut self, transitions: Vec<Transition>) {
        for transition in transitions {
            let after = match &transition {
                Transition::Detached(_, _, false) if self.hang => {
                    self.hung.push(transition);
                    continue;
                }
                Transition::RoutesFollow(_) if self.routes_late => continue,
                Transition::Detached(..) => 2_900,
                Transition::RoutesFollow(_) => 100,
                _ => 1_400,
            };
            self.due
                .push((self.now + Duration::from_millis(after), transition));
        }
    }

    pub fn advance(&mut self, to: Time) {
        loop {
            self.due.sort();
            let Some((at, _)) = self.due.first().filter(|(at, _)| *at <= to) else {
                break;
            };
            self.now = *at;
            let (_, transition) = self.due.remove(0);
            if matches!(transition, Transition::Stopped(_)) && self.stop_frees {
                let hung = std::mem::take(&mut self.hung);
                let free = self.now + Duration::from_millis(500);
                self.due.extend(hung.into_iter().map(|t| (free, t)));
            }
            let end = settle(&self.world, &transition);
            for change in &end.changes {
                self.world.apply(change);
            }
            self.under_way(end.under_way);
        }
        self.now = self.now.max(to);
    }

    /// Ends everything that is under way.
    pub fn settle(&mut self) {
        self.advance(self.now + Duration::from_secs(60));
    }

    pub fn seen(&self) -> Arc<World> {
        Arc::new(self.world.clone())
    }

    /// Who holds the interface.
    pub fn holder(&self) -> Option<InstanceId> {
        self.world
            .eni(&eni())
            .and_then(|e| e.instance_id().cloned())
    }
}
