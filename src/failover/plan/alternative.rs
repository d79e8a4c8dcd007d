//! Who else could take the interface, should the target refuse it once it is detached.
//!
//! Invariants: chosen and ranked when the plan is made, from the whole inventory, because whoever flies
//! looks at the plan's own ends only; a plan for another one of them is a function of the plan and of
//! that choice, so that a journal needs to hold no more than its name; whether it can still take the
//! interface is judged by a fresh look, and by EC2.

use serde::{Deserialize, Serialize};

use super::preflight::{blocked_by, name, pass};
use super::steps::attach_here;
use super::{Check, Intent, Plan};
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;
use crate::failover::candidates::{Candidate, candidates};
use crate::failover::facts::{ATTACHMENT, EIP, Row, slot_words};
use crate::rules::verdict::Denial;

/// More than anybody would try at night.
const KEPT_MAX: usize = 3;

/// Another instance that could take it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// Which.
    pub instance: InstanceId,
    /// What people call it.
    pub name: String,
    /// Card and index there.
    pub slot: (u32, u32),
    /// Its state when the plan was made; in another one it is not attached to.
    pub state: InstanceState,
    /// Why it stands where it stands, in words; may be empty.
    pub why: String,
}

impl Alternative {
    /// An instance as it could take the interface now.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn now(world: &World, eni: &EniId, instance: &InstanceId) -> Result<Self, String> {
        let list = candidates(world, eni).map_err(|denial| denial.because)?;
        let found = list.into_iter().find(|c| c.instance == *instance);
        let Some(found) = found else {
            return Err(match world.instance(instance) {
                None => "it does not exist".to_owned(),
                Some(i) if i.is_gone() => format!("it is {}", i.state),
                Some(_) => "it is in another VPC, or holds the interface already".to_owned(),
            });
        };
        if !found.is_ready() {
            let why: Vec<_> = found.blockers.iter().map(said).collect();
            return Err(why.join("; "));
        }
        of(world, found).ok_or_else(|| "no device index is free".to_owned())
    }
}

fn said(denial: &Denial) -> String {
    let because = denial.because.trim_end_matches('.');
    format!("{because} ({})", denial.code)
}

/// The best ones that nothing stands in the way of, that of `--or-to` first.
pub(super) fn alternatives(world: &World, intent: &Intent, eni: &Eni) -> Vec<Alternative> {
    let Ok(mut list) = candidates(world, &eni.id) else {
        return Vec::new();
    };
    list.retain(|c| c.is_ready() && c.instance != intent.target);
    list.sort_by_key(|c| intent.fallback.as_ref() != Some(&c.instance));
    let best = list.into_iter().filter_map(|c| of(world, c));
    best.take(KEPT_MAX).collect()
}

fn of(world: &World, candidate: Candidate) -> Option<Alternative> {
    let instance = world.instance(&candidate.instance)?;
    Some(Alternative {
        name: name(instance),
        slot: candidate.slot?,
        state: instance.state.clone(),
        why: candidate.reasons.join(", "),
        instance: candidate.instance,
    })
}

/// Whether the instance of `--or-to` could take it.
pub(super) fn fallback(intent: &Intent, alternatives: &[Alternative]) -> Option<Check> {
    let id = "fallback";
    let wanted = intent.fallback.as_ref()?;
    Some(match alternatives.iter().find(|a| a.instance == *wanted) {
        Some(found) => pass(
            id,
            format!("if the target refuses it, {} could take it now", found.name),
        ),
        None => {
            let finding = format!("{wanted} could not take it if the target refuses it");
            let remedy = "Name another instance with --or-to, or leave it out.";
            blocked_by(id, finding, remedy)
        }
    })
}

impl Plan {
    /// The plan with this one to go on to, should the target refuse the interface.
    pub fn or_to(&self, other: &Alternative) -> Self {
        let mut plan = self.clone();
        plan.intent.fallback = Some(other.instance.clone());
        plan.alternatives.retain(|a| a.instance != other.instance);
        plan.alternatives.insert(0, other.clone());
        plan
    }

    /// The plan with another target, one of its alternatives; `None` if it is none of them. What is
    /// behind stays as it was: source, attachment, identity, preflight.
    pub fn retargeted(&self, instance: &str) -> Option<Self> {
        let mut others = self.alternatives.iter();
        let other = others.find(|a| a.instance.as_str() == instance)?.clone();
        let mut plan = self.clone();
        plan.intent.target = other.instance.clone();
        plan.intent.device_index = None;
        plan.target_state = other.state;
        plan.alternatives.retain(|a| a.instance != other.instance);
        plan.aim(&other.name, other.slot);
        Some(plan)
    }

    /// The plan with another card and index at its target, as somebody has agreed to them.
    pub fn at_slot(&self, slot: (u32, u32)) -> Self {
        let mut plan = self.clone();
        plan.aim(&self.names.target, slot);
        plan
    }

    /// Attaches at this place, and says so.
    fn aim(&mut self, called: &str, slot: (u32, u32)) {
        let was = std::mem::replace(&mut self.target_slot, slot);
        let name = std::mem::replace(&mut self.names.target, called.to_owned());
        let (old, new) = ((name.as_str(), was), (called, slot));
        for step in &mut self.steps {
            attach_here(step, called, &self.intent.target, slot);
            step.rows.iter_mut().for_each(|row| foresee(row, old, new));
        }
    }
}

/// Predicts the new place where the old one was predicted.
fn foresee(row: &mut Row, old: (&str, (u32, u32)), new: (&str, (u32, u32))) {
    let attached = |(name, slot): (&str, (u32, u32))| format!("{name} {}", slot_words(slot));
    let on = |name: &str| format!("on {name}");
    if *row.label == *ATTACHMENT && *row.forecast == *attached(old) {
        row.forecast = attached(new).into();
    } else if row.label.starts_with(EIP) && *row.forecast == *on(old.0) {
        row.forecast = on(new.0).into();
    }
}
