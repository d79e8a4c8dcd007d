//! Operations that journals tell of, as lists, banners and questions show them.
//!
//! Invariant: says only what the journal tells; where the interface is now, only a look can say.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::plan::Plan;
use super::replay::Replay;
use super::resume::Operation;
use super::sky::Sky;
use crate::ec2::id::EniId;
use crate::ec2::shown::shown;
use crate::ec2::time::Time;

/// What one journal of the state directory tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Id of the operation; of the file, if the journal tells none.
    pub op: String,
    /// The journal file, for people.
    pub file: String,
    /// What it tells.
    pub told: Told,
    /// Who is at work on it right now: process, machine, since when.
    pub holder: Option<String>,
    /// Its records, to be looked at again; `None` if the file cannot be read at all.
    pub replay: Option<Arc<Replay>>,
}

/// What a journal tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// An operation.
    Operation(Box<Operation>),
    /// Nothing was made durable, so nothing was submitted.
    Empty,
    /// It cannot be trusted, and why: only looking and undoing by hand are safe.
    Damaged(String),
}

impl Kept {
    /// The operation, if the journal can be trusted.
    pub fn operation(&self) -> Option<&Operation> {
        match &self.told {
            Told::Operation(operation) => Some(operation),
            Told::Empty | Told::Damaged(_) => None,
        }
    }

    /// Somebody has to see to it: calls were submitted and there is no verdict, or one that asks for a
    /// person; or the journal is damaged. Without any call nothing has happened.
    pub fn is_open(&self) -> bool {
        match &self.told {
            Told::Operation(operation) => operation.is_open() && !operation.calls.is_empty(),
            Told::Empty => false,
            Told::Damaged(_) => true,
        }
    }

    /// Open, and nobody is at work on it.
    pub fn is_left_behind(&self) -> bool {
        self.is_open() && self.holder.is_none()
    }

    /// It moves, or moved, this interface under this sky, or carries something to it or from it.
    pub fn concerns(&self, sky: &Sky, eni: &EniId) -> bool {
        self.operation()
            .is_some_and(|o| same_place(&o.plan.sky, sky) && o.plan.interfaces().contains(eni))
    }

    /// It has to do with one of the interfaces that this plan has to do with.
    pub fn meets(&self, plan: &Plan) -> bool {
        let enis = plan.interfaces();
        enis.iter().any(|eni| self.concerns(&plan.sky, eni))
    }

    /// What is wrong and what to do, on one line, for whoever runs anything else meanwhile.
    pub fn banner(&self, now: Time) -> String {
        let op = &self.op;
        let text = match &self.told {
            Told::Operation(operation) => {
                let names = &operation.plan.names;
                let target = &names.target;
                let begun = ago(operation.opened, now);
                match &self.holder {
                    Some(holder) => format!(
                        "operation {op} is under way ({holder}): {} to {target}",
                        names.eni
                    ),
                    None => format!(
                        "operation {op} was left open, begun {begun}: {} to {target}, {}; `enipilot ops show {op}`",
                        names.eni,
                        standing(operation)
                    ),
                }
            }
            Told::Empty => format!("operation {op} has recorded nothing: nothing was done"),
            Told::Damaged(why) => {
                format!(
                    "the journal of operation {op} cannot be trusted ({why}); `enipilot ops show {op}`"
                )
            }
        };
        shown(&text).into_owned()
    }
}

/// Both lead to the same account, Region and endpoint.
pub fn same_place(a: &Sky, b: &Sky) -> bool {
    a.kind == b.kind && a.account == b.account && a.region == b.region && a.endpoint == b.endpoint
}

/// How far it has come, by its journal alone.
pub fn standing(operation: &Operation) -> String {
    let known = &operation.known;
    let names = &operation.plan.names;
    let verdict = operation
        .verdict
        .as_ref()
        .map(|(ending, _)| ending.as_str());
    if let Some(ending) = verdict.filter(|ending| *ending != "needs-person") {
        return ending.to_owned();
    }
    let far = match operation.calls.last() {
        None => "nothing was submitted".to_owned(),
        Some(last) => {
            let action = last.call.action();
            let answer = last.answer.as_deref();
            match answer {
                Some(answer) => format!("last call {action}: {answer}"),
                None => format!("last call {action}: no answer known, it may have happened"),
            }
        }
    };
    let loose = known.detach.may_have_happened() && !known.attach.accepted;
    let loose = if loose {
        format!("; {} may be attached to nothing", names.eni)
    } else {
        String::new()
    };
    let needs = if verdict.is_some() {
        "needs a person; "
    } else {
        ""
    };
    format!("{needs}{far}{loose}")
}

/// `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`.
pub fn ago(then: Time, now: Time) -> String {
    let seconds = now.since(then).as_secs();
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
