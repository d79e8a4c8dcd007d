//! Rows from the outline: what is open, what the filter lets through.
//!
//! Invariants: a row's index of its parent is right after every change; opening or closing one
//! row touches its own subtree and shifts the rest, it does not build anything anew.

use super::outline::Item;
use super::{Mark, Row, Tree};

impl Tree {
    /// Builds every row anew and finds the cursor again.
    pub(super) fn rebuild(&mut self) {
        let (rows, items) = self.emit(0, self.outline.items().len(), 0, None);
        self.rows = rows;
        self.items = items;
        let at = self.selected.as_ref().and_then(|n| self.outline.find(n));
        let row = at.and_then(|at| self.items.binary_search(&at).ok());
        let row = row.or_else(|| self.first_hit()).unwrap_or(self.cursor);
        self.put_cursor(row);
    }

    fn first_hit(&self) -> Option<usize> {
        let marks = self.marks.as_ref()?;
        let hit = |&item: &u32| marks.get(item as usize).is_some_and(|m| m.hit);
        self.items.iter().position(hit)
    }

    /// Rows for the items from `from` to `to`, which is a run of whole subtrees. `base` is the row
    /// index that the first of them will have, `parent` the row above them.
    pub(super) fn emit(
        &self,
        from: usize,
        to: usize,
        base: usize,
        parent: Option<usize>,
    ) -> (Vec<Row>, Vec<u32>) {
        // A world changes little from one moment to the next.
        let rows_before = if from == 0 { self.rows.len() } else { 0 };
        let mut rows = Vec::with_capacity(rows_before);
        let mut items = Vec::with_capacity(rows_before);
        let all = self.outline.items();
        let first_depth = all.get(from).map_or(0, |item| item.depth);
        // The newest row at each depth: in reading order that is the parent of what comes next.
        let mut newest: Vec<usize> = Vec::new();
        let mut shown_until = self.hit_until(from);
        let mut at = from;
        while at < to {
            let Some(item) = all.get(at) else { break };
            let end = item.end as usize;
            let mark = self.mark(at);
            if let Some(mark) = mark {
                if mark.hit {
                    shown_until = shown_until.max(end);
                }
                if !mark.hit && !mark.above && at >= shown_until {
                    at = end;
                    continue;
                }
            }
            let has_children = end > at + 1;
            let open = has_children && self.is_shown_open(at, mark);
            let level = usize::from(item.depth - first_depth);
            newest.truncate(level);
            rows.push(Row {
                node: item.node.clone(),
                depth: item.depth,
                has_children,
                open,
                parent: newest.last().copied().or(parent),
            });
            newest.push(base + rows.len() - 1);
            items.push(u32::try_from(at).unwrap_or(u32::MAX));
            at = if open { at + 1 } else { end };
        }
        (rows, items)
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        let marks = self.marks.as_ref()?;
        Some(marks.get(at).copied().unwrap_or_default())
    }

    fn is_shown_open(&self, at: usize, mark: Option<Mark>) -> bool {
        mark.is_some_and(|m| m.above) || self.is_open.get(at).copied().unwrap_or(false)
    }

    /// Where the subtree of the outermost hit above an item ends: all of it is shown.
    fn hit_until(&self, at: usize) -> usize {
        let Some(marks) = &self.marks else { return 0 };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let hit = |n: &u32| marks.get(*n as usize).is_some_and(|m| m.hit);
        let ends = self.outline.ancestors(at).filter(hit);
        let end = |n| self.outline.item(n).map_or(0, |i: &Item| i.end as usize);
        ends.map(end).max().unwrap_or(0)
    }

    /// Opens or closes one row in place.
    pub(super) fn turn(&mut self, row: usize, open: bool) {
        let Some(&item) = self.items.get(row) else {
            return;
        };
        let Some(end) = self.outline.item(item).map(|i| i.end) else {
            return;
        };
        self.flag(item, open);
        let first = row + 1;
        let last = self.items.partition_point(|&i| i < end);
        let (rows, items) = if open {
            self.emit(item as usize + 1, end as usize, first, Some(row))
        } else {
            (Vec::new(), Vec::new())
        };
        let (gone, come) = (last - first, rows.len());
        self.rows.splice(first..last, rows);
        self.items.splice(first..last, items);
        if let Some(row) = self.rows.get_mut(row) {
            row.open = open;
        }
        for later in self.rows.iter_mut().skip(first + come) {
            if let Some(parent) = &mut later.parent
                && *parent > row
            {
                *parent = *parent + come - gone;
            }
        }
    }
}
