//! Every action by name, with the reason where it does not work.

use super::{act as do_action, edit, step};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::keymap::{self, Availability};
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::msg::Key;

/// Characters of the search.
const LENGTH_MAX: usize = 60;

pub(super) fn open(model: &mut Model) {
    if matches!(model.layer(), Some(Layer::Palette { .. })) {
        return;
    }
    model.layers.push(Layer::Palette {
        input: String::new(),
        cursor: 0,
    });
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Layer::Palette { input, cursor }) = model.layer() else {
        return Vec::new();
    };
    let (input, at) = (input.clone(), *cursor);
    let hints = keymap::palette(model, &input);
    match action {
        Action::Close => {
            model.layers.pop();
        }
        Action::Up => set(model, step(at, -1, hints.len())),
        Action::Down => set(model, step(at, 1, hints.len())),
        Action::Choose => {
            let Some(hint) = hints.into_iter().nth(at) else {
                return Vec::new();
            };
            // What EC2 would refuse is not submitted from a list that shows the refusal already.
            if let Availability::Refused(why) | Availability::Not(why) = hint.availability {
                model.refuse(why);
                return Vec::new();
            }
            model.layers.pop();
            let below = keymap::scope(model);
            return do_action(model, below, hint.action);
        }
        _ => {}
    }
    Vec::new()
}

fn set(model: &mut Model, at: usize) {
    if let Some(Layer::Palette { cursor, .. }) = model.layers.last_mut() {
        *cursor = at;
    }
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    if let Some(Layer::Palette { input, cursor }) = model.layers.last_mut()
        && edit(input, key, LENGTH_MAX)
    {
        *cursor = 0;
    }
}
