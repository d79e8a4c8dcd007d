//! Looking back: the bar, what changed, and the world of that moment.

use enipilot::app::model::Model;
use enipilot::app::msg::Msg;
use enipilot::app::school::School;
use enipilot::lessons::course;
use enipilot::lessons::progress::Progress;
use enipilot::runtime::stage::Stage;
use enipilot::sim::worldfile::EMBEDDED;

use super::paint::{Screen, plain};
use super::scenes::{Size, stage};
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
