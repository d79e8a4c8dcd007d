//! The worlds of the last moments, for reads that lag.
//!
//! Invariants: nothing is kept unless some switch makes reads lag; a world is kept once a moment at
//! which it changes; never more than [`WORLDS_MAX`], and where more would be needed a read shows a
//! younger world than it could, never an older one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::sim::faults::{Fault, Placed};

/// Worlds kept at most.
const WORLDS_MAX: usize = 64;

/// The worlds that were, and until when.
#[derive(Clone, Debug, Default)]
pub struct Past {
    bound: Duration,
    worlds: VecDeque<(Time, Arc<World>)>,
}

impl Past {
    /// Keeps as much as these switches can ask for.
    pub fn keep_for<'a>(&mut self, placed: impl Iterator<Item = &'a Placed>) {
        let bounds = placed.map(|p| match p.item.fault {
            Fault::Stale(bound) => bound,
            _ => Duration::ZERO,
        });
        self.bound = bounds.max().unwrap_or_default();
        if self.bound.is_zero() {
            self.worlds.clear();
        }
    }

    /// The world is about to change.
    pub fn remember(&mut self, world: &Arc<World>, now: Time) {
        if self.bound.is_zero() || self.worlds.back().is_some_and(|(until, _)| *until == now) {
            return;
        }
        self.worlds.push_back((now, Arc::clone(world)));
        let oldest = now - self.bound;
        while self.worlds.len() > WORLDS_MAX
            || self
                .worlds
                .front()
                .is_some_and(|(until, _)| *until < oldest)
        {
            self.worlds.pop_front();
        }
    }

    /// The world of a moment, if it is another than today's.
    pub fn at(&self, moment: Time) -> Option<&Arc<World>> {
        let later = self.worlds.partition_point(|(until, _)| *until <= moment);
        self.worlds.get(later).map(|(_, world)| world)
    }

    /// Time has gone back.
    pub fn forget_after(&mut self, now: Time) {
        while self.worlds.back().is_some_and(|(until, _)| *until > now) {
            self.worlds.pop_back();
        }
    }
}
