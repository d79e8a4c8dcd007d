//! `DescribeInternetGateways` and `DescribeNatGateways`.
//!
//! A world file need not list gateways: it may only show where they are used. An internet gateway is
//! the target of a route, a NAT gateway owns an interface that names it in its description.

use std::collections::BTreeMap;

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{PAGES, Values, all_exist, listed, one, passes, write_tags};
use crate::ec2::error::ApiError;
use crate::ec2::id::{InternetGatewayId, NatGatewayId};
use crate::ec2::resource::{InternetGateway, NatGateway, NatGatewayState};
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
    let found = internet_gateways(world);
    let known = |id: &str| found.contains_key(id);
    all_exist(
        &query.ids,
        "InvalidInternetGatewayID.NotFound",
        "internetGateway",
        known,
    )?;
    let page = query.page(
        found.values(),
        |gateway| gateway.id.as_str(),
        |gateway, filter| {
            passes(filter, &gateway.tags, |name| {
                let vpc = gateway.vpc_id.as_ref();
                match name {
                    "attachment.state" => one(vpc.map(|_| "available")),
                    "attachment.vpc-id" => one(vpc.map(|id| id.as_str())),
                    "internet-gateway-id" => one(Some(gateway.id.as_str())),
                    "owner-id" => one(Some(&gateway.owner_id)),
                    _ => Values::new(),
                }
            })
        },
    );
    listed(&query, "internetGatewaySet", page, |x, g| {
        write_internet(x, g)
    })
}

/// Those that the world has, and those that its routes name.
fn internet_gateways(world: &World) -> BTreeMap<String, InternetGateway> {
    let mut found = BTreeMap::new();
    for table in world.route_tables() {
        let gateways = table.routes.iter().filter_map(|r| r.gateway.as_deref());
        for id in gateways.filter(|id| id.starts_with(InternetGatewayId::PREFIX)) {
            let gateway = InternetGateway {
                id: id.into(),
                vpc_id: Some(table.vpc_id.clone()),
                owner_id: world.account.clone(),
                tags: Vec::new(),
            };
            found.insert(id.to_owned(), gateway);
        }
    }
    for gateway in world.internet_gateways() {
        found.insert(gateway.id.to_string(), InternetGateway::clone(gateway));
    }
    found
}

/// `InternetGateway`.
pub(in crate::wire) fn write_internet(x: &mut Xml, gateway: &InternetGateway) {
    x.text("internetGatewayId", &gateway.id);
    x.text("ownerId", &gateway.owner_id);
    x.list("attachmentSet", &gateway.vpc_id, |x, vpc| {
        x.text("vpcId", vpc).text("state", "available");
    });
    write_tags(x, &gateway.tags);
}

/// `DescribeNatGateways`.
pub(super) fn nat(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = NAT.query(world, params)?;
    let found = nat_gateways(world);
    if let Some(id) = query.ids.iter().find(|id| !found.contains_key(id.as_str())) {
        let message = format!("NatGateway {id} was not found");
        return Err(ApiError::new("NatGatewayNotFound", message));
    }
    let page = query.page(
        found.values(),
        |gateway| gateway.id.as_str(),
        |gateway, filter| {
            passes(filter, &gateway.tags, |name| match name {
                "nat-gateway-id" => one(Some(gateway.id.as_str())),
                "state" => one(Some(gateway.state.as_str())),
                "subnet-id" => one(Some(gateway.subnet_id.as_str())),
                "vpc-id" => one(Some(gateway.vpc_id.as_str())),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "natGatewaySet", page, write_nat)
}

/// Those that the world has, and those that an interface names.
fn nat_gateways(world: &World) -> BTreeMap<String, NatGateway> {
    let mut found = BTreeMap::new();
    for eni in world
        .enis()
        .filter(|eni| &*eni.interface_type == "nat_gateway")
    {
        let name = eni.description.strip_prefix("Interface for NAT Gateway ");
        let id = name.filter(|id| id.starts_with(NatGatewayId::PREFIX));
        if let (Some(id), Some(private_ip)) = (id, eni.primary_ip()) {
            let public = eni.associations().next().map(|(_, a)| a);
            let kind = if public.is_some() {
                "public"
            } else {
                "private"
            };
            let gateway = NatGateway {
                id: id.into(),
                subnet_id: eni.subnet_id.clone(),
                vpc_id: eni.vpc_id.clone(),
                network_interface_id: eni.id.clone(),
                private_ip,
                allocation_id: public.and_then(|a| a.allocation_id.clone()),
                public_ip: public.map(|a| a.public_ip),
                connectivity_type: kind.into(),
                state: NatGatewayState::Available,
                create_time: None,
                delete_time: None,
                tags: Vec::new(),
            };
            found.insert(id.to_owned(), gateway);
        }
    }
    for gateway in world.nat_gateways() {
        found.insert(gateway.id.to_string(), NatGateway::clone(gateway));
    }
    found
}

/// `NatGateway`.
pub(in crate::wire) fn write_nat(x: &mut Xml, gateway: &NatGateway) {
    x.text("natGatewayId", &gateway.id);
    x.text("subnetId", &gateway.subnet_id);
    x.text("vpcId", &gateway.vpc_id);
    x.text("state", &gateway.state);
    x.maybe("createTime", gateway.create_time);
    x.maybe("deleteTime", gateway.delete_time);
    x.text("connectivityType", &gateway.connectivity_type);
    x.list("natGatewayAddressSet", [gateway], |x, gateway| {
        x.maybe("publicIp", gateway.public_ip);
        x.maybe("allocationId", gateway.allocation_id.as_ref());
        x.text("privateIp", gateway.private_ip);
        x.text("networkInterfaceId", &gateway.network_interface_id);
        x.text("isPrimary", true);
    });
    write_tags(x, &gateway.tags);
}
