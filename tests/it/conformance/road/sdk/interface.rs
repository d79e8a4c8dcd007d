//! Calls on one interface.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, NetworkInterfaceAttachmentChanges,
    NetworkInterfaceCreationType, PrivateIpAddressSpecification, ResourceType,
};
use enipilot::ec2::call::{Answer, Attach, Call, Create, Modify, PrivateIpSpecification};

use super::{dry_run, id, list, refusal, some, tags, text, whole};
use crate::conformance::road::Refusal;

pub async fn change(client: &Client, call: &Call, dry: bool) -> Option<Result<Answer, Refusal>> {
    let dry = dry_run(dry);
    Some(match call {
        Call::AttachNetworkInterface(call) => attach(client, call, dry).await,
        Call::CreateNetworkInterface(call) => create(client, call, dry).await,
        Call::ModifyNetworkInterfaceAttribute(call) => modify(client, call, dry).await,
        Call::DetachNetworkInterface(call) => plain!(
            client
                .detach_network_interface()
                .attachment_id(call.attachment_id.as_str())
                .set_force(call.force.then_some(true))
                .set_dry_run(dry)
        ),
        Call::ResetNetworkInterfaceAttribute(call) => plain!(
            client
                .reset_network_interface_attribute()
                .network_interface_id(call.network_interface_id.as_str())
                .set_source_dest_check(text(&call.source_dest_check))
                .set_dry_run(dry)
        ),
        Call::DeleteNetworkInterface(call) => plain!(
            client
                .delete_network_interface()
                .network_interface_id(call.network_interface_id.as_str())
                .set_dry_run(dry)
        ),
        _ => return None,
    })
}

async fn attach(client: &Client, call: &Attach, dry: Option<bool>) -> Result<Answer, Refusal> {
    let request = client
        .attach_network_interface()
        .network_interface_id(call.network_interface_id.as_str())
        .instance_id(call.instance_id.as_str())
        .device_index(whole(call.device_index))
        .network_card_index(whole(call.network_card_index))
        .set_dry_run(dry);
    let answer = request.send().await.map_err(refusal)?;
    Ok(Answer {
        attachment_id: id(answer.attachment_id()),
        ..Answer::default()
    })
}

pub fn private_ips(given: &[PrivateIpSpecification]) -> Option<Vec<PrivateIpAddressSpecification>> {
    let all = given.iter().map(|ip| {
        PrivateIpAddressSpecification::builder()
            .private_ip_address(ip.private_ip_address.to_string())
            .primary(ip.primary)
            .build()
    });
    (!given.is_empty()).then(|| all.collect())
}

async fn create(client: &Client, call: &Create, dry: Option<bool>) -> Result<Answer, Refusal> {
    let kind = call.interface_type.as_deref();
    let description = (!call.description.is_empty()).then(|| call.description.to_string());
    let request = client
        .create_network_interface()
        .set_subnet_id(text(&call.subnet_id))
        .set_description(description)
        .set_private_ip_address(text(&call.private_ip_address))
        .set_private_ip_addresses(private_ips(&call.private_ip_addresses))
        .set_secondary_private_ip_address_count(some(call.secondary_private_ip_address_count))
        .set_ipv4_prefix_count(some(call.ipv4_prefix_count))
        .set_ipv6_address_count(call.ipv6_address_count.map(whole))
        .set_interface_type(kind.map(NetworkInterfaceCreationType::from))
        .set_groups(list(&call.groups))
        .set_tag_specifications(tags(ResourceType::NetworkInterface, &call.tags))
        .set_client_token(text(&call.client_token))
        .set_dry_run(dry);
    let answer = request.send().await.map_err(refusal)?;
    let eni = answer.network_interface();
    Ok(Answer {
        network_interface_id: id(eni.and_then(|e| e.network_interface_id())),
        ..Answer::default()
    })
}

async fn modify(client: &Client, call: &Modify, dry: Option<bool>) -> Result<Answer, Refusal> {
    let attachment = call.delete_on_termination.as_ref().map(|(id, on)| {
        NetworkInterfaceAttachmentChanges::builder()
            .attachment_id(id.as_str())
            .delete_on_termination(*on)
            .build()
    });
    let check = call.source_dest_check;
    let check = check.map(|on| AttributeBooleanValue::builder().value(on).build());
    let description = call.description.as_deref();
    let description = description.map(|text| AttributeValue::builder().value(text).build());
    plain!(
        client
            .modify_network_interface_attribute()
            .network_interface_id(call.network_interface_id.as_str())
            .set_attachment(attachment)
            .set_source_dest_check(check)
            .set_description(description)
            .set_groups(call.groups.as_deref().and_then(list))
            .set_dry_run(dry)
    )
}
