//! The adapter on an in-process handler: the real SDK serialises, retries, follows tokens and
//! parses; no socket is opened and no second build of the SDK is needed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod handler;
mod inventory;
mod trouble;
mod writes;
