//! The plan: what will be done, what each step will change, and how it could be undone.
//!
//! Invariants: a plan is data, made from one world at one moment; it names the attachment id that
//! it saw, and no detach ever names another one; it is never changed, only made anew.

mod alternative;
mod handover;
pub(in crate::failover) mod preflight;
pub(super) mod resolve;
pub(super) mod steps;
#[cfg(test)]
mod tests;

pub use alternative::Alternative;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::facts::{Row, Scope};
use super::identity::Identity;
use super::mechanism::Mechanism;
use super::mechanism::good::{Good, Handover};
use super::sky::Sky;
use crate::ec2::call::{Attach, Call};
use crate::ec2::eni::Eni;
use crate::ec2::id::{AttachmentId, EniId, InstanceId, Str};
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::attach;

/// What the person wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Move this interface.
    pub eni: EniId,
    /// To this instance.
    pub target: InstanceId,
    /// Only if this instance holds it (`--from`).
    pub source: Option<InstanceId>,
    /// At this device index instead of the lowest free one.
    pub device_index: Option<u32>,
    /// In this way.
    #[serde(default)]
    pub mechanism: Mechanism,
    /// Only these of what the mechanism could carry (addresses, or destinations of routes); empty
    /// means all. An interface is moved whole.
    #[serde(default)]
    pub only: Vec<Str>,
    /// To this interface of the target, where the mechanism needs one.
    #[serde(default)]
    pub receiver: Option<EniId>,
    /// The private address of the receiver under which each of these Elastic IPs is to be; any other
    /// takes one that has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub under: BTreeMap<Str, Ipv4Addr>,
    /// Checks of the preflight that were accepted by name (`--accept`).
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Stop this instance, the source, if the detach hangs (`--fence`); its own consent.
    #[serde(default)]
    pub fence: Option<InstanceId>,
    /// Go on to this instance if the target refuses the interface once it is detached (`--or-to`).
    #[serde(default)]
    pub fallback: Option<InstanceId>,
}

impl Intent {
    /// Moves the interface to the instance, wherever it is now.
    pub fn new(eni: EniId, target: InstanceId) -> Self {
        Self {
            eni,
            target,
            source: None,
            device_index: None,
            mechanism: Mechanism::default(),
            only: Vec::new(),
            receiver: None,
            under: BTreeMap::new(),
            accepted: Vec::new(),
            fence: None,
            fallback: None,
        }
    }
}

/// Judgement of one preflight item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Pass,
    /// Should be known.
    Warn,
    /// Stands in the way.
    Block,
}

/// One preflight item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable name, for `--accept` and JSON: `same-zone`, `free-slot`.
    pub id: String,
    /// Judgement.
    pub level: Level,
    /// What was found.
    pub finding: String,
    /// What to do; empty when it passes.
    pub remedy: String,
    /// EC2's code, where EC2 would refuse.
    pub code: Option<String>,
    /// A block that gives way when it is accepted by its id.
    #[serde(default)]
    pub acceptable: bool,
}

impl Check {
    /// What was found, what to do, another way out if there is one, EC2's code.
    pub fn said(&self, or: &str) -> String {
        let finding = self.finding.trim_end_matches('.');
        let mut text = format!("{finding}.");
        for more in [self.remedy.as_str(), or] {
            if !more.is_empty() {
                text.push(' ');
                text.push_str(more);
            }
        }
        if let Some(code) = &self.code {
            text.push_str(&format!(" ({code})"));
        }
        text
    }

    /// As it stands once the person has accepted what is named.
    fn accepted(self, accepted: &[String]) -> Self {
        if self.level != Level::Block || !self.acceptable || !accepted.contains(&self.id) {
            return self;
        }
        Self {
            level: Level::Warn,
            finding: format!("accepted: {}", self.finding),
            ..self
        }
    }
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// DeleteOnTermination off on the old attachment, so that a terminate meanwhile loses nothing.
    Protect,
    /// DetachNetworkInterface.
    Detach,
    /// Until EC2 says available.
    WaitAvailable,
    /// AttachNetworkInterface.
    Attach,
    /// Until EC2 says attached.
    WaitAttached,
    /// The call of the handover with this number: it carries its things over at once.
    Handover(u16),
    /// Identity compared, routes active, Elastic IP in place.
    Verify,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// One word for the list: `detach`.
    pub title: String,
    /// The rest of the line: `eni-attach-… from db-primary, card 0 index 1`.
    pub detail: String,
    /// What is known about its duration, with its source: `2-3 s often, 20-60 s reported`.
    pub expects: String,
    /// The call it makes, if it makes one.
    pub call: Option<Call>,
    /// Why there is nothing to do, if so.
    pub nothing_to_do: Option<String>,
    /// What could be done to take it back.
    pub undo: String,
    /// Predicted facts; `now` is filled by the engine.
    #[serde(default)]
    pub rows: Vec<Row>,
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is for.
    pub intent: Intent,
    /// Where it may be flown, and nowhere else.
    pub sky: Sky,
    /// When the world that it was made from was asked for.
    pub made_at: Time,
    /// Where the interface is now; `None` if it is unattached.
    pub source: Option<InstanceId>,
    /// The attachment that will be ended; `None` if it is unattached.
    pub attachment_id: Option<AttachmentId>,
    /// Card and index it has now.
    pub source_slot: Option<(u32, u32)>,
    /// Card and index it will have.
    pub target_slot: (u32, u32),
    /// State of the target when the plan was made; another one makes the plan stale.
    pub target_state: InstanceState,
    /// Every preflight item, blocks first.
    pub preflight: Vec<Check>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What must be unchanged at the end.
    pub identity: Identity,
    /// Names for people: interface, source, target (id where there is no Name tag).
    pub names: Names,
    /// What the calls carry over, one entry a call; empty where the interface itself moves.
    #[serde(default)]
    pub handovers: Vec<Handover>,
    /// The operation that this one takes back.
    pub undo_of: Option<String>,
    /// Who else could take the interface, best first.
    #[serde(default)]
    pub alternatives: Vec<Alternative>,
}

/// Names for people; never compared, never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Interface.
    pub eni: String,
    /// Source.
    pub source: String,
    /// Target.
    pub target: String,
}

impl Names {
    fn of(world: &World, eni: &Eni, target: &Instance) -> Self {
        let holder = eni.instance_id();
        let source = holder.map_or_else(String::new, |id| {
            let instance = world.instance(id);
            instance.map_or_else(|| id.to_string(), |i| preflight::name(i))
        });
        Self {
            eni: eni.name().map_or_else(|| eni.id.to_string(), str::to_owned),
            source,
            target: preflight::name(target),
        }
    }
}

impl Plan {
    /// Whose facts the steps change.
    pub fn scope(&self) -> Scope {
        Scope {
            eni: self.intent.eni.clone(),
            source: self.source.clone(),
            target: self.intent.target.clone(),
            goods: self.goods().cloned().collect(),
            source_name: self.names.source.clone(),
            target_name: self.names.target.clone(),
        }
    }

    /// Every interface that the calls take from or give to: nobody else may be at one of them
    /// meanwhile. Route tables and Elastic IPs stand for themselves nowhere in here because what is
    /// carried is on one of these interfaces when the plan is made and when its call is made: two
    /// operations that would carry the same route or address take it from the same interface.
    pub fn interfaces(&self) -> BTreeSet<EniId> {
        let ends = self.goods().flat_map(|good| [&good.from.eni, &good.to.eni]);
        ends.chain([&self.intent.eni]).cloned().collect()
    }

    /// Everything that the calls carry over; empty where the interface itself moves.
    pub fn goods(&self) -> impl Iterator<Item = &Good> {
        self.handovers.iter().flat_map(|h| &h.goods)
    }

    /// What must be unchanged at the end, as this world shows it; `None` if it holds no interface.
    pub fn identity_in(&self, world: &World) -> Option<Identity> {
        if self.handovers.is_empty() {
            world.eni(&self.intent.eni).map(|eni| Identity::of(eni))
        } else {
            Some(Identity::of_goods(world, self.goods()))
        }
    }

    /// What takes it back once it is done: a plan of its own, made from a fresh look, for the index that
    /// it had. `None` if it came from nowhere.
    pub fn way_back(&self) -> Option<Intent> {
        let home = self.source.clone()?;
        let slot = self.source_slot.filter(|_| self.handovers.is_empty());
        let mut intent = Intent {
            source: Some(self.intent.target.clone()),
            // Without a card only the first one can be asked for.
            device_index: slot.filter(|(card, _)| *card == 0).map(|(_, index)| index),
            mechanism: self.intent.mechanism,
            ..Intent::new(self.intent.eni.clone(), home)
        };
        if let Some(first) = self.goods().next() {
            intent.eni = first.to.eni.clone();
            intent.receiver = Some(first.from.eni.clone());
            intent.only = self.goods().map(|good| good.what.name()).collect();
            let under = |good: &Good| Some((good.what.name(), good.from.private_ip?));
            intent.under = self.goods().filter_map(under).collect();
        }
        Some(intent)
    }

    /// The same in a world that may hold another interface at that index by now: then it takes the
    /// lowest free one, and the item says which has the old one.
    pub fn way_back_in(&self, world: &World) -> Option<(Intent, Option<Check>)> {
        let intent = self.way_back()?;
        let Some(index) = intent.device_index else {
            return Some((intent, None));
        };
        let others = world.enis_of(&intent.target);
        let taken = others.iter().find(|eni| {
            let attachment = eni.attachment.as_ref();
            let slot = attachment.map(|a| (a.network_card_index, a.device_index));
            slot == Some((0, index)) && eni.id != intent.eni
        });
        let Some(other) = taken else {
            return Some((intent, None));
        };
        let finding = format!("index {index}, which it had, is taken by {}", other.id);
        let remedy = "It goes to the lowest free one; --index names another.";
        let check = preflight::warn("old-index", finding, remedy);
        let intent = Intent {
            device_index: None,
            ..intent
        };
        Some((intent, Some(check)))
    }

    /// Items at a level.
    pub fn count(&self, level: Level) -> usize {
        self.preflight.iter().filter(|c| c.level == level).count()
    }

    /// Adds items that were judged later; what the intent accepts by name gives way.
    pub fn add_checks(&mut self, checks: Vec<Check>) {
        self.preflight.extend(checks);
        self.settle_checks();
    }

    fn settle_checks(&mut self) {
        let accepted = &self.intent.accepted;
        let checks = std::mem::take(&mut self.preflight);
        let mut checks: Vec<_> = checks.into_iter().map(|c| c.accepted(accepted)).collect();
        checks.sort_by_key(|check| std::cmp::Reverse(check.level));
        self.preflight = checks;
    }

    /// Names among the accepted ones that no item of the preflight has.
    pub fn unknown_accepted(&self) -> Vec<&str> {
        let known = |id: &&String| !self.preflight.iter().any(|c| c.id == **id);
        let accepted = self.intent.accepted.iter().filter(known);
        accepted.map(String::as_str).collect()
    }

    /// Something stands in the way.
    pub fn is_blocked(&self) -> bool {
        self.count(Level::Block) > 0
    }

    /// The calls that will be made, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.steps
            .iter()
            .filter(|s| s.nothing_to_do.is_none())
            .filter_map(|s| s.call.as_ref())
    }
}

/// What planning answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// A plan; its preflight may block.
    Plan(Box<Plan>),
    /// The interface is on the target already.
    AlreadyThere,
}

/// Why there cannot even be a plan: an id that names nothing, an interface given for an instance,
/// a target that is the source, an interface that can never move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {remedy}")]
pub struct Unplannable {
    /// What is wrong, naming the thing.
    pub what: String,
    /// What to do.
    pub remedy: String,
    /// EC2's code, where EC2 has one for it.
    pub code: Option<&'static str>,
}

/// Makes a plan from a world that was asked for at `now`.
pub fn plan(world: &World, intent: &Intent, sky: &Sky, now: Time) -> Result<Planned, Unplannable> {
    if intent.mechanism != Mechanism::Interface {
        return handover::plan(world, intent, sky, now);
    }
    let (eni, target) = resolve::ends(world, intent)?;
    if resolve::already_there(world, intent, eni, target)? {
        return Ok(Planned::AlreadyThere);
    }
    resolve::movable(world, eni)?;
    let attachment = eni.attachment.as_ref();
    let source = eni.instance_id().and_then(|id| world.instance(id));
    let target_slot = match intent.device_index {
        Some(index) => (0, index),
        // No room anywhere: the preflight says so, at the first index that it asks for.
        None => attach::free_slot(world, &target.id).unwrap_or((0, 1)),
    };
    let call = Attach {
        network_interface_id: eni.id.clone(),
        instance_id: target.id.clone(),
        device_index: target_slot.1,
        network_card_index: target_slot.0,
    };
    let names = Names::of(world, eni, target);
    let case = preflight::Case {
        world,
        eni,
        source: source.map(|i| &**i),
        target,
        attach: Some(&call),
        receiver: None,
        handovers: &[],
        fence: intent.fence.as_ref(),
    };
    let mut plan = Plan {
        intent: intent.clone(),
        sky: sky.clone(),
        made_at: now,
        source: eni.instance_id().cloned(),
        attachment_id: attachment.map(|a| a.attachment_id.clone()),
        source_slot: attachment.map(|a| (a.network_card_index, a.device_index)),
        target_slot,
        target_state: target.state.clone(),
        preflight: preflight::preflight(&case),
        steps: Vec::new(),
        identity: Identity::of(eni),
        names,
        handovers: Vec::new(),
        undo_of: None,
        alternatives: alternative::alternatives(world, intent, eni),
    };
    plan.preflight
        .extend(alternative::fallback(intent, &plan.alternatives));
    plan.steps = steps::steps(&steps::Move {
        world,
        eni,
        source: case.source,
        target,
        call: &call,
        scope: &plan.scope(),
        identity: &plan.identity,
        now,
    });
    plan.settle_checks();
    Ok(Planned::Plan(Box::new(plan)))
}
