//! What an action by hand is done to, and a call that stands for it.
//!
//! Invariant: what is asked here for every frame costs the same in a world of any size.

use crate::app::action::Action;
use crate::app::layer::HandAction;
use crate::app::model::Model;
use crate::app::tree::Node;
use crate::ec2::call::{
    Allocate, AssignPrivate, Attach, Call, Create, Delete, Detach, Disassociate, Instances, Modify,
    ModifyInstance, UnassignPrivate,
};
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId, SubnetId, VpcId};
use crate::ec2::resource::{InstanceState, Tag};
use crate::ec2::world::World;
use crate::rules;

/// What the action would be done to, or why there is nothing to do it to.
pub(super) fn target(model: &Model, action: Action) -> Result<HandAction, String> {
    let eni = || {
        let id = model.selected_eni().cloned();
        id.ok_or_else(|| "select a network interface first".to_owned())
    };
    let instance = || match model.selected() {
        Some(Node::Instance(id)) => Ok(id.clone()),
        _ => Err("select an instance first".to_owned()),
    };
    let ip = match model.selected() {
        Some(Node::Address(_, ip)) => Some(*ip),
        _ => None,
    };
    Ok(match action {
        Action::Attach => HandAction::Attach(eni()?),
        Action::Detach => HandAction::Detach(eni()?),
        Action::Delete => HandAction::Delete(eni()?),
        Action::Start => HandAction::Start(instance()?),
        Action::Stop => HandAction::Stop(instance()?),
        Action::Reboot => HandAction::Reboot(instance()?),
        Action::Terminate => HandAction::Terminate(instance()?),
        Action::Resize => HandAction::Resize(instance()?),
        Action::Launch => HandAction::Launch(eni()?, None),
        Action::Assign => HandAction::Assign(eni()?),
        Action::Unassign => HandAction::Unassign(eni()?, ip),
        Action::Associate => HandAction::Associate {
            eni: eni()?,
            ip,
            elastic: None,
        },
        Action::Disassociate => HandAction::Disassociate(eni()?),
        Action::Allocate => HandAction::Allocate,
        Action::Release => HandAction::Release,
        Action::Groups => {
            let id = eni()?;
            let eni = model.world.eni(&id).ok_or("it is gone")?;
            let groups = eni.groups.iter().map(|g| g.group_id.clone()).collect();
            HandAction::Groups(id, groups)
        }
        Action::SourceDestCheck => HandAction::SourceDestCheck(eni()?),
        Action::DeleteOnTermination => HandAction::DeleteOnTermination(eni()?),
        Action::CreateRoute => HandAction::CreateRoute(eni()?, None),
        Action::ReplaceRoute => HandAction::ReplaceRoute(eni()?),
        Action::DeleteRoute => HandAction::DeleteRoute(
            vpc(model).ok_or("select a VPC, or something in one")?,
            eni().ok(),
        ),
        _ => HandAction::Create(subnet(model).ok_or("select a subnet, or something in one")?),
    })
}

/// The subnet that is selected, or that holds what is selected.
fn subnet(model: &Model) -> Option<SubnetId> {
    let world = &model.world;
    match model.selected()? {
        Node::Vpc(_) => None,
        Node::Subnet(id) | Node::Unattached(id) | Node::Managed(id) => Some(id.clone()),
        Node::Instance(id) => world.instance(id).and_then(|i| i.subnet_id.clone()),
        Node::Eni(id) | Node::Address(id, _) => world.eni(id).map(|e| e.subnet_id.clone()),
    }
}

/// The VPC that is selected, or that holds what is selected.
fn vpc(model: &Model) -> Option<VpcId> {
    match model.selected()? {
        Node::Vpc(id) => Some(id.clone()),
        _ => {
            let subnet = subnet(model)?;
            model.world.subnet(&subnet).map(|s| s.vpc_id.clone())
        }
    }
}

/// A call that stands for the action, to ask the rules about; `None` when it depends on a choice
/// that is still to be made.
pub(crate) fn probe(model: &Model, action: Action) -> Result<Option<Call>, String> {
    let world = &model.world;
    let hand = target(model, action)?;
    match &hand {
        HandAction::Start(id) => Ok(Some(Call::StartInstances(Call::instances(id)))),
        HandAction::Stop(id) => Ok(Some(Call::StopInstances(Call::instances(id)))),
        HandAction::Reboot(id) => Ok(Some(Call::RebootInstances(Call::instances(id)))),
        HandAction::Terminate(id) => Ok(Some(Call::TerminateInstances(Call::instances(id)))),
        HandAction::Resize(id) => resize_probe(world, id).map(Some),
        HandAction::Create(id) => Ok(Some(create(id, ""))),
        HandAction::Allocate => Ok(Some(Call::AllocateAddress(Allocate::default()))),
        HandAction::Release => match world.addresses().next() {
            Some(_) => Ok(None),
            None => Err("the account has no Elastic IP".to_owned()),
        },
        HandAction::DeleteRoute(..)
        | HandAction::Mechanism(..)
        | HandAction::Accept(_)
        | HandAction::AcceptAgain(_)
        | HandAction::Answer(_) => Ok(None),
        HandAction::Attach(id)
        | HandAction::Detach(id)
        | HandAction::Delete(id)
        | HandAction::Launch(id, _)
        | HandAction::Assign(id)
        | HandAction::Unassign(id, _)
        | HandAction::Associate { eni: id, .. }
        | HandAction::Disassociate(id)
        | HandAction::Groups(id, _)
        | HandAction::SourceDestCheck(id)
        | HandAction::DeleteOnTermination(id)
        | HandAction::CreateRoute(id, _)
        | HandAction::ReplaceRoute(id) => {
            let eni = world.eni(id).ok_or("it is gone")?;
            interface_probe(world, eni, &hand)
        }
    }
}

fn interface_probe(world: &World, eni: &Eni, hand: &HandAction) -> Result<Option<Call>, String> {
    let id = || eni.id.clone();
    let modify = |modify: Modify| Some(Call::ModifyNetworkInterfaceAttribute(modify));
    Ok(match hand {
        HandAction::Attach(_) => {
            not_owned(eni)?;
            let holder = eni.instance_id();
            holder.map(|instance| attach(world, &eni.id, instance))
        }
        HandAction::Detach(_) => Some(detach(eni, false).ok_or("it is attached to nothing")?),
        HandAction::Delete(_) => Some(Call::DeleteNetworkInterface(Delete {
            network_interface_id: id(),
        })),
        HandAction::Launch(..) => Some(super::launch::run(&eni.id, super::launch::SMALL, "")),
        HandAction::Assign(_) => Some(Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: id(),
            secondary_private_ip_address_count: 1,
            ..AssignPrivate::default()
        })),
        HandAction::Unassign(_, ip) => {
            let secondary = eni.private_ip_addresses.iter().find(|a| !a.primary);
            let first = secondary.map(|a| a.private_ip_address);
            let ip = ip.or(first).ok_or("it has no secondary address")?;
            Some(Call::UnassignPrivateIpAddresses(UnassignPrivate {
                network_interface_id: id(),
                private_ip_addresses: vec![ip],
                ..UnassignPrivate::default()
            }))
        }
        HandAction::Disassociate(_) => {
            let elastic = eni.associations().find(|(_, a)| a.is_elastic());
            let (_, association) = elastic.ok_or("no Elastic IP is on it")?;
            Some(Call::DisassociateAddress(Disassociate {
                association_id: association.association_id.clone(),
                ..Disassociate::default()
            }))
        }
        HandAction::Groups(_, groups) => modify(Modify {
            network_interface_id: id(),
            groups: Some(groups.iter().cloned().collect()),
            ..Modify::default()
        }),
        HandAction::SourceDestCheck(_) => modify(Modify {
            network_interface_id: id(),
            source_dest_check: Some(!eni.source_dest_check),
            ..Modify::default()
        }),
        HandAction::DeleteOnTermination(_) => {
            let attachment = eni.attachment.as_ref().ok_or("it is attached to nothing")?;
            modify(Modify {
                network_interface_id: id(),
                delete_on_termination: Some((
                    attachment.attachment_id.clone(),
                    !attachment.delete_on_termination,
                )),
                ..Modify::default()
            })
        }
        _ => {
            not_owned(eni)?;
            None
        }
    })
}

fn not_owned(eni: &Eni) -> Result<(), String> {
    match rules::ownership::owner(eni) {
        None => Ok(()),
        Some(owner) => Err(format!(
            "{} (OperationNotPermitted).",
            owner.because.trim_end_matches('.')
        )),
    }
}

/// Its own type stands for any other one: EC2 looks at the state first.
fn resize_probe(world: &World, id: &InstanceId) -> Result<Call, String> {
    let instance = world.instance(id).ok_or("it is gone")?;
    Ok(resize(id, &instance.instance_type))
}

pub(super) fn resize(id: &InstanceId, kind: &str) -> Call {
    Call::ModifyInstanceAttribute(ModifyInstance {
        instance_id: id.clone(),
        instance_type: Some(kind.into()),
        ..ModifyInstance::default()
    })
}

/// Why EC2 would accept a call and change nothing: the instance is there already, or on its way.
pub(crate) fn idle(world: &World, call: &Call) -> Option<String> {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let state = |call: &Instances| {
        let instance = world.instance(call.instance_ids.first()?)?;
        Some(instance.state.clone())
    };
    let (state, states): (_, &[InstanceState]) = match call {
        Call::StartInstances(call) => (state(call)?, &[Pending, Running]),
        Call::StopInstances(call) => (state(call)?, &[Stopping, Stopped]),
        Call::TerminateInstances(call) => (state(call)?, &[ShuttingDown, Terminated]),
        _ => return None,
    };
    states
        .contains(&state)
        .then(|| format!("it is {state} already: EC2 would accept the call and do nothing"))
}

pub(super) fn attach(world: &World, eni: &EniId, instance: &InstanceId) -> Call {
    // Without a free slot EC2 refuses by its limit, whatever index is asked for.
    let (card, index) = rules::attach::free_slot(world, instance).unwrap_or_else(|| {
        let taken = world.enis_of(instance);
        let highest = taken.iter().filter_map(|e| e.attachment.as_ref());
        let next = highest.map(|a| a.device_index + 1).max();
        (0, next.unwrap_or(1))
    });
    Call::AttachNetworkInterface(Attach {
        network_interface_id: eni.clone(),
        instance_id: instance.clone(),
        device_index: index,
        network_card_index: card,
    })
}

pub(super) fn detach(eni: &Eni, force: bool) -> Option<Call> {
    eni.attachment.as_ref().map(|a| {
        Call::DetachNetworkInterface(Detach {
            attachment_id: a.attachment_id.clone(),
            force,
        })
    })
}

pub(super) fn create(subnet: &SubnetId, name: &str) -> Call {
    Call::CreateNetworkInterface(Create {
        subnet_id: Some(subnet.clone()),
        tags: named(name),
        ..Create::default()
    })
}

/// The tag `Name`, if there is a name.
pub(super) fn named(name: &str) -> Vec<Tag> {
    let name = name.trim();
    let tag = (!name.is_empty()).then(|| Tag::name(name));
    tag.into_iter().collect()
}
