//! Launching instances.
//!
//! Invariants: new interfaces go with their instance unless the call says otherwise, existing ones
//! stay; every instance of one call gets addresses of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::{Effect, Mint, Transition, interface, routes};
use crate::ec2::call::{Call, Run, RunInterface};
use crate::ec2::change::Change;
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus};
use crate::ec2::id::{AttachmentId, InstanceId, SubnetId};
use crate::ec2::resource::{CheckStatus, Instance, InstanceState};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::wanted::{Wanted, Wanted6};
use crate::rules::{launch, token};

/// Addresses that this call has given away already, by subnet.
type SpokenFor = BTreeMap<SubnetId, BTreeSet<Ipv4Addr>>;

/// As many pending instances as are asked for, their interfaces attaching.
pub fn run(world: &World, call: &Run, mint: &mut dyn Mint, now: Time) -> Effect {
    let mut effect = Effect::default();
    if let Some(answer) = token::answered(world, call.client_token.as_ref()) {
        effect.answer = answer;
        return effect;
    }
    let mut spoken_for = SpokenFor::new();
    for _ in 0..call.max_count {
        one(world, call, &mut spoken_for, mint, now, &mut effect);
    }
    effect.answer.client_token = call.client_token.clone();
    effect.at_once.extend(interface::token_used(
        call.client_token.as_ref(),
        || Call::RunInstances(call.clone()),
        &effect.answer,
    ));
    effect
}

fn one(
    world: &World,
    call: &Run,
    spoken_for: &mut SpokenFor,
    mint: &mut dyn Mint,
    now: Time,
    effect: &mut Effect,
) {
    let id = InstanceId::new(mint.id(InstanceId::PREFIX));
    let interfaces = launch::interfaces(call);
    let primary = interfaces
        .iter()
        .find(|i| i.device_index == Some(0) && i.network_card_index.is_none_or(|card| card == 0));
    let subnet = primary
        .and_then(|i| launch::subnet_of(world, i))
        .and_then(|id| world.subnet(&id));
    let Some(subnet) = subnet else { return };
    let kind = call
        .instance_type
        .as_deref()
        .unwrap_or(launch::DEFAULT_TYPE);
    let instance = Instance {
        id: id.clone(),
        instance_type: kind.into(),
        state: InstanceState::Pending,
        system_status: CheckStatus::NotApplicable,
        instance_status: CheckStatus::NotApplicable,
        availability_zone: subnet.availability_zone.clone(),
        subnet_id: Some(subnet.id.clone()),
        vpc_id: Some(subnet.vpc_id.clone()),
        owner_id: world.account.clone(),
        launch_time: Some(now),
        disable_api_termination: call.disable_api_termination,
        instance_lifecycle: None,
        tags: call.tags.clone(),
    };
    effect
        .at_once
        .push(Change::InstanceCreated(Box::new(instance)));
    effect.under_way.push(Transition::Running(id.clone()));
    let single = interfaces.len() == 1;
    for interface in &interfaces {
        let attachment = attachment(world, &id, interface, mint, now);
        let attachment_id = attachment.attachment_id.clone();
        let eni = match &interface.network_interface_id {
            Some(eni) => {
                effect.at_once.extend([
                    Change::EniStatus(eni.clone(), EniStatus::InUse),
                    Change::Attachment(eni.clone(), Some(Box::new(attachment))),
                ]);
                effect.under_way.extend(routes::will_follow(world, eni));
                eni.clone()
            }
            None => {
                let Some(mut eni) = new_interface(world, call, interface, spoken_for, mint) else {
                    continue;
                };
                eni.status = EniStatus::InUse;
                eni.attachment = Some(attachment);
                eni.associate_public_ip_address = interface.associate_public_ip_address;
                let subnet = world.subnet(&eni.subnet_id);
                let wants = interface.associate_public_ip_address;
                let public = wants.unwrap_or(subnet.is_some_and(|s| s.map_public_ip_on_launch));
                let eni_id = eni.id.clone();
                effect.at_once.push(Change::EniCreated(Box::new(eni)));
                if public && single {
                    let change = Change::PublicIpAssigned(eni_id.clone(), mint.public_ip());
                    effect.at_once.push(change);
                }
                eni_id
            }
        };
        effect
            .under_way
            .push(Transition::Attached(eni, attachment_id));
    }
    effect.answer.instance_ids.push(id);
}

fn attachment(
    world: &World,
    id: &InstanceId,
    interface: &RunInterface,
    mint: &mut dyn Mint,
    now: Time,
) -> Attachment {
    let new = interface.network_interface_id.is_none();
    Attachment {
        attachment_id: AttachmentId::new(mint.id(AttachmentId::PREFIX)),
        status: AttachmentStatus::Attaching,
        device_index: interface.device_index.unwrap_or(0),
        network_card_index: interface.network_card_index.unwrap_or(0),
        instance_id: Some(id.clone()),
        instance_owner_id: Some(world.account.clone()),
        delete_on_termination: interface.delete_on_termination.unwrap_or(new),
        attach_time: Some(now),
        ena_srd_specification: None,
        ena_queue_count: None,
    }
}

fn new_interface(
    world: &World,
    call: &Run,
    interface: &RunInterface,
    spoken_for: &mut SpokenFor,
    mint: &mut dyn Mint,
) -> Option<Eni> {
    let subnet = launch::subnet(world, interface).ok()?;
    let wanted = Wanted::of_launch(interface).ok()?;
    let wanted6 = Wanted6::of_launch(interface, subnet).ok()?;
    let spoken_for = spoken_for.entry(subnet.id.clone()).or_default();
    let chosen = wanted.choose(world, subnet, spoken_for);
    spoken_for.extend(&chosen.ips);
    // Interfaces of one call begin at hosts of their own, so that they do not meet.
    let host = if wanted6.more > 0 {
        mint.ipv6_host()
    } else {
        0
    };
    let new = interface::New {
        description: interface.description.clone(),
        interface_type: interface.interface_type.as_ref(),
        groups: (!interface.groups.is_empty()).then_some(&interface.groups),
        chosen,
        ipv6: wanted6.choose(world, subnet, host),
        primary_ipv6: false,
        tags: call.interface_tags.clone(),
    };
    Some(interface::made(world, subnet, new, mint))
}
