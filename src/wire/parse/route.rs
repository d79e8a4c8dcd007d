//! Calls on route tables.

use super::super::params::{Params, missing};
use super::tags;
use crate::ec2::call::{
    AssociateRouteTable, CreateRouteTable, DeleteRoute, DeleteRouteTable, DisassociateRouteTable,
    PutRoute,
};
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;

/// The one destination, under whichever of its three names.
fn destination(p: &mut Params) -> Result<Str, ApiError> {
    let names = [
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
    ];
    let mut given = names.iter().filter_map(|name| p.id(name));
    match (given.next(), given.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(missing("destinationCidrBlock")),
        (Some(_), Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "Only one destination may be specified.",
        )),
    }
}

pub(super) fn put(p: &mut Params) -> Result<PutRoute, ApiError> {
    Ok(PutRoute {
        route_table_id: p.needed_id("RouteTableId")?,
        destination: destination(p)?,
        network_interface_id: p.id("NetworkInterfaceId"),
        instance_id: p.id("InstanceId"),
        gateway_id: p.id("GatewayId"),
        nat_gateway_id: p.id("NatGatewayId"),
        transit_gateway_id: p.id("TransitGatewayId"),
        vpc_peering_connection_id: p.id("VpcPeeringConnectionId"),
    })
}

pub(super) fn delete(p: &mut Params) -> Result<DeleteRoute, ApiError> {
    Ok(DeleteRoute {
        route_table_id: p.needed_id("RouteTableId")?,
        destination: destination(p)?,
    })
}

pub(super) fn create_table(p: &mut Params) -> Result<CreateRouteTable, ApiError> {
    Ok(CreateRouteTable {
        vpc_id: p.needed_id("VpcId")?,
        tags: tags(p, "route-table")?,
        client_token: p.id("ClientToken"),
    })
}

pub(super) fn delete_table(p: &mut Params) -> Result<DeleteRouteTable, ApiError> {
    Ok(DeleteRouteTable {
        route_table_id: p.needed_id("RouteTableId")?,
    })
}

pub(super) fn associate(p: &mut Params) -> Result<AssociateRouteTable, ApiError> {
    Ok(AssociateRouteTable {
        route_table_id: p.needed_id("RouteTableId")?,
        subnet_id: p.needed_id("SubnetId")?,
    })
}

pub(super) fn disassociate(p: &mut Params) -> Result<DisassociateRouteTable, ApiError> {
    Ok(DisassociateRouteTable {
        association_id: p.needed_id("AssociationId")?,
    })
}
