//! The lesson on screen: goals are looked at after every message, hints, reset, solution, next.
//!
//! Invariants: a lesson never acts in its world; leaving it keeps the world as it is.

mod closing;

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::feed::Tone;
use crate::app::layer::{Layer, Lessons, Text};
use crate::app::model::Model;
use crate::app::msg::Key;
use crate::app::school::School;
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::sky::Sky;
use crate::lessons::play::{News, Play};
use crate::lessons::{Deed, Speech};
pub(super) use closing::compare;

/// Characters of a search in the course.
const SEARCH_MAX: usize = 40;

/// A lesson begins, or begins again, on a world of its own.
pub(super) fn began(
    model: &mut Model,
    at: usize,
    sky: Sky,
    world: Arc<World>,
    focus: Option<&EniId>,
    prologue: &[(Time, String)],
) {
    let now = model.now;
    let fresh = Model::new(sky, Arc::clone(&world), now, focus);
    let mut fresh = fresh.with_prologue(prologue);
    fresh.size = model.size;
    fresh.generation = model.generation;
    fresh.school = model.school.take();
    fresh.served = model.served.take();
    *model = fresh;
    let Some(school) = &mut model.school else {
        return;
    };
    let Some(lesson) = school.course.get(at).map(Arc::clone) else {
        return;
    };
    school.at = at;
    let title = format!(
        "lesson {} of {}: {}",
        at + 1,
        school.course.len(),
        lesson.title
    );
    let mut lines: Vec<String> = lesson.story.lines().map(str::to_owned).collect();
    if model.served.is_some() {
        let told = lesson.over_the_wire();
        lines.extend(
            told.into_iter()
                .flat_map(|line| [String::new(), line.to_owned()]),
        );
    }
    school.play = Some(Play::new(lesson, world, now));
    model.layers.push(Layer::Text(Text {
        title,
        lines,
        scroll: 0,
    }));
}

/// A call was answered.
pub(super) fn called(model: &mut Model, call: &Call, answer: &Result<Answer, ApiError>) {
    let code = answer.as_ref().err().map(|e| e.code.clone());
    deed(model, Deed::Called(call.action().into(), code));
}

/// A client of the served world has made a call: it counts as if it were made here.
pub(super) fn heard(model: &mut Model, call: &Call, answer: &Result<Answer, ApiError>) {
    let world = Arc::clone(&model.world);
    if let Some(play) = play(model) {
        play.heard(call, answer, &world);
    }
}

/// A failover has ended on its target.
pub(super) fn moved(model: &mut Model, eni: &EniId) {
    deed(model, Deed::Moved(eni.clone()));
}

/// A report was written.
pub(super) fn wrote(model: &mut Model) {
    deed(model, Deed::Wrote);
}

/// Drops the calls that do not belong to the lesson, and says so.
pub(super) fn keep_to(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(play) = model.school.as_ref().and_then(|s| s.play.as_ref()) else {
        return;
    };
    let lesson = Arc::clone(play.lesson());
    if effects.iter().any(|e| matches!(e, Effect::Call(_))) {
        model.redoable = 0;
    }
    effects.retain(|effect| match effect {
        Effect::Call(call) if !lesson.allows(call.action()) => {
            let allowed = lesson.allow.join(", ");
            model.refuse(format!(
                "this lesson keeps to {allowed}; Z leaves it for the sandbox"
            ));
            false
        }
        _ => true,
    });
}

/// An operation has made so many calls more.
pub(super) fn flown(model: &mut Model, calls: usize) {
    if let Some(play) = play(model) {
        play.flown(calls);
    }
}

/// A call was taken back.
pub(super) fn taken_back(model: &mut Model) {
    if let Some(play) = play(model) {
        play.taken_back();
    }
}

/// How the person acts.
fn speech(model: &Model) -> Speech {
    model.school.as_ref().map(|s| s.speech).unwrap_or_default()
}

fn deed(model: &mut Model, deed: Deed) {
    if let Some(play) = play(model) {
        play.deed(deed);
    }
}

fn play(model: &mut Model) -> Option<&mut Play> {
    model.school.as_mut()?.play.as_mut()
}

/// Looks at the goals; says what is met, and keeps the progress.
pub(super) fn watch(model: &mut Model) -> Vec<Effect> {
    let world = Arc::clone(&model.world);
    let now = model.now;
    let Some(school) = &mut model.school else {
        return Vec::new();
    };
    let Some(play) = school.play.as_mut() else {
        return Vec::new();
    };
    let news = play.look(&world, &model.strips, now);
    if news.is_empty() {
        return Vec::new();
    }
    let mut done = false;
    let mut kept = false;
    for news in news {
        let text = match news {
            News::Goal(words) => format!("goal met: {words}"),
            News::Step(n) => {
                school.progress.reached(&play.lesson().name, n);
                kept = true;
                format!("step {n} of {} is done", play.lesson().steps.len())
            }
            News::Done => {
                let calls = (!play.was_shown()).then_some(play.calls());
                school.progress.done(&play.lesson().name, calls);
                done = true;
                continue;
            }
        };
        model.feed.say(now, Tone::Good, text, None);
    }
    if done {
        closing::show(model);
    }
    let keep = model.school.as_ref().filter(|_| kept);
    let mut effects: Vec<Effect> = Vec::new();
    effects.extend(keep.map(|s| Effect::Keep(s.progress.clone())));
    if done && closing::compares(model) {
        effects.push(Effect::Compare);
    }
    effects
}

/// Keys of a lesson.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Hint => hint(model),
        Action::Undo => return vec![Effect::Undo],
        Action::Timeline => return vec![Effect::Timeline(None)],
        Action::Redo => {
            model.redoable = model.redoable.saturating_sub(1);
            return vec![Effect::Redo];
        }
        Action::Restart => return model.school.as_ref().map(begin).into_iter().collect(),
        Action::Solution => closing::solution(model),
        Action::NextLesson => {
            let next = model.school.as_ref().and_then(School::next);
            return next.map(Effect::Lesson).into_iter().collect();
        }
        Action::Lessons => lessons(model),
        Action::Sandbox => sandbox(model),
        _ => {}
    }
    Vec::new()
}

fn begin(school: &School) -> Effect {
    Effect::Lesson(school.at)
}

fn hint(model: &mut Model) {
    let speech = speech(model);
    let Some(play) = play(model) else { return };
    let done = play.is_done();
    let text = match play.hint(speech) {
        Some((n, of, text)) => format!("hint {n} of {of}: {text}"),
        None if done => "every step is done: nothing is left to hint at".to_owned(),
        None => "there is no hint for this step: the goal says it all".to_owned(),
    };
    model.tell(text);
}

/// Opens the list of lessons.
pub(super) fn lessons(model: &mut Model) {
    let Some(school) = &model.school else { return };
    let cursor = school.at;
    model.layers.push(Layer::Lessons(Lessons {
        cursor,
        search: None,
    }));
}

/// Keys of the list of lessons.
pub(super) fn list(model: &mut Model, action: Action) -> Vec<Effect> {
    let (Some(school), Some(Layer::Lessons(list))) = (&model.school, model.layers.last_mut())
    else {
        return Vec::new();
    };
    let found = school.found(list.search.as_deref());
    match action {
        Action::Up => list.cursor = super::step(list.cursor, -1, found.len()),
        Action::Down => list.cursor = super::step(list.cursor, 1, found.len()),
        Action::First => list.cursor = 0,
        Action::Last => list.cursor = found.len().saturating_sub(1),
        Action::Choose => {
            let chosen = found.get(list.cursor).copied();
            return chosen.map(Effect::Lesson).into_iter().collect();
        }
        Action::Filter => {
            list.search = Some(String::new());
            list.cursor = 0;
        }
        Action::ClearFilter => {
            // The eye stays on the lesson that was found.
            list.cursor = found.get(list.cursor).copied().unwrap_or(0);
            list.search = None;
        }
        Action::Close => {
            model.layers.pop();
        }
        _ => {}
    }
    Vec::new()
}

/// A letter of the search.
pub(super) fn type_key(model: &mut Model, key: Key) {
    if let Some(Layer::Lessons(list)) = model.layers.last_mut()
        && let Some(search) = &mut list.search
        && super::edit(search, key, SEARCH_MAX)
    {
        list.cursor = 0;
    }
}

fn sandbox(model: &mut Model) {
    if let Some(school) = &mut model.school {
        school.play = None;
        model.tell("sandbox: everything works here; R begins the lesson again, M lists them all");
    }
}
