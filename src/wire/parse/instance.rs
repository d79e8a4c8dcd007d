//! Calls on instances.

use super::super::params::{Params, missing};
use super::{private_ips, tags_of};
use crate::ec2::call::{Instances, ModifyInstance, Run, RunInterface};
use crate::ec2::error::ApiError;

/// `InstanceId.N`, and `Force` where the action knows it.
pub(super) fn some(p: &mut Params, may_force: bool) -> Result<Instances, ApiError> {
    let instance_ids: Vec<_> = p.ids("InstanceId")?;
    if instance_ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    let force = may_force && p.flag("Force")?.unwrap_or(false);
    Ok(Instances {
        instance_ids,
        force,
    })
}

pub(super) fn run(p: &mut Params) -> Result<Run, ApiError> {
    let mut interfaces = Vec::new();
    for mut member in p.members("NetworkInterface")? {
        interfaces.push(interface(&mut member)?);
        member.finish()?;
    }
    let [tags, interface_tags] = tags_of(p, ["instance", "network-interface"])?;
    Ok(Run {
        image_id: p.id("ImageId"),
        instance_type: p.id("InstanceType"),
        min_count: p.count("MinCount")?.ok_or_else(|| missing("MinCount"))?,
        max_count: p.count("MaxCount")?.ok_or_else(|| missing("MaxCount"))?,
        subnet_id: p.id("SubnetId"),
        security_group_ids: p.ids("SecurityGroupId")?,
        private_ip_address: p.ipv4("PrivateIpAddress")?,
        network_interfaces: interfaces,
        disable_api_termination: p.flag("DisableApiTermination")?.unwrap_or(false),
        tags,
        interface_tags,
        client_token: p.id("ClientToken"),
    })
}

fn interface(p: &mut Params) -> Result<RunInterface, ApiError> {
    Ok(RunInterface {
        network_interface_id: p.id("NetworkInterfaceId"),
        device_index: p.count("DeviceIndex")?,
        network_card_index: p.count("NetworkCardIndex")?,
        subnet_id: p.id("SubnetId"),
        description: p.take("Description").unwrap_or_default().into(),
        groups: p.ids("SecurityGroupId")?,
        private_ip_address: p.ipv4("PrivateIpAddress")?,
        private_ip_addresses: private_ips(p)?,
        secondary_private_ip_address_count: p.count("SecondaryPrivateIpAddressCount")?.unwrap_or(0),
        ipv6_address_count: p.count("Ipv6AddressCount")?,
        interface_type: p.id("InterfaceType"),
        delete_on_termination: p.flag("DeleteOnTermination")?,
        associate_public_ip_address: p.flag("AssociatePublicIpAddress")?,
    })
}

pub(super) fn modify(p: &mut Params) -> Result<ModifyInstance, ApiError> {
    let groups = p.ids("GroupId")?;
    Ok(ModifyInstance {
        instance_id: p.needed_id("InstanceId")?,
        instance_type: p.id("InstanceType.Value"),
        source_dest_check: p.flag("SourceDestCheck.Value")?,
        groups: (!groups.is_empty()).then_some(groups),
        disable_api_termination: p.flag("DisableApiTermination.Value")?,
    })
}
