//! A plan in words and as JSON, before anything happens.

use serde_json::{Value, json};

use super::args::MoveArgs;
use super::failure::{Exit, Failure};
use super::find::{find_eni, find_instance};
use super::json::{object, sky, value};
use super::load::Loaded;
use super::resolve::Source;
use super::table::aligned;
use crate::ec2::call::{Call, quoted};
use crate::ec2::id::InstanceId;
use crate::failover::mechanism::Mechanism;
use crate::failover::mechanism::offer::{Offer, offers};
use crate::failover::plan::{Intent, Level, Plan, Planned, Step, plan};

/// Plans the movement in the world that was loaded. Names and addresses become ids here.
pub fn planned(loaded: &Loaded, movement: &MoveArgs) -> Result<Planned, Failure> {
    let world = &loaded.world;
    let source = match &movement.from {
        Some(from) => Some(find_instance(world, from)?.id.clone()),
        None => None,
    };
    let intent = Intent {
        source,
        device_index: movement.index,
        mechanism: movement.mechanism,
        only: movement.only.iter().map(|w| w.as_str().into()).collect(),
        receiver: match &movement.receiver {
            Some(receiver) => Some(find_eni(world, receiver)?.id.clone()),
            None => None,
        },
        accepted: movement.accept.clone(),
        fence: movement.fence.as_deref().map(InstanceId::from),
        fallback: movement.or_to.as_deref().map(InstanceId::from),
        ..Intent::new(
            find_eni(world, &movement.eni)?.id.clone(),
            find_instance(world, &movement.to)?.id.clone(),
        )
    };
    planned_for(loaded, &intent)
}

/// Plans an intent in the world that was loaded.
pub fn planned_for(loaded: &Loaded, intent: &Intent) -> Result<Planned, Failure> {
    let world = &loaded.world;
    if intent.source.as_ref() == Some(&intent.target) {
        return Err(Failure::usage(
            format!("--from and --to are both {}", intent.target),
            "Name another instance with --to",
        ));
    }
    let holder = world.eni(&intent.eni).and_then(|eni| eni.instance_id());
    let moved = intent.source.is_some() && intent.source.as_ref() != holder;
    plan(world, intent, &loaded.sky, loaded.now).map_err(|reason| {
        let ways = offers(world, intent, &loaded.sky, loaded.now);
        let failure = Failure::usage(reason.what, reason.remedy).details(other_ways(&ways));
        match reason.code {
            // Not where --from says: somebody else was faster.
            _ if moved => failure.exit(Exit::ForeignChange),
            // EC2 itself would refuse: that is a blocked preflight, not a mistyped command.
            Some(code) => failure.code(code).exit(Exit::Blocked),
            None => failure,
        }
    })
}

/// `db-service (eni-…)`, or the id alone where there is no other name.
fn named(name: &str, id: &str) -> String {
    if name.is_empty() || name == id {
        id.to_owned()
    } else {
        format!("{name} ({id})")
    }
}

/// From where to where, on one line.
pub fn heading(plan: &Plan) -> String {
    let eni = named(&plan.names.eni, plan.intent.eni.as_str());
    let target = named(&plan.names.target, plan.intent.target.as_str());
    let (card, index) = plan.target_slot;
    let from = match &plan.source {
        Some(source) => format!("from {}", named(&plan.names.source, source.as_str())),
        None => "attached to nothing,".to_owned(),
    };
    if !plan.handovers.is_empty() {
        let goods: Vec<_> = plan.goods().map(ToString::to_string).collect();
        return format!("{} of {eni} {from} to {target}", goods.join(" "));
    }
    format!("{eni} {from} to {target}, card {card} index {index}")
}

/// What can be done instead, one line a way that fits; nothing if none does.
pub fn other_ways(offers: &[Offer]) -> Vec<String> {
    offers
        .iter()
        .filter(|offer| offer.fits())
        .map(|offer| {
            format!(
                "--mechanism {} would carry {} ({}); stays behind: {}",
                offer.mechanism,
                offer.what.join(" "),
                offer.mechanism.carries(),
                offer.mechanism.leaves()
            )
        })
        .collect()
}

/// An error if something is accepted that no check of the preflight is called.
pub fn known_accepted(plan: &Plan) -> Result<(), Failure> {
    match plan.unknown_accepted().first() {
        None => Ok(()),
        Some(id) => Err(unknown_accepted(id)),
    }
}

/// Nothing is called so.
pub(super) fn unknown_accepted(id: &str) -> Failure {
    Failure::usage(
        format!("--accept {id}: no check of this preflight has that id"),
        "Without --confirm it prints every check that does not pass; `enipilot plan` prints all",
    )
}

/// Every way from the plan's interface to its target.
pub fn offers_of(plan: &Plan, loaded: &Loaded) -> Vec<Offer> {
    offers(&loaded.world, &plan.intent, &loaded.sky, loaded.now)
}

/// The plan as text.
pub fn lines(plan: &Plan, offers: &[Offer], source: &Source) -> Vec<String> {
    let account = if plan.sky.account.is_empty() {
        "unknown"
    } else {
        &plan.sky.account
    };
    let mut lines = vec![
        format!(
            "{}  {}  account {account}",
            plan.sky.badge(),
            plan.sky.region
        ),
        format!("move {}", heading(plan)),
        String::new(),
    ];
    lines.extend(preflight_lines(plan));
    lines.push(String::new());
    lines.push("steps".to_owned());
    let mut told = Vec::new();
    for (n, step) in plan.steps.iter().enumerate() {
        let changes = forecast_lines(step);
        // A wait predicts what its call does: once is enough.
        let news = if changes == told { &[][..] } else { &changes };
        lines.extend(step_lines(n + 1, step, news));
        told = changes;
    }
    lines.push(String::new());
    if plan.is_blocked() {
        lines.push("BLOCKED: nothing can be done before every block above is gone".to_owned());
        let ways = other_ways(offers);
        if !ways.is_empty() {
            lines.push("what can be done instead:".to_owned());
            lines.extend(ways.iter().map(|way| format!("  {way}")));
        }
    } else {
        let eni = &plan.intent.eni;
        let from = plan.source.as_ref().map(|s| format!("--from {s} "));
        let from = from.unwrap_or_default();
        let live = matches!(source, Source::Live(_));
        let mut writes = if live { " --allow-writes" } else { "" }.to_owned();
        if let Source::Live(live) = source
            && let Some(service) = live.probe
        {
            writes.push_str(&format!(" --probe {service}"));
        }
        lines.push(format!(
            "to do it: enipilot failover {eni} --to {} {from}{}--confirm {eni} {}{writes}",
            plan.intent.target,
            options(&plan.intent),
            source.flags()
        ));
    }
    lines
}

/// What the intent asks for beyond its two ends, as flags.
fn options(intent: &Intent) -> String {
    let mut flags = String::new();
    let mut flag =
        |name: &str, value: &str| flags.push_str(&format!("--{name} {} ", quoted(value)));
    if let Some(index) = intent.device_index {
        flag("index", &index.to_string());
    }
    if intent.mechanism != Mechanism::Interface {
        flag("mechanism", intent.mechanism.word());
    }
    intent.only.iter().for_each(|what| flag("only", what));
    if let Some(receiver) = &intent.receiver {
        flag("receiver", receiver.as_str());
    }
    if let Some(fence) = &intent.fence {
        flag("fence", fence.as_str());
    }
    if let Some(fallback) = &intent.fallback {
        flag("or-to", fallback.as_str());
    }
    intent.accepted.iter().for_each(|id| flag("accept", id));
    flags
}

pub(super) fn preflight_lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!(
        "preflight: {} pass, {} warn, {} block",
        plan.count(Level::Pass),
        plan.count(Level::Warn),
        plan.count(Level::Block)
    )];
    let rows: Vec<Vec<String>> = plan
        .preflight
        .iter()
        .flat_map(|check| {
            let code = check.code.as_ref().map(|c| format!(" ({c})"));
            let finding = format!("{}{}", check.finding, code.unwrap_or_default());
            let first = vec![
                format!("  {}", word(check.level)),
                check.id.clone(),
                finding,
            ];
            let remedy = vec![
                String::new(),
                String::new(),
                format!("do: {}", check.remedy),
            ];
            let accept = vec![
                String::new(),
                String::new(),
                format!("or: --accept {}", check.id),
            ];
            let needs = check.level != Level::Pass && !check.remedy.is_empty();
            let may = check.level == Level::Block && check.acceptable;
            std::iter::once(first)
                .chain(needs.then_some(remedy))
                .chain(may.then_some(accept))
        })
        .collect();
    lines.extend(aligned(&rows));
    lines
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "pass",
        Level::Warn => "WARN",
        Level::Block => "BLOCK",
    }
}

pub(super) fn forecast_lines(step: &Step) -> Vec<String> {
    step.rows
        .iter()
        .filter(|row| row.before != row.forecast)
        .map(|row| format!("{}: {} -> {}", row.label, row.before, row.forecast))
        .collect()
}

fn step_lines(number: usize, step: &Step, forecast: &[String]) -> Vec<String> {
    let mut lines = vec![format!("  {number} {}  {}", step.title, step.detail)];
    let mut rows = Vec::new();
    let mut row = |label: &str, text: String| rows.push(vec![format!("      {label}"), text]);
    if let Some(why) = &step.nothing_to_do {
        let why = if why == "nothing to do" { "" } else { why };
        row("nothing to do", why.to_owned());
    } else if let Some(call) = &step.call {
        row("call", call.line());
        row("aws CLI", call.aws_cli());
    }
    if !step.expects.is_empty() {
        row("takes", step.expects.clone());
    }
    for change in forecast {
        row("forecast", change.clone());
    }
    if !step.undo.is_empty() && step.nothing_to_do.is_none() {
        row("undo", step.undo.clone());
    }
    lines.extend(aligned(&rows));
    lines
}

/// The plan as one object.
pub fn json(plan: &Plan, offers: &[Offer]) -> Value {
    object(json!({
        "Sky": sky(&plan.sky),
        "MadeAt": plan.made_at,
        "NetworkInterfaceId": plan.intent.eni,
        "SourceInstanceId": plan.source,
        "TargetInstanceId": plan.intent.target,
        "Mechanism": plan.intent.mechanism,
        "Mechanisms": offers.iter().map(|offer| json!({
            "Mechanism": offer.mechanism,
            "Fits": offer.fits(),
            "WhyNot": offer.why_not,
            "What": offer.what,
            "Calls": offer.calls,
            "Carries": offer.mechanism.carries(),
            "Leaves": offer.mechanism.leaves(),
        })).collect::<Vec<_>>(),
        "AttachmentId": plan.attachment_id,
        "NetworkCardIndex": plan.target_slot.0,
        "DeviceIndex": plan.target_slot.1,
        "Alternatives": plan.alternatives.iter().map(|other| json!({
            "InstanceId": other.instance,
            "Name": other.name,
            "NetworkCardIndex": other.slot.0,
            "DeviceIndex": other.slot.1,
            "Why": other.why,
        })).collect::<Vec<_>>(),
        "Blocked": plan.is_blocked(),
        "Preflight": plan.preflight.iter().map(|check| json!({
            "Id": check.id,
            "Level": check.level,
            "Finding": check.finding,
            "Remedy": check.remedy,
            "Code": check.code,
            "Acceptable": check.acceptable,
        })).collect::<Vec<_>>(),
        "Steps": plan.steps.iter().map(step_json).collect::<Vec<_>>(),
        "Calls": plan.calls().map(call_json).collect::<Vec<_>>(),
    }))
}

fn step_json(step: &Step) -> Value {
    json!({
        "Kind": step.kind,
        "Title": step.title,
        "Detail": step.detail,
        "Expects": step.expects,
        "NothingToDo": step.nothing_to_do,
        "Call": step.call.as_ref().map(call_json),
        "Undo": step.undo,
        "Forecast": step.rows.iter().map(|row| json!({
            "Fact": row.label, "Before": row.before, "After": row.forecast,
        })).collect::<Vec<_>>(),
    })
}

/// Action and parameters as data, and the two lines that a person would copy.
pub fn call_json(call: &Call) -> Value {
    let mut out = value(call);
    if let Value::Object(members) = &mut out {
        members.insert("Line".to_owned(), json!(call.line()));
        members.insert("AwsCli".to_owned(), json!(call.aws_cli()));
    }
    out
}
