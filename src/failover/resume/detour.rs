//! Going on to another place than the planned one: another device index, or another instance.
//!
//! Invariants: only what whoever takes the operation up has named, or the plan itself has; only an
//! instance to which no attach was tried; judged like the planned place, by the same preflight.

use std::sync::Arc;

use super::Operation;
use crate::ec2::call::{Attach, Call};
use crate::ec2::id::InstanceId;
use crate::ec2::world::World;
use crate::failover::candidates::candidates;
use crate::failover::engine::{CHOICES_MAX, Goal, Tries, attach_call};
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::{Alternative, preflight};
use crate::failover::status::Made;
use crate::rules::attach::blockers;

/// More indexes than any instance type has interfaces on a card.
const INDEXES: std::ops::Range<u32> = 1..32;
/// Free indexes, and other instances, that are named at a time.
const INDEXES_MAX: usize = 3;
const OTHERS_MAX: usize = 3;

/// Another place than the planned one, named by whoever takes an operation up again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detour {
    /// Device index on the first card of the instance that it goes to.
    pub index: Option<u32>,
    /// The instance to go on to if the target does not take the interface, as it was seen just now.
    pub or_to: Option<Alternative>,
}

impl Detour {
    /// With the instance that the plan itself named for this case, if no other one is named and that
    /// one could still take it.
    pub fn or_planned(self, operation: &Operation, world: &World) -> Self {
        let plan = &operation.plan;
        let planned = plan.intent.fallback.as_ref();
        let other = planned.and_then(|id| Alternative::now(world, &plan.intent.eni, id).ok());
        Self {
            or_to: self.or_to.or(other),
            ..self
        }
    }
}

impl Operation {
    /// The same, on its way to another place than the planned one.
    pub fn detoured(&self, goal: Goal, detour: &Detour) -> Self {
        let mut operation = self.clone();
        if let Some(other) = &detour.or_to {
            operation.plan = Arc::new(operation.plan.or_to(other));
        }
        if let Some(index) = detour.index {
            if goal != operation.known.goal {
                operation.known.turn(goal);
            }
            operation.known.elsewhere = Some((0, index));
        }
        operation
    }

    /// Gone on to the instance that was named for the case that the target does not take it.
    ///
    /// # Errors
    /// Why it may not go on there, in words.
    pub fn fallen_back(&self) -> Result<Self, String> {
        let other = self.plan.intent.fallback.as_ref();
        let other = other.ok_or_else(|| "no other instance was named".to_owned())?;
        self.may_go_on_to(other)?;
        let plan = self.plan.retargeted(other.as_str());
        let plan = plan.ok_or_else(|| format!("{other} could not take it"))?;
        let mut operation = self.clone();
        operation.plan = Arc::new(plan);
        operation.retargeted += 1;
        operation.known.retargeted += 1;
        operation.known.attach = Tries::default();
        operation.known.elsewhere = None;
        Ok(operation)
    }

    /// Why it may not go on to another instance, in words.
    fn may_go_on_to(&self, other: &InstanceId) -> Result<(), String> {
        if self.known.retargeted >= CHOICES_MAX {
            let text = format!("it has gone on to another instance {CHOICES_MAX} times already");
            return Err(text);
        }
        let tried = |made: &Made| matches!(&made.call, Call::AttachNetworkInterface(c) if c.instance_id == *other);
        if self.calls.iter().any(tried) {
            return Err(format!("an attach to {other} was tried already"));
        }
        Ok(())
    }
}

/// Places that could take the interface now, for whoever takes an operation up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The instance that it is on its way to, by name.
    pub name: String,
    /// Nothing is in the way there, at the index meant.
    pub fits: bool,
    /// The lowest device indexes of its first card that nothing is in the way of.
    pub indexes: Vec<u32>,
    /// Other instances, name and id, best first.
    pub others: Vec<(String, InstanceId)>,
}

/// Where it could go instead. Nothing where something else is carried over than the interface.
pub fn elsewhere(operation: &Operation, goal: Goal, world: &World) -> Elsewhere {
    let plan = &operation.plan;
    let Some(meant) = attach_call(plan, goal) else {
        return Elsewhere::default();
    };
    let at = |index: u32| Attach {
        device_index: index,
        network_card_index: 0,
        ..meant.clone()
    };
    let known = world.instance(&meant.instance_id);
    let free = |index: &u32| known.is_some() && blockers(world, &at(*index)).is_empty();
    let mut others = Vec::new();
    if goal == Goal::Target && plan.intent.mechanism == Mechanism::Interface {
        let all = candidates(world, &plan.intent.eni).unwrap_or_default();
        let ends = [Some(&plan.intent.target), plan.source.as_ref()];
        let all = all.into_iter().filter(|c| c.is_ready());
        let all = all.filter(|c| !ends.contains(&Some(&c.instance)));
        let all = all.filter(|c| operation.may_go_on_to(&c.instance).is_ok());
        let named = all.filter_map(|c| {
            let name = preflight::name(world.instance(&c.instance)?);
            Some((name, c.instance))
        });
        others = named.take(OTHERS_MAX).collect();
    }
    let heading = operation.known.attach_call(plan, goal);
    let heading = heading.filter(|_| known.is_some());
    Elsewhere {
        fits: heading.is_some_and(|call| blockers(world, &call).is_empty()),
        name: match goal {
            Goal::Target => plan.names.target.clone(),
            Goal::Source => plan.names.source.clone(),
        },
        indexes: INDEXES.filter(free).take(INDEXES_MAX).collect(),
        others,
    }
}
