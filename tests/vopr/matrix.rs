//! The crash matrix: every step, every point at which a process can die in it, both ends, and
//! everything that changes what is to be done. No chance in it.

use enipilot::failover::engine::Goal;
use enipilot::failover::mechanism::Mechanism;

use super::ground::Ground;
use super::run::{Settings, fly};
use super::script::{Point, Script, Step, Trouble};

/// One case: its name, as `matrix.txt` has it, and what happens.
pub struct Case {
    pub name: String,
    pub script: Script,
}

const STEPS: &[(Step, &str)] = &[
    (Step::Protect, "protect"),
    (Step::Detach, "detach"),
    (Step::Available, "available"),
    (Step::Attach, "attach"),
    (Step::Attached, "attached"),
    (Step::Verify, "verify"),
];

const POINTS: &[(Point, &str)] = &[
    (Point::BeforeIntent, "before-intent"),
    (Point::Intended, "intended"),
    (Point::Lost, "lost"),
    (Point::Applied, "applied"),
    (Point::Late, "late"),
    (Point::Unrecorded, "unrecorded"),
    (Point::Recorded, "recorded"),
];

const GOALS: &[(Goal, &str)] = &[(Goal::Target, "finish"), (Goal::Source, "put-back")];

const TROUBLES: &[(Trouble, &str)] = &[
    (Trouble::None, "none"),
    (Trouble::Stale, "stale"),
    (Trouble::ToSource, "to-source"),
    (Trouble::ToThird, "to-third"),
    (Trouble::ToNowhere, "to-nowhere"),
    (Trouble::EndStopped, "end-stopped"),
    (Trouble::EndTerminated, "end-terminated"),
    (Trouble::IndexTaken, "index-taken"),
    (Trouble::Forbidden, "forbidden"),
    (Trouble::Expired, "expired"),
];

/// The points at which a process can die in a step.
fn points(step: Step) -> Vec<(Point, &'static str)> {
    match step {
        Step::Available | Step::Attached => vec![(Point::Waiting, "waiting")],
        Step::Verify => vec![
            (Point::Waiting, "waiting"),
            (Point::Unrecorded, "unrecorded"),
        ],
        _ => POINTS.to_vec(),
    }
}

/// Every case, in the order of the file.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (step, word) in STEPS {
        for (point, at) in points(*step) {
            for twice in [false, true] {
                // Whoever takes over dies as well: from every step, once.
                if twice && !matches!(point, Point::Applied | Point::Waiting) {
                    continue;
                }
                for (trouble, wrong) in TROUBLES {
                    for (goal, way) in GOALS {
                        let again = if twice { " twice" } else { "" };
                        cases.push(Case {
                            name: format!("{word} {at}{again} | {way} | {wrong}"),
                            script: Script {
                                mechanism: Mechanism::Interface,
                                step: *step,
                                point,
                                twice,
                                goal: *goal,
                                trouble: *trouble,
                                deaths: 0,
                            },
                        });
                    }
                }
            }
        }
    }
    cases.extend(carried());
    cases
}

/// What moves by a call of its own: nothing but the death, and a lost answer.
fn carried() -> Vec<Case> {
    let ways = [
        (Mechanism::PrivateIp, 1),
        (Mechanism::ElasticIp, 1),
        (Mechanism::Route, 2),
    ];
    let mut cases = Vec::new();
    for (mechanism, calls) in ways {
        for n in 0..calls {
            for (point, at) in POINTS {
                for (goal, way) in GOALS {
                    cases.push(Case {
                        name: format!("{mechanism} carry-{n} {at} | {way} | none"),
                        script: Script {
                            mechanism,
                            step: Step::Carry(n),
                            point: *point,
                            twice: false,
                            goal: *goal,
                            trouble: Trouble::None,
                            deaths: 0,
                        },
                    });
                }
            }
        }
    }
    cases
}

/// How a case ends; the broken law, if one is.
pub fn end_of(ground: &Ground, case: &Case, traced: bool) -> (String, String) {
    let outcome = fly(&Settings {
        script: Some(case.script.clone()),
        traced,
        ..Settings::new(ground, 0)
    });
    let end = match outcome.breach {
        Some(breach) => format!("breaks a law: {} {}", breach.law, breach.what),
        None => outcome.end,
    };
    (end, outcome.trace)
}
