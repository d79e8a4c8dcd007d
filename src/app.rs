//! The brain of the screen: model, messages, update. No ratatui, no tokio, no clock, no I/O.
//!
//! Invariants: `update` is total and synchronous; selection is a resource, never a row number; a
//! mode is a layer on the stack, never a boolean.

pub mod action;
pub mod effect;
pub mod feed;
pub mod filter;
pub mod geometry;
pub mod keymap;
pub mod layer;
pub mod model;
pub mod msg;
pub mod operations;
pub mod school;
pub mod served;
pub mod timeline;
pub mod tree;
pub mod update;
pub mod walk;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
