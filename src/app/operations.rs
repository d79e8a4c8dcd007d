//! Operations that are over or were left open: what the list, the banner and the dialog know.
//!
//! Invariants: what is done next follows from the inventory on the screen, never from the journal;
//! an operation is only taken up again where it belongs: account, Region and endpoint.

use std::net::IpAddr;
use std::sync::Arc;

use super::feed::story::{eni_name, instance_name};
use super::walk::Place;
use crate::ec2::eni::AttachmentStatus;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Action, Goal};
use crate::failover::ops::{self, Kept, Told};
use crate::failover::plan::{Check, Level, Plan};
use crate::failover::report;
use crate::failover::resume::{self, Elsewhere, Operation};
use crate::failover::sky::Sky;
use crate::failover::status::{Made, Status};
use crate::failover::surroundings::{Surroundings, judge_again, moving};

/// Operations of this session that are kept; the store keeps its own.
pub const KEPT_MAX: usize = 20;

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its short id.
    pub op: String,
    /// What it moves.
    pub eni: EniId,
    /// The interface, the source and the target as people call them.
    pub names: (String, String, String),
    /// Where it was flown: account and Region.
    pub place: (String, String),
    /// When it was begun.
    pub opened: Time,
    /// The last that is known of it.
    pub last: Time,
    /// How it ended, in a word and in words; `None` if it has not.
    pub verdict: Option<(String, String)>,
    /// What can be read of it.
    pub report: Vec<String>,
    /// What the state directory tells, by which it can be taken up again; `None` for an operation
    /// of a simulated world.
    pub kept: Option<Kept>,
}

impl Listed {
    /// An operation of the state directory.
    pub fn stored(kept: &Kept) -> Self {
        let Some(operation) = kept.operation() else {
            return Self::unread(kept);
        };
        let plan = &operation.plan;
        let names = &plan.names;
        Self {
            op: operation.op.clone(),
            eni: plan.intent.eni.clone(),
            names: (
                names.eni.clone(),
                names.source.clone(),
                names.target.clone(),
            ),
            place: (plan.sky.account.to_string(), plan.sky.region.to_string()),
            opened: operation.opened,
            last: operation.last,
            verdict: operation.verdict.clone(),
            report: told(operation),
            kept: Some(kept.clone()),
        }
    }

    /// A journal that tells of no operation, and why.
    fn unread(kept: &Kept) -> Self {
        let why = match &kept.told {
            Told::Damaged(why) => ("damaged", why.clone()),
            _ => (
                "empty",
                "nothing was recorded, so nothing was done".to_owned(),
            ),
        };
        Self {
            op: kept.op.clone(),
            eni: EniId::default(),
            names: (kept.file.clone(), String::new(), String::new()),
            place: (String::new(), String::new()),
            opened: Time::from_millis(0),
            last: Time::from_millis(0),
            report: vec![kept.file.clone(), why.1.clone()],
            verdict: Some((why.0.to_owned(), why.1)),
            kept: Some(kept.clone()),
        }
    }

    /// An operation of this session that has ended.
    pub fn flown(
        status: &Status,
        world: &World,
        strip: Option<&crate::ec2::sample::Strip>,
    ) -> Self {
        let plan = &status.plan;
        let ended = status.ended.unwrap_or(plan.made_at);
        let summary = report::summary(status, strip, world, ended);
        Self {
            op: status.op.to_string(),
            eni: plan.intent.eni.clone(),
            names: (
                plan.names.eni.clone(),
                plan.names.source.clone(),
                plan.names.target.clone(),
            ),
            place: (plan.sky.account.to_string(), plan.sky.region.to_string()),
            opened: status.began.unwrap_or(plan.made_at),
            last: ended,
            verdict: Some((summary.ending.to_owned(), summary.text.clone())),
            report: report::text(&summary),
            kept: None,
        }
    }

    /// The journal's operation.
    pub fn operation(&self) -> Option<&Operation> {
        self.kept.as_ref().and_then(Kept::operation)
    }

    /// Who is at work on it right now.
    pub fn holder(&self) -> Option<&str> {
        self.kept.as_ref().and_then(|k| k.holder.as_deref())
    }

    /// Somebody has to see to it.
    pub fn is_open(&self) -> bool {
        self.kept.as_ref().is_some_and(Kept::is_open)
    }

    /// Somebody has to see to it, and nobody does.
    pub fn is_left_behind(&self) -> bool {
        self.kept.as_ref().is_some_and(Kept::is_left_behind)
    }

    /// It is of the account, Region and endpoint on the screen, so that the inventory speaks of it.
    pub fn is_here(&self, sky: &Sky) -> bool {
        let operation = self.operation();
        operation.is_some_and(|o| ops::same_place(&o.plan.sky, sky))
    }

    /// Where its interface stands, in the inventory.
    pub fn stands(&self, world: &World) -> String {
        let Some(eni) = world.eni(&self.eni) else {
            return "is not in this inventory".to_owned();
        };
        match &eni.attachment {
            None => "is attached to nothing".to_owned(),
            Some(a) => {
                let holder = a.instance_id.as_ref();
                let on = holder.map_or("a service".to_owned(), |id| instance_name(world, id));
                match a.status {
                    AttachmentStatus::Attached => format!("is on {on}"),
                    ref moving => format!("is {moving} at {on}"),
                }
            }
        }
    }
}

/// A journal in words: plan, calls, remarks, end.
fn told(operation: &Operation) -> Vec<String> {
    let plan = &operation.plan;
    let names = &plan.names;
    let mut lines = vec![
        format!("operation {}", operation.op),
        format!("{} ({})", names.eni, plan.intent.eni),
        format!(
            "from {} to {} ({})",
            names.source, names.target, plan.intent.target
        ),
        format!("account {}, Region {}", plan.sky.account, plan.sky.region),
        format!("begun {}, last record {}", operation.opened, operation.last),
        String::new(),
    ];
    for agreed in &operation.consents {
        lines.push(format!("{}  agreed {}", agreed.at.clock(), agreed.said()));
    }
    lines.extend(operation.calls.iter().flat_map(call));
    for (at, note) in &operation.notes {
        lines.push(format!("{}  {note}", at.clock()));
    }
    lines.push(String::new());
    lines.push(match &operation.verdict {
        Some((ending, text)) => format!("{ending}: {text}"),
        None => "it has not ended: nobody knows more than these calls".to_owned(),
    });
    if operation.torn > 0 {
        let torn = operation.torn;
        lines.push(format!("{torn} bytes of a torn last line were left out"));
    }
    lines
}

fn call(made: &Made) -> [String; 2] {
    let answer = made
        .answer
        .as_deref()
        .unwrap_or("no answer: it may have happened");
    [
        format!("{}  {}", made.at.clock(), made.call.line()),
        format!("          {answer}"),
    ]
}

/// What taking up an operation would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Which operation.
    pub op: String,
    /// To which end.
    pub goal: Goal,
    /// The interface.
    pub eni: EniId,
    /// What it is, where it stands, what is done next.
    pub lines: Vec<String>,
    /// What it was planned as.
    pub plan: Arc<Plan>,
    /// Addresses that leave their machine.
    pub moving: Vec<IpAddr>,
    /// Whether the place that this program runs at has been judged; before that nothing is agreed to.
    pub place: Place,
    /// What is known of that place.
    pub here: Surroundings,
    /// Checks that the person has accepted by name.
    pub accepted: Vec<String>,
    /// A preflight made from the inventory on the screen; agreeing to the dialog agrees to it.
    pub fresh: Vec<Check>,
    /// Why it cannot be done, if so.
    pub blocked: Option<String>,
}

impl Taking {
    /// Looks at an operation with the eyes of now.
    pub fn of(listed: &Listed, goal: Goal, world: &World, now: Time) -> Option<Self> {
        let operation = listed.operation()?;
        let (action, fresh) = resume::prospect(operation, goal, world, now);
        let (name, source, target) = &listed.names;
        let end = match goal {
            Goal::Target => target,
            Goal::Source => source,
        };
        let word = match goal {
            Goal::Target => "finish on",
            Goal::Source => "put back on",
        };
        let place = match action.goes_on() {
            true => Place::Unknown,
            false => Place::Judged,
        };
        let (next, hindered) = next(&action, end);
        let stranded = matches!(action, Action::NotEligible(_));
        let hindered = hindered.map(|why| match stranded {
            true => format!("{why}; {}", ways_out(operation, goal, world)),
            false => why,
        });
        let blocked = hindered.or_else(|| blocking(&fresh));
        let plan = Arc::clone(&operation.plan);
        let lines = vec![
            format!("{word} {end}: {name}, {} → {}", source, target),
            format!(
                "begun {}, last record {}; {}",
                listed.opened,
                listed.last.clock(),
                match &listed.verdict {
                    Some((ending, _)) => ending.as_str(),
                    None => "it did not come to its end",
                }
            ),
            format!(
                "now: {} {}",
                eni_name(world, &listed.eni),
                listed.stands(world)
            ),
            format!("next: {next}"),
        ];
        Some(Self {
            op: listed.op.clone(),
            goal,
            eni: listed.eni.clone(),
            lines,
            moving: moving(&plan, world),
            plan,
            place,
            here: Surroundings::default(),
            accepted: Vec::new(),
            fresh,
            blocked,
        })
    }

    /// The place is known, or something more was accepted: judges everything anew.
    pub fn judge(&mut self, operation: &Operation, world: &World, now: Time) {
        let (_, fresh) = resume::prospect(operation, self.goal, world, now);
        let (here, accepted) = (&self.here, &self.accepted);
        self.fresh = judge_again(operation, fresh, world, here, accepted, now);
        self.place = Place::Judged;
        self.blocked = blocking(&self.fresh);
    }

    /// Items that stand in the way until somebody accepts them by name.
    pub fn acceptable(&self) -> impl Iterator<Item = &Check> {
        let checks = self.fresh.iter();
        checks.filter(|c| c.level == Level::Block && c.acceptable)
    }
}

/// The first item that stands in the way whatever is accepted.
fn blocking(fresh: &[Check]) -> Option<String> {
    let mut checks = fresh.iter();
    let block = checks.find(|c| c.level == Level::Block && !c.acceptable);
    block.map(|check| check.said(""))
}

/// Where else it could go, for whoever cannot finish it here.
fn ways_out(operation: &Operation, goal: Goal, world: &World) -> String {
    let Elsewhere {
        indexes, others, ..
    } = resume::elsewhere(operation, goal, world);
    let mut ways = Vec::new();
    if !indexes.is_empty() {
        let all: Vec<_> = indexes.iter().map(ToString::to_string).collect();
        ways.push(format!("index {} is free there", all.join(", ")));
    }
    if !others.is_empty() {
        let all: Vec<_> = others.iter().map(|(name, _)| name.as_str()).collect();
        ways.push(format!("{} could take it", all.join(", ")));
    }
    let back = operation.plan.source.is_some() && goal == Goal::Target;
    let mut text = match ways.is_empty() {
        true => "nothing else takes it now".to_owned(),
        false => format!(
            "{}: `enipilot ops resume {}` has the commands",
            ways.join(", or "),
            operation.op
        ),
    };
    if back {
        text.push_str("; P puts it back");
    }
    text
}

/// The next thing that would be done, and why not, if nothing can be.
fn next(action: &Action, end: &str) -> (String, Option<String>) {
    let hands_off = |text: String| (text.clone(), Some(text));
    match action {
        Action::Detach => ("detach it, then attach it".to_owned(), None),
        Action::Attach(_) => (format!("attach it to {end}, then verify"), None),
        Action::Handover(..) => (format!("carry it over to {end}, then verify"), None),
        Action::Wait(_) => ("wait for EC2, then look again".to_owned(), None),
        Action::Verify(_) => (
            format!("nothing is called: it is on {end}; verify it"),
            None,
        ),
        Action::AskAgain(why) => (why.clone(), None),
        Action::Foreign(why) => hands_off(why.clone()),
        Action::NotEligible(denials) => hands_off(denials.first().map_or_else(
            || format!("{end} cannot take it"),
            super::update::hand::words,
        )),
        Action::Lost(why) | Action::Disputed(why) => hands_off(why.clone()),
    }
}
