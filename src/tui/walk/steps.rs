//! The list of steps: planned, and flown.

use ratatui::text::Line;

use super::super::glyph::{CLOSED, CROSS, DOT, TICK};
use super::super::pen::{Pen, Row, fit, spread};
use super::super::theme::Role;
use super::super::words::{about, short_id, span};
use crate::app::model::Model;
use crate::app::walk::Walk;
use crate::failover::plan::Step;
use crate::failover::status::{Status, StepState, StepStatus};

/// Columns of the step's one word.
const TITLE: usize = 9;

/// Before anything happens: what each step does, and how long it is known to take.
pub(super) fn planned(pen: Pen, walk: &Walk, width: usize) -> Vec<Row> {
    let steps = walk.plan.steps.iter().enumerate();
    steps
        .map(|(n, step)| {
            let chosen = n == walk.shown;
            let mark = if chosen { CLOSED } else { " " };
            let idle = step.nothing_to_do.as_deref();
            let role = if idle.is_some() {
                Role::Muted
            } else {
                Role::Text
            };
            let left = pen.rows([
                (Role::Key, &format!(" {mark} {} ", n + 1)),
                (
                    if chosen { Role::Title } else { role },
                    &fit(&step.title, TITLE),
                ),
                (role, &format!(" {}", idle.unwrap_or(&step.detail))),
            ]);
            let right = match idle {
                None => step.expects.as_str(),
                Some(why) if why.contains("nothing to do") => "",
                Some(_) => "nothing to do",
            };
            let right = pen.row(Role::Muted, format!("{right} "));
            // What is known about the time gives way to what is done.
            if left.width() + right.width() + 2 > width && idle.is_none() {
                return spread(left, Row::default(), width);
            }
            spread(left, right, width)
        })
        .collect()
}

/// While it flies: the answer of each step beside it.
pub(super) fn flown(pen: Pen, model: &Model, status: &Status, width: usize) -> Vec<Row> {
    status
        .steps
        .iter()
        .enumerate()
        .filter_map(|(n, state)| status.step(n).map(|step| (n, state, step)))
        .map(|(n, state, step)| flown_one(pen, model, status, n, state, step, width))
        .collect()
}

fn flown_one(
    pen: Pen,
    model: &Model,
    status: &Status,
    n: usize,
    state: &StepStatus,
    step: &Step,
    width: usize,
) -> Row {
    let next = status.paused && n == status.current;
    let (role, mark) = match state.state {
        StepState::Todo if next => (Role::StepDoing, CLOSED),
        StepState::Todo => (Role::StepTodo, " "),
        StepState::Doing => (Role::StepDoing, CLOSED),
        StepState::Done => (Role::StepDone, TICK),
        StepState::Skipped => (Role::StepTodo, DOT),
        StepState::Failed => (Role::StepFailed, CROSS),
    };
    let way = if n >= status.plan.steps.len() {
        "back: "
    } else {
        ""
    };
    let left = pen.rows([
        (
            role,
            &format!(" {mark} {} {} ", n + 1, fit(&step.title, TITLE)),
        ),
        (
            if state.state == StepState::Todo {
                Role::Muted
            } else {
                Role::Text
            },
            &format!(
                "{way}{}",
                step.nothing_to_do.as_ref().unwrap_or(&step.detail)
            ),
        ),
    ]);
    let said = step
        .nothing_to_do
        .as_ref()
        .is_some_and(|why| why.contains("nothing to do"));
    let answer = if state.state == StepState::Skipped && said {
        String::new()
    } else {
        answer(model, state, next)
    };
    let role = if state.state == StepState::Failed {
        Role::StepFailed
    } else if state.state == StepState::Doing {
        Role::StepDoing
    } else {
        Role::Muted
    };
    let mut right = Line::from(pen.span(role, answer));
    // A refusal is never cut: the step's own words give way to it.
    super::super::pen::cut(&mut right, width.saturating_sub(TITLE + 8));
    spread(left, right, width)
}

/// `accepted in 0.21 s, request 7b3e…`, `for 2.4 s`, `2.9 s`.
fn answer(model: &Model, state: &StepStatus, next: bool) -> String {
    let lasting = match (state.began, state.ended) {
        (Some(began), Some(ended)) => Some(about(ended.since(began))),
        (Some(began), None) => Some(about(model.now.since(began))),
        _ => None,
    };
    let text = match state.state {
        StepState::Todo if next => "next".to_owned(),
        StepState::Todo => String::new(),
        StepState::Skipped => "nothing to do".to_owned(),
        StepState::Doing => match (&state.answer, lasting) {
            (Some(answer), Some(lasting)) => format!("{answer}, for {lasting}"),
            (None, Some(lasting)) => format!("for {lasting}"),
            (answer, None) => answer.clone().unwrap_or_default(),
        },
        StepState::Done | StepState::Failed => {
            let mut text = state.answer.clone().unwrap_or_default();
            let within = state.answered_in.map(span);
            match (text.is_empty(), within, lasting) {
                (false, Some(within), _) => text.push_str(&format!(" in {within}")),
                (false, None, _) => {}
                (true, _, Some(lasting)) => text.push_str(&lasting),
                (true, _, None) => {}
            }
            if let Some(request) = &state.request_id {
                text.push_str(&format!("  request {}", request_id(request)));
            }
            text
        }
    };
    format!("{text} ")
}

/// A request id is long; its first part is enough to find it in a log.
fn request_id(id: &str) -> String {
    match id.split_once('-') {
        Some((first, _)) if first.len() >= 6 => first.to_owned(),
        _ => short_id(id),
    }
}
