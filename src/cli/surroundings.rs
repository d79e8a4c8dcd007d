//! Adding to a plan's preflight what concerns the place that this program runs at.

use std::path::Path;
use std::sync::Arc;

use super::load::{Behind, Loaded};
use crate::failover::plan::Plan;
use crate::failover::surroundings::{judge, moving};
use crate::runtime::probe::reach;

/// Adds to a live plan's preflight what concerns this process. A simulated world has no place that
/// could be cut off.
pub fn add(plan: &mut Plan, loaded: &Loaded, state_dir: Option<&Path>) {
    let Behind::Live(live) = &loaded.behind else {
        return;
    };
    let moving = moving(plan, &loaded.world);
    let mut here = live.surroundings(Arc::new(plan.clone()), moving, state_dir);
    here.probe = live.probe().map(|at| (at.to_string(), reach(at)));
    judge(plan, &loaded.world, &here, loaded.now);
}
