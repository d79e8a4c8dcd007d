//! The timeline: every remembered stop is the world as it was then, whatever came later.

use super::*;
use crate::sim::history::Happened;
use crate::sim::timeline::{Mark, POINTS_MAX, STRIDE, Stop, Timeline, What};

/// The present, as a stop behind which only time has passed.
fn present(sim: &Sim) -> Stop {
    Stop {
        at: sim.now(),
        world: sim.world(),
        before: sim.world(),
        strips: sim.strips().to_vec(),
        lags: sim.lags(),
    }
}

/// The newest stop without the passing of time behind it.
fn newest(timeline: &Timeline) -> usize {
    let last = timeline.stops() - 1;
    last - usize::from(timeline.mark(last).1 == Mark::Now)
}

fn at(timeline: &Timeline, number: u64) -> usize {
    usize::try_from(number - timeline.first()).unwrap()
}

/// What was seen right after each call, and the number of its stop.
fn noted(sim: &Sim, notes: &mut Vec<(u64, Stop)>) {
    let timeline = sim.timeline();
    let number = timeline.first() + u64::try_from(newest(&timeline)).unwrap();
    notes.retain(|(n, _)| *n < number);
    notes.push((number, present(sim)));
}

fn check(sim: &Sim, notes: &[(u64, Stop)], seed: u64) {
    let timeline = sim.timeline();
    let last = timeline.stops() - 1;
    let now = Stop {
        before: timeline.stop(last).unwrap().before,
        ..present(sim)
    };
    assert!(timeline.stop(last).unwrap() == now, "{seed}: present");
    for (number, note) in notes {
        let stop = timeline.stop(at(&timeline, *number)).unwrap();
        assert_eq!(stop.at, note.at, "seed {seed}, point {number}");
        assert_eq!(stop.lags, note.lags, "seed {seed}, point {number}");
        assert_eq!(stop.strips, note.strips, "seed {seed}, point {number}");
        assert!(stop.world == note.world, "seed {seed}, point {number}");
        let stop_before = at(&timeline, *number).saturating_sub(1);
        let before = timeline.stop(stop_before).unwrap().world;
        assert!(stop.before == before, "seed {seed}, before point {number}");
        assert_eq!(stop.world.check_invariants(), Vec::<String>::new());
    }
}

#[test]
fn every_stop_is_the_world_as_it_was() {
    for seed in 0..6 {
        let mut sim = two_am(with("db-standby", "guest_never_up = true"), seed);
        if seed % 2 == 1 {
            faults::storm(&mut sim, seed, 40);
        }
        let mut dice = Dice::new(seed);
        let mut notes = Vec::new();
        for _ in 0..80 {
            let call = any_call(&sim, &mut dice);
            let _ = sim.call(&call);
            noted(&sim, &mut notes);
            sim.advance(sim.now() + Duration::from_millis(dice.roll() % 9_000));
        }
        check(&sim, &notes, seed);
        // What is taken back is gone from here, too, and what is left stays what it was.
        for _ in 0..5 {
            sim.undo().unwrap();
            let end = sim.history().timeline().end();
            notes.retain(|(n, _)| *n <= end);
            check(&sim, &notes, seed);
        }
        let _ = sim.call(&describe(&sim, "after going back"));
        noted(&sim, &mut notes);
        run(&mut sim, 60);
        check(&sim, &notes, seed);
        assert!(notes.len() > 40, "{}", notes.len());
    }
}

#[test]
fn marks_say_what_led_to_a_stop() {
    let mut sim = two_am(str::to_owned, 1);
    sim.call(&attach(&sim, STANDBY, 0)).unwrap_err();
    fail_over(&mut sim);
    let timeline = sim.timeline();
    let marks: Vec<Mark> = (0..timeline.stops()).map(|n| timeline.mark(n).1).collect();
    assert_eq!(
        marks,
        [
            Mark::Beginning,
            Mark::Refused,
            Mark::Call,
            Mark::Effect,
            Mark::Effect,
            Mark::Call,
            Mark::Effect,
            Mark::Effect,
            Mark::Answered,
            Mark::Effect,
            Mark::Now
        ]
    );
    let turned = What::Turned {
        client: 0,
        lost: false,
    };
    assert_eq!(timeline.what(8), Some(&turned));
    assert_eq!(
        (timeline.lost(0, 7), timeline.lost(0, 8)),
        (Some(true), Some(false))
    );
    let Some(What::Happened(all)) = timeline.what(2) else {
        panic!("no call at stop 2");
    };
    assert!(matches!(&all[0].what, Happened::Called { call, .. }
        if call.action() == "DetachNetworkInterface"));
    for stop in 0..timeline.stops() {
        let (moment, _) = timeline.mark(stop);
        let found = timeline.at(moment);
        assert_eq!(timeline.mark(found).0, moment);
        assert!(found >= stop);
    }
    assert_eq!(timeline.at(Time::from_millis(0)), 0);
}

#[test]
fn a_copy_never_changes() {
    let mut sim = two_am(str::to_owned, 1);
    fail_over(&mut sim);
    let copy = sim.timeline();
    let (again, stops) = (copy.clone(), copy.stops());
    walk(&mut sim, 3, |_| {});
    sim.undo().unwrap();
    assert_eq!(copy.stops(), stops);
    assert!(copy == again && copy != sim.timeline());
}

#[test]
fn what_is_kept_is_bounded_and_the_newest() {
    let mut sim = two_am(str::to_owned, 1);
    let mut notes = Vec::new();
    let wanted = POINTS_MAX + 3 * STRIDE;
    for n in 0..wanted {
        sim.call(&describe(&sim, &n.to_string())).unwrap();
        if n % 997 == 0 {
            noted(&sim, &mut notes);
        }
    }
    let timeline = sim.timeline();
    assert!(timeline.first() > 0);
    assert!(timeline.stops() > POINTS_MAX && timeline.stops() <= POINTS_MAX + STRIDE);
    notes.retain(|(number, _)| *number >= timeline.first());
    assert!(notes.len() > 8);
    check(&sim, &notes, 1);
    // A thousand calls further back everything is forgotten, and the timeline begins there.
    let before = notes.last().unwrap().0;
    while sim.undo().is_some() {}
    assert!(sim.history().timeline().end() < before);
    check(&sim, &[], 1);
}
