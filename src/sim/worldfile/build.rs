//! From the form of a world file to the world: names resolved, gaps filled.
//!
//! Invariant: everything said in the file is placed before anything is filled in, so that an
//! address chosen here never takes one that is written further down.

mod eni;
mod fault;
mod instance;
mod managed;
mod network;
mod permission;
mod story;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::Ipv4Addr;

use toml::Spanned;

use super::WorldFileError;
use super::error::{Source, nearest};
use super::schema::{File, Tags};
use super::value::{Block, Moment, Ref};
use crate::ec2::id::{EniId, GroupId, InstanceId, Str, SubnetId, VpcId};
use crate::ec2::resource::Tag;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::effect::Mint;
use crate::sim::generate::{Wish, fill};
use crate::sim::mint::Dice;
use crate::sim::scenario::Scenario;

type Result<T> = std::result::Result<T, WorldFileError>;

/// Ids of one kind, by name in the file and by themselves.
#[derive(Debug)]
struct Names<I> {
    kind: &'static str,
    by_name: BTreeMap<String, I>,
    by_id: BTreeMap<String, I>,
}

impl<I: Clone + Display> Names<I> {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            by_name: BTreeMap::new(),
            by_id: BTreeMap::new(),
        }
    }

    fn add(&mut self, source: Source<'_>, name: &Spanned<String>, id: &I) -> Result<()> {
        let kind = self.kind;
        if self.by_id.insert(id.to_string(), id.clone()).is_some() {
            let what = format!("a second {kind} with the id {id}");
            return Err(source.error(name.span(), what, format!("every {kind} id once")));
        }
        self.by_name.insert(name.get_ref().clone(), id.clone());
        Ok(())
    }

    fn find(&self, source: Source<'_>, to: &Ref) -> Result<I> {
        let text = to.get_ref();
        let found = self.by_name.get(text).or_else(|| self.by_id.get(text));
        found.cloned().ok_or_else(|| {
            let kind = self.kind;
            let hint = match nearest(text, self.by_name.keys().map(String::as_str)) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => String::new(),
            };
            source.error(
                to.span(),
                format!("there is no {kind} `{text}`"),
                format!("the name or id of one of this file's [{kind}.…] tables{hint}"),
            )
        })
    }

    fn get(&self, name: &Spanned<String>) -> Option<I> {
        self.by_name.get(name.get_ref()).cloned()
    }
}

/// What is known so far.
struct Builder<'a> {
    source: Source<'a>,
    file: &'a File,
    seed: u64,
    now: Time,
    account: Str,
    world: World,
    vpcs: Names<VpcId>,
    subnets: Names<SubnetId>,
    groups: Names<GroupId>,
    instances: Names<InstanceId>,
    enis: Names<EniId>,
    blocks: BTreeMap<SubnetId, Block>,
    taken: BTreeMap<SubnetId, BTreeSet<Ipv4Addr>>,
    dns: BTreeSet<VpcId>,
    default_groups: BTreeMap<VpcId, GroupId>,
}

/// Builds everything that a file says.
pub fn scenario(source: Source<'_>, file: &File, seed: u64) -> Result<Scenario> {
    let now = match *file.now.get_ref() {
        Moment::Full(now) => now,
        Moment::OfDay(_) => {
            return Err(source.error(
                file.now.span(),
                "a time of day without a date",
                "a date and time such as 2026-03-12T02:00:13Z",
            ));
        }
    };
    let account = file.account.get_ref();
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        let what = format!("the account `{account}`");
        return Err(source.error(file.account.span(), what, "12 digits"));
    }
    let mut builder = Builder {
        source,
        file,
        seed,
        now,
        account: account.as_str().into(),
        world: World::new(file.region.as_str(), account.as_str()),
        vpcs: Names::new("vpc"),
        subnets: Names::new("subnet"),
        groups: Names::new("group"),
        instances: Names::new("instance"),
        enis: Names::new("eni"),
        blocks: BTreeMap::new(),
        taken: BTreeMap::new(),
        dns: BTreeSet::new(),
        default_groups: BTreeMap::new(),
    };
    builder.quotas();
    builder.vpcs()?;
    builder.internet_gateways()?;
    builder.subnets()?;
    builder.groups()?;
    builder.rules()?;
    builder.instances()?;
    builder.claim_addresses()?;
    builder.enis()?;
    builder.primary_enis()?;
    builder.managed_enis()?;
    builder.elastic_ips()?;
    builder.route_tables()?;
    builder.count_free_addresses()?;
    builder.generated()?;
    builder.story()
}

impl Builder<'_> {
    /// What the file asks for by number.
    fn generated(&mut self) -> Result<()> {
        let Some(said) = &self.file.generate else {
            return Ok(());
        };
        let wish = said.get_ref();
        let wish = Wish {
            vpcs: wish.vpcs,
            subnets: wish.subnets,
            instances: wish.instances,
            enis: wish.enis,
            seed: wish.seed,
        };
        let size = wish
            .size(self.seed)
            .map_err(|e| self.source.error(said.span(), e.what, e.expected))?;
        fill(&mut self.world, size, self.now);
        Ok(())
    }

    /// The id that the file gives, if its form is right, or one from the seed and the name.
    fn id(
        &self,
        prefix: &str,
        name: &Spanned<String>,
        given: Option<&Spanned<String>>,
        well_formed: fn(&str) -> bool,
    ) -> Result<String> {
        let Some(given) = given else {
            return Ok(Dice::named(self.seed, prefix, name.get_ref()).id(prefix));
        };
        let text = given.get_ref();
        if well_formed(text) {
            return Ok(text.clone());
        }
        Err(self.source.error(
            given.span(),
            format!("the id `{text}`"),
            format!("`{prefix}` and 8 or 17 hexadecimal digits in lower case"),
        ))
    }

    /// The tags of a resource, `Name` first.
    fn tags(&self, name: &Spanned<String>, other: Option<&String>, tags: &Tags) -> Vec<Tag> {
        let name = other.unwrap_or(name.get_ref()).as_str();
        let own = (!name.is_empty() && !tags.contains_key("Name")).then_some(("Name", name));
        own.into_iter()
            .chain(tags.iter().map(|(k, v)| (k.as_str(), v.as_str())))
            .map(|(key, value)| Tag {
                key: key.into(),
                value: value.into(),
            })
            .collect()
    }

    fn owner(&self, given: Option<&String>) -> Str {
        given.map_or_else(|| self.account.clone(), |o| o.as_str().into())
    }
}
