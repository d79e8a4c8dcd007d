//! A headless operation on a simulated world: engine and simulator on virtual time, no waiting.
//!
//! Invariant: nobody can be asked, so a question and the time limit both send the engine to a safe
//! end on its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::failover::engine::{Consent, Engine, Input, Observation, Outcome, Output, Pace};
use crate::failover::plan::Plan;
use crate::failover::status::Status;
use crate::sim::Sim;

/// How long the simulated EC2 takes to answer a mutating call.
const ANSWERED_IN: Duration = Duration::from_millis(210);

/// Virtual time after which an operation without an ending is given up as a fault.
const FLIGHT_MAX: Duration = Duration::from_secs(3_600);

/// Inputs after which an engine that goes round in circles is given up as a fault.
const INPUTS_MAX: usize = 100_000;

/// Flies the plan to its end; `tell` gets every picture. Without an ending the engine is at fault.
pub fn fly(
    mut sim: Sim,
    plan: &Arc<Plan>,
    consent: Consent,
    timeout: Option<Duration>,
    tell: &mut dyn FnMut(&Status),
) -> Status {
    let began = sim.now();
    let name = format!("{} {}", plan.intent.eni, began.millis());
    let op = format!("{:04x}", crc32fast::hash(name.as_bytes()) & 0xffff);
    let mut engine = Engine::new(Arc::clone(plan), &op, 0);
    let mut inputs = VecDeque::from([Input::Begin(Pace::Run, consent)]);
    let mut answers = VecDeque::new();
    let mut wake = None;
    let mut left = false;
    for _ in 0..INPUTS_MAX {
        if engine.status().ending.is_some() {
            break;
        }
        let now = sim.now();
        let over = timeout.is_some_and(|limit| now.since(began) >= limit);
        if !left && (over || engine.status().question.is_some()) {
            left = true;
            let why = if over {
                "--timeout is over"
            } else {
                "nobody can be asked"
            };
            inputs.push_back(Input::Alone(why.to_owned()));
        }
        let Some(input) = inputs.pop_front() else {
            let due = [answers.front().map(|(at, _)| *at), wake]
                .into_iter()
                .flatten()
                .min();
            let limit = timeout.filter(|_| !left).map(|limit| began + limit);
            let Some(at) = due.into_iter().chain(limit).min() else {
                break;
            };
            if at.since(began) > FLIGHT_MAX {
                break;
            }
            sim.advance(at);
            while answers.front().is_some_and(|(due, _)| *due <= at) {
                inputs.extend(answers.pop_front().map(|(_, input)| input));
            }
            if wake.is_some_and(|due| due <= at) {
                wake = None;
                inputs.push_back(Input::Tick);
            }
            continue;
        };
        for output in engine.handle(now, input) {
            match output {
                // A simulated operation keeps no journal: it ends with the process.
                Output::Journal(record) => inputs.push_back(Input::Durable(record.seq)),
                Output::Submit(ticket, call) => {
                    let outcome = match sim.call(&call) {
                        Ok(answer) => Outcome::Accepted(answer),
                        Err(error) => Outcome::Refused(error),
                    };
                    let answer = Input::Answered(ticket, outcome, ANSWERED_IN);
                    answers.push_back((now + ANSWERED_IN, answer));
                }
                Output::Look(gaze) => inputs.push_back(Input::Observed(Observation {
                    asked_at: now,
                    gaze,
                    seen: Ok(sim.world()),
                })),
                Output::WakeAt(at) => wake = Some(at),
                Output::End(_) => {}
            }
        }
        tell(engine.status());
    }
    engine.status().clone()
}
