//! The whole tree in reading order, made from a world once a change of it.
//!
//! Invariants: every VPC, subnet, instance and interface of the world stands in it exactly once,
//! also when a page that should hold its parent is missing (then it stands at the root); a
//! subtree is the run of items from its root to [`Item::end`]; nothing here knows what is open.

use std::collections::HashMap;

use super::Node;
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId, SubnetId, VpcId};
use crate::ec2::resource::{Instance, Subnet, name_of};
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
