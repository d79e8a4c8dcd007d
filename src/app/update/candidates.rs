//! Where could it go? Choosing among the candidates.

use super::{failover, step};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::{HandAction, Layer};
use crate::app::model::Model;
use crate::failover::plan::Intent;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Layer::Candidates(candidates)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let entries = candidates.list.len();
    let cursor = candidates.cursor;
    match action {
        Action::Up => candidates.cursor = step(cursor, -1, entries),
        Action::Down => candidates.cursor = step(cursor, 1, entries),
        Action::First => candidates.cursor = 0,
        Action::Last => candidates.cursor = entries.saturating_sub(1),
        Action::Close => {
            model.layers.pop();
        }
        Action::Copy => {
            let chosen = candidates.list.get(cursor);
            return chosen
                .map(|c| Effect::Copy(c.instance.to_string()))
                .into_iter()
                .collect();
        }
        Action::Mechanism => {
            let eni = candidates.eni.clone();
            if let Some(target) = candidates.list.get(cursor) {
                let ask = HandAction::Mechanism(eni, target.instance.clone());
                super::hand::open(model, ask);
            }
        }
        Action::Choose => {
            let eni = candidates.eni.clone();
            if let Some(target) = candidates.list.get(cursor).cloned() {
                match target.blockers.first() {
                    Some(denial) => {
                        let text = format!("{} {}", super::hand::words(denial), denial.instead);
                        model.refuse(text);
                    }
                    None => failover::open_plan(model, &Intent::new(eni, target.instance), None),
                }
            }
        }
        _ => {}
    }
    Vec::new()
}
