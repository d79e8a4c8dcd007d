//! The steps of a plan, and of the way back, with what each is predicted to change.
//!
//! Invariants: each step's forecast begins where the one before ends; a call and the wait for it
//! predict the same settled world, because EC2 may be done before anybody has looked.

use super::preflight::name;
use super::{Plan, Step, StepKind};
use crate::ec2::call::{Attach, Call, Detach, Modify};
use crate::ec2::eni::{Attachment, Eni};
use crate::ec2::id::InstanceId;
use crate::ec2::resource::Instance;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::facts::{Mark, Row, Scope, rows};
use crate::failover::identity::Identity;
use crate::failover::mechanism::Mechanism;
use crate::failover::mechanism::good::Handover;
use crate::rules::effect::forecast;

/// Known durations of a detach, with their source.
const DETACH_TAKES: &str = "2-3 s often (aws/amazon-vpc-cni-k8s#608), 20-60 s reported";
/// Known durations of an attach, with their source.
const ATTACH_TAKES: &str =
    "up to 5 s often (cilium/cilium#16494), over 3 min reported (aws/amazon-ecs-agent#1520)";

/// What is moved, and where.
pub(super) struct Move<'a> {
    pub world: &'a World,
    pub eni: &'a Eni,
    pub source: Option<&'a Instance>,
    pub target: &'a Instance,
    pub call: &'a Attach,
    pub scope: &'a Scope,
    pub identity: &'a Identity,
    pub now: Time,
}

/// The steps, in order.
pub(super) fn steps(m: &Move<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut world = m.world.clone();
    if let Some(attachment) = &m.eni.attachment {
        let protect = Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: m.eni.id.clone(),
            delete_on_termination: Some((attachment.attachment_id.clone(), false)),
            ..Modify::default()
        });
        let (_, safe) = forecast(&world, &protect, m.now);
        steps.push(protect_step(
            m,
            attachment,
            protect,
            rows(&world, &safe, m.scope),
        ));
        world = safe;
        let detach = Call::DetachNetworkInterface(Detach {
            attachment_id: attachment.attachment_id.clone(),
            force: false,
        });
        let (_, free) = forecast(&world, &detach, m.now);
        let predicted = rows(&world, &free, m.scope);
        let from = source_name(m, attachment);
        steps.push(Step {
            kind: StepKind::Detach,
            title: "detach".to_owned(),
            detail: format!(
                "{} from {from}, card {} index {}",
                attachment.attachment_id, attachment.network_card_index, attachment.device_index
            ),
            expects: String::new(),
            call: Some(detach),
            nothing_to_do: None,
            undo: format!(
                "attach to {from} again, card {} index {}",
                attachment.network_card_index, attachment.device_index
            ),
            rows: predicted.clone(),
        });
        steps.push(Step {
            kind: StepKind::WaitAvailable,
            title: "wait".to_owned(),
            detail: "until EC2 says available".to_owned(),
            expects: DETACH_TAKES.to_owned(),
            call: None,
            nothing_to_do: None,
            undo: "finish, or put back once it is available".to_owned(),
            rows: predicted,
        });
        world = free;
    }
    let called = name(m.target);
    let attach = Call::AttachNetworkInterface(m.call.clone());
    let (_, there) = forecast(&world, &attach, m.now);
    steps.extend(arrival(
        &called,
        m.call.clone(),
        rows(&world, &there, m.scope),
        rows(m.world, &there, m.scope),
        m.identity,
    ));
    steps
}

fn source_name(m: &Move<'_>, attachment: &Attachment) -> String {
    let id = attachment.instance_id.as_ref();
    m.source
        .map(name)
        .unwrap_or_else(|| id.map_or_else(|| "a service".to_owned(), ToString::to_string))
}

fn protect_step(m: &Move<'_>, attachment: &Attachment, call: Call, rows: Vec<Row>) -> Step {
    let on = attachment.delete_on_termination;
    Step {
        kind: StepKind::Protect,
        title: "protect".to_owned(),
        detail: if on {
            format!(
                "DeleteOnTermination off, so that terminating {} loses nothing",
                source_name(m, attachment)
            )
        } else {
            "DeleteOnTermination is off already".to_owned()
        },
        expects: String::new(),
        call: Some(call),
        nothing_to_do: (!on).then(|| "nothing to do".to_owned()),
        undo: "turn DeleteOnTermination on again".to_owned(),
        rows,
    }
}

/// Attach, wait, verify: the same to the target and back to the source.
pub(in crate::failover) fn arrival(
    called: &str,
    attach: Attach,
    arriving: Vec<Row>,
    overall: Vec<Row>,
    identity: &Identity,
) -> Vec<Step> {
    let slot = (attach.network_card_index, attach.device_index);
    let count = |prefix: &str| {
        let found = overall.iter().filter(|r| r.label.starts_with(prefix));
        found.count()
    };
    let mut verify = format!("{} fields unchanged", identity.fields.len());
    match count(crate::failover::facts::ROUTE) {
        0 => {}
        1 => verify.push_str(", 1 route active"),
        n => verify.push_str(&format!(", {n} routes active")),
    }
    if count(crate::failover::facts::EIP) > 0 {
        verify.push_str(", EIP here");
    }
    vec![
        Step {
            kind: StepKind::Attach,
            title: "attach".to_owned(),
            detail: attach_detail(called, slot),
            expects: String::new(),
            call: Some(Call::AttachNetworkInterface(attach)),
            nothing_to_do: None,
            undo: attach_undo(called),
            rows: arriving.clone(),
        },
        Step {
            kind: StepKind::WaitAttached,
            title: "wait".to_owned(),
            detail: "until EC2 says attached".to_owned(),
            expects: ATTACH_TAKES.to_owned(),
            call: None,
            nothing_to_do: None,
            undo: "a plan of its own, back again".to_owned(),
            rows: arriving,
        },
        Step {
            kind: StepKind::Verify,
            title: "verify".to_owned(),
            detail: verify,
            expects: String::new(),
            call: None,
            nothing_to_do: None,
            undo: "a plan of its own, back again".to_owned(),
            rows: overall,
        },
    ]
}

/// Where a step attaches, it attaches here.
pub(in crate::failover) fn attach_here(
    step: &mut Step,
    called: &str,
    instance: &InstanceId,
    slot: (u32, u32),
) {
    let Some(Call::AttachNetworkInterface(call)) = &mut step.call else {
        return;
    };
    call.instance_id = instance.clone();
    (call.network_card_index, call.device_index) = slot;
    step.detail = attach_detail(called, slot);
    step.undo = attach_undo(called);
}

/// Where the attach goes, in words.
fn attach_detail(called: &str, (card, index): (u32, u32)) -> String {
    format!("to {called}, card {card} index {index}")
}

/// The way back from there.
fn attach_undo(called: &str) -> String {
    format!("detach from {called} and attach where it was")
}

/// The steps of a plan that carries something else over than the interface.
pub(super) fn carrying(world: &World, plan: &Plan, now: Time) -> Vec<Step> {
    let scope = plan.scope();
    let mut before = world.clone();
    let mut steps = Vec::new();
    for (n, handover) in plan.handovers.iter().enumerate() {
        let (_, after) = forecast(&before, &handover.over, now);
        let rows = rows(&before, &after, &scope);
        steps.push(carry(plan, n, handover, Goal::Target, rows));
        before = after;
    }
    let overall = rows(world, &before, &scope);
    steps.push(arrived(plan, overall));
    steps
}

/// The steps of its way back, the last one over first, with what each row was before.
pub(in crate::failover) fn carrying_back(plan: &Plan) -> Vec<Step> {
    let planned = |n: usize| plan.steps.get(n).map_or(&[][..], |s| s.rows.as_slice());
    let reversed = |rows: &[Row]| -> Vec<Row> {
        let back = |row: &Row| Row {
            label: row.label.clone(),
            before: row.forecast.clone(),
            forecast: row.before.clone(),
            now: None,
            mark: Mark::Open,
        };
        rows.iter().map(back).collect()
    };
    let mut steps: Vec<Step> = plan
        .handovers
        .iter()
        .enumerate()
        .rev()
        .map(|(n, h)| carry(plan, n, h, Goal::Source, reversed(planned(n))))
        .collect();
    let unchanged = |row: Row| Row {
        before: row.forecast.clone(),
        ..row
    };
    let home = reversed(planned(plan.handovers.len()));
    steps.push(arrived(plan, home.into_iter().map(unchanged).collect()));
    steps
}

/// To which end a step carries.
#[derive(Clone, Copy)]
enum Goal {
    Target,
    Source,
}

fn carry(plan: &Plan, n: usize, handover: &Handover, goal: Goal, rows: Vec<Row>) -> Step {
    let (names, mechanism) = (&plan.names, plan.intent.mechanism);
    let (from, to, call) = match goal {
        Goal::Target => (&names.source, &names.target, &handover.over),
        Goal::Source => (&names.target, &names.source, &handover.back),
    };
    let what: Vec<_> = handover.goods.iter().map(ToString::to_string).collect();
    let berth = handover.goods.first().map(|good| match goal {
        Goal::Target => &good.to,
        Goal::Source => &good.from,
    });
    let berth = berth.map_or_else(String::new, ToString::to_string);
    let source = |name: &String| match name.as_str() {
        "" => plan.intent.eni.to_string(),
        name => name.to_owned(),
    };
    Step {
        kind: StepKind::Handover(u16::try_from(n).unwrap_or(u16::MAX)),
        title: match mechanism {
            Mechanism::PrivateIp => "assign",
            Mechanism::ElasticIp => "associate",
            _ => "replace",
        }
        .to_owned(),
        detail: format!("{} to {} ({berth})", what.join(" "), source(to)),
        expects: "one call, nothing is detached".to_owned(),
        call: Some(call.clone()),
        nothing_to_do: None,
        undo: format!("the same call back to {}", source(from)),
        rows,
    }
}

fn arrived(plan: &Plan, rows: Vec<Row>) -> Step {
    let fields = plan.identity.fields.len();
    let noun = if fields == 1 { "field" } else { "fields" };
    Step {
        kind: StepKind::Verify,
        title: "verify".to_owned(),
        detail: format!("{fields} {noun} unchanged, everything in its place"),
        expects: String::new(),
        call: None,
        nothing_to_do: None,
        undo: "a plan of its own, back again".to_owned(),
        rows,
    }
}
