//! Integration tests: one binary, one module an area.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod app;
mod classroom;
mod cli;
mod conformance;
mod engine;
mod faults;
mod generated;
mod guests;
mod keys;
// A limit of another process stands for a full disk there, which only Linux can set.
#[cfg(all(feature = "aws", target_os = "linux"))]
mod kill;
mod lessons;
mod managed;
mod notation;
mod ops;
#[cfg(feature = "aws")]
mod permission;
mod plain;
mod rules;
mod screens;
#[cfg(feature = "aws")]
mod sdk;
mod serve;
mod support;
mod terminal;
mod timeline;
mod traffic;
mod vopr;
mod wire;
mod worlds;
