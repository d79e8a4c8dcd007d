//! A dry run that was carried out after all: what is said of it, and its journal.
//!
//! Invariants: the journal is one that can be taken up like any other, with the call as an intent that
//! was accepted, and it asks for a person; nothing in it was agreed to, so it holds no consent.

use std::sync::Arc;
use std::time::Duration;

use super::{Ask, Executed, asks};
use crate::ec2::call::{Answer, Call};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::compact;
use crate::failover::facts::place;
use crate::failover::journal::{CallResult, Entry, Record};
use crate::failover::plan::Plan;

/// A dry run that was carried out, with what is known of it.
#[derive(Clone, Debug)]
pub struct Deed {
    /// What was asked for.
    pub ask: Ask,
    /// When it was asked for.
    pub at: Time,
    /// What came back.
    pub answer: Answer,
    /// How long the answer took.
    pub took: Duration,
    /// A look that was begun afterwards, or why there is none.
    pub seen: Result<Arc<World>, String>,
    /// When that look was begun.
    pub looked: Time,
}

impl Deed {
    /// What happened and what to do, where operation `op` holds it; without one no journal could be
    /// written, and `why` says so.
    pub fn executed(&self, plan: &Plan, op: Result<&str, &str>) -> Executed {
        let action = self.ask.call.action();
        let place = match &self.seen {
            Ok(world) => place(world, &plan.scope()),
            Err(why) => format!("where everything is now could not be seen ({why})"),
        };
        let eni = &plan.intent.eni;
        let remedy = match (op, &plan.source, plan.handovers.is_empty()) {
            (Ok(op), None, true) => format!(
                "Finish it with `enipilot ops resume {op} --confirm {eni} --allow-writes`, and never \
                 say --dry-run-supported of this endpoint again."
            ),
            (Ok(op), ..) if matches!(self.ask.call, Call::StopInstances(_)) => format!(
                "Start {} again, then close it with `enipilot ops resume {op} --put-back --confirm {eni} \
                 --allow-writes`, and never say --dry-run-supported of this endpoint again.",
                plan.names.source
            ),
            (Ok(op), ..) => format!(
                "Put it back with `enipilot ops resume {op} --put-back --confirm {eni} --allow-writes`, \
                 and never say --dry-run-supported of this endpoint again."
            ),
            (Err(why), ..) => {
                let back = asks(plan)
                    .into_iter()
                    .rev()
                    .find(|ask| ask.id == "may-undo");
                let back =
                    back.map(|ask| format!(" Back it goes with: {}", plan.sky.aws_cli(&ask.call)));
                format!(
                    "There is no journal of it ({why}): look at it yourself.{}",
                    back.unwrap_or_default()
                )
            }
        };
        Executed {
            ask: self.ask.clone(),
            what: format!("the endpoint EXECUTED a dry run of {action}: {place}"),
            remedy,
        }
    }

    /// The journal of what was done: an operation that was begun and needs a person.
    pub fn records(&self, plan: &Plan, op: &str, now: Time) -> Vec<Record> {
        let mut plan = plan.clone();
        // Whoever takes it up writes, and needs leave of their own for that.
        plan.sky.writes = true;
        let told = self.executed(&plan, Ok(op));
        let mut entries = vec![
            (
                self.at,
                Entry::Plan {
                    plan: Arc::new(plan.clone()),
                },
            ),
            (
                self.at,
                Entry::Note {
                    text: "asked for as a dry run, before any agreement".to_owned(),
                },
            ),
            (
                self.at,
                Entry::Intent {
                    call: self.ask.call.clone(),
                    attempt: 1,
                },
            ),
            (
                now,
                Entry::Outcome {
                    of: 2,
                    result: CallResult::Accepted(self.answer.clone()),
                    millis: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
                },
            ),
        ];
        if let Ok(world) = &self.seen
            && let Some(eni) = world.eni(&plan.intent.eni)
        {
            let (eni, hash) = compact(eni);
            let (asked, hash) = (self.looked, format!("{hash:08x}"));
            entries.push((now, Entry::Observed { asked, eni, hash }));
        }
        let verdict = Entry::Verdict {
            ending: "needs-person".to_owned(),
            text: format!("{}. {}", told.what, told.remedy),
        };
        entries.push((now, verdict));
        let numbered = (0..).zip(entries);
        numbered
            .map(|(seq, (wall, entry))| Record { seq, wall, entry })
            .collect()
    }
}
