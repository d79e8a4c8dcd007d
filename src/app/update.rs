//! `update`: the only way in which the model changes. One file per group of actions.

use super::effect::Effect;
use super::model::Model;
use super::msg::Msg;

/// Takes one message and says what the runtime is to do.
pub fn update(_model: &mut Model, _msg: Msg) -> Vec<Effect> {
    Vec::new()
}
