//! Looking back on the stage: the past is on the screen, and the present does not notice.

use std::sync::Arc;
use std::time::Duration;

use enipilot::app::model::Model;
use enipilot::app::msg::Msg;
use enipilot::app::school::School;
use enipilot::failover::sky::Sky;
use enipilot::lessons::goal::Goal;
use enipilot::lessons::progress::Progress;
use enipilot::lessons::{Lesson, course};
use enipilot::runtime::stage::Stage;
use enipilot::sim::Sim;
use enipilot::sim::timeline::{Mark, Timeline};
use enipilot::sim::worldfile::EMBEDDED;

fn stage(world: &str) -> Stage {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == world).unwrap();
    let sim = Sim::load(world, text, 1).unwrap();
    let at = sim.world();
    let sky = Sky::sim(sim.name(), &at.account, &at.region);
    let mut stage = Stage::new(sim, sky);
    stage.msg(Msg::Resize(80, 24));
    stage
}

fn keys(stage: &mut Stage, script: &str) {
    for key in super::keys::keys(script) {
        stage.key(key);
        stage.msg(Msg::Drawn);
    }
}

/// A failover flown to its end, and its summary closed.
fn flown() -> Stage {
    let mut stage = stage("two-am");
    keys(&mut stage, "f enter r");
    stage.settle();
    keys(&mut stage, "esc");
    stage
}

/// The model as it is, but for a notice.
fn quiet(model: &Model) -> Model {
    let mut model = model.clone();
    model.notice = None;
    model
}

#[test]
fn looking_changes_nothing() {
    let mut stage = flown();
    let before = quiet(stage.model());
    keys(
        &mut stage,
        "t left left pgup j j enter home K J right end pgup j esc",
    );
    assert!(quiet(stage.model()) == before);
    // Also with a filter set, whose matches follow the moment that is looked at.
    keys(&mut stage, "/ \"eni-attach-0b7e\" enter");
    let before = quiet(stage.model());
    assert_eq!(before.filter.matches, 0, "that attachment is over");
    keys(&mut stage, "t home");
    assert_eq!(stage.model().filter.matches, 1);
    keys(&mut stage, "q");
    assert!(quiet(stage.model()) == before);
}

#[test]
fn every_stop_is_shown_as_it_was() {
    let mut stage = flown();
    let timeline = stage.sim().timeline();
    keys(&mut stage, "t");
    let mut stop = timeline.stops() - 1;
    let mut calls = 0;
    loop {
        let model = stage.model();
        let looking = model.looking().unwrap();
        let then = timeline.stop(stop).unwrap();
        assert_eq!((looking.at, model.now), (stop, then.at));
        assert!(model.world == then.world, "{stop}");
        assert_eq!(model.strips, then.strips, "{stop}");
        assert_eq!(model.guests, Some(then.lags), "{stop}");
        let mark = timeline.mark(stop).1;
        calls += usize::from(mark == Mark::Call);
        if mark == Mark::Call {
            assert!(
                looking.what.text.contains(" accepted: "),
                "{:?}",
                looking.what
            );
            assert!(!looking.told.is_empty(), "{:?}", looking.what);
        }
        let Some(earlier) = stop.checked_sub(1) else {
            break;
        };
        keys(&mut stage, "left");
        stop = earlier;
    }
    assert_eq!(calls, 2, "a detach and an attach");
    keys(&mut stage, "left");
    assert!(stage.model().notice.is_some(), "the beginning says so");
    keys(&mut stage, "pgdn");
    assert_eq!(
        timeline.mark(stage.model().looking().unwrap().at).1,
        Mark::Call
    );
}

#[test]
fn a_running_clock_does_not_move_the_moment() {
    let mut stage = stage("two-am");
    keys(&mut stage, "d enter t left");
    let (world, now) = (Arc::clone(&stage.model().world), stage.model().now);
    let told = stage.model().feed.lines.len();
    stage.settle();
    stage.advance(stage.now() + Duration::from_secs(60));
    assert!(Arc::ptr_eq(&stage.model().world, &world) && stage.model().now == now);
    assert!(stage.model().feed.lines.len() > told, "the feed goes on");
    keys(&mut stage, "esc");
    assert_eq!(stage.model().now, stage.now());
    assert!(stage.model().world == stage.sim().world());
    assert_eq!(stage.model().strips, stage.sim().strips());
}

#[test]
fn what_happens_meanwhile_is_added_at_the_end() {
    let mut stage = stage("two-am");
    keys(&mut stage, "d enter t home right");
    let (at, stops) = place(&stage);
    let (world, bar) = (
        Arc::clone(&stage.model().world),
        stage.model().looking().unwrap().what.clone(),
    );
    stage.settle();
    let grown = stage.sim().timeline();
    assert_eq!(place(&stage), (at, changes(&grown)));
    assert!(changes(&grown) > stops, "the detach has ended meanwhile");
    assert!(Arc::ptr_eq(&stage.model().world, &world));
    assert_eq!(stage.model().looking().unwrap().what, bar);
    // What was added can be gone to, and is as it was.
    keys(&mut stage, "end left");
    let (at, _) = place(&stage);
    assert!(stage.model().world == grown.stop(at).unwrap().world);
    // Who stands at the present of then stays at what it was.
    keys(&mut stage, "esc a \"standby\" enter");
    stage.advance(stage.now() + Duration::from_millis(100));
    keys(&mut stage, "t");
    let world = Arc::clone(&stage.model().world);
    let (at, stops) = place(&stage);
    assert_eq!(at, stops, "behind the newest change");
    stage.settle();
    assert!(stage.model().world == world && stage.sim().world() != world);
    assert!(place(&stage).0 == at - 1 && place(&stage).1 > stops);
    let what = &stage.model().looking().unwrap().what.text;
    assert!(what.contains("AttachNetworkInterface accepted"), "{what}");
}

/// Stops that are no mere present.
fn changes(timeline: &Timeline) -> usize {
    let stops = 0..timeline.stops();
    stops.filter(|at| timeline.mark(*at).1 != Mark::Now).count()
}

/// The stop on the screen, and how many changes there are.
fn place(stage: &Stage) -> (usize, usize) {
    let looking = stage.model().looking().unwrap();
    (looking.at, changes(&looking.timeline))
}

#[test]
fn nothing_is_done_while_one_looks() {
    let mut stage = flown();
    let revision = stage.sim().world();
    keys(&mut stage, "t left left f d a x n u space > R P");
    assert!(Arc::ptr_eq(&stage.sim().world(), &revision));
    assert!(stage.model().looking().is_some());
}

#[test]
fn a_goal_is_never_met_by_the_past() {
    let mut lesson = Lesson::clone(&course::lessons().unwrap()[0]);
    lesson.steps.truncate(2);
    let so_once = Goal::parse("eni db-service on db-primary 1").unwrap();
    lesson.steps[1].goals = vec![so_once];
    let mut stage = stage("empty");
    let school = School {
        course: vec![Arc::new(lesson)].into(),
        at: 0,
        play: None,
        progress: Progress::default(),
        speech: enipilot::lessons::Speech::Keys,
    };
    stage.enter_school(school, true);
    keys(&mut stage, "esc d enter");
    stage.settle();
    let goals = |stage: &Stage| {
        let play = stage.model().school.as_ref().unwrap().play.as_ref();
        let play = play.unwrap();
        (
            play.number(),
            play.calls(),
            play.hints(enipilot::lessons::Speech::Keys),
        )
    };
    let before = goals(&stage);
    assert_eq!(before, (2, 1, (0, 2)));
    keys(&mut stage, "t home");
    let eni = stage.sim().focus().unwrap();
    assert!(stage.model().world.eni(&eni).unwrap().attachment.is_some());
    // The keys of the lesson rest meanwhile, and time may go on.
    keys(&mut stage, "h w N");
    stage.advance(stage.now() + Duration::from_secs(60));
    assert_eq!(goals(&stage), before);
    keys(&mut stage, "esc");
    assert_eq!(goals(&stage), before);
}

#[test]
fn what_is_taken_back_is_not_there_any_more() {
    let mut stage = stage("two-am");
    keys(&mut stage, "d enter");
    stage.settle();
    let whole = stage.sim().timeline().stops();
    keys(&mut stage, "u t");
    let looking = stage.model().looking().unwrap();
    assert!(looking.timeline.stops() < whole);
    assert_eq!(looking.timeline.mark(0).1, Mark::Beginning);
}
