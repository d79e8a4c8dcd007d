//! Help, preflight and longer texts: scrolling and closing.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::keymap;
use crate::app::layer::Layer;
use crate::app::model::Model;

pub(super) fn help(model: &mut Model) {
    if matches!(model.layer(), Some(Layer::Help { .. })) {
        model.layers.pop();
    } else {
        model.layers.push(Layer::Help { scroll: 0 });
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = usize::from(model.size.1).saturating_sub(6).max(1);
    let last = lines(model).saturating_sub(page);
    if action == Action::Close {
        model.layers.pop();
        return Vec::new();
    }
    if action == Action::Copy {
        return copy(model);
    }
    let scroll = match model.layers.last_mut() {
        Some(Layer::Help { scroll } | Layer::Preflight { scroll }) => scroll,
        Some(Layer::Text(text)) => &mut text.scroll,
        _ => return Vec::new(),
    };
    *scroll = match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => (*scroll + 1).min(last),
        Action::PageUp => scroll.saturating_sub(page),
        Action::PageDown => (*scroll + page).min(last),
        Action::First => 0,
        Action::Last => last,
        _ => *scroll,
    };
    Vec::new()
}

/// Lines of the text, before wrapping.
fn lines(model: &Model) -> usize {
    match model.layer() {
        Some(Layer::Help { .. }) => {
            let sections = keymap::help();
            // A heading and an empty line for every section.
            sections.iter().map(|(_, rows)| rows.len() + 2).sum()
        }
        Some(Layer::Preflight { .. }) => {
            let plan = model.walk.as_ref().map(|w| &w.plan);
            // A finding and its remedy each.
            plan.map_or(0, |p| p.preflight.len() * 2)
        }
        Some(Layer::Text(text)) => {
            // A long line wraps: count what it takes on this terminal, roughly.
            let columns = usize::from(model.size.0).saturating_sub(4).max(20);
            let rows = |line: &String| line.chars().count() / columns + 1;
            text.lines.iter().map(rows).sum()
        }
        _ => 0,
    }
}

fn copy(model: &Model) -> Vec<Effect> {
    match model.layer() {
        Some(Layer::Text(text)) => vec![Effect::Copy(text.lines.join("\n"))],
        Some(Layer::Preflight { .. }) => {
            let Some(walk) = &model.walk else {
                return Vec::new();
            };
            let line = |c: &crate::failover::plan::Check| {
                format!("{:?} {}: {} {}", c.level, c.id, c.finding, c.remedy)
            };
            let lines: Vec<String> = walk.plan.preflight.iter().map(line).collect();
            vec![Effect::Copy(lines.join("\n"))]
        }
        _ => vec![Effect::Copy(keymap::markdown())],
    }
}
