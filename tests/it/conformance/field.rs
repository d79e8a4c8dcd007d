//! Fields of resources, as cases speak of them: EC2's member names, values as text.

use enipilot::ec2::diff::eni_fields;
use enipilot::ec2::eni::Eni;
use enipilot::ec2::resource::{Address, Instance, Route, RouteTable, SecurityGroup, Subnet};
use enipilot::ec2::world::World;

use super::names::Names;

/// What stands for something that is not there.
pub const NONE: &str = "none";

/// The value of `RESOURCE.FIELD`. Ids that have a name are told by it.
pub fn named(world: &World, names: &Names, what: &str) -> Result<String, String> {
    let value = raw(world, names, what)?;
    let words = value.split(' ').map(|word| names.name_of(word));
    Ok(words.collect::<Vec<_>>().join(" "))
}

/// The same with ids as they are.
pub fn raw(world: &World, names: &Names, what: &str) -> Result<String, String> {
    let (resource, field) = what.split_once('.').ok_or(format!("no field: {what}"))?;
    let id = match resource.strip_prefix("primary-") {
        Some(instance) => names.id(resource).map_or_else(
            || primary_of(world, names, instance),
            |id| Ok(id.to_owned()),
        )?,
        None => names
            .id(resource)
            .ok_or(format!("there is no {resource}"))?
            .to_owned(),
    };
    let kind = id.split_once('-').map_or("", |(kind, _)| kind);
    let known = |told: Option<Option<String>>| match (told, field) {
        (told, "exists") => Ok(if told.is_some() { "yes" } else { "no" }.to_owned()),
        (None, _) => Ok("gone".to_owned()),
        (Some(None), _) => Err(format!("a field that nobody reads: {what}")),
        (Some(Some(value)), _) => Ok(value),
    };
    // `exists` is no field of its own: any will do.
    match kind {
        "eni" => known(world.eni(&id.into()).map(|e| eni(world, e, field))),
        "i" => known(
            world
                .instance(&id.into())
                .map(|i| instance(world, i, field)),
        ),
        "eipalloc" => known(world.address(&id.into()).map(|a| address(a, field))),
        "rtb" => known(world.route_table(&id.into()).map(|t| table(t, field))),
        "subnet" => known(world.subnet(&id.into()).map(|s| subnet(s, field))),
        "sg" => known(world.group(&id.into()).map(|g| group(g, field))),
        "vpc" => known(world.vpc(&id.into()).map(|_| None)),
        _ => Err(format!("no world shows {resource} ({id})")),
    }
}

/// The interface at index 0 of an instance.
pub fn primary_of(world: &World, names: &Names, instance: &str) -> Result<String, String> {
    let id = names
        .id(instance)
        .ok_or(format!("there is no {instance}"))?;
    let enis = world.enis_of(&id.into());
    let primary = enis.iter().find(|e| e.is_primary());
    primary
        .map(|e| e.id.to_string())
        .ok_or(format!("{instance} has no primary interface"))
}

fn text(value: Option<impl ToString>) -> Option<String> {
    Some(value.map_or(NONE.to_owned(), |v| v.to_string()))
}

fn list(values: impl Iterator<Item = impl ToString>) -> Option<String> {
    let words: Vec<_> = values.map(|v| v.to_string()).collect();
    Some(if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(" ")
    })
}

fn eni(world: &World, eni: &Eni, field: &str) -> Option<String> {
    let primary = eni.private_ip_addresses.iter().find(|ip| ip.primary);
    match field {
        "MacAddress" => Some(eni.mac_address.to_string()),
        "VpcId" => Some(eni.vpc_id.to_string()),
        "SubnetId" => Some(eni.subnet_id.to_string()),
        "AvailabilityZone" => Some(eni.availability_zone.to_string()),
        "InterfaceType" => Some(eni.interface_type.to_string()),
        "RequesterManaged" => Some(eni.requester_managed.to_string()),
        "PrivateIpAddress" => text(primary.map(|ip| ip.private_ip_address)),
        "Addresses" => Some(eni.private_ip_addresses.len().to_string()),
        "PrimaryPublicIp" => text(
            primary
                .and_then(|ip| ip.association.as_ref())
                .map(|a| a.public_ip),
        ),
        "Ipv4Prefixes" => Some(eni.ipv4_prefixes.len().to_string()),
        "GroupNames" => list(eni.groups.iter().map(|g| &g.group_name)),
        "Distinct" => Some(addresses_are_sound(world, eni)),
        "AttachTime" => text(eni.attachment.as_ref().and_then(|a| a.attach_time)),
        "NetworkCardIndex" => text(eni.attachment.as_ref().map(|a| a.network_card_index)),
        "exists" => None,
        _ => {
            let fields = eni_fields(eni);
            let (_, value) = fields.into_iter().find(|(name, _)| *name == field)?;
            text(value)
        }
    }
}

/// Whether every address lies in the subnet, is none of the five that AWS keeps, and is nobody
/// else's.
fn addresses_are_sound(world: &World, eni: &Eni) -> String {
    let Some(subnet) = world.subnet(&eni.subnet_id) else {
        return "no subnet".to_owned();
    };
    let (network, bits) = subnet.cidr_block.split_once('/').unwrap();
    let first = u32::from(network.parse::<std::net::Ipv4Addr>().unwrap());
    let size = 1_u32 << (32 - bits.parse::<u32>().unwrap());
    for ip in &eni.private_ip_addresses {
        let at = u32::from(ip.private_ip_address).wrapping_sub(first);
        if at < 4 || at >= size - 1 {
            return format!("{} is reserved or outside", ip.private_ip_address);
        }
        let others = world.enis_in(&eni.subnet_id).filter(|e| e.id != eni.id);
        let mut taken = others.flat_map(|e| &e.private_ip_addresses);
        if taken.any(|other| other.private_ip_address == ip.private_ip_address) {
            return format!("{} is another's too", ip.private_ip_address);
        }
    }
    "yes".to_owned()
}

fn instance(world: &World, instance: &Instance, field: &str) -> Option<String> {
    match field {
        "State" => Some(instance.state.to_string()),
        "InstanceType" => Some(instance.instance_type.to_string()),
        "AvailabilityZone" => Some(instance.availability_zone.to_string()),
        "SubnetId" => text(instance.subnet_id.as_ref()),
        "Interfaces" => Some(world.enis_of(&instance.id).len().to_string()),
        _ => None,
    }
}

fn address(address: &Address, field: &str) -> Option<String> {
    match field {
        "PublicIp" => Some(address.public_ip.to_string()),
        "AssociationId" => text(address.association_id.as_ref()),
        "NetworkInterfaceId" => text(address.network_interface_id.as_ref()),
        "InstanceId" => text(address.instance_id.as_ref()),
        "PrivateIpAddress" => text(address.private_ip_address),
        _ => None,
    }
}

/// A table stands for its first route that is not local.
fn table(table: &RouteTable, field: &str) -> Option<String> {
    let others = || {
        table
            .routes
            .iter()
            .filter(|r| r.gateway.as_deref() != Some("local"))
    };
    if field == "Routes" {
        return Some(others().count().to_string());
    }
    let route: Option<&Route> = others().next();
    match field {
        "State" => text(route.map(|r| &r.state)),
        "InstanceId" => text(route.and_then(|r| r.instance_id.as_ref())),
        "NetworkInterfaceId" => text(route.and_then(|r| r.network_interface_id.as_ref())),
        "Gateway" => text(route.and_then(|r| r.gateway.as_ref())),
        "Associations" => Some(table.associations.len().to_string()),
        _ => None,
    }
}

fn subnet(subnet: &Subnet, field: &str) -> Option<String> {
    match field {
        "AvailableIpAddressCount" => Some(subnet.available_ip_address_count.to_string()),
        "AvailabilityZone" => Some(subnet.availability_zone.to_string()),
        "VpcId" => Some(subnet.vpc_id.to_string()),
        _ => None,
    }
}

fn group(group: &SecurityGroup, field: &str) -> Option<String> {
    match field {
        "GroupName" => Some(group.group_name.to_string()),
        "VpcId" => Some(group.vpc_id.to_string()),
        _ => None,
    }
}
