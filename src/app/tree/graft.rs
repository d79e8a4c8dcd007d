//! A changed world that is mostly what it was: only the branches of the subnets that changes touch
//! are made anew.
//!
//! Invariants: afterwards outline, flags and rows are what building everything anew would give;
//! what lies behind a branch is shifted, never rebuilt.

use std::collections::BTreeSet;

use super::outline::{self, Outline};
use super::{Node, Tree};
use crate::ec2::diff::Changes;
use crate::ec2::id::SubnetId;

/// More branches than this, and building everything anew is no slower.
const BRANCHES_MAX: usize = 64;

impl Tree {
    /// Takes the newer world of the changes. What is open and selected stays, as in
    /// [`Tree::load`]. False if nothing comes, goes, moves or gets another place in the order:
    /// what a row says is read from the world when it is painted.
    pub fn change(&mut self, changes: &Changes) -> bool {
        let touched = outline::touched(changes);
        let selected = self.selected.as_ref();
        // A node that was to come with this world is looked for again.
        let waits = selected.is_some_and(|node| self.outline.find(node).is_none());
        match touched {
            Some(touched) if touched.is_empty() && !waits => return false,
            Some(touched) if touched.len() <= BRANCHES_MAX && self.has_all(&touched) => {
                self.graft_all(changes, &touched);
            }
            _ => self.load(changes.after),
        }
        true
    }

    fn has_all(&self, subnets: &BTreeSet<SubnetId>) -> bool {
        let find = |id: &SubnetId| self.outline.find(&Node::Subnet(id.clone()));
        subnets.iter().all(|id| find(id).is_some())
    }

    fn graft_all(&mut self, changes: &Changes, subnets: &BTreeSet<SubnetId>) {
        let mut lineage: Vec<Node> = self.selected.iter().cloned().collect();
        if let Some(at) = self.selected.as_ref().and_then(|n| self.outline.find(n)) {
            let ancestors = self.outline.ancestors(at);
            let ancestors = ancestors.filter_map(|n| self.outline.item(n));
            lineage.extend(ancestors.map(|item| item.node.clone()));
        }
        self.marks = None;
        let mut gone = Vec::new();
        for id in subnets {
            if let Some(subnet) = changes.after.subnet(id) {
                let branch = Outline::branch(changes.after, subnet);
                gone.extend(self.graft(&Node::Subnet(id.clone()), &branch));
            }
        }
        for node in gone {
            if self.outline.find(&node).is_none() {
                self.open.remove(&node);
            }
        }
        let heir = lineage
            .into_iter()
            .find(|node| self.outline.find(node).is_some());
        match heir {
            Some(node) => {
                self.select(&node);
            }
            None => self.put_cursor(self.cursor),
        }
    }

    /// Puts a branch in the place of the one that has the same root; gives the nodes of the old
    /// one that were open.
    fn graft(&mut self, root: &Node, branch: &Outline) -> Vec<Node> {
        let found = self.outline.find(root);
        let Some((at, end)) = found.and_then(|at| Some((at, self.outline.item(at)?.end))) else {
            return Vec::new();
        };
        let (from, to) = (at as usize, end as usize);
        let old = self.outline.items().get(from..to).unwrap_or_default();
        let flags = self.is_open.get(from..to).unwrap_or_default();
        let was_open = old.iter().zip(flags).filter(|(_, open)| **open);
        let was_open: Vec<Node> = was_open.map(|(item, _)| item.node.clone()).collect();

        let first = self.items.partition_point(|&item| item < at);
        let last = self.items.partition_point(|&item| item < end);
        let parent = self.rows.get(first).and_then(|row| row.parent);

        let new = branch.items();
        let flags: Vec<bool> = new.iter().map(|i| self.open.contains(&i.node)).collect();
        self.is_open.splice(from..to, flags);
        std::sync::Arc::make_mut(&mut self.outline).graft(at, branch);
        let (rows, items) = if first < last {
            self.emit(from, from + new.len(), first, parent)
        } else {
            (Vec::new(), Vec::new())
        };
        let (come, items_gone) = (rows.len(), to - from);
        self.rows.splice(first..last, rows);
        self.items.splice(first..last, items);
        let shifted = |n: usize, come: usize, gone: usize| n + come - gone;
        if come != last - first {
            for row in self.rows.iter_mut().skip(first + come) {
                if let Some(parent) = row.parent.as_mut().filter(|p| **p >= last) {
                    *parent = shifted(*parent, come, last - first);
                }
            }
        }
        if new.len() != items_gone {
            for item in self.items.iter_mut().skip(first + come) {
                let moved = shifted(*item as usize, new.len(), items_gone);
                *item = u32::try_from(moved).unwrap_or(u32::MAX);
            }
        }
        was_open
    }
}
