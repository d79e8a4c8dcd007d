//! Whether a world is consistent.

use std::collections::BTreeSet;

use super::World;
use crate::ec2::eni::Eni;
use crate::ec2::resource::Instance;

impl World {
    /// Says what is inconsistent: an index that disagrees, two interfaces on one device index, an
    /// address on two interfaces, an Elastic IP that its interface does not know. Empty means
    /// sound. A world from EC2 may be torn between two pages; a simulated one may not.
    pub fn check_invariants(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let fresh = self.rebuilt();
        let addresses: usize = self
            .enis
            .values()
            .map(|e| e.private_ip_addresses.len())
            .sum();
        if addresses != fresh.indexes.eni_of_address.len() {
            wrong.push("a private address stands on two network interfaces".to_owned());
        }
        let ipv6: usize = self.enis.values().map(|e| e.ipv6_addresses.len()).sum();
        if ipv6 != fresh.indexes.eni_of_ipv6.len() {
            wrong.push("an IPv6 address stands on two network interfaces".to_owned());
        }
        if self.indexes != fresh.indexes {
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
        wrong.extend(self.addresses_told_twice());
        wrong
    }

    /// The same resources with indexes made anew.
    fn rebuilt(&self) -> Self {
        let mut fresh = Self::new(self.region.clone(), self.account.clone());
        for subnet in self.subnets.values() {
            fresh.put_subnet(subnet.as_ref().clone());
        }
        for instance in self.instances.values() {
            fresh.put_instance(Instance::clone(instance));
        }
        for eni in self.enis.values() {
            fresh.put_eni(Eni::clone(eni));
        }
        for group in self.groups.values() {
            fresh.put_group(group.as_ref().clone());
        }
        for address in self.addresses.values() {
            fresh.put_address(address.as_ref().clone());
        }
        for table in self.route_tables.values() {
            fresh.put_route_table(table.as_ref().clone());
        }
        for gateway in self.internet_gateways.values() {
            fresh.put_internet_gateway(gateway.as_ref().clone());
        }
        for gateway in self.nat_gateways.values() {
            fresh.put_nat_gateway(gateway.as_ref().clone());
        }
        fresh
    }

    /// An association is written on the Elastic IP and on the interface: both say the same.
    fn addresses_told_twice(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for address in self.addresses.values() {
            let carried = address.network_interface_id.as_ref().and_then(|id| {
                let mut on = self.enis.get(id)?.associations();
                on.find(|(_, a)| a.allocation_id.as_ref() == Some(&address.id))
            });
            let agrees = match (&address.association_id, carried) {
                (None, None) => true,
                (Some(id), Some((ip, association))) => {
                    association.association_id.as_ref() == Some(id)
                        && address.private_ip_address == Some(ip)
                }
                _ => false,
            };
            if !agrees {
                wrong.push(format!(
                    "{}: the Elastic IP and its interface disagree",
                    address.id
                ));
            }
        }
        for eni in self.enis.values() {
            for (_, association) in eni.associations() {
                let Some(id) = &association.allocation_id else {
                    continue;
                };
                // One that another account shares is not in this inventory.
                if let Some(address) = self.addresses.get(id)
                    && address.network_interface_id.as_ref() != Some(&eni.id)
                {
                    wrong.push(format!("{}: its Elastic IP {id} is elsewhere", eni.id));
                }
            }
        }
        wrong
    }
}
