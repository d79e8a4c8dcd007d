//! The lesson above tree and panel: what to do at the left, the goals at the right.
//!
//! Invariant: it has its own rows and covers nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, Row, cut, fit, paint};
use super::theme::Role;
use crate::app::school::School;
use crate::lessons::play::Play;

/// Paints it.
pub(super) fn view(pen: Pen, school: &School, buffer: &mut Buffer, area: Rect) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let Some(play) = &school.play else {
        return;
    };
    let left = width * 52 / 100;
    let mut texts = vec![title(pen, school, play)];
    let mut goals = vec![pen.row(Role::Title, "goal")];
    match play.step() {
        Some(step) => {
            texts.extend(pen.wrapped(Role::Text, &step.text, left.saturating_sub(2), " "));
            goals.extend(goal_rows(pen, play, width - left));
        }
        None => {
            let on = match school.next() {
                Some(_) => " every step is done: N goes on",
                None => " every step is done: M lists the lessons",
            };
            texts.push(pen.row(Role::StateGood, on));
        }
    }
    if height > 2 {
        // The count stands on the last row, whatever the text needs.
        texts.truncate(height.saturating_sub(1));
        texts.resize(height.saturating_sub(1), Row::default());
        texts.push(count(pen, school, play));
    }
    let rows: Vec<Row> = (0..height)
        .map(|n| {
            let text = texts.get(n).cloned().unwrap_or_default();
            let goal = goals.get(n).cloned().unwrap_or_default();
            beside(text, goal, left)
        })
        .collect();
    paint(buffer, area, &rows, 0);
}

fn beside(mut text: Row, goal: Row, left: usize) -> Row {
    cut(&mut text, left.saturating_sub(1));
    let gap = left.saturating_sub(text.width());
    text.spans.push(ratatui::text::Span::raw(" ".repeat(gap)));
    text.spans.extend(goal.spans);
    text
}

fn title(pen: Pen, school: &School, play: &Play) -> Row {
    let lesson = play.lesson();
    let steps = lesson.steps.len();
    let at = format!(" {}/{}  ", school.at + 1, school.course.len());
    // Before the title: where that is long, this is what has to be seen.
    let step = match play.is_done() {
        true => "done  ".to_owned(),
        false => format!("step {}/{steps}  ", play.number()),
    };
    pen.rows([
        (Role::Muted, &at),
        (Role::Muted, &step),
        (Role::Title, &lesson.title),
    ])
}

fn goal_rows(pen: Pen, play: &Play, width: usize) -> Vec<Row> {
    play.goals()
        .flat_map(|(goal, met)| {
            let (role, mark) = if met {
                (Role::StateGood, "✓ ")
            } else {
                (Role::Text, "○ ")
            };
            let mut rows = pen.wrapped(role, &goal.words(), width.saturating_sub(1), "  ");
            if let Some(first) = rows.first_mut() {
                let text: String = first.spans.iter().map(|s| s.content.as_ref()).collect();
                *first = pen.rows([(role, mark), (role, text.trim_start())]);
            }
            rows
        })
        .collect()
}

fn count(pen: Pen, school: &School, play: &Play) -> Row {
    let best = play.lesson().best.to_string();
    let calls = play.calls().to_string();
    let (shown, of) = play.hints(school.speech);
    let hints = format!("hints {shown}/{of}");
    pen.rows([
        (Role::Muted, " calls "),
        (Role::Text, &calls),
        (Role::Muted, "   best "),
        (Role::Text, &best),
        (Role::Muted, "   "),
        (Role::Muted, &fit(&hints, 12)),
    ])
}
