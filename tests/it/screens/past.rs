//! Looking back: the bar, what changed, and the world of that moment.

use std::sync::Arc;

use enipilot::app::layer::Layer;
use enipilot::app::model::Model;
use enipilot::app::msg::Msg;
use enipilot::app::school::School;
use enipilot::app::update::update;
use enipilot::failover::ops::Told;
use enipilot::lessons::course;
use enipilot::lessons::progress::Progress;
use enipilot::runtime::stage::Stage;
use enipilot::sim::worldfile::EMBEDDED;
use enipilot::store::dir::StateDir;
use enipilot::store::ops;

use super::paint::{Screen, plain};
use super::scenes::{Size, live, stage, two_am};
use super::{FLOOR, WIDE, assert_screen};

fn keys(stage: &mut Stage, script: &str) {
    for key in crate::keys::keys(script) {
        stage.key(key);
        stage.msg(Msg::Drawn);
    }
}

fn world(name: &str, size: Size) -> Stage {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == name).unwrap();
    stage(&format!("{name}.toml"), text, size)
}

/// A refused call and a failover, looked back at from these keys.
fn flown(size: Size, script: &str) -> Model {
    let mut stage = world("two-am", size);
    keys(&mut stage, "k d enter j f enter r");
    stage.settle();
    keys(&mut stage, "esc");
    keys(&mut stage, script);
    stage.model().clone()
}

/// The race, at its end.
pub fn race(size: Size, script: &str) -> Model {
    let lessons = course::lessons().unwrap();
    let at = lessons.iter().position(|l| l.name == "the-race").unwrap();
    let mut stage = world("empty", size);
    let school = School {
        course: lessons.into(),
        at,
        play: None,
        progress: Progress::default(),
        speech: enipilot::lessons::Speech::Keys,
    };
    stage.enter_school(school, true);
    keys(&mut stage, "esc f enter r");
    stage.settle();
    keys(&mut stage, "esc");
    keys(&mut stage, script);
    stage.model().clone()
}

#[test]
fn looking_back() {
    for (size, name) in [(FLOOR, "80x24"), (WIDE, "120x40")] {
        for (what, model) in [
            ("past-now", flown(size, "t")),
            ("past-call", flown(size, "t pgup pgup")),
            ("past-refused", flown(size, "t home pgdn")),
            ("past-lesson", race(size, "> > > > > > t pgup")),
        ] {
            assert_screen(&format!("screen-{what}-{name}"), &Screen::of(&model, size));
        }
    }
    let model = flown(FLOOR, "t pgup");
    for (what, look) in [("mono", plain(false)), ("ascii", plain(true))] {
        let screen = Screen::with(&model, FLOOR, &look);
        assert_screen(&format!("screen-past-call-{what}-80x24"), &screen);
    }
}

/// A live account whose state directory holds one operation, spoilt from a byte on if so wanted; after
/// these keys.
fn replayed(size: Size, spoil: Option<usize>, script: &str) -> Model {
    let home = tempfile::tempdir().unwrap();
    let dir = StateDir::open(home.path()).unwrap();
    let path = crate::ops::left(&dir, "7f3a0001", usize::MAX);
    if let Some(from_end) = spoil {
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - from_end]).unwrap();
    }
    let kept = ops::all(&dir).unwrap();
    let kept: Vec<_> = kept.into_iter().map(|(_, kept)| kept).collect();
    let mut model = live(two_am(size, ""), false);
    update(&mut model, Msg::Operations(Arc::new(kept)));
    for key in crate::keys::keys(script) {
        update(&mut model, Msg::Key(key));
        update(&mut model, Msg::Drawn);
    }
    model
}

#[test]
fn an_operation_again() {
    for (size, name) in [(FLOOR, "80x24"), (WIDE, "120x40")] {
        for (what, model) in [
            ("replay", replayed(size, None, "o t pgdn right right")),
            ("replay-torn", replayed(size, Some(40), "o t end")),
            ("race", race(size, RACE)),
        ] {
            assert_screen(&format!("screen-{what}-{name}"), &Screen::of(&model, size));
        }
    }
    let replay = replayed(FLOOR, None, "o t pgdn");
    let race = race(FLOOR, RACE);
    for (what, model) in [("replay", replay), ("race", race)] {
        for (how, look) in [("mono", plain(false)), ("ascii", plain(true))] {
            let screen = Screen::with(&model, FLOOR, &look);
            assert_screen(&format!("screen-{what}-{how}-80x24"), &screen);
        }
    }
}

/// The keys of the replay end where the records do, and nothing is left behind.
#[test]
fn a_replay_is_left_as_it_was_entered() {
    let before = replayed(FLOOR, None, "o");
    for script in [
        "o t left left pgup esc",
        "o t end right right pgdn q",
        "o t t",
    ] {
        let mut after = replayed(FLOOR, None, script);
        after.notice = None;
        assert_eq!(after.layers, before.layers, "{script}");
    }
    // From the dialog that takes up an open operation: what was typed there is gone afterwards.
    let typed = |script: &str| {
        let mut model = replayed(FLOOR, Some(40), "");
        model.sky.writes = true;
        for listed in &mut model.listed {
            if let Some(Told::Operation(operation)) = listed.kept.as_mut().map(|k| &mut k.told) {
                let plan = Arc::make_mut(&mut operation.plan);
                plan.sky = model.sky.clone();
            }
        }
        for key in crate::keys::keys(script) {
            update(&mut model, Msg::Key(key));
            update(&mut model, Msg::Drawn);
        }
        match model.layer() {
            Some(Layer::Consent(consent)) => Some(consent.typed.clone()),
            _ => None,
        }
    };
    assert_eq!(typed("P \"03f\"").as_deref(), Some("03f"));
    assert_eq!(typed("P \"03f\" ctrl-t"), None);
    assert_eq!(typed("P \"03f\" ctrl-t esc").as_deref(), Some(""));
}

/// A simulated operation is looked at in its world, from its first call on.
#[test]
fn a_simulated_operation_is_replayed_in_its_world() {
    for script in ["o t", "o t right left"] {
        let model = flown(FLOOR, script);
        let looking = model.looking().unwrap();
        assert!(
            looking
                .what
                .text
                .starts_with("DetachNetworkInterface accepted")
        );
    }
    let mut stage = world("two-am", FLOOR);
    keys(&mut stage, "f enter r");
    stage.settle();
    keys(&mut stage, "t");
    assert!(stage.model().looking().is_some());
    let text = Screen::with(stage.model(), FLOOR, &plain(false)).text();
    assert!(
        text.contains("LOOKING BACK") && text.contains("VPCs"),
        "{text}"
    );
    keys(&mut stage, "esc");
    let text = Screen::with(stage.model(), FLOOR, &plain(false)).text();
    assert!(text.contains("DONE"), "the summary is still there:\n{text}");
}

/// Skips of a minute until orders is answered.
const RACE: &str = "> > > > > > > > > > > > > > > > > > > > > > > >";

/// Every stop of a long timeline fits every size, notices included.
#[test]
fn looking_back_fits_everywhere() {
    for size in [(60, 20), FLOOR, (79, 25), WIDE, (200, 60)] {
        for script in ["t", "t home left", "t pgup pgup pgup pgup pgup"] {
            for model in [flown(size, script), race(size, script)] {
                let text = Screen::with(&model, size, &plain(false)).text();
                let bar = text.lines().filter(|l| l.contains('▲')).count();
                assert_eq!(bar, 1, "{size:?} {script}\n{text}");
                assert!(text.contains("LOOKING BACK"), "{text}");
                assert_eq!(
                    text.contains("nothing is remembered"),
                    script.ends_with("left")
                );
            }
        }
    }
}
