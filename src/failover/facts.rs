//! The few facts that a failover changes, read from a world.
//!
//! Invariant: *before*, *forecast* and *now* are the same function of three worlds, so that a tick
//! means equality and nothing else.

use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::world::World;

/// Whose facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The interface.
    pub eni: EniId,
    /// Where it was.
    pub source: Option<InstanceId>,
    /// Where it goes.
    pub target: InstanceId,
    /// What people call the source; a look at the interface alone does not hold its instance.
    pub source_name: String,
    /// What people call the target.
    pub target_name: String,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `eni status`, `attachment`, `route 172.31.99.0/24`, `EIP 203.0.113.10`, `MAC`.
    pub label: String,
    /// `in-use`, `db-primary #1`, `blackhole`.
    pub value: String,
}

/// The facts, always the same labels for the same scope, `gone` where the interface is.
pub fn facts(_world: &World, _scope: &Scope) -> Vec<Fact> {
    Vec::new()
}

/// How a predicted value fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not to be judged yet.
    Open,
    /// Now is as predicted.
    Tick,
    /// Now is otherwise: what it means and what to do.
    Mismatch(String),
}

/// One line of *before | forecast | now*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fact.
    pub label: String,
    /// Before the step.
    pub before: String,
    /// Predicted after the step.
    pub forecast: String,
    /// As last observed; `None` before the step begins.
    pub now: Option<String>,
    /// Judgement.
    pub mark: Mark,
}
