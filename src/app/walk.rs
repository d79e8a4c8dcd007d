//! Plan, walk and summary of a failover, as the screen holds it.
//!
//! Invariant: the status is the engine's own picture, never edited here.

use std::sync::Arc;

use crate::failover::plan::Plan;
use crate::failover::status::Status;

/// The failover on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The step whose forecast is shown while nothing runs yet.
    pub shown: usize,
    /// The engine's picture, once it flies.
    pub status: Option<Box<Status>>,
    /// The runtime has been asked to fly it; the first status may still be on its way.
    pub launched: bool,
    /// Whether the place that this program runs at has been judged.
    pub place: Place,
}

/// Whether the place that this program runs at has been judged. Only a live plan asks for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody has asked yet.
    Unknown,
    /// The runtime is looking.
    Asked,
    /// The preflight has its items.
    Judged,
}

/// Which of its three faces the walk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has happened yet.
    Plan,
    /// It flies.
    Flight,
    /// It has ended.
    Summary,
}

impl Walk {
    /// A plan that has not been flown. The first step that does something is shown.
    pub fn new(plan: Arc<Plan>) -> Self {
        let shown = plan.steps.iter().position(|s| s.nothing_to_do.is_none());
        Self {
            shown: shown.unwrap_or(0),
            plan,
            status: None,
            launched: false,
            place: Place::Unknown,
        }
    }

    /// Which face to show.
    pub fn phase(&self) -> Phase {
        match &self.status {
            Some(status) if status.ending.is_some() => Phase::Summary,
            Some(_) => Phase::Flight,
            None if self.launched => Phase::Flight,
            None => Phase::Plan,
        }
    }

    /// It has been started and has not ended.
    pub fn is_flying(&self) -> bool {
        self.phase() == Phase::Flight
    }
}
