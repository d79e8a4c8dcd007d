//! One resource as it was at some moment, or that it was not there.
//!
//! Invariant: putting the resources of a change into the world of before, in the order in which they
//! changed, gives the world of after; the other way round, newest first, it gives the one of before.

use std::sync::Arc;

use crate::ec2::call::{Answer, Call};
use crate::ec2::eni::Eni;
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId, RouteTableId, Str,
    SubnetId, VpcId,
};
use crate::ec2::resource::{
    Address, Instance, InternetGateway, NatGateway, RouteTable, SecurityGroup, Subnet, Vpc,
};
use crate::ec2::world::World;

/// A resource, or nothing, under an id.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// An interface.
    Eni(EniId, Option<Arc<Eni>>),
    /// An instance.
    Instance(InstanceId, Option<Arc<Instance>>),
    /// A VPC.
    Vpc(VpcId, Option<Arc<Vpc>>),
    /// A subnet.
    Subnet(SubnetId, Option<Arc<Subnet>>),
    /// A security group.
    Group(GroupId, Option<Arc<SecurityGroup>>),
    /// An Elastic IP.
    Address(AllocationId, Option<Arc<Address>>),
    /// A route table.
    RouteTable(RouteTableId, Option<Arc<RouteTable>>),
    /// An internet gateway.
    InternetGateway(InternetGatewayId, Option<Arc<InternetGateway>>),
    /// A NAT gateway.
    NatGateway(NatGatewayId, Option<Arc<NatGateway>>),
    /// What a client token was used for.
    Token(Str, Option<(Call, Answer)>),
}

impl Resource {
    /// The same id, as it is in this world.
    #[must_use]
    pub fn in_world(&self, world: &World) -> Self {
        match self {
            Self::Eni(id, _) => Self::Eni(id.clone(), world.eni(id).cloned()),
            Self::Instance(id, _) => Self::Instance(id.clone(), world.instance(id).cloned()),
            Self::Vpc(id, _) => Self::Vpc(id.clone(), world.vpc(id).cloned()),
            Self::Subnet(id, _) => Self::Subnet(id.clone(), world.subnet(id).cloned()),
            Self::Group(id, _) => Self::Group(id.clone(), world.group(id).cloned()),
            Self::Address(id, _) => Self::Address(id.clone(), world.address(id).cloned()),
            Self::RouteTable(id, _) => Self::RouteTable(id.clone(), world.route_table(id).cloned()),
            Self::InternetGateway(id, _) => {
                Self::InternetGateway(id.clone(), world.internet_gateway(id).cloned())
            }
            Self::NatGateway(id, _) => Self::NatGateway(id.clone(), world.nat_gateway(id).cloned()),
            Self::Token(token, _) => Self::Token(token.clone(), world.token(token).cloned()),
        }
    }

    /// Makes the world hold it, or nothing under its id.
    pub fn put_into(self, world: &mut World) {
        match self {
            Self::Eni(_, Some(eni)) => world.put_eni(Arc::unwrap_or_clone(eni)),
            Self::Eni(id, None) => world.remove_eni(&id),
            Self::Instance(_, Some(instance)) => world.put_instance(Arc::unwrap_or_clone(instance)),
            Self::Instance(id, None) => world.remove_instance(&id),
            Self::Subnet(_, Some(subnet)) => world.put_subnet(Arc::unwrap_or_clone(subnet)),
            Self::Subnet(id, None) => world.remove_subnet(&id),
            Self::Address(_, Some(address)) => world.put_address(Arc::unwrap_or_clone(address)),
            Self::Address(id, None) => world.remove_address(&id),
            Self::RouteTable(_, Some(table)) => world.put_route_table(Arc::unwrap_or_clone(table)),
            Self::RouteTable(id, None) => world.remove_route_table(&id),
            Self::Vpc(_, Some(vpc)) => world.put_vpc(Arc::unwrap_or_clone(vpc)),
            Self::Vpc(id, None) => world.remove_vpc(&id),
            Self::Group(_, Some(group)) => world.put_group(Arc::unwrap_or_clone(group)),
            Self::Group(id, None) => world.remove_group(&id),
            Self::InternetGateway(_, Some(gateway)) => {
                world.put_internet_gateway(Arc::unwrap_or_clone(gateway));
            }
            Self::InternetGateway(id, None) => world.remove_internet_gateway(&id),
            Self::NatGateway(_, Some(gateway)) => {
                world.put_nat_gateway(Arc::unwrap_or_clone(gateway));
            }
            Self::NatGateway(id, None) => world.remove_nat_gateway(&id),
            Self::Token(token, used) => world.put_token(&token, used),
        }
    }
}
