//! The fault simulation: the seeds that once failed, then the first ones.

#[path = "../vopr/harness.rs"]
mod harness;

mod matrix;

#[cfg(feature = "mutants")]
mod mutants;

use std::collections::BTreeMap;

use harness::{Ground, Settings, fly, told};

/// What has happened in some runs.
#[derive(Default)]
struct Flown {
    events: u64,
    crashes: usize,
    calls: BTreeMap<&'static str, u64>,
    endings: BTreeMap<&'static str, u64>,
}

/// Flies them.
fn hold(seeds: impl IntoIterator<Item = u64>) -> Flown {
    let ground = Ground::new();
    let mut flown = Flown::default();
    for seed in seeds {
        let outcome = fly(&Settings::new(&ground, seed));
        assert!(outcome.breach.is_none(), "{}", told(&ground, seed));
        flown.events += outcome.events;
        flown.crashes += outcome.crashes;
        for (call, count) in outcome.calls {
            *flown.calls.entry(call).or_default() += count;
        }
        for ending in outcome.endings {
            *flown.endings.entry(ending).or_default() += 1;
        }
    }
    flown
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
    let flown = hold(0..2_000);
    // All that can be done is done, and all that can come of it comes.
    for call in [
        "AssignPrivateIpAddresses",
        "AssociateAddress",
        "AttachNetworkInterface",
        "DetachNetworkInterface",
        "Force",
        "ModifyNetworkInterfaceAttribute",
        "ReplaceRoute",
        "StopInstances",
    ] {
        assert!(flown.calls.contains_key(call), "{call}: {:?}", flown.calls);
    }
    let all = "aborted done foreign-change identity-lost needs-person put-back refused";
    for ending in all.split(' ') {
        assert!(flown.endings.contains_key(ending), "{:?}", flown.endings);
    }
    let much = flown.crashes > 50 && flown.events > 30_000;
    assert!(much, "{} events, {} crashes", flown.events, flown.crashes);
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
    hold(first..first + 2_000);
}
