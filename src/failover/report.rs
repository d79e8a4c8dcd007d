//! The summary of an ended operation: what moved, what is new, what stays, how long it took.
//!
//! Invariants: everything comes from the status, the newest world and, for what clients saw, from
//! a strip of single requests; nothing is estimated; text from outside is harmless. Screen,
//! clipboard and file say the same, because they are made from one summary.

pub mod explain;
pub mod markdown;
pub mod script;
#[cfg(test)]
mod tests;
pub mod timeline;

pub use explain::explanation;
pub use markdown::markdown;
pub use script::script;
pub use timeline::{Compared, Event};

use std::time::Duration;

use serde::Serialize;

use super::facts::Mark;
use super::outage::{ABSENT, Measured, Moments, absent, measured};
use super::plan::Plan;
use super::status::{Ending, Status};
use crate::ec2::resource::InstanceState;
use crate::ec2::sample::{Reply, Strip};
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// The summary; its JSON form has EC2's member names where EC2 has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Short id of the operation.
    pub operation: String,
    /// The operation that this one takes back.
    pub takes_back: Option<String>,
    /// Where it was flown: badge, account, Region.
    pub sky: String,
    /// How it ended, one word as in the journal.
    pub ending: &'static str,
    /// The ending in words.
    pub text: String,
    /// Ending, interface with its id and the words: a message for an incident channel.
    pub headline: String,
    /// The interface.
    pub network_interface_id: String,
    /// Where it was.
    pub source: Option<String>,
    /// Where it was to go.
    pub target: String,
    /// What travelled.
    pub moved: Vec<String>,
    /// What the new attachment has of its own.
    pub new: Vec<String>,
    /// Durations, each only where it is known.
    pub outage: Outage,
    /// The client's own outage, in its parts; absent if there is no client, or no gap.
    pub measured: Option<Measured>,
    /// EC2 says `attached` at the place that the ending names, verified; absent where that is not so
    /// or not known. Says nothing of the service.
    pub attached_in_ec2: Option<bool>,
    /// Whether the client is answered: done for EC2 is not yet done for the guest.
    pub service: Option<Service>,
    /// What a failover never touches, where something has moved.
    pub not_touched: Option<&'static str>,
    /// Differences between forecast and fact, with what they mean.
    pub mismatches: Vec<String>,
    /// What to do next.
    pub next: Option<String>,
    /// Every call, with its answer.
    pub calls: Vec<CallLine>,
    /// Everything that is known, in the order in which it happened.
    pub timeline: Vec<Event>,
    /// What the move changes, and all that must be as it was, before and after.
    pub compared: Vec<Compared>,
    /// Notes with their times.
    pub notes: Vec<(Time, String)>,
}

/// What the client's newest request says of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Service {
    /// It was answered.
    pub answers: bool,
    /// By whom, or why not.
    pub text: String,
}

/// What a failover never touches.
const NOT_TOUCHED: &str = "DNS, TTLs, firewalls, allowlists, targets by instance id";

/// How long each part took, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outage {
    /// No process was at work on it; no part of the others.
    pub nobody_was_there: Option<u64>,
    /// From the detach's submission until EC2 said available.
    pub detach: Option<u64>,
    /// From then until the attach was submitted.
    pub unattached: Option<u64>,
    /// From then until EC2 said attached.
    pub attach: Option<u64>,
    /// From then until the service answered.
    pub guest: Option<u64>,
    /// From the detach's submission until EC2 said attached, whether somebody was there or not.
    pub address_away: Option<u64>,
    /// What the client saw: last good answer to first good one.
    pub client: Option<u64>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallLine {
    /// When it was submitted.
    pub at: Time,
    /// Action and parameters.
    pub call: String,
    /// EC2's answer.
    pub answer: String,
    /// The request.
    pub request_id: Option<String>,
    /// Until it was answered, in milliseconds.
    pub millis: Option<u64>,
}

/// Makes the summary. `world` is the newest inventory that is known; `now` counts only while
/// something has not ended.
pub fn summary(status: &Status, strip: Option<&Strip>, world: &World, now: Time) -> Summary {
    let plan = &status.plan;
    let arrived = matches!(status.ending, Some(Ending::Done | Ending::PutBack));
    let name = plan.names.eni.as_str();
    let (ending, text, headline) = match &status.ending {
        Some(ending) => (
            word(ending),
            words(status, ending, name),
            headline(status, ending),
        ),
        None => (
            "under-way",
            "it is under way".to_owned(),
            format!("UNDER WAY: {name}"),
        ),
    };
    let place = |name: &str, id: &str, slot: Option<(u32, u32)>| {
        let slot = slot.map(|(card, index)| format!(", card {card} index {index}"));
        safe(&format!("{}{}", both(name, id), slot.unwrap_or_default()))
    };
    let source = plan.source.as_ref();
    let seen = strip.and_then(|strip| measured(status, strip, now));
    let mismatches = status.steps.iter().flat_map(|s| &s.rows);
    Summary {
        operation: status.op.to_string(),
        takes_back: plan.undo_of.clone(),
        sky: format!(
            "{} account {} {}",
            plan.sky.badge(),
            plan.sky.account,
            plan.sky.region
        ),
        ending,
        text: safe(&text),
        headline: safe(&headline),
        network_interface_id: plan.intent.eni.to_string(),
        source: source.map(|id| place(&plan.names.source, id.as_str(), plan.source_slot)),
        target: place(
            &plan.names.target,
            plan.intent.target.as_str(),
            status.slot(false).filter(|_| plan.handovers.is_empty()),
        ),
        moved: if arrived {
            moved(plan, world)
        } else {
            Vec::new()
        },
        new: if arrived {
            fresh(status, world)
        } else {
            Vec::new()
        },
        attached_in_ec2: (arrived && plan.handovers.is_empty()).then_some(true),
        outage: outage(status, seen.as_ref(), now),
        service: strip.and_then(|strip| service(strip, world, seen.as_ref())),
        timeline: timeline::timeline(status, seen.as_ref()),
        measured: seen,
        not_touched: arrived.then_some(NOT_TOUCHED),
        mismatches: mismatches
            .filter_map(|row| match &row.mark {
                Mark::Mismatch(text) => Some(safe(&format!("{}: {text}", row.label))),
                _ => None,
            })
            .collect(),
        next: next(status, world).map(|text| safe(&text)),
        calls: status
            .calls
            .iter()
            .map(|made| CallLine {
                at: made.at,
                call: made.call.line(),
                answer: safe(made.answer.as_deref().unwrap_or("no answer yet")),
                request_id: made.request_id.as_ref().map(|id| safe(id)),
                millis: made.answered_in.map(millis),
            })
            .collect(),
        compared: timeline::compared(status),
        notes: status
            .notes
            .iter()
            .map(|(at, text)| (*at, safe(text)))
            .collect(),
    }
}

/// The summary in a few lines to be pasted; the first one alone says it.
pub fn text(summary: &Summary) -> Vec<String> {
    let mut lines = vec![summary.headline.clone()];
    let mut item = |label: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("{label}: {text}"));
        }
    };
    item("moved", &summary.moved.join(" · "));
    item("new", &summary.new.join(" · "));
    item("outage", &times(&summary.outage).join(" · "));
    let measured = summary.measured.as_ref().map(Measured::text);
    item("measured", measured.as_deref().unwrap_or_default());
    if summary.attached_in_ec2.is_some() {
        item("attached in EC2", "yes, verified");
    }
    let service = summary.service.as_ref();
    item("service", service.map_or("", |s| s.text.as_str()));
    item("not touched", summary.not_touched.unwrap_or_default());
    item("next", summary.next.as_deref().unwrap_or_default());
    lines
}

fn safe(text: &str) -> String {
    shown(text).into_owned()
}

fn moved(plan: &Plan, world: &World) -> Vec<String> {
    if !plan.handovers.is_empty() {
        return plan.goods().map(ToString::to_string).collect();
    }
    let identity = &plan.identity;
    let eni = world.eni(&plan.intent.eni);
    let groups = eni.into_iter().flat_map(|eni| &eni.groups).map(|group| {
        // People know groups by their names.
        match &*group.group_name {
            "" => group.group_id.as_str(),
            name => name,
        }
    });
    let mut moved = vec![identity.addresses().collect::<Vec<_>>().join(" ")];
    moved.extend(identity.elastic_ips().map(|ip| format!("EIP {ip}")));
    moved.extend(identity.value("MacAddress").map(|mac| format!("MAC {mac}")));
    moved.extend(groups.map(safe));
    moved.push(match identity.tags() {
        1 => "1 tag".to_owned(),
        n => format!("{n} tags"),
    });
    moved
}

/// What is new: attachment, index, time.
fn fresh(status: &Status, world: &World) -> Vec<String> {
    let mut new = Vec::new();
    new.extend(
        status
            .attachment_id
            .as_ref()
            .map(|id| format!("attachment {id}")),
    );
    let slot = status.slot(status.putting_back);
    let slot = slot.filter(|_| status.plan.handovers.is_empty());
    new.extend(slot.map(|(card, index)| match card {
        0 => format!("device index {index}"),
        _ => format!("card {card} device index {index}"),
    }));
    let attachment = world
        .eni(&status.plan.intent.eni)
        .and_then(|eni| eni.attachment.as_ref())
        .filter(|a| Some(&a.attachment_id) == status.attachment_id.as_ref());
    let at = attachment.and_then(|a| a.attach_time);
    new.extend(at.map(|at| format!("attached {}", at.clock())));
    new
}

fn service(strip: &Strip, world: &World, measured: Option<&Measured>) -> Option<Service> {
    Some(match &strip.samples.back()?.reply {
        Reply::Answered(by) => {
            let name = world.instance(by).and_then(|i| i.name());
            let name = name.unwrap_or(by.as_str());
            let outage = measured.map(|m| seconds(millis(m.span)));
            let after = outage.map(|span| format!(", after {span} without an answer"));
            Service {
                answers: true,
                text: safe(&format!("answers from {name}{}", after.unwrap_or_default())),
            }
        }
        Reply::Reached(how) => Service {
            answers: true,
            text: safe(&format!("{} from {}: {how}", strip.target, strip.client)),
        },
        Reply::Lost(why) => Service {
            answers: false,
            text: safe(&format!("DOES NOT ANSWER YET: {why}")),
        },
    })
}

fn both(name: &str, id: &str) -> String {
    if name == id || name.is_empty() {
        id.to_owned()
    } else {
        format!("{name} ({id})")
    }
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Aborted => "aborted",
        Ending::PutBack => "put-back",
        Ending::Refused(_) => "refused",
        Ending::ForeignChange(_) => "foreign-change",
        Ending::IdentityLost(_) => "identity-lost",
        Ending::NeedsPerson(_) => "needs-person",
    }
}

/// The ending as people call it, in capitals.
pub fn badge(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done => "DONE",
        Ending::Aborted => "ABORTED",
        Ending::PutBack => "PUT BACK",
        Ending::Refused(_) => "REFUSED",
        Ending::ForeignChange(_) => "SOMEBODY ELSE",
        Ending::IdentityLost(_) => "IDENTITY LOST",
        Ending::NeedsPerson(_) => "NEEDS A PERSON",
    }
}

/// The ending in words, with the interface called `eni`.
fn words(status: &Status, ending: &Ending, eni: &str) -> String {
    let (plan, names) = (&status.plan, &status.plan.names);
    let carried = carried(plan);
    match ending {
        Ending::Done if !plan.handovers.is_empty() => {
            format!("{carried} of {eni} on {}", names.target)
        }
        Ending::PutBack if !plan.handovers.is_empty() => {
            format!("{carried} of {eni} on {} again", names.source)
        }
        Ending::Done => {
            let index = status.slot(false).unwrap_or(plan.target_slot).1;
            format!("{eni} is on {}, index {index}", names.target)
        }
        Ending::PutBack => format!("{eni} is on {} again", names.source),
        Ending::Aborted => format!("nothing has moved: {eni} is where it was"),
        Ending::Refused(why) => format!("{eni} has not moved. {why}"),
        Ending::ForeignChange(why) | Ending::IdentityLost(why) | Ending::NeedsPerson(why) => {
            why.clone()
        }
    }
}

/// What the calls carry over; empty where the interface itself moves.
pub(super) fn carried(plan: &Plan) -> String {
    let goods: Vec<_> = plan.goods().map(ToString::to_string).collect();
    goods.join(" ")
}

/// The same for those who have not seen the screen: with the ending and the interface's id.
fn headline(status: &Status, ending: &Ending) -> String {
    let eni = both(&status.plan.names.eni, status.plan.intent.eni.as_str());
    let (badge, words) = (badge(ending), words(status, ending, &eni));
    match ending {
        Ending::ForeignChange(_) | Ending::IdentityLost(_) | Ending::NeedsPerson(_) => {
            format!("{badge}: {eni}: {words}")
        }
        _ => format!("{badge}: {words}"),
    }
}

fn outage(status: &Status, measured: Option<&Measured>, now: Time) -> Outage {
    let at = Moments::of(status);
    let whole = |from: Option<Time>, to: Option<Time>| Some(millis(to?.since(from?)));
    let absent = |from: Time, to: Time| millis(absent(&status.absences, from, to));
    let span = |from: Option<Time>, to: Option<Time>| {
        let (from, to) = (from?, to?);
        Some(millis(to.since(from)).saturating_sub(absent(from, to)))
    };
    let began = at.detach.or(at.attach).or(at.handover);
    let over = at.attached.or(status.ended).unwrap_or(now);
    let nobody = began.map(|from| absent(from, over));
    let good = measured.and_then(|m| m.first_good);
    let guest = good.filter(|good| at.attached.is_some_and(|at| *good >= at));
    Outage {
        nobody_was_there: nobody.filter(|millis| *millis > 0),
        detach: span(at.detach, at.available),
        unattached: span(at.available, at.attach),
        attach: span(at.attach, at.attached),
        guest: span(at.attached, guest),
        address_away: whole(at.detach, at.attached),
        client: measured.map(|m| millis(m.span)),
    }
}

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The known parts, in order: `detach 2.9 s`.
fn times(outage: &Outage) -> Vec<String> {
    [
        ("detach", outage.detach),
        ("unattached", outage.unattached),
        ("attach", outage.attach),
        ("guest", outage.guest),
        (ABSENT, outage.nobody_was_there),
        ("address away", outage.address_away),
        ("clients without an answer", outage.client),
    ]
    .into_iter()
    .filter_map(|(name, span)| Some(format!("{name} {}", seconds(span?))))
    .collect()
}

/// `0.3 s`, `4.8 s`, `18 s`, `2 min 05 s`.
pub(super) fn seconds(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..10 => format!("{seconds}.{} s", millis % 1_000 / 100),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

fn next(status: &Status, world: &World) -> Option<String> {
    let names = &status.plan.names;
    match status.ending.as_ref()? {
        Ending::Done => {
            let source = world.instance(status.plan.source.as_ref()?)?;
            let called = &names.source;
            (source.state == InstanceState::Running).then(|| match source.is_impaired() {
                true => format!(
                    "stop {called} before it wakes: it no longer has the address, but may still \
                     write to what it shares"
                ),
                false => format!(
                    "{called} is running and may still serve, or write to what it shares: stop \
                     its service, or the instance, if it must not"
                ),
            })
        }
        Ending::PutBack => Some(format!(
            "find out why {} could not take it, then plan again",
            names.target
        )),
        Ending::ForeignChange(_) => {
            Some("find out who changed it (CloudTrail), then plan again".to_owned())
        }
        Ending::IdentityLost(_) | Ending::NeedsPerson(_) => {
            Some("look at the interface and at both instances before anything else".to_owned())
        }
        Ending::Refused(_) | Ending::Aborted => None,
    }
}
