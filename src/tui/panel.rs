//! The attachment panel: all there is to know about what the cursor stands on.
//!
//! Invariants: the content is a function of world and selection; it may be longer than the screen,
//! and then it scrolls; every field of an interface that EC2 answers is in it, because the list is
//! made from the interface's own serialised form.

mod address;
mod eni;
mod fields;
mod group;
mod instance;
pub(super) mod slots;
mod subnet;
mod vpc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, Row, cut, paint};
use super::theme::Role;
use crate::app::model::Model;
use crate::app::tree::Node;

/// Lists longer than this are cut; the filter finds the rest.
const LIST_MAX: usize = 400;

/// Title and lines for the selected resource. What is seen at once comes first; the full list of
/// fields begins where the first page of `height` lines ends.
pub(super) fn content(pen: Pen, model: &Model, width: usize, height: usize) -> (Row, Vec<Row>) {
    let world = &model.world;
    let alone = |(title, rows)| (title, rows, Vec::new());
    let found = match &model.tree.selected {
        Some(Node::Vpc(id)) => world
            .vpc(id)
            .map(|v| alone(vpc::content(pen, world, v, width))),
        Some(Node::Subnet(id)) => world
            .subnet(id)
            .map(|s| alone(subnet::content(pen, world, s, width))),
        Some(Node::Instance(id)) => world
            .instance(id)
            .map(|i| alone(instance::content(pen, model, i, width))),
        Some(Node::Eni(id)) => world.eni(id).map(|e| eni::content(pen, world, e, width)),
        Some(Node::Address(id, ip)) => world
            .eni(id)
            .map(|e| eni::with_address(pen, world, e, *ip, width)),
        Some(node @ Node::Unattached(_)) => Some(alone(group::unattached(pen, model, node, width))),
        Some(node @ Node::Managed(_)) => Some(alone(group::managed(pen, model, node, width))),
        None => None,
    };
    let (title, mut rows, rest) = found.unwrap_or_else(|| alone(nothing(pen, model, width)));
    if !rest.is_empty() {
        // At least a blank line stands between them; the rest of the page stays calm.
        rows.resize(height.max(rows.len() + 1), Row::default());
        rows.extend(rest);
    }
    for row in &mut rows {
        cut(row, width);
    }
    (title, rows)
}

/// Nothing is selected: say why, and what to do.
fn nothing(pen: Pen, model: &Model, width: usize) -> (Row, Vec<Row>) {
    use crate::app::model::Freshness;
    let text = match (&model.freshness, model.world.vpcs().next()) {
        (Freshness::Loading, _) => "Asking for the inventory…",
        (Freshness::Stale { .. }, _) => "The inventory could not be had. The cause stands below.",
        (Freshness::Fresh, _) if !model.filter.text.is_empty() => {
            "Nothing matches the filter. Press esc to show everything again."
        }
        (Freshness::Fresh, None) => {
            "There is no VPC here. Start with another world: enipilot --world two-am"
        }
        (Freshness::Fresh, Some(_)) => "Nothing is selected.",
    };
    (Row::default(), pen.wrapped(Role::Muted, text, width, " "))
}

/// Paints the panel; says how many lines lie above and below what is in view.
pub(super) fn view(
    pen: Pen,
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
) -> (Row, usize, usize) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let (title, rows) = content(pen, model, width, height);
    let last = rows.len().saturating_sub(height);
    let scroll = model.panel_scroll.min(last);
    let below = paint(buffer, area, &rows, scroll);
    (title, scroll, below)
}

/// A heading inside the panel.
fn section(pen: Pen, text: &str) -> [Row; 2] {
    [Row::default(), pen.row(Role::Title, format!(" {text}"))]
}

/// ` label      value`, the value beside the label or, where it does not fit, below it.
fn pair(pen: Pen, label: &str, value: &str, role: Role, column: usize, width: usize) -> Vec<Row> {
    use unicode_width::UnicodeWidthStr;
    let value = crate::ec2::shown::shown(value);
    let start = column.max(label.width() + 2) + 1;
    if start + value.width() <= width {
        let gap = " ".repeat(start - 1 - label.width());
        return vec![pen.rows([
            (Role::Muted, &format!(" {label}")),
            (role, &format!("{gap}{value}")),
        ])];
    }
    let mut rows = vec![pen.row(Role::Muted, format!(" {label}"))];
    rows.extend(pen.wrapped(role, &value, width, "   "));
    rows
}

/// Tags, one a line, the Name left out because it stands in the title.
fn tags(pen: Pen, tags: &[crate::ec2::resource::Tag], width: usize) -> Vec<Row> {
    let others: Vec<_> = tags.iter().filter(|t| &*t.key != "Name").collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut rows = section(pen, "tags").to_vec();
    for tag in others {
        rows.extend(pair(pen, &tag.key, &tag.value, Role::Text, 12, width));
    }
    rows
}
