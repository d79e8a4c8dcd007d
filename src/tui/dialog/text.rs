//! Texts to read: explanations, scripts, reports, and the preflight item by item.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row};
use super::super::theme::Role;
use crate::app::layer::Text;
use crate::app::model::Model;
use crate::failover::plan::Level;

pub(super) fn view(pen: Pen, text: &Text, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(body.width).saturating_sub(3);
    let rows: Vec<Row> = text
        .lines
        .iter()
        .flat_map(|line| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let indent = " ".repeat(indent.min(12) + 1);
            pen.wrapped(Role::Text, line.trim_start_matches(' '), width, &indent)
        })
        .collect();
    super::scrolled(pen, buffer, body, &rows, text.scroll, &text.title);
}

/// Every preflight item: judgement, finding, and what to do about it.
pub(super) fn preflight(pen: Pen, model: &Model, scroll: usize, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(body.width).saturating_sub(3);
    let mut rows = Vec::new();
    let checks = model.walk.iter().flat_map(|walk| &walk.plan.preflight);
    for check in checks {
        let (role, word) = level(check.level);
        let mut lines = pen.wrapped(Role::Text, &check.finding, width, "         ");
        if let Some(first) = lines.first_mut() {
            let text: String = first.spans.iter().map(|s| s.content.as_ref()).collect();
            *first = pen.rows([
                (role, &format!(" {word:<7} ")),
                (Role::Text, text.trim_start()),
            ]);
        }
        rows.extend(lines);
        let code = check.code.as_ref().map(|c| format!("({c})"));
        let remedy = [check.remedy.clone(), code.unwrap_or_default()].join(" ");
        if !remedy.trim().is_empty() {
            rows.extend(pen.wrapped(Role::Muted, remedy.trim(), width, "         "));
        }
    }
    if rows.is_empty() {
        rows.push(pen.row(Role::Muted, " nothing was checked"));
    }
    super::scrolled(pen, buffer, body, &rows, scroll, "preflight");
}

/// A judgement as word and role.
pub(in super::super) fn level(level: Level) -> (Role, &'static str) {
    match level {
        Level::Pass => (Role::StateGood, "pass"),
        Level::Warn => (Role::Warning, "WARN"),
        Level::Block => (Role::StateFailed, "BLOCK"),
    }
}
