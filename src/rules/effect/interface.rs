//! Attaching, detaching, creating, changing and deleting interfaces.
//!
//! Invariants: `Status` is `in-use` from the moment an attach is accepted until a detach has ended,
//! the moving part is `Attachment.Status`; everything that belongs to the attachment (id, time,
//! index, `DeleteOnTermination`) begins anew with every attach, everything else travels.

use super::attribute::gives_names;
use super::{Effect, Mint, Settled, Transition, routes};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::ec2::call::{Answer, Attach, Call, Create, Delete, Detach, Modify, Reset};
use crate::ec2::change::Change;
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus, GroupRef, Ipv6, PrivateIp};
use crate::ec2::id::{AttachmentId, EniId, GroupId, InstanceId, Str, SubnetId, VpcId};
use crate::ec2::resource::{InstanceState, SecurityGroup, Subnet, Tag};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::wanted::{Chosen, Wanted, Wanted6};
use crate::rules::{addresses, token};

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
pub fn modify(world: &World, call: &Modify) -> Effect {
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
    if let Some(ids) = &call.groups {
        at_once.push(Change::Groups(eni.clone(), group_refs(world, ids)));
    }
    if call.enable_primary_ipv6 == Some(true)
        && let Some(found) = world.eni(eni)
        && !found.ipv6_addresses.iter().any(|ip| ip.is_primary_ipv6)
    {
        let mut ips = found.ipv6_addresses.clone();
        for first in ips.iter_mut().take(1) {
            first.is_primary_ipv6 = true;
        }
        at_once.push(Change::Ipv6s(eni.clone(), ips));
    }
    if let Some(tracking) = &call.connection_tracking_specification {
        at_once.push(Change::ConnectionTracking(eni.clone(), tracking.clone()));
    }
    if let Some(on) = call.associate_public_ip_address {
        at_once.push(Change::AssociatePublicIp(eni.clone(), on));
    }
    Effect {
        at_once,
        ..Effect::default()
    }
}

/// The source/destination check is on again.
pub fn reset(call: &Reset) -> Effect {
    let eni = call.network_interface_id.clone();
    Effect {
        at_once: vec![Change::SourceDestCheck(eni, true)],
        ..Effect::default()
    }
}

/// Groups with their names.
pub fn group_refs(world: &World, ids: &[GroupId]) -> Vec<GroupRef> {
    let groups = ids.iter().filter_map(|id| world.group(id));
    groups.map(|g| group_ref(g)).collect()
}

fn group_ref(group: &SecurityGroup) -> GroupRef {
    GroupRef {
        group_id: group.id.clone(),
        group_name: group.group_name.clone(),
    }
}

/// What a new interface is made from.
#[derive(Default)]
pub struct New<'a> {
    /// Free text.
    pub description: Str,
    /// `interface`, `efa`, `nat_gateway`…
    pub interface_type: Option<&'a Str>,
    /// In these groups; in the VPC's default one when `None`.
    pub groups: Option<&'a [GroupId]>,
    /// IPv4 addresses, the primary one first, and prefixes.
    pub chosen: Chosen,
    /// IPv6 addresses and prefixes.
    pub ipv6: (Vec<Ipv6Addr>, Vec<Str>),
    /// The first of them is primary.
    pub primary_ipv6: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An interface that is attached to nothing yet.
pub fn made(world: &World, subnet: &Subnet, new: New<'_>, mint: &mut dyn Mint) -> Eni {
    let private_ip_addresses: Vec<_> = new
        .chosen
        .ips
        .into_iter()
        .enumerate()
        .map(|(n, ip)| PrivateIp {
            private_ip_address: ip,
            primary: n == 0,
            private_dns_name: dns_name(world, &subnet.id, ip),
            association: None,
        })
        .collect();
    let owner = if world.account.is_empty() {
        &subnet.owner_id
    } else {
        &world.account
    };
    let groups = match new.groups {
        Some(ids) => group_refs(world, ids),
        None => default_group(world, &subnet.vpc_id),
    };
    let primary_ipv6 = new.primary_ipv6;
    let ipv6 = new.ipv6.0.into_iter().enumerate();
    let id = EniId::new(mint.id(EniId::PREFIX));
    let mac = mint.mac().into();
    Eni {
        vpc_id: subnet.vpc_id.clone(),
        availability_zone: subnet.availability_zone.clone(),
        availability_zone_id: subnet.availability_zone_id.clone(),
        description: new.description,
        status: EniStatus::Pending,
        private_dns_name: private_ip_addresses
            .first()
            .and_then(|ip| ip.private_dns_name.clone()),
        private_ip_addresses,
        ipv6_addresses: ipv6
            .map(|(n, ip)| Ipv6 {
                ipv6_address: ip,
                is_primary_ipv6: primary_ipv6 && n == 0,
                public_ipv6_dns_name: None,
            })
            .collect(),
        ipv4_prefixes: new.chosen.prefixes,
        ipv6_prefixes: new.ipv6.1,
        groups,
        interface_type: new.interface_type.map_or("interface".into(), Str::clone),
        tag_set: new.tags,
        ..Eni::blank(id, subnet.id.clone(), owner.clone(), mac)
    }
}

/// A pending interface with the addresses asked for or the lowest free ones, in the groups asked
/// for or the VPC's default one. A request made again is answered again.
pub fn create(world: &World, call: &Create, mint: &mut dyn Mint) -> Effect {
    if let Some(answer) = token::answered(world, call.client_token.as_ref()) {
        return Effect {
            answer,
            ..Effect::default()
        };
    }
    let Some(subnet) = call.subnet_id.as_ref().and_then(|id| world.subnet(id)) else {
        return Effect::default();
    };
    let wanted = Wanted::of_create(call).unwrap_or_default();
    let wanted6 = Wanted6::of_create(call, subnet).unwrap_or_default();
    // Chance is asked only where it decides.
    let host = if wanted6.more > 0 {
        mint.ipv6_host()
    } else {
        0
    };
    let new = New {
        description: call.description.clone(),
        interface_type: call.interface_type.as_ref(),
        groups: (!call.groups.is_empty()).then_some(&call.groups),
        chosen: wanted.choose(world, subnet, &BTreeSet::new()),
        ipv6: wanted6.choose(world, subnet, host),
        primary_ipv6: call.enable_primary_ipv6,
        tags: call.tags.clone(),
    };
    let mut eni = made(world, subnet, new, mint);
    eni.connection_tracking_configuration = call.connection_tracking_specification.clone();
    let id = eni.id.clone();
    let answer = Answer {
        network_interface_id: Some(id.clone()),
        client_token: call.client_token.clone(),
        ..Answer::default()
    };
    let mut at_once = vec![Change::EniCreated(Box::new(eni))];
    at_once.extend(token_used(
        call.client_token.as_ref(),
        || Call::CreateNetworkInterface(call.clone()),
        &answer,
    ));
    Effect {
        answer,
        at_once,
        under_way: vec![Transition::EniAvailable(id)],
    }
}

/// Remembers a request by its token.
pub fn token_used(
    token: Option<&Str>,
    call: impl FnOnce() -> Call,
    answer: &Answer,
) -> Option<Change> {
    let token = token?;
    let used = Box::new((call(), answer.clone()));
    Some(Change::Token(token.clone(), used))
}

fn default_group(world: &World, vpc: &VpcId) -> Vec<GroupRef> {
    let mut of_vpc = world.groups_of(vpc);
    let found = of_vpc.find(|g| &*g.group_name == "default");
    found.map(|g| group_ref(g)).into_iter().collect()
}

/// The name of a private address, where there are names. An inventory of EC2 does not hold the
/// VPC's DNS settings; there a neighbour with a name tells them.
pub fn dns_name(world: &World, subnet: &SubnetId, ip: Ipv4Addr) -> Option<Str> {
    let vpc = world.subnet(subnet).and_then(|s| world.vpc(&s.vpc_id));
    let named = match vpc {
        Some(vpc) if vpc.enable_dns_hostnames.is_some() => gives_names(vpc),
        _ => {
            let neighbour = world.enis_in(subnet).next();
            neighbour.is_some_and(|e| e.private_dns_name.is_some())
        }
    };
    named.then(|| addresses::private_dns_name(&world.region, ip))
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
