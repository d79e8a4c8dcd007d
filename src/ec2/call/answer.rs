//! What EC2 answers to an accepted call.
//!
//! Invariant: one form for all actions; each fills the members that its reply has, the others stay
//! empty. What a created resource looks like is read from the world, by the id in the answer.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::ec2::id::{
    AllocationId, AssociationId, AttachmentId, EniId, GroupId, InstanceId, InternetGatewayId,
    NatGatewayId, RouteTableAssociationId, RouteTableId, SecurityGroupRuleId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::InstanceState;

/// `InstanceStateChange`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StateChange {
    /// Which instance.
    pub instance_id: InstanceId,
    /// Before the call.
    pub previous_state: InstanceState,
    /// Right after it.
    pub current_state: InstanceState,
}

macro_rules! answer {
    ($($(#[$doc:meta])* $field:ident: $kind:ident<$inner:ty>,)*) => {
        /// What EC2 answers to an accepted call.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct Answer {$(
            $(#[$doc])*
            #[serde(default, skip_serializing_if = "is_empty")]
            pub $field: $kind<$inner>,
        )*}
    };
}

answer! {
    /// The request.
    request_id: Option<Str>,
    /// `AttachNetworkInterface`: the new attachment.
    attachment_id: Option<AttachmentId>,
    /// `CreateNetworkInterface`: the new interface.
    network_interface_id: Option<EniId>,
    /// `AssignPrivateIpAddresses`.
    assigned_private_ip_addresses: Vec<Ipv4Addr>,
    /// `AssignPrivateIpAddresses`.
    assigned_ipv4_prefixes: Vec<Str>,
    /// `AssignIpv6Addresses`.
    assigned_ipv6_addresses: Vec<Ipv6Addr>,
    /// `AssignIpv6Addresses`.
    assigned_ipv6_prefixes: Vec<Str>,
    /// `AllocateAddress`: the new Elastic IP.
    allocation_id: Option<AllocationId>,
    /// `AllocateAddress`: its address.
    public_ip: Option<Ipv4Addr>,
    /// `AssociateAddress`: a new one for every association.
    association_id: Option<AssociationId>,
    /// `RunInstances`: the new instances.
    instance_ids: Vec<InstanceId>,
    /// `StartInstances`, `StopInstances`, `TerminateInstances`.
    state_changes: Vec<StateChange>,
    /// `CreateRouteTable`: the new table.
    route_table_id: Option<RouteTableId>,
    /// `AssociateRouteTable`: the new association.
    route_table_association_id: Option<RouteTableAssociationId>,
    /// `CreateVpc`: the new VPC.
    vpc_id: Option<VpcId>,
    /// `CreateSubnet`: the new subnet.
    subnet_id: Option<SubnetId>,
    /// `CreateSecurityGroup`: the new group.
    group_id: Option<GroupId>,
    /// `AuthorizeSecurityGroupIngress` and `…Egress`: the new rules.
    security_group_rule_ids: Vec<SecurityGroupRuleId>,
    /// `CreateInternetGateway`: the new gateway.
    internet_gateway_id: Option<InternetGatewayId>,
    /// `CreateNatGateway` and `DeleteNatGateway`: the gateway.
    nat_gateway_id: Option<NatGatewayId>,
    /// The token of the request, where it had one.
    client_token: Option<Str>,
}

/// Nothing to say: an absent value or an empty list.
trait Empty {
    fn is_empty(&self) -> bool;
}

impl<T> Empty for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T> Empty for Vec<T> {
    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }
}

fn is_empty<T: Empty>(value: &T) -> bool {
    value.is_empty()
}
