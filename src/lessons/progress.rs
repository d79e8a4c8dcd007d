//! How far a person has come, as data; `store` keeps it.
//!
//! Invariant: a better result never gives way to a worse one; what this version does not know of
//! (a lesson of another version) is kept as it was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Progress through all lessons, by their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Form of this record.
    #[serde(default = "version")]
    pub version: u32,
    /// What is known of each lesson.
    #[serde(default)]
    pub lessons: BTreeMap<String, Record>,
}

fn version() -> u32 {
    Progress::VERSION
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            lessons: BTreeMap::new(),
        }
    }
}

/// What is known of one lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Steps that were done in the furthest attempt.
    #[serde(default)]
    pub steps: usize,
    /// Fewest calls of a whole solution of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<u32>,
    /// Done, be it with the solution shown.
    #[serde(default)]
    pub done: bool,
}

/// State of a lesson, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    New,
    /// This many steps were done.
    Begun(usize),
    /// Done with the solution shown.
    Seen,
    /// Done by oneself, with this many calls.
    Solved(u32),
}

impl Progress {
    /// The form that this program writes.
    pub const VERSION: u32 = 1;

    /// A step was done.
    pub fn reached(&mut self, lesson: &str, steps: usize) {
        let record = self.lessons.entry(lesson.to_owned()).or_default();
        record.steps = record.steps.max(steps);
    }

    /// The lesson was done with this many calls; `None` with the solution shown.
    pub fn done(&mut self, lesson: &str, calls: Option<u32>) {
        let record = self.lessons.entry(lesson.to_owned()).or_default();
        record.done = true;
        record.best = [record.best, calls].into_iter().flatten().min();
    }

    /// Takes over what is better in another record, as of another machine.
    pub fn merge(&mut self, other: &Self) {
        for (lesson, theirs) in &other.lessons {
            let ours = self.lessons.entry(lesson.clone()).or_default();
            ours.steps = ours.steps.max(theirs.steps);
            ours.done |= theirs.done;
            ours.best = [ours.best, theirs.best].into_iter().flatten().min();
        }
    }

    /// The state of a lesson.
    pub fn state(&self, lesson: &str) -> State {
        match self.lessons.get(lesson) {
            None => State::New,
            Some(Record { best: Some(n), .. }) => State::Solved(*n),
            Some(Record { done: true, .. }) => State::Seen,
            Some(Record { steps: 0, .. }) => State::New,
            Some(Record { steps, .. }) => State::Begun(*steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_of_two_records_is_kept() {
        let (mut here, mut there) = (Progress::default(), Progress::default());
        here.reached("a", 2);
        here.done("b", Some(4));
        there.done("a", Some(3));
        there.done("b", Some(6));
        there.reached("c", 1);
        here.merge(&there);
        assert_eq!(here.state("a"), State::Solved(3));
        assert_eq!(here.state("b"), State::Solved(4));
        assert_eq!(here.state("c"), State::Begun(1));
        let once = here.clone();
        here.merge(&there);
        assert_eq!(here, once);
    }

    #[test]
    fn a_better_result_stays() {
        let mut progress = Progress::default();
        assert_eq!(progress.state("a"), State::New);
        progress.reached("a", 2);
        progress.reached("a", 1);
        assert_eq!(progress.state("a"), State::Begun(2));
        progress.done("a", None);
        assert_eq!(progress.state("a"), State::Seen);
        progress.done("a", Some(5));
        progress.done("a", Some(7));
        progress.done("a", None);
        assert_eq!(progress.state("a"), State::Solved(5));
    }
}
