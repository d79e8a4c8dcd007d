//! The resources of a generated account, put into a world.
//!
//! Invariants: an interface is in the zone of its instance and within its type's limit; no address
//! is given twice; what services own looks as EC2 shows it.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::Size;
use crate::ec2::eni::{
    Association, Attachment, AttachmentStatus, Eni, EniStatus, GroupRef, PrivateIp,
};
use crate::ec2::id::{
    AllocationId, AssociationId, AttachmentId, EniId, GroupId, InstanceId, InternetGatewayId,
    RouteTableId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::{
    Address, CheckStatus, Instance, InstanceState, InternetGateway, Route, RouteState, RouteTable,
    SecurityGroup, Subnet, Tag, Vpc,
};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::effect::Mint;
use crate::rules::effect::managed::{Kind, Managed};
use crate::rules::limits;
use crate::sim::mint::Dice;

const SERVICES: &[&str] = &[
    "web", "api", "orders", "billing", "search", "auth", "cache", "queue", "reports", "ingest",
];
const VPCS: &[&str] = &["prod", "staging", "shared", "data", "dev"];
const TIERS: &[&str] = &["app", "data", "edge"];
const ZONES: &[char] = &['a', 'b', 'c'];
const TYPES: &[&str] = &[
    "t3.small",
    "m5.large",
    "c5.xlarge",
    "r5.2xlarge",
    "m5.4xlarge",
    "c5.9xlarge",
];
const KINDS: &[Kind] = &[
    Kind::Lambda,
    Kind::Alb,
    Kind::Ecs,
    Kind::Endpoint,
    Kind::Nlb,
];
/// Every so many secondary interfaces have a second address, and an Elastic IP.
const SECOND_ADDRESS: u32 = 4;
const ELASTIC_IP: u32 = 20;
/// Addresses of a range before the first that is given out: EC2's own, and room for the person.
const FIRST: u32 = 10;
/// How long ago instances were launched, at most.
const DAYS: u64 = 300;

/// A subnet and its next address.
struct Place {
    subnet: Subnet,
    vpc: usize,
    base: u32,
    next: u32,
    taken: u32,
}

/// A VPC and its security groups, one a service.
struct Home {
    id: VpcId,
    name: String,
    groups: Vec<GroupRef>,
}

struct Machine {
    id: InstanceId,
    place: usize,
    service: usize,
    name: String,
    launched: Time,
    /// Interfaces that its type may have.
    room: u32,
    has: u32,
}

struct Filler<'a> {
    world: &'a mut World,
    size: Size,
    now: Time,
    dice: Dice,
    homes: Vec<Home>,
    places: Vec<Place>,
    machines: Vec<Machine>,
}

/// Puts a generated account into a world.
pub(in crate::sim) fn fill(world: &mut World, size: Size, now: Time) {
    let mut filler = Filler {
        world,
        size,
        now,
        dice: Dice::named(size.seed, "generated", "account"),
        homes: Vec::new(),
        places: Vec::new(),
        machines: Vec::new(),
    };
    (0..size.vpcs).for_each(|n| filler.vpc(n));
    (0..size.subnets).for_each(|n| filler.subnet(n));
    (0..size.instances).for_each(|n| filler.instance(n));
    filler.interfaces();
    filler.finish();
}

/// The entry at a number that goes round.
fn of<T: Copy>(list: &[T], n: u32) -> Option<T> {
    let len = list.len().max(1);
    list.get(n as usize % len).copied()
}

/// `prod`, `prod-2`: a name for each number.
fn numbered(list: &[&str], n: u32) -> String {
    let name = of(list, n).unwrap_or_default();
    match n / u32::try_from(list.len()).unwrap_or(1) {
        0 => name.to_owned(),
        round => format!("{name}-{}", round + 1),
    }
}

impl Filler<'_> {
    fn vpc(&mut self, n: u32) {
        let id: VpcId = self.dice.id(VpcId::PREFIX).into();
        let name = numbered(VPCS, n);
        let cidr: Str = format!("10.{n}.0.0/16").into();
        let owner = self.world.account.clone();
        self.world.put_vpc(Vpc {
            id: id.clone(),
            cidr_block: cidr.clone(),
            is_default: false,
            enable_dns_support: Some(true),
            enable_dns_hostnames: Some(false),
            owner_id: owner.clone(),
            tags: vec![Tag::name(&name)],
        });
        let gateway: InternetGatewayId = self.dice.id(InternetGatewayId::PREFIX).into();
        self.world.put_internet_gateway(InternetGateway {
            id: gateway.clone(),
            vpc_id: Some(id.clone()),
            owner_id: owner,
            tags: vec![Tag::name(&name)],
        });
        let route = |destination: Str, gateway: Str| Route {
            destination,
            network_interface_id: None,
            instance_id: None,
            gateway: Some(gateway),
            state: RouteState::Active,
        };
        self.world.put_route_table(RouteTable {
            id: self.dice.id(RouteTableId::PREFIX).into(),
            vpc_id: id.clone(),
            associations: Vec::new(),
            main: true,
            routes: vec![
                route(cidr, "local".into()),
                route("0.0.0.0/0".into(), gateway.as_str().into()),
            ],
            tags: vec![Tag::name(&format!("{name}-main"))],
        });
        let names = std::iter::once("default").chain(SERVICES.iter().copied());
        let groups: Vec<GroupRef> = names.map(|group| self.group(&id, group)).collect();
        self.homes.push(Home { id, name, groups });
    }

    fn group(&mut self, vpc: &VpcId, name: &str) -> GroupRef {
        let id: GroupId = self.dice.id(GroupId::PREFIX).into();
        let group_name: Str = name.into();
        self.world.put_group(SecurityGroup {
            id: id.clone(),
            group_name: group_name.clone(),
            vpc_id: vpc.clone(),
            description: format!("{name} security group").into(),
            rules: Vec::new(),
            tags: Vec::new(),
        });
        GroupRef {
            group_id: id,
            group_name,
        }
    }

    fn subnet(&mut self, n: u32) {
        let vpc = (n % self.size.vpcs) as usize;
        let within = n / self.size.vpcs;
        let Some(home) = self.homes.get(vpc) else {
            return;
        };
        let zone = of(ZONES, within).unwrap_or('a');
        let tier = numbered(TIERS, within / 3);
        let block = self.size.block();
        let base = 0x0a00_0000 + (n % self.size.vpcs) * 0x1_0000 + within * block;
        let region = self.world.region.clone();
        let subnet = Subnet {
            id: self.dice.id(SubnetId::PREFIX).into(),
            vpc_id: home.id.clone(),
            cidr_block: format!("{}/{}", Ipv4Addr::from(base), 32 - block.ilog2()).into(),
            availability_zone: format!("{region}{zone}").into(),
            availability_zone_id: None,
            available_ip_address_count: 0,
            map_public_ip_on_launch: false,
            ipv6_cidr_block: None,
            assign_ipv6_address_on_creation: false,
            owner_id: self.world.account.clone(),
            tags: vec![Tag::name(&format!("{}-{tier}-{zone}", home.name))],
        };
        self.places.push(Place {
            subnet,
            vpc,
            base,
            next: base + FIRST,
            taken: 0,
        });
    }

    fn instance(&mut self, n: u32) {
        let place = (n % self.size.subnets) as usize;
        let (Some(at), kind) = (self.places.get(place), self.dice.roll()) else {
            return;
        };
        let Some(home) = self.homes.get(at.vpc) else {
            return;
        };
        let service = (n / self.size.subnets) as usize % SERVICES.len();
        let word = SERVICES.get(service).copied().unwrap_or_default();
        let kind = of(TYPES, (kind % 600) as u32).unwrap_or("m5.large");
        let name = format!("{}-{word}-{:04}", home.name, n + 1);
        // One in thirty is stopped, one in a hundred has failed its check.
        let (state, checks) = match self.dice.roll() % 300 {
            0..10 => (InstanceState::Stopped, CheckStatus::NotApplicable),
            10..13 => (InstanceState::Running, CheckStatus::Impaired),
            _ => (InstanceState::Running, CheckStatus::Ok),
        };
        let ago = Duration::from_secs(self.dice.roll() % (DAYS * 86_400));
        let id: InstanceId = self.dice.id(InstanceId::PREFIX).into();
        let launched = self.now - ago;
        self.world.put_instance(Instance {
            id: id.clone(),
            instance_type: kind.into(),
            system_status: match state {
                InstanceState::Stopped => CheckStatus::NotApplicable,
                _ => CheckStatus::Ok,
            },
            instance_status: checks,
            state,
            availability_zone: at.subnet.availability_zone.clone(),
            subnet_id: Some(at.subnet.id.clone()),
            vpc_id: Some(home.id.clone()),
            owner_id: self.world.account.clone(),
            launch_time: Some(launched),
            disable_api_termination: false,
            instance_lifecycle: None,
            tags: vec![
                Tag::name(&name),
                Tag {
                    key: "env".into(),
                    value: home.name.as_str().into(),
                },
                Tag {
                    key: "service".into(),
                    value: word.into(),
                },
            ],
        });
        let room = limits::of(kind).map_or(1, |limits| limits.interfaces_max);
        self.machines.push(Machine {
            id,
            place,
            service,
            name,
            launched,
            room,
            has: 0,
        });
    }

    /// Primary interfaces first; of the others three in ten are of services, one in ten is attached
    /// to nothing, and what no instance has room for goes to services as well.
    fn interfaces(&mut self) {
        for machine in 0..self.machines.len() {
            self.attached(machine, 0);
        }
        let others = self.size.enis - self.size.instances;
        let loose = others / 10;
        let secondary = others - others * 3 / 10 - loose;
        let mut made = 0;
        let mut full = self.machines.is_empty();
        while made < secondary && !full {
            full = true;
            for machine in 0..self.machines.len() {
                let free = self.machines.get(machine).is_some_and(|m| m.has < m.room);
                if made < secondary && free {
                    full = false;
                    made += 1;
                    self.attached(machine, made);
                }
            }
        }
        for n in 0..loose {
            self.loose(n);
        }
        for n in 0..others - loose - made {
            self.managed(n);
        }
    }

    /// The next interface of an instance; `nth` is the number among the secondary ones.
    fn attached(&mut self, machine: usize, nth: u32) {
        let Some(m) = self.machines.get_mut(machine) else {
            return;
        };
        let index = m.has;
        m.has += 1;
        let (place, service, launched) = (m.place, m.service, m.launched);
        let (instance, name) = (m.id.clone(), m.name.clone());
        let addresses = if index > 0 && nth.is_multiple_of(SECOND_ADDRESS) {
            2
        } else {
            1
        };
        let Some(mut eni) = self.blank(place, service, addresses) else {
            return;
        };
        if index == 0 {
            eni.description = "Primary network interface".into();
        } else {
            let role = if index == 1 { "service" } else { "data" };
            eni.description = format!("{role} address of {name}").into();
            eni.tag_set = vec![Tag::name(&format!("{name}-{role}{index}"))];
        }
        eni.status = EniStatus::InUse;
        eni.attachment = Some(Attachment {
            attachment_id: self.dice.id(AttachmentId::PREFIX).into(),
            status: AttachmentStatus::Attached,
            device_index: index,
            network_card_index: 0,
            instance_id: Some(instance.clone()),
            instance_owner_id: Some(self.world.account.clone()),
            delete_on_termination: index == 0,
            attach_time: Some(launched),
            ena_srd_specification: None,
            ena_queue_count: None,
        });
        if index > 0 && nth.is_multiple_of(ELASTIC_IP) {
            self.elastic(&mut eni, Some(instance), nth / ELASTIC_IP);
        }
        self.world.put_eni(eni);
    }

    fn loose(&mut self, n: u32) {
        let place = (n % self.size.subnets) as usize;
        let service = n as usize % SERVICES.len();
        let Some(mut eni) = self.blank(place, service, 1) else {
            return;
        };
        let word = SERVICES.get(service).copied().unwrap_or_default();
        eni.description = format!("spare interface of {word}").into();
        eni.tag_set = vec![Tag::name(&format!("{word}-spare-{:03}", n + 1))];
        self.world.put_eni(eni);
    }

    fn managed(&mut self, n: u32) {
        let at = (n % self.size.subnets) as usize;
        let Some(ip) = self.address(at) else { return };
        let round = n / self.size.subnets;
        let kind = of(KINDS, round).unwrap_or(Kind::Lambda);
        let word = of(SERVICES, round).unwrap_or_default();
        let (Some(place), seed) = (self.places.get(at), self.size.seed) else {
            return;
        };
        let Some(home) = self.homes.get(place.vpc) else {
            return;
        };
        let groups = home.groups.iter().filter(|g| &*g.group_name == word);
        let own = format!("{} {word} {kind:?}", home.name);
        let managed = Managed {
            kind,
            name: word.into(),
            hex: Dice::named(seed, "generated service", &own).id("").into(),
            groups: groups.map(|g| g.group_id.clone()).collect(),
        };
        let subnet = place.subnet.clone();
        let eni = managed.interface_at(self.world, &subnet, ip, &mut self.dice, self.now);
        self.world.put_eni(eni);
    }

    /// The next address of a subnet.
    fn address(&mut self, place: usize) -> Option<Ipv4Addr> {
        let end = self.size.block() - 1;
        let place = self.places.get_mut(place)?;
        let ip = place.next;
        // The last one is the broadcast address; `Wish::size` leaves room for all.
        (ip < place.base + end).then(|| {
            place.next += 1;
            place.taken += 1;
            Ipv4Addr::from(ip)
        })
    }

    /// An interface that is attached to nothing, with so many addresses.
    fn blank(&mut self, at: usize, service: usize, addresses: u32) -> Option<Eni> {
        let ips: Option<Vec<Ipv4Addr>> = (0..addresses).map(|_| self.address(at)).collect();
        let ips = ips?.into_iter().enumerate().map(|(n, ip)| PrivateIp {
            private_ip_address: ip,
            primary: n == 0,
            private_dns_name: None,
            association: None,
        });
        let ips = ips.collect();
        let place = self.places.get(at)?;
        let home = self.homes.get(place.vpc)?;
        // The first group is the default one.
        let group = home.groups.get(service + 1).cloned();
        let id = EniId::from(self.dice.id(EniId::PREFIX));
        let mac = self.dice.mac().into();
        let (subnet, owner) = (&place.subnet, self.world.account.clone());
        Some(Eni {
            vpc_id: subnet.vpc_id.clone(),
            availability_zone: subnet.availability_zone.clone(),
            private_ip_addresses: ips,
            groups: group.into_iter().collect(),
            ..Eni::blank(id, subnet.id.clone(), owner, mac)
        })
    }

    /// An Elastic IP on the primary address of an interface, written on both sides.
    fn elastic(&mut self, eni: &mut Eni, instance: Option<InstanceId>, n: u32) {
        let public_ip = Ipv4Addr::from(0xc612_0000 + n);
        let allocation: AllocationId = self.dice.id(AllocationId::PREFIX).into();
        let association: AssociationId = self.dice.id(AssociationId::PREFIX).into();
        let Some(private) = eni.private_ip_addresses.first_mut() else {
            return;
        };
        private.association = Some(Association {
            public_ip,
            public_dns_name: None,
            ip_owner_id: self.world.account.clone(),
            allocation_id: Some(allocation.clone()),
            association_id: Some(association.clone()),
            carrier_ip: None,
            customer_owned_ip: None,
        });
        self.world.put_address(Address {
            id: allocation,
            public_ip,
            association_id: Some(association),
            network_interface_id: Some(eni.id.clone()),
            instance_id: instance,
            private_ip_address: Some(private.private_ip_address),
            tags: Vec::new(),
        });
    }

    /// The subnets with what is left in them; quotas that such an account must have been given.
    fn finish(self) {
        let block = self.size.block();
        for place in self.places {
            self.world.put_subnet(Subnet {
                available_ip_address_count: block - 5 - place.taken,
                ..place.subnet
            });
        }
        let quotas = &mut self.world.quotas;
        let raise = |quota: &mut usize, to: usize| *quota = (*quota).max(to);
        raise(&mut quotas.network_interfaces, self.size.enis as usize * 2);
        raise(&mut quotas.vpcs, self.size.vpcs as usize * 2);
        raise(&mut quotas.internet_gateways, self.size.vpcs as usize * 2);
        raise(&mut quotas.elastic_ips, self.size.enis as usize / 10);
        raise(&mut quotas.groups, self.size.vpcs as usize * 20);
    }
}
