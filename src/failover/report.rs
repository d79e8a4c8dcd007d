//! The summary of an ended operation: what moved, what is new, what stays, how long it took.
//!
//! Invariant: everything comes from the status and, for what clients saw, from a strip of single
//! requests; nothing is estimated.

pub mod markdown;
pub mod script;

pub use markdown::markdown;
pub use script::script;

use std::time::Duration;

use serde::Serialize;

use super::facts::Mark;
use super::plan::StepKind;
use super::status::{Ending, Status, StepStatus};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;

/// The summary; its JSON form has EC2's member names where EC2 has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Short id of the operation.
    pub operation: String,
    /// Where it was flown: badge, account, Region.
    pub sky: String,
    /// How it ended, one word as in the journal.
    pub ending: &'static str,
    /// The ending in words.
    pub text: String,
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
    /// Differences between forecast and fact, with what they mean.
    pub mismatches: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
    /// Every call, with its answer.
    pub calls: Vec<CallLine>,
    /// Notes with their times.
    pub notes: Vec<String>,
}

/// How long each part took, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outage {
    /// From the detach's submission until EC2 said available.
    pub detach: Option<u64>,
    /// From then until the attach was accepted.
    pub unattached: Option<u64>,
    /// From then until EC2 said attached.
    pub attach: Option<u64>,
    /// From then until the service answered.
    pub guest: Option<u64>,
    /// From the detach's submission until EC2 said attached.
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

/// Makes the summary; `now` counts only while it has not ended.
pub fn summary(status: &Status, strip: Option<&Strip>, now: Time) -> Summary {
    let plan = &status.plan;
    let identity = &plan.identity;
    let arrived = matches!(status.ending, Some(Ending::Done | Ending::PutBack));
    let (ending, text) = match &status.ending {
        Some(ending) => (word(ending), words(status, ending)),
        None => ("under-way", "it is under way".to_owned()),
    };
    let mut moved: Vec<String> = Vec::new();
    let mut new: Vec<String> = Vec::new();
    if arrived {
        moved.extend(identity.addresses().map(str::to_owned));
        moved.extend(identity.elastic_ips().map(|ip| format!("EIP {ip}")));
        moved.extend(identity.value("MacAddress").map(|mac| format!("MAC {mac}")));
        moved.extend(identity.value("Groups").map(|ids| format!("groups {ids}")));
        moved.push(format!("{} tags", identity.tags()));
        new.extend(status.attachment_id.as_ref().map(ToString::to_string));
        let slot = match status.putting_back {
            true => plan.source_slot,
            false => Some(plan.target_slot),
        };
        new.extend(slot.map(|(card, index)| format!("card {card} index {index}")));
    }
    let mismatches = status.steps.iter().flat_map(|s| &s.rows);
    Summary {
        operation: status.op.to_string(),
        sky: format!(
            "{} account {} {}",
            plan.sky.badge(),
            plan.sky.account,
            plan.sky.region
        ),
        ending,
        text,
        network_interface_id: plan.intent.eni.to_string(),
        source: plan
            .source
            .as_ref()
            .map(|id| both(&plan.names.source, id.as_str())),
        target: both(&plan.names.target, plan.intent.target.as_str()),
        moved,
        new,
        outage: outage(status, strip, now),
        mismatches: mismatches
            .filter_map(|row| match &row.mark {
                Mark::Mismatch(text) => Some(format!("{}: {text}", row.label)),
                _ => None,
            })
            .collect(),
        next: next(status),
        calls: status
            .calls
            .iter()
            .map(|made| CallLine {
                at: made.at,
                call: made.call.line(),
                answer: made
                    .answer
                    .clone()
                    .unwrap_or_else(|| "no answer yet".to_owned()),
                request_id: made.request_id.as_ref().map(ToString::to_string),
                millis: made.answered_in.map(millis),
            })
            .collect(),
        notes: status
            .notes
            .iter()
            .map(|(at, text)| format!("{} {text}", at.clock()))
            .collect(),
    }
}

fn both(name: &str, id: &str) -> String {
    if name == id {
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

fn words(status: &Status, ending: &Ending) -> String {
    let names = &status.plan.names;
    match ending {
        Ending::Done => format!("{} is on {}, verified", names.eni, names.target),
        Ending::PutBack => format!("{} is on {} again, verified", names.eni, names.source),
        Ending::Aborted => format!(
            "given up before anything moved; {} is where it was",
            names.eni
        ),
        Ending::Refused(text)
        | Ending::ForeignChange(text)
        | Ending::IdentityLost(text)
        | Ending::NeedsPerson(text) => text.clone(),
    }
}

fn outage(status: &Status, strip: Option<&Strip>, now: Time) -> Outage {
    // The way that was taken to its end: the way back, if there was one.
    let step = |kind: StepKind| -> Option<&StepStatus> {
        let mut all = status.steps.iter().enumerate();
        all.rfind(|(n, s)| status.step(*n).is_some_and(|p| p.kind == kind) && s.began.is_some())
            .map(|(_, s)| s)
    };
    let began = |kind| step(kind).and_then(|s| s.began);
    let ended = |kind| step(kind).and_then(|s| s.ended);
    let submitted = status
        .calls
        .iter()
        .find(|m| m.call.action() == "DetachNetworkInterface")
        .map(|m| m.at);
    let available = ended(StepKind::WaitAvailable);
    let accepted = began(StepKind::WaitAttached);
    let attached = ended(StepKind::WaitAttached);
    let span = |from: Option<Time>, to: Option<Time>| Some(millis(to?.since(from?)));
    let seen = strip.and_then(|strip| strip.outage());
    let good = seen.as_ref().and_then(|o| o.first_good);
    Outage {
        detach: span(submitted, available),
        unattached: span(available, accepted),
        attach: span(accepted, attached),
        guest: span(attached, good),
        address_away: span(submitted, attached),
        client: seen.map(|o| millis(o.span(now))),
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn next(status: &Status) -> Vec<String> {
    let names = &status.plan.names;
    match &status.ending {
        Some(Ending::Done) => {
            let mut next = Vec::new();
            if status.plan.source.is_some() {
                next.push(format!(
                    "stop {} before it wakes: it may still write",
                    names.source
                ));
            }
            next.push(
                "not touched: DNS, TTLs, firewall rules, partner allowlists, targets by instance id"
                    .to_owned(),
            );
            next
        }
        Some(Ending::ForeignChange(_)) => {
            vec!["find out who changed it (CloudTrail), then plan anew".to_owned()]
        }
        Some(Ending::Refused(_) | Ending::Aborted) => vec!["plan anew when ready".to_owned()],
        _ => Vec::new(),
    }
}
