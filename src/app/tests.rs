//! Small worlds for the tests of this layer, written as EC2 would describe them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::model::Model;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::sky::Sky;

pub(crate) const NOW: Time = Time::from_millis(1_773_280_813_000);

/// A subnet, with its VPC.
pub(crate) fn subnet(world: &mut World, id: &str, zone: &str) {
    let vpc = json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": tags("prod")});
    world.put_vpc(serde_json::from_value(vpc).unwrap());
    let subnet = json!({
        "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24",
        "AvailabilityZone": zone, "AvailableIpAddressCount": 200, "Tags": tags(&id.replace("subnet-", "")),
    });
    world.put_subnet(serde_json::from_value(subnet).unwrap());
}

fn tags(name: &str) -> Value {
    json!([{"Key": "Name", "Value": name}])
}

/// A running m5.large named after its id, in a subnet.
pub(crate) fn instance(world: &mut World, id: &str, subnet: &str) {
    let zone = world
        .subnet(&subnet.into())
        .unwrap()
        .availability_zone
        .clone();
    let instance = json!({
        "InstanceId": id, "InstanceType": "m5.large", "State": "running",
        "SystemStatus": "ok", "InstanceStatus": "ok", "AvailabilityZone": zone,
        "SubnetId": subnet, "VpcId": "vpc-1", "OwnerId": "111122223333",
        "Tags": tags(&id.replace("i-", "")),
    });
    world.put_instance(serde_json::from_value(instance).unwrap());
}

/// An interface; `at` is the instance and device index that hold it.
pub(crate) fn eni(world: &mut World, id: &str, subnet: &str, ip: &str, at: Option<(&str, u32)>) {
    let attachment = at.map(|(instance, index)| {
        json!({
            "AttachmentId": format!("eni-attach-{id}-{instance}"), "Status": "attached",
            "DeviceIndex": index, "InstanceId": instance, "InstanceOwnerId": "111122223333",
        })
    });
    let zone = world
        .subnet(&subnet.into())
        .map(|s| s.availability_zone.clone());
    let eni = json!({
        "NetworkInterfaceId": id, "SubnetId": subnet, "VpcId": "vpc-1",
        "AvailabilityZone": zone.unwrap_or_else(|| "us-east-1a".into()), "OwnerId": "111122223333",
        "Status": if at.is_some() { "in-use" } else { "available" },
        "MacAddress": "02:5e:11:04:aa:9c", "InterfaceType": "interface",
        "PrivateIpAddresses": [{"PrivateIpAddress": ip, "Primary": true}],
        "Attachment": attachment, "TagSet": tags(&id.replace("eni-", "")),
    });
    world.put_eni(serde_json::from_value(eni).unwrap());
}

/// Two subnets; a and b in the first, each with a primary interface; `service` at index 1 of a;
/// `spare` attached to nothing; a NAT gateway's interface; c alone in the second.
pub(crate) fn pair() -> World {
    let mut world = World::new("us-east-1", "111122223333");
    subnet(&mut world, "subnet-1", "us-east-1a");
    subnet(&mut world, "subnet-2", "us-east-1b");
    for (id, subnet, ip) in [
        ("i-a", "subnet-1", "10.0.1.10"),
        ("i-b", "subnet-1", "10.0.1.11"),
        ("i-c", "subnet-2", "10.0.2.10"),
    ] {
        instance(&mut world, id, subnet);
        let primary = id.replace("i-", "eni-primary-");
        eni(&mut world, &primary, subnet, ip, Some((id, 0)));
    }
    eni(
        &mut world,
        "eni-service",
        "subnet-1",
        "10.0.1.50",
        Some(("i-a", 1)),
    );
    eni(&mut world, "eni-spare", "subnet-1", "10.0.1.60", None);
    eni(&mut world, "eni-nat", "subnet-1", "10.0.1.70", None);
    world.edit_eni(&"eni-nat".into(), |e| {
        e.interface_type = "nat_gateway".into();
        e.requester_managed = true;
    });
    world
}

/// The same world after the service interface has moved from a to b.
pub(crate) fn moved() -> World {
    let mut world = pair();
    eni(
        &mut world,
        "eni-service",
        "subnet-1",
        "10.0.1.50",
        Some(("i-b", 1)),
    );
    world
}

/// A simulated model on a world.
pub(crate) fn model(world: World) -> Model {
    let sky = Sky::sim("test", "111122223333", "us-east-1");
    Model::new(sky, Arc::new(world), NOW, Some(&"eni-service".into()))
}
