//! Resources of AWS services with interfaces in the file's subnets.
//!
//! Invariant: their interfaces take addresses after everything that the file spells out.

use std::collections::BTreeMap;

use super::{Builder, Result};
use crate::ec2::id::{Str, SubnetId};
use crate::rules::effect::Mint;
use crate::rules::effect::managed::{Kind, Managed};
use crate::sim::mint::Dice;
use crate::sim::scenario::ManagedIn;
use crate::sim::worldfile::error::nearest;
use crate::sim::worldfile::schema::{self, ManagedKind};
use crate::sim::worldfile::value::Ref;

/// More interfaces than a subnet could hold are a slip of the hand.
const COUNT_MAX: u32 = 65_536;

impl Builder<'_> {
    /// Every resource, by its name in the file.
    pub(super) fn managed(&self) -> Result<BTreeMap<Str, ManagedIn>> {
        let mut found = BTreeMap::new();
        for (name, said) in &self.file.managed {
            let subnets = said.subnets.iter();
            let subnets = subnets.map(|s| self.subnets.find(self.source, s));
            let subnets = subnets.collect::<Result<Vec<SubnetId>>>()?;
            if subnets.is_empty() {
                let what = format!("no subnets for `{}`", name.get_ref());
                let expected = "at least one, `subnets = [\"…\"]`";
                return Err(self.source.error(name.span(), what, expected));
            }
            let groups = said.groups.iter();
            let groups = groups.map(|g| self.groups.find(self.source, g));
            let own = said.name.as_ref().unwrap_or(name.get_ref());
            let managed = Managed {
                kind: kind(said),
                name: own.as_str().into(),
                hex: Dice::named(self.seed, "managed", name.get_ref())
                    .id("")
                    .into(),
                groups: groups.collect::<Result<_>>()?,
            };
            let name = name.get_ref().as_str().into();
            found.insert(name, ManagedIn { managed, subnets });
        }
        Ok(found)
    }

    /// The interfaces that they have at the beginning.
    pub(super) fn managed_enis(&mut self) -> Result<()> {
        let all = self.managed()?;
        for (name, said) in &self.file.managed {
            let Some(of) = all.get(name.get_ref().as_str()) else {
                continue;
            };
            if said.count > COUNT_MAX {
                let what = format!("{} interfaces of `{}`", said.count, name.get_ref());
                let expected = format!("at most {COUNT_MAX}");
                return Err(self.source.error(name.span(), what, expected));
            }
            let mut dice = Dice::named(self.seed, "managed interfaces", name.get_ref());
            for id in &of.subnets {
                for _ in 0..said.count {
                    let subnet = self.world.subnet(id).cloned();
                    let eni = subnet.and_then(|subnet| {
                        of.managed
                            .interface(&self.world, &subnet, &mut dice, self.now)
                    });
                    let Some(eni) = eni else {
                        let what = format!("no free address in {id} for `{}`", name.get_ref());
                        let expected = "a smaller `count`, or a larger subnet";
                        return Err(self.source.error(name.span(), what, expected));
                    };
                    self.world.put_eni(eni);
                }
            }
        }
        Ok(())
    }

    /// The name of the resource that an event is about.
    pub(super) fn managed_named(&self, named: &Ref) -> Result<Str> {
        let text = named.get_ref().as_str();
        let mut names = self.file.managed.keys().map(|k| k.get_ref().as_str());
        if names.any(|name| name == text) {
            return Ok(text.into());
        }
        let names = self.file.managed.keys().map(|k| k.get_ref().as_str());
        let hint = match nearest(text, names) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        Err(self.source.error(
            named.span(),
            format!("there is no managed `{text}`"),
            format!("the name of one of this file's [managed.…] tables{hint}"),
        ))
    }
}

fn kind(said: &schema::Managed) -> Kind {
    match said.kind {
        ManagedKind::Alb => Kind::Alb,
        ManagedKind::Nlb => Kind::Nlb,
        ManagedKind::Lambda => Kind::Lambda,
        ManagedKind::Endpoint => Kind::Endpoint,
        ManagedKind::Ecs => Kind::Ecs,
    }
}
