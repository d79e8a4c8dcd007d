//! The course: every lesson with its state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::{Pen, Row, cut, fit, paint};
use super::super::theme::Role;
use crate::app::layer::Lessons;
use crate::app::model::Model;
use crate::lessons::progress::State;

const WIDTH: u16 = 76;

pub(super) fn view(pen: Pen, model: &Model, list: &Lessons, buffer: &mut Buffer, body: Rect) {
    let Some(school) = &model.school else { return };
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(2);
    let inner = super::middle(pen, buffer, body, WIDTH, school.course.len() + 2, "lessons");
    let height = usize::from(inner.height);
    let first = super::first_in_view(list.cursor, height);
    let rows: Vec<Row> = school
        .course
        .iter()
        .enumerate()
        .skip(first)
        .take(height)
        .map(|(n, lesson)| {
            let (role, mark, state) = words(school.progress.state(&lesson.name), lesson.best);
            let number = format!("{:>3} ", n + 1);
            let title = fit(&lesson.title, 44);
            let mut row = pen.rows([
                (Role::Muted, &number),
                (role, mark),
                (Role::Text, &title),
                (role, &state),
            ]);
            cut(&mut row, width);
            if n == list.cursor {
                let gap = width.saturating_sub(row.width());
                row.spans.push(ratatui::text::Span::raw(" ".repeat(gap)));
                row = row.patch_style(pen.style(Role::Selection));
            }
            row
        })
        .collect();
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
