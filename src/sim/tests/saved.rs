//! Saved worlds: what is loaded is what was saved, and what is spoilt is refused with its line.

use super::*;
use crate::sim::saved::{SaveError, Settings};

fn text() -> &'static str {
    worldfile::EMBEDDED[0].1
}

fn settings(seed: u64) -> Settings {
    Settings {
        seed,
        attach_time: Some(seconds(3)),
        detach_time: None,
    }
}

#[test]
fn what_is_loaded_is_what_was_saved() {
    for seed in [0, 1, 2, 3, u64::MAX] {
        let mut first = Sim::begin("two-am.toml", text(), &settings(seed)).unwrap();
        faults::storm(&mut first, seed, 60);
        first.undo();
        let saved = first.save(text()).unwrap();
        // Whoever loads it needs to know nothing.
        let mut second = Sim::load("saved.toml", &saved, 7).unwrap();
        assert_eq!(second.settings(), &settings(seed));
        assert_eq!(second.save(&saved).unwrap(), saved);
        let mut levels = 0;
        loop {
            assert_eq!(everything(&first).0, everything(&second).0, "seed {seed}");
            assert!(everything(&first).1 == everything(&second).1, "seed {seed}");
            let (one, other) = (first.clone(), second.clone());
            for mut sim in [one, other] {
                run(&mut sim, 30);
            }
            let undone = first.undo();
            assert_eq!(undone, second.undo());
            if undone.is_none() {
                break;
            }
            levels += 1;
        }
        assert!(levels > 5, "{levels}");
    }
}

/// Both go on alike: chance stands where it stood.
#[test]
fn a_loaded_world_goes_on_as_the_saved_one() {
    let mut first = two_am(str::to_owned, 5);
    faults::storm(&mut first, 5, 20);
    let saved = first.save(text()).unwrap();
    let mut second = Sim::load("saved.toml", &saved, 0).unwrap();
    for sim in [&mut first, &mut second] {
        walk(sim, 9, |_| {});
    }
    assert_eq!(everything(&first).0, everything(&second).0);
    assert!(everything(&first).1 == everything(&second).1);
}

#[test]
fn a_world_whose_beginning_is_forgotten_is_not_saved() {
    let mut sim = two_am(str::to_owned, 1);
    let call = attach(&sim, STANDBY, 1);
    for _ in 1..history::INPUTS_MAX {
        let _ = sim.call(&call);
    }
    assert!(sim.save(text()).is_ok());
    let _ = sim.call(&call);
    assert_eq!(sim.save(text()), Err(SaveError::TooLong));
}

#[test]
fn what_is_spoilt_is_refused_with_its_line() {
    let mut sim = two_am(str::to_owned, 1);
    run(&mut sim, 5);
    sim.call(&detach(&sim, false)).unwrap();
    let saved = sim.save(text()).unwrap();
    let lines = text().lines().count();
    for (from, to, line, words) in [
        ("\"Detach", "\"Fly", 7, "an input that cannot be read"),
        ("seed = \"1\"", "seed = \"one\"", 4, "the seed `one`"),
        ("[saved]", "[saved.more]", 3, "unknown"),
        (
            "loading this file",
            "a file",
            3,
            "without the line above it",
        ),
        ("{\"Call\":[\"2026", "{\"Call\":[\"2027", 3, "input 2"),
    ] {
        assert!(saved.contains(from), "{from}: {saved}");
        let spoilt = saved.replace(from, to);
        let error = Sim::load("saved.toml", &spoilt, 1).unwrap_err();
        let at = error.to_string();
        assert!(error.what.contains(words), "{from}: {at}");
        assert_eq!(error.line, lines + line, "{from}: {at}");
    }
}
