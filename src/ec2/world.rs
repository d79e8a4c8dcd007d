//! One consistent inventory of an account and Region, with its indexes.
//!
//! Invariants: resources are behind `Arc`, so a copy of a world shares all of them and a
//! comparison can skip what is the same object; every index agrees with the resources
//! ([`World::check_invariants`]); a change of content raises the revision.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::eni::Eni;
use super::id::{
    AllocationId, AttachmentId, EniId, GroupId, InstanceId, RouteTableId, Str, SubnetId, VpcId,
};
use super::resource::{Address, Instance, RouteTable, SecurityGroup, Subnet, Vpc};

/// The inventory.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Region, such as `us-east-1`.
    pub region: Str,
    /// Account, 12 digits.
    pub account: Str,
    revision: u64,
    vpcs: BTreeMap<VpcId, Arc<Vpc>>,
    subnets: BTreeMap<SubnetId, Arc<Subnet>>,
    instances: BTreeMap<InstanceId, Arc<Instance>>,
    enis: BTreeMap<EniId, Arc<Eni>>,
    groups: BTreeMap<GroupId, Arc<SecurityGroup>>,
    addresses: BTreeMap<AllocationId, Arc<Address>>,
    route_tables: BTreeMap<RouteTableId, Arc<RouteTable>>,
    subnets_of_vpc: Index<VpcId, SubnetId>,
    instances_of_subnet: Index<SubnetId, InstanceId>,
    enis_of_subnet: Index<SubnetId, EniId>,
    enis_of_instance: Index<InstanceId, EniId>,
    tables_of_eni: Index<EniId, RouteTableId>,
    eni_of_attachment: BTreeMap<AttachmentId, EniId>,
    eni_of_address: BTreeMap<(SubnetId, Ipv4Addr), EniId>,
}

/// One key to many.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Index<K, V>(BTreeMap<K, BTreeSet<V>>);

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone, V: Ord> Index<K, V> {
    fn add(&mut self, key: &K, value: V) {
        self.0.entry(key.clone()).or_default().insert(value);
    }

    fn drop(&mut self, key: &K, value: &V) {
        if let Some(values) = self.0.get_mut(key) {
            values.remove(value);
            if values.is_empty() {
                self.0.remove(key);
            }
        }
    }

    fn of(&self, key: &K) -> impl Iterator<Item = &V> {
        self.0.get(key).into_iter().flatten()
    }
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

    /// A route table by id.
    pub fn route_table(&self, id: &RouteTableId) -> Option<&Arc<RouteTable>> {
        self.route_tables.get(id)
    }

    /// Subnets of a VPC, by id.
    pub fn subnets_of(&self, vpc: &VpcId) -> impl Iterator<Item = &Arc<Subnet>> {
        self.subnets_of_vpc
            .of(vpc)
            .filter_map(|id| self.subnets.get(id))
    }

    /// Instances whose primary interface is in the subnet, by id.
    pub fn instances_in(&self, subnet: &SubnetId) -> impl Iterator<Item = &Arc<Instance>> {
        self.instances_of_subnet
            .of(subnet)
            .filter_map(|id| self.instances.get(id))
    }

    /// Network interfaces in a subnet, attached or not, by id.
    pub fn enis_in(&self, subnet: &SubnetId) -> impl Iterator<Item = &Arc<Eni>> {
        self.enis_of_subnet
            .of(subnet)
            .filter_map(|id| self.enis.get(id))
    }

    /// Network interfaces attached (or attaching, or detaching) to an instance, by card and index.
    pub fn enis_of(&self, instance: &InstanceId) -> Vec<&Arc<Eni>> {
        let mut found: Vec<_> = self
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
        self.eni_of_attachment
            .get(id)
            .and_then(|eni| self.enis.get(eni))
    }

    /// The interface that carries a private address in a subnet.
    pub fn eni_with_address(&self, subnet: &SubnetId, ip: Ipv4Addr) -> Option<&Arc<Eni>> {
        self.eni_of_address
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
        self.tables_of_eni
            .of(eni)
            .filter_map(|id| self.route_tables.get(id))
    }

    /// Adds or replaces a VPC.
    pub fn put_vpc(&mut self, vpc: Vpc) {
        self.revision += 1;
        self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
    }

    /// Adds or replaces a subnet.
    pub fn put_subnet(&mut self, subnet: Subnet) {
        self.revision += 1;
        self.subnets_of_vpc.add(&subnet.vpc_id, subnet.id.clone());
        self.subnets.insert(subnet.id.clone(), Arc::new(subnet));
    }

    /// Adds or replaces an instance.
    pub fn put_instance(&mut self, instance: Instance) {
        self.revision += 1;
        if let Some(old) = self.instances.get(&instance.id)
            && let Some(subnet) = &old.subnet_id
        {
            self.instances_of_subnet.drop(subnet, &instance.id);
        }
        if let Some(subnet) = &instance.subnet_id {
            self.instances_of_subnet.add(subnet, instance.id.clone());
        }
        self.instances
            .insert(instance.id.clone(), Arc::new(instance));
    }

    /// Forgets an instance.
    pub fn remove_instance(&mut self, id: &InstanceId) {
        if let Some(old) = self.instances.remove(id) {
            self.revision += 1;
            if let Some(subnet) = &old.subnet_id {
                self.instances_of_subnet.drop(subnet, id);
            }
        }
    }

    /// Adds or replaces a network interface.
    pub fn put_eni(&mut self, eni: Eni) {
        self.revision += 1;
        self.unindex_eni(&eni.id);
        self.enis_of_subnet.add(&eni.subnet_id, eni.id.clone());
        for ip in &eni.private_ip_addresses {
            self.eni_of_address.insert(
                (eni.subnet_id.clone(), ip.private_ip_address),
                eni.id.clone(),
            );
        }
        if let Some(attachment) = &eni.attachment {
            self.eni_of_attachment
                .insert(attachment.attachment_id.clone(), eni.id.clone());
            if let Some(instance) = &attachment.instance_id {
                self.enis_of_instance.add(instance, eni.id.clone());
            }
        }
        self.enis.insert(eni.id.clone(), Arc::new(eni));
    }

    /// Forgets a network interface.
    pub fn remove_eni(&mut self, id: &EniId) {
        self.unindex_eni(id);
        if self.enis.remove(id).is_some() {
            self.revision += 1;
        }
    }

    fn unindex_eni(&mut self, id: &EniId) {
        let Some(old) = self.enis.get(id) else { return };
        self.enis_of_subnet.drop(&old.subnet_id, id);
        for ip in &old.private_ip_addresses {
            let key = (old.subnet_id.clone(), ip.private_ip_address);
            // An address that has moved on in the meantime belongs to its new interface.
            if self.eni_of_address.get(&key) == Some(id) {
                self.eni_of_address.remove(&key);
            }
        }
        if let Some(attachment) = &old.attachment {
            self.eni_of_attachment.remove(&attachment.attachment_id);
            if let Some(instance) = &attachment.instance_id {
                self.enis_of_instance.drop(instance, id);
            }
        }
    }

    /// Adds or replaces a security group.
    pub fn put_group(&mut self, group: SecurityGroup) {
        self.revision += 1;
        self.groups.insert(group.id.clone(), Arc::new(group));
    }

    /// Adds or replaces an Elastic IP.
    pub fn put_address(&mut self, address: Address) {
        self.revision += 1;
        self.addresses.insert(address.id.clone(), Arc::new(address));
    }

    /// Adds or replaces a route table.
    pub fn put_route_table(&mut self, table: RouteTable) {
        self.revision += 1;
        if let Some(old) = self.route_tables.get(&table.id) {
            for eni in old
                .routes
                .iter()
                .filter_map(|r| r.network_interface_id.as_ref())
            {
                self.tables_of_eni.drop(eni, &table.id);
            }
        }
        for eni in table
            .routes
            .iter()
            .filter_map(|r| r.network_interface_id.as_ref())
        {
            self.tables_of_eni.add(eni, table.id.clone());
        }
        self.route_tables.insert(table.id.clone(), Arc::new(table));
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

    /// Says what is inconsistent: an index that disagrees, two interfaces on one device index, an
    /// address on two interfaces. Empty means sound. A world from EC2 may be torn between two
    /// pages; a simulated one may not.
    pub fn check_invariants(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut fresh = Self::new(self.region.clone(), self.account.clone());
        for subnet in self.subnets.values() {
            fresh.put_subnet(Subnet::clone(subnet));
        }
        for instance in self.instances.values() {
            fresh.put_instance(Instance::clone(instance));
        }
        let mut addresses = 0;
        for eni in self.enis.values() {
            addresses += eni.private_ip_addresses.len();
            fresh.put_eni(Eni::clone(eni));
        }
        for table in self.route_tables.values() {
            fresh.put_route_table(RouteTable::clone(table));
        }
        if addresses != fresh.eni_of_address.len() {
            wrong.push("a private address stands on two network interfaces".to_owned());
        }
        let same = self.subnets_of_vpc == fresh.subnets_of_vpc
            && self.instances_of_subnet == fresh.instances_of_subnet
            && self.enis_of_subnet == fresh.enis_of_subnet
            && self.enis_of_instance == fresh.enis_of_instance
            && self.tables_of_eni == fresh.tables_of_eni
            && self.eni_of_attachment == fresh.eni_of_attachment
            && self.eni_of_address == fresh.eni_of_address;
        if !same {
            wrong.push("an index disagrees with the resources".to_owned());
        }
        for instance in self.instances.keys() {
            let mut taken = BTreeSet::new();
            for eni in self.enis_of(instance) {
                if let Some(a) = &eni.attachment
                    && !taken.insert((a.network_card_index, a.device_index))
                {
                    wrong.push(format!(
                        "{instance}: two network interfaces at card {} index {}",
                        a.network_card_index, a.device_index
                    ));
                }
            }
        }
        wrong
    }
}
