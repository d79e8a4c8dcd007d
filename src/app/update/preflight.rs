//! The preflight of the plan on the screen: where this program runs, and what a person accepts.
//!
//! Invariants: a live plan is not flown before the place was judged; what is accepted is chosen by
//! name, one check at a time, and makes the plan anew, so that the plan itself records it.

use std::sync::Arc;

use super::operations;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::walk::{Phase, Place, Walk};
use crate::failover::plan::{Check, Level, Plan};
use crate::failover::sky::Kind;
use crate::failover::surroundings::{Surroundings, judge, moving};

/// A live plan, or an operation to be taken up, that nobody has looked around for yet.
pub(super) fn look_around(model: &mut Model) -> Option<Effect> {
    if let Some(taking) = operations::unjudged(model).filter(|t| t.place == Place::Unknown) {
        taking.place = Place::Asked;
        let moving = taking.moving.clone();
        return Some(Effect::LookAround(Arc::clone(&taking.plan), moving));
    }
    let live = model.sky.kind == Kind::Live;
    let fresh = |w: &&mut Walk| live && w.phase() == Phase::Plan && w.place == Place::Unknown;
    let walk = model.walk.as_mut().filter(fresh)?;
    walk.place = Place::Asked;
    let moving = moving(&walk.plan, &model.world);
    Some(Effect::LookAround(Arc::clone(&walk.plan), moving))
}

/// The runtime has looked. An answer for a plan that is not on the screen any more counts no more.
pub(super) fn judged(model: &mut Model, of: &Plan, here: &Surroundings) {
    operations::judged(model, of, here);
    let asked = |w: &&mut Walk| w.phase() == Phase::Plan && w.place == Place::Asked;
    let Some(walk) = model.walk.as_mut().filter(asked) else {
        return;
    };
    if *walk.plan != *of {
        return;
    }
    let mut plan = Plan::clone(of);
    judge(&mut plan, &model.world, here, model.now);
    walk.plan = Arc::new(plan);
    walk.place = Place::Judged;
}

/// Items that stand in the way until somebody accepts them by name.
pub(crate) fn acceptable(plan: &Plan) -> impl Iterator<Item = &Check> {
    let checks = plan.preflight.iter();
    checks.filter(|c| c.level == Level::Block && c.acceptable)
}
