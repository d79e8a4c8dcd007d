//! Where an interface could go: every instance that is worth a look, ready ones first.

use std::sync::Arc;

use super::plan::preflight::Case;
use super::plan::{Level, preflight, resolve};
use crate::ec2::call::Attach;
use crate::ec2::eni::Eni;
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::{Instance, InstanceState, Tag};
use crate::ec2::world::World;
use crate::rules::attach;
use crate::rules::verdict::Denial;

/// One possible target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The instance.
    pub instance: InstanceId,
    /// Everything in the way, EC2's order; empty means ready.
    pub blockers: Vec<Denial>,
    /// The slot that would be used: network card, device index.
    pub slot: Option<(u32, u32)>,
    /// `hot` for a running instance, `warm` for a stopped one.
    pub manner: &'static str,
    /// Why it stands where it stands: `same name prefix db-`, `same security group sg-db`.
    pub reasons: Vec<String>,
    /// What does not block but should be known.
    pub warnings: Vec<String>,
}

impl Candidate {
    /// Nothing in the way.
    pub fn is_ready(&self) -> bool {
        self.blockers.is_empty()
    }
}

/// The candidates, best first; the current holder is none. An error if this interface itself can
/// never be moved (primary, service-managed), with the reason.
///
/// Worth a look is every instance of the interface's VPC that has not ended. Ready ones come first,
/// healthy before impaired; then same role tag or name prefix, shared security groups, same type.
pub fn candidates(world: &World, eni: &EniId) -> Result<Vec<Candidate>, Denial> {
    let Some(eni) = world.eni(eni) else {
        return Ok(Vec::new());
    };
    if let Some(denial) = resolve::immovable(world, eni) {
        return Err(denial);
    }
    let holder = eni.instance_id();
    let source = holder.and_then(|id| world.instance(id)).map(|i| &**i);
    let mut ranked: Vec<(Rank, Candidate)> = world
        .instances()
        .filter(|i| Some(&i.id) != holder && !i.is_gone())
        .filter(|i| i.vpc_id.as_ref() == Some(&eni.vpc_id))
        .map(|i| judge(world, eni, source, i))
        .collect();
    ranked.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(ranked.into_iter().map(|(_, candidate)| candidate).collect())
}

/// Sorts ascending, so every `true` that is good is kept as its opposite.
type Rank = ([bool; 5], String, InstanceId);

fn judge(
    world: &World,
    eni: &Eni,
    source: Option<&Instance>,
    instance: &Instance,
) -> (Rank, Candidate) {
    let slot = attach::free_slot(world, &instance.id);
    let (card, index) = slot.unwrap_or((0, 1));
    let call = Attach {
        network_interface_id: eni.id.clone(),
        instance_id: instance.id.clone(),
        device_index: index,
        network_card_index: card,
    };
    let blockers = attach::blockers(world, &call);
    let case = Case {
        world,
        eni,
        source,
        target: instance,
        attach: Some(&call),
        receiver: None,
        handovers: &[],
        fence: None,
    };
    let warnings = preflight::of_target(&case)
        .into_iter()
        .filter(|check| check.level == Level::Warn)
        .map(|check| check.finding)
        .collect();
    let role = same_role(eni, source, instance);
    let group = shared_group(world, eni, instance);
    let kind = source
        .filter(|s| s.instance_type == instance.instance_type)
        .map(|s| format!("same type {}", s.instance_type));
    let rank = [
        !blockers.is_empty(),
        instance.is_impaired(),
        role.is_none(),
        group.is_none(),
        kind.is_none(),
    ];
    let candidate = Candidate {
        instance: instance.id.clone(),
        blockers,
        slot,
        manner: match instance.state {
            InstanceState::Stopped | InstanceState::Stopping => "warm",
            _ => "hot",
        },
        reasons: [role, group, kind].into_iter().flatten().collect(),
        warnings,
    };
    let key = (rank, preflight::name(instance), instance.id.clone());
    (key, candidate)
}

/// Tags by which people say what an instance is for.
const ROLE_TAGS: [&str; 5] = ["role", "service", "app", "component", "cluster"];

fn same_role(eni: &Eni, source: Option<&Instance>, instance: &Instance) -> Option<String> {
    let known = source.map_or(&eni.tag_set, |s| &s.tags);
    let is_role = |key: &str| ROLE_TAGS.iter().any(|r| key.eq_ignore_ascii_case(r));
    let shared = known.iter().find(|tag| {
        let same = |t: &Tag| t.key == tag.key && t.value == tag.value;
        is_role(&tag.key) && !tag.value.is_empty() && instance.tags.iter().any(same)
    });
    if let Some(tag) = shared {
        return Some(format!("same {} {}", tag.key, tag.value));
    }
    let named = source.and_then(|s| s.name()).or(eni.name())?;
    let prefix = named.get(..=named.rfind('-').filter(|at| *at > 0)?)?;
    let same = instance.name()?.starts_with(prefix);
    same.then(|| format!("same name prefix {prefix}"))
}

fn shared_group(world: &World, eni: &Eni, instance: &Instance) -> Option<String> {
    let held = world.enis_of(&instance.id);
    let shared = eni.groups.iter().find(|group| {
        let same = |e: &&Arc<Eni>| e.groups.iter().any(|g| g.group_id == group.group_id);
        held.iter().any(same)
    })?;
    let name = match &*shared.group_name {
        "" => shared.group_id.as_str(),
        name => name,
    };
    Some(format!("same security group {name}"))
}
