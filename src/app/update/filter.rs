//! Typing a filter: the tree follows every key.

use std::sync::Arc;

use super::edit;
use crate::app::action::Action;
use crate::app::filter::haystack::Haystack;
use crate::app::filter::terms;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::msg::Key;

/// Characters of a filter.
const LENGTH_MAX: usize = 200;

pub(super) fn act(model: &mut Model, action: Action) {
    match action {
        Action::Choose => close(model),
        Action::ClearFilter => {
            close(model);
            clear(model);
        }
        Action::Up => model.tree.move_by(-1),
        Action::Down => model.tree.move_by(1),
        _ => {}
    }
}

fn close(model: &mut Model) {
    if matches!(model.layer(), Some(Layer::Filter { .. })) {
        model.layers.pop();
    }
}

pub(super) fn clear(model: &mut Model) {
    model.filter.text.clear();
    apply(model);
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    if key == Key::Backspace && model.filter.text.is_empty() {
        return close(model);
    }
    if let Some(Layer::Filter { old }) = model.layers.last_mut()
        && std::mem::take(old)
        && matches!(key, Key::Char(c) if c != ' ')
    {
        model.filter.text.clear();
    }
    if edit(&mut model.filter.text, key, LENGTH_MAX) {
        apply(model);
    }
}

/// Filters the tree by the text as it stands.
pub(super) fn apply(model: &mut Model) {
    let terms = terms(&model.filter.text);
    if terms.is_empty() {
        model.filter.matches = 0;
        model.tree.filter(None);
        return;
    }
    let outline = model.tree.outline();
    let haystack = model
        .haystack
        .get_or_insert_with(|| Arc::new(Haystack::of(&model.world, outline)));
    let (marks, matches) = haystack.search(outline, &terms);
    model.filter.matches = matches;
    model.tree.filter(Some(marks));
}
