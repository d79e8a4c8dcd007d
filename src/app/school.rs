//! The school on the screen: the course, the lesson being played, and how far the person has come.
//!
//! Invariant: without a lesson (`play` is `None`) the world is a sandbox: everything works as in any
//! other simulated world.

use std::sync::Arc;

use crate::lessons::play::Play;
use crate::lessons::progress::Progress;
use crate::lessons::{Lesson, Speech, course};

/// Rows of the lesson above tree and panel, and above a walk, where the goals alone fit.
pub const ROWS: u16 = 6;
/// The same where the walk needs the room.
pub const ROWS_WALKING: u16 = 2;

/// The school.
#[derive(Clone, Debug, PartialEq)]
pub struct School {
    /// Every lesson, in order.
    pub course: Arc<[Arc<Lesson>]>,
    /// The lesson of the world on screen.
    pub at: usize,
    /// How it is being played; `None` in the sandbox.
    pub play: Option<Play>,
    /// What was done so far.
    pub progress: Progress,
    /// How the person acts.
    pub speech: Speech,
}

impl School {
    /// The lesson of the world on screen.
    pub fn lesson(&self) -> Option<&Arc<Lesson>> {
        self.course.get(self.at)
    }

    /// The next one that is not done, after this one if there is one; else the next one.
    pub fn next(&self) -> Option<usize> {
        let open = |n: &usize| {
            let name = self.course.get(*n).map(|l| l.name.as_str());
            name.is_some_and(|name| self.progress.lessons.get(name).is_none_or(|r| !r.done))
        };
        let after = (self.at + 1..self.course.len()).find(open);
        after.or_else(|| (self.at + 1 < self.course.len()).then_some(self.at + 1))
    }

    /// Where a newcomer begins, or somebody who has been here goes on.
    pub fn first_open(course: &[Arc<Lesson>], progress: &Progress) -> usize {
        let open = course
            .iter()
            .position(|l| progress.lessons.get(&l.name).is_none_or(|r| !r.done));
        open.unwrap_or(0)
    }

    /// The numbers of the lessons that hold a text in name, title, story or idea; all without one.
    pub fn found(&self, text: Option<&str>) -> Vec<usize> {
        let course = self.course.iter().enumerate();
        let found = course.filter(|(_, lesson)| text.is_none_or(|text| lesson.holds(text)));
        found.map(|(n, _)| n).collect()
    }

    /// The lesson that is called so, or has this number.
    pub fn find(&self, wanted: &str) -> Result<usize, String> {
        course::find(&self.course, wanted).map(|(n, _)| n)
    }
}
