//! How far a person has come, as data; `store` keeps it.
//!
//! Invariant: a better result never gives way to a worse one; what this version does not know of
//! (a lesson of another version) is kept as it was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Progress through all lessons, by their name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Form of this record.
    #[serde(default = "version")]
    pub version: u32,
    /// What is known of each lesson.
    #[serde(default)]
    pub lessons: BTreeMap<String, Record>,
}

fn version() -> u32 {
    1
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
