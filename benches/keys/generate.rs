//! Worlds of any size: VPCs of 20 subnets, subnets of 50 instances, instances with a primary and
//! a secondary interface, which has a second address.

use std::net::Ipv4Addr;

use enipilot::ec2::eni::Eni;
use enipilot::ec2::resource::{Instance, Subnet, Vpc};
use serde_json::json;

const SUBNETS_A_VPC: u32 = 20;
const INSTANCES_A_SUBNET: u32 = 50;

/// A resource of the world.
pub enum Row {
    Vpc(Vpc),
    Subnet(Subnet),
    Instance(Instance),
    Eni(Eni),
}

/// The resources of a world of `enis` network interfaces, half of them secondary, one after the other.
pub fn each(enis: u32, mut put: impl FnMut(Row)) {
    let eni: Eni = template();
    let (subnet, instance) = (subnet(), instance());
    for n in 0..enis / 2 {
        let subnet_n = n / INSTANCES_A_SUBNET;
        let vpc_id = format!("vpc-{:017x}", subnet_n / SUBNETS_A_VPC);
        let subnet_id = format!("subnet-{subnet_n:017x}");
        if n % (INSTANCES_A_SUBNET * SUBNETS_A_VPC) == 0 {
            let vpc = json!({"VpcId": vpc_id, "CidrBlock": "10.0.0.0/16"});
            put(Row::Vpc(serde_json::from_value(vpc).unwrap()));
        }
        if n % INSTANCES_A_SUBNET == 0 {
            put(Row::Subnet(Subnet {
                id: subnet_id.as_str().into(),
                vpc_id: vpc_id.as_str().into(),
                ..subnet.clone()
            }));
        }
        let mut named = instance.clone();
        named.id = format!("i-{n:017x}").into();
        named.subnet_id = Some(subnet_id.as_str().into());
        named.vpc_id = Some(vpc_id.as_str().into());
        named.tags[0].value = format!("web-{n:06}").into();
        for index in 0..2_u32 {
            let mut eni = eni.clone();
            let number = n * 2 + index;
            eni.id = format!("eni-{number:017x}").into();
            eni.subnet_id = subnet_id.as_str().into();
            eni.vpc_id = vpc_id.as_str().into();
            eni.mac_address = format!("02:5e:11:{number:06x}").into();
            if let Some(attachment) = &mut eni.attachment {
                attachment.attachment_id = format!("eni-attach-{number:017x}").into();
                attachment.instance_id = Some(named.id.clone());
                attachment.device_index = index;
            }
            // The secondary interface keeps its second address.
            eni.private_ip_addresses.truncate(1 + index as usize);
            for (ip, at) in eni.private_ip_addresses.iter_mut().zip(0..) {
                ip.private_ip_address = Ipv4Addr::from(0x0a00_0000 + number * 2 + at);
            }
            put(Row::Eni(eni));
        }
        put(Row::Instance(named));
    }
}

fn subnet() -> Subnet {
    serde_json::from_value(json!({
        "SubnetId": "", "VpcId": "", "CidrBlock": "10.0.1.0/24",
        "AvailabilityZone": "us-east-1a", "AvailableIpAddressCount": 200,
    }))
    .unwrap()
}

fn instance() -> Instance {
    serde_json::from_value(json!({
        "InstanceId": "", "InstanceType": "m5.large", "State": "running",
        "SystemStatus": "ok", "InstanceStatus": "ok", "AvailabilityZone": "us-east-1a",
        "OwnerId": "111122223333", "Tags": [{"Key": "Name", "Value": ""}],
    }))
    .unwrap()
}

fn template() -> Eni {
    serde_json::from_value(json!({
        "NetworkInterfaceId": "", "SubnetId": "", "VpcId": "", "AvailabilityZone": "us-east-1a",
        "OwnerId": "111122223333", "Status": "in-use", "MacAddress": "",
        "InterfaceType": "interface", "Description": "service interface",
        "Groups": [{"GroupId": "sg-0123456789abcdef0", "GroupName": "sg-db"}],
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.0.1", "Primary": true}, {"PrivateIpAddress": "10.0.0.2"},
        ],
        "Attachment": {
            "AttachmentId": "", "Status": "attached", "DeviceIndex": 0,
            "InstanceOwnerId": "111122223333",
        },
        "TagSet": [{"Key": "Name", "Value": "service"}, {"Key": "team", "Value": "storage"}],
    }))
    .unwrap()
}
