//! Whether a goal is met.
//!
//! Invariant: nothing is met that is still under way: `on` means attached, `available` means that
//! no attachment is left.

use std::sync::Arc;

use super::{Deed, Goal, OfClient, OfEni, OfInstance, Scene};
use crate::ec2::eni::{AttachmentStatus, Eni, GroupRef};
use crate::ec2::id::EniId;
use crate::ec2::resource::{Address, Instance, Subnet, Tag};
use crate::ec2::sample::{Reply, Sample};
use crate::ec2::world::World;

impl Goal {
    /// Whether it is so.
    pub fn met(&self, scene: &Scene<'_>) -> bool {
        match self {
            Self::Refused(action, code) => scene
                .deeds
                .iter()
                .any(|d| matches!(d, Deed::Called(a, Some(c)) if a == action && c == code)),
            Self::Accepted(action) => scene
                .deeds
                .iter()
                .any(|d| matches!(d, Deed::Called(a, None) if a == action)),
            Self::Moved(eni, instance) => moved(scene, eni, instance),
            Self::Eni(name, what) => of_eni(scene, name, what),
            Self::Instance(name, what) => of_instance(scene, name, what),
            Self::Eip(name, on) => eip(scene, name, on.as_deref()),
            Self::Route(cidr, eni, state) => route(scene, cidr, eni, state),
            Self::Client(name, what) => client(scene, name, what),
            Self::Still(goal) => goal.met(scene),
            Self::Report => scene.deeds.contains(&Deed::Wrote),
            Self::SubnetLeft(name, most) => {
                let subnet = scene.world.subnets().find(|s| is_subnet(s, name));
                subnet.is_some_and(|s| s.available_ip_address_count <= *most)
            }
        }
    }

    /// The names that it means and that mean nothing in a world.
    pub fn unknown(&self, world: &World) -> Vec<String> {
        if let Self::Still(goal) = self {
            return goal.unknown(world);
        }
        let mut unknown = Vec::new();
        let mut eni = |name: &str| {
            if eni_id(world, world, name).is_none() {
                unknown.push(format!("interface `{name}`"));
            }
        };
        match self {
            Self::Moved(name, _) | Self::Eni(name, _) | Self::Route(_, name, _) => eni(name),
            Self::Eip(_, Some(name)) => eni(name),
            _ => {}
        }
        let instance = match self {
            Self::Moved(_, name)
            | Self::Eni(_, OfEni::On(name, _))
            | Self::Instance(name, _)
            | Self::Client(_, OfClient::Answered(Some(name))) => Some(name),
            _ => None,
        };
        if let Some(name) = instance
            && !world.instances().any(|i| is_instance(i, name))
        {
            unknown.push(format!("instance `{name}`"));
        }
        if let Self::Eip(name, _) = self
            && !world.addresses().any(|a| is_address(a, name))
        {
            unknown.push(format!("Elastic IP `{name}`"));
        }
        if let Self::SubnetLeft(name, _) = self
            && !world.subnets().any(|s| is_subnet(s, name))
        {
            unknown.push(format!("subnet `{name}`"));
        }
        unknown
    }
}

fn tagged(tags: &[Tag], name: &str) -> bool {
    tags.iter().any(|t| &*t.key == "Name" && &*t.value == name)
}

fn is_instance(instance: &Instance, name: &str) -> bool {
    instance.id.as_str() == name || instance.name() == Some(name)
}

fn is_subnet(subnet: &Subnet, name: &str) -> bool {
    subnet.id.as_str() == name || tagged(&subnet.tags, name)
}

fn is_address(address: &Address, name: &str) -> bool {
    address.id.as_str() == name || tagged(&address.tags, name)
}

/// The id that a name means now, or else meant at the beginning.
fn eni_id(world: &World, beginning: &World, name: &str) -> Option<EniId> {
    let named = |world: &World| {
        let found = world
            .enis()
            .find(|e| e.id.as_str() == name || e.name() == Some(name));
        found.map(|e| e.id.clone())
    };
    named(world).or_else(|| named(beginning))
}

fn eni<'a>(scene: &Scene<'a>, name: &str) -> Option<&'a Arc<Eni>> {
    let id = eni_id(scene.world, scene.beginning, name)?;
    scene.world.eni(&id)
}

fn on(scene: &Scene<'_>, eni: &Eni, instance: &str, index: Option<u32>) -> bool {
    let Some(attachment) = &eni.attachment else {
        return false;
    };
    let holder = attachment.instance_id.as_ref();
    let holder = holder.and_then(|id| scene.world.instance(id));
    attachment.status == AttachmentStatus::Attached
        && holder.is_some_and(|i| is_instance(i, instance))
        && index.is_none_or(|n| attachment.device_index == n)
}

fn moved(scene: &Scene<'_>, name: &str, instance: &str) -> bool {
    let Some(eni) = eni(scene, name) else {
        return false;
    };
    let flown = scene
        .deeds
        .iter()
        .any(|d| matches!(d, Deed::Moved(id) if *id == eni.id));
    flown && on(scene, eni, instance, None)
}

fn of_eni(scene: &Scene<'_>, name: &str, what: &OfEni) -> bool {
    let Some(eni) = eni(scene, name) else {
        let existed = eni_id(scene.world, scene.beginning, name).is_some();
        return *what == OfEni::Gone && existed;
    };
    let attachment = eni.attachment.as_ref();
    match what {
        OfEni::Gone => false,
        OfEni::Status(status) => {
            let free = attachment.is_none_or(|a| a.status == AttachmentStatus::Detached);
            eni.status.as_str() == &**status && (&**status != "available" || free)
        }
        OfEni::On(instance, index) => on(scene, eni, instance, *index),
        OfEni::Address(ip) => eni
            .private_ip_addresses
            .iter()
            .any(|a| a.private_ip_address == *ip),
        OfEni::Addresses(n) => eni.private_ip_addresses.len() >= *n,
        OfEni::Group(group, wanted) => {
            let has = |g: &GroupRef| g.group_id.as_str() == group || &*g.group_name == group;
            eni.groups.iter().any(has) == *wanted
        }
        OfEni::DeleteOnTermination(flag) => {
            attachment.is_some_and(|a| a.delete_on_termination == *flag)
        }
        OfEni::SourceDestCheck(flag) => eni.source_dest_check == *flag,
    }
}

fn of_instance(scene: &Scene<'_>, name: &str, what: &OfInstance) -> bool {
    let now = scene.world.instances().find(|i| is_instance(i, name));
    let Some(instance) = now else {
        // EC2 forgets a terminated instance after a while.
        let existed = scene.beginning.instances().any(|i| is_instance(i, name));
        return existed && matches!(what, OfInstance::State(s) if &**s == "terminated");
    };
    match what {
        OfInstance::State(state) => instance.state.as_str() == &**state,
        OfInstance::Type(name) => instance.instance_type == *name,
        OfInstance::Interfaces(n) => scene.world.enis_of(&instance.id).len() == *n,
    }
}

fn eip(scene: &Scene<'_>, name: &str, holder: Option<&str>) -> bool {
    let Some(address) = scene.world.addresses().find(|a| is_address(a, name)) else {
        return false;
    };
    match holder {
        None => address.network_interface_id.is_none(),
        Some(holder) => {
            let wanted = eni_id(scene.world, scene.beginning, holder);
            wanted.is_some() && address.network_interface_id == wanted
        }
    }
}

fn route(scene: &Scene<'_>, cidr: &str, holder: &str, state: &str) -> bool {
    let Some(id) = eni_id(scene.world, scene.beginning, holder) else {
        return false;
    };
    scene.world.route_tables_to(&id).any(|table| {
        table.routes.iter().any(|r| {
            &*r.destination == cidr
                && r.network_interface_id.as_ref() == Some(&id)
                && r.state.as_str() == state
        })
    })
}

fn client(scene: &Scene<'_>, name: &str, what: &OfClient) -> bool {
    let strip = scene
        .strips
        .iter()
        .find(|s| &*s.client == name || s.client.strip_prefix("client ") == Some(name));
    let rate = strip.and_then(|s| s.rate);
    let newest = strip.and_then(|s| s.samples.back());
    let Some(Sample { reply, .. }) = newest.filter(|s| s.at > scene.since) else {
        return false;
    };
    match (what, reply) {
        (OfClient::Answered(None), Reply::Answered(_) | Reply::Reached(_)) => true,
        (OfClient::Answered(Some(by)), Reply::Answered(id)) => {
            let instance = scene.world.instance(id);
            instance.is_some_and(|i| is_instance(i, by))
        }
        (OfClient::Rate(full), Reply::Answered(_)) => {
            rate.is_some_and(|r| (r.got >= r.wanted) == *full)
        }
        (OfClient::Lost(wanted), Reply::Lost(why)) => why.contains(wanted.as_str()),
        _ => false,
    }
}
