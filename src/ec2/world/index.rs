//! The indexes of a world: which resource has what, and which addresses of a subnet are free.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::share::Shared;
use super::sorted::Sorted;
use crate::ec2::id::{
    AllocationId, AssociationId, AttachmentId, EniId, GroupId, InstanceId, InternetGatewayId,
    NatGatewayId, RouteTableAssociationId, RouteTableId, Str, SubnetId, VpcId,
};

/// One key to many, each kept sorted; most keys have one or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index<K, V>(Sorted<K, Vec<V>>);

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self(Sorted::default())
    }
}

impl<K: Ord + Clone, V: Ord + Clone> Index<K, V> {
    pub fn add(&mut self, key: &K, value: V) {
        let Some(values) = self.0.get_mut(key) else {
            self.0.insert(key.clone(), vec![value]);
            return;
        };
        if let Err(at) = values.binary_search(&value) {
            values.insert(at, value);
        }
    }

    pub fn drop(&mut self, key: &K, value: &V) {
        if let Some(values) = self.0.get_mut(key) {
            if let Ok(at) = values.binary_search(value) {
                values.remove(at);
            }
            if values.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub fn of(&self, key: &K) -> impl Iterator<Item = &V> {
        self.0.get(key).into_iter().flatten()
    }
}

/// Every index of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexes {
    pub subnets_of_vpc: Shared<Index<VpcId, SubnetId>>,
    pub groups_of_vpc: Shared<Index<VpcId, GroupId>>,
    pub tables_of_vpc: Shared<Index<VpcId, RouteTableId>>,
    pub igw_of_vpc: Shared<BTreeMap<VpcId, InternetGatewayId>>,
    pub instances_of_subnet: Shared<Index<SubnetId, InstanceId>>,
    pub enis_of_subnet: Shared<Index<SubnetId, EniId>>,
    pub nats_of_subnet: Shared<Index<SubnetId, NatGatewayId>>,
    pub table_of_subnet: Shared<BTreeMap<SubnetId, RouteTableId>>,
    pub table_of_association: Shared<BTreeMap<RouteTableAssociationId, RouteTableId>>,
    pub enis_of_instance: Shared<Index<InstanceId, EniId>>,
    pub enis_of_group: Shared<Index<GroupId, EniId>>,
    pub tables_of_eni: Shared<Index<EniId, RouteTableId>>,
    pub tables_of_gateway: Shared<Index<Str, RouteTableId>>,
    pub eni_of_attachment: Shared<Sorted<AttachmentId, EniId>>,
    pub eni_of_address: Shared<Sorted<(SubnetId, Ipv4Addr), EniId>>,
    pub eni_of_ipv6: Shared<Sorted<(SubnetId, Ipv6Addr), EniId>>,
    pub eni_of_prefix: Shared<Sorted<(SubnetId, Str), EniId>>,
    pub address_of_association: Shared<Sorted<AssociationId, AllocationId>>,
    pub taken: Shared<BTreeMap<SubnetId, Runs>>,
}

/// Which numbers are taken, as runs that neither touch nor overlap: first to last, both included.
/// The first free one after any number is found by one search, however many are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs(BTreeMap<u32, u32>);

impl Runs {
    /// Nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all numbers from `first` to `last`.
    pub fn take(&mut self, first: u32, last: u32) {
        let (mut first, mut last) = (first, last);
        // Runs that overlap or touch: there are at most a few, each joined once.
        while let Some((&from, &to)) = self
            .0
            .range(..=last.saturating_add(1))
            .next_back()
            .filter(|(_, to)| to.saturating_add(1) >= first)
        {
            self.0.remove(&from);
            first = first.min(from);
            last = last.max(to);
        }
        self.0.insert(first, last);
    }

    /// Frees all numbers from `first` to `last`.
    pub fn free(&mut self, first: u32, last: u32) {
        while let Some((&from, &to)) = self
            .0
            .range(..=last)
            .next_back()
            .filter(|(_, to)| **to >= first)
        {
            self.0.remove(&from);
            if to > last {
                self.0.insert(last + 1, to);
            }
            if from < first {
                self.0.insert(from, first - 1);
            }
        }
    }

    /// The lowest free number that is not less than `from`.
    pub fn free_from(&self, from: u32) -> Option<u32> {
        match self.0.range(..=from).next_back() {
            Some((_, &to)) if to >= from => to.checked_add(1),
            _ => Some(from),
        }
    }

    /// Whether any of the numbers is taken; if so, the last of the run that it is in.
    pub fn taken_in(&self, first: u32, last: u32) -> Option<u32> {
        let (_, to) = self.0.range(..=last).next_back()?;
        (*to >= first).then_some(*to)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn runs_say_what_a_plain_set_says() {
        let mut seed = 7_u32;
        let mut roll = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        let mut runs = Runs::default();
        let mut plain = BTreeSet::new();
        for _ in 0..2_000 {
            let first = roll(60);
            let last = first + roll(5);
            if roll(2) == 0 {
                runs.take(first, last);
                plain.extend(first..=last);
            } else {
                runs.free(first, last);
                plain.retain(|n| !(first..=last).contains(n));
            }
            for from in 0..70 {
                let expected = (from..).find(|n| !plain.contains(n));
                assert_eq!(runs.free_from(from), expected, "{runs:?} from {from}");
                let any = (from..=from + 3).any(|n| plain.contains(&n));
                assert_eq!(runs.taken_in(from, from + 3).is_some(), any, "{runs:?}");
            }
            let mut ends = runs.0.iter().peekable();
            while let Some((_, to)) = ends.next() {
                assert!(ends.peek().is_none_or(|(from, _)| **from > to + 1));
            }
        }
    }
}
