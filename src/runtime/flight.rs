//! The engine on real ports: its own task, with its own journal, looks and calls.
//!
//! Invariants: what the engine asks for is done in the order in which it asked; a record is written
//! by a thread of its own, so that a slow disk stops neither looks nor answers; every look, call and
//! record is answered, if only by "no answer in time"; nothing here decides anything.

mod scribe;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Receiver;
use tokio::task::{Id, JoinSet};

use super::clock::WallClock;
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Engine, Gaze, Input, LookError, Observation, Outcome, Output};
use crate::failover::facts::Scope;
use crate::failover::status::{Ending, Status};
use scribe::Scribe;
pub use scribe::Write;

/// A look that takes longer has failed. Above every time-out of the port itself.
const LOOK_MAX: Duration = Duration::from_secs(20);
/// A call that is not answered by then may have happened.
const SUBMIT_MAX: Duration = Duration::from_secs(60);
/// Inputs of a person that wait for the engine; it takes each at once.
pub const INPUTS_MAX: usize = 64;

/// Where looks and calls of an operation go.
pub trait Ports: Send + Sync + 'static {
    /// Looks once.
    fn look(
        &self,
        scope: &Scope,
        gaze: Gaze,
        asked_at: Time,
    ) -> impl Future<Output = Observation> + Send;
    /// Submits once, without retries.
    fn submit(&self, call: &Call) -> impl Future<Output = Outcome> + Send;
}

/// Who watches an operation.
pub trait Watcher: Send {
    /// The engine's picture has changed.
    fn status(&mut self, status: &Status);
    /// A look has shown this; it holds what the look was after, and nothing else.
    fn seen(&mut self, world: &World);
}

/// One operation.
pub struct Flight<P> {
    engine: Engine,
    ports: Arc<P>,
    clock: WallClock,
    attended: bool,
    told_alone: bool,
    scribe: Scribe,
    tasks: JoinSet<Input>,
    kinds: HashMap<Id, Kind>,
    wake: Option<Time>,
    shown: Option<Status>,
    critical: Arc<AtomicBool>,
}

/// What a task was for, in case it dies.
enum Kind {
    Look(Gaze, Time),
    Submit(u64),
}

impl<P: Ports> Flight<P> {
    /// An operation that has not begun. `attended`: a person can answer questions; otherwise the
    /// engine is told at the first one that it is alone. `critical` is true for others to see while
    /// nothing may end the process.
    pub fn new(
        engine: Engine,
        ports: P,
        write: Write,
        clock: WallClock,
        attended: bool,
        critical: Arc<AtomicBool>,
    ) -> Self {
        Self {
            engine,
            ports: Arc::new(ports),
            clock,
            attended,
            told_alone: false,
            scribe: Scribe::start(write),
            tasks: JoinSet::new(),
            kinds: HashMap::new(),
            wake: None,
            shown: None,
            critical,
        }
    }

    /// Flies it to its end. `begin` is the first input; further ones come from `inputs`, whose end
    /// means that the person is gone.
    pub async fn fly(
        mut self,
        begin: Input,
        mut inputs: Receiver<Input>,
        watcher: &mut impl Watcher,
    ) -> (Ending, Status) {
        let mut open = true;
        let mut next = Some(begin);
        loop {
            if let Some(input) = next.take() {
                if let Input::Observed(observation) = &input
                    && let Ok(world) = &observation.seen
                {
                    watcher.seen(world);
                }
                let ended = self.handle(input);
                self.show(watcher);
                if let Some(ending) = ended {
                    self.critical.store(false, Ordering::SeqCst);
                    self.tasks.abort_all();
                    return (ending, self.engine.status().clone());
                }
                if let Some(alone) = self.nobody_to_ask() {
                    next = Some(alone);
                    continue;
                }
            }
            let wake = self.wake.map(|at| self.clock.instant(at));
            let late = self.scribe.late();
            next = tokio::select! {
                input = inputs.recv(), if open => match input {
                    Some(input) => Some(input),
                    None => {
                        open = false;
                        Some(Input::Alone("nobody is listening any more".to_owned()))
                    }
                },
                input = self.scribe.written() => Some(input),
                Some(done) = self.tasks.join_next_with_id() => match done {
                    Ok((id, input)) => {
                        self.kinds.remove(&id);
                        Some(input)
                    }
                    Err(error) => self.kinds.remove(&error.id()).map(died),
                },
                () = until(wake) => {
                    self.wake = None;
                    Some(Input::Tick)
                }
                () = until(late) => self.scribe.give_up(),
            };
        }
    }

    fn nobody_to_ask(&mut self) -> Option<Input> {
        let asks = self.engine.status().question.is_some();
        if self.attended || self.told_alone || !asks {
            return None;
        }
        self.told_alone = true;
        Some(Input::Alone("nobody can be asked".to_owned()))
    }

    fn handle(&mut self, input: Input) -> Option<Ending> {
        let now = self.clock.now();
        let mut ended = None;
        for output in self.engine.handle(now, input) {
            match output {
                Output::Journal(record) => self.scribe.write(record, Instant::now()),
                Output::Submit(ticket, call) => self.submit(ticket, call),
                Output::Look(gaze) => self.look(gaze),
                Output::WakeAt(at) => self.wake = Some(at),
                Output::End(ending) => ended = Some(ending),
            }
        }
        let critical = self.engine.status().critical;
        self.critical.store(critical, Ordering::SeqCst);
        ended
    }

    fn submit(&mut self, ticket: u64, call: Call) {
        let ports = Arc::clone(&self.ports);
        let task = self.tasks.spawn(async move {
            let began = Instant::now();
            let outcome = tokio::time::timeout(SUBMIT_MAX, ports.submit(&call))
                .await
                .unwrap_or_else(|_| Outcome::Unknown(format!("no answer in {SUBMIT_MAX:?}")));
            Input::Answered(ticket, outcome, began.elapsed())
        });
        self.kinds.insert(task.id(), Kind::Submit(ticket));
    }

    fn look(&mut self, gaze: Gaze) {
        let ports = Arc::clone(&self.ports);
        let scope = self.engine.status().plan.scope();
        let asked_at = self.clock.now();
        let task =
            self.tasks.spawn(async move {
                let look = ports.look(&scope, gaze, asked_at);
                let seen = tokio::time::timeout(LOOK_MAX, look).await;
                Input::Observed(seen.unwrap_or_else(|_| {
                    unseen(gaze, asked_at, format!("no answer in {LOOK_MAX:?}"))
                }))
            });
        self.kinds.insert(task.id(), Kind::Look(gaze, asked_at));
    }

    fn show(&mut self, watcher: &mut impl Watcher) {
        let status = self.engine.status();
        if self.shown.as_ref() != Some(status) {
            watcher.status(status);
            self.shown = Some(status.clone());
        }
    }
}

fn unseen(gaze: Gaze, asked_at: Time, what: String) -> Observation {
    let throttled = false;
    Observation {
        asked_at,
        gaze,
        seen: Err(LookError { what, throttled }),
    }
}

/// What is known of a task that panicked: a call may have happened, a look has shown nothing.
fn died(kind: Kind) -> Input {
    let what = "an internal error hid the answer".to_owned();
    match kind {
        Kind::Look(gaze, asked_at) => Input::Observed(unseen(gaze, asked_at, what)),
        Kind::Submit(ticket) => Input::Answered(ticket, Outcome::Unknown(what), Duration::ZERO),
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
