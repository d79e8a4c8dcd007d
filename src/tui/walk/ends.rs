//! Both ends of the move: the source at the left, the target at the right, an arrow between them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::glyph::{CLOSED, FREE};
use super::super::panel::slots;
use super::super::pen::{Pen, Row, boxed, paint, put};
use super::super::theme::Role;
use super::super::words::{eni_name, eni_state, instance_name, instance_state, is_moving};
use crate::app::model::Model;
use crate::app::walk::{Phase, Walk};
use crate::ec2::id::InstanceId;

/// Columns between the boxes.
const GAP: u16 = 6;

/// Rows of a box: as many as the fuller end needs, within these.
const ROWS: std::ops::RangeInclusive<usize> = 2..=4;

/// Paints both ends; returns the rows that they take.
pub(super) fn view(pen: Pen, model: &Model, walk: &Walk, buffer: &mut Buffer, area: Rect) -> u16 {
    let width = area.width.saturating_sub(GAP) / 2;
    let inner = usize::from(width.saturating_sub(2));
    let plan = &walk.plan;
    let from = end(pen, model, walk, plan.source.as_ref(), inner);
    let to = end(pen, model, walk, Some(&plan.intent.target), inner);
    let most = if area.height < 24 { 3 } else { *ROWS.end() };
    let rows = from.1.len().max(to.1.len()).clamp(*ROWS.start(), most);
    let height = u16::try_from(rows).unwrap_or(0) + 2;
    if area.width < 40 || area.height < height + 6 {
        return 0;
    }
    let left = Rect::new(area.x, area.y, width, height);
    let right = Rect::new(area.right() - width, area.y, width, height);
    let from = paint_end(pen, buffer, left, from);
    let to = paint_end(pen, buffer, right, to);
    arrow(pen, model, walk, buffer, (left, from), (right, to));
    height
}

/// Title and slots of one end.
fn end(
    pen: Pen,
    model: &Model,
    walk: &Walk,
    instance: Option<&InstanceId>,
    width: usize,
) -> (Row, Vec<Row>) {
    let world = &model.world;
    let eni = &walk.plan.intent.eni;
    match (instance, instance.and_then(|id| world.instance(id))) {
        (_, Some(instance)) => {
            let (role, word) = instance_state(instance);
            let name = instance_name(instance);
            let title = pen.rows([(Role::Title, &format!("{name} ")), (role, &word)]);
            (title, slots::slots(pen, world, instance, Some(eni), width))
        }
        (Some(id), None) => (
            pen.row(Role::Title, id.as_str()),
            vec![pen.row(Role::Muted, " not in this inventory")],
        ),
        (None, None) => (
            pen.row(Role::Title, "unattached"),
            vec![pen.row(Role::StateIdle, format!(" {FREE} nobody holds it"))],
        ),
    }
}

/// Paints one end; returns the row of the interface in it, if it is there.
fn paint_end(
    pen: Pen,
    buffer: &mut Buffer,
    area: Rect,
    (title, rows): (Row, Vec<Row>),
) -> Option<u16> {
    let inner = boxed(buffer, area, pen.style(Role::Border), title);
    let marked = rows.iter().position(is_marked);
    // The interface is in view, and its neighbours as long as they fit.
    let scroll = marked.map_or(0, |n| (n + 1).saturating_sub(usize::from(inner.height)));
    let below = paint(buffer, inner, &rows, scroll);
    super::super::dialog::more(pen, buffer, inner, scroll, below);
    marked
        .and_then(|n| u16::try_from(n - scroll).ok())
        .map(|n| inner.y + n)
}

fn is_marked(row: &Row) -> bool {
    row.spans
        .first()
        .is_some_and(|s| s.content.contains(CLOSED))
}

/// The way of the interface: dotted before it leaves, its name on it while nobody holds it.
fn arrow(
    pen: Pen,
    model: &Model,
    walk: &Walk,
    buffer: &mut Buffer,
    (left, from): (Rect, Option<u16>),
    (right, to): (Rect, Option<u16>),
) {
    let eni = model.world.eni(&walk.plan.intent.eni);
    let nobody = eni.is_some_and(|e| e.attachment.is_none());
    let moving = eni.is_some_and(|e| is_moving(e));
    let arrived = to.is_some() && !moving;
    if arrived && walk.phase() != Phase::Plan {
        return;
    }
    let role = if nobody || moving {
        Role::StateMoving
    } else {
        Role::Muted
    };
    let style = pen.style(role);
    let y = from.or(to).unwrap_or(left.y + 2);
    for x in left.right()..right.x {
        put(buffer, x, y, "┈", style);
    }
    put(buffer, right.x.saturating_sub(1), y, CLOSED, style);
    if nobody && let Some(eni) = eni {
        // Between the two instances: a ring on the way, and its state in words below the arrow.
        put(buffer, left.right() + GAP / 2 - 1, y, FREE, style);
        let (role, word) = eni_state(eni);
        let text = format!(" {} {word} ", eni_name(eni));
        let width = u16::try_from(text.chars().count()).unwrap_or(0);
        let middle = left.right() + GAP / 2;
        let x = middle.saturating_sub(width / 2).max(left.x + 1);
        let row = pen.row(role, text);
        buffer.set_line(
            x,
            left.bottom() - 1,
            &row,
            width.min(right.right().saturating_sub(x)),
        );
    }
}
