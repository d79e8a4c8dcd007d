//! One consistent inventory of an account and Region, with its indexes.
//!
//! Invariants: resources, and the maps that hold them, are shared by the copies of a world, so a
//! comparison can skip what is the same object; every index agrees with the resources
//! ([`World::check_invariants`]); a change of content raises the revision.

mod changed;
mod common;
mod index;
mod put;
mod quota;
mod share;
mod sorted;
mod sound;
mod tags;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::call::{Answer, Call};
use super::eni::Eni;
use super::gap::{Gap, Kind};
use super::id::{
    AllocationId, AssociationId, AttachmentId, EniId, GroupId, InstanceId, InternetGatewayId,
    NatGatewayId, RouteTableAssociationId, RouteTableId, Str, SubnetId, VpcId,
};
use super::resource::{
    Address, Instance, InstanceType, InternetGateway, NatGateway, RouteTable, SecurityGroup,
    Subnet, Vpc,
};
use common::Common;
use index::Indexes;
pub use quota::Quotas;
use share::Map;

/// The inventory.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Region, such as `us-east-1`.
    pub region: Str,
    /// Account, 12 digits.
    pub account: Str,
    /// How many of a kind there may be.
    pub quotas: Quotas,
    revision: u64,
    vpcs: Map<VpcId, Vpc>,
    subnets: Map<SubnetId, Subnet>,
    instances: Map<InstanceId, Instance>,
    enis: Map<EniId, Eni>,
    groups: Map<GroupId, SecurityGroup>,
    addresses: Map<AllocationId, Address>,
    route_tables: Map<RouteTableId, RouteTable>,
    internet_gateways: Map<InternetGatewayId, InternetGateway>,
    nat_gateways: Map<NatGatewayId, NatGateway>,
    instance_types: Map<Str, InstanceType>,
    tokens: Map<Str, (Call, Answer)>,
    /// Associations of Elastic IPs that are over. They are no part of what is: all that they say is
    /// that ending them again is no error.
    over: Map<AssociationId, ()>,
    /// Kinds that nobody may look at, in order.
    gaps: Vec<Gap>,
    indexes: Indexes,
    common: Common,
}

/// Two worlds are equal when they hold the same resources, whatever their revisions.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.region == other.region
            && self.account == other.account
            && self.vpcs == other.vpcs
            && self.subnets == other.subnets
            && self.instances == other.instances
            && self.enis == other.enis
            && self.groups == other.groups
            && self.addresses == other.addresses
            && self.route_tables == other.route_tables
            && self.internet_gateways == other.internet_gateways
            && self.nat_gateways == other.nat_gateways
            && self.instance_types == other.instance_types
            && self.tokens == other.tokens
            && self.gaps == other.gaps
    }
}

impl World {
    /// An empty world.
    pub fn new(region: impl Into<Str>, account: impl Into<Str>) -> Self {
        Self {
            region: region.into(),
            account: account.into(),
            ..Self::default()
        }
    }

    /// Rises with every change of content; only good for "has anything changed?".
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Says that nobody may look at a kind of resources: that it holds none means nothing.
    pub fn put_gap(&mut self, gap: Gap) {
        self.gaps.retain(|known| known.kind != gap.kind);
        self.gaps.push(gap);
        self.gaps.sort_unstable();
        self.revision += 1;
    }

    /// Kinds of resources that nobody may look at.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Why nothing is known of a kind of resources; `None` if it was looked at.
    pub fn gap(&self, kind: Kind) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.kind == kind)
    }

    /// Every VPC, by id.
    pub fn vpcs(&self) -> impl Iterator<Item = &Arc<Vpc>> {
        self.vpcs.values()
    }

    /// Every subnet, by id.
    pub fn subnets(&self) -> impl Iterator<Item = &Arc<Subnet>> {
        self.subnets.values()
    }

    /// Every instance, by id.
    pub fn instances(&self) -> impl Iterator<Item = &Arc<Instance>> {
        self.instances.values()
    }

    /// Every network interface, by id.
    pub fn enis(&self) -> impl Iterator<Item = &Arc<Eni>> {
        self.enis.values()
    }

    /// Every network interface whose id comes after this one, by id.
    pub fn enis_after(&self, id: EniId) -> impl Iterator<Item = &Arc<Eni>> {
        self.enis.after(&id).map(|(_, eni)| eni)
    }

    /// Every security group, by id.
    pub fn groups(&self) -> impl Iterator<Item = &Arc<SecurityGroup>> {
        self.groups.values()
    }

    /// Every Elastic IP, by id.
    pub fn addresses(&self) -> impl Iterator<Item = &Arc<Address>> {
        self.addresses.values()
    }

    /// Every route table, by id.
    pub fn route_tables(&self) -> impl Iterator<Item = &Arc<RouteTable>> {
        self.route_tables.values()
    }

    /// How many network interfaces there are.
    pub fn eni_count(&self) -> usize {
        self.enis.len()
    }

    /// A VPC by id.
    pub fn vpc(&self, id: &VpcId) -> Option<&Arc<Vpc>> {
        self.vpcs.get(id)
    }

    /// A subnet by id.
    pub fn subnet(&self, id: &SubnetId) -> Option<&Arc<Subnet>> {
        self.subnets.get(id)
    }

    /// An instance by id.
    pub fn instance(&self, id: &InstanceId) -> Option<&Arc<Instance>> {
        self.instances.get(id)
    }

    /// A network interface by id.
    pub fn eni(&self, id: &EniId) -> Option<&Arc<Eni>> {
        self.enis.get(id)
    }

    /// A security group by id.
    pub fn group(&self, id: &GroupId) -> Option<&Arc<SecurityGroup>> {
        self.groups.get(id)
    }

    /// An Elastic IP by allocation id.
    pub fn address(&self, id: &AllocationId) -> Option<&Arc<Address>> {
        self.addresses.get(id)
    }

    /// An instance type that the endpoint has described.
    pub fn instance_type(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.instance_types.get(name)
    }

    /// A route table by id.
    pub fn route_table(&self, id: &RouteTableId) -> Option<&Arc<RouteTable>> {
        self.route_tables.get(id)
    }

    /// Subnets of a VPC, by id.
    pub fn subnets_of(&self, vpc: &VpcId) -> impl Iterator<Item = &Arc<Subnet>> {
        self.indexes
            .subnets_of_vpc
            .of(vpc)
            .filter_map(|id| self.subnets.get(id))
    }

    /// Instances whose primary interface is in the subnet, by id.
    pub fn instances_in(&self, subnet: &SubnetId) -> impl Iterator<Item = &Arc<Instance>> {
        self.indexes
            .instances_of_subnet
            .of(subnet)
            .filter_map(|id| self.instances.get(id))
    }

    /// Network interfaces in a subnet, attached or not, by id.
    pub fn enis_in(&self, subnet: &SubnetId) -> impl Iterator<Item = &Arc<Eni>> {
        self.indexes
            .enis_of_subnet
            .of(subnet)
            .filter_map(|id| self.enis.get(id))
    }

    /// Network interfaces attached (or attaching, or detaching) to an instance, by card and index.
    pub fn enis_of(&self, instance: &InstanceId) -> Vec<&Arc<Eni>> {
        let mut found: Vec<_> = self
            .indexes
            .enis_of_instance
            .of(instance)
            .filter_map(|id| self.enis.get(id))
            .collect();
        found.sort_by_key(|eni| {
            eni.attachment
                .as_ref()
                .map(|a| (a.network_card_index, a.device_index))
        });
        found
    }

    /// The interface that an attachment holds.
    pub fn eni_of_attachment(&self, id: &AttachmentId) -> Option<&Arc<Eni>> {
        self.indexes
            .eni_of_attachment
            .get(id)
            .and_then(|eni| self.enis.get(eni))
    }

    /// The interface that carries a private address in a subnet.
    pub fn eni_with_address(&self, subnet: &SubnetId, ip: Ipv4Addr) -> Option<&Arc<Eni>> {
        self.indexes
            .eni_of_address
            .get(&(subnet.clone(), ip))
            .and_then(|eni| self.enis.get(eni))
    }

    /// Elastic IPs associated with an interface.
    pub fn addresses_on(&self, eni: &EniId) -> impl Iterator<Item = &Arc<Address>> {
        let on = self.enis.get(eni);
        on.into_iter()
            .flat_map(|e| e.associations())
            .filter_map(|(_, association)| {
                association
                    .allocation_id
                    .as_ref()
                    .and_then(|id| self.addresses.get(id))
            })
    }

    /// Route tables that hold a route to an interface. EC2 has no filter for this: clients scan.
    pub fn route_tables_to(&self, eni: &EniId) -> impl Iterator<Item = &Arc<RouteTable>> {
        self.indexes
            .tables_of_eni
            .of(eni)
            .filter_map(|id| self.route_tables.get(id))
    }

    /// Every internet gateway, by id.
    pub fn internet_gateways(&self) -> impl Iterator<Item = &Arc<InternetGateway>> {
        self.internet_gateways.values()
    }

    /// Every NAT gateway, by id.
    pub fn nat_gateways(&self) -> impl Iterator<Item = &Arc<NatGateway>> {
        self.nat_gateways.values()
    }

    /// An internet gateway by id.
    pub fn internet_gateway(&self, id: &InternetGatewayId) -> Option<&Arc<InternetGateway>> {
        self.internet_gateways.get(id)
    }

    /// A NAT gateway by id.
    pub fn nat_gateway(&self, id: &NatGatewayId) -> Option<&Arc<NatGateway>> {
        self.nat_gateways.get(id)
    }

    /// How many VPCs, security groups, Elastic IPs and internet gateways there are.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        (
            self.vpcs.len(),
            self.groups.len(),
            self.addresses.len(),
            self.internet_gateways.len(),
        )
    }

    /// The internet gateway attached to a VPC.
    pub fn internet_gateway_of(&self, vpc: &VpcId) -> Option<&Arc<InternetGateway>> {
        let id = self.indexes.igw_of_vpc.get(vpc)?;
        self.internet_gateways.get(id)
    }

    /// Whether the internet reaches a VPC: an internet gateway is attached, or something says so that
    /// EC2 allows only with one (an inventory may lack the gateways themselves, and a look whatever
    /// it did not ask for): a route to one, or an Elastic IP on an interface, which also keeps the
    /// gateway from being detached (API Reference, `DetachInternetGateway`).
    pub fn has_internet(&self, vpc: &VpcId) -> bool {
        let in_it = |eni: &EniId| self.eni(eni).is_some_and(|eni| eni.vpc_id == *vpc);
        self.internet_gateway_of(vpc).is_some()
            || self.route_tables_of(vpc).any(|table| {
                let mut gateways = table.routes.iter().filter_map(|r| r.gateway.as_deref());
                gateways.any(|g| g.starts_with(InternetGatewayId::PREFIX))
            })
            || self
                .addresses()
                .any(|a| a.network_interface_id.as_ref().is_some_and(in_it))
    }

    /// NAT gateways in a subnet, deleted ones too, by id.
    pub fn nat_gateways_in(&self, subnet: &SubnetId) -> impl Iterator<Item = &Arc<NatGateway>> {
        self.indexes
            .nats_of_subnet
            .of(subnet)
            .filter_map(|id| self.nat_gateways.get(id))
    }

    /// Security groups of a VPC, by id.
    pub fn groups_of(&self, vpc: &VpcId) -> impl Iterator<Item = &Arc<SecurityGroup>> {
        self.indexes
            .groups_of_vpc
            .of(vpc)
            .filter_map(|id| self.groups.get(id))
    }

    /// Network interfaces in a security group, by id.
    pub fn enis_with_group(&self, group: &GroupId) -> impl Iterator<Item = &Arc<Eni>> {
        self.indexes
            .enis_of_group
            .of(group)
            .filter_map(|id| self.enis.get(id))
    }

    /// Route tables of a VPC, by id.
    pub fn route_tables_of(&self, vpc: &VpcId) -> impl Iterator<Item = &Arc<RouteTable>> {
        self.indexes
            .tables_of_vpc
            .of(vpc)
            .filter_map(|id| self.route_tables.get(id))
    }

    /// Route tables that hold a route to a gateway.
    pub fn route_tables_to_gateway(&self, gateway: &Str) -> impl Iterator<Item = &Arc<RouteTable>> {
        self.indexes
            .tables_of_gateway
            .of(gateway)
            .filter_map(|id| self.route_tables.get(id))
    }

    /// The route table that a subnet uses explicitly.
    pub fn route_table_of(&self, subnet: &SubnetId) -> Option<&Arc<RouteTable>> {
        let id = self.indexes.table_of_subnet.get(subnet)?;
        self.route_tables.get(id)
    }

    /// The route table of an association.
    pub fn route_table_of_association(
        &self,
        id: &RouteTableAssociationId,
    ) -> Option<&Arc<RouteTable>> {
        let id = self.indexes.table_of_association.get(id)?;
        self.route_tables.get(id)
    }

    /// The Elastic IP of an association.
    pub fn address_of_association(&self, id: &AssociationId) -> Option<&Arc<Address>> {
        let id = self.indexes.address_of_association.get(id)?;
        self.addresses.get(id)
    }

    /// The interface that carries an IPv6 address in a subnet.
    pub fn eni_with_ipv6(&self, subnet: &SubnetId, ip: Ipv6Addr) -> Option<&Arc<Eni>> {
        let id = self.indexes.eni_of_ipv6.get(&(subnet.clone(), ip))?;
        self.enis.get(id)
    }

    /// The interface that has a delegated prefix, of either family, in a subnet.
    pub fn eni_with_prefix(&self, subnet: &SubnetId, prefix: &Str) -> Option<&Arc<Eni>> {
        let id = self
            .indexes
            .eni_of_prefix
            .get(&(subnet.clone(), prefix.clone()))?;
        self.enis.get(id)
    }

    /// The lowest address of a subnet, from this one on, that no interface has, neither as an
    /// address nor in a prefix.
    pub fn free_address_from(&self, subnet: &SubnetId, from: Ipv4Addr) -> Option<Ipv4Addr> {
        let from = u32::from(from);
        match self.indexes.taken.get(subnet) {
            Some(taken) => taken.free_from(from).map(Ipv4Addr::from),
            None => Some(from.into()),
        }
    }

    /// Whether an interface has any of these addresses of a subnet, as an address or in a prefix;
    /// if so, the last of the addresses that are taken without a gap.
    pub fn taken_between(
        &self,
        subnet: &SubnetId,
        first: Ipv4Addr,
        last: Ipv4Addr,
    ) -> Option<Ipv4Addr> {
        let taken = self.indexes.taken.get(subnet)?;
        let end = taken.taken_in(first.into(), last.into())?;
        Some(end.into())
    }

    /// Whether there was such an association of an Elastic IP, and it is over.
    pub fn was_associated(&self, id: &AssociationId) -> bool {
        self.over.get(id).is_some()
    }

    /// An association of an Elastic IP is over.
    pub(super) fn retire(&mut self, id: &AssociationId) {
        self.over.insert(id.clone(), Arc::new(()));
    }

    /// The call that used a client token first, and its answer.
    pub fn token(&self, token: &str) -> Option<&(Call, Answer)> {
        self.tokens.get(token).map(|used| &**used)
    }

    /// Remembers a client token, or forgets it.
    pub fn put_token(&mut self, token: &Str, used: Option<(Call, Answer)>) {
        self.revision += 1;
        match used {
            Some(used) => self.tokens.insert(token.clone(), Arc::new(used)),
            None => self.tokens.remove(token),
        };
    }

    /// Replaces one interface by what `edit` makes of it; nothing if it does not exist.
    pub fn edit_eni(&mut self, id: &EniId, edit: impl FnOnce(&mut Eni)) {
        if let Some(eni) = self.enis.get(id) {
            let mut eni = Eni::clone(eni);
            edit(&mut eni);
            self.put_eni(eni);
        }
    }

    /// Replaces one instance by what `edit` makes of it; nothing if it does not exist.
    pub fn edit_instance(&mut self, id: &InstanceId, edit: impl FnOnce(&mut Instance)) {
        if let Some(instance) = self.instances.get(id) {
            let mut instance = Instance::clone(instance);
            edit(&mut instance);
            self.put_instance(instance);
        }
    }

    /// Replaces one subnet by what `edit` makes of it; nothing if it does not exist.
    pub fn edit_subnet(&mut self, id: &SubnetId, edit: impl FnOnce(&mut Subnet)) {
        if let Some(subnet) = self.subnets.get(id) {
            let mut subnet = Subnet::clone(subnet);
            edit(&mut subnet);
            self.put_subnet(subnet);
        }
    }

    /// Replaces one Elastic IP by what `edit` makes of it; nothing if it does not exist.
    pub fn edit_address(&mut self, id: &AllocationId, edit: impl FnOnce(&mut Address)) {
        if let Some(address) = self.addresses.get(id) {
            let mut address = Address::clone(address);
            edit(&mut address);
            self.put_address(address);
        }
    }

    /// Replaces one route table by what `edit` makes of it; nothing if it does not exist.
    pub fn edit_route_table(&mut self, id: &RouteTableId, edit: impl FnOnce(&mut RouteTable)) {
        if let Some(table) = self.route_tables.get(id) {
            let mut table = RouteTable::clone(table);
            edit(&mut table);
            self.put_route_table(table);
        }
    }
}
