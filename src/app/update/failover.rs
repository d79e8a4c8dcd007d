//! The guided failover: from the interface to the candidates, the plan, the walk.
//!
//! Invariants: a plan is flown once, by one effect; live it is flown as a whole and after a
//! consent; what the engine is told are the commands of the failover layer and nothing else; an
//! answer to a question is only given while the question offers it.

use std::sync::Arc;

use super::step;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::feed::Tone;
use crate::app::keymap;
use crate::app::layer::{Asks, Candidates, Consent as Dialog, HandAction, Layer, Text};
use crate::app::model::Model;
use crate::app::tree::Node;
use crate::app::walk::{Place, Walk};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::shown::shown;
use crate::ec2::world::World;
use crate::failover::candidates::candidates;
use crate::failover::engine::{Consent, FORCE_PHRASE, Pace};
use crate::failover::plan::{Intent, Plan, Planned, plan as make_plan};
use crate::failover::report::{script, summary};
use crate::failover::sky::Kind;
use crate::failover::status::{Command, Ending, Status};

/// Characters of the interface's id that a person types to agree.
const TYPED_CHARACTERS: usize = 6;

/// The only secondary interface of an instance: what `f` means when the instance is selected.
pub(crate) fn only_secondary(world: &World, instance: &InstanceId) -> Option<EniId> {
    let enis = world.enis_of(instance);
    let mut secondary = enis.into_iter().filter(|e| !e.is_primary());
    let only = secondary.next()?;
    secondary.next().is_none().then(|| only.id.clone())
}

/// `f`: where could the selected interface go? Or why can it not move at all?
pub(super) fn open(model: &mut Model) {
    let eni = match model.selected() {
        Some(Node::Instance(id)) => only_secondary(&model.world, id),
        Some(node) => node.eni().cloned(),
        None => None,
    };
    let Some(eni) = eni else { return };
    match candidates(&model.world, &eni) {
        Err(denial) => {
            let text = format!("{} {}", super::hand::words(&denial), denial.instead);
            model.refuse(text);
        }
        Ok(list) if list.is_empty() => {
            model.refuse("there is no other instance that it could move to");
        }
        Ok(list) => {
            model.tree.select(&Node::Eni(eni.clone()));
            model.layers.push(Layer::Candidates(Candidates {
                eni,
                list,
                cursor: 0,
            }));
        }
    }
}

/// Plans a move and shows the plan; nothing happens yet.
pub(super) fn open_plan(model: &mut Model, intent: &Intent, undo_of: Option<String>) {
    match make_plan(&model.world, intent, &model.sky, model.now) {
        Err(unplannable) => model.refuse(shown(&unplannable.to_string())),
        Ok(Planned::AlreadyThere) => model.refuse("it is there already: nothing to do"),
        Ok(Planned::Plan(plan)) => {
            let plan = Plan { undo_of, ..*plan };
            model.walk = Some(Walk::new(Arc::new(plan)));
            if !model.layers.contains(&Layer::Walk) {
                model.layers.push(Layer::Walk);
            }
        }
    }
}

/// Keys of the plan.
pub(super) fn plan(model: &mut Model, action: Action) -> Vec<Effect> {
    let scope = keymap::scope(model);
    if let Some(why) = keymap::availability(model, scope, action).reason() {
        model.refuse(why);
        return Vec::new();
    }
    let Some(walk) = &mut model.walk else {
        model.layers.pop();
        return Vec::new();
    };
    let steps = walk.plan.steps.len();
    match action {
        Action::Up => walk.shown = step(walk.shown, -1, steps),
        Action::Down => walk.shown = step(walk.shown, 1, steps),
        Action::Preflight => model.layers.push(Layer::Preflight { scroll: 0 }),
        Action::Mechanism => {
            let intent = &walk.plan.intent;
            let ask = HandAction::Mechanism(intent.eni.clone(), intent.target.clone());
            super::hand::open(model, ask);
        }
        Action::Accept => {
            let ask = HandAction::Accept(Box::new(Plan::clone(&walk.plan)));
            super::hand::open(model, ask);
        }
        Action::Script => return vec![Effect::Copy(script(&walk.plan))],
        Action::SavePlan => return save(walk, model.now.compact()),
        Action::Close => {
            model.walk = None;
            model.layers.pop();
        }
        Action::Next => return fly_freely(model, Pace::Step),
        Action::Run if model.sky.kind == Kind::Live => {
            let dialog = Dialog {
                asks: Asks::Plan,
                typed: String::new(),
                expected: last_characters(&walk.plan.intent.eni),
                armed: false,
            };
            model.layers.push(Layer::Consent(dialog));
        }
        Action::Run => return fly_freely(model, Pace::Run),
        _ => {}
    }
    Vec::new()
}

pub(super) fn last_characters(id: &EniId) -> String {
    let all: Vec<char> = id.as_str().chars().collect();
    let from = all.len().saturating_sub(TYPED_CHARACTERS);
    all.get(from..).unwrap_or_default().iter().collect()
}

/// The simulator asks nobody: nothing real can be lost there.
fn fly_freely(model: &mut Model, pace: Pace) -> Vec<Effect> {
    let typed = model.walk.as_ref().map(|w| w.plan.intent.eni.to_string());
    let consent = Consent {
        typed: typed.unwrap_or_default(),
        how: "sim",
    };
    fly(model, pace, consent)
}

pub(super) fn fly(model: &mut Model, pace: Pace, consent: Consent) -> Vec<Effect> {
    let Some(walk) = &mut model.walk else {
        return Vec::new();
    };
    if walk.launched {
        return Vec::new();
    }
    walk.launched = true;
    let plan = Arc::clone(&walk.plan);
    vec![Effect::Fly {
        plan,
        pace,
        consent,
    }]
}

/// Keys while an operation runs.
pub(super) fn flight(model: &mut Model, action: Action) -> Vec<Effect> {
    let command = match action {
        Action::Preflight => {
            model.layers.push(Layer::Preflight { scroll: 0 });
            return Vec::new();
        }
        Action::Next => Command::Step,
        Action::Run => Command::Run,
        Action::Abort => Command::Abort,
        Action::Finish => Command::Finish,
        Action::PutBack => Command::PutBack,
        Action::WaitOn => Command::WaitOn,
        Action::OtherIndex => match offered(model, action) {
            Some(command) => command,
            None => return Vec::new(),
        },
        Action::OtherInstance => match &choices(model, action)[..] {
            [] => return Vec::new(),
            [(command, _)] => command.clone(),
            several => {
                let ask = HandAction::Answer(several.to_vec());
                super::hand::open(model, ask);
                return Vec::new();
            }
        },
        Action::Force | Action::Fence => {
            ask_more(model, action);
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    vec![Effect::Command(command)]
}

/// The answer with everything that the question says of it.
fn offered(model: &Model, action: Action) -> Option<Command> {
    let found = choices(model, action).into_iter().next();
    found.map(|(command, _)| command)
}

/// The answers of the open question that a key stands for, the best one first.
fn choices(model: &Model, action: Action) -> Vec<(Command, String)> {
    let status = model.walk.as_ref().and_then(|w| w.status.as_deref());
    let question = status.and_then(|s| s.question.as_ref());
    let all = question.into_iter().flat_map(|q| &q.choices);
    all.filter(|(command, _)| keymap::answer_of(command) == action)
        .cloned()
        .collect()
}

/// Force and a stop have their own consent, with what they do for good spelled out.
fn ask_more(model: &mut Model, action: Action) {
    let status = model.walk.as_ref().and_then(|w| w.status.as_deref());
    let question = status.and_then(|s| s.question.as_ref());
    let asked = |(command, text): &(Command, String)| match command {
        Command::Force(phrase) if action == Action::Force && phrase.is_empty() => {
            Some((Asks::Force(text.clone()), FORCE_PHRASE.to_owned()))
        }
        Command::Force(phrase) if action == Action::Force => {
            Some((Asks::Force(text.clone()), phrase.clone()))
        }
        Command::Fence(id) if action == Action::Fence => {
            Some((Asks::Fence(text.clone()), id.clone()))
        }
        _ => None,
    };
    if let Some((asks, expected)) = question.and_then(|q| q.choices.iter().find_map(asked)) {
        model.layers.push(Layer::Consent(Dialog {
            asks,
            typed: String::new(),
            expected,
            armed: false,
        }));
    }
}

/// The engine's picture has changed.
pub(super) fn engine(model: &mut Model, status: Box<Status>) -> Vec<Effect> {
    let old = model.walk.take();
    let same = old
        .as_ref()
        .and_then(|w| w.status.as_ref())
        .filter(|s| s.op == status.op);
    // The list of candidates is out of date from here on: nobody shall come back to it.
    let candidates = |l: &Layer| matches!(l, Layer::Candidates(_));
    model.layers.retain(|layer| !candidates(layer));
    let notes_told = same.map_or(0, |s| s.notes.len());
    let had_ended = same.is_some_and(|s| s.ending.is_some());
    let made = status
        .calls
        .len()
        .saturating_sub(same.map_or(0, |s| s.calls.len()));
    let had_question = same.is_some_and(|s| s.question.is_some());
    for (at, note) in status.notes.iter().skip(notes_told) {
        let about = Some(Node::Eni(status.plan.intent.eni.clone()));
        model
            .feed
            .say(*at, Tone::Warn, shown(note).into_owned(), about);
    }
    if status.question.is_some() && !had_question {
        // Whatever is being read, the question matters more.
        let reading = |l: &Layer| {
            matches!(
                l,
                Layer::Help { .. }
                    | Layer::Preflight { .. }
                    | Layer::Text(_)
                    | Layer::Palette { .. }
            )
        };
        model.layers.retain(|layer| !reading(layer));
    }
    super::lesson::flown(model, made);
    let ended_now = status.ending.is_some() && !had_ended;
    if ended_now {
        end(model, &status);
        if status.ending == Some(Ending::Done) {
            super::lesson::moved(model, &status.plan.intent.eni);
        }
    }
    let shown_step = old.as_ref().map_or(0, |w| w.shown);
    model.walk = Some(Walk {
        plan: Arc::clone(&status.plan),
        shown: shown_step,
        status: Some(status),
        launched: true,
        place: Place::Judged,
    });
    if !model.layers.contains(&Layer::Walk) && !had_ended {
        model.layers.insert(0, Layer::Walk);
    }
    if ended_now && model.leaving.is_some() {
        return vec![Effect::Quit];
    }
    Vec::new()
}

fn end(model: &mut Model, status: &Status) {
    // What could not be done while it was under way is no news any more.
    model.notice = None;
    let asks = |l: &Layer| matches!(l, Layer::Quit | Layer::Consent(_));
    model.layers.retain(|layer| !asks(layer));
    let accepted = |m: &&crate::failover::status::Made| m.answer.as_deref() == Some("accepted");
    model.undoable += status.calls.iter().filter(accepted).count();
    super::operations::ended(model, status);
    let about = Node::Eni(status.plan.intent.eni.clone());
    let tone = match &status.ending {
        Some(Ending::Done | Ending::PutBack) => Tone::Good,
        Some(Ending::Aborted) => Tone::Plain,
        Some(_) => Tone::Bad,
        None => return,
    };
    let text = summary(status, None, &model.world, model.now).text;
    let at = status.ended.unwrap_or(model.now);
    model.feed.say(at, tone, text, Some(about.clone()));
    model.tree.select(&about);
}

fn save(walk: &Walk, moment: String) -> Vec<Effect> {
    let text = serde_json::to_string_pretty(&*walk.plan).unwrap_or_default();
    let name = file_name("plan", &walk.plan.intent.eni, &moment, "json");
    vec![Effect::Write { name, text }]
}

/// A file name of nothing but letters, digits and hyphens before its ending.
pub(super) fn file_name(what: &str, eni: &EniId, moment: &str, ending: &str) -> String {
    let id: String = eni
        .as_str()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(40)
        .collect();
    format!("{what}-{id}-{moment}.{ending}")
}

/// A text layer.
pub(super) fn read(model: &mut Model, title: &str, lines: Vec<String>) {
    model.layers.push(Layer::Text(Text {
        title: title.to_owned(),
        lines,
        scroll: 0,
    }));
}
