//! Where could it go? Every candidate with its verdict, and of the chosen one every reason.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::glyph::CLOSED;
use super::pen::{Pen, Row, boxed, clear, fit, list_row, paint};
use super::theme::Role;
use super::words::{eni_name, instance_name, instance_state, short_id, zone};
use crate::app::layer::Candidates;
use crate::app::model::Model;
use crate::failover::candidates::Candidate;

/// Paints the list over `area`.
pub(super) fn view(pen: Pen, model: &Model, list: &Candidates, buffer: &mut Buffer, area: Rect) {
    clear(buffer, area);
    let eni = model.world.eni(&list.eni);
    let name = eni.map_or_else(|| short_id(list.eni.as_str()), |e| eni_name(e));
    let title = pen.rows([
        (Role::Text, "fail over "),
        (Role::Title, &name),
        (Role::Muted, &format!("  {}  ", list.eni)),
        (Role::Text, "to …"),
    ]);
    let inner = boxed(buffer, area, pen.style(Role::BorderFocus), title);
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let reasons = list
        .list
        .get(list.cursor)
        .map(|c| reasons(pen, model, c, width))
        .unwrap_or_default();
    // The reasons of the chosen one get at least half of the room.
    let room = height
        .saturating_sub(reasons.len().min(height / 2) + 1)
        .max(1);
    let first = (list.cursor + 1).saturating_sub(room);
    let mut rows: Vec<Row> = Vec::new();
    let columns = columns(model, list, width);
    for (n, candidate) in list.list.iter().enumerate().skip(first).take(room) {
        rows.push(line(
            pen,
            model,
            candidate,
            n == list.cursor,
            columns,
            width,
        ));
    }
    if list.list.is_empty() {
        rows.extend(pen.wrapped(
            Role::Warning,
            "There is no other instance in this VPC. Start one in the same Availability Zone, then try again.",
            width,
            " ",
        ));
    }
    rows.push(Row::default());
    rows.extend(reasons);
    paint(buffer, inner, &rows, 0);
}

/// Room for the longest code of EC2's that blocks.
const CODE: usize = 28;

/// Candidates that decide how wide the columns are; a frame costs the same for any number.
const MEASURED: usize = 100;

/// Columns of name and type: as wide as the widest in the list, if the verdict still fits.
fn columns(model: &Model, list: &Candidates, width: usize) -> (usize, usize) {
    let instances = || {
        list.list
            .iter()
            .take(MEASURED)
            .filter_map(|c| model.world.instance(&c.instance))
    };
    let kind = instances().map(|i| i.instance_type.width()).max();
    // Where there is no room for everything, the type gives way: the tree shows it too.
    let kind = if width < 72 {
        0
    } else {
        kind.unwrap_or(0).clamp(8, 14)
    };
    let name = instances().map(|i| instance_name(i).width()).max();
    let room = width.saturating_sub(CODE + kind + 24).max(10);
    (name.unwrap_or(0).clamp(10, room), kind)
}

/// `▸ db-standby  m5.large  1a  running   READY  hot attach at index 1`
fn line(
    pen: Pen,
    model: &Model,
    candidate: &Candidate,
    chosen: bool,
    (column, kind_column): (usize, usize),
    width: usize,
) -> Row {
    let instance = model.world.instance(&candidate.instance);
    let (name, kind, place, state) = match instance {
        Some(i) => (
            instance_name(i),
            i.instance_type.to_string(),
            zone(&i.availability_zone).to_owned(),
            instance_state(i),
        ),
        None => (
            candidate.instance.to_string(),
            String::new(),
            String::new(),
            (Role::Muted, "gone".to_owned()),
        ),
    };
    let verdict = match (candidate.blockers.first(), candidate.slot) {
        (Some(first), _) => (
            Role::StateFailed,
            "BLOCKED",
            match candidate.blockers.len() {
                1 => first.code.to_owned(),
                n => format!("{} and {} more", first.code, n - 1),
            },
        ),
        (None, Some((0, index))) => (
            Role::StateGood,
            "READY",
            format!("{} attach at index {index}", candidate.manner),
        ),
        (None, Some((card, index))) => (
            Role::StateGood,
            "READY",
            format!("{} attach at card {card} index {index}", candidate.manner),
        ),
        (None, None) => (
            Role::StateGood,
            "READY",
            format!("{} attach", candidate.manner),
        ),
    };
    let mark = if chosen { CLOSED } else { " " };
    let row = Line::from_iter([
        pen.span(Role::Key, format!(" {mark} ")),
        pen.span(Role::Text, fit(&name, column)),
        pen.span(
            Role::Muted,
            format!(
                " {} ",
                [fit(&kind, kind_column), fit(&place, 2)]
                    .join(" ")
                    .trim_start()
            ),
        ),
        pen.span(state.0, fit(&state.1, 8)),
        pen.span(verdict.0, format!(" {:<7} ", verdict.1)),
        pen.span(Role::Text, verdict.2),
    ]);
    list_row(pen, row, chosen, width)
}

/// Everything that speaks for and against the chosen one.
fn reasons(pen: Pen, model: &Model, candidate: &Candidate, width: usize) -> Vec<Row> {
    let id = candidate.instance.to_string();
    let mut rows = match model
        .world
        .instance(&candidate.instance)
        .and_then(|i| i.name())
    {
        Some(name) => vec![pen.rows([(Role::Title, &format!(" {name}  ")), (Role::Muted, &id)])],
        None => vec![pen.row(Role::Title, format!(" {id}"))],
    };
    for denial in &candidate.blockers {
        rows.extend(pen.wrapped(
            Role::Text,
            &format!("✗ {} ({})", denial.because, denial.code),
            width,
            "   ",
        ));
        if !denial.instead.is_empty() {
            let text = format!("instead: {}", denial.instead);
            rows.extend(pen.wrapped(Role::Muted, &text, width, "     "));
        }
    }
    if !candidate.reasons.is_empty() {
        let text = format!("✓ {}", candidate.reasons.join(" · "));
        rows.extend(pen.wrapped(Role::Text, &text, width, "   "));
    }
    for warning in &candidate.warnings {
        rows.extend(pen.wrapped(Role::Warning, &format!("! {warning}"), width, "   "));
    }
    rows
}
