//! What makes real life hard, as switches: the road between a caller and EC2, and what breaks in
//! the world itself.
//!
//! A [`Fault`] is one switch, an [`Item`] a switch with the time during which it is on, [`Faults`] a
//! list of them, with a short notation ([`Faults::parse`]). [`Road`] decides what becomes of a
//! request. Nothing here changes a world: the simulator does, when an item is put in.
//!
//! Invariants: pure and seeded: the same faults, seed and requests meet the same [`Fate`]s; without
//! faults every request is answered at once and chance is not asked; what is printed parses again.

mod bucket;
mod item;
mod notation;
mod road;
#[cfg(test)]
mod tests;

pub use item::{Fault, Item, Share, Window};
pub use notation::{NAMES, SpecError};
pub use road::{Ask, Fate, Road};

use crate::ec2::time::Time;

/// Switches as they were asked for, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Item>);

/// An item that was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// When: its window counts from here.
    pub since: Time,
    /// The item.
    pub item: Item,
}

impl Placed {
    /// Whether the switch is on.
    pub fn is_on(&self, now: Time) -> bool {
        self.item.window.covers(now.since(self.since))
    }
}
