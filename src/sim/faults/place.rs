//! From the names in an item to what they name in a world.

use std::collections::BTreeSet;

use super::FaultError;
use super::item::{Fault, Item};
use crate::ec2::id::Str;
use crate::ec2::world::World;
use crate::sim::worldfile::nearest;

/// What an item names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instance.
    Instance,
    /// A network interface.
    Eni,
    /// An Availability Zone.
    Zone,
}

impl Fault {
    /// What the switch is about, if it is about one thing.
    pub fn target_mut(&mut self) -> Option<(Kind, &mut Str)> {
        match self {
            Self::HangDetach(name)
            | Self::HangAttach(name)
            | Self::NeverUp(name)
            | Self::Fail(name)
            | Self::Replace(name) => Some((Kind::Instance, name)),
            Self::Operator(name, _) => Some((Kind::Eni, name)),
            Self::FailZone(name) => Some((Kind::Zone, name)),
            Self::Throttle
            | Self::Refuse(_)
            | Self::Stale(_)
            | Self::Delay(_)
            | Self::Lost(_)
            | Self::Unanswered(_)
            | Self::Late(..)
            | Self::Twice(_)
            | Self::Deny(_)
            | Self::Expired => None,
        }
    }
}

impl Item {
    /// The same item with an id in place of a tag `Name`.
    pub fn located(&self, world: &World) -> Result<Self, FaultError> {
        let mut item = self.clone();
        if let Some((kind, name)) = item.fault.target_mut() {
            *name = found(kind, name, world).map_err(|(what, expected)| FaultError {
                item: self.to_string(),
                what,
                expected,
            })?;
        }
        Ok(item)
    }
}

/// Ids and names of everything of a kind.
fn all(kind: Kind, world: &World) -> Vec<(Str, Option<Str>)> {
    match kind {
        Kind::Instance => world
            .instances()
            .filter(|i| !i.is_gone())
            .map(|i| (i.id.as_str().into(), i.name().map(Into::into)))
            .collect(),
        Kind::Eni => world
            .enis()
            .map(|e| (e.id.as_str().into(), e.name().map(Into::into)))
            .collect(),
        Kind::Zone => {
            let zones: BTreeSet<Str> = world
                .subnets()
                .map(|s| Str::clone(&s.availability_zone))
                .collect();
            zones.into_iter().map(|zone| (zone, None)).collect()
        }
    }
}

fn found(kind: Kind, name: &str, world: &World) -> Result<Str, (String, String)> {
    let all = all(kind, world);
    let noun = match kind {
        Kind::Instance => "instance",
        Kind::Eni => "network interface",
        Kind::Zone => "zone",
    };
    let is_it = |(id, tag): &&(Str, Option<Str>)| **id == *name || tag.as_deref() == Some(name);
    let mut hits = all.iter().filter(is_it);
    match (hits.next(), hits.next()) {
        (Some((id, _)), None) => Ok(Str::clone(id)),
        (Some(_), Some(_)) => Err((
            format!("more than one {noun} is called `{name}`"),
            "an id".to_owned(),
        )),
        (None, _) => {
            let known = all.iter().map(|(id, tag)| tag.as_deref().unwrap_or(id));
            let hint = match nearest(name, known) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => String::new(),
            };
            let form = match kind {
                Kind::Zone => "a zone with a subnet in it".to_owned(),
                _ => format!("the id or the tag `Name` of one {noun}"),
            };
            Err((format!("there is no {noun} `{name}`"), form + &hint))
        }
    }
}
