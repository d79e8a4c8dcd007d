//! What interfaces live in, by id: subnets, VPCs, groups, Elastic IPs, route tables, gateways.

use super::{called, missing};
use crate::ec2::id::{
    AllocationId, GroupId, InternetGatewayId, NatGatewayId, RouteTableId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::{
    Address, InternetGateway, NatGateway, RouteTable, SecurityGroup, Subnet, Vpc, name_of,
};
use crate::ec2::world::World;
use crate::rules::verdict::{Denial, Wording};

/// What a person calls a subnet.
pub fn subnet_called(subnet: &Subnet) -> &str {
    called(name_of(&subnet.tags), subnet.id.as_str())
}

/// EC2's "does not exist", or "must contain" where nothing is named.
fn absent(world: &World, parameter: &str, code: &'static str, what: &str, id: &str) -> Denial {
    if id.is_empty() {
        return missing(parameter)
            .because(format!("The call names no {what}."))
            .instead(format!("Give the {what}."));
    }
    Denial::approximate(code, format!("The {what} ID '{id}' does not exist"))
        .because(format!(
            "There is no {what} {id} in {} of this account.",
            world.region
        ))
        .instead("Check the id, the Region and the account.")
}

/// The subnet, or EC2's "does not exist", which it also says of what is no subnet id at all
/// (openshift/openshift-ansible#1053).
pub fn subnet<'w>(world: &'w World, id: &SubnetId) -> Result<&'w Subnet, Denial> {
    world.subnet(id).map(|s| &**s).ok_or_else(|| {
        let code = "InvalidSubnetID.NotFound";
        let denial = absent(world, "subnetId", code, "subnet", id.as_str());
        Denial {
            wording: if id.as_str().is_empty() {
                denial.wording
            } else {
                Wording::Verified
            },
            ..denial
        }
    })
}

/// The VPC, or EC2's "does not exist".
pub fn vpc<'w>(world: &'w World, id: &VpcId) -> Result<&'w Vpc, Denial> {
    world.vpc(id).map(|v| &**v).ok_or_else(|| {
        let code = "InvalidVpcID.NotFound";
        absent(world, "vpcId", code, "vpc", id.as_str())
    })
}

/// The security group, or EC2's "does not exist".
pub fn group<'w>(world: &'w World, id: &GroupId) -> Result<&'w SecurityGroup, Denial> {
    world.group(id).map(|g| &**g).ok_or_else(|| {
        if id.as_str().is_empty() {
            return missing("groupId")
                .because("The call names no security group.")
                .instead("Give the security group.");
        }
        Denial::approximate(
            "InvalidGroup.NotFound",
            format!("The security group '{id}' does not exist"),
        )
        .because(format!(
            "There is no security group {id} in {} of this account.",
            world.region
        ))
        .instead("Check the id; a group's name is not taken here.")
    })
}

/// The Elastic IP, or EC2's "does not exist".
pub fn allocation<'w>(world: &'w World, id: &AllocationId) -> Result<&'w Address, Denial> {
    world.address(id).map(|a| &**a).ok_or_else(|| {
        Denial::approximate(
            "InvalidAllocationID.NotFound",
            format!("The allocation ID '{id}' does not exist"),
        )
        .because(format!(
            "There is no Elastic IP {id} in {} of this account.",
            world.region
        ))
        .instead("Check the id; a released address cannot be had back by its id.")
    })
}

/// The route table, or EC2's "does not exist".
pub fn route_table<'w>(world: &'w World, id: &RouteTableId) -> Result<&'w RouteTable, Denial> {
    world.route_table(id).map(|t| &**t).ok_or_else(|| {
        let code = "InvalidRouteTableID.NotFound";
        absent(world, "routeTableId", code, "routeTable", id.as_str())
    })
}

/// The internet gateway, or EC2's "does not exist".
pub fn internet_gateway<'w>(
    world: &'w World,
    id: &InternetGatewayId,
) -> Result<&'w InternetGateway, Denial> {
    world.internet_gateway(id).map(|g| &**g).ok_or_else(|| {
        let code = "InvalidInternetGatewayID.NotFound";
        let parameter = "internetGatewayId";
        absent(world, parameter, code, "internetGateway", id.as_str())
    })
}

/// The NAT gateway, or EC2's "was not found".
pub fn nat_gateway<'w>(world: &'w World, id: &Str) -> Result<&'w NatGateway, Denial> {
    let found = world.nat_gateway(&NatGatewayId::new(id.clone()));
    found.map(|g| &**g).ok_or_else(|| {
        if id.is_empty() {
            return missing("natGatewayId")
                .because("The call names no NAT gateway.")
                .instead("Give the NAT gateway.");
        }
        Denial::approximate(
            "NatGatewayNotFound",
            format!("The Nat Gateway {id} was not found"),
        )
        .because(format!(
            "There is no NAT gateway {id} in {} of this account.",
            world.region
        ))
        .instead("Check the id. A deleted one is forgotten after about an hour.")
    })
}
