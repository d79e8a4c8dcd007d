//! Which actions work now, and why the others do not.
//!
//! Invariants: costs the same in a world of any size, because every frame asks it; the footer
//! shows only what works; what does not work says why, with EC2's code last.

use super::{Binding, Scope, TABLE, name, scope, scope_of};
use crate::app::action::Action;
use crate::app::effect::Clock;
use crate::app::layer::{Asks, Layer};
use crate::app::model::Model;
use crate::app::operations::Listed;
use crate::app::tree::Node;
use crate::app::update::hand;
use crate::app::update::preflight::acceptable;
use crate::app::update::replay::hindered;
use crate::app::walk::{Phase, Place};
use crate::failover::plan::Level;
use crate::failover::sky::Kind;
use crate::failover::status::{Command, Ending, Status};
use crate::rules;

/// Whether an action works now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It does.
    Works,
    /// The program would submit it, and EC2 would refuse: why.
    Refused(String),
    /// EC2 would accept it, and nothing would change: why.
    Idle(String),
    /// There is nothing to do it to, or not now: why.
    Not(String),
}

impl Availability {
    fn not(why: &str) -> Self {
        Self::Not(why.to_owned())
    }

    fn when(works: bool, why_not: &str) -> Self {
        if works {
            Self::Works
        } else {
            Self::not(why_not)
        }
    }

    /// Why it does not work.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Works => None,
            Self::Refused(why) | Self::Idle(why) | Self::Not(why) => Some(why),
        }
    }
}

/// One action as footer and palette show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it does.
    pub action: Action,
    /// Its first key, as it is written.
    pub key: String,
    /// One or two words.
    pub label: &'static str,
    /// A sentence.
    pub description: &'static str,
    /// Whether it works now.
    pub availability: Availability,
}

/// The hints of the footer: what works now, the most important first. The painter shows as many
/// as fit.
pub fn available(model: &Model) -> Vec<Hint> {
    let scope = scope(model);
    let before = super::before(model);
    let first = TABLE.iter().filter(|b| Some(b.scope) == before);
    let rows = TABLE.iter().filter(|b| b.scope == scope);
    let mut hints: Vec<Hint> = first
        .chain(rows)
        .filter(|b| !b.label.is_empty())
        .map(|b| hint(model, b.scope, b))
        .filter(|h| h.availability == Availability::Works)
        // What was said is offered while it is news.
        .filter(|h| h.action != Action::Answer || model.notice.is_some())
        .collect();
    if !scope.takes_text() {
        // The way to everything else stands right before the way out.
        let out = |h: &Hint| matches!(h.action, Action::Quit | Action::Close);
        let at = hints.iter().position(out).unwrap_or(hints.len());
        let all = super::binding(Scope::Global, Action::Palette);
        if let Some(all) = all.filter(|_| scope != Scope::Reading && scope != Scope::Quit) {
            hints.insert(at, hint(model, scope, all));
        }
        if let Some(help) = super::binding(Scope::Global, Action::Help)
            && scope == Scope::Explorer
            && before.is_none()
        {
            hints.push(hint(model, scope, help));
        }
    }
    hints
}

/// Every action of the layer below the palette and of the whole program whose name or words hold
/// `input`; those that work first.
pub fn palette(model: &Model, input: &str) -> Vec<Hint> {
    let below = match model.layers.split_last() {
        Some((Layer::Palette { .. }, rest)) => scope_of(rest.last(), model),
        _ => scope(model),
    };
    let input = input.to_lowercase();
    let wanted = |b: &&Binding| {
        let words = format!("{} {} {:?}", b.label, b.description, b.action).to_lowercase();
        let school = b.scope == Scope::Lesson && below == Scope::Explorer && model.school.is_some();
        (b.scope == below || b.scope == Scope::Global || school)
            && b.action != Action::Palette
            && !is_movement(b.action)
            && words.contains(&input)
    };
    let mut hints: Vec<Hint> = TABLE
        .iter()
        .filter(wanted)
        .map(|b| {
            hint(
                model,
                if b.scope == Scope::Lesson {
                    b.scope
                } else {
                    below
                },
                b,
            )
        })
        .collect();
    // What works on the selected row stands first, then what is called as it was typed; what
    // belongs together stands side by side.
    hints.sort_by_key(|h| {
        let called = !input.is_empty() && h.description.to_lowercase().starts_with(&input);
        let works = h.availability == Availability::Works;
        (!works, !called, h.action.group())
    });
    hints
}

/// Moving the cursor by name is of no use to anybody.
fn is_movement(action: Action) -> bool {
    matches!(
        action,
        Action::Up
            | Action::Down
            | Action::Left
            | Action::Right
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::PanelUp
            | Action::PanelDown
            | Action::Earlier
            | Action::Later
            | Action::EarlierCall
            | Action::LaterCall
    )
}

fn hint(model: &Model, scope: Scope, binding: &Binding) -> Hint {
    Hint {
        action: binding.action,
        key: key(binding),
        label: label(model, binding),
        description: binding.description,
        availability: availability(model, scope, binding.action),
    }
}

/// The first key as it is written; moving there and back stand together, `j/k`.
fn key(binding: &Binding) -> String {
    let first = |b: &Binding| b.keys.first().copied().map(name).unwrap_or_default();
    let with = match binding.action {
        Action::Down => Some(Action::Up),
        Action::Earlier => Some(Action::Later),
        Action::EarlierCall => Some(Action::LaterCall),
        _ => None,
    };
    let row = |action| {
        let mut rows = TABLE.iter().filter(|b| b.scope == binding.scope);
        rows.find(|b| b.action == action)
    };
    match with.and_then(row) {
        Some(other) => format!("{}/{}", first(binding), first(other)),
        None => first(binding),
    }
}

/// The word for the footer, where it depends on what would happen.
fn label(model: &Model, binding: &Binding) -> &'static str {
    let row = model.tree.row();
    match (binding.action, binding.scope) {
        (Action::Clock, _) if model.clock == Some(Clock::Pause) => "run",
        (Action::Clock, _) => "pause",
        (Action::Toggle, _) if row.is_some_and(|r| r.open) => "close",
        (Action::Choose, Scope::Prompt | Scope::Input) => match model.layer() {
            Some(Layer::Prompt(prompt)) => {
                let chosen = prompt.choices.get(prompt.cursor);
                hand::verb(&prompt.action, chosen.map(|c| &c.then))
            }
            _ => binding.label,
        },
        _ => binding.label,
    }
}

/// Whether an action works now in this scope.
pub fn availability(model: &Model, scope: Scope, action: Action) -> Availability {
    match scope {
        Scope::Explorer | Scope::Filter => explorer(model, action),
        Scope::Candidates => candidates(model, action),
        Scope::Plan => plan(model, action),
        Scope::Flight => flight(model, action),
        Scope::Summary => summary(model, action),
        Scope::Operations => operations(model, action),
        Scope::Consent => consent(model, action),
        Scope::Lesson => lesson(model, action),
        _ => Availability::Works,
    }
}

const RUNNING: &str = "a failover is running; wait for its end";

fn explorer(model: &Model, action: Action) -> Availability {
    let live = model.sky.kind == Kind::Live;
    match action {
        Action::FailOver => fail_over(model),
        Action::Toggle => Availability::when(
            model.tree.row().is_some_and(|r| r.has_children),
            "nothing below this row",
        ),
        Action::Copy => Availability::when(model.selected().is_some(), "nothing is selected"),
        Action::ClearFilter => {
            Availability::when(!model.filter.text.is_empty(), "no filter is set")
        }
        Action::Undo if live => Availability::not("a real account has no undo; plan the way back"),
        Action::Undo if model.is_flying() => Availability::not(RUNNING),
        Action::Undo => Availability::when(model.undoable > 0, "no call to take back"),
        Action::Clock if live => Availability::not("real time cannot be paused"),
        Action::Skip if live => Availability::not("real time cannot be skipped"),
        Action::Skip => Availability::when(!model.is_flying(), RUNNING),
        Action::Clock => Availability::when(!model.is_flying(), "the failover runs the clock"),
        Action::Timeline if live => Availability::not(
            "a real account keeps no timeline; o lists operations, and t replays one",
        ),
        Action::Timeline => Availability::when(!model.is_flying(), RUNNING),
        Action::Refresh => {
            Availability::when(live, "a simulated world is always as new as it can be")
        }
        Action::Exports => Availability::when(
            model.served.is_some(),
            "only a served world has an endpoint: enipilot serve",
        ),
        Action::Quit => quit(model),
        Action::Resume => take_up(model, model.open_operation()),
        Action::UndoOperation => take_up(model, model.open_operation()),
        Action::Answer => Availability::when(model.said.is_some(), "EC2 has said nothing yet"),
        _ if action.is_by_hand() => by_hand(model, action),
        _ => Availability::Works,
    }
}

fn quit(model: &Model) -> Availability {
    let live = model.sky.kind == Kind::Live;
    Availability::when(
        !(live && model.is_critical()),
        "the interface is between two instances; leave once it is attached",
    )
}

fn fail_over(model: &Model) -> Availability {
    if model.is_flying() {
        return Availability::not(RUNNING);
    }
    if !model.whole {
        return Availability::not("wait until the whole account has been read: r reads it again");
    }
    let eni = match model.selected() {
        Some(Node::Instance(id)) => {
            let only = crate::app::update::failover::only_secondary(&model.world, id);
            only.and_then(|id| model.world.eni(&id))
        }
        Some(node) => node.eni().and_then(|id| model.world.eni(id)),
        None => None,
    };
    let Some(eni) = eni else {
        return Availability::not("select the network interface that is to move");
    };
    let Some(attachment) = &eni.attachment else {
        return Availability::Works;
    };
    let detach = crate::ec2::call::Call::DetachNetworkInterface(crate::ec2::call::Detach {
        attachment_id: attachment.attachment_id.clone(),
        force: false,
    });
    match rules::check(&model.world, &detach) {
        Ok(()) => Availability::Works,
        Err(denial) => Availability::Refused(hand::words(&denial)),
    }
}

fn by_hand(model: &Model, action: Action) -> Availability {
    if model.sky.kind == Kind::Live {
        return Availability::not(
            "by hand only in the simulator; on a real account this program moves interfaces and does nothing else",
        );
    }
    if model.is_flying() {
        return Availability::not(RUNNING);
    }
    match hand::probe(model, action) {
        Err(why) => Availability::Not(why),
        Ok(None) => Availability::Works,
        Ok(Some(call)) => match rules::check(&model.world, &call) {
            Ok(()) => match hand::idle(&model.world, &call) {
                Some(why) => Availability::Idle(why),
                None => Availability::Works,
            },
            Err(denial) => Availability::Refused(hand::words(&denial)),
        },
    }
}

fn operations(model: &Model, action: Action) -> Availability {
    let Some(Layer::Operations { cursor }) = model.layer() else {
        return Availability::Works;
    };
    let chosen = model.listed.get(*cursor);
    match action {
        Action::Resume | Action::UndoOperation => take_up(model, chosen),
        Action::Timeline => replay(model),
        Action::Choose | Action::Copy => Availability::when(chosen.is_some(), "no operation yet"),
        _ => Availability::Works,
    }
}

/// Whether the operation that is meant can be looked at again.
fn replay(model: &Model) -> Availability {
    match hindered(model) {
        None => Availability::Works,
        Some(why) => Availability::not(why),
    }
}

/// Whether an operation can be taken up again, here and now.
fn take_up(model: &Model, listed: Option<&Listed>) -> Availability {
    let Some(listed) = listed.filter(|l| l.is_open()) else {
        return Availability::not("no operation is open");
    };
    if let Some(by) = listed.holder() {
        return Availability::Not(format!("at work on it: {by}; wait for its end"));
    }
    if listed.operation().is_none() {
        return Availability::not("its journal cannot be trusted: look, and undo by hand");
    }
    if !listed.is_here(&model.sky) {
        let (account, region) = &listed.place;
        return Availability::Not(format!(
            "it is of account {account}, {region}: start there to end it"
        ));
    }
    if model.is_flying() {
        return Availability::not(RUNNING);
    }
    if !model.whole {
        return Availability::not("wait until the whole account has been read: r reads it again");
    }
    Availability::when(
        model.sky.writes,
        "this session is read-only; start it with --allow-writes to end this operation",
    )
}

fn candidates(model: &Model, action: Action) -> Availability {
    let Some(Layer::Candidates(candidates)) = model.layer() else {
        return Availability::Works;
    };
    let chosen = candidates.list.get(candidates.cursor);
    match (action, chosen) {
        (Action::Choose | Action::Copy | Action::Mechanism, None) => {
            Availability::not("no other instance")
        }
        (Action::Choose, Some(chosen)) => match chosen.blockers.first() {
            Some(denial) => Availability::Refused(hand::words(denial)),
            None => Availability::Works,
        },
        _ => Availability::Works,
    }
}

fn plan(model: &Model, action: Action) -> Availability {
    let Some(walk) = &model.walk else {
        return Availability::Works;
    };
    match action {
        Action::Accept => Availability::when(
            acceptable(&walk.plan).next().is_some(),
            "nothing here blocks that gives way by being accepted",
        ),
        Action::Next if !model.sky.may_step() => Availability::not(
            "a live failover flies as a whole: nobody may stand between detach and attach",
        ),
        Action::Next | Action::Run => {
            let block = walk.plan.preflight.iter().find(|c| c.level == Level::Block);
            if let Some(block) = block {
                let code = block.code.as_ref().map(|c| format!(" ({c})"));
                let code = code.unwrap_or_default();
                Availability::Refused(format!("{}. {}{code}", block.finding, block.remedy))
            } else if model.sky.kind == Kind::Live
                && model.sky.writes
                && walk.place != Place::Judged
            {
                Availability::not("still looking at the place that this program runs at")
            } else {
                Availability::when(
                    model.sky.writes,
                    "this session is read-only; start it with --allow-writes to fly this plan",
                )
            }
        }
        _ => Availability::Works,
    }
}

fn flight(model: &Model, action: Action) -> Availability {
    let status = model.walk.as_ref().and_then(|w| w.status.as_deref());
    let Some(status) = status else {
        let idle = matches!(action, Action::Preflight);
        return Availability::when(idle, "the operation is about to begin");
    };
    if let Some(answer) = asked_for(status, action) {
        return if answer {
            Availability::Works
        } else {
            Availability::not("not asked for now")
        };
    }
    match action {
        Action::Next => Availability::when(
            status.paused && model.sky.may_step(),
            "nothing is paused between two steps",
        ),
        Action::Run => Availability::when(status.paused, "all steps are being flown already"),
        Action::Finish
        | Action::PutBack
        | Action::WaitOn
        | Action::Force
        | Action::Fence
        | Action::OtherIndex
        | Action::OtherInstance => Availability::not("not asked for now"),
        Action::Quit => quit(model),
        _ => Availability::Works,
    }
}

/// While a question waits, only its choices work; `None` if the question has no say in it.
fn asked_for(status: &Status, action: Action) -> Option<bool> {
    let question = status.question.as_ref()?;
    let answers = matches!(
        action,
        Action::Next
            | Action::Run
            | Action::Finish
            | Action::PutBack
            | Action::WaitOn
            | Action::Force
            | Action::Fence
            | Action::OtherIndex
            | Action::OtherInstance
            | Action::Abort
    );
    let offered = |(command, _): &(Command, String)| answer_of(command) == action;
    answers.then(|| question.choices.iter().any(offered))
}

/// What an answer does, without the word that stands on its key already: `wait on: nothing changes`.
pub fn consequence<'a>(label: &str, text: &'a str) -> &'a str {
    let rest = text.strip_prefix("another ").unwrap_or(text);
    let rest = rest.strip_prefix(label).filter(|_| !label.is_empty());
    rest.and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(text)
}

/// The action that gives an answer.
pub fn answer_of(command: &Command) -> Action {
    match command {
        Command::Step => Action::Next,
        Command::Run => Action::Run,
        Command::Abort => Action::Abort,
        Command::Finish => Action::Finish,
        Command::PutBack => Action::PutBack,
        Command::WaitOn => Action::WaitOn,
        Command::Force(_) => Action::Force,
        Command::Fence(_) => Action::Fence,
        Command::Index(_) => Action::OtherIndex,
        Command::Candidate(_) => Action::OtherInstance,
    }
}

fn summary(model: &Model, action: Action) -> Availability {
    let Some(walk) = &model.walk else {
        return Availability::Works;
    };
    let done = walk.status.as_ref().and_then(|s| s.ending.as_ref()) == Some(&Ending::Done);
    match action {
        Action::Timeline => replay(model),
        Action::PutBack if walk.phase() == Phase::Summary => Availability::when(
            done && walk.plan.source.is_some(),
            "it is not on the target, or it came from nowhere",
        ),
        _ => Availability::Works,
    }
}

fn lesson(model: &Model, action: Action) -> Availability {
    let Some(school) = &model.school else {
        return Availability::not("only in the school: `enipilot learn`");
    };
    if model.is_flying() {
        return Availability::not(RUNNING);
    }
    let playing = school.play.is_some();
    match action {
        Action::Hint | Action::Solution | Action::Sandbox => {
            Availability::when(playing, "no lesson is being played: M lists them")
        }
        Action::Undo | Action::Timeline => explorer(model, action),
        Action::Redo => Availability::when(model.redoable > 0, "nothing was taken back"),
        Action::NextLesson => {
            Availability::when(school.next().is_some(), "this is the last lesson")
        }
        _ => Availability::Works,
    }
}

fn consent(model: &Model, action: Action) -> Availability {
    let Some(Layer::Consent(consent)) = model.layer() else {
        return Availability::Works;
    };
    match (action, &consent.asks) {
        (Action::Timeline, Asks::TakeUp(_)) => replay(model),
        (Action::Timeline, _) => Availability::not("nothing was done yet"),
        (Action::Choose, Asks::Plan | Asks::TakeUp(_)) => Availability::when(
            consent.armed && consent.typed == consent.expected,
            "type the last six characters of the interface's id",
        ),
        (Action::Choose, Asks::Force(_)) => Availability::when(
            consent.armed && consent.typed == consent.expected,
            "type the phrase exactly as it stands there",
        ),
        (Action::Choose, Asks::Fence(_)) => Availability::when(
            consent.armed && consent.typed == consent.expected,
            "type the whole id of the instance that is to be stopped",
        ),
        _ => Availability::Works,
    }
}
