//! Moving through the tree.

use std::time::Duration;

use super::{clock, copy, failover, filter, hand, operations, served};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::tree::Node;

/// Lines by which the panel can be scrolled; the painter stops at its last line.
const PANEL_SCROLL_MAX: usize = 200;

/// Virtual time that one key skips.
const SKIPPED: Duration = Duration::from_secs(60);

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let was = model.tree.selected.clone();
    match action {
        Action::Up => model.tree.move_by(-1),
        Action::Down => model.tree.move_by(1),
        Action::Left => model.tree.left(),
        Action::Right => model.tree.right(),
        Action::PageUp => model.tree.page(false),
        Action::PageDown => model.tree.page(true),
        Action::First => model.tree.first(),
        Action::Last => model.tree.last(),
        Action::Toggle => model.tree.toggle(),
        Action::PanelUp => model.panel_scroll = model.panel_scroll.saturating_sub(1),
        Action::PanelDown => {
            model.panel_scroll = (model.panel_scroll + 1).min(PANEL_SCROLL_MAX);
        }
        Action::Filter => {
            let old = !model.filter.text.is_empty();
            model.layers.push(Layer::Filter { old });
        }
        Action::ClearFilter => filter::clear(model),
        Action::Copy => return copy::selected(model),
        Action::Undo => return vec![Effect::Undo],
        Action::Clock => return clock::toggle(model),
        Action::Skip => return vec![Effect::Skip(SKIPPED)],
        Action::Timeline => return vec![Effect::Timeline(None)],
        Action::Refresh => {
            model.tell("looking again");
            return vec![Effect::Refresh];
        }
        Action::Exports => return served::exports(model),
        Action::FailOver => failover::open(model),
        Action::Operations => operations::open(model),
        Action::Resume | Action::UndoOperation => operations::banner(model, action),
        Action::Answer => hand::read_answer(model),
        _ => return hand::act(model, action),
    }
    if model.tree.selected != was {
        model.panel_scroll = 0;
    }
    Vec::new()
}

/// The cursor goes to a resource; its row is opened to.
pub(super) fn select(model: &mut Model, node: &Node) {
    if model.tree.select(node) {
        model.panel_scroll = 0;
    } else {
        model.refuse("it has no row in the tree");
    }
}
