//! Why EC2 says yes or no, and what an accepted call changes.
//!
//! Every rule is one pure function. [`check`] answers a call as EC2 would, first refusal only;
//! `attach::blockers` gives every reason at once. [`effect`] says what an accepted call changes, at
//! once and once settled: the simulator acts by it, the planner forecasts by it, so that a rule is
//! written once.
//!
//! Invariants: pure; `sim` and `failover` use this layer and never each other; a denial carries
//! EC2's own code, EC2's text (marked where the wording is not verified), the reason in plain words
//! and what to do instead.

pub mod addresses;
pub mod attach;
pub mod attribute;
pub mod create;
pub mod detach;
pub mod effect;
pub mod elastic;
mod find;
pub mod gateway;
pub mod instance;
pub mod launch;
pub mod limits;
pub mod modify;
pub mod network;
pub mod ownership;
pub mod permission;
pub mod private;
pub mod route;
pub mod tags;
mod token;
pub mod verdict;
mod wanted;

use crate::ec2::call::Call;
use crate::ec2::world::World;
use verdict::Verdict;

/// Answers a call as EC2 would: allowed, or the first refusal in EC2's order of checks
/// (parameters, form of ids, existence, ownership, state, zone, index, limits).
pub fn check(world: &World, call: &Call) -> Verdict {
    match call {
        Call::AttachNetworkInterface(c) => attach::check(world, c),
        Call::DetachNetworkInterface(c) => detach::check(world, c),
        Call::ModifyNetworkInterfaceAttribute(c) => modify::check(world, c),
        Call::ResetNetworkInterfaceAttribute(c) => modify::check_reset(world, c),
        Call::AssignPrivateIpAddresses(c) => private::check_assign(world, c),
        Call::UnassignPrivateIpAddresses(c) => private::check_unassign(world, c),
        Call::AssignIpv6Addresses(c) => private::check_assign_ipv6(world, c),
        Call::UnassignIpv6Addresses(c) => private::check_unassign_ipv6(world, c),
        Call::AllocateAddress(c) => elastic::check_allocate(world, c),
        Call::AssociateAddress(c) => elastic::check_associate(world, c),
        Call::DisassociateAddress(c) => elastic::check_disassociate(world, c),
        Call::ReleaseAddress(c) => elastic::check_release(world, c),
        Call::RebootInstances(c) => instance::check_reboot(world, c),
        Call::ModifyInstanceAttribute(c) => instance::check_modify(world, c),
        Call::CreateTags(c) => tags::check_create(world, c),
        Call::DeleteTags(c) => tags::check_delete(world, c),
        Call::CreateNetworkInterface(c) => create::check_create(world, c),
        Call::DeleteNetworkInterface(c) => create::check_delete(world, c),
        Call::StartInstances(c) => instance::check_start(world, c),
        Call::StopInstances(c) => instance::check_stop(world, c),
        Call::TerminateInstances(c) => instance::check_terminate(world, c),
        Call::RunInstances(c) => launch::check(world, c),
        Call::CreateRoute(c) => route::check_create(world, c),
        Call::ReplaceRoute(c) => route::check_replace(world, c),
        Call::DeleteRoute(c) => route::check_delete(world, c),
        Call::CreateRouteTable(c) => route::check_create_table(world, c),
        Call::DeleteRouteTable(c) => route::check_delete_table(world, c),
        Call::AssociateRouteTable(c) => route::check_associate(world, c),
        Call::DisassociateRouteTable(c) => route::check_disassociate(world, c),
        Call::CreateVpc(c) => network::check_create_vpc(world, c),
        Call::DeleteVpc(c) => network::check_delete_vpc(world, c),
        Call::ModifyVpcAttribute(c) => attribute::check_vpc(world, c),
        Call::ModifySubnetAttribute(c) => attribute::check_subnet(world, c),
        Call::CreateSubnet(c) => network::check_create_subnet(world, c),
        Call::DeleteSubnet(c) => network::check_delete_subnet(world, c),
        Call::CreateSecurityGroup(c) => network::check_create_group(world, c),
        Call::AuthorizeSecurityGroupIngress(c) => permission::check_authorize(world, c, false),
        Call::AuthorizeSecurityGroupEgress(c) => permission::check_authorize(world, c, true),
        Call::RevokeSecurityGroupIngress(c) => permission::check_revoke(world, c, false),
        Call::RevokeSecurityGroupEgress(c) => permission::check_revoke(world, c, true),
        Call::DeleteSecurityGroup(c) => network::check_delete_group(world, c),
        Call::CreateInternetGateway(c) => gateway::check_create(world, c),
        Call::AttachInternetGateway(c) => gateway::check_attach(world, c),
        Call::DetachInternetGateway(c) => gateway::check_detach(world, c),
        Call::DeleteInternetGateway(c) => gateway::check_delete(world, c),
        Call::CreateNatGateway(c) => gateway::check_create_nat(world, c),
        Call::DeleteNatGateway(c) => gateway::check_delete_nat(world, c),
    }
}
