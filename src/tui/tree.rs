//! The tree: rows of the model, painted by tui-tree-widget.
//!
//! The widget flattens every item that it is given, on every frame, and finds its selection by
//! path. So it is given the rows in view and the ancestors that stay on top of them, nothing else,
//! under their row numbers: a frame costs the same at 100 and at 100,000 interfaces.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::StatefulWidget;
use tui_tree_widget::{Tree as Widget, TreeItem, TreeState};
use unicode_width::UnicodeWidthStr;

use super::glyph::{CLOSED, DOT, FREE, OPEN, PRIMARY, SECONDARY};
use super::pen::{Pen, cut, fit};
use super::theme::Role;
use super::words::{eni_name, eni_state, instance_name, instance_state, is_moving, zone};
use crate::app::model::Model;
use crate::app::tree::{Node, Row};
use crate::ec2::eni::Eni;
use crate::ec2::resource::name_of;
use crate::rules::ownership::owner;

/// Columns of the two columns at the right, at the floor; wider trees get more.
const RIGHT_MIN: usize = 20;
/// Below this width the middle column is left out.
const MIDDLE_MIN: usize = 36;
/// Interfaces of a group that are looked at to name its services.
const SERVICES_MAX: usize = 24;

/// Stands behind the middle column of a row that changed in the last few seconds.
const CHANGED: &str = "*";

/// The screen line on which the cursor stands.
pub(super) fn cursor_line(model: &Model, area: Rect) -> Option<u16> {
    let (sticky, below) = model.tree.view(usize::from(area.height));
    let at = sticky.into_iter().chain(below);
    let at = at.take(usize::from(area.height));
    let line = at.into_iter().position(|n| n == model.tree.cursor)?;
    Some(area.y + u16::try_from(line).ok()?)
}

/// What has changed just now, or at the stop that is looked at.
fn fresh(model: &Model) -> Vec<&Node> {
    match model.looking() {
        Some(looking) => looking
            .told
            .iter()
            .filter_map(|l| l.about.as_ref())
            .collect(),
        None => model.feed.fresh(model.now),
    }
}

/// Paints the tree. `active`: it takes the keys.
pub(super) fn view(pen: Pen, model: &Model, buffer: &mut Buffer, area: Rect, active: bool) {
    let (sticky, below) = model.tree.view(usize::from(area.height));
    let rows: Vec<(usize, &Row)> = sticky
        .into_iter()
        .chain(below)
        .filter_map(|n| model.tree.rows.get(n).map(|row| (n, row)))
        .collect();
    let mut state = TreeState::default();
    let mut feed = Feed {
        pen,
        model,
        rows: &rows,
        at: 0,
        width: usize::from(area.width),
        fresh: fresh(model),
        path: Vec::new(),
        state: &mut state,
    };
    let items = feed.items(0);
    let role = if active {
        Role::Selection
    } else {
        Role::SelectionInactive
    };
    // Row numbers are unique, so this cannot fail.
    if let Ok(widget) = Widget::new(&items) {
        let widget = widget
            .node_closed_symbol("")
            .node_open_symbol("")
            .node_no_children_symbol("")
            .highlight_style(pen.style(role));
        StatefulWidget::render(widget, area, buffer, &mut state);
    }
}

/// Turns a run of rows into the widget's items.
struct Feed<'a> {
    pen: Pen<'a>,
    model: &'a Model,
    rows: &'a [(usize, &'a Row)],
    at: usize,
    width: usize,
    fresh: Vec<&'a Node>,
    path: Vec<usize>,
    state: &'a mut TreeState<usize>,
}

impl Feed<'_> {
    /// The items from here on that are at least so deep.
    fn items(&mut self, depth: u8) -> Vec<TreeItem<'static, usize>> {
        let mut items = Vec::new();
        while let Some((n, row)) = self.rows.get(self.at).copied() {
            if row.depth < depth {
                break;
            }
            self.at += 1;
            self.path.push(n);
            if n == self.model.tree.cursor {
                self.state.select(self.path.clone());
            }
            // The widget indents by the length of the path. Where ancestors are missing, because
            // the terminal is very low, blanks stand for them.
            let level = self.path.len() - 1;
            let missing = usize::from(row.depth).saturating_sub(level) * 2;
            let width = self.width.saturating_sub(level * 2 + missing);
            let fresh = self.fresh.contains(&&row.node);
            let mut line = line(self.pen, self.model, row, width, fresh);
            line.spans.insert(0, Span::raw(" ".repeat(missing)));
            let children = self.items(row.depth + 1);
            if !children.is_empty() {
                self.state.open(self.path.clone());
            }
            self.path.pop();
            if let Ok(item) = TreeItem::new(n, Text::from(line), children) {
                items.push(item);
            }
        }
        items
    }
}

/// What a row says: name, middle column, state.
struct Cells {
    role: Role,
    glyph: &'static str,
    name: String,
    middle: String,
    right: (Role, String),
}

/// A row in three columns, the last one against the right edge.
fn line(pen: Pen, model: &Model, row: &Row, width: usize, fresh: bool) -> Line<'static> {
    let cells = cells(model, row);
    let mark = if fresh {
        pen.span(Role::TreeChanged, CHANGED)
    } else {
        Span::raw(" ")
    };
    let arrow = match (row.has_children, row.open) {
        (false, _) => " ",
        (true, false) => CLOSED,
        (true, true) => OPEN,
    };
    // The line of an attachment leads to its interface; an address has nothing to open.
    let head = match (cells.glyph, row.has_children) {
        ("", _) => format!("{arrow} "),
        (glyph, true) => format!("{glyph}{arrow} "),
        (glyph, false) => format!("{glyph} "),
    };
    let name = crate::ec2::shown::shown(&cells.name).into_owned();
    let (right_role, right) = cells.right;
    let right_width = right.width();
    let full = usize::from(row.depth) * 2 + width;
    let mut out = Line::from(pen.span(Role::Muted, &head));
    if let Node::Eni(_) = row.node {
        // The line of the attachment has the colour of its state.
        out = Line::from(pen.span(
            if right_role == Role::StateMoving {
                right_role
            } else {
                Role::Muted
            },
            &head,
        ));
    }
    let middle = if full < MIDDLE_MIN { "" } else { &cells.middle };
    if middle.is_empty() {
        out.spans.push(pen.span(cells.role, &name));
        let right = Line::from(pen.span(right_role, &right));
        let keep = width.saturating_sub(right_width + usize::from(right_width > 0));
        // A group's services give way to its name.
        if out.width() > keep && !matches!(row.node, Node::Managed(_)) {
            cut(&mut out, keep);
        }
        let mut right = right;
        let room = width.saturating_sub(out.width() + 1);
        cut(&mut right, room);
        let gap = width.saturating_sub(out.width() + right.width());
        out.spans.push(Span::raw(" ".repeat(gap)));
        out.spans.extend(right.spans);
        return out;
    }
    // The middle column begins at the same place in every row, unless it would be cut there.
    let columns = RIGHT_MIN + (full.saturating_sub(40) / 3).min(14);
    let wanted = width.saturating_sub(columns);
    let least = middle.width() + 1 + right_width;
    let head_width = out.width();
    // A name that would be cut takes what room is left between the other two.
    let start = wanted
        .max(head_width + name.width() + 1)
        .min(width.saturating_sub(least))
        .max(wanted.min(width.saturating_sub(least)));
    let room = start.saturating_sub(head_width + 1);
    out.spans.push(pen.span(cells.role, fit(&name, room)));
    out.spans.push(Span::raw(" "));
    let middle_width = width.saturating_sub(start + right_width + 1);
    out.spans
        .push(pen.span(Role::Text, fit(middle, middle_width)));
    out.spans.push(mark);
    out.spans.push(pen.span(right_role, &right));
    out
}

fn cells(model: &Model, row: &Row) -> Cells {
    let world = &model.world;
    let blank = |role, name: String| Cells {
        role,
        glyph: "",
        name,
        middle: String::new(),
        right: (Role::Muted, String::new()),
    };
    match &row.node {
        Node::Vpc(id) => {
            let Some(vpc) = world.vpc(id) else {
                return blank(Role::TreeVpc, id.to_string());
            };
            let default = if vpc.is_default { "default" } else { "" };
            Cells {
                middle: vpc.cidr_block.to_string(),
                right: (Role::Muted, default.to_owned()),
                ..blank(
                    Role::TreeVpc,
                    format!("vpc {}", name_of(&vpc.tags).unwrap_or(id.as_str())),
                )
            }
        }
        Node::Subnet(id) => {
            let Some(subnet) = world.subnet(id) else {
                return blank(Role::TreeSubnet, id.to_string());
            };
            Cells {
                middle: subnet.cidr_block.to_string(),
                right: (Role::Muted, zone(&subnet.availability_zone).to_owned()),
                ..blank(
                    Role::TreeSubnet,
                    match name_of(&subnet.tags) {
                        Some(name) => format!("subnet {name}"),
                        None => super::words::short_id(id.as_str()),
                    },
                )
            }
        }
        Node::Instance(id) => {
            let Some(instance) = world.instance(id) else {
                return blank(Role::TreeInstance, id.to_string());
            };
            let name = match instance.name() {
                Some(_) => instance_name(instance),
                None => super::words::short_id(id.as_str()),
            };
            Cells {
                middle: instance.instance_type.to_string(),
                right: instance_state(instance),
                ..blank(Role::TreeInstance, name)
            }
        }
        Node::Eni(id) => match world.eni(id) {
            Some(eni) => interface(eni),
            None => blank(Role::TreeEni, id.to_string()),
        },
        Node::Address(id, ip) => {
            let found = world.eni(id).and_then(|e| {
                e.private_ip_addresses
                    .iter()
                    .find(|p| p.private_ip_address == *ip)
            });
            let public = found.and_then(|p| p.association.as_ref());
            let kind = match found {
                Some(p) if p.primary => "primary",
                Some(_) => "secondary",
                None => "gone",
            };
            Cells {
                glyph: DOT,
                middle: public.map(|a| a.public_ip.to_string()).unwrap_or_default(),
                right: (Role::Muted, kind.to_owned()),
                ..blank(Role::TreeAddress, ip.to_string())
            }
        }
        Node::Unattached(_) => blank(
            Role::TreeGroup,
            format!("unattached{}", children(model, row)),
        ),
        Node::Managed(_) => Cells {
            right: (Role::Muted, services(model, row)),
            ..blank(
                Role::TreeGroup,
                format!("service-managed{}", children(model, row)),
            )
        },
    }
}

/// An interface: its place at the right, or its state where it is not at rest on an instance.
fn interface(eni: &Eni) -> Cells {
    let service = owner(eni);
    let state = eni_state(eni);
    let glyph = match (&eni.attachment, &service) {
        (_, Some(_)) => DOT,
        (None, None) => FREE,
        (Some(_), None) if eni.is_primary() => PRIMARY,
        (Some(_), None) => SECONDARY,
    };
    let right = match (&eni.attachment, &service) {
        _ if is_moving(eni) => state,
        (_, Some(_)) => (Role::Muted, "managed".to_owned()),
        (Some(a), None) if a.network_card_index > 0 => (
            Role::Muted,
            format!("dev {}/{}", a.network_card_index, a.device_index),
        ),
        (Some(a), None) => (Role::Muted, format!("dev {}", a.device_index)),
        (None, None) => state,
    };
    let ip = eni
        .primary_ip()
        .map(|ip| ip.to_string())
        .unwrap_or_default();
    Cells {
        role: Role::TreeEni,
        glyph,
        name: service.map_or_else(|| eni_name(eni), |owner| owner.service.to_owned()),
        middle: ip,
        right,
    }
}

/// The interfaces of a group, at most so many, and how many there are.
///
/// The outline is walked from one to the next: neither their addresses nor the rest of the subnet
/// are looked at.
pub(super) fn members<'a>(
    model: &'a Model,
    group: &Node,
    most: usize,
) -> (Vec<&'a Arc<Eni>>, usize) {
    let outline = model.tree.outline();
    let (mut found, mut count) = (Vec::new(), 0);
    let at = outline.find(group);
    let Some((at, end)) = at.and_then(|at| Some((at, outline.item(at)?.end))) else {
        return (found, count);
    };
    let mut next = at + 1;
    while next < end
        && let Some(item) = outline.item(next)
    {
        count += 1;
        if found.len() < most
            && let Node::Eni(id) = &item.node
        {
            found.extend(model.world.eni(id));
        }
        // An item ends behind itself; were it not so, this would never end.
        next = item.end.max(next + 1);
    }
    (found, count)
}

/// How many interfaces a group holds: ` 3`.
fn children(model: &Model, row: &Row) -> String {
    match members(model, &row.node, 0) {
        (_, 0) => String::new(),
        (_, count) => format!(" {count}"),
    }
}

/// The services of a group, each once: `NAT gateway, ALB, Lambda`.
fn services(model: &Model, row: &Row) -> String {
    let mut names: Vec<&'static str> = Vec::new();
    let (enis, _) = members(model, &row.node, SERVICES_MAX);
    for owner in enis.into_iter().filter_map(|eni| owner(eni)) {
        if !names.contains(&owner.service) {
            names.push(owner.service);
        }
    }
    names.join(", ")
}
