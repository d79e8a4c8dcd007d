//! The tree as a flat list of rows: VPC > subnet > instance > interface > address.
//!
//! Invariants: rows are rebuilt only when the world's content, the open set or the filter changes;
//! a row is identified by its node, never by its position; moving the cursor costs the same at 100
//! and at 100,000 interfaces.

mod graft;
pub mod outline;
mod rows;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::sync::Arc;

use crate::ec2::id::{EniId, InstanceId, SubnetId, VpcId};
use crate::ec2::world::World;
use outline::Outline;

/// Rows that the default open set may show; a larger world starts with its subnets closed.
pub const OPEN_ROWS_MAX: usize = 500;

/// Ancestors that stay on top while scrolling: VPC, subnet, instance and interface.
const STICKY_MAX: usize = 4;

/// What a row stands for. `Ord` is the identity for the open set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A VPC.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
    /// An instance, under the subnet of its primary interface.
    Instance(InstanceId),
    /// Interfaces of a subnet that are attached to nothing.
    Unattached(SubnetId),
    /// Interfaces of a subnet that AWS services own.
    Managed(SubnetId),
    /// A network interface, under its instance, or under one of the two groups above.
    Eni(EniId),
    /// A private address of an interface.
    Address(EniId, Ipv4Addr),
}

impl Node {
    /// The interface that the node is, or that it is an address of.
    pub fn eni(&self) -> Option<&EniId> {
        match self {
            Self::Eni(id) | Self::Address(id, _) => Some(id),
            _ => None,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub node: Node,
    /// Levels below the root: 0 for a VPC.
    pub depth: u8,
    /// It can be opened.
    pub has_children: bool,
    /// It is open.
    pub open: bool,
    /// Index of its parent's row, if it has one.
    pub parent: Option<usize>,
}

/// Rows, cursor and what is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Every visible row, in order.
    pub rows: Vec<Row>,
    /// What is open.
    pub open: BTreeSet<Node>,
    /// Where the cursor stands.
    pub selected: Option<Node>,
    /// Row index of `selected` in `rows`, kept in step with it.
    pub cursor: usize,
    /// First row in view (below the sticky ancestors).
    pub top: usize,
    /// Rows that the painter can show, told by the last resize.
    pub height: usize,
    /// Every node, whether visible or not.
    outline: Arc<Outline>,
    /// By item of the outline: it is in `open`.
    is_open: Vec<bool>,
    /// By item of the outline, while a filter is set.
    marks: Option<Vec<Mark>>,
    /// By row: its item in the outline; rises.
    items: Vec<u32>,
}

/// What the filter says of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// It matches itself.
    pub hit: bool,
    /// Something below it matches.
    pub above: bool,
}

impl Tree {
    /// Takes another world. What is open and selected stays; a new VPC or subnet is open if the
    /// world is small; if the selected node has moved, its new ancestors are opened, so that the
    /// eye follows it. If it is gone, the cursor takes its parent, or else its place.
    pub fn load(&mut self, world: &World) {
        let old = std::mem::replace(&mut self.outline, Arc::new(Outline::of(world)));
        let heir = self.heir(&old);
        let size = world.vpcs().count() + world.subnets().count() + world.instances().count();
        for item in self.outline.items() {
            let young = match item.node {
                Node::Vpc(_) => true,
                Node::Subnet(_) => size <= OPEN_ROWS_MAX,
                _ => false,
            };
            if young && old.find(&item.node).is_none() {
                self.open.insert(item.node.clone());
            }
        }
        let mut is_open = vec![false; self.outline.items().len()];
        let outline = &self.outline;
        self.open.retain(|node| {
            let flag = outline
                .find(node)
                .and_then(|at| is_open.get_mut(at as usize));
            flag.map(|flag| *flag = true).is_some()
        });
        self.is_open = is_open;
        self.marks = None;
        self.selected = heir;
        self.open_ancestors();
        self.rebuild();
    }

    /// Who has the cursor in the new outline: the selected node, its nearest old ancestor that
    /// still exists, or whatever takes its row.
    fn heir(&self, old: &Outline) -> Option<Node> {
        let selected = self.selected.as_ref()?;
        if self.outline.find(selected).is_some() {
            return Some(selected.clone());
        }
        let at = old.find(selected)?;
        let mut ancestors = old.ancestors(at).filter_map(|n| old.item(n));
        ancestors
            .find(|item| self.outline.find(&item.node).is_some())
            .map(|item| item.node.clone())
    }

    fn open_ancestors(&mut self) {
        let at = self.selected.as_ref().and_then(|n| self.outline.find(n));
        let Some(at) = at else { return };
        let outline = Arc::clone(&self.outline);
        for ancestor in outline.ancestors(at) {
            self.flag(ancestor, true);
        }
    }

    fn flag(&mut self, item: u32, open: bool) {
        if let Some(flag) = self.is_open.get_mut(item as usize) {
            *flag = open;
        }
        if let Some(item) = self.outline.item(item) {
            if open {
                self.open.insert(item.node.clone());
            } else {
                self.open.remove(&item.node);
            }
        }
    }

    /// Every node of the world, in order, visible or not.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Shows only hits and their ancestors, or everything again. The cursor stays if it is on a hit
    /// or below one, else it goes to the first hit.
    pub fn filter(&mut self, marks: Option<Vec<Mark>>) {
        self.marks = marks;
        match &self.marks {
            None => self.open_ancestors(),
            Some(marks) => {
                let at = self.selected.as_ref().and_then(|n| self.outline.find(n));
                let hit = |n: u32| marks.get(n as usize).is_some_and(|m| m.hit);
                if !at.is_some_and(|at| hit(at) || self.outline.ancestors(at).any(hit)) {
                    self.selected = None;
                }
            }
        }
        self.rebuild();
    }

    /// Opens everything.
    pub fn open_all(&mut self) {
        let outline = Arc::clone(&self.outline);
        for (at, item) in (0..).zip(outline.items()) {
            if item.end > at + 1 {
                self.flag(at, true);
            }
        }
        self.rebuild();
    }

    /// Puts the cursor on a node and opens what hides it. False if there is no such node.
    pub fn select(&mut self, node: &Node) -> bool {
        let Some(at) = self.outline.find(node) else {
            return false;
        };
        self.selected = Some(node.clone());
        if let Ok(row) = self.items.binary_search(&at) {
            self.put_cursor(row);
        } else {
            self.open_ancestors();
            self.rebuild();
        }
        true
    }

    /// The node will come with the next world: the cursor goes there then.
    pub fn await_node(&mut self, node: Node) {
        self.selected = Some(node);
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// Moves the cursor by so many rows, as far as there are rows.
    pub fn move_by(&mut self, rows: isize) {
        self.put_cursor(self.cursor.saturating_add_signed(rows));
    }

    /// Moves the cursor by a page, less one row to keep the context.
    pub fn page(&mut self, forward: bool) {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1);
        self.move_by(if forward { page } else { -page });
    }

    /// To the first row.
    pub fn first(&mut self) {
        self.put_cursor(0);
    }

    /// To the last row.
    pub fn last(&mut self) {
        self.put_cursor(usize::MAX);
    }

    /// Closes the row, or goes to its parent if there is nothing to close.
    pub fn left(&mut self) {
        let Some(row) = self.row() else { return };
        if row.open && self.may_close() {
            self.toggle();
        } else if let Some(parent) = row.parent {
            self.put_cursor(parent);
        }
    }

    /// Opens the row, or goes to its first child if it is open.
    pub fn right(&mut self) {
        let Some(row) = self.row() else { return };
        if row.open {
            self.move_by(1);
        } else if row.has_children {
            self.toggle();
        }
    }

    /// Opens or closes the row under the cursor.
    pub fn toggle(&mut self) {
        let Some(row) = self.row() else { return };
        if !row.has_children || (row.open && !self.may_close()) {
            return;
        }
        self.turn(self.cursor, !row.open);
        self.scroll();
    }

    /// A row that stands open because the filter found something below it cannot be closed.
    fn may_close(&self) -> bool {
        let Some(marks) = &self.marks else {
            return true;
        };
        let item = self.items.get(self.cursor);
        item.and_then(|&i| marks.get(i as usize))
            .is_none_or(|m| !m.above)
    }

    fn put_cursor(&mut self, row: usize) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
        self.selected = self.row().map(|row| row.node.clone());
        self.scroll();
    }

    /// Tells how many rows the painter has.
    pub fn resize(&mut self, height: usize) {
        self.height = height;
        self.scroll();
    }

    fn scroll(&mut self) {
        self.top = self.top_for(self.height);
    }

    /// The rows to be painted on `height` lines: the ancestors that stay on top, outermost first,
    /// and the rows below them. The cursor is always among them.
    pub fn view(&self, height: usize) -> (Vec<usize>, Range<usize>) {
        let top = self.top_for(height);
        let sticky = self.sticky(top, height);
        let end = (top + height - sticky.len()).min(self.rows.len());
        (sticky, top..end)
    }

    /// Ancestors of a row, outermost first, as many as may stay on top of `height` lines.
    fn sticky(&self, top: usize, height: usize) -> Vec<usize> {
        let parent = |n: usize| self.rows.get(n).and_then(|r| r.parent);
        let mut above: Vec<usize> = std::iter::successors(parent(top), |&n| parent(n)).collect();
        // On a very low screen the rows themselves matter more, and their nearest ancestor most.
        above.truncate(STICKY_MAX.min(height / 3));
        above.reverse();
        above
    }

    /// The first row in view that moves least and shows the cursor.
    fn top_for(&self, height: usize) -> usize {
        if height == 0 || self.rows.len() <= height {
            return 0;
        }
        let bottom = |top: usize| top + height - self.sticky(top, height).len();
        let mut top = self.top.min(self.cursor);
        if self.cursor >= bottom(top) {
            top = self.cursor + 1 - height;
            while self.cursor >= bottom(top) {
                top += 1;
            }
        }
        // No empty lines below the last row.
        while top > 0 && bottom(top - 1) >= self.rows.len() {
            top -= 1;
        }
        top
    }
}

#[cfg(test)]
mod tests;
