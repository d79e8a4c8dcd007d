//! Real processes die, the operation does not: the table `tests/data/kill.txt`, each case with the
//! program, an `enipilot serve` and a state directory of its own.
//!
//! `cargo test --test it kill -- --nocapture` prints the table with what was measured.

mod aloft;
mod case;
mod pilot;
mod screen;
mod way;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use case::{Case, Played};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Cases at a time: most of a case is waiting for EC2.
const AT_A_TIME: usize = 8;

#[test]
fn whatever_dies_the_operation_ends_where_it_should() {
    hang_ups_are_caught();
    let cases = case::read(include_str!("../data/kill.txt"));
    assert!(!cases.is_empty());
    let next = AtomicUsize::new(0);
    let lines = Mutex::new(vec![None; cases.len()]);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    // From the end: the screens, which take longest, begin.
                    let taken = next.fetch_add(1, Ordering::Relaxed) + 1;
                    let Some(n) = cases.len().checked_sub(taken) else {
                        break;
                    };
                    let case = &cases[n];
                    let played = std::panic::catch_unwind(|| case.play()).ok();
                    lines.lock().unwrap()[n] = played.map(|played| line(case, &played));
                }
            });
        }
    });
    let lines = lines.into_inner().unwrap();
    for line in lines.iter().flatten() {
        println!("{line}");
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{} cases in {seconds:.1} s", cases.len());
    let wrong: Vec<&str> = (cases.iter().zip(&lines))
        .filter(|(_, line)| line.is_none())
        .map(|(case, _)| case.text.as_str())
        .collect();
    assert!(wrong.is_empty(), "not as written:\n{}", wrong.join("\n"));
}

/// Under nohup this process ignores SIGHUP, and so would every program that it starts. A signal that is
/// caught is back at its default in a new program instead, here and on every other system.
fn hang_ups_are_caught() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    // Once caught it stays so; that nobody listens to it any more is right.
    drop(signal(SignalKind::hangup()).unwrap());
}

fn line(case: &Case, played: &Played) -> String {
    let Played {
        seconds,
        records,
        ending,
    } = played;
    format!(
        "{} | {ending} | {records} records, {seconds:.1} s",
        case.text
    )
}
