//! What a faithful EC2 must answer, as data: `tests/conformance/*.txt`, one case a line, run on three
//! roads by one driver. The simulator directly and the AWS SDK on it in process run here; an endpoint
//! over HTTP is `tests/conformance/run`.

mod case;
mod field;
mod names;
mod recipe;
mod road;
#[cfg(feature = "aws")]
mod score;
mod step;
mod table;

use case::Verdict;
use enipilot::sim::Sim;
use table::Line;

const IMAGE: &str = "ami-0abcdef1234567890";

/// The simulator that a case starts on.
fn simulator(line: &Line) -> Sim {
    // An account with nothing in it but what no call can make.
    let mut text = table::file("account.toml").to_owned();
    if let Some(switch) = &line.switch {
        text += &match switch.split_once(' ') {
            Some(("deny", action)) => format!("[deny]\nactions = [\"{action}\"]\n"),
            // Time that nobody waits for.
            None if switch == "clock" => String::new(),
            _ => panic!("no such switch: {switch}"),
        };
    }
    Sim::load("account.toml", &text, 1).unwrap_or_else(|e| panic!("{e}"))
}

/// Runs the whole table; panics on what is not as it must be, and on a `todo` that holds by now.
fn hold(run: impl Fn(&Line) -> Verdict) {
    let mut wrong = Vec::new();
    for line in table::all() {
        match (run(&line), &line.todo) {
            (Verdict::Holds, None) => {}
            (Verdict::Holds, Some(_)) => wrong.push(format!("{}\n    holds by now", line.text)),
            (Verdict::Differs(why), Some(todo)) => {
                println!("todo: {todo}: {}\n    {why}", line.text)
            }
            (Verdict::Differs(why) | Verdict::NotHere(why), _) => {
                wrong.push(format!("{}\n    {why}", line.text));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_case_holds_in_the_simulator() {
    hold(|line| {
        let mut road = road::direct::Direct::on(simulator(line));
        case::run(line, &mut road, IMAGE)
    });
}

#[cfg(feature = "aws")]
#[test]
fn every_case_holds_through_the_sdk() {
    hold(|line| {
        let endpoint = crate::sdk::endpoint::Endpoint::on(simulator(line));
        let mut road = road::sdk::InProcess::on(endpoint);
        case::run(line, &mut road, IMAGE)
    });
}

#[test]
fn the_table_is_whole() {
    let lines = table::all();
    assert!(lines.len() >= 150, "{} cases", lines.len());
    let missing = |all: std::ops::RangeInclusive<u32>, has: &dyn Fn(&Line, u32) -> bool| {
        all.filter(|n| !lines.iter().any(|l| has(l, *n)))
            .collect::<Vec<_>>()
    };
    let checks = missing(1..=60, &|l, n| l.check == Some(n));
    assert_eq!(checks, Vec::<u32>::new(), "checks without a case");
    let scores = missing(1..=66, &|l, n| l.scores.contains(&n));
    assert_eq!(scores, Vec::<u32>::new(), "nothing to score them by");
}
