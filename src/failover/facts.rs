//! The few facts that a failover changes, read from a world.
//!
//! Invariants: *before*, *forecast* and *now* are the same function of three worlds, so that a tick
//! means equality and nothing else; labels are stable while the interface exists. A look at the
//! interface alone holds no routes and no Elastic IPs: their facts are then missing, not wrong.

mod carried;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId, Str};
use crate::ec2::resource::{Address, Route};
use crate::ec2::world::World;
use crate::failover::mechanism::good::{Berth, Good, Seen};

/// Whose facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The interface.
    pub eni: EniId,
    /// Where it was.
    pub source: Option<InstanceId>,
    /// Where it goes.
    pub target: InstanceId,
    /// What is carried over instead of the interface; empty where the interface itself moves.
    pub goods: Vec<Good>,
    /// What people call the source; a look at the interface alone does not hold its instance.
    pub source_name: String,
    /// What people call the target.
    pub target_name: String,
}

impl Scope {
    /// What people call an instance.
    pub fn name_of(&self, world: &World, id: &InstanceId) -> String {
        if *id == self.target {
            self.target_name.clone()
        } else if Some(id) == self.source.as_ref() {
            self.source_name.clone()
        } else {
            let name = world.instance(id).and_then(|i| i.name());
            name.map_or_else(|| id.to_string(), str::to_owned)
        }
    }
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `eni status`, `attachment`, `route 172.31.99.0/24`, `EIP 203.0.113.10`, `MAC`.
    pub label: Cow<'static, str>,
    /// `in-use`, `db-primary #1`, `blackhole`.
    pub value: Cow<'static, str>,
}

/// Label of `NetworkInterface.Status`.
pub const ENI_STATUS: &str = "eni status";
/// Label of the attachment: who holds the interface, at which index.
pub const ATTACHMENT: &str = "attachment";
/// Labels of routes begin with this.
pub const ROUTE: &str = "route ";
/// Labels of Elastic IPs begin with this.
pub const EIP: &str = "EIP ";
/// The value where the interface is gone.
pub const GONE: &str = "gone";

/// The facts, always the same labels for the same scope, `gone` where the interface is.
pub fn facts(world: &World, scope: &Scope) -> Vec<Fact> {
    if !scope.goods.is_empty() {
        return carried::facts(world, scope);
    }
    let eni = world.eni(&scope.eni).map(|eni| &**eni);
    // Every look asks for them, and most of the words are always the same.
    let mut facts = Vec::with_capacity(12);
    let mut put = |label: Cow<'static, str>, value: Option<Cow<'static, str>>| {
        let value = value.unwrap_or(Cow::Borrowed(GONE));
        facts.push(Fact { label, value });
    };
    let owned = |text: String| Some(Cow::Owned(text));
    put(
        ENI_STATUS.into(),
        eni.and_then(|e| owned(e.status.to_string())),
    );
    put(ATTACHMENT.into(), eni.map(|e| attachment(world, scope, e)));
    for (label, route) in routes(world, &scope.eni) {
        put(label.into(), owned(route.state.to_string()));
    }
    for address in elastic_ips(world, &scope.eni) {
        let holder = address.instance_id.as_ref();
        let holder = holder.map_or_else(|| "eni only".to_owned(), |id| scope.name_of(world, id));
        put(
            format!("{EIP}{}", address.public_ip).into(),
            owned(format!("on {holder}")),
        );
    }
    put("addresses".into(), eni.map(|e| addresses(e).into()));
    if let Some(eni) = eni.filter(|e| !e.ipv6_addresses.is_empty()) {
        put("primary IPv6".into(), owned(primary_ipv6(eni)));
    }
    put(
        "MAC".into(),
        eni.and_then(|e| owned(e.mac_address.to_string())),
    );
    put("groups".into(), eni.map(|e| groups(e).into()));
    put(
        "source/dest check".into(),
        eni.map(|e| on_off(e.source_dest_check)),
    );
    put("DeleteOnTermination".into(), eni.map(delete_on_termination));
    facts
}

fn attachment(world: &World, scope: &Scope, eni: &Eni) -> Cow<'static, str> {
    let Some(attachment) = &eni.attachment else {
        return "none".into();
    };
    match attachment.status {
        AttachmentStatus::Attached => {
            let holder = attachment
                .instance_id
                .as_ref()
                .map_or_else(|| "a service".to_owned(), |id| scope.name_of(world, id));
            let slot = (attachment.network_card_index, attachment.device_index);
            format!("{holder} {}", slot_words(slot)).into()
        }
        AttachmentStatus::Detached => "none".into(),
        ref moving => moving.to_string().into(),
    }
}

/// `#1`, with the card where it is not the first.
pub(in crate::failover) fn slot_words((card, index): (u32, u32)) -> String {
    match card {
        0 => format!("#{index}"),
        card => format!("card {card} #{index}"),
    }
}

/// Every route to the interface; the table is named where two have the same destination.
pub(super) fn routes<'a>(world: &'a World, eni: &EniId) -> Vec<(String, &'a Route)> {
    let mut found = Vec::new();
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    for table in world.route_tables_to(eni) {
        let to = |r: &&Route| r.network_interface_id.as_ref() == Some(eni);
        for route in table.routes.iter().filter(to) {
            *count.entry(&route.destination).or_default() += 1;
            found.push((&table.id, route));
        }
    }
    found
        .into_iter()
        .map(|(table, route)| {
            let destination = &route.destination;
            let label = match count.get(&**destination) {
                Some(1) => format!("{ROUTE}{destination}"),
                _ => format!("{ROUTE}{destination} in {table}"),
            };
            (label, route)
        })
        .collect()
}

/// Elastic IPs that `DescribeAddresses` shows on the interface.
fn elastic_ips<'a>(world: &'a World, eni: &EniId) -> impl Iterator<Item = &'a Address> {
    world
        .addresses()
        .filter(move |a| a.network_interface_id.as_ref() == Some(eni))
        .map(|a| &**a)
}

fn addresses(eni: &Eni) -> String {
    let mut all: Vec<String> = Vec::new();
    let v4 = eni.private_ip_addresses.iter();
    all.extend(v4.map(|ip| ip.private_ip_address.to_string()));
    all.extend(eni.ipv4_prefixes.iter().map(ToString::to_string));
    let v6 = eni.ipv6_addresses.iter();
    all.extend(v6.map(|ip| ip.ipv6_address.to_string()));
    all.extend(eni.ipv6_prefixes.iter().map(ToString::to_string));
    all.join(" ")
}

fn primary_ipv6(eni: &Eni) -> String {
    let primary = eni.ipv6_addresses.iter().find(|ip| ip.is_primary_ipv6);
    primary.map_or_else(|| "none".to_owned(), |ip| ip.ipv6_address.to_string())
}

fn groups(eni: &Eni) -> String {
    let name = |g: &crate::ec2::eni::GroupRef| match &*g.group_name {
        "" => g.group_id.to_string(),
        name => name.to_owned(),
    };
    let mut names: Vec<_> = eni.groups.iter().map(name).collect();
    names.sort_unstable();
    names.join(" ")
}

fn delete_on_termination(eni: &Eni) -> Cow<'static, str> {
    let attachment = eni.attachment.as_ref();
    attachment.map_or(Cow::Borrowed("none"), |a| on_off(a.delete_on_termination))
}

fn on_off(on: bool) -> Cow<'static, str> {
    if on { "on" } else { "off" }.into()
}

/// How a predicted value fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Not to be judged yet.
    #[default]
    Open,
    /// Now is as predicted.
    Tick,
    /// Now is otherwise: what it means and what to do.
    Mismatch(String),
}

/// One line of *before | forecast | now*. What was observed is not kept: it is looked at anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The fact.
    pub label: Str,
    /// Before the step.
    pub before: Str,
    /// Predicted after the step.
    pub forecast: Str,
    /// As last observed; `None` before the step begins.
    #[serde(skip)]
    pub now: Option<Str>,
    /// Judgement.
    #[serde(skip)]
    pub mark: Mark,
}

/// *before | forecast*, nothing observed yet.
pub fn rows(before: &World, after: &World, scope: &Scope) -> Vec<Row> {
    let after = facts(after, scope);
    let value = |label: &str| {
        let found = after.iter().find(|f| f.label == label);
        found.map_or(GONE, |f| &f.value).into()
    };
    facts(before, scope)
        .into_iter()
        .map(|fact| Row {
            forecast: value(&fact.label),
            before: (&*fact.value).into(),
            label: (&*fact.label).into(),
            now: None,
            mark: Mark::Open,
        })
        .collect()
}

/// Where the interface is, in words: `eni-… is attached at db-primary (i-…), card 0 index 1`; or
/// where the things are that are carried over without it.
pub fn place(world: &World, scope: &Scope) -> String {
    if !scope.goods.is_empty() {
        let on = |good: &Good, holder: &str, berth: &Berth| match holder {
            "" => format!("{good} is on {berth}, which is attached to nothing"),
            name => format!("{good} is on {name} ({berth})"),
        };
        let place = |good: &Good| match good.seen(world) {
            Seen::AtSource => on(good, &scope.source_name, &good.from),
            Seen::AtTarget => on(good, &scope.target_name, &good.to),
            Seen::Foreign(text) | Seen::Gone(text) | Seen::Hidden(text) => text,
        };
        let all: Vec<_> = scope.goods.iter().map(place).collect();
        return all.join("; ");
    }
    let id = &scope.eni;
    let Some(eni) = world.eni(id) else {
        return format!("{id} does not exist any more");
    };
    let Some(attachment) = &eni.attachment else {
        return format!("{id} is attached to nothing");
    };
    let holder = attachment.instance_id.as_ref();
    let named = holder.map_or_else(
        || "a service".to_owned(),
        |holder| {
            let name = scope.name_of(world, holder);
            match name == holder.as_str() {
                true => name,
                false => format!("{name} ({holder})"),
            }
        },
    );
    format!(
        "{id} is {} at {named}, card {} index {}",
        attachment.status, attachment.network_card_index, attachment.device_index
    )
}

/// What may be judged already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Nothing: the step is under way, so a difference says nothing yet.
    Nothing,
    /// The interface's own facts. Routes and Elastic IPs follow it late (AWS publishes no figure).
    Interface,
    /// Everything.
    Everything,
}

/// Fills in the facts that are seen now ([`facts`]; `gone`: the interface does not exist). A
/// difference is a mismatch only where it may be judged. A fact that this look does not hold keeps
/// its last value.
pub fn observe(rows: &mut [Row], seen: &[Fact], gone: bool, judge: Judge) {
    for row in rows {
        let fact = seen.iter().find(|f| *f.label == *row.label);
        let now = match fact {
            Some(fact) => Some(&*fact.value),
            None => gone.then_some(GONE),
        };
        if now.is_some() && now != row.now.as_deref() {
            row.now = now.map(Str::from);
        }
        let is_final = match judge {
            Judge::Nothing => false,
            Judge::Interface => !row.follows(),
            Judge::Everything => true,
        };
        row.mark = match &row.now {
            None => Mark::Open,
            Some(now) if *now == row.forecast => Mark::Tick,
            Some(now) if is_final => Mark::Mismatch(meaning(&row.label, &row.forecast, now)),
            Some(_) => Mark::Open,
        };
    }
}

impl Row {
    /// A route or an Elastic IP: it follows the interface, sometimes late.
    pub fn follows(&self) -> bool {
        self.label.starts_with(ROUTE) || self.label.starts_with(EIP)
    }

    /// Seen now, and otherwise than predicted.
    pub fn differs(&self) -> bool {
        self.now.as_ref().is_some_and(|now| *now != self.forecast)
    }
}

/// What a wrong forecast means, and what to do.
fn meaning(label: &str, forecast: &str, now: &str) -> String {
    let what = if now == GONE {
        "the interface no longer exists: its addresses are gone with it".to_owned()
    } else if let Some(destination) = label.strip_prefix(ROUTE) {
        format!(
            "EC2 still shows the route to {destination} as {now}, so traffic for it is not \
             delivered; look again in a minute (DescribeRouteTables), else replace the route with \
             this interface as target (ReplaceRoute)"
        )
    } else if let Some(ip) = label.strip_prefix(EIP) {
        format!(
            "DescribeAddresses follows late or somebody moved {ip}; look again, else associate it \
             with this interface (AssociateAddress)"
        )
    } else if label == ATTACHMENT || label == ENI_STATUS {
        "somebody else changed it, or EC2 has not finished; look who holds it before doing anything"
            .to_owned()
    } else {
        "somebody changed it meanwhile; compare it and set it back if it was not meant".to_owned()
    };
    format!("expected {forecast}, EC2 shows {now}: {what}")
}
