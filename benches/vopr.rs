//! The fault simulation over many seeds: `cargo bench --no-default-features --bench vopr -- SEEDS [FIRST]`.
//!
//! It prints how the operations ended and how many seeds a second one core flies. At the first seed
//! that breaks a law it prints the events of that seed and ends with exit code 1; one seed is
//! repeated with `-- 1 SEED`. `-- all SEEDS [FIRST]` goes on and names every seed that breaks one.
//! `-- matrix` prints the crash matrix as it is now, `-- matrix TEXT` the events of the cases whose
//! names hold the text. With the feature `mutants`, `-- mutants` prints which seed catches each policy
//! that is broken on purpose.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/vopr/harness.rs"]
mod vopr;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use vopr::matrix::{cases, end_of};
use vopr::{Ground, Settings, fly, told};

/// A seed is little more than thousands of small things that live for a moment: the allocator of the
/// system takes a fifth more instructions for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|w| w == "matrix") {
        matrix(words.get(1).filter(|w| !w.starts_with('-')));
        return ExitCode::SUCCESS;
    }
    #[cfg(feature = "mutants")]
    if words.first().is_some_and(|w| w == "mutants") {
        for mutant in enipilot::failover::engine::Mutant::ALL {
            let caught = vopr::caught(&Ground::new(), mutant, 2_000);
            println!("{:<22} {caught:?}", format!("{mutant:?}"));
        }
        return ExitCode::SUCCESS;
    }
    let all = words.first().is_some_and(|w| w == "all");
    let mut numbers = std::env::args().filter_map(|a| a.parse::<u64>().ok());
    let seeds = numbers.next().unwrap_or(20_000);
    let first = numbers.next().unwrap_or(0);
    let ground = Ground::new();
    let began = Instant::now();
    let mut endings: BTreeMap<&str, u64> = BTreeMap::new();
    let mut calls: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut events, mut crashes, mut broken) = (0, 0, 0_u64);
    for seed in first..first + seeds {
        let traced = seeds == 1;
        let outcome = fly(&Settings::new(&ground, seed));
        for ending in &outcome.endings {
            *endings.entry(ending).or_default() += 1;
        }
        events += outcome.events;
        crashes += outcome.crashes;
        for (call, count) in outcome.calls {
            *calls.entry(call).or_default() += count;
        }
        if let Some(breach) = outcome.breach.as_ref().filter(|_| all) {
            println!("seed {seed} breaks {}: {}", breach.law, breach.what);
            broken += 1;
        } else if outcome.breach.is_some() || traced {
            println!("{}", told(&ground, seed));
        }
        if outcome.breach.is_some() && !all {
            return ExitCode::FAILURE;
        }
    }
    let took = began.elapsed().as_secs_f64();
    let laws = match broken {
        0 => "no law broken".to_owned(),
        n => format!("{n} of them break a law"),
    };
    println!(
        "{seeds} seeds from {first}, {laws}: {took:.1} s, {:.0} seeds/s",
        seeds as f64 / took
    );
    println!("{events} events, {crashes} crashes");
    for (ending, count) in endings {
        println!("{count:>9} {ending}");
    }
    for (call, count) in calls {
        println!("{count:>9} {call}");
    }
    match broken {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn matrix(text: Option<&String>) {
    let ground = Ground::new();
    let cases = cases();
    let wanted = cases
        .iter()
        .filter(|c| text.is_none_or(|t| c.name.contains(t)));
    for case in wanted {
        let (end, trace) = end_of(&ground, case, text.is_some());
        print!("{trace}");
        println!("{} | {end}", case.name);
    }
}
