//! `DescribeVpcs` and `DescribeSubnets`.

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{PAGES, Values, all_exist, listed, one, passes, told, write_tags};
use crate::ec2::error::ApiError;
use crate::ec2::resource::{Subnet, Vpc};
use crate::ec2::world::World;

const VPCS: Ask = Ask {
    action: "DescribeVpcs",
    ids: ("VpcId", "vpcSet"),
    rows: PAGES,
    exclusive: false,
    filters: &[
        "cidr",
        "cidr-block-association.cidr-block",
        "is-default",
        "isDefault",
        "owner-id",
        "state",
        "tag-key",
        "vpc-id",
    ],
};

const SUBNETS: Ask = Ask {
    action: "DescribeSubnets",
    ids: ("SubnetId", "subnetSet"),
    rows: PAGES,
    exclusive: false,
    filters: &[
        "availability-zone",
        "availability-zone-id",
        "availabilityZone",
        "availabilityZoneId",
        "available-ip-address-count",
        "cidr",
        "cidr-block",
        "cidrBlock",
        "map-public-ip-on-launch",
        "owner-id",
        "state",
        "subnet-id",
        "tag-key",
        "vpc-id",
    ],
};

/// `DescribeVpcs`.
pub(super) fn vpcs(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = VPCS.query(world, params)?;
    let known = |id: &str| world.vpc(&id.into()).is_some();
    all_exist(&query.ids, "InvalidVpcID.NotFound", "vpc", known)?;
    let page = query.page(
        world.vpcs(),
        |vpc| vpc.id.as_str(),
        |vpc, filter| passes(filter, &vpc.tags, |name| of_vpc(vpc, name)),
    );
    listed(&query, "vpcSet", page, |x, vpc| write_vpc(x, vpc))
}

/// `Vpc`.
pub(in crate::wire) fn write_vpc(x: &mut Xml, vpc: &Vpc) {
    x.text("vpcId", &vpc.id);
    x.text("ownerId", &vpc.owner_id);
    x.text("state", "available");
    x.text("cidrBlock", &vpc.cidr_block);
    x.list("cidrBlockAssociationSet", [vpc], |x, vpc| {
        x.text("cidrBlock", &vpc.cidr_block);
        x.text("associationId", derived("vpc-cidr-assoc-", vpc.id.as_str()));
        x.within("cidrBlockState", |x| {
            x.text("state", "associated");
        });
    });
    x.text("instanceTenancy", "default");
    x.text("isDefault", vpc.is_default);
    write_tags(x, &vpc.tags);
}

fn of_vpc<'a>(vpc: &'a Vpc, name: &str) -> Values<'a> {
    match name {
        "cidr" | "cidr-block-association.cidr-block" => one(Some(&vpc.cidr_block)),
        "is-default" | "isDefault" => told(vpc.is_default),
        "owner-id" => one(Some(&vpc.owner_id)),
        "state" => one(Some("available")),
        "vpc-id" => one(Some(vpc.id.as_str())),
        _ => Vec::new(),
    }
}

/// The id of something that goes with another resource and has no life of its own here.
pub(super) fn derived(prefix: &str, id: &str) -> String {
    let tail = id.rsplit('-').next().unwrap_or_default();
    format!("{prefix}{tail}")
}

/// `DescribeSubnets`.
pub(super) fn subnets(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = SUBNETS.query(world, params)?;
    let known = |id: &str| world.subnet(&id.into()).is_some();
    all_exist(&query.ids, "InvalidSubnetID.NotFound", "subnet", known)?;
    let page = query.page(
        world.subnets(),
        |subnet| subnet.id.as_str(),
        |subnet, filter| passes(filter, &subnet.tags, |name| of_subnet(subnet, name)),
    );
    listed(&query, "subnetSet", page, |x, subnet| {
        write_subnet(x, world, subnet)
    })
}

/// `Subnet`.
pub(in crate::wire) fn write_subnet(x: &mut Xml, world: &World, subnet: &Subnet) {
    x.text("subnetId", &subnet.id);
    let arn = format_args!(
        "arn:aws:ec2:{}:{}:subnet/{}",
        world.region, subnet.owner_id, subnet.id
    );
    x.text("subnetArn", arn);
    x.text("state", "available");
    x.text("ownerId", &subnet.owner_id);
    x.text("vpcId", &subnet.vpc_id);
    x.text("cidrBlock", &subnet.cidr_block);
    x.list(
        "ipv6CidrBlockAssociationSet",
        &subnet.ipv6_cidr_block,
        |x, block| {
            x.text("ipv6CidrBlock", block);
            x.text(
                "associationId",
                derived("subnet-cidr-assoc-", subnet.id.as_str()),
            );
            x.within("ipv6CidrBlockState", |x| {
                x.text("state", "associated");
            });
        },
    );
    x.text("availableIpAddressCount", subnet.available_ip_address_count);
    x.text("availabilityZone", &subnet.availability_zone);
    x.maybe("availabilityZoneId", subnet.availability_zone_id.as_ref());
    x.text("defaultForAz", false);
    x.text("mapPublicIpOnLaunch", subnet.map_public_ip_on_launch);
    x.text(
        "assignIpv6AddressOnCreation",
        subnet.assign_ipv6_address_on_creation,
    );
    write_tags(x, &subnet.tags);
}

fn of_subnet<'a>(subnet: &'a Subnet, name: &str) -> Values<'a> {
    match name {
        "availability-zone" | "availabilityZone" => one(Some(&subnet.availability_zone)),
        "availability-zone-id" | "availabilityZoneId" => {
            one(subnet.availability_zone_id.as_deref())
        }
        "available-ip-address-count" => told(subnet.available_ip_address_count),
        "cidr" | "cidr-block" | "cidrBlock" => one(Some(&subnet.cidr_block)),
        "map-public-ip-on-launch" => told(subnet.map_public_ip_on_launch),
        "owner-id" => one(Some(&subnet.owner_id)),
        "state" => one(Some("available")),
        "subnet-id" => one(Some(subnet.id.as_str())),
        "vpc-id" => one(Some(subnet.vpc_id.as_str())),
        _ => Vec::new(),
    }
}
