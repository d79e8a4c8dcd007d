//! An operation looked at again: from the list, from its summary, from the dialog that takes it up.
//!
//! Invariant: only looks. A simulated operation is shown in its world, whose every change is
//! remembered; of any other its journal tells.

use std::sync::Arc;

use super::step;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::{Asks, Consent, Layer, Replaying};
use crate::app::model::Model;
use crate::failover::replay::{Kind, Replay};

/// The operation that is meant now, if there is one.
fn meant(model: &Model) -> Option<String> {
    match model.layer()? {
        Layer::Operations { cursor } => model.listed.get(*cursor).map(|l| l.op.clone()),
        Layer::Consent(Consent {
            asks: Asks::TakeUp(taking),
            ..
        }) => Some(taking.op.clone()),
        Layer::Walk => {
            let status = model.walk.as_ref().and_then(|w| w.status.as_ref());
            status.map(|s| s.op.to_string())
        }
        _ => None,
    }
}

/// What can be shown of the operation that is meant.
enum Source {
    /// Its journal.
    Journal(Arc<Replay>),
    /// The world that it was flown in.
    World(Effect),
}

fn source(model: &Model) -> Result<Source, &'static str> {
    let op = meant(model).ok_or("no operation yet")?;
    let listed = model.listed.iter().find(|l| l.op == op);
    let replay = listed
        .and_then(|l| l.kept.as_ref())
        .and_then(|k| k.replay.clone());
    match (replay, listed) {
        (Some(replay), _) if replay.moments.is_empty() => Err("nothing of its journal can be read"),
        (Some(replay), _) => Ok(Source::Journal(replay)),
        (None, Some(listed)) if model.clock.is_some() => {
            Ok(Source::World(Effect::Timeline(Some(listed.opened))))
        }
        _ => Err("its journal has not been read yet"),
    }
}

/// Why the operation that is meant cannot be looked at again, if so.
pub(crate) fn hindered(model: &Model) -> Option<&'static str> {
    source(model).err()
}

pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    match source(model) {
        Ok(Source::World(effect)) => return vec![effect],
        Ok(Source::Journal(replay)) => {
            model
                .layers
                .push(Layer::Replay(Replaying { replay, at: 0 }));
        }
        Err(why) => model.refuse(why),
    }
    Vec::new()
}

/// The same from a dialog that asks for consent: whoever comes back types it anew, in view of it.
pub(super) fn open_from_consent(model: &mut Model) -> Vec<Effect> {
    let layers = model.layers.len();
    let effects = open(model);
    if model.layers.len() > layers || !effects.is_empty() {
        for layer in &mut model.layers {
            if let Layer::Consent(consent) = layer {
                consent.typed.clear();
                consent.armed = false;
            }
        }
    }
    effects
}

/// Keys of the replay.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Layer::Replay(replaying)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let moments = &replaying.replay.moments;
    let (at, entries) = (replaying.at, moments.len());
    let call = |n: &usize| moments.get(*n).is_some_and(|m| m.kind == Kind::Call);
    replaying.at = match action {
        Action::Earlier => step(at, -1, entries),
        Action::Later => step(at, 1, entries),
        Action::EarlierCall => (0..at).rev().find(call).unwrap_or(at),
        Action::LaterCall => (at + 1..entries).find(call).unwrap_or(at),
        Action::First => 0,
        Action::Last => entries.saturating_sub(1),
        Action::Copy => return vec![Effect::Copy(replaying.replay.lines().join("\n"))],
        Action::Close => {
            model.layers.pop();
            return Vec::new();
        }
        _ => at,
    };
    Vec::new()
}
