//! The engine on the stage: every wish is granted by the simulator, in virtual time.
//!
//! Invariant: a call acts at the moment of its submission and is answered [`ANSWERED_IN`] later,
//! so that a simulated operation has the same order of events as one over a network. Calls and looks
//! travel the simulator's road: with faults they are late, refused, lost, or of the past.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::failover::engine::{Engine, Gaze, Input, LookError, Observation, Outcome, Output};
use crate::failover::journal::Record;
use crate::failover::plan::Plan;
use crate::failover::status::Status;
use crate::sim::Sim;
use crate::sim::faults::{Ask, Fate};

/// How long the simulated EC2 takes to answer a mutating call.
const ANSWERED_IN: Duration = Duration::from_millis(210);

/// How long a live port waits for an answer before the outcome counts as unknown.
const PATIENCE: Duration = Duration::from_secs(10);
/// Who asks, to the road.
const CALLER: &str = "enipilot";

/// One operation and what it still waits for.
#[derive(Debug)]
pub(in crate::runtime) struct Flight {
    engine: Engine,
    shown: Option<Status>,
    answers: VecDeque<(Time, Input)>,
    wake: Option<Time>,
    ended: bool,
}

impl Flight {
    /// An operation that has not begun; the `nth` on this stage.
    pub(in crate::runtime) fn new(plan: Arc<Plan>, now: Time, nth: u32) -> Self {
        let name = format!("{} {} {nth}", plan.intent.eni, now.millis());
        let op = format!("{:04x}", crc32fast::hash(name.as_bytes()) & 0xffff);
        Self {
            engine: Engine::new(plan, &op, u64::from(nth)),
            shown: None,
            answers: VecDeque::new(),
            wake: None,
            ended: false,
        }
    }

    /// The engine's picture.
    pub(in crate::runtime) fn status(&self) -> &Status {
        self.engine.status()
    }

    /// It is over.
    pub(in crate::runtime) fn has_ended(&self) -> bool {
        self.ended
    }

    /// It goes on by itself: not over, not stopped between two steps, not waiting for a person.
    pub(in crate::runtime) fn is_moving(&self) -> bool {
        let status = self.status();
        !self.ended && !status.paused && status.question.is_none() && self.next_due().is_some()
    }

    /// When it wants to be told something next.
    pub(in crate::runtime) fn next_due(&self) -> Option<Time> {
        if self.ended {
            return None;
        }
        let answer = self.answers.front().map(|(at, _)| *at);
        match (answer, self.wake) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Takes out what is due now.
    pub(in crate::runtime) fn due(&mut self, now: Time) -> Vec<Input> {
        let mut inputs = Vec::new();
        while self.answers.front().is_some_and(|(at, _)| *at <= now) {
            inputs.extend(self.answers.pop_front().map(|(_, input)| input));
        }
        if self.wake.is_some_and(|at| at <= now) {
            self.wake = None;
            inputs.push(Input::Tick);
        }
        inputs
    }

    /// Something is heard later; what is heard earlier comes first.
    fn answer(&mut self, at: Time, input: Input) {
        let place = self.answers.partition_point(|(other, _)| *other <= at);
        self.answers.insert(place, (at, input));
    }

    /// Gives the engine one input and grants its wishes. True if its picture has changed.
    pub(in crate::runtime) fn handle(
        &mut self,
        sim: &mut Sim,
        input: Input,
        log: &mut Vec<Record>,
    ) -> bool {
        let now = sim.now();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            if self.ended {
                break;
            }
            for output in self.engine.handle(now, input) {
                match output {
                    Output::Journal(record) => {
                        inputs.push_back(Input::Durable(record.seq));
                        log.push(record);
                    }
                    Output::Submit(ticket, call) => {
                        let (outcome, after) = submit(sim, &call);
                        let answer = Input::Answered(ticket, outcome, after);
                        self.answer(now + after, answer);
                    }
                    Output::Look(gaze) => match look(sim, gaze) {
                        (seen, Duration::ZERO) => inputs.push_back(seen),
                        (seen, after) => self.answer(now + after, seen),
                    },
                    Output::WakeAt(at) => self.wake = Some(at),
                    Output::End(_) => {
                        self.ended = true;
                        self.wake = None;
                    }
                }
            }
        }
        let changed = self.shown.as_ref() != Some(self.engine.status());
        if changed {
            self.shown = Some(self.engine.status().clone());
        }
        changed
    }
}

/// What becomes of a call, and when that is known.
fn submit(sim: &mut Sim, call: &Call) -> (Outcome, Duration) {
    let heard = sim.send(CALLER, call);
    let after = ANSWERED_IN + heard.after;
    match heard.answer {
        Some(answer) if after <= PATIENCE => match answer {
            Ok(answer) => (Outcome::Accepted(answer), after),
            Err(error) => (Outcome::Refused(error), after),
        },
        _ => {
            let why = format!("no answer in {PATIENCE:?}");
            (Outcome::Unknown(why), PATIENCE)
        }
    }
}

/// What is seen, and after how long. A gaze that is answered sees the whole world, of the moment that
/// the road says.
fn look(sim: &mut Sim, gaze: Gaze) -> (Input, Duration) {
    let asked_at = sim.now();
    let ask = Ask::read("DescribeNetworkInterfaces", false);
    let failed = |what: String, throttled| Err(LookError { what, throttled });
    let (seen, after) = match sim.fate(CALLER, &ask) {
        Fate::Answered { after, as_of } => (Ok(sim.world_as_of(as_of)), after),
        Fate::Twice { after } => (Ok(sim.world()), after),
        Fate::Refused { error, after } => {
            let throttled = &*error.code == "RequestLimitExceeded";
            (failed(error.to_string(), throttled), after)
        }
        Fate::Lost | Fate::Unanswered | Fate::Late { .. } => (
            failed(format!("no answer in {PATIENCE:?}"), false),
            PATIENCE,
        ),
    };
    let seen = Input::Observed(Observation {
        asked_at,
        gaze,
        seen,
    });
    (seen, after)
}
