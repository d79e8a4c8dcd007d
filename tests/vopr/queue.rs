//! What is due, and when.
//!
//! Invariant: what is due at the same moment happens in the order in which it was put in, a round
//! after all of it.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use enipilot::ec2::time::Time;

use super::run::Event;

/// Events to come.
#[derive(Default)]
pub struct Queue {
    heap: BinaryHeap<Reverse<Due>>,
    /// Rounds stand beside the heap: nearly half of all that happens are rounds.
    round: Option<Time>,
    count: u64,
}

impl Queue {
    pub fn push(&mut self, at: Time, event: Event) {
        self.count += 1;
        let due = Due(at, self.count, Box::new(event));
        self.heap.push(Reverse(due));
    }

    /// The next round, of which there is one at a time.
    pub fn round(&mut self, at: Time) {
        self.round = Some(at);
    }

    /// What is due first; nothing stands for a round.
    pub fn next(&mut self) -> Option<(Time, Option<Box<Event>>)> {
        let due = self.heap.peek().map(|Reverse(due)| due.0);
        let round = self.round.filter(|at| due.is_none_or(|due| *at < due));
        if let Some(at) = round {
            self.round = None;
            return Some((at, None));
        }
        let Reverse(Due(at, _, event)) = self.heap.pop()?;
        Some((at, Some(event)))
    }
}

/// Boxed: the heap moves them about.
struct Due(Time, u64, Box<Event>);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}
