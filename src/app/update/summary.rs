//! The end of a failover: what to do with it.

use super::failover;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::keymap;
use crate::app::layer::Layer;
use crate::app::model::Model;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let scope = keymap::scope(model);
    if let Some(why) = keymap::availability(model, scope, action).reason() {
        model.refuse(why);
        return Vec::new();
    }
    let Some(walk) = &model.walk else {
        model.layers.pop();
        return Vec::new();
    };
    let Some(status) = walk.status.as_deref() else {
        return Vec::new();
    };
    match action {
        Action::PutBack => {
            if let Some(source) = status.plan.source.clone() {
                let eni = status.plan.intent.eni.clone();
                let op = status.op.to_string();
                failover::open_plan(model, eni, source, Some(op));
            }
        }
        Action::Explain => {
            let lines = status.notes.iter().map(|(_, note)| note.clone()).collect();
            failover::read(model, "what happened", lines);
        }
        Action::Close => {
            model.walk = None;
            model.layers.retain(|layer| *layer != Layer::Walk);
        }
        _ => {}
    }
    Vec::new()
}
