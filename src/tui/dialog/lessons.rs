//! The course: every lesson with its state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row, fit, list_row, paint};
use super::super::theme::Role;
use crate::app::layer::Lessons;
use crate::app::model::Model;
use crate::ec2::shown::shown;
use crate::lessons::progress::State;

const WIDTH: u16 = 76;

pub(super) fn view(pen: Pen, model: &Model, list: &Lessons, buffer: &mut Buffer, body: Rect) {
    let Some(school) = &model.school else { return };
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    let found = school.found(list.search.as_deref());
    let title = match &list.search {
        Some(text) => format!("lessons: {}_", shown(text)),
        None => "lessons".to_owned(),
    };
    let inner = super::middle(pen, buffer, body, WIDTH, school.course.len() + 2, &title);
    let height = usize::from(inner.height);
    let first = super::first_in_view(list.cursor, height);
    let visible = found.iter().enumerate().skip(first).take(height);
    let mut rows: Vec<Row> = visible
        .filter_map(|(line, n)| Some((line, *n, school.course.get(*n)?)))
        .map(|(line, n, lesson)| {
            let (role, mark, state) = words(school.progress.state(&lesson.name), lesson.best);
            let number = format!("{:>3} ", n + 1);
            let title = fit(&lesson.title, 44);
            let row = pen.rows([
                (Role::Muted, &number),
                (role, mark),
                (Role::Text, &title),
                (role, &state),
            ]);
            list_row(pen, row, line == list.cursor, width)
        })
        .collect();
    if rows.is_empty() {
        rows.push(pen.row(Role::Muted, " no lesson says that; esc shows all"));
    }
    paint(buffer, inner, &rows, 0);
}

fn words(state: State, best: u32) -> (Role, &'static str, String) {
    match state {
        State::New => (Role::Muted, "○ ", String::new()),
        State::Begun(n) => (Role::Warning, "○ ", format!("{n} steps done")),
        State::Seen => (Role::Muted, "✓ ", "solution seen".to_owned()),
        State::Solved(n) => (Role::StateGood, "✓ ", format!("{n} calls, best {best}")),
    }
}
