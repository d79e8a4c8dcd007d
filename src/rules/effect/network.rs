//! VPCs, subnets, security groups and gateways.
//!
//! Invariants: a VPC comes with its default security group and its main route table, and goes with
//! them; a NAT gateway brings an interface that EC2 manages, and takes it along when it goes.

use std::collections::BTreeSet;

use super::managed::{HYPERPLANE, ServiceInterface};
use super::{Effect, Mint, Settled, Transition, interface, permission, table};
use crate::ec2::call::{
    Answer, Call, CreateInternetGateway, CreateNatGateway, CreateSecurityGroup, CreateSubnet,
    CreateVpc, DeleteInternetGateway, DeleteNatGateway, DeleteSecurityGroup, DeleteSubnet,
    DeleteVpc, GatewayAttachment,
};
use crate::ec2::change::Change;
use crate::ec2::eni::Eni;
use crate::ec2::id::{
    AssociationId, GroupId, InternetGatewayId, NatGatewayId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::{
    InternetGateway, NatGateway, NatGatewayState, RouteState, SecurityGroup, Subnet, Vpc,
};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::addresses::Range;
use crate::rules::{gateway, network, token};

/// A VPC with its default security group and its main route table.
pub fn create_vpc(world: &World, call: &CreateVpc, mint: &mut dyn Mint) -> Effect {
    let id = VpcId::new(mint.id(VpcId::PREFIX));
    let cidr = block(&call.cidr_block);
    let vpc = Vpc {
        id: id.clone(),
        cidr_block: cidr.clone(),
        is_default: false,
        // VPC User Guide, "DNS attributes for your VPC": names only in a default VPC.
        enable_dns_support: Some(true),
        enable_dns_hostnames: Some(false),
        owner_id: world.account.clone(),
        tags: call.tags.clone(),
    };
    let group_id = GroupId::new(mint.id(GroupId::PREFIX));
    let group = SecurityGroup {
        rules: permission::at_first(&group_id, true, mint),
        id: group_id,
        group_name: "default".into(),
        vpc_id: id.clone(),
        description: "default VPC security group".into(),
        tags: Vec::new(),
    };
    let table = table::blank(&id, &cidr, true, Vec::new(), mint);
    Effect {
        answer: Answer {
            vpc_id: Some(id.clone()),
            ..Answer::default()
        },
        at_once: vec![
            Change::Vpc(id, Some(Box::new(vpc))),
            Change::Group(group.id.clone(), Some(Box::new(group))),
            Change::RouteTable(table.id.clone(), Some(Box::new(table))),
        ],
        under_way: Vec::new(),
    }
}

/// A range as EC2 writes it: host bits cleared.
fn block(cidr: &Str) -> Str {
    Range::parse(cidr).map_or_else(|| cidr.clone(), Range::cidr)
}

/// The VPC with what came with it.
pub fn delete_vpc(world: &World, call: &DeleteVpc) -> Effect {
    let id = &call.vpc_id;
    let mut at_once = Vec::new();
    let groups = world.groups_of(id);
    at_once.extend(groups.map(|g| Change::Group(g.id.clone(), None)));
    let tables = world.route_tables_of(id);
    at_once.extend(tables.map(|t| Change::RouteTable(t.id.clone(), None)));
    at_once.push(Change::Vpc(id.clone(), None));
    Effect {
        at_once,
        ..Effect::default()
    }
}

/// A subnet with all its addresses free but the five that AWS keeps.
pub fn create_subnet(world: &World, call: &CreateSubnet, mint: &mut dyn Mint) -> Effect {
    let id = SubnetId::new(mint.id(SubnetId::PREFIX));
    let size = Range::parse(&call.cidr_block).map_or(0, Range::size);
    let first = || format!("{}a", world.region).into();
    let zone = call.availability_zone.clone().unwrap_or_else(first);
    let mut siblings = world.subnets_of(&call.vpc_id);
    let sibling = siblings.find(|s| s.availability_zone == zone);
    let subnet = Subnet {
        id: id.clone(),
        vpc_id: call.vpc_id.clone(),
        cidr_block: block(&call.cidr_block),
        availability_zone_id: sibling
            .and_then(|s| s.availability_zone_id.clone())
            .or_else(|| zone_id(&world.region, &zone)),
        availability_zone: zone,
        available_ip_address_count: u32::try_from(size.saturating_sub(5)).unwrap_or(u32::MAX),
        map_public_ip_on_launch: false,
        ipv6_cidr_block: call.ipv6_cidr_block.clone(),
        assign_ipv6_address_on_creation: false,
        owner_id: world.account.clone(),
        tags: call.tags.clone(),
    };
    Effect {
        answer: Answer {
            subnet_id: Some(id.clone()),
            ..Answer::default()
        },
        at_once: vec![Change::Subnet(id, Some(Box::new(subnet)))],
        under_way: Vec::new(),
    }
}

/// `use1-az1` for `us-east-1a`. Which number a letter has differs from account to account; here it
/// follows the letters.
fn zone_id(region: &str, zone: &str) -> Option<Str> {
    let letter = zone.strip_prefix(region)?.bytes().next()?;
    let number = letter.checked_sub(b'a')? + 1;
    let mut parts = region.split('-');
    let area = parts.next()?;
    let direction: String = match parts.next()? {
        "northeast" => "ne".to_owned(),
        "southeast" => "se".to_owned(),
        "northwest" => "nw".to_owned(),
        "southwest" => "sw".to_owned(),
        other => other.chars().take(1).collect(),
    };
    let count = parts.next()?;
    Some(format!("{area}{direction}{count}-az{number}").into())
}

/// The subnet is gone, and its association with a route table.
pub fn delete_subnet(world: &World, call: &DeleteSubnet) -> Effect {
    let id = &call.subnet_id;
    let mut effect = Effect::default();
    if let Some(table) = world.route_table_of(id)
        && let Some(used) = table.associations.iter().find(|a| a.subnet_id == *id)
    {
        effect = table::without_association(table, &used.id);
    }
    effect.at_once.push(Change::Subnet(id.clone(), None));
    effect
}

/// A security group that nothing is in.
pub fn create_group(world: &World, call: &CreateSecurityGroup, mint: &mut dyn Mint) -> Effect {
    let Ok(vpc_id) = network::vpc_of(world, call.vpc_id.as_ref()) else {
        return Effect::default();
    };
    let id = GroupId::new(mint.id(GroupId::PREFIX));
    let group = SecurityGroup {
        id: id.clone(),
        group_name: call.group_name.clone(),
        vpc_id,
        description: call.description.clone(),
        rules: permission::at_first(&id, false, mint),
        tags: call.tags.clone(),
    };
    Effect {
        answer: Answer {
            group_id: Some(id.clone()),
            ..Answer::default()
        },
        at_once: vec![Change::Group(id, Some(Box::new(group)))],
        under_way: Vec::new(),
    }
}

/// The group is gone.
pub fn delete_group(call: &DeleteSecurityGroup) -> Effect {
    Effect {
        at_once: vec![Change::Group(call.group_id.clone(), None)],
        ..Effect::default()
    }
}

/// An internet gateway that is attached to nothing.
pub fn create_internet_gateway(
    world: &World,
    call: &CreateInternetGateway,
    mint: &mut dyn Mint,
) -> Effect {
    let id = InternetGatewayId::new(mint.id(InternetGatewayId::PREFIX));
    let gateway = InternetGateway {
        id: id.clone(),
        vpc_id: None,
        owner_id: world.account.clone(),
        tags: call.tags.clone(),
    };
    Effect {
        answer: Answer {
            internet_gateway_id: Some(id.clone()),
            ..Answer::default()
        },
        at_once: vec![Change::InternetGateway(id, Some(Box::new(gateway)))],
        under_way: Vec::new(),
    }
}

/// The gateway is attached to the VPC, or to none; routes to it follow.
pub fn attach_internet_gateway(world: &World, call: &GatewayAttachment, on: bool) -> Effect {
    let id = &call.internet_gateway_id;
    let Some(gateway) = world.internet_gateway(id) else {
        return Effect::default();
    };
    let mut gateway = gateway.as_ref().clone();
    gateway.vpc_id = on.then(|| call.vpc_id.clone());
    let state = if on {
        RouteState::Active
    } else {
        RouteState::Blackhole
    };
    let mut at_once = vec![Change::InternetGateway(id.clone(), Some(Box::new(gateway)))];
    at_once.extend(table::gateway_is(world, &id.as_str().into(), state));
    Effect {
        at_once,
        ..Effect::default()
    }
}

/// The gateway is gone.
pub fn delete_internet_gateway(call: &DeleteInternetGateway) -> Effect {
    Effect {
        at_once: vec![Change::InternetGateway(
            call.internet_gateway_id.clone(),
            None,
        )],
        ..Effect::default()
    }
}

/// A pending NAT gateway with its interface, which EC2 manages.
pub fn create_nat_gateway(
    world: &World,
    call: &CreateNatGateway,
    mint: &mut dyn Mint,
    now: Time,
) -> Effect {
    if let Some(answer) = token::answered(world, call.client_token.as_ref()) {
        return Effect {
            answer,
            ..Effect::default()
        };
    }
    let Some(subnet) = world.subnet(&call.subnet_id) else {
        return Effect::default();
    };
    let id = NatGatewayId::new(mint.id(NatGatewayId::PREFIX));
    let eni = service_interface(world, call, subnet, &id, mint, now);
    let Some(private_ip) = eni.primary_ip() else {
        return Effect::default();
    };
    let address = call.allocation_id.as_ref().and_then(|a| world.address(a));
    let nat = NatGateway {
        id: id.clone(),
        subnet_id: subnet.id.clone(),
        vpc_id: subnet.vpc_id.clone(),
        network_interface_id: eni.id.clone(),
        private_ip,
        allocation_id: call.allocation_id.clone(),
        public_ip: address.map(|a| a.public_ip),
        connectivity_type: call
            .connectivity_type
            .clone()
            .unwrap_or_else(|| "public".into()),
        state: NatGatewayState::Pending,
        create_time: Some(now),
        delete_time: None,
        tags: call.tags.clone(),
    };
    let associated = address.map(|address| Change::AddressAssociated {
        address: address.id.clone(),
        association: AssociationId::new(mint.id(AssociationId::PREFIX)),
        eni: eni.id.clone(),
        private_ip,
        instance: None,
    });
    let answer = Answer {
        nat_gateway_id: Some(id.clone()),
        client_token: call.client_token.clone(),
        ..Answer::default()
    };
    let mut at_once = vec![
        Change::EniCreated(Box::new(eni)),
        Change::NatGateway(id.clone(), Some(Box::new(nat))),
    ];
    at_once.extend(associated);
    at_once.extend(interface::token_used(
        call.client_token.as_ref(),
        || Call::CreateNatGateway(call.clone()),
        &answer,
    ));
    Effect {
        answer,
        at_once,
        under_way: vec![Transition::NatGatewayUp(id)],
    }
}

fn service_interface(
    world: &World,
    call: &CreateNatGateway,
    subnet: &Subnet,
    id: &NatGatewayId,
    mint: &mut dyn Mint,
    now: Time,
) -> Eni {
    let made = ServiceInterface {
        interface_type: "nat_gateway",
        description: format!("Interface for NAT Gateway {id}").into(),
        // The account of the service; its number differs from Region to Region.
        requester: "405019824671".to_owned(),
        holder: "amazon-aws",
        attachment: HYPERPLANE,
        groups: Some(&[]),
        chosen: gateway::wanted(call).choose(world, subnet, &BTreeSet::new()),
        tags: Vec::new(),
    };
    let mut eni = made.make(world, subnet, mint, now);
    eni.source_dest_check = false;
    eni
}

/// Pending becomes available, or fails where the internet does not reach the VPC.
pub fn nat_gateway_up(world: &World, id: &NatGatewayId) -> Settled {
    let Some(nat) = world
        .nat_gateway(id)
        .filter(|n| n.state == NatGatewayState::Pending)
    else {
        return Settled::default();
    };
    let public = nat.allocation_id.is_some();
    if public && !world.has_internet(&nat.vpc_id) {
        return without_interface(world, nat, NatGatewayState::Failed);
    }
    let mut nat = nat.as_ref().clone();
    nat.state = NatGatewayState::Available;
    Settled {
        changes: vec![Change::NatGateway(id.clone(), Some(Box::new(nat)))],
        under_way: Vec::new(),
    }
}

/// The gateway is on its way out; routes to it drop what they get.
pub fn delete_nat_gateway(world: &World, call: &DeleteNatGateway, now: Time) -> Effect {
    let id = &call.nat_gateway_id;
    let mut effect = Effect::default();
    effect.answer.nat_gateway_id = Some(id.clone());
    let Some(nat) = world.nat_gateway(id).filter(|n| {
        matches!(
            n.state,
            NatGatewayState::Pending | NatGatewayState::Available
        )
    }) else {
        return effect;
    };
    let mut nat = nat.as_ref().clone();
    nat.state = NatGatewayState::Deleting;
    nat.delete_time = Some(now);
    let change = Change::NatGateway(id.clone(), Some(Box::new(nat)));
    effect.at_once.push(change);
    let gateway = id.as_str().into();
    let routes = table::gateway_is(world, &gateway, RouteState::Blackhole);
    effect.at_once.extend(routes);
    effect
        .under_way
        .push(Transition::NatGatewayGone(id.clone()));
    effect
}

/// Deleting becomes deleted: the interface is gone, the Elastic IP free.
pub fn nat_gateway_gone(world: &World, id: &NatGatewayId) -> Settled {
    match world.nat_gateway(id) {
        Some(nat) if nat.state == NatGatewayState::Deleting => {
            without_interface(world, nat, NatGatewayState::Deleted)
        }
        _ => Settled::default(),
    }
}

fn without_interface(world: &World, nat: &NatGateway, state: NatGatewayState) -> Settled {
    let mut changes = interface::gone(world, &nat.network_interface_id);
    let mut nat = nat.clone();
    nat.state = state;
    changes.push(Change::NatGateway(nat.id.clone(), Some(Box::new(nat))));
    Settled {
        changes,
        under_way: Vec::new(),
    }
}
