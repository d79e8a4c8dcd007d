//! `DescribeAddresses`, which has no pages.

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{Values, listed, one, passes, told, write_tags};
use crate::ec2::error::ApiError;
use crate::ec2::resource::Address;
use crate::ec2::world::World;

const ASK: Ask = Ask {
    action: "DescribeAddresses",
    ids: ("AllocationId", "allocationIdSet"),
    rows: None,
    exclusive: false,
    filters: &[
        "allocation-id",
        "association-id",
        "domain",
        "instance-id",
        "network-border-group",
        "network-interface-id",
        "network-interface-owner-id",
        "private-ip-address",
        "public-ip",
        "tag-key",
    ],
};

/// `DescribeAddresses`.
pub(super) fn describe(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let public = params.list("PublicIp")?;
    let query = ASK.query(world, params)?;
    if let Some(id) = query
        .ids
        .iter()
        .find(|id| world.address(&id.as_str().into()).is_none())
    {
        let message = format!("The allocation ID '{id}' does not exist");
        return Err(ApiError::new("InvalidAllocationID.NotFound", message));
    }
    let held = |ip: &str| world.addresses().any(|a| a.public_ip.to_string() == ip);
    if let Some(ip) = public.iter().find(|ip| !held(ip)) {
        let message = format!("Address '{ip}' not found.");
        return Err(ApiError::new("InvalidAddress.NotFound", message));
    }
    let rows = world
        .addresses()
        .filter(|a| public.is_empty() || public.iter().any(|ip| *ip == a.public_ip.to_string()));
    let page = query.page(
        rows,
        |address| address.id.as_str(),
        |address, filter| passes(filter, &address.tags, |name| values(world, address, name)),
    );
    listed(&query, "addressesSet", page, |x, a| {
        x.text("publicIp", a.public_ip);
        x.text("allocationId", &a.id);
        x.text("domain", "vpc");
        x.maybe("instanceId", a.instance_id.as_ref());
        x.maybe("associationId", a.association_id.as_ref());
        x.maybe("networkInterfaceId", a.network_interface_id.as_ref());
        x.maybe(
            "networkInterfaceOwnerId",
            a.network_interface_id.as_ref().map(|_| &world.account),
        );
        x.maybe("privateIpAddress", a.private_ip_address);
        x.text("publicIpv4Pool", "amazon");
        x.text("networkBorderGroup", &world.region);
        write_tags(x, &a.tags);
    })
}

fn values<'a>(world: &'a World, a: &'a Address, name: &str) -> Values<'a> {
    match name {
        "allocation-id" => one(Some(a.id.as_str())),
        "association-id" => one(a.association_id.as_ref().map(|id| id.as_str())),
        "domain" => one(Some("vpc")),
        "instance-id" => one(a.instance_id.as_ref().map(|id| id.as_str())),
        "network-border-group" => one(Some(&world.region)),
        "network-interface-id" => one(a.network_interface_id.as_ref().map(|id| id.as_str())),
        "network-interface-owner-id" => {
            one(a.network_interface_id.as_ref().map(|_| &*world.account))
        }
        "private-ip-address" => a.private_ip_address.map_or_else(Vec::new, told),
        "public-ip" => told(a.public_ip),
        _ => Vec::new(),
    }
}
