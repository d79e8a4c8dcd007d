//! A question that waits for a person: what happened, and what each answer does.

use super::super::pen::{Pen, Row, fit};
use super::super::theme::Role;
use crate::app::keymap::{self, Scope};
use crate::failover::status::{Command, Question};

/// The question with its answers, the recommended one first.
pub(super) fn rows(pen: Pen, question: &Question, width: usize) -> Vec<Row> {
    let mut rows = vec![pen.row(Role::Border, "─".repeat(width))];
    rows.extend(pen.wrapped(Role::Warning, &question.text, width.saturating_sub(1), " "));
    for (command, consequence) in &question.choices {
        let (key, label) = answer(command);
        let consequence = keymap::consequence(label, consequence);
        let head = format!(" {} {} ", fit(&key, 5), fit(label, 9));
        let indent = " ".repeat(head.len());
        let mut lines = pen.wrapped(Role::Text, consequence, width.saturating_sub(1), &indent);
        if let Some(first) = lines.first_mut() {
            let text: String = first.spans.iter().map(|s| s.content.as_ref()).collect();
            *first = pen.rows([
                (Role::Key, &format!(" {} ", fit(&key, 5))),
                (Role::Title, &format!("{} ", fit(label, 9))),
                (Role::Text, text.trim_start()),
            ]);
        }
        rows.extend(lines);
    }
    rows
}

/// The key and the word of an answer.
fn answer(command: &Command) -> (String, &'static str) {
    let action = keymap::answer_of(command);
    let binding = keymap::binding(Scope::Flight, action);
    let key = binding.and_then(|b| b.keys.first()).copied();
    (
        key.map(keymap::name).unwrap_or_default(),
        binding.map_or("", |b| b.label),
    )
}
