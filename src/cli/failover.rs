//! A failover without a screen: progress on stderr, the result on stdout, the ending as exit code.
//!
//! Invariants: the consent is the interface's full id, checked before this is reached; a closed
//! pipe never ends an operation under way; nothing is asked.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::json::{VERSION, line, sky};
use super::load::{Behind, Loaded};
use super::out::Out;
use super::plan::{call_json, heading, other_ways};
use super::progress::{Progress, ending_words, said, seconds, took};
use super::resolve::{Flight, Source};
use crate::ec2::sample::{Reply, Strip};
use crate::ec2::shown::shown;
use crate::failover::engine::Consent;
use crate::failover::mechanism::offer::Offer;
use crate::failover::outage::measured;
use crate::failover::plan::{Check, Level, Plan};
use crate::failover::sky::Kind;
use crate::failover::status::{Ending, Status};
use crate::runtime::headless::{Flown, fly_sim};
use crate::runtime::launch::Refusal;

/// The preflight says no: every block with its remedy.
pub fn blocked(plan: &Plan, offers: &[Offer], source: &Source) -> Failure {
    let mut failure = blocked_checks(
        &plan.preflight,
        format!("{} cannot go to {}", plan.intent.eni, plan.intent.target),
        format!(
            "Nothing was done; `enipilot plan {} --to {} {}` shows the whole preflight",
            plan.intent.eni,
            plan.intent.target,
            source.flags()
        ),
    );
    failure.details.extend(other_ways(offers));
    failure
}

/// Every block of a preflight with its remedy.
pub(super) fn blocked_checks(checks: &[Check], what: String, remedy: String) -> Failure {
    let blocks = checks.iter().filter(|c| c.level == Level::Block);
    let details = blocks.clone().map(check_line);
    let mut failure = Failure::usage(what, remedy)
        .details(details.collect())
        .exit(Exit::Blocked);
    failure.code = blocks.clone().find_map(|check| check.code.clone());
    failure
}

/// A check on one line, with what can be accepted.
pub(super) fn check_line(check: &Check) -> String {
    let may = check.level == Level::Block && check.acceptable;
    let accept = may.then(|| format!("Or --accept {}.", check.id));
    format!("{}: {}", check.id, check.said(&accept.unwrap_or_default()))
}

/// Flies it and tells how it went.
pub fn run(
    loaded: Loaded,
    plan: Plan,
    flight: &Flight,
    state_dir: Option<&Path>,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let consent = Consent {
        typed: flight.confirm.clone(),
        how: "--confirm",
    };
    fly(loaded, plan, consent, flight.timeout, state_dir, out)
}

/// Flies a plan that was agreed to.
pub(super) fn fly(
    loaded: Loaded,
    plan: Plan,
    consent: Consent,
    timeout: Option<Duration>,
    state_dir: Option<&Path>,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let plan = Arc::new(plan);
    let mut telling = Telling::new(out.json);
    telling.lines(&[format!("move {}", heading(&plan))]);
    let mut tell = |status: &Status| telling.status(status);
    let flown = match loaded.behind {
        Behind::Sim(mut sim) => fly_sim(&mut sim, plan, consent, timeout, &mut tell),
        Behind::Live(live) => live
            .fly(plan, consent, timeout, state_dir, &mut tell)
            .map_err(refused)?,
    };
    telling.result(&flown, out);
    Ok(Exit::Engine(flown.ending.exit_code()))
}

/// Tells how an operation goes: lines on stderr; with `--json` also events on stdout, one object a
/// line, each with `version` and `event`, the last one `result`. Nobody may be listening; the
/// operation goes on all the same.
pub(super) struct Telling {
    progress: Progress,
    json: bool,
}

impl Telling {
    /// Nothing told yet.
    pub(super) fn new(json: bool) -> Self {
        Self {
            progress: Progress::default(),
            json,
        }
    }

    /// For an operation that is taken up again, whose journal held so many notes: what was done before
    /// is no news.
    pub(super) fn again(json: bool, notes: usize) -> Self {
        Self {
            progress: Progress::again(notes),
            json,
        }
    }

    /// Lines for a person.
    pub(super) fn lines(&mut self, lines: &[String]) {
        for line in lines {
            let _ = writeln!(io::stderr(), "{}", shown(line));
        }
    }

    /// What is new in the engine's picture.
    pub(super) fn status(&mut self, status: &Status) {
        for event in self.progress.news(status) {
            self.lines(std::slice::from_ref(&event.text));
            if let Some(json) = event.json.filter(|_| self.json) {
                // At once: whoever reads events acts on them.
                let _ = writeln!(io::stdout(), "{}", event_line(&json));
            }
        }
    }

    /// How it ended.
    pub(super) fn result(&self, flown: &Flown, out: &mut Out) {
        if self.json {
            out.raw(&format!("{}\n", event_line(&result_json(flown))));
        } else {
            out.lines(&result_lines(flown));
        }
    }
}

/// An event on one line; a result names itself.
pub(super) fn event_line(event: &Value) -> String {
    let mut members = serde_json::Map::new();
    members.insert("version".to_owned(), json!(VERSION));
    members.insert("event".to_owned(), json!("result"));
    if let Value::Object(event) = event {
        members.extend(event.clone());
    }
    line(&Value::Object(members))
}

/// Nothing has happened: no leave, another account, a lock, no journal.
pub(super) fn refused(refusal: Refusal) -> Failure {
    let exit = Exit::Engine(refusal.exit_code());
    match refusal {
        Refusal::Endpoint(failure) => failure.into(),
        other => Failure::usage(other.to_string(), "Nothing was done").exit(exit),
    }
}

fn result_lines(flown: &Flown) -> Vec<String> {
    let Flown { ending, status, .. } = flown;
    let plan = &status.plan;
    let eni = &plan.intent.eni;
    let span = took(status, status.ended.unwrap_or_default());
    let in_all = span
        .map(|t| format!(", {} in all", said(t)))
        .unwrap_or_default();
    let (word, text) = ending_words(ending);
    if *ending != Ending::Done {
        let mut lines = vec![format!("{}: {eni}: {text}", word.to_uppercase())];
        lines.extend(outages(flown));
        return lines;
    }
    if !plan.handovers.is_empty() {
        let goods: Vec<_> = plan.goods().map(ToString::to_string).collect();
        let what = goods.join(" ");
        let to = &plan.intent.target;
        let mut lines = vec![format!("DONE: {what} of {eni} on {to}, verified{in_all}")];
        lines.extend(outages(flown));
        return lines;
    }
    let attachment = status.attachment_id.as_ref();
    let attachment = attachment.map(|id| format!(" as {id}")).unwrap_or_default();
    let (card, index) = status.slot(false).unwrap_or(plan.target_slot);
    let mut lines = vec![format!(
        "DONE: {eni} is on {}{attachment}, card {card} index {index}, verified{in_all}",
        plan.intent.target
    )];
    lines.extend(outages(flown));
    lines
}

/// What clients went without, whether they are answered now, and where the journal is. Attached in
/// EC2 and answering are two facts.
fn outages(flown: &Flown) -> Vec<String> {
    let mut lines = Vec::new();
    for strip in &flown.strips {
        if let Some(measured) = measured(&flown.status, strip, flown.at) {
            lines.push(format!("measured: {}", measured.text()));
        }
        lines.extend(answering(strip));
    }
    if flown.strips.is_empty() && flown.status.plan.sky.kind == Kind::Live {
        lines.push("answering: not asked; --probe ADDRESS:PORT asks the service".to_owned());
    }
    lines.extend(
        flown
            .journal
            .iter()
            .map(|path| format!("journal {}", path.display())),
    );
    lines
}

/// What the newest request says of the service.
fn answering(strip: &Strip) -> Option<String> {
    let (target, client) = (&strip.target, &strip.client);
    Some(match &strip.samples.back()?.reply {
        Reply::Answered(by) => format!("answering: {target} answers {client}, from {by}"),
        Reply::Reached(how) => format!("answering: {target} from {client}: {how}"),
        Reply::Lost(why) => format!("NOT ANSWERING: {target} from {client}: {why}"),
    })
}

fn client_json(flown: &Flown, strip: &Strip) -> Value {
    let measured = measured(&flown.status, strip, flown.at);
    let newest = strip.samples.back();
    json!({
        "Client": strip.client,
        "Target": strip.target,
        "OutageSeconds": measured.as_ref().map(|m| seconds(m.span)),
        "RequestsLost": measured.as_ref().map(|m| m.lost),
        "Answered": newest.is_none_or(|s| !s.reply.is_lost()),
        "Measured": measured,
    })
}

fn result_json(flown: &Flown) -> Value {
    let Flown { ending, status, .. } = flown;
    let plan = &status.plan;
    let span = took(status, status.ended.unwrap_or_default());
    let (word, text) = ending_words(ending);
    let slot = status.slot(false).unwrap_or(plan.target_slot);
    let attached = matches!(ending, Ending::Done | Ending::PutBack) && plan.handovers.is_empty();
    let newest = flown.strips.first().and_then(|strip| strip.samples.back());
    let calls = status.calls.iter().map(|made| {
        json!({
            "At": made.at,
            "Call": call_json(&made.call),
            "Answer": made.answer,
            "Seconds": made.answered_in.map(seconds),
            "RequestId": made.request_id,
        })
    });
    json!({
        "changed": *ending == Ending::Done,
        "Operation": status.op,
        "Ending": word,
        "Message": text,
        "Sky": sky(&plan.sky),
        "NetworkInterfaceId": plan.intent.eni,
        "SourceInstanceId": plan.source,
        "TargetInstanceId": plan.intent.target,
        "Mechanism": plan.intent.mechanism,
        "Goods": plan.goods().map(ToString::to_string).collect::<Vec<_>>(),
        "AttachmentId": status.attachment_id,
        "NetworkCardIndex": slot.0,
        "DeviceIndex": slot.1,
        "Began": status.began,
        "Ended": status.ended,
        "Seconds": span.map(seconds),
        "Calls": calls.collect::<Vec<_>>(),
        "AttachedInEc2": attached.then_some(true),
        "Answering": newest.map(|sample| !sample.reply.is_lost()),
        "Clients": flown.strips.iter().map(|s| client_json(flown, s)).collect::<Vec<_>>(),
        "Journal": flown.journal,
        "Notes": status.notes.iter().map(|(_, note)| note).collect::<Vec<_>>(),
    })
}
