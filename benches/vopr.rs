//! The fault simulation over many seeds: `cargo bench --no-default-features --bench vopr -- SEEDS [FIRST]`.
//!
//! It prints how the operations ended and how many seeds a second one core flies. At the first seed
//! that breaks a law it prints the events of that seed and ends with exit code 1; one seed is
//! repeated with `-- 1 SEED`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/vopr/harness.rs"]
mod vopr;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use vopr::{Ground, Settings, fly, told};

fn main() -> ExitCode {
    let mut numbers = std::env::args().filter_map(|a| a.parse::<u64>().ok());
    let seeds = numbers.next().unwrap_or(20_000);
    let first = numbers.next().unwrap_or(0);
    let ground = Ground::new();
    let began = Instant::now();
    let mut endings: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut events, mut crashes) = (0, 0);
    for seed in first..first + seeds {
        let traced = seeds == 1;
        let outcome = fly(&Settings::new(&ground, seed));
        for ending in &outcome.endings {
            *endings.entry(ending).or_default() += 1;
        }
        events += outcome.events;
        crashes += outcome.crashes;
        if outcome.breach.is_some() || traced {
            println!("{}", told(&ground, seed));
        }
        if outcome.breach.is_some() {
            return ExitCode::FAILURE;
        }
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "{seeds} seeds from {first}, no law broken: {took:.1} s, {:.0} seeds/s",
        seeds as f64 / took
    );
    println!("{events} events, {crashes} crashes");
    for (ending, count) in endings {
        println!("{count:>9} {ending}");
    }
    ExitCode::SUCCESS
}
