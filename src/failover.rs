//! Moving a network interface: intent, candidates, plan, forecast, engine, journal, report.
//!
//! Invariants: pure and sans-IO. The engine is a state machine `(state, input, now) -> outputs`; it
//! decides from the plan, the consents and fresh observations, never by replaying the journal. It
//! does not know the simulator: ports answer it, whichever sky they stand for.

pub mod agreement;
pub mod candidates;
pub mod engine;
pub mod facts;
pub mod identity;
pub mod journal;
pub mod mechanism;
pub mod ops;
pub mod outage;
pub mod permission;
pub mod plan;
pub mod replay;
pub mod report;
pub mod resume;
pub mod sight;
pub mod sky;
pub mod status;
pub mod surroundings;
#[cfg(test)]
pub(crate) mod testing;
