//! Operations that are over, or were left open: the list, and taking one up again.
//!
//! Invariant: taking one up asks for the same consent as beginning one, in view of where the
//! interface stands now and of a preflight made now.

use super::step;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::{Asks, Consent, HandAction, Layer, Text};
use crate::app::model::Model;
use crate::app::operations::{KEPT_MAX, Listed, Taking};
use crate::app::walk::Place;
use crate::failover::engine::Goal;
use crate::failover::ops::Kept;
use crate::failover::plan::Plan;
use crate::failover::status::Status;
use crate::failover::surroundings::Surroundings;

/// What the state directory knows, newest knowledge. Operations of simulated worlds stay.
pub(super) fn told(model: &mut Model, kept: &[Kept]) {
    let stored: Vec<Listed> = kept.iter().map(Listed::stored).collect();
    let known = |op: &str| stored.iter().any(|s| s.op == op);
    model.listed.retain(|l| l.kept.is_none() && !known(&l.op));
    model.listed.extend(stored);
    sort(model);
}

/// An operation of this session has ended. What the state directory tells of it comes later.
pub(super) fn ended(model: &mut Model, status: &Status) {
    let listed = Listed::flown(status, &model.world, model.strips.first());
    model.listed.retain(|l| l.op != listed.op);
    model.listed.push(listed);
    sort(model);
    let mut flown = 0;
    model.listed.retain(|l| {
        flown += usize::from(l.kept.is_none());
        l.kept.is_some() || flown <= KEPT_MAX
    });
}

/// Open ones first, then the newest.
fn sort(model: &mut Model) {
    let rank = |l: &Listed| (l.is_open(), l.opened);
    model.listed.sort_by_key(|l| std::cmp::Reverse(rank(l)));
}

pub(super) fn open(model: &mut Model) {
    model.layers.push(Layer::Operations { cursor: 0 });
}

/// Keys of the list.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Layer::Operations { cursor }) = model.layers.last_mut() else {
        return Vec::new();
    };
    let entries = model.listed.len();
    let at = *cursor;
    match action {
        Action::Up => *cursor = step(at, -1, entries),
        Action::Down => *cursor = step(at, 1, entries),
        Action::Close => {
            model.layers.pop();
        }
        Action::Timeline => return super::replay::open(model),
        Action::Choose => {
            if let Some(listed) = model.listed.get(at) {
                model.layers.push(Layer::Text(Text {
                    title: format!("operation {}", listed.op),
                    lines: listed.report.clone(),
                    scroll: 0,
                }));
            }
        }
        Action::Copy => {
            let report = model.listed.get(at).map(|l| l.report.join("\n"));
            return report.map(Effect::Copy).into_iter().collect();
        }
        Action::Resume => take_up(model, at, Goal::Target),
        Action::UndoOperation => take_up(model, at, Goal::Source),
        _ => {}
    }
    Vec::new()
}

/// A key of the banner.
pub(super) fn banner(model: &mut Model, action: Action) {
    let open = model.left_behind().next().map(|l| l.op.clone());
    let at = open.and_then(|op| model.listed.iter().position(|l| l.op == op));
    if let Some(at) = at {
        let goal = match action {
            Action::UndoOperation => Goal::Source,
            _ => Goal::Target,
        };
        take_up(model, at, goal);
    }
}

fn take_up(model: &mut Model, at: usize, goal: Goal) {
    let Some(listed) = model.listed.get(at) else {
        return;
    };
    let Some(taking) = Taking::of(listed, goal, &model.world, model.now) else {
        return;
    };
    ask(model, taking);
}

/// Asks for the consent, or first for what stands in the way and may be accepted by name.
fn ask(model: &mut Model, taking: Taking) {
    if let Some(why) = taking.blocked {
        model.refuse(why);
        return;
    }
    if taking.acceptable().next().is_some() {
        super::hand::open(model, HandAction::AcceptAgain(Box::new(taking)));
        return;
    }
    let expected = super::failover::last_characters(&taking.eni);
    model.layers.push(Layer::Consent(Consent {
        asks: Asks::TakeUp(Box::new(taking)),
        typed: String::new(),
        expected,
        armed: false,
    }));
}

/// The dialog whose place nobody has looked at yet.
pub(super) fn unjudged(model: &mut Model) -> Option<&mut Taking> {
    match model.layers.last_mut() {
        Some(Layer::Consent(Consent {
            asks: Asks::TakeUp(taking),
            ..
        })) if taking.place != Place::Judged => Some(taking),
        _ => None,
    }
}

/// The runtime has looked at the place. An answer for another operation's plan counts no more.
pub(super) fn judged(model: &mut Model, of: &Plan, here: &Surroundings) {
    let Some(taking) = unjudged(model).filter(|taking| *taking.plan == *of) else {
        return;
    };
    let taking = Taking {
        here: here.clone(),
        ..taking.clone()
    };
    model.layers.pop();
    accepted(model, taking);
}

/// Judges it by what is known and accepted by now, and goes on asking.
pub(super) fn accepted(model: &mut Model, mut taking: Taking) {
    let listed = model.listed.iter().find(|l| l.op == taking.op);
    if let Some(operation) = listed.and_then(Listed::operation) {
        taking.judge(operation, &model.world, model.now);
        ask(model, taking);
    }
}
