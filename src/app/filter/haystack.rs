//! Everything that the filter looks through, lower case, in one text.
//!
//! Invariants: made once a world, not once a key; one entry for every item of the outline but
//! addresses (they are found through their interface); a field opens with its own control
//! character, which no needle contains, so that a plain word searches all fields in one pass
//! without ever matching across two of them.

use super::{Field, Term};
use crate::app::tree::outline::Outline;
use crate::app::tree::{Mark, Node};
use crate::ec2::diff::Changes;
use crate::ec2::eni::Eni;
use crate::ec2::resource::{Instance, Subnet, Tag, Vpc, name_of};
use crate::ec2::world::World;
use crate::rules::ownership;

/// The text and its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Haystack {
    text: String,
    entries: Vec<Entry>,
    /// Length of the text when it was made.
    written: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    item: u32,
    start: usize,
    end: usize,
    counts: bool,
}

impl Haystack {
    /// The haystack of a world in the order of its outline.
    pub fn of(world: &World, outline: &Outline) -> Self {
        let mut hay = Self::default();
        for (item, it) in (0..).zip(outline.items()) {
            let counts = matches!(it.node, Node::Instance(_) | Node::Eni(_));
            if let Some((start, end)) = hay.write(world, &it.node) {
                hay.entries.push(Entry {
                    item,
                    start,
                    end,
                    counts,
                });
            }
        }
        hay.written = hay.text.len();
        hay
    }

    /// Takes in changes that leave the outline as it is: the new texts go to the end, the old ones
    /// are left behind until they are half of everything.
    pub fn renew(&mut self, changes: &Changes, outline: &Outline) {
        let vpcs = changes.vpcs.iter().filter_map(|(_, v)| *v);
        let subnets = changes.subnets.iter().filter_map(|(_, s)| *s);
        let instances = changes.instances.iter().filter_map(|(_, i)| *i);
        let enis = changes.enis.iter().filter_map(|(_, e)| *e);
        let nodes = vpcs
            .map(|v| Node::Vpc(v.id.clone()))
            .chain(subnets.map(|s| Node::Subnet(s.id.clone())))
            .chain(instances.map(|i| Node::Instance(i.id.clone())))
            .chain(enis.map(|e| Node::Eni(e.id.clone())));
        for node in nodes {
            let at = outline.find(&node);
            let at = at.and_then(|at| self.entries.binary_search_by_key(&at, |e| e.item).ok());
            let written = self.write(changes.after, &node);
            if let Some(entry) = at.and_then(|at| self.entries.get_mut(at))
                && let Some((start, end)) = written
            {
                (entry.start, entry.end) = (start, end);
            }
        }
        if self.text.len() > 2 * self.written {
            *self = Self::of(changes.after, outline);
        }
    }

    /// Writes a node's text to the end; tells where it stands. Groups have none of their own.
    fn write(&mut self, world: &World, node: &Node) -> Option<(usize, usize)> {
        let start = self.text.len();
        match node {
            Node::Vpc(id) => world.vpc(id).into_iter().for_each(|v| self.vpc(v)),
            Node::Subnet(id) => world.subnet(id).into_iter().for_each(|s| self.subnet(s)),
            Node::Instance(id) => world
                .instance(id)
                .into_iter()
                .for_each(|i| self.instance(i)),
            Node::Eni(id) => world.eni(id).into_iter().for_each(|e| self.eni(e)),
            Node::Unattached(_) | Node::Managed(_) | Node::Address(..) => return None,
        }
        self.text.push(END);
        Some((start, self.text.len()))
    }

    /// What the terms say of every item of the outline, and how many instances and interfaces
    /// match.
    pub fn search(&self, outline: &Outline, terms: &[Term]) -> (Vec<Mark>, usize) {
        let mut alive = vec![true; self.entries.len()];
        for term in terms {
            self.narrow(term, &mut alive);
        }
        let mut marks = vec![Mark::default(); outline.items().len()];
        let mut matches = 0;
        for (entry, alive) in self.entries.iter().zip(alive) {
            if !alive {
                continue;
            }
            matches += usize::from(entry.counts);
            if let Some(mark) = marks.get_mut(entry.item as usize) {
                mark.hit = true;
            }
            for ancestor in outline.ancestors(entry.item) {
                match marks.get_mut(ancestor as usize) {
                    // Whoever marked it has marked everything above it as well.
                    Some(mark) if mark.above => break,
                    Some(mark) => mark.above = true,
                    None => break,
                }
            }
        }
        (marks, matches)
    }

    /// Keeps alive what the term lets through.
    fn narrow(&self, term: &Term, alive: &mut [bool]) {
        for (entry, alive) in self.entries.iter().zip(alive.iter_mut()) {
            if !*alive {
                continue;
            }
            let text = self.text.get(entry.start..entry.end).unwrap_or_default();
            *alive = holds(text, term) != term.negated;
        }
    }

    fn field(&mut self, field: Field, value: &str) {
        if value.is_empty() {
            return;
        }
        self.text.push(field.mark());
        for c in value.chars().filter(|c| !c.is_control()) {
            if c.is_ascii() {
                self.text.push(c.to_ascii_lowercase());
            } else {
                self.text.extend(c.to_lowercase());
            }
        }
    }

    fn tags(&mut self, tags: &[Tag]) {
        self.field(Field::Name, name_of(tags).unwrap_or_default());
        for tag in tags.iter().filter(|t| &*t.key != "Name") {
            self.field(Field::Tag, &format!("{}={}", tag.key, tag.value));
        }
    }

    fn vpc(&mut self, vpc: &Vpc) {
        self.field(Field::Id, vpc.id.as_str());
        self.field(Field::Address, &vpc.cidr_block);
        self.field(Field::Owner, &vpc.owner_id);
        self.tags(&vpc.tags);
    }

    fn subnet(&mut self, subnet: &Subnet) {
        self.field(Field::Id, subnet.id.as_str());
        self.field(Field::Address, &subnet.cidr_block);
        self.field(Field::Zone, &subnet.availability_zone);
        self.field(
            Field::Zone,
            subnet.availability_zone_id.as_deref().unwrap_or_default(),
        );
        self.field(Field::Owner, &subnet.owner_id);
        self.tags(&subnet.tags);
    }

    fn instance(&mut self, instance: &Instance) {
        self.field(Field::Id, instance.id.as_str());
        self.field(Field::Type, &instance.instance_type);
        self.field(Field::State, instance.state.as_str());
        if instance.is_impaired() {
            self.field(Field::State, "impaired");
        }
        self.field(Field::Zone, &instance.availability_zone);
        self.field(Field::Owner, &instance.owner_id);
        self.tags(&instance.tags);
    }

    fn eni(&mut self, eni: &Eni) {
        self.field(Field::Id, eni.id.as_str());
        self.field(Field::State, eni.status.as_str());
        if let Some(attachment) = &eni.attachment {
            self.field(Field::Id, attachment.attachment_id.as_str());
            self.field(Field::State, attachment.status.as_str());
        }
        for ip in &eni.private_ip_addresses {
            self.field(Field::Address, &ip.private_ip_address.to_string());
        }
        for (_, association) in eni.associations() {
            self.field(Field::Address, &association.public_ip.to_string());
        }
        for ip in &eni.ipv6_addresses {
            self.field(Field::Address, &ip.ipv6_address.to_string());
        }
        self.field(Field::Address, &eni.mac_address);
        self.field(Field::Zone, &eni.availability_zone);
        self.field(
            Field::Zone,
            eni.availability_zone_id.as_deref().unwrap_or_default(),
        );
        self.field(Field::Type, &eni.interface_type);
        self.field(Field::Owner, &eni.owner_id);
        self.field(
            Field::Owner,
            eni.requester_id.as_deref().unwrap_or_default(),
        );
        if let Some(owner) = ownership::owner(eni) {
            self.field(Field::Owner, owner.service);
            self.field(Field::Owner, owner.resource.as_deref().unwrap_or_default());
        }
        self.field(Field::Description, &eni.description);
        for group in &eni.groups {
            self.field(Field::Group, group.group_id.as_str());
            self.field(Field::Group, &group.group_name);
        }
        self.tags(&eni.tag_set);
    }
}

/// Closes an entry.
const END: char = '\u{1f}';

/// Whether an entry's text holds the term's needle, in its field if it names one.
fn holds(text: &str, term: &Term) -> bool {
    let Some(field) = term.field else {
        return text.contains(&term.needle);
    };
    let mark = field.mark();
    text.split(mark).skip(1).any(|rest| {
        let value = rest.split(char::is_control).next().unwrap_or_default();
        value.contains(&term.needle)
    })
}

#[cfg(test)]
mod tests;
