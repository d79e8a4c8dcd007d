//! The end of a failover: put back, copy, write, explain, close.
//!
//! Invariant: nothing here changes anything but the screen; putting back is a new plan.

use super::failover;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::keymap;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::failover::plan::Intent;
use crate::failover::report;

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
            if let Some((way_back, other)) = status.plan.way_back_in(&model.world) {
                let op = status.op.to_string();
                if let Some(other) = other {
                    model.tell(format!("{}. It goes to the lowest free one", other.finding));
                }
                let intent = Intent {
                    source: None,
                    ..way_back
                };
                failover::open_plan(model, &intent, Some(op));
            }
        }
        Action::Timeline => return super::replay::open(model),
        Action::Explain => {
            let lines = report::explanation(status);
            failover::read(model, "why", lines);
        }
        Action::Copy => {
            let summary = report::summary(status, model.strips.first(), &model.world, model.now);
            return vec![Effect::Copy(report::text(&summary).join("\n"))];
        }
        Action::Report => {
            let summary = report::summary(status, model.strips.first(), &model.world, model.now);
            let text = report::markdown(&summary);
            let moment = status.ended.unwrap_or(model.now).compact();
            let name = failover::file_name("report", &status.plan.intent.eni, &moment, "md");
            return vec![Effect::Write { name, text }];
        }
        Action::Close => {
            model.walk = None;
            model.layers.retain(|layer| *layer != Layer::Walk);
        }
        _ => {}
    }
    Vec::new()
}
