//! The end: what moved, what stayed, how long the address was away, what to do next.

use std::time::Duration;

use super::super::pen::{Pen, Row, spread, wrap};
use super::super::theme::Role;
use super::super::words::{about, count, instance_called};
use crate::app::model::Model;
use crate::app::walk::Walk;
use crate::ec2::resource::InstanceState;
use crate::ec2::sample::{Reply, Strip};
use crate::failover::plan::StepKind;
use crate::failover::status::{Ending, Status, StepState};

/// The summary.
pub(super) fn rows(pen: Pen, model: &Model, walk: &Walk, width: usize) -> Vec<Row> {
    let Some(status) = walk.status.as_deref() else {
        return Vec::new();
    };
    let Some(ending) = &status.ending else {
        return Vec::new();
    };
    let names = &walk.plan.names;
    let index = walk.plan.target_slot.1;
    let (role, word, text) = match ending {
        Ending::Done => (
            Role::StepDone,
            "DONE",
            format!("{} is on {}, index {index}", names.eni, names.target),
        ),
        Ending::PutBack => (
            Role::Warning,
            "PUT BACK",
            format!("{} is on {} again", names.eni, names.source),
        ),
        Ending::Aborted => (
            Role::Warning,
            "ABORTED",
            format!("nothing has moved: {} is where it was", names.eni),
        ),
        Ending::Refused(why) => (Role::Error, "REFUSED", format!("nothing has moved. {why}")),
        Ending::ForeignChange(why) => (Role::Error, "SOMEBODY ELSE", why.clone()),
        Ending::IdentityLost(why) => (Role::Error, "IDENTITY LOST", why.clone()),
        Ending::NeedsPerson(why) => (Role::Error, "NEEDS A PERSON", why.clone()),
    };
    let mut rows = headline(pen, status, (role, word, &text), width);
    rows.push(Row::default());
    let moved = matches!(ending, Ending::Done | Ending::PutBack);
    if moved {
        let identity = &walk.plan.identity;
        let mut list: Vec<String> = vec![identity.addresses().collect::<Vec<_>>().join(" ")];
        list.extend(identity.elastic_ips().map(|ip| format!("EIP {ip}")));
        list.extend(identity.value("MacAddress").map(|mac| format!("MAC {mac}")));
        list.extend(identity.value("Groups").map(ToOwned::to_owned));
        list.push(count(identity.tags(), "tag"));
        let word = if *ending == Ending::Done {
            "moved"
        } else {
            "back"
        };
        rows.extend(self::list(pen, word, &list, width));
        rows.extend(fresh(pen, model, walk, status, width));
    }
    if let Some(phases) = phases(model, status) {
        rows.extend(list(pen, "outage", &phases, width));
    }
    if moved && let Some(strip) = model.strips.first() {
        rows.extend(service(pen, model, strip, width));
    }
    if moved {
        let text = "DNS, TTLs, firewall rules, partner allowlists";
        rows.extend(item(pen, "not touched", text, width));
    }
    if let Some(next) = next(model, walk, ending) {
        rows.push(Row::default());
        rows.extend(item(pen, "next", &next, width));
    }
    if !status.notes.is_empty() {
        rows.push(Row::default());
        for (at, note) in &status.notes {
            rows.extend(item(pen, &at.clock(), note, width));
        }
    }
    rows
}

fn headline(
    pen: Pen,
    status: &Status,
    (role, word, text): (Role, &str, &str),
    width: usize,
) -> Vec<Row> {
    let away = away(status).map(|d| format!("address away {} ", about(d)));
    let right = pen.row(Role::Title, away.unwrap_or_default());
    let left = pen.rows([(role, &format!(" {word}  ")), (Role::Title, text)]);
    if left.width() + right.width() < width {
        return vec![spread(left, right, width)];
    }
    let mut rows = vec![spread(pen.row(role, format!(" {word}")), right, width)];
    rows.extend(pen.wrapped(Role::Title, text, width, " "));
    rows
}

/// As [`item`], of parts that are not broken inside.
fn list(pen: Pen, label: &str, parts: &[String], width: usize) -> Vec<Row> {
    let whole: Vec<String> = parts.iter().map(|p| p.replace(' ', "\u{a0}")).collect();
    item(pen, label, &whole.join(" · "), width)
}

/// ` label        text`, wrapped under itself.
fn item(pen: Pen, label: &str, text: &str, width: usize) -> Vec<Row> {
    const COLUMN: usize = 13;
    let lines = wrap(text, width.saturating_sub(COLUMN + 2).max(10));
    lines
        .into_iter()
        .enumerate()
        .map(|(n, line)| {
            let label = if n == 0 { label } else { "" };
            pen.rows([
                (Role::Muted, &format!(" {label:<COLUMN$}")),
                (Role::Text, &line.replace('\u{a0}', " ")),
            ])
        })
        .collect()
}

/// Whether the client is answered now, and by whom: done for EC2 is not yet done for the guest.
fn service(pen: Pen, model: &Model, strip: &Strip, width: usize) -> Vec<Row> {
    match strip.samples.back().map(|s| &s.reply) {
        None => Vec::new(),
        Some(Reply::Answered(by)) => {
            let name = instance_called(&model.world, by);
            let outage = strip.outage().map(|o| about(o.span(model.now)));
            let after = outage.map_or(String::new(), |d| format!(", after {d} without an answer"));
            item(
                pen,
                "service",
                &format!("answers from {name}{after}"),
                width,
            )
        }
        Some(Reply::Lost(why)) => {
            let text = format!("service      DOES NOT ANSWER YET: {why}");
            pen.wrapped(Role::Error, &text, width, " ")
        }
    }
}

/// What is new: attachment, index, time.
fn fresh(pen: Pen, model: &Model, walk: &Walk, status: &Status, width: usize) -> Vec<Row> {
    let eni = model.world.eni(&walk.plan.intent.eni);
    let attachment = eni.and_then(|e| e.attachment.as_ref());
    let mut list = Vec::new();
    let id = status
        .attachment_id
        .as_ref()
        .or(attachment.map(|a| &a.attachment_id));
    list.extend(id.map(|id| format!("attachment {id}")));
    list.extend(attachment.map(|a| format!("device index {}", a.device_index)));
    let at = attachment.and_then(|a| a.attach_time);
    list.extend(at.map(|at| format!("attached {}", at.clock())));
    if list.is_empty() {
        return Vec::new();
    }
    self::list(pen, "new", &list, width)
}

/// How long the address was away as far as EC2 is concerned: from the detach to the attachment.
/// What clients saw is told beside it.
fn away(status: &Status) -> Option<Duration> {
    let began = at(status, StepKind::Detach)?.0;
    let ended = at(status, StepKind::WaitAttached)?.1;
    Some(ended.since(began))
}

type Span = (crate::ec2::time::Time, crate::ec2::time::Time);

/// Beginning and end of a step that was done, on the way there.
fn at(status: &Status, kind: StepKind) -> Option<Span> {
    let index = status.plan.steps.iter().position(|s| s.kind == kind)?;
    let step = status.steps.get(index)?;
    (step.state == StepState::Done).then_some((step.began?, step.ended?))
}

/// `detach 2.9 s · unattached 0.3 s · attach 1.4 s · guest 0.2 s`
fn phases(model: &Model, status: &Status) -> Option<Vec<String>> {
    let detach = at(status, StepKind::Detach)?.0;
    let available = at(status, StepKind::WaitAvailable)?.1;
    let mut list = vec![format!("detach {}", about(available.since(detach)))];
    if let (Some(attach), Some(attached)) = (
        at(status, StepKind::Attach),
        at(status, StepKind::WaitAttached),
    ) {
        list.push(format!("unattached {}", about(attach.0.since(available))));
        list.push(format!("attach {}", about(attached.1.since(attach.0))));
        let good = model.strips.first().and_then(|s| s.outage());
        let good = good.and_then(|o| o.first_good).filter(|g| *g >= attached.1);
        list.extend(good.map(|g| format!("guest {}", about(g.since(attached.1)))));
    }
    Some(list)
}

/// What to do now.
fn next(model: &Model, walk: &Walk, ending: &Ending) -> Option<String> {
    let names = &walk.plan.names;
    match ending {
        Ending::Done => {
            let source = walk.plan.source.as_ref()?;
            let source = model.world.instance(source)?;
            (source.state == InstanceState::Running).then(|| {
                format!(
                    "stop {} before it wakes: it no longer has the address, but may still write to what it shares",
                    names.source
                )
            })
        }
        Ending::PutBack => Some(format!(
            "find out why {} could not take it, then plan again",
            names.target
        )),
        _ => None,
    }
}
