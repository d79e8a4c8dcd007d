//! Elastic IPs.
//!
//! Invariant: an Elastic IP that is taken away stays allocated; the association is over, and the
//! next one has a new id.

use super::{Effect, Mint, instance};
use crate::ec2::call::{Allocate, Answer, Associate, Disassociate, Release};
use crate::ec2::change::Change;
use crate::ec2::id::{AllocationId, AssociationId};
use crate::ec2::resource::Address;
use crate::ec2::world::World;
use crate::rules::elastic;

/// A new address of Amazon's pool, associated with nothing.
pub fn allocate(call: &Allocate, mint: &mut dyn Mint) -> Effect {
    let id = AllocationId::new(mint.id(AllocationId::PREFIX));
    let public_ip = mint.public_ip();
    let address = Address {
        id: id.clone(),
        public_ip,
        association_id: None,
        network_interface_id: None,
        instance_id: None,
        private_ip_address: None,
        tags: call.tags.clone(),
    };
    Effect {
        answer: Answer {
            allocation_id: Some(id.clone()),
            public_ip: Some(public_ip),
            ..Answer::default()
        },
        at_once: vec![Change::Address(id, Some(Box::new(address)))],
        under_way: Vec::new(),
    }
}

/// The Elastic IP leaves where it was, and what was on the target leaves that.
pub fn associate(world: &World, call: &Associate, mint: &mut dyn Mint) -> Effect {
    let mut effect = Effect::default();
    let Ok(place) = elastic::place(world, call) else {
        return effect;
    };
    let (eni, address) = (place.eni, place.address);
    let there = address.network_interface_id.as_ref() == Some(&eni.id)
        && address.private_ip_address == Some(place.private_ip);
    if there {
        effect.answer.association_id = address.association_id.clone();
        return effect;
    }
    if address.association_id.is_some() {
        let change = Change::AddressFreed(address.id.clone());
        effect.at_once.push(change);
        let left = instance::public_ip_again(world, address, Some(&eni.id), mint);
        effect.at_once.extend(left);
    }
    let mut on = eni.private_ip_addresses.iter();
    let target = on.find(|ip| ip.private_ip_address == place.private_ip);
    let pushed_off = target
        .and_then(|ip| ip.association.as_ref())
        .and_then(|a| a.allocation_id.clone());
    let pushed_off = pushed_off.filter(|id| *id != address.id);
    effect.at_once.extend(pushed_off.map(Change::AddressFreed));
    let association = AssociationId::new(mint.id(AssociationId::PREFIX));
    effect.at_once.push(Change::AddressAssociated {
        address: address.id.clone(),
        association: association.clone(),
        eni: eni.id.clone(),
        private_ip: place.private_ip,
        instance: eni.instance_id().cloned(),
    });
    effect.answer.association_id = Some(association);
    effect
}

/// The association is over; an instance with a single interface may get an automatic public
/// address instead.
pub fn disassociate(world: &World, call: &Disassociate, mint: &mut dyn Mint) -> Effect {
    let id = call.association_id.as_ref();
    let address = id.and_then(|id| world.address_of_association(id));
    let mut effect = Effect::default();
    if let Some(address) = address {
        let change = Change::AddressFreed(address.id.clone());
        effect.at_once.push(change);
        let again = instance::public_ip_again(world, address, None, mint);
        effect.at_once.extend(again);
    }
    effect
}

/// The address goes back to Amazon; in a default VPC it is disassociated on the way.
pub fn release(world: &World, call: &Release) -> Effect {
    let mut effect = Effect::default();
    let id = call.allocation_id.as_ref();
    if let Some(address) = id.and_then(|id| world.address(id)) {
        if address.association_id.is_some() {
            let change = Change::AddressFreed(address.id.clone());
            effect.at_once.push(change);
        }
        let change = Change::Address(address.id.clone(), None);
        effect.at_once.push(change);
    }
    effect
}
