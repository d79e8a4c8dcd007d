//! The whole tree in reading order, made from a world once a change of it.
//!
//! Invariants: every VPC, subnet, instance and interface of the world stands in it exactly once,
//! also when a page that should hold its parent is missing (then it stands at the root); a
//! subtree is the run of items from its root to [`Item::end`]; nothing here knows what is open.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Node;
use crate::ec2::diff::{Changes, Pair};
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId, SubnetId, VpcId};
use crate::ec2::resource::{Instance, Subnet, Vpc, name_of};
use crate::ec2::world::World;
use crate::rules::ownership;

/// One node of the whole tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it stands for.
    pub node: Node,
    /// Levels below the root.
    pub depth: u8,
    /// Index of its parent.
    pub parent: Option<u32>,
    /// Index behind the last item of its subtree.
    pub end: u32,
}

/// Every node of a world, in reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    items: Vec<Item>,
    /// Addresses are left out: they are found below their interface.
    index: HashMap<Node, u32>,
}

impl Outline {
    /// The outline of a world: VPCs and subnets by name; in a subnet its instances by name (those
    /// on their way out last), then its unattached interfaces, then those that services own. What
    /// has no place, such as terminated instances, stands at the end.
    pub fn of(world: &World) -> Self {
        Builder::new(world).build()
    }

    /// The branch of one subnet alone: the subnet is its first item.
    pub(super) fn branch(world: &World, subnet: &Subnet) -> Self {
        let instances: Vec<&Instance> = world.instances_in(&subnet.id).map(|i| &**i).collect();
        let held = instances.iter().map(|instance| {
            let enis = world.enis_of(&instance.id).into_iter();
            (&instance.id, enis.map(|e| &**e).collect())
        });
        let is_loose = |e: &&Arc<Eni>| e.instance_id().is_none_or(|i| world.instance(i).is_none());
        let loose = world.enis_in(&subnet.id).filter(is_loose);
        let mut builder = Builder {
            world,
            subnets: HashMap::new(),
            held: held.collect(),
            instances: HashMap::from([(&subnet.id, instances)]),
            loose: HashMap::from([(&subnet.id, loose.map(|e| &**e).collect())]),
            outline: Self::default(),
            path: Vec::new(),
        };
        builder.subnets_in_order(vec![subnet]);
        builder.outline
    }

    /// Puts a branch in the place of the one at `at`; what lies behind it is shifted.
    pub(super) fn graft(&mut self, at: u32, branch: &Self) {
        let Some(old) = self.item(at).cloned() else {
            return;
        };
        let (end, gone) = (old.end, old.end - at);
        let come = u32::try_from(branch.items.len()).unwrap_or(u32::MAX);
        let range = at as usize..end as usize;
        for item in self.items.get(range.clone()).unwrap_or_default() {
            // A node that another branch has taken over meanwhile stays found there.
            if let Some(n) = self.index.get(&item.node)
                && (at..end).contains(n)
            {
                self.index.remove(&item.node);
            }
        }
        let shift = |n: &mut u32| *n = *n + come - gone;
        if come != gone {
            self.index
                .values_mut()
                .filter(|n| **n >= end)
                .for_each(shift);
            let behind = self.items.iter_mut().skip(range.end);
            for item in behind {
                shift(&mut item.end);
                item.parent
                    .iter_mut()
                    .filter(|p| **p >= end)
                    .for_each(shift);
            }
            let above: Vec<u32> = self.ancestors(at).collect();
            for ancestor in above {
                let item = self.items.get_mut(ancestor as usize);
                item.into_iter().for_each(|item| shift(&mut item.end));
            }
        }
        let new = branch.items.iter().map(|item| Item {
            node: item.node.clone(),
            depth: item.depth + old.depth,
            parent: item.parent.map_or(old.parent, |p| Some(p + at)),
            end: item.end + at,
        });
        self.items.splice(range, new);
        for (node, n) in &branch.index {
            self.index.insert(node.clone(), n + at);
        }
    }

    /// Every item.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// One item.
    pub fn item(&self, index: u32) -> Option<&Item> {
        self.items.get(index as usize)
    }

    /// Where a node stands.
    pub fn find(&self, node: &Node) -> Option<u32> {
        let Node::Address(eni, _) = node else {
            return self.index.get(node).copied();
        };
        let eni = *self.index.get(&Node::Eni(eni.clone()))?;
        let end = self.item(eni)?.end;
        (eni + 1..end).find(|&n| self.item(n).is_some_and(|i| i.node == *node))
    }

    /// The ancestors of an item, nearest first.
    pub fn ancestors(&self, index: u32) -> impl Iterator<Item = u32> {
        let parent = |n: u32| self.item(n).and_then(|i| i.parent);
        std::iter::successors(parent(index), move |&n| parent(n))
    }
}

/// Subnets whose branches look different in the newer world; `None` if more than branches of
/// subnets may.
pub(super) fn touched(changes: &Changes) -> Option<BTreeSet<SubnetId>> {
    let vpc = |v: &Vpc| name_of(&v.tags).map(str::to_owned);
    let subnet = |s: &Subnet| (name_of(&s.tags).map(str::to_owned), s.vpc_id.clone());
    if !changes.vpcs.iter().all(|pair| keeps(*pair, vpc))
        || !changes.subnets.iter().all(|pair| keeps(*pair, subnet))
    {
        return None;
    }
    let mut touched = BTreeSet::new();
    let worlds = [changes.before, changes.after];
    let instance = |i: &Instance| {
        let name = i.name().map(str::to_owned);
        (name, i.is_gone(), i.subnet_id.clone())
    };
    for pair in changes.instances.iter().filter(|p| !keeps(**p, instance)) {
        for instance in [pair.0, pair.1].into_iter().flatten() {
            touched.insert(instance.subnet_id.clone()?);
            // Without their instance its interfaces stand in their own subnets.
            let held = worlds.iter().flat_map(|w| w.enis_of(&instance.id));
            touched.extend(held.map(|eni| eni.subnet_id.clone()));
        }
    }
    for pair in changes.enis.iter().filter(|p| !keeps(**p, place)) {
        for (world, eni) in worlds.into_iter().zip([pair.0, pair.1]) {
            let Some(eni) = eni else { continue };
            touched.insert(match eni.instance_id().and_then(|id| world.instance(id)) {
                Some(holder) => holder.subnet_id.clone()?,
                None => eni.subnet_id.clone(),
            });
        }
    }
    Some(touched)
}

/// What the place of an interface, and what stands below it, depend on.
fn place(eni: &Eni) -> impl PartialEq + use<> {
    let slot = eni.attachment.as_ref();
    let slot = slot.map(|a| (a.instance_id.clone(), a.network_card_index, a.device_index));
    let ips = eni.private_ip_addresses.iter();
    let ips: Vec<_> = ips.map(|p| p.private_ip_address).collect();
    let name = eni.name().map(str::to_owned);
    let managed = ownership::owner(eni).is_some();
    (name, eni.subnet_id.clone(), slot, managed, ips)
}

fn keeps<T, K: PartialEq>(pair: Pair<T>, place: impl Fn(&T) -> K) -> bool {
    match pair {
        (Some(before), Some(after)) => place(before) == place(after),
        _ => false,
    }
}

fn subnet_order(subnet: &Subnet) -> (&str, &SubnetId) {
    let name = name_of(&subnet.tags).unwrap_or(subnet.id.as_str());
    (name, &subnet.id)
}

fn instance_order(instance: &Instance) -> (bool, &str, &InstanceId) {
    let name = instance.name().unwrap_or(instance.id.as_str());
    (instance.is_gone(), name, &instance.id)
}

fn eni_order(eni: &Eni) -> (&str, &EniId) {
    (eni.name().unwrap_or(eni.id.as_str()), &eni.id)
}

/// Everything by its place, gathered in one pass over each kind: asking the world's own indexes
/// once an interface costs ten times as much in a large one.
struct Builder<'a> {
    world: &'a World,
    subnets: HashMap<&'a VpcId, Vec<&'a Subnet>>,
    instances: HashMap<&'a SubnetId, Vec<&'a Instance>>,
    held: HashMap<&'a InstanceId, Vec<&'a Eni>>,
    loose: HashMap<&'a SubnetId, Vec<&'a Eni>>,
    outline: Outline,
    path: Vec<u32>,
}

impl<'a> Builder<'a> {
    fn new(world: &'a World) -> Self {
        let mut subnets: HashMap<_, Vec<&Subnet>> = HashMap::new();
        for subnet in world.subnets() {
            subnets.entry(&subnet.vpc_id).or_default().push(subnet);
        }
        let mut instances: HashMap<_, Vec<&Instance>> = HashMap::new();
        let mut held: HashMap<_, Vec<&Eni>> = HashMap::new();
        for instance in world.instances() {
            held.insert(&instance.id, Vec::new());
            if let Some(subnet) = &instance.subnet_id {
                instances.entry(subnet).or_default().push(instance);
            }
        }
        let mut loose: HashMap<_, Vec<&Eni>> = HashMap::new();
        for eni in world.enis() {
            match eni.instance_id().and_then(|id| held.get_mut(id)) {
                Some(held) => held.push(eni),
                None => loose.entry(&eni.subnet_id).or_default().push(eni),
            }
        }
        let nodes = world.eni_count() + held.len();
        Self {
            world,
            subnets,
            instances,
            held,
            loose,
            outline: Outline {
                items: Vec::with_capacity(nodes * 2),
                index: HashMap::with_capacity(nodes),
            },
            path: Vec::new(),
        }
    }

    fn build(mut self) -> Outline {
        let mut vpcs: Vec<_> = self.world.vpcs().collect();
        vpcs.sort_by_key(|v| (name_of(&v.tags).unwrap_or(v.id.as_str()), &v.id));
        for vpc in vpcs {
            self.open(Node::Vpc(vpc.id.clone()));
            let subnets = self.subnets.remove(&vpc.id).unwrap_or_default();
            self.subnets_in_order(subnets);
            self.close();
        }
        // What is left now has a parent that is not in the world.
        let lost = std::mem::take(&mut self.subnets);
        self.subnets_in_order(lost.into_values().flatten().collect());
        let lost = std::mem::take(&mut self.instances).into_values().flatten();
        let terminated = self.world.instances().map(|i| &**i);
        let terminated = terminated.filter(|i| i.subnet_id.is_none());
        self.instances_in_order(lost.chain(terminated).collect());
        let lost = std::mem::take(&mut self.loose).into_values().flatten();
        let mut lost: Vec<_> = lost.collect();
        lost.sort_by_key(|e| &e.id);
        for eni in lost {
            self.eni(eni);
        }
        self.outline
    }

    fn open(&mut self, node: Node) {
        // A world of four thousand million resources does not fit into memory.
        let at = u32::try_from(self.outline.items.len()).unwrap_or(u32::MAX);
        if !matches!(node, Node::Address(..)) {
            self.outline.index.insert(node.clone(), at);
        }
        self.outline.items.push(Item {
            node,
            depth: u8::try_from(self.path.len()).unwrap_or(u8::MAX),
            parent: self.path.last().copied(),
            end: at + 1,
        });
        self.path.push(at);
    }

    fn close(&mut self) {
        let end = u32::try_from(self.outline.items.len()).unwrap_or(u32::MAX);
        if let Some(at) = self.path.pop()
            && let Some(item) = self.outline.items.get_mut(at as usize)
        {
            item.end = end;
        }
    }

    fn subnets_in_order(&mut self, mut subnets: Vec<&'a Subnet>) {
        subnets.sort_by_key(|s| subnet_order(s));
        for subnet in subnets {
            self.open(Node::Subnet(subnet.id.clone()));
            let instances = self.instances.remove(&subnet.id).unwrap_or_default();
            self.instances_in_order(instances);
            let (mut unattached, mut managed) = (Vec::new(), Vec::new());
            for eni in self.loose.remove(&subnet.id).unwrap_or_default() {
                if ownership::owner(eni).is_some() {
                    managed.push(eni);
                } else if eni.attachment.is_none() {
                    unattached.push(eni);
                } else {
                    // Held by an instance that this inventory does not show.
                    self.eni(eni);
                }
            }
            self.group(Node::Unattached(subnet.id.clone()), unattached);
            self.group(Node::Managed(subnet.id.clone()), managed);
            self.close();
        }
    }

    fn group(&mut self, node: Node, mut enis: Vec<&Eni>) {
        if enis.is_empty() {
            return;
        }
        enis.sort_by_key(|e| eni_order(e));
        self.open(node);
        for eni in enis {
            self.eni(eni);
        }
        self.close();
    }

    fn instances_in_order(&mut self, mut instances: Vec<&'a Instance>) {
        instances.sort_by_key(|i| instance_order(i));
        for instance in instances {
            self.open(Node::Instance(instance.id.clone()));
            let mut enis = self.held.remove(&instance.id).unwrap_or_default();
            enis.sort_by_key(|e| {
                let slot = e.attachment.as_ref();
                slot.map(|a| (a.network_card_index, a.device_index))
            });
            for eni in enis {
                self.eni(eni);
            }
            self.close();
        }
    }

    fn eni(&mut self, eni: &Eni) {
        self.open(Node::Eni(eni.id.clone()));
        for ip in &eni.private_ip_addresses {
            self.open(Node::Address(eni.id.clone(), ip.private_ip_address));
            self.close();
        }
        self.close();
    }
}
