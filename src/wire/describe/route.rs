//! `DescribeRouteTables`.

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::network::derived;
use super::{Values, all_exist, listed, one, passes, told, write_tags};
use crate::ec2::error::ApiError;
use crate::ec2::resource::{Route, RouteTable};
use crate::ec2::world::World;

const ASK: Ask = Ask {
    action: "DescribeRouteTables",
    ids: ("RouteTableId", "routeTableIdSet"),
    rows: Some((5, 100)),
    exclusive: false,
    filters: &[
        "association.gateway-id",
        "association.main",
        "association.route-table-association-id",
        "association.route-table-id",
        "association.subnet-id",
        "owner-id",
        "route-table-id",
        "route.destination-cidr-block",
        "route.destination-ipv6-cidr-block",
        "route.destination-prefix-list-id",
        "route.gateway-id",
        "route.instance-id",
        "route.nat-gateway-id",
        "route.origin",
        "route.state",
        "route.transit-gateway-id",
        "route.vpc-peering-connection-id",
        "tag-key",
        "vpc-id",
    ],
};

/// `DescribeRouteTables`.
pub(super) fn describe(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = ASK.query(world, params)?;
    let known = |id: &str| world.route_table(&id.into()).is_some();
    all_exist(
        &query.ids,
        "InvalidRouteTableID.NotFound",
        "routeTable",
        known,
    )?;
    let page = query.page(
        world.route_tables(),
        |table| table.id.as_str(),
        |table, filter| passes(filter, &table.tags, |name| values(world, table, name)),
    );
    listed(&query, "routeTableSet", page, |x, table| {
        write_table(x, world, table)
    })
}

/// `RouteTable`.
pub(in crate::wire) fn write_table(x: &mut Xml, world: &World, table: &RouteTable) {
    x.text("routeTableId", &table.id);
    x.text("vpcId", &table.vpc_id);
    x.text("ownerId", &world.account);
    x.list("routeSet", &table.routes, |x, route| write(x, world, route));
    x.within("associationSet", |x| write_associations(x, table));
    x.list("propagatingVgwSet", Vec::<()>::new(), |_, ()| ());
    write_tags(x, &table.tags);
}

/// The subnets that name the table, and the table itself where it is the main one; a subnet that
/// uses the main table without naming it is not listed.
fn write_associations(x: &mut Xml, table: &RouteTable) {
    let main = table.main.then(|| (main_association(table), None));
    let subnets = table.associations.iter();
    let subnets = subnets.map(|a| (a.id.to_string(), Some(&a.subnet_id)));
    for (id, subnet) in main.into_iter().chain(subnets) {
        x.within("item", |x| {
            x.text("routeTableAssociationId", id);
            x.text("routeTableId", &table.id);
            x.maybe("subnetId", subnet);
            x.text("main", subnet.is_none());
            x.within("associationState", |x| {
                x.text("state", "associated");
            });
        });
    }
}

/// Id of the association of a main table with its VPC.
fn main_association(table: &RouteTable) -> String {
    derived("rtbassoc-", table.id.as_str())
}

/// Which member of `Route` a target stands in.
fn target(gateway: &str) -> &'static str {
    let prefixes = [
        ("nat-", "natGatewayId"),
        ("tgw-", "transitGatewayId"),
        ("pcx-", "vpcPeeringConnectionId"),
        ("eigw-", "egressOnlyInternetGatewayId"),
        ("cagw-", "carrierGatewayId"),
        ("lgw-", "localGatewayId"),
        ("arn:aws:networkmanager:", "coreNetworkArn"),
    ];
    let found = prefixes
        .iter()
        .find(|(prefix, _)| gateway.starts_with(prefix));
    found.map_or("gatewayId", |(_, member)| member)
}

fn destination(to: &str) -> &'static str {
    if to.starts_with("pl-") {
        "destinationPrefixListId"
    } else if to.contains(':') {
        "destinationIpv6CidrBlock"
    } else {
        "destinationCidrBlock"
    }
}

fn origin(route: &Route) -> &'static str {
    match route.gateway.as_deref() {
        Some("local") => "CreateRouteTable",
        _ => "CreateRoute",
    }
}

fn write(x: &mut Xml, world: &World, route: &Route) {
    x.text(destination(&route.destination), &route.destination);
    if let Some(gateway) = &route.gateway {
        x.text(target(gateway), gateway);
    }
    if let Some(instance) = &route.instance_id {
        x.text("instanceId", instance);
        x.text("instanceOwnerId", &world.account);
    }
    x.maybe("networkInterfaceId", route.network_interface_id.as_ref());
    x.text("state", &route.state);
    x.text("origin", origin(route));
}

fn values<'a>(world: &'a World, table: &'a RouteTable, name: &str) -> Values<'a> {
    if let Some(member) = name.strip_prefix("route.") {
        let routes = table.routes.iter();
        return routes.flat_map(|route| of_route(route, member)).collect();
    }
    match name {
        "association.main" => told(table.main),
        "association.route-table-id" if table.main || !table.associations.is_empty() => {
            one(Some(table.id.as_str()))
        }
        "association.route-table-association-id" => {
            let main = table.main.then(|| main_association(table).into());
            let subnets = table.associations.iter().map(|a| a.id.as_str().into());
            main.into_iter().chain(subnets).collect()
        }
        "association.subnet-id" => {
            let subnets = table.associations.iter();
            subnets.map(|a| a.subnet_id.as_str().into()).collect()
        }
        "owner-id" => one(Some(&world.account)),
        "route-table-id" => one(Some(table.id.as_str())),
        "vpc-id" => one(Some(table.vpc_id.as_str())),
        _ => Vec::new(),
    }
}

fn of_route<'a>(route: &'a Route, member: &str) -> Values<'a> {
    let gateway = |wanted: &str| {
        let found = route.gateway.as_deref();
        one(found.filter(|gateway| target(gateway) == wanted))
    };
    let to = |wanted: &str| {
        let to: &'a str = &route.destination;
        one((destination(to) == wanted).then_some(to))
    };
    match member {
        "destination-cidr-block" => to("destinationCidrBlock"),
        "destination-ipv6-cidr-block" => to("destinationIpv6CidrBlock"),
        "destination-prefix-list-id" => to("destinationPrefixListId"),
        "gateway-id" => gateway("gatewayId"),
        "instance-id" => one(route.instance_id.as_ref().map(|id| id.as_str())),
        "nat-gateway-id" => gateway("natGatewayId"),
        "origin" => one(Some(origin(route))),
        "state" => one(Some(route.state.as_str())),
        "transit-gateway-id" => gateway("transitGatewayId"),
        "vpc-peering-connection-id" => gateway("vpcPeeringConnectionId"),
        _ => Vec::new(),
    }
}
