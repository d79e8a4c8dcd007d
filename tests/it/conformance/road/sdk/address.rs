//! Calls on secondary addresses and on Elastic IPs.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::DomainType;
use enipilot::ec2::call::{Answer, AssignPrivate, Associate, Call};

use super::{dry_run, id, list, refusal, some, text};
use crate::conformance::road::Refusal;

pub async fn change(client: &Client, call: &Call, dry: bool) -> Option<Result<Answer, Refusal>> {
    let dry = dry_run(dry);
    Some(match call {
        Call::AssignPrivateIpAddresses(call) => assign(client, call).await,
        Call::AssociateAddress(call) => associate(client, call, dry).await,
        Call::UnassignPrivateIpAddresses(call) => plain!(
            client
                .unassign_private_ip_addresses()
                .network_interface_id(call.network_interface_id.as_str())
                .set_private_ip_addresses(list(&call.private_ip_addresses))
                .set_ipv4_prefixes(list(&call.ipv4_prefixes))
        ),
        Call::AssignIpv6Addresses(call) => plain!(
            client
                .assign_ipv6_addresses()
                .network_interface_id(call.network_interface_id.as_str())
                .set_ipv6_addresses(list(&call.ipv6_addresses))
                .set_ipv6_address_count(some(call.ipv6_address_count))
        ),
        Call::AllocateAddress(call) => {
            let request = client
                .allocate_address()
                .set_domain(call.domain.as_deref().map(DomainType::from))
                .set_dry_run(dry);
            request.send().await.map_err(refusal).map(|answer| Answer {
                allocation_id: id(answer.allocation_id()),
                public_ip: answer.public_ip().and_then(|ip| ip.parse().ok()),
                ..Answer::default()
            })
        }
        Call::DisassociateAddress(call) => plain!(
            client
                .disassociate_address()
                .set_association_id(text(&call.association_id))
                .set_public_ip(text(&call.public_ip))
                .set_dry_run(dry)
        ),
        Call::ReleaseAddress(call) => plain!(
            client
                .release_address()
                .set_allocation_id(text(&call.allocation_id))
                .set_public_ip(text(&call.public_ip))
                .set_dry_run(dry)
        ),
        _ => return None,
    })
}

async fn assign(client: &Client, call: &AssignPrivate) -> Result<Answer, Refusal> {
    let request = client
        .assign_private_ip_addresses()
        .network_interface_id(call.network_interface_id.as_str())
        .set_private_ip_addresses(list(&call.private_ip_addresses))
        .set_secondary_private_ip_address_count(some(call.secondary_private_ip_address_count))
        .set_ipv4_prefixes(list(&call.ipv4_prefixes))
        .set_ipv4_prefix_count(some(call.ipv4_prefix_count))
        .set_allow_reassignment(call.allow_reassignment.then_some(true));
    let answer = request.send().await.map_err(refusal)?;
    let assigned = answer.assigned_private_ip_addresses().iter();
    let assigned = assigned.filter_map(|ip| ip.private_ip_address()?.parse().ok());
    Ok(Answer {
        assigned_private_ip_addresses: assigned.collect(),
        ..Answer::default()
    })
}

async fn associate(
    client: &Client,
    call: &Associate,
    dry: Option<bool>,
) -> Result<Answer, Refusal> {
    let request = client
        .associate_address()
        .set_allocation_id(text(&call.allocation_id))
        .set_public_ip(text(&call.public_ip))
        .set_instance_id(text(&call.instance_id))
        .set_network_interface_id(text(&call.network_interface_id))
        .set_private_ip_address(text(&call.private_ip_address))
        .set_allow_reassociation(call.allow_reassociation)
        .set_dry_run(dry);
    let answer = request.send().await.map_err(refusal)?;
    Ok(Answer {
        association_id: id(answer.association_id()),
        ..Answer::default()
    })
}
