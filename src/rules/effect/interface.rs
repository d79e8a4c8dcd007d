//! Attaching, detaching, creating, changing and deleting interfaces.
//!
//! Invariants: `Status` is `in-use` from the moment an attach is accepted until a detach has ended,
//! the moving part is `Attachment.Status`; everything that belongs to the attachment (id, time,
//! index, `DeleteOnTermination`) begins anew with every attach, everything else travels.

use super::{Effect, Mint, Settled, Transition, routes};
use crate::ec2::call::{Answer, Attach, Create, Delete, Detach, Modify};
use crate::ec2::change::Change;
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus, GroupRef, PrivateIp};
use crate::ec2::id::{AttachmentId, EniId, InstanceId, Str, SubnetId, VpcId};
use crate::ec2::resource::InstanceState;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::addresses;

/// Hot attach goes through `attaching`; a stopped instance has no guest to wait for.
pub fn attach(world: &World, call: &Attach, mint: &mut dyn Mint, now: Time) -> Effect {
    let eni = &call.network_interface_id;
    let instance = world.instance(&call.instance_id);
    let cold = instance.is_some_and(|i| i.state == InstanceState::Stopped);
    let owner = instance
        .map(|i| i.owner_id.clone())
        .filter(|owner| !owner.is_empty())
        .unwrap_or_else(|| world.account.clone());
    let id = AttachmentId::new(mint.id(AttachmentId::PREFIX));
    let attachment = Attachment {
        attachment_id: id.clone(),
        status: if cold {
            AttachmentStatus::Attached
        } else {
            AttachmentStatus::Attaching
        },
        device_index: call.device_index,
        network_card_index: call.network_card_index,
        instance_id: Some(call.instance_id.clone()),
        instance_owner_id: Some(owner),
        delete_on_termination: false,
        attach_time: Some(now),
        ena_srd_specification: None,
        ena_queue_count: None,
    };
    let mut at_once = vec![
        Change::EniStatus(eni.clone(), EniStatus::InUse),
        Change::Attachment(eni.clone(), Some(Box::new(attachment))),
    ];
    let mut under_way = Vec::new();
    if cold {
        at_once.extend(elastic_ips_follow(world, eni, Some(&call.instance_id)));
        under_way.extend(routes::will_follow(world, eni));
    } else {
        under_way.push(Transition::Attached(eni.clone(), id.clone()));
    }
    Effect {
        answer: Answer {
            attachment_id: Some(id),
            ..Answer::default()
        },
        at_once,
        under_way,
    }
}

/// The attachment shows as detaching and stays in use until the guest has let go. A second detach
/// of the same attachment changes nothing, unless it forces.
pub fn detach(world: &World, call: &Detach) -> Effect {
    let mut effect = Effect::default();
    let Some(eni) = world.eni_of_attachment(&call.attachment_id) else {
        return effect;
    };
    let status = eni.attachment.as_ref().map(|a| &a.status);
    let again = status == Some(&AttachmentStatus::Detaching);
    if !again {
        let change = Change::AttachmentStatus(eni.id.clone(), AttachmentStatus::Detaching);
        effect.at_once.push(change);
    }
    if !again || call.force {
        let id = call.attachment_id.clone();
        let end = Transition::Detached(eni.id.clone(), id, call.force);
        effect.under_way.push(end);
    }
    effect
}

/// Each attribute that the call names.
pub fn modify(call: &Modify) -> Effect {
    let eni = &call.network_interface_id;
    let mut at_once = Vec::new();
    if let Some((_, on)) = &call.delete_on_termination {
        at_once.push(Change::DeleteOnTermination(eni.clone(), *on));
    }
    if let Some(on) = call.source_dest_check {
        at_once.push(Change::SourceDestCheck(eni.clone(), on));
    }
    if let Some(text) = &call.description {
        at_once.push(Change::Description(eni.clone(), text.clone()));
    }
    Effect {
        at_once,
        ..Effect::default()
    }
}

/// A pending interface with the address asked for or the lowest free ones, in the groups asked for
/// or the VPC's default one.
pub fn create(world: &World, call: &Create, mint: &mut dyn Mint) -> Effect {
    let Some(subnet) = call.subnet_id.as_ref().and_then(|id| world.subnet(id)) else {
        return Effect::default();
    };
    let id = EniId::new(mint.id(EniId::PREFIX));
    let names = has_dns_names(world, &subnet.id);
    let dns_name = |ip| names.then(|| addresses::private_dns_name(&world.region, ip));
    let chosen = addresses::choose(
        world,
        subnet,
        call.private_ip_address,
        call.secondary_private_ip_address_count,
    );
    let private_ip_addresses: Vec<_> = chosen
        .into_iter()
        .enumerate()
        .map(|(n, ip)| PrivateIp {
            private_ip_address: ip,
            primary: n == 0,
            private_dns_name: dns_name(ip),
            association: None,
        })
        .collect();
    let owner = if world.account.is_empty() {
        &subnet.owner_id
    } else {
        &world.account
    };
    let eni = Eni {
        id: id.clone(),
        subnet_id: subnet.id.clone(),
        vpc_id: subnet.vpc_id.clone(),
        availability_zone: subnet.availability_zone.clone(),
        availability_zone_id: subnet.availability_zone_id.clone(),
        description: call.description.clone(),
        owner_id: owner.clone(),
        requester_id: None,
        requester_managed: false,
        operator: None,
        status: EniStatus::Pending,
        mac_address: mint.mac().into(),
        private_dns_name: private_ip_addresses
            .first()
            .and_then(|ip| ip.private_dns_name.clone()),
        public_dns_name: None,
        public_ip_dns_name_options: None,
        private_ip_addresses,
        ipv6_addresses: Vec::new(),
        ipv4_prefixes: Vec::new(),
        ipv6_prefixes: Vec::new(),
        ipv6_native: false,
        groups: groups(world, call, &subnet.vpc_id),
        source_dest_check: true,
        deny_all_igw_traffic: false,
        interface_type: Str::from("interface"),
        attachment: None,
        connection_tracking_configuration: None,
        associate_public_ip_address: None,
        tag_set: call.tags.clone(),
        outpost_arn: None,
        associated_subnets: Vec::new(),
    };
    Effect {
        answer: Answer {
            network_interface_id: Some(id.clone()),
            ..Answer::default()
        },
        at_once: vec![Change::EniCreated(Box::new(eni))],
        under_way: vec![Transition::EniAvailable(id)],
    }
}

fn groups(world: &World, call: &Create, vpc: &VpcId) -> Vec<GroupRef> {
    let of_vpc = world.groups().filter(|g| g.vpc_id == *vpc);
    let wanted = of_vpc.filter(|g| {
        if call.groups.is_empty() {
            &*g.group_name == "default"
        } else {
            call.groups.contains(&g.id)
        }
    });
    wanted
        .map(|g| GroupRef {
            group_id: g.id.clone(),
            group_name: g.group_name.clone(),
        })
        .collect()
}

/// The world does not hold the VPC's DNS settings; a neighbour with a name tells them.
fn has_dns_names(world: &World, subnet: &SubnetId) -> bool {
    let neighbour = world.enis_in(subnet).next();
    neighbour.is_some_and(|e| e.private_dns_name.is_some())
}

/// Gone at once; routes to it become blackholes.
pub fn delete(world: &World, call: &Delete) -> Effect {
    let eni = &call.network_interface_id;
    Effect {
        answer: Answer::default(),
        at_once: gone(world, eni),
        under_way: routes::will_follow(world, eni).into_iter().collect(),
    }
}

/// Pending becomes available, unless it was attached or deleted meanwhile.
pub fn available(world: &World, id: &EniId) -> Settled {
    let mut settled = Settled::default();
    if world
        .eni(id)
        .is_some_and(|e| e.status == EniStatus::Pending)
    {
        let change = Change::EniStatus(id.clone(), EniStatus::Available);
        settled.changes.push(change);
    }
    settled
}

/// Attaching becomes attached, if this very attachment is still attaching.
pub fn attached(world: &World, id: &EniId, attachment: &AttachmentId) -> Settled {
    let Some(current) = current(world, id, attachment) else {
        return Settled::default();
    };
    if current.status != AttachmentStatus::Attaching {
        return Settled::default();
    }
    let status = Change::AttachmentStatus(id.clone(), AttachmentStatus::Attached);
    let mut changes = vec![status];
    changes.extend(elastic_ips_follow(world, id, current.instance_id.as_ref()));
    Settled {
        changes,
        under_way: routes::will_follow(world, id).into_iter().collect(),
    }
}

/// Detaching becomes available without an attachment, if this very attachment is still there.
pub fn detached(world: &World, id: &EniId, attachment: &AttachmentId) -> Settled {
    let (Some(_), Some(eni)) = (current(world, id, attachment), world.eni(id)) else {
        return Settled::default();
    };
    let mut changes = vec![
        Change::Attachment(id.clone(), None),
        Change::EniStatus(id.clone(), EniStatus::Available),
    ];
    changes.extend(left_its_instance(world, eni));
    Settled {
        changes,
        under_way: routes::will_follow(world, id).into_iter().collect(),
    }
}

/// What an interface loses with its instance: the primary mark of an IPv6 address, an automatic
/// public address, and the instance named by its Elastic IPs.
pub fn left_its_instance(world: &World, eni: &Eni) -> Vec<Change> {
    let mut changes = Vec::new();
    if eni.ipv6_addresses.iter().any(|ip| ip.is_primary_ipv6) {
        changes.push(Change::PrimaryIpv6Lost(eni.id.clone()));
    }
    changes.extend(public_ip_released(eni));
    changes.extend(elastic_ips_follow(world, &eni.id, None));
    changes
}

/// An automatic public address goes back to Amazon; an Elastic IP does not.
pub fn public_ip_released(eni: &Eni) -> Option<Change> {
    let automatic = eni.associations().any(|(_, a)| !a.is_elastic());
    automatic.then(|| Change::PublicIpReleased(eni.id.clone()))
}

/// An interface is deleted: its Elastic IPs stay allocated, associated with nothing.
pub fn gone(world: &World, id: &EniId) -> Vec<Change> {
    let freed = world.addresses_on(id).map(|a| a.id.clone());
    let mut changes: Vec<_> = freed.map(Change::AddressFreed).collect();
    changes.push(Change::EniDeleted(id.clone()));
    changes
}

fn elastic_ips_follow(world: &World, id: &EniId, holder: Option<&InstanceId>) -> Vec<Change> {
    let addresses = world.addresses_on(id);
    addresses
        .filter(|a| a.instance_id.as_ref() != holder)
        .map(|a| Change::AddressInstance(a.id.clone(), holder.cloned()))
        .collect()
}

fn current<'w>(world: &'w World, id: &EniId, attachment: &AttachmentId) -> Option<&'w Attachment> {
    let found = world.eni(id)?.attachment.as_ref()?;
    (found.attachment_id == *attachment).then_some(found)
}
