//! The end of an operation in words: to be copied, written to a file, or read as an explanation.
//!
//! Invariants: says only what the engine, EC2 and the clients have answered; every identifier in
//! full; text from outside is harmless. The first line alone is a message for an incident channel.

use std::time::Duration;

use crate::ec2::sample::Strip;
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::failover::plan::{Plan, StepKind};
use crate::failover::status::{Ending, Status};

/// What a failover never touches.
const NOT_TOUCHED: &str = "DNS records and their TTLs, firewall rules, partners' allowlists";

/// Why an Elastic IP needs no call of its own (EC2 User Guide, "Elastic IP addresses").
const ELASTIC_IP: &str = "The Elastic IP stayed associated throughout: it belongs to a private \
                          address of the interface, not to the instance.";

/// The summary, a few lines.
pub fn summary(status: &Status, strips: &[Strip], now: Time) -> Vec<String> {
    let plan = &status.plan;
    let mut lines = vec![headline(status)];
    if let (Some(began), Some(ended)) = (status.began, status.ended) {
        lines.push(format!(
            "time: {} from the first call ({}) to the end ({})",
            seconds(ended.since(began)),
            began,
            ended
        ));
    }
    lines.extend(outages(strips, status.began, now));
    let timings: Vec<String> = (0..status.steps.len())
        .filter_map(|n| timing(status, n))
        .collect();
    if !timings.is_empty() {
        lines.push(format!("steps: {}", timings.join(" · ")));
    }
    if matches!(status.ending, Some(Ending::Done | Ending::PutBack)) {
        lines.push(format!("moved: {}", moved(plan)));
        if let Some(id) = &status.attachment_id {
            lines.push(format!("new: attachment {id}"));
        }
    }
    lines.push(format!("not touched: {NOT_TOUCHED}"));
    lines.extend(next(status).map(|next| format!("next: {next}")));
    safe(lines)
}

/// The report: the summary, what was planned, every call with its answer, every note.
pub fn report(status: &Status, strips: &[Strip], now: Time) -> String {
    let plan = &status.plan;
    let sky = &plan.sky;
    let mut lines = vec![
        format!("# Failover {}: {}", status.op, plan.names.eni),
        String::new(),
    ];
    lines.extend(
        summary(status, strips, now)
            .iter()
            .map(|l| format!("- {l}")),
    );
    lines.push(format!(
        "- where: {}, account {}, {}",
        sky.badge(),
        sky.account,
        sky.region
    ));
    let at = |slot: (u32, u32)| format!("card {} index {}", slot.0, slot.1);
    let source = match (&plan.source, plan.source_slot) {
        (Some(id), Some(slot)) => format!("{} ({id}, {})", plan.names.source, at(slot)),
        _ => "nowhere: it was unattached".to_owned(),
    };
    lines.push(format!(
        "- interface: {} ({})",
        plan.names.eni, plan.intent.eni
    ));
    lines.push(format!("- from: {source}"));
    lines.push(format!(
        "- to: {} ({}, {})",
        plan.names.target,
        plan.intent.target,
        at(plan.target_slot)
    ));
    if let Some(op) = &plan.undo_of {
        lines.push(format!("- takes back operation {op}"));
    }
    section(&mut lines, "Calls");
    for made in &status.calls {
        let answer = made.answer.as_deref().unwrap_or("no answer yet");
        let took = made.answered_in.map(|t| format!(" in {}", seconds(t)));
        let request = made.request_id.as_ref().map(|r| format!(", request {r}"));
        lines.push(format!(
            "- {} {}: {answer}{}{}",
            made.at,
            made.call.line(),
            took.unwrap_or_default(),
            request.unwrap_or_default()
        ));
    }
    section(&mut lines, "Identity before the move");
    for (field, value) in &plan.identity.fields {
        lines.push(format!("- {field}: {value}"));
    }
    if !status.notes.is_empty() {
        section(&mut lines, "Notes");
        lines.extend(
            status
                .notes
                .iter()
                .map(|(at, note)| format!("- {at} {note}")),
        );
    }
    let mut text = safe(lines).join("\n");
    text.push('\n');
    text
}

/// Why it worked, or why it did not: the rules behind this operation in plain words.
pub fn explanation(status: &Status) -> Vec<String> {
    let names = &status.plan.names;
    let (eni, source, target) = (&names.eni, &names.source, &names.target);
    let mut lines = vec![headline(status), String::new()];
    match &status.ending {
        Some(Ending::Done | Ending::PutBack) => lines.extend([
            format!("A network interface is a thing of its own: {eni} owns its addresses, MAC address, security groups and tags. An instance only holds it, by an attachment."),
            format!("Detaching ended the attachment. From then on nobody answered for {}, and any route to it was a blackhole; routes name the interface and become active again by themselves.", first_address(&status.plan)),
            "Attaching made a new attachment, with a new id, at a device index of the new instance. Clients kept the same address and the same MAC address; there was nothing to look up anew.".to_owned(),
            "Only a secondary interface can do this, and only within its Availability Zone: its subnet lives in one zone.".to_owned(),
        ]),
        Some(Ending::Aborted) => lines.push("It was stopped before the detach was submitted. Up to there nothing changes, so there is nothing to take back.".to_owned()),
        Some(Ending::Refused(why)) => lines.extend([
            format!("EC2 refused: {why}"),
            "A refused call changes nothing: the interface is where it was.".to_owned(),
        ]),
        Some(Ending::ForeignChange(why)) => lines.extend([
            format!("Somebody else changed the interface meanwhile: {why}"),
            "The plan names the attachment that it saw. When that is not there any more, going on could take the address away from whoever holds it rightly now.".to_owned(),
        ]),
        Some(Ending::IdentityLost(why)) => lines.extend([
            format!("What should have travelled with the interface is not what it was: {why}"),
            "An interface that was deleted, or has lost an address, cannot be made whole by attaching it again.".to_owned(),
        ]),
        Some(Ending::NeedsPerson(why)) => lines.push(why.clone()),
        None => {}
    }
    let has_elastic_ip = status.plan.identity.elastic_ips().next().is_some();
    if has_elastic_ip && matches!(status.ending, Some(Ending::Done | Ending::PutBack)) {
        lines.push(ELASTIC_IP.to_owned());
    }
    if status.ending == Some(Ending::Done) && status.plan.source.is_some() {
        lines.push(format!("{source} is not fenced by this. If it wakes up it has lost the address, but it may still write to what it shares with {target}."));
    }
    if !status.notes.is_empty() {
        lines.push(String::new());
        lines.extend(
            status
                .notes
                .iter()
                .map(|(at, note)| format!("{} {note}", at.clock())),
        );
    }
    safe(lines)
}

fn headline(status: &Status) -> String {
    let names = &status.plan.names;
    let (eni, id) = (&names.eni, &status.plan.intent.eni);
    match &status.ending {
        None => format!("RUNNING: {eni} ({id})"),
        Some(Ending::Done) => format!("DONE: {eni} ({id}) is on {}", names.target),
        Some(Ending::PutBack) => format!("PUT BACK: {eni} ({id}) is on {} again", names.source),
        Some(Ending::Aborted) => format!("ABORTED: {eni} ({id}) has not moved"),
        Some(Ending::Refused(why)) => format!("REFUSED: {eni} ({id}) has not moved: {why}"),
        Some(Ending::ForeignChange(why)) => {
            format!("HANDS OFF: {eni} ({id}) was changed by someone else: {why}")
        }
        Some(Ending::IdentityLost(why)) => format!("LOST: {eni} ({id}) is not what it was: {why}"),
        Some(Ending::NeedsPerson(why)) => format!("NEEDS A PERSON: {eni} ({id}): {why}"),
    }
}

fn outages(strips: &[Strip], began: Option<Time>, now: Time) -> Vec<String> {
    let line = |strip: &Strip| {
        let outage = strip.outage()?;
        // An outage that was over before the operation began is another story.
        if outage
            .first_good
            .is_some_and(|good| began.is_some_and(|b| good < b))
        {
            return None;
        }
        let span = seconds(outage.span(now));
        let how = if outage.first_good.is_some() {
            format!("unanswered for {span}, answers again")
        } else {
            format!("unanswered for {span} and still so")
        };
        let (client, target, lost) = (&strip.client, &strip.target, outage.lost);
        Some(format!(
            "{client} to {target}: {how} ({lost} requests lost)"
        ))
    };
    strips.iter().filter_map(line).collect()
}

fn timing(status: &Status, index: usize) -> Option<String> {
    let step = status.step(index)?;
    let state = status.steps.get(index)?;
    let took = state.ended?.since(state.began?);
    let what = match step.kind {
        StepKind::WaitAvailable => "until available",
        StepKind::WaitAttached => "until attached",
        _ => step.title.as_str(),
    };
    (took > Duration::ZERO).then(|| format!("{what} {}", seconds(took)))
}

fn moved(plan: &Plan) -> String {
    let named = |field: &str, label: &str| {
        let value = plan.identity.value(field)?;
        Some(format!("{label} {value}"))
    };
    let mut parts: Vec<String> = plan.identity.addresses().map(ToOwned::to_owned).collect();
    parts.extend(plan.identity.elastic_ips().map(|ip| format!("EIP {ip}")));
    parts.extend(named("MacAddress", "MAC"));
    parts.extend(named("Groups", "groups"));
    parts.push(format!("{} tags", plan.identity.tags()));
    parts.join(" · ")
}

fn first_address(plan: &Plan) -> String {
    let first = plan.identity.addresses().next();
    first.unwrap_or("its address").to_owned()
}

fn next(status: &Status) -> Option<String> {
    let source = &status.plan.names.source;
    match &status.ending {
        Some(Ending::Done) if status.plan.source.is_some() => Some(format!(
            "stop {source} before it wakes up: it may still write"
        )),
        Some(Ending::ForeignChange(_) | Ending::NeedsPerson(_) | Ending::IdentityLost(_)) => {
            Some("look at the interface and at both instances before anything else".to_owned())
        }
        _ => None,
    }
}

fn section(lines: &mut Vec<String>, title: &str) {
    lines.extend([String::new(), format!("## {title}"), String::new()]);
}

fn safe(lines: Vec<String>) -> Vec<String> {
    lines.iter().map(|l| shown(l).into_owned()).collect()
}

fn seconds(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}
