//! Calls on route tables.

use serde::{Deserialize, Serialize};

use super::args::Args;
use crate::ec2::id::{
    EniId, InstanceId, RouteTableAssociationId, RouteTableId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::Tag;

/// Parameters of `CreateRoute` and `ReplaceRoute`: one destination, one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutRoute {
    /// Which table.
    pub route_table_id: RouteTableId,
    /// CIDR block (IPv4 or IPv6) or prefix list.
    pub destination: Str,
    /// Target: an interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// Target: an instance with a single interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// Target: an internet or virtual private gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<Str>,
    /// Target: a NAT gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nat_gateway_id: Option<Str>,
    /// Target: a transit gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<Str>,
    /// Target: a peering connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<Str>,
}

/// Parameters of `DeleteRoute`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRoute {
    /// Which table.
    pub route_table_id: RouteTableId,
    /// Which route.
    pub destination: Str,
}

/// Parameters of `CreateRouteTable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRouteTable {
    /// For which VPC.
    pub vpc_id: VpcId,
    /// `TagSpecification` of the type `route-table`.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Makes a repetition safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<Str>,
}

/// Parameters of `DeleteRouteTable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRouteTable {
    /// Which table.
    pub route_table_id: RouteTableId,
}

/// Parameters of `AssociateRouteTable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssociateRouteTable {
    /// Which table.
    pub route_table_id: RouteTableId,
    /// For which subnet.
    pub subnet_id: SubnetId,
}

/// Parameters of `DisassociateRouteTable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DisassociateRouteTable {
    /// Which association.
    pub association_id: RouteTableAssociationId,
}

/// The parameter that names a destination of this form.
fn destination_name(destination: &str) -> &'static str {
    if destination.starts_with("pl-") {
        "DestinationPrefixListId"
    } else if destination.contains(':') {
        "DestinationIpv6CidrBlock"
    } else {
        "DestinationCidrBlock"
    }
}

impl PutRoute {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("RouteTableId", &self.route_table_id);
        args.one(destination_name(&self.destination), &self.destination);
        args.some("NetworkInterfaceId", self.network_interface_id.as_ref());
        args.some("InstanceId", self.instance_id.as_ref());
        args.some("GatewayId", self.gateway_id.as_ref());
        args.some("NatGatewayId", self.nat_gateway_id.as_ref());
        args.some("TransitGatewayId", self.transit_gateway_id.as_ref());
        args.some(
            "VpcPeeringConnectionId",
            self.vpc_peering_connection_id.as_ref(),
        );
    }
}

impl DeleteRoute {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("RouteTableId", &self.route_table_id);
        args.one(destination_name(&self.destination), &self.destination);
    }
}

impl CreateRouteTable {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("VpcId", &self.vpc_id);
        args.tags("route-table", &self.tags);
        args.some("ClientToken", self.client_token.as_ref());
    }
}

impl DeleteRouteTable {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("RouteTableId", &self.route_table_id);
    }
}

impl AssociateRouteTable {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("RouteTableId", &self.route_table_id);
        args.one("SubnetId", &self.subnet_id);
    }
}

impl DisassociateRouteTable {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("AssociationId", &self.association_id);
    }
}
