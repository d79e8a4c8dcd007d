//! What is new, gone or different in a newer world, kind by kind and each by id.
//!
//! Invariant: costs what has changed, and not what there is: pieces that two worlds share are skipped.

use super::World;
use super::sorted::Pairs;
use crate::ec2::eni::Eni;
use crate::ec2::resource::{Address, Instance, RouteTable, SecurityGroup, Subnet, Vpc};

impl World {
    /// VPCs.
    pub(in crate::ec2) fn changed_vpcs<'a>(&'a self, newer: &'a Self) -> Pairs<'a, Vpc> {
        self.vpcs.changed(&newer.vpcs)
    }

    /// Subnets.
    pub(in crate::ec2) fn changed_subnets<'a>(&'a self, newer: &'a Self) -> Pairs<'a, Subnet> {
        self.subnets.changed(&newer.subnets)
    }

    /// Instances.
    pub(in crate::ec2) fn changed_instances<'a>(&'a self, newer: &'a Self) -> Pairs<'a, Instance> {
        self.instances.changed(&newer.instances)
    }

    /// Network interfaces.
    pub(in crate::ec2) fn changed_enis<'a>(&'a self, newer: &'a Self) -> Pairs<'a, Eni> {
        self.enis.changed(&newer.enis)
    }

    /// Security groups.
    pub(in crate::ec2) fn changed_groups<'a>(
        &'a self,
        newer: &'a Self,
    ) -> Pairs<'a, SecurityGroup> {
        self.groups.changed(&newer.groups)
    }

    /// Elastic IPs.
    pub(in crate::ec2) fn changed_addresses<'a>(&'a self, newer: &'a Self) -> Pairs<'a, Address> {
        self.addresses.changed(&newer.addresses)
    }

    /// Route tables.
    pub(in crate::ec2) fn changed_route_tables<'a>(
        &'a self,
        newer: &'a Self,
    ) -> Pairs<'a, RouteTable> {
        self.route_tables.changed(&newer.route_tables)
    }
}
