//! The whole tree in reading order, made from a world once a change of it.
//!
//! Invariants: every VPC, subnet, instance and interface of the world stands in it exactly once,
//! also when a page that should hold its parent is missing (then it stands at the root); a
//! subtree is the run of items from its root to [`Item::end`]; nothing here knows what is open.

use std::collections::HashMap;
use std::sync::Arc;

use super::Node;
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId, SubnetId};
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
        let mut out = Builder::default();
        let mut vpcs: Vec<_> = world.vpcs().collect();
        vpcs.sort_by_key(|v| (name_of(&v.tags).unwrap_or(v.id.as_str()), &v.id));
        for vpc in vpcs {
            out.open(Node::Vpc(vpc.id.clone()));
            let mut subnets: Vec<_> = world.subnets_of(&vpc.id).collect();
            subnets.sort_by_key(|s| subnet_order(s));
            for subnet in subnets {
                out.subnet(world, &subnet.id);
            }
            out.close();
        }
        let mut lost: Vec<_> = world
            .subnets()
            .filter(|s| world.vpc(&s.vpc_id).is_none())
            .collect();
        lost.sort_by_key(|s| subnet_order(s));
        for subnet in lost {
            out.subnet(world, &subnet.id);
        }
        let mut homeless: Vec<_> = world
            .instances()
            .filter(|i| {
                i.subnet_id
                    .as_ref()
                    .is_none_or(|s| world.subnet(s).is_none())
            })
            .collect();
        homeless.sort_by_key(|i| instance_order(i));
        for instance in homeless {
            out.instance(world, &instance.id);
        }
        let astray = world
            .enis()
            .filter(|e| world.subnet(&e.subnet_id).is_none() && holder(world, e).is_none());
        for eni in astray {
            out.eni(eni);
        }
        out.outline
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

/// The instance under which an interface stands.
fn holder<'a>(world: &'a World, eni: &Eni) -> Option<&'a Arc<Instance>> {
    eni.instance_id().and_then(|id| world.instance(id))
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

#[derive(Default)]
struct Builder {
    outline: Outline,
    path: Vec<u32>,
}

impl Builder {
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

    fn subnet(&mut self, world: &World, id: &SubnetId) {
        self.open(Node::Subnet(id.clone()));
        let mut instances: Vec<_> = world.instances_in(id).collect();
        instances.sort_by_key(|i| instance_order(i));
        for instance in instances {
            self.instance(world, &instance.id);
        }
        let (mut unattached, mut managed) = (Vec::new(), Vec::new());
        for eni in world.enis_in(id) {
            if holder(world, eni).is_some() {
                continue;
            }
            if ownership::owner(eni).is_some() {
                managed.push(eni);
            } else if eni.attachment.is_none() {
                unattached.push(eni);
            } else {
                // Held by an instance that this inventory does not show.
                self.eni(eni);
            }
        }
        self.group(Node::Unattached(id.clone()), unattached);
        self.group(Node::Managed(id.clone()), managed);
        self.close();
    }

    fn group(&mut self, node: Node, mut enis: Vec<&Arc<Eni>>) {
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

    fn instance(&mut self, world: &World, id: &InstanceId) {
        self.open(Node::Instance(id.clone()));
        for eni in world.enis_of(id) {
            self.eni(eni);
        }
        self.close();
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
