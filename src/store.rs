//! Files: state directory, journals, locks, reports.
//!
//! Invariants: files are 0600 in a 0700 directory of our own, never in the current directory; a
//! journal record is on the disk before anybody is told so.

pub mod dir;
pub mod error;
pub mod journal;
pub mod lock;
pub mod ops;
pub mod progress;
pub mod prune;
pub mod report;
