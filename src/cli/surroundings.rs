//! Adding to a plan's preflight what concerns the place that this program runs at, and what EC2
//! permits.

use std::path::Path;
use std::sync::Arc;

use super::failure::{Exit, Failure};
use super::load::{Behind, Loaded};
use crate::failover::permission::{self, Permissions, Reply, asks};
use crate::failover::plan::Plan;
use crate::failover::surroundings::{judge, moving};
use crate::runtime::probe::reach;

/// Adds to a live plan's preflight what concerns this process. A simulated world has no place that
/// could be cut off.
pub fn add(plan: &mut Plan, loaded: &Loaded, state_dir: Option<&Path>, permissions: Permissions) {
    let Behind::Live(live) = &loaded.behind else {
        let checks = permission::judge(plan, &permissions);
        plan.add_checks(checks);
        return;
    };
    let moving = moving(plan, &loaded.world);
    let mut here = live.surroundings(Arc::new(plan.clone()), moving, state_dir);
    here.probe = live.probe().map(|at| (at.to_string(), reach(at)));
    here.permissions = permissions;
    judge(plan, &loaded.world, &here, loaded.now);
}

/// What EC2 permits of this plan, asked by dry runs.
///
/// Errors: the endpoint has executed one.
pub fn permissions(
    plan: &Plan,
    loaded: &Loaded,
    state_dir: Option<&Path>,
) -> Result<Permissions, Failure> {
    let permissions = match &loaded.behind {
        Behind::Live(live) => live.permissions(plan, state_dir),
        Behind::Sim(sim) => {
            let asked = asks(plan).into_iter().map(|ask| {
                let reply = match ask.call.has_dry_run() {
                    true => Reply::of_error(sim.dry_run(&ask.call)),
                    false => Reply::NotOffered,
                };
                (ask, reply)
            });
            Permissions::Asked(asked.collect())
        }
    };
    match permissions {
        Permissions::Executed(executed) => {
            Err(Failure::usage(executed.what, executed.remedy).exit(Exit::Engine(4)))
        }
        other => Ok(other),
    }
}
