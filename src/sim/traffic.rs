//! What becomes of a client's request: names, firewalls, security groups, routes out, guests,
//! services, bandwidth. Deterministic: a function of the world, of what others changed outside of
//! EC2, and of the moment.
//!
//! Invariants: a lost request says why, in words that name the thing; what a world file does not
//! speak of (a group without rules, a client without a firewall) never loses a request.

mod groups;
mod outbound;
mod rate;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::scenario::{Change, Client, Dns, Service, Source, Target};
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni};
use crate::ec2::id::{AttachmentId, InstanceId, Str};
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::sample::Reply;
use crate::ec2::time::Time;
use crate::ec2::world::World;
pub use rate::rates;

/// What decides whether a request is answered.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The inventory.
    pub world: &'a World,
    /// Services by name.
    pub services: &'a BTreeMap<Str, Service>,
    /// DNS names and what they said at the beginning.
    pub names: &'a BTreeMap<Str, Dns>,
    /// What was changed outside of EC2 since then, oldest first.
    pub changes: &'a [(Time, Change)],
    /// Attachments that their guests do not see yet.
    pub dark: &'a BTreeSet<AttachmentId>,
    /// Guests that answer from the wrong interface where two lie in one subnet.
    pub unrouted: &'a BTreeSet<InstanceId>,
    /// Availability Zones that have failed.
    pub down: &'a BTreeSet<Str>,
}

impl<'a> Scene<'a> {
    /// What becomes of a request of this client, sent at `at`.
    pub fn reply(&self, client: &Client, at: Time) -> Reply {
        match self.fate(client, at) {
            Ok(instance) => Reply::Answered(instance),
            Err(why) => Reply::Lost(why.into()),
        }
    }

    fn fate(&self, client: &Client, at: Time) -> Result<InstanceId, String> {
        if let Source::Instance { id, via } = &client.source {
            return self.leaves(client, id, via.as_ref());
        }
        let (eni, ip) = self.holder(client, at)?;
        self.passes_firewall(client, ip, at)?;
        if self.down.contains(&eni.availability_zone) {
            return Err(format!("{} has failed", eni.availability_zone));
        }
        let (attachment, instance) = self.behind(eni, ip)?;
        let name = called(instance);
        groups::let_in(self.world, eni, client)?;
        if self.dark.contains(&attachment.attachment_id) {
            return Err(format!("{name}: guest not up yet"));
        }
        self.answers_straight(eni, instance)?;
        let listens = self
            .services
            .get(&client.service)
            .is_some_and(|s| s.port == client.port && s.on.contains(&instance.id));
        if listens {
            Ok(instance.id.clone())
        } else {
            Err(format!("{name}: nothing listens on {}", client.port))
        }
    }

    /// The interface that holds the address asked for.
    fn holder(&self, client: &Client, at: Time) -> Result<(&'a Eni, Ipv4Addr), String> {
        match &client.target {
            Target::Private(subnet, ip) => {
                let eni = self.world.eni_with_address(subnet, *ip);
                let eni = eni.ok_or_else(|| format!("nobody holds {ip}"))?;
                Ok((eni, *ip))
            }
            Target::Elastic(allocation, ip) => {
                let address = self.world.address(allocation);
                let eni = address.and_then(|a| self.world.eni(a.network_interface_id.as_ref()?));
                let eni = eni.ok_or_else(|| format!("{ip} is associated with nothing"))?;
                Ok((eni, *ip))
            }
            Target::Name(name) => {
                let ip = self
                    .resolved(name, client, at)
                    .ok_or_else(|| format!("{name} does not resolve"))?;
                let private = |e: &&std::sync::Arc<Eni>| {
                    e.private_ip_addresses
                        .iter()
                        .any(|a| a.private_ip_address == ip)
                };
                let public = self.world.addresses().find(|a| a.public_ip == ip);
                let by_public =
                    public.and_then(|a| self.world.eni(a.network_interface_id.as_ref()?));
                let eni = self.world.enis().find(private).or(by_public);
                let eni = eni.ok_or_else(|| format!("{name} is {ip}: nobody holds it"))?;
                Ok((eni, ip))
            }
            Target::Outside(ip) => Err(format!("{ip} lies outside")),
        }
    }

    /// What a name says to a client, who asks again only when its copy is as old as the record
    /// allows.
    fn resolved(&self, name: &Str, client: &Client, at: Time) -> Option<Ipv4Addr> {
        let dns = self.names.get(name)?;
        let ttl = dns.ttl.max(Duration::from_millis(1));
        let age = at.since(client.began);
        let copies = age.as_millis() / ttl.as_millis().max(1);
        let copied = client.began + ttl * u32::try_from(copies).unwrap_or(u32::MAX);
        let mut address = dns.address;
        for (when, change) in self.changes {
            if let Change::Dns(changed, to) = change
                && changed == name
                && *when <= copied
            {
                address = *to;
            }
        }
        Some(address)
    }

    fn passes_firewall(&self, client: &Client, ip: Ipv4Addr, at: Time) -> Result<(), String> {
        if client.firewall.is_empty() || client.firewall.contains(&ip) {
            return Ok(());
        }
        let opened = self.changes.iter().any(|(when, change)| {
            matches!(change, Change::Firewall(label, to) if *label == client.label && *to == ip)
                && *when <= at
        });
        if opened {
            return Ok(());
        }
        let known: Vec<String> = client.firewall.iter().map(ToString::to_string).collect();
        Err(format!(
            "a firewall drops {ip}: its rule names {}",
            known.join(", ")
        ))
    }

    /// The instance that holds the interface and is able to answer.
    fn behind(&self, eni: &'a Eni, ip: Ipv4Addr) -> Result<(&'a Attachment, &'a Instance), String> {
        let Some(attachment) = &eni.attachment else {
            return Err(format!("nobody holds {ip}"));
        };
        let instance = attachment.instance_id.as_ref();
        let Some(instance) = instance.and_then(|id| self.world.instance(id)) else {
            return Err(format!("{ip} belongs to an AWS service"));
        };
        let name = called(instance);
        match attachment.status {
            AttachmentStatus::Attached => {}
            AttachmentStatus::Attaching => return Err(format!("{ip} attaching to {name}")),
            _ => return Err(format!("{ip} leaving {name}")),
        }
        runs(instance)?;
        Ok((attachment, instance))
    }

    /// With two interfaces in one subnet a guest without rules of its own answers through the
    /// first; the answer bears an address that is not that interface's, and its source/dest check
    /// drops it (EC2 User Guide, "Multiple network interfaces": asymmetric routing).
    fn answers_straight(&self, eni: &Eni, instance: &Instance) -> Result<(), String> {
        if eni.is_primary() || !self.unrouted.contains(&instance.id) {
            return Ok(());
        }
        let enis = self.world.enis_of(&instance.id);
        let other = enis
            .iter()
            .find(|e| e.is_primary() && e.subnet_id == eni.subnet_id && e.source_dest_check);
        match other {
            None => Ok(()),
            Some(_) => Err(format!(
                "{} answers through its primary interface: same subnet, the answer is dropped",
                called(instance)
            )),
        }
    }
}

/// What people call an instance.
fn called(instance: &Instance) -> &str {
    instance.name().unwrap_or(instance.id.as_str())
}

fn runs(instance: &Instance) -> Result<(), String> {
    let name = called(instance);
    if instance.state != InstanceState::Running {
        Err(format!("{name} is {}", instance.state))
    } else if instance.is_impaired() {
        Err(format!("{name} is impaired"))
    } else {
        Ok(())
    }
}
