//! enipilot: explore, rehearse and fly the failover of AWS elastic network interfaces.
//!
//! The layers, from left to right; each may use those to its left (`tests/tidy.rs` guards it):
//! `ec2 < rules < sim, failover < lessons < app < tui`, with `wire`, `cloud` and `store` on the pure
//! layers, and `runtime` and `cli` on everything. ARCHITECTURE.md is the map.

pub mod app;
pub mod cli;
pub mod cloud;
pub mod ec2;
pub mod failover;
pub mod lessons;
pub mod rules;
pub mod runtime;
pub mod sim;
pub mod store;
pub mod tui;
pub mod wire;
