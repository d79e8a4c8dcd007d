//! What two worlds have in common is kept once.
//!
//! Invariants: a copy of a world costs the same at every size; a change copies only the pieces of the
//! maps that it touches; what is one object in both worlds is equal, unread.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::World;
use super::sorted::{Pairs, Sorted};

/// A value that copies share until one of them writes to its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared<T>(Arc<T>);

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<T: Eq> Eq for Shared<T> {}

/// Resources by id.
pub(super) type Map<I, T> = Shared<Sorted<I, Arc<T>>>;

impl<I: Ord + Clone, T: PartialEq> Map<I, T> {
    /// Takes the older object for every resource that is equal; true if all of them are.
    fn share(&mut self, older: &Self) -> bool {
        if Arc::ptr_eq(&self.0, &older.0) {
            return true;
        }
        let same = Arc::make_mut(&mut self.0).share(&older.0);
        if same {
            *self = older.clone();
        }
        same
    }

    /// What is new, gone or different in a newer one, by id.
    pub fn changed<'a>(&'a self, newer: &'a Self) -> Pairs<'a, T> {
        if Arc::ptr_eq(&self.0, &newer.0) {
            return Vec::new();
        }
        self.0.changed(&newer.0)
    }
}

impl World {
    /// Takes the older world's object for every resource that is equal in both, so that one copy
    /// of it is kept and a comparison skips it unread. True if the two worlds are equal.
    ///
    /// For a world that was described anew, and is mostly what it was.
    pub fn share(&mut self, older: &Self) -> bool {
        let mut same = self.region == older.region && self.account == older.account;
        same &= self.vpcs.share(&older.vpcs);
        same &= self.subnets.share(&older.subnets);
        same &= self.instances.share(&older.instances);
        same &= self.enis.share(&older.enis);
        same &= self.groups.share(&older.groups);
        same &= self.addresses.share(&older.addresses);
        same &= self.route_tables.share(&older.route_tables);
        same &= self.internet_gateways.share(&older.internet_gateways);
        same &= self.nat_gateways.share(&older.nat_gateways);
        same &= self.instance_types.share(&older.instance_types);
        same &= self.tokens == older.tokens;
        same &= self.gaps == older.gaps;
        if self.indexes == older.indexes {
            self.indexes = older.indexes.clone();
        }
        same
    }

    /// Whether all that no difference is made of (gateways, instance types, client tokens, quotas) is equal.
    pub(in crate::ec2) fn same_rest(&self, older: &Self) -> bool {
        self.internet_gateways == older.internet_gateways
            && self.nat_gateways == older.nat_gateways
            && self.instance_types == older.instance_types
            && self.tokens == older.tokens
            && self.quotas == older.quotas
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::ec2::resource::Subnet;

    fn world(free: u32) -> World {
        let mut world = World::new("us-east-1", "111122223333");
        for (id, free) in [("subnet-1", 7), ("subnet-2", free)] {
            let subnet = json!({
                "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24",
                "AvailabilityZone": "us-east-1a", "AvailableIpAddressCount": free,
            });
            world.put_subnet(serde_json::from_value::<Subnet>(subnet).unwrap());
        }
        world
    }

    fn one_object(a: &World, b: &World, id: &str) -> bool {
        Arc::ptr_eq(a.subnet(&id.into()).unwrap(), b.subnet(&id.into()).unwrap())
    }

    #[test]
    fn what_is_equal_becomes_one_object() {
        let old = world(200);
        let mut same = world(200);
        assert!(!one_object(&old, &same, "subnet-1"));
        assert!(same.share(&old));
        assert!(one_object(&old, &same, "subnet-1") && one_object(&old, &same, "subnet-2"));
    }

    #[test]
    fn what_differs_stays_the_newer_one() {
        let old = world(200);
        let mut new = world(199);
        assert!(!new.share(&old));
        assert!(one_object(&old, &new, "subnet-1") && !one_object(&old, &new, "subnet-2"));
        let free = new.subnet(&"subnet-2".into()).unwrap();
        assert_eq!(free.available_ip_address_count, 199);
        let mut less = World::new("us-east-1", "111122223333");
        assert!(!less.share(&old) && less.subnets().next().is_none());
        let mut more = world(200);
        let mut extra = Subnet::clone(more.subnet(&"subnet-1".into()).unwrap());
        extra.id = "subnet-0".into();
        more.put_subnet(extra);
        assert!(!more.share(&old) && one_object(&old, &more, "subnet-1"));
    }

    #[test]
    fn what_is_described_anew_and_is_as_it_was_is_never_kept_twice() {
        let eni = |id: &str, description: &str| -> crate::ec2::eni::Eni {
            let eni = json!({
                "NetworkInterfaceId": id, "SubnetId": "subnet-1", "VpcId": "vpc-1",
                "AvailabilityZone": "us-east-1a", "OwnerId": "111122223333",
                "Status": "available", "MacAddress": "02:00:00:00:00:01",
                "InterfaceType": "interface", "Description": description,
            });
            serde_json::from_value(eni).unwrap()
        };
        let mut old = world(200);
        old.put_eni(eni("eni-1", "as it was"));
        old.put_eni(eni("eni-2", "other"));
        let mut new = world(200);
        for id in ["eni-1", "eni-2", "eni-3"] {
            new.put_eni_as(eni(id, "as it was"), &old);
        }
        let shared = |id: &str| match (old.eni(&id.into()), new.eni(&id.into())) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        assert_eq!(
            ["eni-1", "eni-2", "eni-3"].map(shared),
            [true, false, false]
        );
        assert!(new.check_invariants().is_empty() && new.enis().count() == 3);
        assert_eq!(&*new.eni(&"eni-2".into()).unwrap().description, "as it was");
    }

    #[test]
    fn a_copy_shares_what_is_not_written_to() {
        let old = world(200);
        let mut new = old.clone();
        new.edit_subnet(&"subnet-2".into(), |s| s.available_ip_address_count = 1);
        assert_eq!(
            old.subnet(&"subnet-2".into())
                .unwrap()
                .available_ip_address_count,
            200
        );
        assert!(one_object(&old, &new, "subnet-1") && !one_object(&old, &new, "subnet-2"));
        assert!(old.indexes == new.indexes && new.check_invariants().is_empty());
    }
}
