//! Taking an operation up again that was left behind: finish it, or put it back.
//!
//! Invariants: a look and a preflight come first and are shown; without `--confirm` that is all; where
//! the planned place does not take the interface, free indexes and other instances are named with the
//! command that goes there.

use std::path::Path;

use serde_json::{Value, json};

use super::wish::{Wish, consent, may_change};
use super::{connect, free};
use crate::cli::failover::{Telling, blocked_checks, check_line, refused};
use crate::cli::failure::{Exit, Failure};
use crate::cli::json::object;
use crate::cli::out::Out;
use crate::cli::plan;
use crate::cli::resolve::Live;
use crate::ec2::id::InstanceId;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Action, Awaited, Goal};
use crate::failover::facts::place;
use crate::failover::mechanism::Mechanism;
use crate::failover::ops::Kept;
use crate::failover::plan::{Alternative, Check, Level};
use crate::failover::resume::{Detour, Elsewhere, Operation, elsewhere, prospect};
use crate::failover::status::Ending;
use crate::failover::surroundings::{Surroundings, judge_again, moving};
use crate::runtime::headless;
use crate::runtime::launch::Again;
use crate::runtime::probe::reach;

/// Where it shall go.
pub(super) struct Place<'a> {
    /// `--put-back`.
    pub put_back: bool,
    /// `--index`.
    pub index: Option<u32>,
    /// `--or-to`.
    pub or_to: Option<&'a str>,
}

impl Place<'_> {
    fn goal(&self) -> Goal {
        match self.put_back {
            true => Goal::Source,
            false => Goal::Target,
        }
    }

    /// The flags that say so again.
    fn flags(&self) -> String {
        let back = if self.put_back { " --put-back" } else { "" };
        let index = self.index.map(|n| format!(" --index {n}"));
        let or_to = self.or_to.map(|id| format!(" --or-to {id}"));
        format!(
            "{back}{}{}",
            index.unwrap_or_default(),
            or_to.unwrap_or_default()
        )
    }
}

/// What is there now, and what would follow.
struct Prospect {
    /// The operation, on its way to where it would go.
    operation: Operation,
    goal: Goal,
    place: String,
    action: Action,
    checks: Vec<Check>,
    /// Where else it could go.
    elsewhere: Elsewhere,
    /// It goes to another instance, because the planned one cannot take it.
    instead: bool,
}

/// Finishes an operation that was left behind, or puts it back.
pub(super) fn run(
    operation: &Operation,
    to: &Place<'_>,
    wish: &Wish<'_>,
    flags: &Live,
    kept: &Kept,
    out: &mut Out,
) -> Result<Exit, Failure> {
    free(kept)?;
    if !operation.is_open() {
        return Err(Failure::usage(
            format!("operation {} is over already", operation.op),
            format!("`enipilot ops show {}` says how it ended", operation.op),
        ));
    }
    sensible(operation, to)?;
    may_change(&operation.plan.intent.eni, wish.confirm, flags)?;
    let goal = to.goal();
    let live = connect(&operation.op, &operation.plan.sky, flags)?;
    let (now, world, _) = live.world_and_caller()?;
    let (detour, unfit) = detour(operation, to, &world);
    let mut prospect = look(operation.detoured(goal, &detour), goal, &world, now);
    prospect.checks.splice(..0, unfit);
    if prospect.action.goes_on() {
        let here = here(&live, &prospect.operation, &world, wish.state_dir);
        let checks = std::mem::take(&mut prospect.checks);
        let heading = &prospect.operation;
        prospect.checks = judge_again(heading, checks, &world, &here, wish.accept, now);
        known_accepted(&prospect.checks, wish.accept)?;
    }
    let Some(confirm) = wish.confirm else {
        return Ok(show(&prospect, to, wish.accept, out));
    };
    if prospect.is_blocked() {
        return Err(blocked(&prospect, to));
    }
    let mut telling = Telling::again(out.json, operation.notes.len());
    telling.lines(&prospect.lines());
    let again = Again {
        op: operation.op.clone(),
        goal,
        fresh: Some(prospect.checks),
        detour,
    };
    let mut tell = |status: &_| telling.status(status);
    let flown = live
        .resume(
            again,
            consent(confirm),
            wish.timeout,
            wish.state_dir,
            &mut tell,
        )
        .map_err(refused)?;
    let meant = to.put_back && flown.ending == Ending::PutBack;
    let arrived = !to.put_back || flown.ending != Ending::Done;
    let code = match flown.ending.exit_code() {
        _ if meant => 0,
        // It is at the target after all, which was not asked for.
        0 if !arrived => 4,
        code => code,
    };
    telling.result(&flown, out);
    if !arrived {
        telling.lines(&[format!(
            "it was to be put back, and has arrived at {} instead; to take it back: \
             enipilot ops undo {} --confirm {} --allow-writes",
            operation.plan.names.target, operation.op, operation.plan.intent.eni
        )]);
    }
    Ok(Exit::Engine(code))
}

/// Flags that mean something for this operation.
fn sensible(operation: &Operation, to: &Place<'_>) -> Result<(), Failure> {
    let mechanism = operation.plan.intent.mechanism;
    let given = [
        (to.index.is_some(), "--index"),
        (to.or_to.is_some(), "--or-to"),
    ];
    let given = given.iter().find(|(given, _)| *given);
    if let Some((_, flag)) = given.filter(|_| mechanism != Mechanism::Interface) {
        return Err(Failure::usage(
            format!(
                "{flag} is for an interface that moves; operation {} goes by {}",
                operation.op,
                mechanism.word()
            ),
            format!("Leave {flag} out"),
        ));
    }
    match to.or_to.filter(|id| !InstanceId::well_formed(id)) {
        None => Ok(()),
        Some(id) => Err(Failure::usage(
            format!("--or-to {id} is not the id of an instance"),
            "Such as i-0d1a2b3c4d5e6f702; `enipilot show` finds it by its name",
        )),
    }
}

/// The other place that was named; an item if it cannot take the interface.
fn detour(operation: &Operation, to: &Place<'_>, world: &World) -> (Detour, Option<Check>) {
    let index = to.index;
    let Some(id) = to.or_to else {
        let named = Detour { index, or_to: None };
        let named = match to.goal() {
            Goal::Target => named.or_planned(operation, world),
            Goal::Source => named,
        };
        return (named, None);
    };
    let other = Alternative::now(world, &operation.plan.intent.eni, &id.into());
    let other = other.and_then(|other| {
        let or_to = Some(other.clone());
        let heading = operation.detoured(Goal::Target, &Detour { index, or_to });
        heading.fallen_back().map(|_| other)
    });
    match other {
        Ok(other) => {
            let or_to = Some(other);
            (Detour { index, or_to }, None)
        }
        Err(why) => {
            let finding = format!("{id} could not take it: {why}");
            let remedy = "Name another instance with --or-to, or leave it out.";
            let unfit = Check {
                id: "fallback".to_owned(),
                level: Level::Block,
                finding,
                remedy: remedy.to_owned(),
                code: None,
                acceptable: false,
            };
            (Detour { index, or_to: None }, Some(unfit))
        }
    }
}

/// What this process knows about where it runs, as far as it concerns the operation.
fn here(
    live: &headless::Live,
    operation: &Operation,
    world: &World,
    state_dir: Option<&Path>,
) -> Surroundings {
    let plan = &operation.plan;
    let moving = moving(plan, world);
    let mut here = live.surroundings(std::sync::Arc::clone(plan), moving, state_dir);
    here.probe = live.probe().map(|at| (at.to_string(), reach(at)));
    here
}

/// An error if something is accepted that no check is called.
fn known_accepted(checks: &[Check], accepted: &[String]) -> Result<(), Failure> {
    let unknown = accepted
        .iter()
        .find(|id| !checks.iter().any(|c| c.id == **id));
    match unknown {
        None => Ok(()),
        Some(id) => Err(plan::unknown_accepted(id)),
    }
}

fn look(operation: Operation, goal: Goal, world: &World, now: Time) -> Prospect {
    let elsewhere = elsewhere(&operation, goal, world);
    let place = place(world, &operation.plan.scope());
    let (mut action, mut checks) = prospect(&operation, goal, world, now);
    let mut heading = operation;
    let refuses = matches!(action, Action::NotEligible(_)) && goal == Goal::Target;
    let other = refuses.then(|| heading.fallen_back().ok()).flatten();
    let instead = other.is_some();
    if let Some(other) = other {
        (action, checks) = prospect(&other, goal, world, now);
        heading = other;
    }
    Prospect {
        operation: heading,
        goal,
        place,
        action,
        checks,
        elsewhere,
        instead,
    }
}

impl Prospect {
    fn is_blocked(&self) -> bool {
        self.checks.iter().any(|c| c.level == Level::Block)
    }

    fn end(&self) -> &str {
        let names = &self.operation.plan.names;
        match self.goal {
            Goal::Target => &names.target,
            Goal::Source => &names.source,
        }
    }

    /// What would follow, in words.
    fn intention(&self) -> String {
        let end = self.end();
        let names = &self.operation.plan.names;
        match &self.action {
            Action::Detach => {
                let source = &names.source;
                format!(
                    "detach it from {source}, attach it to {}, verify",
                    self.at()
                )
            }
            Action::Attach(_) | Action::AskAgain(_) if self.instead => format!(
                "attach it to {} instead, as {} cannot take it, verify",
                self.at(),
                self.elsewhere.name
            ),
            Action::Attach(_) | Action::AskAgain(_) => {
                format!("attach it to {}, verify", self.at())
            }
            Action::Wait(Awaited::Available) => {
                format!("wait for the detach, attach it to {}, verify", self.at())
            }
            Action::Wait(Awaited::Attached) => "wait for the attach, verify".to_owned(),
            Action::Wait(Awaited::Understanding(text)) => {
                format!("wait: EC2 shows {text}, which is not understood")
            }
            Action::Verify(Goal::Target) if self.goal == Goal::Source => format!(
                "verify it on {0}, and close the operation: it has arrived there. To take it back \
                 then: enipilot ops undo {1} --confirm {2} --allow-writes",
                names.target, self.operation.op, self.operation.plan.intent.eni
            ),
            Action::Verify(_) => format!("verify it on {end}, and close the operation"),
            Action::Foreign(what) | Action::Disputed(what) => format!("nothing: {what}"),
            Action::NotEligible(_) => format!("nothing: {end} cannot take it"),
            Action::Lost(what) => format!("nothing: {what}"),
            Action::Handover(..) => format!("carry it over to {end}, verify"),
        }
    }

    /// The end, with the index that was named for it.
    fn at(&self) -> String {
        let end = self.end();
        match self.operation.known.elsewhere {
            Some((0, index)) => format!("{end} at index {index}"),
            Some((card, index)) => format!("{end} at card {card} index {index}"),
            None => end.to_owned(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("now: {}", self.place),
            format!("next: {}", self.intention()),
        ];
        let fallback = self.operation.plan.intent.fallback.as_ref();
        let mut others = self.operation.plan.alternatives.iter();
        let other = others.find(|a| Some(&a.instance) == fallback);
        if let Some(other) = other.filter(|_| self.goal == Goal::Target && self.action.goes_on()) {
            let end = self.end();
            lines.push(format!("if {end} does not take it: {}", other.name));
        }
        let told = self.checks.iter().filter(|c| c.level != Level::Pass);
        lines.extend(told.map(|check| {
            let word = match check.level {
                Level::Block => "BLOCK",
                Level::Warn | Level::Pass => "WARN",
            };
            format!("{word} {}", check_line(check))
        }));
        lines
    }

    /// Where else it could go, and how; nothing unless something is in the way of the place meant.
    fn ways_out(&self) -> Vec<String> {
        if self.elsewhere.fits || self.instead || !self.action.goes_on() {
            return Vec::new();
        }
        let Elsewhere { name, indexes, .. } = &self.elsewhere;
        let (op, eni) = (&self.operation.op, &self.operation.plan.intent.eni);
        let back = match self.goal {
            Goal::Target => "",
            Goal::Source => " --put-back",
        };
        let command = |flag: &str| {
            format!("enipilot ops resume {op}{back} {flag} --confirm {eni} --allow-writes")
        };
        let mut lines = Vec::new();
        if let Some(first) = indexes.first() {
            let all: Vec<_> = indexes.iter().map(ToString::to_string).collect();
            lines.push(format!("free at {name}: index {}", all.join(", ")));
            lines.push(format!("  {}", command(&format!("--index {first}"))));
        }
        if let Some((_, first)) = self.elsewhere.others.first() {
            let others = self.elsewhere.others.iter();
            let all: Vec<_> = others.map(|(name, id)| format!("{name} ({id})")).collect();
            lines.push(format!("could take it instead: {}", all.join(", ")));
            lines.push(format!("  {}", command(&format!("--or-to {first}"))));
        }
        lines
    }
}

/// Something is in the way of going on.
fn blocked(prospect: &Prospect, to: &Place<'_>) -> Failure {
    let what = format!("{}: it cannot go on to {}", prospect.place, prospect.end());
    let other = match to.put_back {
        false if prospect.operation.plan.source.is_some() => {
            "; with --put-back it goes where it was"
        }
        false => "",
        true => "; without --put-back it goes to the target",
    };
    let remedy = format!("Nothing was done{other}");
    let mut failure = blocked_checks(&prospect.checks, what, remedy);
    failure.details.extend(prospect.ways_out());
    failure
}

/// Shows what going on would mean; changes nothing.
fn show(prospect: &Prospect, to: &Place<'_>, accepted: &[String], out: &mut Out) -> Exit {
    let operation = &prospect.operation;
    if out.json {
        out.json(&object(json!({
            "Operation": operation.op,
            "Whereabouts": prospect.place,
            "Next": prospect.intention(),
            "Preflight": prospect.checks,
            "Elsewhere": elsewhere_json(&prospect.elsewhere),
        })));
        return Exit::Engine(4);
    }
    let mut lines = prospect.lines();
    let (op, eni) = (&operation.op, &operation.plan.intent.eni);
    if prospect.is_blocked() {
        lines.extend(prospect.ways_out());
    } else {
        let accept: String = accepted
            .iter()
            .map(|id| format!(" --accept {id}"))
            .collect();
        lines.push(format!(
            "to do it: enipilot ops resume {op} --confirm {eni}{}{accept} --allow-writes",
            to.flags()
        ));
    }
    let has_arrived = matches!(prospect.action, Action::Verify(_));
    if !to.put_back && operation.plan.source.is_some() && !has_arrived {
        lines.push(format!(
            "to put it back instead, look first: enipilot ops resume {op} --put-back"
        ));
    }
    out.lines(&lines);
    Exit::Engine(4)
}

fn elsewhere_json(elsewhere: &Elsewhere) -> Value {
    let others = elsewhere.others.iter();
    let others = others.map(|(name, id)| json!({ "InstanceId": id, "Name": name }));
    json!({
        "Name": elsewhere.name,
        "FreeDeviceIndexes": elsewhere.indexes,
        "Instances": others.collect::<Vec<_>>(),
    })
}
