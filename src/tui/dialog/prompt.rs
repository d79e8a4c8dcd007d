//! A call by hand: what can be chosen, and the exact call that it makes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::glyph::CLOSED;
use super::super::pen::{Pen, Row, fit, list_row, paint};
use super::super::theme::Role;
use super::super::walk::cli;
use crate::app::layer::{Choice, HandAction, Prompt, Then};

const WIDTH: u16 = 78;

/// Columns of the choices' names at most.
const NAME_MAX: usize = 28;

pub(super) fn view(pen: Pen, prompt: &Prompt, buffer: &mut Buffer, body: Rect) {
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    let mut rows = pen.wrapped(Role::Text, &prompt.title, width, " ");
    if prompt.typed {
        rows.push(pen.rows([
            (Role::Key, " > "),
            (Role::Input, &prompt.input),
            (Role::Key, "▏"),
        ]));
    }
    rows.push(Row::default());
    let below = chosen(pen, prompt, width);
    // The list gives way to what stands around it.
    let around = rows.len() + below.len() + 2;
    let height = usize::from(body.height).saturating_sub(around).max(1);
    rows.extend(list(pen, prompt, width, height));
    rows.extend(below);
    let heading = match prompt.action {
        HandAction::Mechanism(..) => "mechanism",
        HandAction::Answer(_) => "another instance",
        HandAction::Accept(_) | HandAction::AcceptAgain(_) => "accept a risk",
        _ => "a call by hand",
    };
    let inner = super::middle(pen, buffer, body, WIDTH, rows.len(), heading);
    let more = prompt
        .choices
        .len()
        .saturating_sub(height.max(prompt.cursor + 1));
    let above = super::first_in_view(prompt.cursor, height);
    paint(buffer, inner, &rows, 0);
    super::more(pen, buffer, inner, above, more);
}

fn list(pen: Pen, prompt: &Prompt, width: usize, height: usize) -> Vec<Row> {
    if prompt.choices.is_empty() {
        return vec![pen.row(Role::Muted, "   nothing is called that")];
    }
    let first = super::first_in_view(prompt.cursor, height);
    let seen = || prompt.choices.iter().enumerate().skip(first).take(height);
    let names = seen().map(|(_, c)| c.words.chars().count());
    let column = names.max().unwrap_or(0).min(NAME_MAX);
    seen()
        .map(|(n, choice)| {
            let chosen = n == prompt.cursor;
            let mark = if chosen { CLOSED } else { " " };
            let row = pen.rows([
                (Role::Key, &format!(" {mark} ")),
                (Role::Text, &fit(&choice.words, column)),
                (Role::Muted, &format!("  {}", choice.remark)),
            ]);
            list_row(pen, row, chosen, width)
        })
        .collect()
}

/// Of the chosen line: its remark, where the list has no room for it, and the call as the aws CLI
/// knows it.
fn chosen(pen: Pen, prompt: &Prompt, width: usize) -> Vec<Row> {
    let Some(choice) = prompt.choices.get(prompt.cursor) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    if !fits(prompt, choice, width) {
        rows.push(Row::default());
        rows.extend(pen.wrapped(Role::Warning, &choice.remark, width, " "));
    }
    if let Some(call) = choice.call() {
        rows.push(Row::default());
        rows.extend(cli(pen, call, width));
    }
    if let Then::Both(..) = choice.then {
        rows.extend(pen.wrapped(
            Role::Muted,
            "then: aws ec2 associate-address with its allocation id",
            width,
            " ",
        ));
    }
    rows
}

fn fits(prompt: &Prompt, choice: &Choice, width: usize) -> bool {
    use unicode_width::UnicodeWidthStr;
    let names = prompt.choices.iter().map(|c| c.words.chars().count());
    let column = names.max().unwrap_or(0).min(NAME_MAX);
    column + choice.remark.width() + 5 <= width
}
