//! `DescribeInstances` and `DescribeInstanceStatus`.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::eni::{self, write_groups, write_ipv6, write_place};
use super::{PAGES, Values, all_exist, all_well_formed, listed, one, passes, told, write_tags};
use crate::ec2::eni::{Association, Eni};
use crate::ec2::error::ApiError;
use crate::ec2::id::InstanceId;
use crate::ec2::resource::{CheckStatus, Instance, InstanceState};
use crate::ec2::world::World;
use crate::rules::limits;

const INSTANCES: Ask = Ask {
    action: "DescribeInstances",
    ids: ("InstanceId", "instancesSet"),
    rows: PAGES,
    exclusive: true,
    filters: &[
        "availability-zone",
        "instance-id",
        "instance-lifecycle",
        "instance-state-code",
        "instance-state-name",
        "instance-type",
        "instance.group-id",
        "instance.group-name",
        "ip-address",
        "launch-time",
        "network-interface.addresses.private-ip-address",
        "network-interface.attachment.attachment-id",
        "network-interface.attachment.device-index",
        "network-interface.attachment.status",
        "network-interface.group-id",
        "network-interface.mac-address",
        "network-interface.network-interface-id",
        "network-interface.status",
        "network-interface.subnet-id",
        "network-interface.vpc-id",
        "owner-id",
        "private-dns-name",
        "private-ip-address",
        "reservation-id",
        "subnet-id",
        "tag-key",
        "vpc-id",
    ],
};

const STATUS: Ask = Ask {
    action: "DescribeInstanceStatus",
    ids: ("InstanceId", "instancesSet"),
    rows: PAGES,
    exclusive: true,
    filters: &[
        "availability-zone",
        "instance-state-code",
        "instance-state-name",
        "instance-status.reachability",
        "instance-status.status",
        "system-status.reachability",
        "system-status.status",
    ],
};

/// `DescribeInstances`: one reservation an instance.
pub(super) fn describe(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    params.flag("IncludeManagedResources")?;
    let query = INSTANCES.query(world, params)?;
    ids_exist(world, &query.ids)?;
    let page = query.page(
        world.instances(),
        |i| i.id.as_str(),
        |i, filter| passes(filter, &i.tags, |name| values(world, i, name)),
    );
    listed(&query, "reservationSet", page, |x, i| {
        write_reservation(x, world, &[i]);
    })
}

/// `Reservation`, named after its first instance.
pub(in crate::wire) fn write_reservation(x: &mut Xml, world: &World, instances: &[&Arc<Instance>]) {
    if let Some(first) = instances.first() {
        x.text("reservationId", reservation(first));
        x.text("ownerId", &first.owner_id);
    }
    x.list("groupSet", Vec::<()>::new(), |_, ()| ());
    x.list("instancesSet", instances, |x, i| write(x, world, i));
}

pub(super) fn ids_exist(
    world: &World,
    ids: &std::collections::BTreeSet<String>,
) -> Result<(), ApiError> {
    let known = |id: &str| world.instance(&id.into()).is_some();
    all_well_formed(
        ids,
        "InvalidInstanceID.Malformed",
        InstanceId::PREFIX,
        |id| known(id) || InstanceId::well_formed(id),
    )?;
    all_exist(ids, "InvalidInstanceID.NotFound", "instance", known)
}

fn reservation(instance: &Instance) -> String {
    let id = instance.id.as_str();
    format!("r-{}", id.strip_prefix("i-").unwrap_or(id))
}

/// The interface at index 0 of card 0, of which an instance repeats much.
pub(super) fn primary<'w>(world: &'w World, i: &Instance) -> Option<&'w Eni> {
    let enis = world.enis_of(&i.id).into_iter();
    enis.map(|eni| &**eni).find(|eni| eni.is_primary())
}

fn public(eni: &Eni) -> Option<&Association> {
    let ip = eni.private_ip_addresses.iter().find(|ip| ip.primary)?;
    ip.association.as_ref()
}

fn values<'a>(world: &'a World, i: &'a Instance, name: &str) -> Values<'a> {
    let of_primary = |member: &str| match primary(world, i) {
        Some(eni) => eni::values(eni, member),
        None => Vec::new(),
    };
    match name {
        "availability-zone" => one(Some(&i.availability_zone)),
        "instance-id" => one(Some(i.id.as_str())),
        "instance-lifecycle" => one(i.instance_lifecycle.as_deref()),
        "instance-state-code" => told(code(&i.state)),
        "instance-state-name" => one(Some(i.state.as_str())),
        "instance-type" => one(Some(&i.instance_type)),
        "instance.group-id" => of_primary("group-id"),
        "instance.group-name" => of_primary("group-name"),
        "ip-address" => match primary(world, i).and_then(public) {
            Some(a) => told(a.public_ip),
            None => Vec::new(),
        },
        "launch-time" => i.launch_time.map_or_else(Vec::new, told),
        "owner-id" => one(Some(&i.owner_id)),
        "private-dns-name" => of_primary("private-dns-name"),
        "private-ip-address" => match primary(world, i).and_then(Eni::primary_ip) {
            Some(ip) => told(ip),
            None => Vec::new(),
        },
        "reservation-id" => told(reservation(i)),
        "subnet-id" => one(i.subnet_id.as_ref().map(|id| id.as_str())),
        "vpc-id" => one(i.vpc_id.as_ref().map(|id| id.as_str())),
        "instance-status.status" => one(Some(i.instance_status.as_str())),
        "system-status.status" => one(Some(i.system_status.as_str())),
        "instance-status.reachability" => one(Some(reachability(&i.instance_status))),
        "system-status.reachability" => one(Some(reachability(&i.system_status))),
        _ => match name.strip_prefix("network-interface.") {
            Some(member) => {
                let enis = world.enis_of(&i.id).into_iter();
                enis.flat_map(|eni| eni::values(eni, member)).collect()
            }
            None => Vec::<Cow<'a, str>>::new(),
        },
    }
}

/// `InstanceState.Code`, its low byte.
fn code(state: &InstanceState) -> u16 {
    match state {
        InstanceState::Pending | InstanceState::Other(_) => 0,
        InstanceState::Running => 16,
        InstanceState::ShuttingDown => 32,
        InstanceState::Terminated => 48,
        InstanceState::Stopping => 64,
        InstanceState::Stopped => 80,
    }
}

/// `InstanceState` under a name: `instanceState`, `currentState`, `previousState`.
pub(in crate::wire) fn write_state(x: &mut Xml, name: &str, state: &InstanceState) {
    x.within(name, |x| {
        x.text("code", code(state)).text("name", state);
    });
}

fn write(x: &mut Xml, world: &World, i: &Instance) {
    let first = primary(world, i);
    let first_public = first.and_then(public);
    x.text("instanceId", &i.id);
    write_state(x, "instanceState", &i.state);
    x.text(
        "privateDnsName",
        first
            .and_then(|e| e.private_dns_name.as_deref())
            .unwrap_or(""),
    );
    let name = first_public.and_then(|a| a.public_dns_name.as_deref());
    x.text("dnsName", name.unwrap_or(""));
    x.text("reason", "");
    x.text("amiLaunchIndex", 0);
    x.list("productCodes", Vec::<()>::new(), |_, ()| ());
    x.text("instanceType", &i.instance_type);
    x.maybe("launchTime", i.launch_time);
    x.within("placement", |x| {
        x.text("availabilityZone", &i.availability_zone);
        x.text("groupName", "").text("tenancy", "default");
    });
    x.within("monitoring", |x| {
        x.text("state", "disabled");
    });
    x.maybe("subnetId", i.subnet_id.as_ref());
    x.maybe("vpcId", i.vpc_id.as_ref());
    x.maybe("privateIpAddress", first.and_then(Eni::primary_ip));
    x.maybe("ipAddress", first_public.map(|a| a.public_ip));
    x.maybe("sourceDestCheck", first.map(|e| e.source_dest_check));
    match first {
        Some(eni) => write_groups(x, eni),
        None => {
            x.list("groupSet", Vec::<()>::new(), |_, ()| ());
        }
    }
    x.text("rootDeviceType", "ebs");
    x.list("blockDeviceMapping", Vec::<()>::new(), |_, ()| ());
    x.text("virtualizationType", "hvm");
    x.maybe("instanceLifecycle", i.instance_lifecycle.as_ref());
    write_tags(x, &i.tags);
    if let Some(nitro) = limits::of(&i.instance_type).and_then(|l| l.nitro) {
        // EC2 says `xen` for Nitro too (API Reference, `Instance.Hypervisor`).
        x.text("hypervisor", "xen").text("enaSupport", nitro);
    }
    x.list("networkInterfaceSet", world.enis_of(&i.id), |x, eni| {
        write_interface(x, eni);
    });
}

/// `InstanceNetworkInterface`: an interface as its instance shows it, with less.
fn write_interface(x: &mut Xml, eni: &Eni) {
    x.text("networkInterfaceId", &eni.id);
    x.text("subnetId", &eni.subnet_id);
    x.text("vpcId", &eni.vpc_id);
    x.text("description", &eni.description);
    x.text("ownerId", &eni.owner_id);
    x.text("status", &eni.status);
    x.text("macAddress", &eni.mac_address);
    x.maybe("privateIpAddress", eni.primary_ip());
    x.maybe("privateDnsName", eni.private_dns_name.as_ref());
    x.text("sourceDestCheck", eni.source_dest_check);
    write_groups(x, eni);
    if let Some(a) = &eni.attachment {
        x.within("attachment", |x| {
            x.text("attachmentId", &a.attachment_id);
            write_place(x, a);
        });
    }
    if let Some(a) = public(eni) {
        x.within("association", |x| write_association(x, a));
    }
    x.list(
        "privateIpAddressesSet",
        &eni.private_ip_addresses,
        |x, ip| {
            x.text("privateIpAddress", ip.private_ip_address);
            x.maybe("privateDnsName", ip.private_dns_name.as_ref());
            x.text("primary", ip.primary);
            if let Some(a) = &ip.association {
                x.within("association", |x| write_association(x, a));
            }
        },
    );
    write_ipv6(x, eni);
    x.text("interfaceType", &eni.interface_type);
}

/// `InstanceNetworkInterfaceAssociation`: without the ids of an Elastic IP.
fn write_association(x: &mut Xml, a: &Association) {
    x.text("publicIp", a.public_ip);
    x.text("publicDnsName", a.public_dns_name.as_deref().unwrap_or(""));
    x.text("ipOwnerId", &a.ip_owner_id);
    x.maybe("carrierIp", a.carrier_ip.as_ref());
    x.maybe("customerOwnedIp", a.customer_owned_ip.as_ref());
}

/// `DescribeInstanceStatus`: of running instances, unless all are asked for.
pub(super) fn status(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    params.flag("IncludeManagedResources")?;
    let all = params.flag("IncludeAllInstances")?.unwrap_or(false);
    let query = STATUS.query(world, params)?;
    ids_exist(world, &query.ids)?;
    let rows = world.instances();
    let page = query.page(
        rows.filter(|i| all || i.state == InstanceState::Running),
        |i| i.id.as_str(),
        |i, filter| passes(filter, &i.tags, |name| values(world, i, name)),
    );
    listed(&query, "instanceStatusSet", page, |x, i| {
        x.text("instanceId", &i.id);
        x.text("availabilityZone", &i.availability_zone);
        write_state(x, "instanceState", &i.state);
        for (name, status) in [
            ("systemStatus", &i.system_status),
            ("instanceStatus", &i.instance_status),
        ] {
            x.within(name, |x| {
                x.text("status", status);
                x.list("details", [status], |x, status| {
                    x.text("name", "reachability");
                    x.text("status", reachability(status));
                });
            });
        }
    })
}

fn reachability(status: &CheckStatus) -> &str {
    match status {
        CheckStatus::Ok => "passed",
        CheckStatus::Impaired => "failed",
        other => other.as_str(),
    }
}
