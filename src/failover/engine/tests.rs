//! The engine against a tiny EC2, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alone;
mod detour;
mod fencing;
mod flights;
mod handovers;
mod late;
mod meanwhile;
mod people;
mod rejected;
mod rig;
mod table;
mod taken;
