//! What the operating system of an instance sees: devices, addresses, routes, instance metadata.
//!
//! EC2 says `attached` seconds to minutes before a guest sees the device (cilium/cilium#16494,
//! aws/amazon-ecs-agent#1520), and after a forced detach a guest and its metadata may go on showing an
//! interface that is elsewhere by then, until the instance is stopped and started (API Reference,
//! `DetachNetworkInterface`, `Force`).
//!
//! Invariants: pure; a guest is made from the world and from where the two disagree ([`Lags`]), so
//! that nothing is kept for guests that agree with EC2.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::Serialize;

use crate::ec2::eni::{Attachment, AttachmentStatus, Eni};
use crate::ec2::id::{AttachmentId, EniId, InstanceId, Str};
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;
use crate::rules::addresses::Range;
use crate::rules::limits;

/// Where guests and EC2 disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lags {
    /// Attached as far as EC2 is concerned, and not there yet, or never, in the guest.
    pub unseen: BTreeSet<AttachmentId>,
    /// Gone as far as EC2 is concerned, and still there in the guest.
    pub stale: BTreeMap<InstanceId, Vec<Arc<Eni>>>,
    /// The addresses that a guest still has of an interface whose addresses have changed.
    pub addresses: BTreeMap<EniId, Vec<Ipv4Addr>>,
}

/// How a guest sees one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// As EC2 does.
    Up,
    /// Not at all, so far.
    NotYet,
    /// As if it were still here.
    Stale,
}

/// One network device of a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Device {
    /// `ens6`; the device index decides here, the order of attaches and the PCI slot in a real guest.
    pub name: String,
    /// How it is seen.
    pub sight: Sight,
    /// The interface behind it.
    pub network_interface_id: EniId,
    /// By which a guest tells devices apart.
    pub mac_address: Str,
    /// Addresses that it has; none before it is seen.
    pub addresses: Vec<Ipv4Addr>,
    /// Routes and rules, as amazon-ec2-net-utils makes them.
    pub routes: Vec<String>,
    /// `network/interfaces/macs/MAC/…` of the instance metadata.
    pub metadata: BTreeMap<&'static str, String>,
}

/// What a running instance sees of its interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Guest {
    /// Its devices, by card and index.
    pub devices: Vec<Device>,
}

impl std::fmt::Display for Guest {
    /// `ens5 10.0.1.10, ens6 (not yet)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, device) in self.devices.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}{}", device.name)?;
            for ip in &device.addresses {
                write!(f, " {ip}")?;
            }
            match device.sight {
                Sight::Up => {}
                Sight::NotYet => f.write_str(" (not yet)")?,
                Sight::Stale => f.write_str(" (stale)")?,
            }
        }
        Ok(())
    }
}

/// What an instance sees; `None` if it does not run.
pub fn guest(world: &World, lags: &Lags, id: &InstanceId) -> Option<Guest> {
    let instance = world.instance(id)?;
    let runs = matches!(
        instance.state,
        InstanceState::Running | InstanceState::Stopping | InstanceState::ShuttingDown
    );
    if !runs {
        return None;
    }
    let xen =
        limits::in_world(world, &instance.instance_type).is_some_and(|l| l.nitro == Some(false));
    let here = world.enis_of(id).into_iter();
    let stale = lags.stale.get(id).into_iter().flatten();
    let all = here
        .map(|eni| (eni, false))
        .chain(stale.map(|eni| (eni, true)));
    let mut devices: Vec<_> = all
        .filter_map(|(eni, stale)| {
            let at = eni.attachment.as_ref()?;
            let place = (at.network_card_index, at.device_index);
            Some((place, device(world, lags, eni, at, stale, xen)))
        })
        .collect();
    devices.sort_by_key(|(place, _)| *place);
    let devices = devices.into_iter().map(|(_, device)| device).collect();
    Some(Guest { devices })
}

/// `ens5` and so on from device index 0 on Nitro, `eth0` on Xen; cards follow each other.
fn name(at: &Attachment, xen: bool) -> String {
    let number = at.device_index + 100 * at.network_card_index;
    if xen {
        format!("eth{number}")
    } else {
        format!("ens{}", 5 + number)
    }
}

fn device(
    world: &World,
    lags: &Lags,
    eni: &Eni,
    at: &Attachment,
    stale: bool,
    xen: bool,
) -> Device {
    let unseen =
        at.status == AttachmentStatus::Attaching || lags.unseen.contains(&at.attachment_id);
    let sight = match (stale, unseen) {
        (true, _) => Sight::Stale,
        (false, true) => Sight::NotYet,
        (false, false) => Sight::Up,
    };
    let now = || {
        eni.private_ip_addresses
            .iter()
            .map(|ip| ip.private_ip_address)
    };
    let addresses = match (sight, lags.addresses.get(&eni.id)) {
        (Sight::NotYet, _) => Vec::new(),
        (Sight::Up, Some(old)) => old.clone(),
        _ => now().collect(),
    };
    let name = name(at, xen);
    Device {
        sight,
        network_interface_id: eni.id.clone(),
        mac_address: eni.mac_address.clone(),
        routes: routes(world, eni, at, &name, &addresses),
        metadata: metadata(world, eni, at, &addresses),
        name,
        addresses,
    }
}

/// One table of routes a device but the first; its number and metric follow from index and card
/// (amazonlinux/amazon-ec2-net-utils).
fn routes(
    world: &World,
    eni: &Eni,
    at: &Attachment,
    name: &str,
    addresses: &[Ipv4Addr],
) -> Vec<String> {
    let subnet = world.subnet(&eni.subnet_id);
    let Some(range) = subnet.and_then(|s| Range::parse(&s.cidr_block)) else {
        return Vec::new();
    };
    let Some(own) = addresses.first() else {
        return Vec::new();
    };
    let router = Ipv4Addr::from(u32::from(range.ends().0).saturating_add(1));
    let number = at.device_index + 100 * at.network_card_index;
    let (metric, cidr) = (512 + number, range.cidr());
    let mut routes = vec![
        format!("default via {router} dev {name} src {own} metric {metric}"),
        format!("{cidr} dev {name} src {own} metric {metric}"),
    ];
    if number > 0 {
        let table = 10_000 + number;
        let via = format!("default via {router} dev {name} table {table}");
        routes.push(via);
        routes.extend(
            addresses
                .iter()
                .map(|ip| format!("from {ip} lookup {table}")),
        );
    }
    routes
}

/// EC2 User Guide, "Instance metadata categories"; lists are one value a line.
fn metadata(
    world: &World,
    eni: &Eni,
    at: &Attachment,
    addresses: &[Ipv4Addr],
) -> BTreeMap<&'static str, String> {
    let mut out = BTreeMap::new();
    // Metadata comes with the device.
    if addresses.is_empty() {
        return out;
    }
    let lines = |all: Vec<String>| all.join("\n");
    let groups = eni.groups.iter().map(|g| g.group_id.to_string());
    let public = eni.associations().map(|(_, a)| a.public_ip.to_string());
    let local = addresses.iter().map(ToString::to_string);
    out.insert("device-number", at.device_index.to_string());
    out.insert("interface-id", eni.id.to_string());
    out.insert("local-ipv4s", lines(local.collect()));
    out.insert("mac", eni.mac_address.to_string());
    out.insert("network-card", at.network_card_index.to_string());
    out.insert("owner-id", eni.owner_id.to_string());
    out.insert("security-group-ids", lines(groups.collect()));
    out.insert("subnet-id", eni.subnet_id.to_string());
    out.insert("vpc-id", eni.vpc_id.to_string());
    let public = lines(public.collect());
    if !public.is_empty() {
        out.insert("public-ipv4s", public);
    }
    if let Some(subnet) = world.subnet(&eni.subnet_id) {
        out.insert("subnet-ipv4-cidr-block", subnet.cidr_block.to_string());
    }
    out
}
