//! Actions that change something: from parameters to a [`Call`], and from its answer to XML.
//!
//! Invariants: a call is made of exactly what was sent; `DryRun` never reaches [`Sim::call`].

use super::describe::{write_eni, write_state};
use super::params::{Params, invalid_value};
use super::xml::Xml;
use crate::ec2::call::{Answer, Attach, Call, Create, Delete, Detach, Instances, Modify};
use crate::ec2::error::ApiError;
use crate::ec2::id::{InstanceId, Str};
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;
use crate::sim::Sim;

/// Makes a call; `None` if the action is not one that changes something.
pub(super) fn action(
    sim: &mut Sim,
    action: &str,
    params: &mut Params,
) -> Option<Result<Xml, ApiError>> {
    let parse = match action {
        "AttachNetworkInterface" => attach,
        "CreateNetworkInterface" => create,
        "DeleteNetworkInterface" => delete,
        "DetachNetworkInterface" => detach,
        "ModifyNetworkInterfaceAttribute" => modify,
        "StartInstances" => start,
        "StopInstances" => stop,
        "TerminateInstances" => terminate,
        _ => return None,
    };
    Some(made(sim, params, parse))
}

type Parse = fn(&mut Params) -> Result<Call, ApiError>;

fn made(sim: &mut Sim, params: &mut Params, parse: Parse) -> Result<Xml, ApiError> {
    let dry_run = params.flag("DryRun")?.unwrap_or(false);
    let token: Option<Str> = params.take("ClientToken").map(Into::into);
    let call = parse(params)?;
    params.finish()?;
    if dry_run {
        return Err(sim.dry_run(&call));
    }
    let before = sim.world();
    let answer = sim.call(&call)?;
    let xml = reply(&before, &sim.world(), &call, &answer, token.as_ref());
    Ok(xml.with_request_id(answer.request_id))
}

fn reply(before: &World, after: &World, call: &Call, answer: &Answer, token: Option<&Str>) -> Xml {
    match call {
        Call::AttachNetworkInterface(c) => {
            let mut xml = Xml::ec2(call.action());
            xml.maybe("attachmentId", answer.attachment_id.as_ref());
            xml.text("networkCardIndex", c.network_card_index);
            xml
        }
        Call::CreateNetworkInterface(_) => {
            let mut xml = Xml::ec2(call.action());
            let id = answer.network_interface_id.as_ref();
            if let Some(eni) = id.and_then(|id| after.eni(id)) {
                xml.within("networkInterface", |x| write_eni(x, eni));
            }
            xml.maybe("clientToken", token);
            xml
        }
        Call::StartInstances(c) | Call::StopInstances(c) | Call::TerminateInstances(c) => {
            let mut xml = Xml::ec2(call.action());
            let state = |world: &World, id: &InstanceId| {
                let instance = world.instance(id);
                instance.map_or(InstanceState::Terminated, |i| i.state.clone())
            };
            xml.list("instancesSet", &c.instance_ids, |x, id| {
                x.text("instanceId", id);
                write_state(x, "currentState", &state(after, id));
                write_state(x, "previousState", &state(before, id));
            });
            xml
        }
        Call::DetachNetworkInterface(_)
        | Call::DeleteNetworkInterface(_)
        | Call::ModifyNetworkInterfaceAttribute(_) => Xml::done(call.action()),
    }
}

fn attach(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::AttachNetworkInterface(Attach {
        network_interface_id: p.needed("NetworkInterfaceId")?.into(),
        instance_id: p.needed("InstanceId")?.into(),
        device_index: p
            .count("DeviceIndex")?
            .ok_or_else(|| super::params::missing("DeviceIndex"))?,
        network_card_index: p.count("NetworkCardIndex")?.unwrap_or(0),
    }))
}

fn detach(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::DetachNetworkInterface(Detach {
        attachment_id: p.needed("AttachmentId")?.into(),
        force: p.flag("Force")?.unwrap_or(false),
    }))
}

fn delete(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::DeleteNetworkInterface(Delete {
        network_interface_id: p.needed("NetworkInterfaceId")?.into(),
    }))
}

fn modify(p: &mut Params) -> Result<Call, ApiError> {
    let attachment = p.take("Attachment.AttachmentId");
    let on = p.flag("Attachment.DeleteOnTermination")?;
    let delete_on_termination = match (attachment, on) {
        (Some(attachment), Some(on)) => Some((attachment.into(), on)),
        (None, None) => None,
        (Some(_), None) => {
            return Err(super::params::missing("Attachment.DeleteOnTermination"));
        }
        (None, Some(_)) => return Err(super::params::missing("Attachment.AttachmentId")),
    };
    Ok(Call::ModifyNetworkInterfaceAttribute(Modify {
        network_interface_id: p.needed("NetworkInterfaceId")?.into(),
        delete_on_termination,
        source_dest_check: p.flag("SourceDestCheck.Value")?,
        description: p.take("Description.Value").map(Into::into),
    }))
}

fn create(p: &mut Params) -> Result<Call, ApiError> {
    let mut primary = p.ipv4("PrivateIpAddress")?;
    for mut member in p.members("PrivateIpAddresses")? {
        let ip = member.needed("PrivateIpAddress")?;
        let is_primary = member.flag("Primary")?.unwrap_or(false);
        member.finish()?;
        // The model of a creation has its further addresses chosen by EC2.
        if !is_primary || primary.is_some() {
            return Err(unsupported("further private addresses by name"));
        }
        let bad = |_| invalid_value("PrivateIpAddress", &ip, "Expecting an IPv4 address.");
        primary = Some(ip.parse().map_err(bad)?);
    }
    let name = tag_specification(p)?;
    Ok(Call::CreateNetworkInterface(Create {
        subnet_id: p
            .take("SubnetId")
            .filter(|id| !id.is_empty())
            .map(Into::into),
        description: p.take("Description").unwrap_or_default().into(),
        private_ip_address: primary,
        secondary_private_ip_address_count: p.count("SecondaryPrivateIpAddressCount")?.unwrap_or(0),
        groups: p
            .list("SecurityGroupId")?
            .into_iter()
            .map(Into::into)
            .collect(),
        name,
    }))
}

/// `TagSpecification.N`: only the tag `Name` can be given to a new interface.
fn tag_specification(p: &mut Params) -> Result<Option<Str>, ApiError> {
    let mut name = None;
    for mut specification in p.members("TagSpecification")? {
        let kind = specification.needed("ResourceType")?;
        if kind != "network-interface" {
            let message =
                format!("'{kind}' is not a valid taggable resource type for this operation.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        for mut tag in specification.members("Tag")? {
            let key = tag.needed("Key")?;
            let value = tag.take("Value").unwrap_or_default();
            tag.finish()?;
            if key != "Name" {
                return Err(unsupported("tags other than Name"));
            }
            name = Some(value.into());
        }
        specification.finish()?;
    }
    Ok(name)
}

fn unsupported(what: &str) -> ApiError {
    let message = format!("This simulator does not create network interfaces with {what}.");
    ApiError::new("UnsupportedOperation", message)
}

fn instances(p: &mut Params) -> Result<Vec<InstanceId>, ApiError> {
    let ids = p.list("InstanceId")?;
    if ids.is_empty() {
        return Err(super::params::missing("InstanceId"));
    }
    Ok(ids.into_iter().map(Into::into).collect())
}

fn start(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::StartInstances(Instances {
        instance_ids: instances(p)?,
        force: false,
    }))
}

fn stop(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::StopInstances(Instances {
        instance_ids: instances(p)?,
        force: p.flag("Force")?.unwrap_or(false),
    }))
}

fn terminate(p: &mut Params) -> Result<Call, ApiError> {
    Ok(Call::TerminateInstances(Instances {
        instance_ids: instances(p)?,
        force: false,
    }))
}
