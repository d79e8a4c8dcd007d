//! Leaving, notes and files.
//!
//! Invariant: nothing here ends the program while an interface may be unattached because of us on
//! a real account.

use crate::app::effect::Effect;
use crate::app::feed::Tone;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::ec2::shown::shown;
use crate::failover::sky::Kind;
use crate::failover::status::Command;

const CRITICAL: &str = "the interface is between two instances; the program ends by itself once it \
                        is attached";

/// `q`: at once if nothing runs; a question if something does, or if others are at work on the world.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if !model.is_flying() && !is_asked(model) {
        return vec![Effect::Quit];
    }
    ask(model);
    Vec::new()
}

/// Clients of a served world would lose it.
fn is_asked(model: &Model) -> bool {
    model.served.as_ref().is_some_and(|served| served.active)
}

fn ask(model: &mut Model) {
    if model.layer() != Some(&Layer::Quit) {
        model.layers.push(Layer::Quit);
    }
}

/// The answer to the question: leave. A live operation is stopped first, which is free before the
/// detach and impossible after it.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    if !model.is_flying() || model.sky.kind != Kind::Live {
        return vec![Effect::Quit];
    }
    model.layers.retain(|layer| *layer != Layer::Quit);
    stop_then_leave(model, "asked to leave")
}

fn stop_then_leave(model: &mut Model, why: &str) -> Vec<Effect> {
    model.leaving = Some(why.to_owned());
    if model.is_critical() {
        model.refuse(CRITICAL);
        return Vec::new();
    }
    model.tell("stopping; the program ends when the operation has ended");
    vec![Effect::Command(Command::Abort)]
}

/// Ctrl-C: leave at once if nothing runs. In the simulator a running operation is stopped, and a
/// second press leaves; live the operation reaches its safe end first, however often it is pressed.
pub(super) fn safe_stop(model: &mut Model) -> Vec<Effect> {
    if !model.is_flying() {
        if !is_asked(model) || model.layer() == Some(&Layer::Quit) {
            return vec![Effect::Quit];
        }
        ask(model);
        return Vec::new();
    }
    if model.sky.kind == Kind::Live {
        return stop_then_leave(model, "ctrl-c");
    }
    if model.layer() == Some(&Layer::Quit) {
        return vec![Effect::Quit];
    }
    ask(model);
    vec![Effect::Command(Command::Abort)]
}

/// A signal: as Ctrl-C, but nobody is there to be asked.
pub(super) fn terminate(model: &mut Model, why: String) -> Vec<Effect> {
    if !model.is_flying() || model.sky.kind != Kind::Live {
        return vec![Effect::Quit];
    }
    let line = format!("asked to end ({})", shown(&why));
    model.feed.say(model.now, Tone::Warn, line, None);
    stop_then_leave(model, &why)
}

pub(super) fn note(model: &mut Model, text: &str) {
    let text = shown(text).into_owned();
    model.feed.say(model.now, Tone::Plain, text, None);
}

pub(super) fn written(model: &mut Model, answer: Result<String, String>) {
    match answer {
        Ok(path) => model.tell(format!("written to {}", shown(&path))),
        Err(why) => model.refuse(format!("not written: {}", shown(&why))),
    }
}
