//! The proof that the fault simulation proves something: policies that are broken on purpose, each of
//! which it must catch. `cargo test --no-default-features --features mutants mutants -- --nocapture`
//! prints the table.

use std::sync::atomic::{AtomicUsize, Ordering};

use enipilot::failover::engine::Mutant;

use super::harness::{Ground, caught};

/// Within so many seeds.
const SEEDS: u64 = 2_000;

#[test]
fn every_broken_policy_is_caught() {
    let ground = Ground::new();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some(mutant) = Mutant::ALL.get(next.fetch_add(1, Ordering::SeqCst)) {
            found.push((*mutant, caught(&ground, *mutant, SEEDS)));
        }
        found
    };
    let all = std::thread::scope(|scope| {
        let hands = [scope.spawn(work), scope.spawn(work)];
        hands.map(|hand| hand.join().unwrap())
    });
    let mut missed = Vec::new();
    for (mutant, caught) in all.into_iter().flatten() {
        match caught {
            Some((seed, law)) => println!("{:<22} seed {seed:>4}  {law}", format!("{mutant:?}")),
            None => missed.push(mutant),
        }
    }
    assert!(missed.is_empty(), "not caught in {SEEDS} seeds: {missed:?}");
}
