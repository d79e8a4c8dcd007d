//! VPCs, subnets, security groups, Elastic IPs and route tables.

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::eni::Association;
use crate::ec2::id::{
    AllocationId, AssociationId, EniId, GroupId, InternetGatewayId, RouteTableAssociationId,
    RouteTableId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::{
    Address, InstanceState, InternetGateway, Route, RouteState, RouteTable, RouteTableAssociation,
    SecurityGroup, Subnet, Vpc,
};
use crate::rules::effect::Mint;
use crate::sim::mint::Dice;
use crate::sim::worldfile::schema;
use crate::sim::worldfile::value::Ref;

impl Builder<'_> {
    pub(super) fn vpcs(&mut self) -> Result<()> {
        for (name, vpc) in &self.file.vpc {
            let id: VpcId = self
                .id(VpcId::PREFIX, name, vpc.id.as_ref(), VpcId::well_formed)?
                .into();
            self.vpcs.add(self.source, name, &id)?;
            if vpc.dns_hostnames {
                self.dns.insert(id.clone());
            }
            self.world.put_vpc(Vpc {
                id,
                cidr_block: vpc.cidr.0.to_string().into(),
                is_default: vpc.is_default,
                enable_dns_support: Some(true),
                enable_dns_hostnames: Some(vpc.dns_hostnames),
                owner_id: self.owner(vpc.owner.as_ref()),
                tags: self.tags(name, vpc.name.as_ref(), &vpc.tags),
            });
        }
        Ok(())
    }

    /// The VPC that is meant: the one named, or the only one.
    fn vpc_of(&self, named: Option<&Ref>, at: &Spanned<String>) -> Result<VpcId> {
        if let Some(named) = named {
            return self.vpcs.find(self.source, named);
        }
        let mut all = self.world.vpcs();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only.id.clone()),
            _ => Err(self.source.error(
                at.span(),
                format!("no `vpc` in `{at}`", at = at.get_ref()),
                "`vpc = \"…\"`, because the file does not have exactly one VPC",
            )),
        }
    }

    pub(super) fn quotas(&mut self) {
        let (given, quotas) = (&self.file.quota, &mut self.world.quotas);
        let pairs = [
            (given.network_interfaces, &mut quotas.network_interfaces),
            (given.elastic_ips, &mut quotas.elastic_ips),
            (given.groups_per_interface, &mut quotas.groups_per_interface),
            (given.vpcs, &mut quotas.vpcs),
            (given.subnets_per_vpc, &mut quotas.subnets_per_vpc),
            (given.groups, &mut quotas.groups),
            (given.rules_per_group, &mut quotas.rules_per_group),
            (
                given.nat_gateways_per_zone,
                &mut quotas.nat_gateways_per_zone,
            ),
            (given.internet_gateways, &mut quotas.internet_gateways),
        ];
        for (given, quota) in pairs {
            *quota = given.unwrap_or(*quota);
        }
    }

    pub(super) fn internet_gateways(&mut self) -> Result<()> {
        for (name, gateway) in &self.file.internet_gateway {
            let given = gateway.id.as_ref();
            let form = InternetGatewayId::well_formed;
            let id = self
                .id(InternetGatewayId::PREFIX, name, given, form)?
                .into();
            let vpc_id = self.vpc_of(gateway.vpc.as_ref(), name)?;
            if self.world.internet_gateway_of(&vpc_id).is_some() {
                let what = format!("a second internet gateway of {vpc_id}");
                let expected = "at most one of every VPC";
                return Err(self.source.error(name.span(), what, expected));
            }
            self.world.put_internet_gateway(InternetGateway {
                id,
                vpc_id: Some(vpc_id),
                owner_id: self.owner(None),
                tags: self.tags(name, gateway.name.as_ref(), &gateway.tags),
            });
        }
        Ok(())
    }

    pub(super) fn subnets(&mut self) -> Result<()> {
        for (name, subnet) in &self.file.subnet {
            let id: SubnetId = self
                .id(
                    SubnetId::PREFIX,
                    name,
                    subnet.id.as_ref(),
                    SubnetId::well_formed,
                )?
                .into();
            self.subnets.add(self.source, name, &id)?;
            let vpc_id = self.vpc_of(subnet.vpc.as_ref(), name)?;
            let block = subnet.cidr.get_ref().0;
            self.check_block(&vpc_id, subnet)?;
            self.blocks.insert(id.clone(), block);
            self.world.put_subnet(Subnet {
                id,
                vpc_id,
                cidr_block: block.to_string().into(),
                availability_zone: subnet.zone.as_str().into(),
                availability_zone_id: subnet.zone_id.as_deref().map(Into::into),
                available_ip_address_count: 0,
                map_public_ip_on_launch: subnet.map_public_ip_on_launch,
                ipv6_cidr_block: subnet.ipv6_cidr.as_deref().map(Into::into),
                assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation,
                owner_id: self.owner(subnet.owner.as_ref()),
                tags: self.tags(name, subnet.name.as_ref(), &subnet.tags),
            });
        }
        Ok(())
    }

    /// A subnet lies in its VPC and on no other subnet, and is a /16 to a /28.
    fn check_block(&self, vpc: &VpcId, subnet: &schema::Subnet) -> Result<()> {
        let block = subnet.cidr.get_ref().0;
        let wrong = |what: String, expected: &str| {
            Err(self.source.error(subnet.cidr.span(), what, expected))
        };
        if !(16..=65_536).contains(&block.size()) {
            return wrong(format!("the subnet range {block}"), "a /16 to a /28");
        }
        let mut vpcs = self.file.vpc.iter();
        let range = vpcs
            .find(|(name, _)| self.vpcs.get(name).as_ref() == Some(vpc))
            .map(|(_, vpc)| vpc.cidr.0);
        if let Some(range) = range.filter(|range| !range.covers(block)) {
            let what = format!("the subnet range {block}");
            return wrong(what, &format!("a part of the VPC's range {range}"));
        }
        for (id, other) in &self.blocks {
            let same_vpc = self.world.subnet(id).is_some_and(|s| s.vpc_id == *vpc);
            if same_vpc && (other.covers(block) || block.covers(*other)) {
                let what = format!("the subnet range {block}, which overlaps {other} of {id}");
                return wrong(what, "ranges that do not overlap");
            }
        }
        Ok(())
    }

    pub(super) fn groups(&mut self) -> Result<()> {
        for (name, group) in &self.file.group {
            let id: GroupId = self
                .id(
                    GroupId::PREFIX,
                    name,
                    group.id.as_ref(),
                    GroupId::well_formed,
                )?
                .into();
            self.groups.add(self.source, name, &id)?;
            let vpc_id = self.vpc_of(group.vpc.as_ref(), name)?;
            let group_name = group.name.as_ref().unwrap_or(name.get_ref());
            if group_name == "default" {
                self.default_groups.insert(vpc_id.clone(), id.clone());
            }
            self.world.put_group(SecurityGroup {
                id,
                group_name: group_name.as_str().into(),
                vpc_id,
                description: group.description.as_str().into(),
                rules: Vec::new(),
                tags: self.tags(name, Some(&String::new()), &group.tags),
            });
        }
        // Every VPC has a default group (VPC User Guide, "Default security groups").
        let vpcs: Vec<VpcId> = self.world.vpcs().map(|v| v.id.clone()).collect();
        for vpc_id in vpcs {
            if self.default_groups.contains_key(&vpc_id) {
                continue;
            }
            let id: GroupId = Dice::named(self.seed, "default group", vpc_id.as_str())
                .id(GroupId::PREFIX)
                .into();
            self.default_groups.insert(vpc_id.clone(), id.clone());
            self.world.put_group(SecurityGroup {
                rules: self.rules_at_first(&id, true),
                id,
                group_name: "default".into(),
                vpc_id,
                description: "default VPC security group".into(),
                tags: Vec::new(),
            });
        }
        Ok(())
    }

    pub(super) fn elastic_ips(&mut self) -> Result<()> {
        for (name, eip) in &self.file.eip {
            let id: AllocationId = self
                .id(
                    AllocationId::PREFIX,
                    name,
                    eip.id.as_ref(),
                    AllocationId::well_formed,
                )?
                .into();
            if self.world.address(&id).is_some() {
                let what = format!("a second eip with the id {id}");
                return Err(self.source.error(name.span(), what, "every eip id once"));
            }
            let public_ip = eip.public_ip.0;
            if self.world.addresses().any(|a| a.public_ip == public_ip) {
                let what = format!("the public address {public_ip} a second time");
                let expected = "every Elastic IP once";
                return Err(self.source.error(name.span(), what, expected));
            }
            let mut address = Address {
                id,
                public_ip: eip.public_ip.0,
                association_id: None,
                network_interface_id: None,
                instance_id: None,
                private_ip_address: None,
                tags: self.tags(name, eip.name.as_ref(), &eip.tags),
            };
            if let Some(carrier) = &eip.eni {
                let eni = self.enis.find(self.source, carrier)?;
                self.associate(name, eip, carrier, &eni, &mut address)?;
            }
            self.world.put_address(address);
        }
        Ok(())
    }

    /// Writes the association on both sides.
    fn associate(
        &mut self,
        name: &Spanned<String>,
        eip: &schema::Eip,
        carrier: &Ref,
        eni: &EniId,
        address: &mut Address,
    ) -> Result<()> {
        let found = self.world.eni(eni).cloned();
        let (place, private) = match &eip.private_ip {
            Some(ip) => (ip.span(), Some(ip.get_ref().0)),
            None => (carrier.span(), found.as_ref().and_then(|e| e.primary_ip())),
        };
        let free = found.as_ref().and_then(|e| {
            let mut ips = e.private_ip_addresses.iter();
            ips.find(|ip| Some(ip.private_ip_address) == private)
        });
        match free {
            None => {
                let what = format!(
                    "a private address that `{}` does not have",
                    carrier.get_ref()
                );
                let expected = "one of the interface's private addresses";
                return Err(self.source.error(place, what, expected));
            }
            Some(ip) if ip.association.is_some() => {
                let what = format!("a second public address on {}", ip.private_ip_address);
                let expected = "one public address on each private one";
                return Err(self.source.error(place, what, expected));
            }
            Some(_) => {}
        }
        let prefix = AssociationId::PREFIX;
        let given = eip.association_id.as_ref();
        let association_id: AssociationId = self
            .id(prefix, name, given, AssociationId::well_formed)?
            .into();
        let association = Association {
            public_ip: eip.public_ip.0,
            public_dns_name: eip
                .public_dns_name
                .as_deref()
                .map(Str::from)
                .or_else(|| self.public_dns(&found.as_ref()?.vpc_id, eip.public_ip.0)),
            ip_owner_id: self.owner(eip.owner.as_ref()),
            allocation_id: Some(address.id.clone()),
            association_id: Some(association_id.clone()),
            carrier_ip: eip.carrier_ip.as_deref().map(Into::into),
            customer_owned_ip: eip.customer_owned_ip.as_deref().map(Into::into),
        };
        self.world.edit_eni(eni, |e| {
            for ip in &mut e.private_ip_addresses {
                if Some(ip.private_ip_address) == private {
                    if ip.primary && e.public_dns_name.is_none() {
                        e.public_dns_name = association.public_dns_name.clone();
                    }
                    ip.association = Some(association.clone());
                }
            }
        });
        address.association_id = Some(association_id);
        address.network_interface_id = Some(eni.clone());
        address.instance_id = found.and_then(|e| e.instance_id().cloned());
        address.private_ip_address = private;
        Ok(())
    }

    pub(super) fn route_tables(&mut self) -> Result<()> {
        for (name, table) in &self.file.route_table {
            let prefix = RouteTableId::PREFIX;
            let id: RouteTableId = self
                .id(prefix, name, table.id.as_ref(), RouteTableId::well_formed)?
                .into();
            if self.world.route_table(&id).is_some() {
                let what = format!("a second route table with the id {id}");
                let expected = "every route table id once";
                return Err(self.source.error(name.span(), what, expected));
            }
            let vpc_id = self.vpc_of(table.vpc.as_ref(), name)?;
            let mut routes: Vec<Route> = Vec::new();
            if let Some(vpc) = self.world.vpc(&vpc_id) {
                routes.push(Route {
                    destination: vpc.cidr_block.clone(),
                    network_interface_id: None,
                    instance_id: None,
                    gateway: Some("local".into()),
                    state: RouteState::Active,
                });
            }
            for route in &table.routes {
                let to = route.to.get_ref().as_str();
                if routes.iter().any(|r| &*r.destination == to) {
                    let what = format!("a second route to {to}");
                    let expected = "every destination once in a table";
                    return Err(self.source.error(route.to.span(), what, expected));
                }
                routes.push(self.route(route)?);
            }
            let subnets = table.subnets.iter();
            let associations = subnets.map(|s| {
                let subnet_id = self.subnets.find(self.source, s)?;
                let mut dice = Dice::named(self.seed, "association", subnet_id.as_str());
                let id = dice.id(RouteTableAssociationId::PREFIX).into();
                Ok(RouteTableAssociation { id, subnet_id })
            });
            let table = RouteTable {
                id,
                vpc_id,
                associations: associations.collect::<Result<_>>()?,
                main: table.main,
                routes,
                tags: self.tags(name, table.name.as_ref(), &table.tags),
            };
            self.world.put_route_table(table);
        }
        Ok(())
    }

    fn route(&self, route: &schema::Route) -> Result<Route> {
        if route.eni.is_some() == route.gateway.is_some() {
            return Err(self.source.error(
                route.to.span(),
                format!("a route to {} without one target", route.to.get_ref()),
                "either `eni` or `gateway`",
            ));
        }
        let eni = route.eni.as_ref();
        let eni = eni.map(|e| self.enis.find(self.source, e)).transpose()?;
        let holder = eni
            .as_ref()
            .and_then(|e| self.world.eni(e)?.instance_id().cloned());
        // Still active while stopping; a blackhole once stopped (EC2 and VPC User Guides).
        let flows = match (&eni, &holder) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(instance)) => self.world.instance(instance).is_some_and(|i| {
                !matches!(i.state, InstanceState::Stopped | InstanceState::Terminated)
            }),
        };
        let computed = if flows {
            RouteState::Active
        } else {
            RouteState::Blackhole
        };
        Ok(Route {
            destination: route.to.get_ref().as_str().into(),
            network_interface_id: eni,
            instance_id: holder,
            gateway: route.gateway.as_deref().map(Into::into),
            state: route.state.as_ref().map_or(computed, |s| s.0.clone()),
        })
    }

    /// Free addresses of every subnet, unless the file says how many.
    pub(super) fn count_free_addresses(&mut self) -> Result<()> {
        for (name, subnet) in &self.file.subnet {
            let (Some(id), block) = (self.subnets.get(name), subnet.cidr.get_ref().0) else {
                continue;
            };
            let used: u64 = self
                .world
                .enis_in(&id)
                .map(|e| u64::from(e.addresses_taken()))
                .sum();
            let room = u32::try_from(block.size() - 5).unwrap_or(u32::MAX);
            let Some(free) = u64::from(room).checked_sub(used) else {
                return Err(self.source.error(
                    name.span(),
                    format!("{used} addresses in a range with room for {room}"),
                    "fewer addresses, or a larger range",
                ));
            };
            let free = u32::try_from(free).unwrap_or(u32::MAX);
            self.world.edit_subnet(&id, |s| {
                s.available_ip_address_count = subnet.available_ip_address_count.unwrap_or(free);
            });
        }
        Ok(())
    }
}
