//! Plan, walk and summary of a failover, as the screen holds it.

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
}
