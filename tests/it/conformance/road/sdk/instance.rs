//! Calls on instances.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, InstanceNetworkInterfaceSpecification, InstanceType,
};
use enipilot::ec2::call::{Answer, Call, ModifyInstance, Run, RunInterface};

use super::interface::private_ips;
use super::{dry_run, list, refusal, some, text, whole};
use crate::conformance::road::Refusal;

pub async fn change(client: &Client, call: &Call, dry: bool) -> Option<Result<Answer, Refusal>> {
    let dry = dry_run(dry);
    Some(match call {
        Call::RunInstances(call) => run(client, call, dry).await,
        Call::ModifyInstanceAttribute(call) => modify(client, call, dry).await,
        Call::StartInstances(call) => plain!(
            client
                .start_instances()
                .set_instance_ids(list(&call.instance_ids))
                .set_dry_run(dry)
        ),
        Call::StopInstances(call) => plain!(
            client
                .stop_instances()
                .set_instance_ids(list(&call.instance_ids))
                .set_force(call.force.then_some(true))
                .set_dry_run(dry)
        ),
        Call::RebootInstances(call) => plain!(
            client
                .reboot_instances()
                .set_instance_ids(list(&call.instance_ids))
                .set_dry_run(dry)
        ),
        Call::TerminateInstances(call) => plain!(
            client
                .terminate_instances()
                .set_instance_ids(list(&call.instance_ids))
                .set_dry_run(dry)
        ),
        _ => return None,
    })
}

async fn run(client: &Client, call: &Run, dry: Option<bool>) -> Result<Answer, Refusal> {
    let interfaces = call.network_interfaces.iter().map(interface);
    let given = !call.network_interfaces.is_empty();
    let request = client
        .run_instances()
        .set_image_id(text(&call.image_id))
        .set_instance_type(call.instance_type.as_deref().map(InstanceType::from))
        .min_count(whole(call.min_count))
        .max_count(whole(call.max_count))
        .set_subnet_id(text(&call.subnet_id))
        .set_security_group_ids(list(&call.security_group_ids))
        .set_private_ip_address(text(&call.private_ip_address))
        .set_network_interfaces(given.then(|| interfaces.collect()))
        .set_disable_api_termination(call.disable_api_termination.then_some(true))
        .set_client_token(text(&call.client_token))
        .set_dry_run(dry);
    let answer = request.send().await.map_err(refusal)?;
    let ids = answer.instances().iter().filter_map(|i| i.instance_id());
    Ok(Answer {
        instance_ids: ids.map(Into::into).collect(),
        ..Answer::default()
    })
}

fn interface(given: &RunInterface) -> InstanceNetworkInterfaceSpecification {
    InstanceNetworkInterfaceSpecification::builder()
        .set_network_interface_id(text(&given.network_interface_id))
        .set_device_index(given.device_index.map(whole))
        .set_network_card_index(given.network_card_index.map(whole))
        .set_subnet_id(text(&given.subnet_id))
        .set_groups(list(&given.groups))
        .set_private_ip_address(text(&given.private_ip_address))
        .set_private_ip_addresses(private_ips(&given.private_ip_addresses))
        .set_secondary_private_ip_address_count(some(given.secondary_private_ip_address_count))
        .set_interface_type(text(&given.interface_type))
        .set_delete_on_termination(given.delete_on_termination)
        .set_associate_public_ip_address(given.associate_public_ip_address)
        .build()
}

async fn modify(
    client: &Client,
    call: &ModifyInstance,
    dry: Option<bool>,
) -> Result<Answer, Refusal> {
    let kind = call.instance_type.as_deref();
    let kind = kind.map(|kind| AttributeValue::builder().value(kind).build());
    let flag = |on: Option<bool>| on.map(|on| AttributeBooleanValue::builder().value(on).build());
    plain!(
        client
            .modify_instance_attribute()
            .instance_id(call.instance_id.as_str())
            .set_instance_type(kind)
            .set_source_dest_check(flag(call.source_dest_check))
            .set_disable_api_termination(flag(call.disable_api_termination))
            .set_groups(call.groups.as_deref().and_then(list))
            .set_dry_run(dry)
    )
}
