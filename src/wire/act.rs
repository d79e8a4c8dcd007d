//! Actions that change something: a [`Call`] is made, and its answer told in XML.
//!
//! Invariants: `DryRun` never reaches [`Sim::call_as_of`]; what a created resource looks like is read from
//! the world after the call.

use super::describe::{
    write_eni, write_internet, write_nat, write_reservation, write_rule, write_state, write_subnet,
    write_table, write_tags, write_vpc,
};
use super::params::Params;
use super::parse;
use super::xml::Xml;
use crate::ec2::call::{Answer, Call, StateChange};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::sim::Sim;

/// Makes a call; `None` if the action is not one that changes something.
pub(super) fn action(
    sim: &mut Sim,
    action: &str,
    params: &mut Params,
    as_of: Time,
) -> Option<Result<Xml, ApiError>> {
    let call = parse::call(action, params)?;
    Some(made(sim, params, call, as_of))
}

fn made(
    sim: &mut Sim,
    params: &mut Params,
    call: Result<Call, ApiError>,
    as_of: Time,
) -> Result<Xml, ApiError> {
    let call = call?;
    let dry_run = params.flag("DryRun")?.unwrap_or(false);
    params.finish()?;
    if dry_run {
        return Err(sim.dry_run(&call));
    }
    let answer = sim.call_as_of(&call, as_of)?;
    let mut xml = Xml::ec2(call.action());
    reply(&mut xml, &sim.world(), &call, &answer);
    Ok(xml.with_request_id(answer.request_id))
}

fn reply(x: &mut Xml, after: &World, call: &Call, answer: &Answer) {
    let token = answer.client_token.as_ref();
    match call {
        Call::AttachNetworkInterface(c) => {
            x.maybe("attachmentId", answer.attachment_id.as_ref());
            x.text("networkCardIndex", c.network_card_index);
        }
        Call::CreateNetworkInterface(c) => {
            let id = answer.network_interface_id.as_ref();
            if let Some(eni) = id.and_then(|id| after.eni(id)) {
                x.within("networkInterface", |x| write_eni(x, eni));
            }
            x.maybe("clientToken", token.or(c.client_token.as_ref()));
        }
        Call::StartInstances(_) | Call::StopInstances(_) | Call::TerminateInstances(_) => {
            write_states(x, &answer.state_changes);
        }
        Call::RunInstances(_) => {
            let ids = answer.instance_ids.iter();
            let instances: Vec<_> = ids.filter_map(|id| after.instance(id)).collect();
            write_reservation(x, after, &instances);
        }
        Call::AssignPrivateIpAddresses(c) => {
            x.text("networkInterfaceId", &c.network_interface_id);
            let ips = &answer.assigned_private_ip_addresses;
            x.list("assignedPrivateIpAddressesSet", ips, |x, ip| {
                x.text("privateIpAddress", ip);
            });
            x.list(
                "assignedIpv4PrefixSet",
                &answer.assigned_ipv4_prefixes,
                |x, prefix| {
                    x.text("ipv4Prefix", prefix);
                },
            );
            x.text("return", true);
        }
        Call::AssignIpv6Addresses(c) => {
            x.text("networkInterfaceId", &c.network_interface_id);
            x.list(
                "assignedIpv6Addresses",
                &answer.assigned_ipv6_addresses,
                Xml::plain,
            );
            x.list(
                "assignedIpv6PrefixSet",
                &answer.assigned_ipv6_prefixes,
                Xml::plain,
            );
        }
        Call::UnassignIpv6Addresses(c) => {
            x.text("networkInterfaceId", &c.network_interface_id);
            x.list("unassignedIpv6Addresses", &c.ipv6_addresses, Xml::plain);
            x.list("unassignedIpv6PrefixSet", &c.ipv6_prefixes, Xml::plain);
        }
        Call::AllocateAddress(_) => {
            x.maybe("publicIp", answer.public_ip);
            x.maybe("allocationId", answer.allocation_id.as_ref());
            x.text("domain", "vpc").text("publicIpv4Pool", "amazon");
            x.text("networkBorderGroup", &after.region);
        }
        Call::AssociateAddress(_) => {
            x.maybe("associationId", answer.association_id.as_ref());
            x.text("return", true);
        }
        Call::AssociateRouteTable(_) => {
            x.maybe("associationId", answer.route_table_association_id.as_ref());
            x.within("associationState", |x| {
                x.text("state", "associated");
            });
        }
        Call::DeleteSecurityGroup(c) => {
            x.text("return", true).text("groupId", &c.group_id);
        }
        Call::DeleteNatGateway(c) => {
            x.text("natGatewayId", &c.nat_gateway_id);
        }
        _ => created(x, after, call, answer),
    }
}

/// Answers of calls that create what interfaces live in; of all others, `<return>true</return>`.
fn created(x: &mut Xml, world: &World, call: &Call, answer: &Answer) {
    match call {
        Call::CreateVpc(_) => {
            if let Some(vpc) = answer.vpc_id.as_ref().and_then(|id| world.vpc(id)) {
                x.within("vpc", |x| write_vpc(x, vpc));
            }
        }
        Call::CreateSubnet(_) => {
            if let Some(subnet) = answer.subnet_id.as_ref().and_then(|id| world.subnet(id)) {
                x.within("subnet", |x| write_subnet(x, world, subnet));
            }
        }
        Call::CreateSecurityGroup(c) => {
            x.text("return", true);
            x.maybe("groupId", answer.group_id.as_ref());
            write_tags(x, &c.tags);
        }
        Call::AuthorizeSecurityGroupIngress(c) | Call::AuthorizeSecurityGroupEgress(c) => {
            x.text("return", true);
            if let Some(group) = world.group(&c.group_id) {
                let new = &answer.security_group_rule_ids;
                let rules = group.rules.iter().filter(|r| new.contains(&r.id));
                x.list("securityGroupRuleSet", rules, |x, rule| {
                    write_rule(x, world, group, rule);
                });
            }
        }
        Call::CreateRouteTable(c) => {
            let id = answer.route_table_id.as_ref();
            if let Some(table) = id.and_then(|id| world.route_table(id)) {
                x.within("routeTable", |x| write_table(x, world, table));
            }
            x.maybe("clientToken", c.client_token.as_ref());
        }
        Call::CreateInternetGateway(_) => {
            let id = answer.internet_gateway_id.as_ref();
            if let Some(gateway) = id.and_then(|id| world.internet_gateway(id)) {
                x.within("internetGateway", |x| write_internet(x, gateway));
            }
        }
        Call::CreateNatGateway(c) => {
            x.maybe("clientToken", c.client_token.as_ref());
            let id = answer.nat_gateway_id.as_ref();
            if let Some(gateway) = id.and_then(|id| world.nat_gateway(id)) {
                x.within("natGateway", |x| write_nat(x, gateway));
            }
        }
        _ => {
            x.text("return", true);
        }
    }
}

/// `instancesSet`: what each instance was, and what it is now.
fn write_states(x: &mut Xml, changes: &[StateChange]) {
    x.list("instancesSet", changes, |x, change| {
        x.text("instanceId", &change.instance_id);
        write_state(x, "currentState", &change.current_state);
        write_state(x, "previousState", &change.previous_state);
    });
}
