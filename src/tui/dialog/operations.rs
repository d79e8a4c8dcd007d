//! The list of operations: what each one was, how it ended, and what can be done about the open
//! ones.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::glyph::CLOSED;
use super::super::pen::{Pen, Row, fit, list_row, paint};
use super::super::theme::Role;
use crate::app::model::Model;
use crate::app::operations::Listed;

pub(super) fn view(pen: Pen, model: &Model, cursor: usize, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(body.width).saturating_sub(2);
    let list = &model.listed;
    let below = list
        .get(cursor)
        .map_or(Vec::new(), |listed| chosen(pen, model, listed, width));
    let room = usize::from(body.height)
        .saturating_sub(below.len() + 2)
        .max(1);
    let first = super::first_in_view(cursor, room);
    let mut rows: Vec<Row> = list
        .iter()
        .enumerate()
        .skip(first)
        .take(room)
        .map(|(n, listed)| line(pen, listed, n == cursor, width))
        .collect();
    if list.is_empty() {
        rows.extend(pen.wrapped(
            Role::Muted,
            "no operation yet: f on a network interface begins one",
            width,
            " ",
        ));
    }
    rows.extend(below);
    let inner = super::middle(pen, buffer, body, body.width, rows.len(), "operations");
    paint(buffer, inner, &rows, 0);
    let after = list.len().saturating_sub(first + room);
    super::more(pen, buffer, inner, first, after);
}

/// `▸ 7f3a  02:00:13  db-service  db-primary → db-standby  OPEN`
fn line(pen: Pen, listed: &Listed, chosen: bool, width: usize) -> Row {
    let (name, source, target) = &listed.names;
    let (role, word) = state(listed);
    let mark = if chosen { CLOSED } else { " " };
    let row = pen.rows([
        (Role::Key, &format!(" {mark} ")),
        (role, &format!("{} ", fit(&word, 14))),
        (
            Role::Muted,
            &format!("{} {}  ", fit(&listed.op, 8), moment(listed)),
        ),
        (Role::Text, &format!("{name}  ")),
        (Role::Muted, &format!("{source} → {target}")),
    ]);
    list_row(pen, row, chosen, width)
}

/// Month, day and time, to the minute; the report has the year.
fn moment(listed: &Listed) -> String {
    let text = listed.opened.to_string();
    let minutes: String = text.chars().skip(5).take(11).collect();
    minutes.replace('T', " ")
}

fn state(listed: &Listed) -> (Role, String) {
    match (&listed.verdict, listed.holder()) {
        _ if listed.holder().is_some() => (Role::Warning, "UNDER WAY".to_owned()),
        _ if listed.is_open() => (Role::Error, "OPEN".to_owned()),
        (Some((word, _)), _) => {
            let role = match word.as_str() {
                "done" | "put-back" => Role::StateGood,
                "aborted" => Role::Muted,
                _ => Role::Warning,
            };
            (role, word.clone())
        }
        (None, _) => (Role::Warning, "not ended".to_owned()),
    }
}

/// Where the interface of the chosen one stands, and what is known of it.
fn chosen(pen: Pen, model: &Model, listed: &Listed, width: usize) -> Vec<Row> {
    let mut rows = vec![Row::default()];
    let about = format!("{}  {}", listed.eni, listed.names.0);
    rows.push(pen.row(Role::Text, format!(" {}", about.trim_start())));
    if listed.is_here(&model.sky) || listed.kept.is_none() {
        let stands = format!("now it {}", listed.stands(&model.world));
        rows.extend(pen.wrapped(Role::Text, &stands, width, " "));
    } else if listed.operation().is_some() {
        let (account, region) = &listed.place;
        let text = format!("it is of account {account}, {region}: start there to end it");
        rows.extend(pen.wrapped(Role::Warning, &text, width, " "));
    }
    if let Some(by) = listed.holder() {
        let text = format!("at work on it: {by}; wait for its end");
        rows.extend(pen.wrapped(Role::Warning, &text, width, " "));
    }
    if listed.is_left_behind() && listed.operation().is_some() {
        let text = format!(
            "without this screen, look first: enipilot ops resume {}",
            listed.op
        );
        rows.extend(pen.wrapped(Role::Muted, &text, width, " "));
    }
    match &listed.verdict {
        Some((_, text)) => rows.extend(pen.wrapped(Role::Muted, text, width, " ")),
        None => rows.push(pen.row(
            Role::Muted,
            format!(
                " it did not come to its end; last record {}",
                listed.last.clock()
            ),
        )),
    }
    rows
}
