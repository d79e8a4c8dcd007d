//! The school: lessons as data, their goals, and how far a person has come.
//!
//! Invariants: pure; what the screen shows as a goal is made from the very predicate that is
//! checked; a goal that was met stays met (but `still`); a lesson changes nothing in the world that it watches.

pub mod course;
pub mod goal;
pub mod lesson;
pub mod play;
pub mod progress;

pub use goal::{Deed, Goal, Scene};
pub use lesson::{Lesson, LessonError, Speech};
pub use play::Play;
