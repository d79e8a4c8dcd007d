//! The fault simulation: the seeds that once failed, then the first ones.

#[path = "../vopr/harness.rs"]
mod harness;

#[cfg(feature = "mutants")]
mod mutants;

use harness::{Ground, Settings, fly, told};

/// Flies them; how many events and crashes there were.
fn hold(seeds: impl IntoIterator<Item = u64>) -> (u64, usize) {
    let ground = Ground::new();
    let (mut events, mut crashes) = (0, 0);
    for seed in seeds {
        let outcome = fly(&Settings::new(&ground, seed));
        assert!(outcome.breach.is_none(), "{}", told(&ground, seed));
        events += outcome.events;
        crashes += outcome.crashes;
    }
    (events, crashes)
}

#[test]
fn seeds_that_once_broke_a_law_break_none() {
    let known = include_str!("../vopr/seeds.txt").lines();
    let known = known.filter_map(|line| line.split_whitespace().next()?.parse().ok());
    let known: Vec<u64> = known.collect();
    assert!(!known.is_empty());
    hold(known);
}

#[test]
fn the_first_seeds_break_no_law() {
    let (events, crashes) = hold(0..300);
    assert!(
        events > 30_000 && crashes > 50,
        "{events} events, {crashes} crashes"
    );
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let ground = Ground::new();
    for seed in 0..20 {
        let once = told(&ground, seed);
        assert!(once.lines().count() > 5, "{once}");
        assert!(once == told(&ground, seed), "seed {seed} differs");
    }
}

/// Seeds that nobody has flown yet: the commit says which (`VOPR_FIRST`, set by .ci/run).
#[test]
fn seeds_of_the_commit_break_no_law() {
    let first = std::env::var("VOPR_FIRST").ok();
    let Some(first) = first.and_then(|text| text.parse::<u64>().ok()) else {
        return;
    };
    hold(first..first + 700);
}
