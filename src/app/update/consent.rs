//! The consent: typed in full, after it was seen, by a person.
//!
//! Invariants: nothing counts before the dialog has been on the screen; pasted text never counts;
//! Enter alone or a single letter never agrees; what is compared is the end of an id, never a name.

use super::{edit, failover};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::{Asks, Layer};
use crate::app::model::Model;
use crate::app::msg::Key;
use crate::app::walk::Place;
use crate::failover::engine::Consent;
use crate::failover::status::Command;

/// Characters of the longest phrase.
const LENGTH_MAX: usize = 80;

/// What the model looked like is on the screen now.
pub(super) fn drawn(model: &mut Model) {
    if let Some(Layer::Consent(consent)) = model.layers.last_mut() {
        // Where it is not judged yet from where it is flown, there is something to read to come.
        consent.armed = match &consent.asks {
            Asks::TakeUp(taking) => taking.place == Place::Judged,
            _ => true,
        };
    }
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    if let Some(Layer::Consent(consent)) = model.layers.last_mut()
        && consent.armed
    {
        edit(&mut consent.typed, key, LENGTH_MAX);
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Close => {
            model.layers.pop();
            model.tell("nothing has been done");
        }
        Action::Choose => return agree(model),
        Action::Timeline => return super::replay::open_from_consent(model),
        _ => {}
    }
    Vec::new()
}

fn agree(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Consent(consent)) = model.layer().cloned() else {
        return Vec::new();
    };
    if !consent.armed || consent.expected.is_empty() || consent.typed != consent.expected {
        return Vec::new();
    }
    model.layers.pop();
    match consent.asks {
        Asks::Plan => failover::fly(
            model,
            crate::failover::engine::Pace::Run,
            Consent {
                typed: consent.typed,
                how: "tui",
            },
        ),
        Asks::TakeUp(taking) => vec![Effect::Resume {
            op: taking.op,
            goal: taking.goal,
            fresh: taking.fresh,
            consent: Consent {
                typed: consent.typed,
                how: "tui",
            },
        }],
        Asks::Force(_) => vec![Effect::Command(Command::Force(consent.typed))],
        Asks::Fence(_) => vec![Effect::Command(Command::Fence(consent.typed))],
    }
}
