//! Whether EC2 would let us: which dry runs a plan asks for, and what their answers mean.
//!
//! Invariants: pure. A dry run tells of permission and of the form of the ids, and nothing of states and
//! limits; on AWS permission is an error answer too (`DryRunOperation`). An answer that is not an error
//! means that the endpoint has carried the call out: it is journaled as a call that was made, so that
//! the operation can be taken up and put back like any other. What EC2 encodes about a refusal is
//! never printed.

mod deed;
#[cfg(test)]
mod tests;

pub use deed::Deed;

use super::engine::{Goal, attach_call};
use super::plan::preflight::{blocked_by, pass, warn};
use super::plan::{Check, Plan, StepKind};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::{ApiError, DECODE, is_denial};

/// Dry runs for one item of the preflight: more would tell little that these do not, and would use up
/// the request tokens that the operation needs.
const ASKED_MAX: usize = 4;

/// Codes that ask for fewer requests, or say nothing about the call.
const NOT_NOW: &[&str] = &[
    "EC2ThrottledException",
    "InternalError",
    "InternalFailure",
    "RequestLimitExceeded",
    "RequestThrottled",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "Unavailable",
];

/// Codes of an endpoint that does not know the action, or its dry run.
const NOT_KNOWN: &[&str] = &["InvalidAction", "NotImplemented", "UnknownParameter"];

/// Codes that speak of where the interface is before the detach.
const STILL_THERE: &[&str] = &["InvalidNetworkInterface.InUse", "InvalidParameterValue"];

/// One call that is to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Item of the preflight: `may-protect`, `may-detach`, `may-attach`, `may-carry`, `may-undo`,
    /// `may-fence`.
    pub id: &'static str,
    /// The call, as the plan has it.
    pub call: Call,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `DryRunOperation`.
    Permitted,
    /// Another error of EC2.
    Refused(ApiError),
    /// No answer, or none that can be trusted.
    Unknown(String),
    /// No error: the endpoint has done it.
    Executed(Answer),
    /// There is no dry run of this call.
    NotOffered,
}

impl Reply {
    /// What an error answer says.
    pub fn of_error(error: ApiError) -> Self {
        match &*error.code {
            "DryRunOperation" => Self::Permitted,
            _ => Self::Refused(error),
        }
    }
}

/// What is known of the permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Permissions {
    /// Nobody means to write, so nobody asked.
    #[default]
    NotWanted,
    /// Not asked: this endpoint may carry out what it is asked in a dry run.
    MayExecute,
    /// Not asked, and why: what an endpoint executes could not be journaled.
    NoJournal(String),
    /// Asked, in this order.
    Asked(Vec<(Ask, Reply)>),
    /// The endpoint has carried a dry run out; nothing more was asked.
    Executed(Box<Executed>),
}

/// A dry run that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// What was asked for.
    pub ask: Ask,
    /// What happened and where everything is now, for people.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// The dry runs of a plan: its calls, then those that would put it back, then the stop that was agreed to
/// should the detach hang. The least harmful comes first and the stop last, because nothing more is
/// asked of an endpoint that executes one. What it would take to detach
/// from the target later has no attachment id yet, so nobody can be asked about that.
pub fn asks(plan: &Plan) -> Vec<Ask> {
    let mut asks = Vec::new();
    for step in plan.steps.iter().filter(|s| s.nothing_to_do.is_none()) {
        let id = match step.kind {
            StepKind::Protect => "may-protect",
            StepKind::Detach => "may-detach",
            StepKind::Attach => "may-attach",
            StepKind::Handover(_) => "may-carry",
            _ => continue,
        };
        asks.extend(step.call.clone().map(|call| Ask { id, call }));
    }
    let id = "may-undo";
    let home = attach_call(plan, Goal::Source).map(Call::AttachNetworkInterface);
    let back = plan.handovers.iter().map(|handover| handover.back.clone());
    asks.extend(home.into_iter().chain(back).map(|call| Ask { id, call }));
    let fence = plan.intent.fence.iter().map(|source| Ask {
        id: "may-fence",
        call: Call::StopInstances(Call::instances(source)),
    });
    asks.extend(fence);
    let all = asks.clone();
    let before = |n: usize, id| all.iter().take(n).filter(|ask| ask.id == id).count();
    let mut n = 0..;
    asks.retain(|ask| n.next().is_some_and(|n| before(n, ask.id) < ASKED_MAX));
    asks
}

/// The items of the preflight, one for each id that the plan asks for.
pub fn judge(plan: &Plan, permissions: &Permissions) -> Vec<Check> {
    let (not_asked, remedy) = match permissions {
        Permissions::NotWanted => return Vec::new(),
        Permissions::Asked(replies) => return judged(plan, replies),
        Permissions::Executed(executed) => {
            let check = blocked_by(executed.ask.id, executed.what.clone(), &executed.remedy);
            return vec![Check {
                acceptable: false,
                ..check
            }];
        }
        Permissions::MayExecute => (
            "not asked: this endpoint may execute dry runs".to_owned(),
            "If you know that it does not, say so with --dry-run-supported.",
        ),
        Permissions::NoJournal(why) => (
            format!("not asked, because nothing can be journaled: {why}"),
            "Name another state directory with --state-dir.",
        ),
    };
    let mut ids: Vec<_> = asks(plan).into_iter().map(|ask| ask.id).collect();
    ids.dedup();
    ids.into_iter()
        .map(|id| warn(id, not_asked.clone(), remedy))
        .collect()
}

fn judged(plan: &Plan, replies: &[(Ask, Reply)]) -> Vec<Check> {
    let mut ids: Vec<_> = asks(plan).into_iter().map(|ask| ask.id).collect();
    ids.dedup();
    let worst = |id: &str| {
        let of = replies.iter().filter(|(ask, _)| ask.id == id);
        let checks = of.map(|(ask, reply)| one(plan, ask, reply));
        // The first of the worst: later ones would say the same.
        checks.reduce(|a, b| if b.level > a.level { b } else { a })
    };
    ids.into_iter()
        .map(|id| {
            worst(id).unwrap_or_else(|| {
                let text = "not asked, after an answer that did not come".to_owned();
                warn(id, text, "Try again before you rely on it.")
            })
        })
        .collect()
}

/// What one answer means.
fn one(plan: &Plan, ask: &Ask, reply: &Reply) -> Check {
    let (id, action) = (ask.id, ask.call.action());
    let code = |check: Check, error: &ApiError| Check {
        code: Some(error.code.to_string()),
        ..check
    };
    let error = match reply {
        Reply::Permitted => return pass(id, format!("EC2 permits {action}")),
        Reply::NotOffered => {
            let text = format!(
                "not checked: EC2 has no dry run of {action}, so whether this identity may \
                 ec2:{action} is not known before it is called"
            );
            let remedy = format!("See that its IAM policy allows ec2:{action}.");
            return warn(id, text, &remedy);
        }
        Reply::Unknown(why) => {
            let text = format!("{action}: no answer to the dry run ({why})");
            return warn(id, text, "Try again before you rely on it.");
        }
        Reply::Executed(_) => {
            let text = format!("the endpoint executed a dry run of {action}");
            let check = blocked_by(id, text, "Look where the interface is.");
            return Check {
                acceptable: false,
                ..check
            };
        }
        Reply::Refused(error) => error,
    };
    let is = |codes: &[&str]| codes.contains(&&*error.code);
    if is_denial(&error.code) {
        let more = error.encoded().map_or_else(String::new, |_| {
            format!(
                "; why stands in the encoded message that `{} --dry-run` answers, read by `{DECODE}`",
                plan.sky.aws_cli(&ask.call)
            )
        });
        let text = format!("this identity may not ec2:{action}{more}");
        if id == "may-protect" {
            let text = format!("{text}: DeleteOnTermination stays on until the interface has left");
            let remedy = "Do not let the old instance be terminated before that, or allow it.";
            return code(warn(id, text, remedy), error);
        }
        let remedy = format!("Allow ec2:{action} in its IAM policy, or use another profile.");
        let check = blocked_by(id, text, &remedy);
        // Without a way back, or a fence, somebody may still want to go; without the call itself there
        // is no going.
        let acceptable = matches!(id, "may-undo" | "may-fence");
        return code(
            Check {
                acceptable,
                ..check
            },
            error,
        );
    }
    let said = format!("{action}: {}", error.brief());
    if is(NOT_NOW) || is(NOT_KNOWN) {
        return code(warn(id, said, "Try again before you rely on it."), error);
    }
    let moves = matches!(ask.call, Call::AttachNetworkInterface(_)) && plan.source.is_some();
    if moves && is(STILL_THERE) {
        let text = format!("{said}; that is so before the detach, and hides the permission");
        return code(
            warn(id, text, "Look into the identity's IAM policy."),
            error,
        );
    }
    let remedy = "See EC2's reason; a dry run changes nothing, so it can be asked again.";
    code(blocked_by(id, said, remedy), error)
}
