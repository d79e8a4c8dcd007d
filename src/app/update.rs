//! `update`: the only way in which the model changes. One file per group of actions.
//!
//! Invariants: total and synchronous; a key finds its action in the key table and nowhere else,
//! except where text is typed; a notice lasts until the next key; what an action cannot do now it
//! refuses with the reason that the palette shows.

mod candidates;
mod clock;
mod consent;
mod copy;
mod explorer;
pub(crate) mod failover;
mod filter;
pub(crate) mod hand;
mod lesson;
mod operations;
mod palette;
pub(crate) mod preflight;
mod reading;
pub(crate) mod replay;
mod served;
mod session;
mod summary;
mod timeline;
pub(super) mod world;

use super::action::Action;
use super::effect::Effect;
use super::keymap::{self, Availability, Scope};
use super::layer::Layer;
use super::model::Model;
use super::msg::{Key, Msg};
use super::timeline::{step_in, step_out};

/// Takes one message and says what the runtime is to do.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    // Only keys are meant for the past that is looked at.
    let meant = matches!(
        msg,
        Msg::Key(_) | Msg::Act(_) | Msg::Paste(_) | Msg::Resize(..)
    );
    if !meant {
        step_out(model);
    }
    let mut effects = take(model, msg);
    step_out(model);
    lesson::keep_to(model, &mut effects);
    effects.extend(lesson::watch(model));
    effects.extend(preflight::look_around(model));
    step_in(model);
    model.fit();
    effects
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => return press(model, key),
        Msg::Act(action) => return named(model, action),
        Msg::Select(node) => explorer::select(model, &node),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(columns, rows) => model.size = (columns, rows),
        Msg::Tick(now) => model.now = now,
        Msg::Drawn => consent::drawn(model),
        Msg::World {
            generation,
            world,
            complete,
        } => world::arrived(model, generation, world, complete),
        Msg::Stale { generation, cause } => world::stale(model, generation, cause),
        Msg::Strips(strips) => model.strips = strips,
        Msg::Guests(lags) => model.guests = Some(lags),
        Msg::Called(call, answer) => {
            lesson::called(model, &call, &answer);
            return hand::called(model, &call, answer);
        }
        Msg::Heard(call, answer) => lesson::heard(model, &call, &answer),
        Msg::Lesson {
            at,
            sky,
            world,
            focus,
            prologue,
        } => lesson::began(model, at, sky, world, focus.as_ref(), &prologue),
        Msg::Timeline(all, at) => timeline::came(model, all, at),
        Msg::Past(all) => super::timeline::grow(model, all),
        Msg::Compare(all) => lesson::compare(model, &all),
        Msg::Undone(call) => clock::undone(model, call.as_ref()),
        Msg::ClockIs { running } => clock::is(model, running),
        Msg::Engine(status) => return failover::engine(model, status),
        Msg::Operations(kept) => operations::told(model, &kept),
        Msg::Surroundings(plan, here) => preflight::judged(model, &plan, &here),
        Msg::Note(text) => session::note(model, &text),
        Msg::Copied(text) => copy::copied(model, &text),
        Msg::Written(answer) => {
            if answer.is_ok() {
                lesson::wrote(model);
            }
            session::written(model, answer);
        }
        Msg::Exchanged {
            list,
            skipped,
            undoable,
        } => served::exchanged(model, &list, skipped, undoable),
        Msg::ClientsActive(active) => served::active(model, active),
        Msg::Terminate(why) => return session::terminate(model, why),
    }
    Vec::new()
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    model.notice = None;
    if let Some(Layer::Consent(consent)) = model.layer()
        && !consent.armed
        && !matches!(key, Key::Esc | Key::Ctrl(_))
    {
        // It has not been on the screen yet: nobody can have meant it.
        return Vec::new();
    }
    let scope = keymap::scope(model);
    if let Some(before) = keymap::before(model)
        && let Some(action) = keymap::own(before, key)
        && works(model, before, action)
    {
        return act(model, before, action);
    }
    match keymap::lookup(scope, key) {
        Some(action) => act(model, scope, action),
        None => {
            type_key(model, scope, key);
            Vec::new()
        }
    }
}

/// An action by its name: the lesson's own comes first, as with keys.
fn named(model: &mut Model, action: Action) -> Vec<Effect> {
    model.notice = None;
    let own = |scope: &Scope| keymap::binding(*scope, action).is_some_and(|b| b.scope == *scope);
    let before = keymap::before(model).filter(own);
    let scope = before.unwrap_or_else(|| keymap::scope(model));
    if keymap::binding(scope, action).is_none() {
        model.refuse("that means nothing here");
        return Vec::new();
    }
    act(model, scope, action)
}

/// A key of the lesson that means nothing now keeps its meaning in the explorer.
fn works(model: &Model, scope: Scope, action: Action) -> bool {
    keymap::availability(model, scope, action) == Availability::Works
}

/// Does an action in the scope that it was asked for in.
fn act(model: &mut Model, scope: Scope, action: Action) -> Vec<Effect> {
    if let Availability::Not(why) = keymap::availability(model, scope, action) {
        model.refuse(why);
        return Vec::new();
    }
    match action {
        Action::Palette => palette::open(model),
        Action::Help => reading::help(model),
        Action::SafeStop => return session::safe_stop(model),
        Action::Quit => return session::quit(model),
        Action::Leave => return session::leave(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Repaint => return vec![Effect::Repaint],
        _ => return in_scope(model, scope, action),
    }
    Vec::new()
}

fn in_scope(model: &mut Model, scope: Scope, action: Action) -> Vec<Effect> {
    match scope {
        Scope::Explorer => return explorer::act(model, action),
        Scope::Filter => filter::act(model, action),
        Scope::Candidates => return candidates::act(model, action),
        Scope::Plan => return failover::plan(model, action),
        Scope::Flight => return failover::flight(model, action),
        Scope::Summary => return summary::act(model, action),
        Scope::Operations => return operations::act(model, action),
        Scope::Reading => return reading::act(model, action),
        Scope::Consent => return consent::act(model, action),
        Scope::Prompt | Scope::Input => return hand::prompt(model, action),
        Scope::Palette => return palette::act(model, action),
        Scope::Lesson => return lesson::act(model, action),
        Scope::Lessons | Scope::LessonSearch => return lesson::list(model, action),
        Scope::Timeline => return timeline::act(model, action),
        Scope::Replay => return replay::act(model, action),
        Scope::Quit | Scope::Global => {
            if action == Action::Close {
                model.layers.pop();
            }
        }
    }
    Vec::new()
}

/// A key that is no action: text, where text is being typed.
fn type_key(model: &mut Model, scope: Scope, key: Key) {
    match scope {
        Scope::Filter => filter::type_key(model, key),
        Scope::Consent => consent::type_key(model, key),
        Scope::Input => hand::type_key(model, key),
        Scope::Palette => palette::type_key(model, key),
        Scope::LessonSearch => lesson::type_key(model, key),
        _ => {}
    }
}

/// Pasted text is text and nothing else: it never reaches a consent and never counts as keys.
fn paste(model: &mut Model, text: &str) {
    let scope = keymap::scope(model);
    if matches!(
        scope,
        Scope::Filter | Scope::Input | Scope::Palette | Scope::LessonSearch
    ) {
        for c in text.chars().filter(|c| !c.is_control()) {
            type_key(model, scope, Key::Char(c));
        }
    }
}

/// Edits a line of text by a key. True if it has changed.
fn edit(line: &mut String, key: Key, length_max: usize) -> bool {
    match key {
        Key::Char(c) if line.chars().count() < length_max => line.push(c),
        Key::Backspace => return line.pop().is_some(),
        Key::Ctrl('u') if !line.is_empty() => line.clear(),
        Key::Ctrl('w') if !line.is_empty() => {
            let kept = line.trim_end().rfind(' ').map_or(0, |at| at + 1);
            line.truncate(kept);
        }
        _ => return false,
    }
    true
}

/// Moves an index in a list of so many entries.
fn step(cursor: usize, by: isize, entries: usize) -> usize {
    cursor
        .saturating_add_signed(by)
        .min(entries.saturating_sub(1))
}

#[cfg(test)]
mod tests;
