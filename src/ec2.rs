//! EC2's nouns: identifiers, resources, the world that holds them, calls, errors and differences.
//!
//! Invariants: no I/O, no clock, no randomness, no knowledge of why EC2 allows or refuses a call
//! (that is `rules`). A [`world::World`] is one consistent inventory of one account and Region;
//! its indexes are private and are kept in step by the only two ways of changing it,
//! `put_*`/`remove_*` and [`change::Change`].

pub mod call;
pub mod change;
pub mod diff;
pub mod eni;
pub mod error;
pub mod gap;
pub mod id;
pub mod permission;
pub mod resource;
pub mod sample;
pub mod shown;
pub mod time;
pub mod world;
