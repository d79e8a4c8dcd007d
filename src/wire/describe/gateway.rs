//! `DescribeInternetGateways` and `DescribeNatGateways`.
//!
//! A world does not list gateways: it shows them where they are used. An internet gateway is the
//! target of a route, a NAT gateway owns an interface that names it in its description.

use std::collections::BTreeMap;

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{PAGES, Values, all_exist, listed, one, passes};
use crate::ec2::eni::Eni;
use crate::ec2::error::ApiError;
use crate::ec2::id::VpcId;
use crate::ec2::world::World;

const INTERNET: Ask = Ask {
    action: "DescribeInternetGateways",
    ids: ("InternetGatewayId", "internetGatewayIdSet"),
    rows: PAGES,
    exclusive: false,
    filters: &[
        "attachment.state",
        "attachment.vpc-id",
        "internet-gateway-id",
        "owner-id",
        "tag-key",
    ],
};

const NAT: Ask = Ask {
    action: "DescribeNatGateways",
    ids: ("NatGatewayId", "natGatewayIdSet"),
    rows: PAGES,
    exclusive: false,
    filters: &["nat-gateway-id", "state", "subnet-id", "tag-key", "vpc-id"],
};

/// `DescribeInternetGateways`.
pub(super) fn internet(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = INTERNET.query(world, params)?;
    let mut found: BTreeMap<&str, &VpcId> = BTreeMap::new();
    for table in world.route_tables() {
        let gateways = table.routes.iter().filter_map(|r| r.gateway.as_deref());
        for id in gateways.filter(|id| id.starts_with("igw-")) {
            found.insert(id, &table.vpc_id);
        }
    }
    let known = |id: &str| found.contains_key(id);
    all_exist(
        &query.ids,
        "InvalidInternetGatewayID.NotFound",
        "internetGateway",
        known,
    )?;
    let page = query.page(
        &found,
        |(id, _)| id,
        |(id, vpc), filter| {
            passes(filter, &[], |name| match name {
                "attachment.state" => one(Some("available")),
                "attachment.vpc-id" => one(Some(vpc.as_str())),
                "internet-gateway-id" => one(Some(id)),
                "owner-id" => one(Some(&world.account)),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "internetGatewaySet", page, |x, (id, vpc)| {
        x.text("internetGatewayId", id);
        x.text("ownerId", &world.account);
        x.list("attachmentSet", [vpc], |x, vpc| {
            x.text("vpcId", vpc).text("state", "available");
        });
        x.list("tagSet", Vec::<()>::new(), |_, ()| ());
    })
}

/// `DescribeNatGateways`.
pub(super) fn nat(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = NAT.query(world, params)?;
    let mut found: BTreeMap<&str, &Eni> = BTreeMap::new();
    for eni in world
        .enis()
        .filter(|eni| &*eni.interface_type == "nat_gateway")
    {
        let name = eni.description.strip_prefix("Interface for NAT Gateway ");
        if let Some(id) = name.filter(|id| id.starts_with("nat-")) {
            found.insert(id, eni);
        }
    }
    if let Some(id) = query.ids.iter().find(|id| !found.contains_key(id.as_str())) {
        let message = format!("NatGateway {id} was not found");
        return Err(ApiError::new("NatGatewayNotFound", message));
    }
    let page = query.page(
        &found,
        |(id, _)| id,
        |(id, eni), filter| {
            passes(filter, &[], |name| match name {
                "nat-gateway-id" => one(Some(id)),
                "state" => one(Some("available")),
                "subnet-id" => one(Some(eni.subnet_id.as_str())),
                "vpc-id" => one(Some(eni.vpc_id.as_str())),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "natGatewaySet", page, |x, (id, eni)| {
        x.text("natGatewayId", id);
        x.text("subnetId", &eni.subnet_id);
        x.text("vpcId", &eni.vpc_id);
        x.text("state", "available");
        let public = eni.associations().next();
        let kind = if public.is_some() {
            "public"
        } else {
            "private"
        };
        x.text("connectivityType", kind);
        x.list("natGatewayAddressSet", [eni], |x, eni| {
            x.maybe("publicIp", public.map(|(_, a)| a.public_ip));
            x.maybe(
                "allocationId",
                public.and_then(|(_, a)| a.allocation_id.as_ref()),
            );
            x.maybe("privateIp", eni.primary_ip());
            x.text("networkInterfaceId", &eni.id);
        });
        x.list("tagSet", Vec::<()>::new(), |_, ()| ());
    })
}
