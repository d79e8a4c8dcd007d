//! Putting resources into a world and taking them out, with their indexes.
//!
//! Invariant: an index is changed together with the resource that it is about, and nowhere else.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::World;
use crate::ec2::eni::Eni;
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId, RouteTableId,
    SubnetId, VpcId,
};
use crate::ec2::resource::{
    Address, Instance, InstanceType, InternetGateway, NatGateway, RouteTable, SecurityGroup,
    Subnet, Vpc,
};

impl World {
    /// Adds or replaces a VPC.
    pub fn put_vpc(&mut self, vpc: Vpc) {
        self.revision += 1;
        self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
    }

    /// Forgets a VPC.
    pub fn remove_vpc(&mut self, id: &VpcId) {
        if self.vpcs.remove(id).is_some() {
            self.revision += 1;
        }
    }

    /// Adds or replaces a subnet.
    pub fn put_subnet(&mut self, subnet: Subnet) {
        self.revision += 1;
        let of_vpc = &mut self.indexes.subnets_of_vpc;
        of_vpc.add(&subnet.vpc_id, subnet.id.clone());
        self.subnets.insert(subnet.id.clone(), Arc::new(subnet));
    }

    /// Forgets a subnet.
    pub fn remove_subnet(&mut self, id: &SubnetId) {
        if let Some(old) = self.subnets.remove(id) {
            self.revision += 1;
            self.indexes.subnets_of_vpc.drop(&old.vpc_id, id);
        }
    }

    /// Adds or replaces an instance.
    pub fn put_instance(&mut self, mut instance: Instance) {
        self.lean_instance(&mut instance);
        self.place_instance(Arc::new(instance));
    }

    /// The same in an inventory that is described anew: where an older one has an equal instance,
    /// that object is taken, so that the two never fill the memory twice.
    pub fn put_instance_as(&mut self, instance: Instance, older: &Self) {
        match older.instances.get(&instance.id) {
            Some(old) if **old == instance => self.place_instance(Arc::clone(old)),
            _ => self.put_instance(instance),
        }
    }

    /// Adds or replaces an instance that another world holds as well: it is kept once.
    pub fn share_instance(&mut self, instance: &Arc<Instance>) {
        self.place_instance(Arc::clone(instance));
    }

    fn place_instance(&mut self, instance: Arc<Instance>) {
        self.revision += 1;
        let old = self.instances.get(&instance.id);
        if old.and_then(|old| old.subnet_id.as_ref()) != instance.subnet_id.as_ref() {
            self.unindex_instance(&instance.id);
            if let Some(subnet) = &instance.subnet_id {
                let of_subnet = &mut self.indexes.instances_of_subnet;
                of_subnet.add(subnet, instance.id.clone());
            }
        }
        self.instances.insert(instance.id.clone(), instance);
    }

    /// Forgets an instance.
    pub fn remove_instance(&mut self, id: &InstanceId) {
        self.unindex_instance(id);
        if self.instances.remove(id).is_some() {
            self.revision += 1;
        }
    }

    fn unindex_instance(&mut self, id: &InstanceId) {
        if let Some(subnet) = self.instances.get(id).and_then(|i| i.subnet_id.as_ref()) {
            self.indexes.instances_of_subnet.drop(subnet, id);
        }
    }

    /// Adds or replaces a network interface.
    pub fn put_eni(&mut self, mut eni: Eni) {
        self.lean_eni(&mut eni);
        self.place_eni(Arc::new(eni));
    }

    /// The same in an inventory that is described anew: where an older one has an equal interface,
    /// that object is taken, so that the two never fill the memory twice.
    pub fn put_eni_as(&mut self, eni: Eni, older: &Self) {
        match older.enis.get(&eni.id) {
            Some(old) if **old == eni => self.place_eni(Arc::clone(old)),
            _ => self.put_eni(eni),
        }
    }

    /// Adds or replaces a network interface that another world holds as well: it is kept once.
    pub fn share_eni(&mut self, eni: &Arc<Eni>) {
        self.place_eni(Arc::clone(eni));
    }

    fn place_eni(&mut self, eni: Arc<Eni>) {
        self.revision += 1;
        let old = self.enis.get(&eni.id).cloned();
        // An index whose keys stay is not written to, so that a copy of the world goes on sharing it.
        if !old.as_ref().is_some_and(|old| same_place(old, &eni)) {
            old.iter().for_each(|old| self.unindex_place(old));
            self.index_place(&eni);
        }
        if !old.as_ref().is_some_and(|old| same_holder(old, &eni)) {
            old.iter().for_each(|old| self.unindex_holder(old));
            self.index_holder(&eni);
        }
        self.enis.insert(eni.id.clone(), eni);
    }

    /// Forgets a network interface.
    pub fn remove_eni(&mut self, id: &EniId) {
        if let Some(old) = self.enis.remove(id) {
            self.revision += 1;
            self.unindex_place(&old);
            self.unindex_holder(&old);
        }
    }

    /// Subnet, addresses and groups.
    fn index_place(&mut self, eni: &Eni) {
        let all = &mut self.indexes;
        all.enis_of_subnet.add(&eni.subnet_id, eni.id.clone());
        for ip in &eni.private_ip_addresses {
            let key = (eni.subnet_id.clone(), ip.private_ip_address);
            if all.eni_of_address.insert(key, eni.id.clone()).is_none() {
                let ip = u32::from(ip.private_ip_address);
                let taken = all.taken.entry(eni.subnet_id.clone()).or_default();
                taken.take(ip, ip);
            }
        }
        for ip in &eni.ipv6_addresses {
            let key = (eni.subnet_id.clone(), ip.ipv6_address);
            all.eni_of_ipv6.insert(key, eni.id.clone());
        }
        for prefix in &eni.ipv4_prefixes {
            let key = (eni.subnet_id.clone(), prefix.clone());
            all.eni_of_prefix.insert(key, eni.id.clone());
            if let Some((first, last)) = prefix_ends(prefix) {
                let taken = all.taken.entry(eni.subnet_id.clone()).or_default();
                taken.take(first, last);
            }
        }
        for prefix in &eni.ipv6_prefixes {
            let key = (eni.subnet_id.clone(), prefix.clone());
            all.eni_of_prefix.insert(key, eni.id.clone());
        }
        for group in &eni.groups {
            all.enis_of_group.add(&group.group_id, eni.id.clone());
        }
    }

    /// The attachment and its instance.
    fn index_holder(&mut self, eni: &Eni) {
        let all = &mut self.indexes;
        if let Some(attachment) = &eni.attachment {
            all.eni_of_attachment
                .insert(attachment.attachment_id.clone(), eni.id.clone());
            if let Some(instance) = &attachment.instance_id {
                all.enis_of_instance.add(instance, eni.id.clone());
            }
        }
    }

    fn unindex_place(&mut self, old: &Eni) {
        let id = &old.id;
        let all = &mut self.indexes;
        all.enis_of_subnet.drop(&old.subnet_id, id);
        for ip in &old.private_ip_addresses {
            let key = (old.subnet_id.clone(), ip.private_ip_address);
            // An address that has moved on in the meantime belongs to its new interface.
            if all.eni_of_address.get(&key) == Some(id) {
                all.eni_of_address.remove(&key);
                let ip = u32::from(ip.private_ip_address);
                all.free_taken(&old.subnet_id, ip, ip);
            }
        }
        for ip in &old.ipv6_addresses {
            let key = (old.subnet_id.clone(), ip.ipv6_address);
            if all.eni_of_ipv6.get(&key) == Some(id) {
                all.eni_of_ipv6.remove(&key);
            }
        }
        for prefix in old.ipv4_prefixes.iter().chain(&old.ipv6_prefixes) {
            let key = (old.subnet_id.clone(), prefix.clone());
            if all.eni_of_prefix.get(&key) == Some(id) {
                all.eni_of_prefix.remove(&key);
                if let Some((first, last)) = prefix_ends(prefix) {
                    all.free_taken(&old.subnet_id, first, last);
                }
            }
        }
        for group in &old.groups {
            all.enis_of_group.drop(&group.group_id, id);
        }
    }

    fn unindex_holder(&mut self, old: &Eni) {
        let id = &old.id;
        let all = &mut self.indexes;
        if let Some(attachment) = &old.attachment {
            all.eni_of_attachment.remove(&attachment.attachment_id);
            if let Some(instance) = &attachment.instance_id {
                all.enis_of_instance.drop(instance, id);
            }
        }
    }

    /// Adds or replaces a security group.
    pub fn put_group(&mut self, group: SecurityGroup) {
        self.revision += 1;
        let of_vpc = &mut self.indexes.groups_of_vpc;
        of_vpc.add(&group.vpc_id, group.id.clone());
        self.groups.insert(group.id.clone(), Arc::new(group));
    }

    /// Forgets a security group.
    pub fn remove_group(&mut self, id: &GroupId) {
        if let Some(old) = self.groups.remove(id) {
            self.revision += 1;
            self.indexes.groups_of_vpc.drop(&old.vpc_id, id);
        }
    }

    /// Adds or replaces an Elastic IP.
    pub fn put_address(&mut self, address: Address) {
        self.revision += 1;
        self.unindex_address(&address.id);
        if let Some(association) = &address.association_id {
            self.indexes
                .address_of_association
                .insert(association.clone(), address.id.clone());
        }
        self.addresses.insert(address.id.clone(), Arc::new(address));
    }

    /// Forgets an Elastic IP.
    pub fn remove_address(&mut self, id: &AllocationId) {
        self.unindex_address(id);
        if self.addresses.remove(id).is_some() {
            self.revision += 1;
        }
    }

    fn unindex_address(&mut self, id: &AllocationId) {
        let old = self.addresses.get(id);
        if let Some(association) = old.and_then(|a| a.association_id.as_ref()) {
            self.indexes.address_of_association.remove(association);
        }
    }

    /// Adds or replaces a route table.
    pub fn put_route_table(&mut self, table: RouteTable) {
        self.revision += 1;
        self.unindex_route_table(&table.id);
        let all = &mut self.indexes;
        all.tables_of_vpc.add(&table.vpc_id, table.id.clone());
        for route in &table.routes {
            if let Some(eni) = &route.network_interface_id {
                all.tables_of_eni.add(eni, table.id.clone());
            }
            if let Some(gateway) = &route.gateway {
                all.tables_of_gateway.add(gateway, table.id.clone());
            }
        }
        for association in &table.associations {
            all.table_of_association
                .insert(association.id.clone(), table.id.clone());
            all.table_of_subnet
                .insert(association.subnet_id.clone(), table.id.clone());
        }
        self.route_tables.insert(table.id.clone(), Arc::new(table));
    }

    /// Forgets a route table.
    pub fn remove_route_table(&mut self, id: &RouteTableId) {
        self.unindex_route_table(id);
        if self.route_tables.remove(id).is_some() {
            self.revision += 1;
        }
    }

    fn unindex_route_table(&mut self, id: &RouteTableId) {
        let Some(old) = self.route_tables.get(id) else {
            return;
        };
        let all = &mut self.indexes;
        all.tables_of_vpc.drop(&old.vpc_id, id);
        for route in &old.routes {
            if let Some(eni) = &route.network_interface_id {
                all.tables_of_eni.drop(eni, id);
            }
            if let Some(gateway) = &route.gateway {
                all.tables_of_gateway.drop(gateway, id);
            }
        }
        for association in &old.associations {
            all.table_of_association.remove(&association.id);
            // A subnet that has moved on in the meantime belongs to its new table.
            if all.table_of_subnet.get(&association.subnet_id) == Some(id) {
                all.table_of_subnet.remove(&association.subnet_id);
            }
        }
    }

    /// Adds or replaces an internet gateway.
    pub fn put_internet_gateway(&mut self, gateway: InternetGateway) {
        self.revision += 1;
        self.unindex_internet_gateway(&gateway.id);
        if let Some(vpc) = &gateway.vpc_id {
            self.indexes
                .igw_of_vpc
                .insert(vpc.clone(), gateway.id.clone());
        }
        self.internet_gateways
            .insert(gateway.id.clone(), Arc::new(gateway));
    }

    /// Forgets an internet gateway.
    pub fn remove_internet_gateway(&mut self, id: &InternetGatewayId) {
        self.unindex_internet_gateway(id);
        if self.internet_gateways.remove(id).is_some() {
            self.revision += 1;
        }
    }

    fn unindex_internet_gateway(&mut self, id: &InternetGatewayId) {
        let old = self.internet_gateways.get(id);
        if let Some(vpc) = old.and_then(|g| g.vpc_id.as_ref()) {
            self.indexes.igw_of_vpc.remove(vpc);
        }
    }

    /// Adds or replaces the description of an instance type.
    pub fn put_instance_type(&mut self, described: InstanceType) {
        self.revision += 1;
        self.instance_types
            .insert(described.name.clone(), Arc::new(described));
    }

    /// Adds or replaces a NAT gateway.
    pub fn put_nat_gateway(&mut self, gateway: NatGateway) {
        self.revision += 1;
        let of_subnet = &mut self.indexes.nats_of_subnet;
        of_subnet.add(&gateway.subnet_id, gateway.id.clone());
        self.nat_gateways
            .insert(gateway.id.clone(), Arc::new(gateway));
    }

    /// Forgets a NAT gateway.
    pub fn remove_nat_gateway(&mut self, id: &NatGatewayId) {
        if let Some(old) = self.nat_gateways.remove(id) {
            self.revision += 1;
            self.indexes.nats_of_subnet.drop(&old.subnet_id, id);
        }
    }
}

impl super::index::Indexes {
    fn free_taken(&mut self, subnet: &SubnetId, first: u32, last: u32) {
        if let Some(taken) = self.taken.get_mut(subnet) {
            taken.free(first, last);
            if taken.is_empty() {
                self.taken.remove(subnet);
            }
        }
    }
}

/// Whether the indexes of subnet, addresses and groups have the same keys.
fn same_place(old: &Eni, new: &Eni) -> bool {
    let ips = |e: &Eni| -> Vec<_> {
        let v4 = e
            .private_ip_addresses
            .iter()
            .map(|ip| ip.private_ip_address.into());
        let v6 = e
            .ipv6_addresses
            .iter()
            .map(|ip| IpAddr::from(ip.ipv6_address));
        v4.chain(v6).collect()
    };
    let groups = |e: &Eni| -> Vec<_> { e.groups.iter().map(|g| g.group_id.clone()).collect() };
    old.subnet_id == new.subnet_id
        && old.ipv4_prefixes == new.ipv4_prefixes
        && old.ipv6_prefixes == new.ipv6_prefixes
        && ips(old) == ips(new)
        && groups(old) == groups(new)
}

/// Whether the indexes of the attachment have the same keys.
fn same_holder(old: &Eni, new: &Eni) -> bool {
    let key = |e: &Eni| {
        let attachment = e.attachment.as_ref();
        attachment.map(|a| (a.attachment_id.clone(), a.instance_id.clone()))
    };
    key(old) == key(new)
}

/// First and last address of an IPv4 prefix as numbers; `None` if it is no such prefix.
fn prefix_ends(prefix: &str) -> Option<(u32, u32)> {
    let (address, bits) = prefix.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let bits = bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?;
    let host = u32::MAX.checked_shr(bits).unwrap_or(0);
    Some((address & !host, address | host))
}
