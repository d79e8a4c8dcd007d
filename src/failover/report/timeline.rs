//! Everything that is known of an operation in the order in which it happened, and what was otherwise
//! before it than after it.
//!
//! Invariants: a call stands where it was submitted, with what came back and how long that took; a look
//! stands where it was begun, because it shows nothing younger; nothing is told twice.

use serde::Serialize;

use super::{badge, headline, millis, safe, seconds};
use crate::ec2::time::Time;
use crate::failover::facts::{ATTACHMENT, slot_words};
use crate::failover::identity::Identity;
use crate::failover::outage::{ABSENT, Measured};
use crate::failover::status::{Ending, Status};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    /// When.
    pub at: Time,
    /// `agreed`, `call`, `seen`, `note`, `nobody`, `client`, `ended`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// Until a call was answered, or somebody was there again, in milliseconds.
    pub millis: Option<u64>,
    /// The request of a call, as EC2 named it.
    pub request_id: Option<String>,
}

impl Event {
    /// Something without a request.
    pub fn new(at: Time, kind: &'static str, text: &str) -> Self {
        Self {
            at,
            kind,
            text: safe(text),
            millis: None,
            request_id: None,
        }
    }
}

/// In order; what happened at the same moment in the order of the kinds: a call follows from what was
/// seen, and no look that is asked for at its moment can show what it has done.
pub fn sort(events: &mut [Event]) {
    const ORDER: [&str; 7] = [
        "agreed", "seen", "call", "note", "nobody", "client", "ended",
    ];
    let rank = |kind: &str| ORDER.iter().position(|k| *k == kind);
    events.sort_by_key(|event| (event.at, rank(event.kind)));
}

/// All that happened.
pub(super) fn timeline(status: &Status, measured: Option<&Measured>) -> Vec<Event> {
    let mut events: Vec<Event> = status
        .calls
        .iter()
        .map(|made| {
            let answer = made.answer.as_deref().unwrap_or("no answer yet");
            Event {
                millis: made.answered_in.map(millis),
                request_id: made.request_id.as_ref().map(|id| safe(id)),
                ..Event::new(made.at, "call", &format!("{}: {answer}", made.call.line()))
            }
        })
        .collect();
    let seen = status.seen.iter();
    events.extend(seen.map(|(at, text)| Event::new(*at, "seen", text)));
    let notes = status.notes.iter();
    events.extend(notes.map(|(at, text)| Event::new(*at, "note", text)));
    events.extend(status.absences.iter().map(|(began, ended)| {
        let text = format!("{ABSENT} until {}", ended.clock());
        Event {
            millis: Some(millis(ended.since(*began))),
            ..Event::new(*began, "nobody", &text)
        }
    }));
    events.extend(measured.map(clients).unwrap_or_default());
    if let (Some(ending), Some(at)) = (&status.ending, status.ended) {
        let text = match ending {
            Ending::NeedsPerson(_) => badge(ending).to_owned(),
            _ => headline(status, ending),
        };
        events.push(Event::new(at, "ended", &text));
    }
    sort(&mut events);
    events
}

/// What clients went without, at its two ends.
fn clients(measured: &Measured) -> Vec<Event> {
    let Measured { client, target, .. } = measured;
    let mut events = Vec::new();
    let mut tell = |at: Option<Time>, text: String| {
        events.extend(at.map(|at| Event::new(at, "client", &text)));
    };
    tell(
        measured.last_good,
        format!("{client}: last answer of {target}"),
    );
    if let Some((at, how)) = &measured.held_ended {
        tell(
            Some(*at),
            format!("{client}: the held connection ended: {how}"),
        );
    }
    let parts = measured.parts.iter();
    let parts: Vec<_> = parts
        .map(|part| format!("{} {}", part.name, seconds(part.millis)))
        .collect();
    tell(
        measured.first_good,
        format!(
            "{client}: {target} answers again, after {} ({})",
            seconds(millis(measured.span)),
            parts.join(", ")
        ),
    );
    events
}

/// One fact before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Compared {
    /// EC2's member name, or a word for what moves with the interface.
    pub fact: String,
    /// Before the operation.
    pub before: String,
    /// When it was verified; absent if nobody has seen it.
    pub after: Option<String>,
}

impl Compared {
    fn new(fact: &str, before: &str, after: Option<&str>) -> Self {
        Self {
            fact: safe(fact),
            before: safe(before),
            after: after.map(safe),
        }
    }
}

/// The facts that a move changes, then every field of the identity, which must be as it was.
pub(super) fn compared(status: &Status) -> Vec<Compared> {
    let plan = &status.plan;
    let back = status.ending == Some(Ending::PutBack);
    let arrived = back || status.ending == Some(Ending::Done);
    let mut lines = Vec::new();
    let last = plan.steps.last().map(|step| &step.rows);
    for planned in last.into_iter().flatten() {
        let mut newest_first = status.steps.iter().rev().flat_map(|step| &step.rows);
        let now = newest_first.find_map(|row| {
            let same = row.label == planned.label;
            row.now.clone().filter(|_| same)
        });
        let held = || {
            let name = if back {
                &plan.names.source
            } else {
                &plan.names.target
            };
            Some(format!("{name} {}", slot_words(status.slot(back)?)).into())
        };
        let told = (*planned.label == *ATTACHMENT && arrived)
            .then(held)
            .flatten();
        let now = now.or(told);
        lines.push(Compared::new(
            &planned.label,
            &planned.before,
            now.as_deref(),
        ));
    }
    let attachment = |id: &Option<crate::ec2::id::AttachmentId>| {
        id.as_ref().map_or("none".to_owned(), ToString::to_string)
    };
    if plan.handovers.is_empty() {
        let before = attachment(&plan.attachment_id);
        let after = arrived.then(|| attachment(&status.attachment_id));
        lines.push(Compared::new("AttachmentId", &before, after.as_deref()));
    }
    // "Done" and "put back" are said only where every field was as before.
    let after: Option<&Identity> = status.after.as_ref().or(arrived.then_some(&plan.identity));
    for (field, before) in &plan.identity.fields {
        let now = after.map(|identity| identity.value(field).unwrap_or("none"));
        lines.push(Compared::new(field, before, now));
    }
    lines
}
