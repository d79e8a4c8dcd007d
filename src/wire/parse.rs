//! From the parameters of a request to a [`Call`].
//!
//! Invariants: a call is made of exactly what was sent, so that [`Call::parameters`] of the result
//! are the parameters again; what a call cannot hold is left for the caller to refuse.

mod address;
mod instance;
mod interface;
mod network;
mod permission;
mod route;

use super::params::Params;
use crate::ec2::call::{Call, PrivateIpSpecification};
use crate::ec2::eni::ConnectionTracking;
use crate::ec2::error::ApiError;
use crate::ec2::resource::Tag;

/// Takes the parameters of an action; `None` if there is no such call.
pub(super) fn call(action: &str, p: &mut Params) -> Option<Result<Call, ApiError>> {
    Some(match action {
        "AttachNetworkInterface" => interface::attach(p).map(Call::AttachNetworkInterface),
        "DetachNetworkInterface" => interface::detach(p).map(Call::DetachNetworkInterface),
        "ModifyNetworkInterfaceAttribute" => {
            interface::modify(p).map(Call::ModifyNetworkInterfaceAttribute)
        }
        "ResetNetworkInterfaceAttribute" => {
            interface::reset(p).map(Call::ResetNetworkInterfaceAttribute)
        }
        "CreateNetworkInterface" => interface::create(p).map(Call::CreateNetworkInterface),
        "DeleteNetworkInterface" => interface::delete(p).map(Call::DeleteNetworkInterface),
        "AssignPrivateIpAddresses" => address::assign(p).map(Call::AssignPrivateIpAddresses),
        "UnassignPrivateIpAddresses" => address::unassign(p).map(Call::UnassignPrivateIpAddresses),
        "AssignIpv6Addresses" => address::assign_ipv6(p).map(Call::AssignIpv6Addresses),
        "UnassignIpv6Addresses" => address::unassign_ipv6(p).map(Call::UnassignIpv6Addresses),
        "AllocateAddress" => address::allocate(p).map(Call::AllocateAddress),
        "AssociateAddress" => address::associate(p).map(Call::AssociateAddress),
        "DisassociateAddress" => address::disassociate(p).map(Call::DisassociateAddress),
        "ReleaseAddress" => address::release(p).map(Call::ReleaseAddress),
        "RunInstances" => instance::run(p).map(Call::RunInstances),
        "StartInstances" => instance::some(p, false).map(Call::StartInstances),
        "StopInstances" => instance::some(p, true).map(Call::StopInstances),
        "RebootInstances" => instance::some(p, false).map(Call::RebootInstances),
        "TerminateInstances" => instance::some(p, true).map(Call::TerminateInstances),
        "ModifyInstanceAttribute" => instance::modify(p).map(Call::ModifyInstanceAttribute),
        "CreateRoute" => route::put(p).map(Call::CreateRoute),
        "ReplaceRoute" => route::put(p).map(Call::ReplaceRoute),
        "DeleteRoute" => route::delete(p).map(Call::DeleteRoute),
        "CreateRouteTable" => route::create_table(p).map(Call::CreateRouteTable),
        "DeleteRouteTable" => route::delete_table(p).map(Call::DeleteRouteTable),
        "AssociateRouteTable" => route::associate(p).map(Call::AssociateRouteTable),
        "DisassociateRouteTable" => route::disassociate(p).map(Call::DisassociateRouteTable),
        "CreateVpc" => network::create_vpc(p).map(Call::CreateVpc),
        "DeleteVpc" => network::delete_vpc(p).map(Call::DeleteVpc),
        "ModifyVpcAttribute" => network::modify_vpc(p).map(Call::ModifyVpcAttribute),
        "ModifySubnetAttribute" => network::modify_subnet(p).map(Call::ModifySubnetAttribute),
        "CreateSubnet" => network::create_subnet(p).map(Call::CreateSubnet),
        "DeleteSubnet" => network::delete_subnet(p).map(Call::DeleteSubnet),
        "CreateSecurityGroup" => network::create_group(p).map(Call::CreateSecurityGroup),
        "AuthorizeSecurityGroupIngress" => {
            permission::authorize(p).map(Call::AuthorizeSecurityGroupIngress)
        }
        "AuthorizeSecurityGroupEgress" => {
            permission::authorize(p).map(Call::AuthorizeSecurityGroupEgress)
        }
        "RevokeSecurityGroupIngress" => permission::revoke(p).map(Call::RevokeSecurityGroupIngress),
        "RevokeSecurityGroupEgress" => permission::revoke(p).map(Call::RevokeSecurityGroupEgress),
        "DeleteSecurityGroup" => network::delete_group(p).map(Call::DeleteSecurityGroup),
        "CreateInternetGateway" => network::create_gateway(p).map(Call::CreateInternetGateway),
        "AttachInternetGateway" => network::attachment(p).map(Call::AttachInternetGateway),
        "DetachInternetGateway" => network::attachment(p).map(Call::DetachInternetGateway),
        "DeleteInternetGateway" => network::delete_gateway(p).map(Call::DeleteInternetGateway),
        "CreateNatGateway" => network::create_nat(p).map(Call::CreateNatGateway),
        "DeleteNatGateway" => network::delete_nat(p).map(Call::DeleteNatGateway),
        "CreateTags" => network::create_tags(p).map(Call::CreateTags),
        "DeleteTags" => network::delete_tags(p).map(Call::DeleteTags),
        _ => return None,
    })
}

/// `TagSpecification.N` of an action that creates one kind of resource.
fn tags(p: &mut Params, kind: &str) -> Result<Vec<Tag>, ApiError> {
    let [tags] = tags_of(p, [kind])?;
    Ok(tags)
}

/// `TagSpecification.N` of an action that creates several kinds of resources.
fn tags_of<const N: usize>(p: &mut Params, kinds: [&str; N]) -> Result<[Vec<Tag>; N], ApiError> {
    let mut out = [const { Vec::new() }; N];
    for mut specification in p.members("TagSpecification")? {
        let kind = specification.needed("ResourceType")?;
        let place = kinds.iter().position(|known| *known == kind);
        let Some(tags) = place.and_then(|n| out.get_mut(n)) else {
            let message =
                format!("'{kind}' is not a valid taggable resource type for this operation.");
            return Err(ApiError::new("InvalidParameterValue", message));
        };
        for (key, value) in keys_and_values(&mut specification)? {
            let value = value.unwrap_or_default();
            tags.push(Tag {
                key: key.into(),
                value: value.into(),
            });
        }
        specification.finish()?;
    }
    Ok(out)
}

/// `Tag.N.Key` and `Tag.N.Value`.
fn keys_and_values(p: &mut Params) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let mut out = Vec::new();
    for mut tag in p.members("Tag")? {
        out.push((tag.needed("Key")?, tag.take("Value")));
        tag.finish()?;
    }
    Ok(out)
}

/// `PrivateIpAddresses.N.{PrivateIpAddress, Primary}`.
fn private_ips(p: &mut Params) -> Result<Vec<PrivateIpSpecification>, ApiError> {
    let mut out = Vec::new();
    for mut member in p.members("PrivateIpAddresses")? {
        out.push(PrivateIpSpecification {
            private_ip_address: super::params::address(&member.needed("PrivateIpAddress")?)?,
            primary: member.flag("Primary")?.unwrap_or(false),
        });
        member.finish()?;
    }
    Ok(out)
}

/// `ConnectionTrackingSpecification.…`, in seconds.
fn tracking(p: &mut Params) -> Result<Option<ConnectionTracking>, ApiError> {
    let mut seconds = |name: &str| {
        let count = p.count(&format!("ConnectionTrackingSpecification.{name}"))?;
        Ok::<_, ApiError>(count.and_then(|n| i32::try_from(n).ok()))
    };
    let found = ConnectionTracking {
        tcp_established_timeout: seconds("TcpEstablishedTimeout")?,
        udp_stream_timeout: seconds("UdpStreamTimeout")?,
        udp_timeout: seconds("UdpTimeout")?,
    };
    let given = found.tcp_established_timeout.is_some()
        || found.udp_stream_timeout.is_some()
        || found.udp_timeout.is_some();
    Ok(given.then_some(found))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::wire::Form;

    /// Every action with every parameter that its call holds: read and written again, the request is
    /// what it was.
    #[test]
    fn every_call_is_read_as_it_is_written() {
        let mut actions = std::collections::BTreeSet::new();
        for line in include_str!("../../tests/data/wire/calls.txt").lines() {
            if line.starts_with('#') {
                continue;
            }
            let form = Form::decode(line.as_bytes()).unwrap();
            let action = form.first("Action").unwrap().to_owned();
            let mut sent = form.clone().into_pairs();
            let mut params = Params::new(form).unwrap();
            params.common(&action).unwrap();
            let read = call(&action, &mut params);
            let read = read.unwrap_or_else(|| panic!("no call: {line}"));
            let read = read.unwrap_or_else(|error| panic!("{line}: {error}"));
            params
                .finish()
                .unwrap_or_else(|error| panic!("{line}: {error}"));
            let mut written = read.parameters();
            written.push(("Action".to_owned(), read.action().to_owned()));
            sent.sort();
            written.sort();
            assert_eq!(written, sent, "{line}");
            actions.insert(action);
        }
        let known: Vec<_> = Call::ACTIONS
            .iter()
            .filter(|a| !actions.contains(**a))
            .collect();
        assert_eq!(known, Vec::<&&str>::new(), "no case for these");
    }
}
