//! What a lesson says at its end, and how it could be solved.
//!
//! Invariant: what EC2 answered last is read before the idea that follows from it.

use std::sync::Arc;

use crate::app::layer::{Layer, Text};
use crate::app::model::Model;
use crate::app::timeline::race;
use crate::lessons::{Lesson, Speech};
use crate::sim::timeline::Timeline;

/// Columns of two stories side by side; wider ones are hard to read.
const COMPARED_MAX: usize = 110;

fn lesson(model: &Model) -> Option<&Arc<Lesson>> {
    let play = model.school.as_ref()?.play.as_ref()?;
    Some(play.lesson())
}

/// The lesson ends with two stories side by side.
pub(super) fn compares(model: &Model) -> bool {
    lesson(model).is_some_and(|l| !l.compare.is_empty())
}

/// Both stories, side by side, before what was learned from them.
pub(in crate::app::update) fn compare(model: &mut Model, timeline: &Timeline) {
    let Some(lesson) = lesson(model).map(Arc::clone) else {
        return;
    };
    let width = usize::from(model.size.0)
        .saturating_sub(6)
        .min(COMPARED_MAX);
    let lines = race::lines(timeline, &lesson.compare, width);
    if !lines.is_empty() {
        let title = format!("side by side: {}", lesson.compare.join(" and "));
        push(model, title, lines);
    }
}

/// What was learned, and how it compares.
pub(super) fn show(model: &mut Model) {
    let Some(school) = &model.school else { return };
    let Some(play) = &school.play else { return };
    let (lesson, speech) = (play.lesson(), school.speech);
    let title = format!("done: {}", lesson.title);
    let mut lines: Vec<String> = lesson.idea.lines().map(str::to_owned).collect();
    lines.push(String::new());
    lines.push(if play.was_shown() {
        "Done, with the solution shown.".to_owned()
    } else {
        let calls = crate::lessons::play::calls(play.calls());
        format!("Done with {calls}; best known {}.", lesson.best)
    });
    let key = |key: &'static str, word: &'static str| match speech {
        Speech::Keys => key,
        Speech::Words => word,
    };
    let stay = key("Z", "`sandbox`");
    lines.push(match school.next().and_then(|n| school.course.get(n)) {
        Some(next) => {
            let on = key("N", "`next`");
            format!(
                "{on} goes on: {}. {stay} stays here, and everything works.",
                next.title
            )
        }
        None => {
            let list = key("M", "`lessons`");
            format!(
                "No lesson is left. {list} lists them all; {stay} stays here, and everything works."
            )
        }
    });
    push(model, title, lines);
    // The last call was refused, and that is what was to be read: it must not lie below.
    let refused = model.notice.as_ref().is_some_and(|n| n.bad);
    if let (true, Speech::Keys, Some(said)) = (refused, speech, model.said.clone()) {
        model.layers.push(Layer::Text(said));
    }
}

/// One way to solve it, as a person would do it.
pub(super) fn solution(model: &mut Model) {
    let Some(play) = super::play(model) else {
        return;
    };
    play.show();
    let mut lines = vec![
        "One way, key by key. What stands in quotes is typed.".to_owned(),
        String::new(),
    ];
    lines.extend(play.lesson().solution.iter().map(|line| spelled(line)));
    push(model, "solution".to_owned(), lines);
}

/// A line of a solution in words.
fn spelled(line: &str) -> String {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    match command {
        "keys" => format!("  {rest}"),
        "advance" => format!("  … let {rest} seconds pass"),
        _ => "  … until nothing moves any more".to_owned(),
    }
}

fn push(model: &mut Model, title: String, lines: Vec<String>) {
    model.layers.push(Layer::Text(Text {
        title,
        lines,
        scroll: 0,
    }));
}
