//! Calls on one interface.

use super::super::params::{Params, address, missing};
use super::{private_ips, tags, tracking};
use crate::ec2::call::{Attach, Create, Delete, Detach, Modify, Reset};
use crate::ec2::error::ApiError;

pub(super) fn attach(p: &mut Params) -> Result<Attach, ApiError> {
    Ok(Attach {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        instance_id: p.needed_id("InstanceId")?,
        device_index: p
            .count("DeviceIndex")?
            .ok_or_else(|| missing("DeviceIndex"))?,
        network_card_index: p.count("NetworkCardIndex")?.unwrap_or(0),
    })
}

pub(super) fn detach(p: &mut Params) -> Result<Detach, ApiError> {
    Ok(Detach {
        attachment_id: p.needed_id("AttachmentId")?,
        force: p.flag("Force")?.unwrap_or(false),
    })
}

pub(super) fn delete(p: &mut Params) -> Result<Delete, ApiError> {
    Ok(Delete {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
    })
}

pub(super) fn modify(p: &mut Params) -> Result<Modify, ApiError> {
    let network_interface_id = p.needed_id("NetworkInterfaceId")?;
    let attachment = p.take("Attachment.AttachmentId");
    let on = p.flag("Attachment.DeleteOnTermination")?;
    let delete_on_termination = match (attachment, on) {
        (Some(attachment), Some(on)) => Some((attachment.into(), on)),
        (None, None) => None,
        (Some(_), None) => return Err(missing("Attachment.DeleteOnTermination")),
        (None, Some(_)) => return Err(missing("Attachment.AttachmentId")),
    };
    let groups = p.ids("SecurityGroupId")?;
    Ok(Modify {
        network_interface_id,
        delete_on_termination,
        source_dest_check: p.flag("SourceDestCheck.Value")?,
        description: p.take("Description.Value").map(Into::into),
        groups: (!groups.is_empty()).then_some(groups),
        enable_primary_ipv6: p.flag("EnablePrimaryIpv6")?,
        connection_tracking_specification: tracking(p)?,
        associate_public_ip_address: p.flag("AssociatePublicIpAddress")?,
    })
}

pub(super) fn reset(p: &mut Params) -> Result<Reset, ApiError> {
    Ok(Reset {
        network_interface_id: p.needed_id("NetworkInterfaceId")?,
        source_dest_check: p.take("SourceDestCheck").map(Into::into),
    })
}

pub(super) fn create(p: &mut Params) -> Result<Create, ApiError> {
    let texts = |all: Vec<String>| all.into_iter().map(Into::into).collect();
    let ipv6 = p.nested("Ipv6Addresses", "Ipv6Address")?;
    Ok(Create {
        subnet_id: p.id("SubnetId"),
        description: p.take("Description").unwrap_or_default().into(),
        private_ip_address: p.ipv4("PrivateIpAddress")?,
        private_ip_addresses: private_ips(p)?,
        secondary_private_ip_address_count: p.count("SecondaryPrivateIpAddressCount")?.unwrap_or(0),
        ipv4_prefixes: texts(p.nested("Ipv4Prefix", "Ipv4Prefix")?),
        ipv4_prefix_count: p.count("Ipv4PrefixCount")?.unwrap_or(0),
        ipv6_addresses: ipv6
            .iter()
            .map(|ip| address(ip))
            .collect::<Result<_, _>>()?,
        ipv6_address_count: p.count("Ipv6AddressCount")?,
        ipv6_prefixes: texts(p.nested("Ipv6Prefix", "Ipv6Prefix")?),
        ipv6_prefix_count: p.count("Ipv6PrefixCount")?.unwrap_or(0),
        enable_primary_ipv6: p.flag("EnablePrimaryIpv6")?.unwrap_or(false),
        interface_type: p.id("InterfaceType"),
        groups: p.ids("SecurityGroupId")?,
        connection_tracking_specification: tracking(p)?,
        tags: tags(p, "network-interface")?,
        client_token: p.id("ClientToken"),
    })
}
