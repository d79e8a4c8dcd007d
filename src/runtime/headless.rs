//! Operations without a screen: the same engine, driven by the command line.
//!
//! Invariants: on a world, virtual time runs as fast as it can be computed; live, a signal never
//! ends the process between the detach's intent and the verified attach.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::channel;

use super::clock::WallClock;
use super::flight::{INPUTS_MAX, Watcher};
use super::launch::{Again, Launched, Refusal, launch, relaunch};
use super::permission::permissions;
use super::probe::{Probe, record, recovered};
use super::stage::flight::Flight;
use super::stage::{LINGER_REQUESTS, SETTLE_MAX};
use super::surroundings::around;
use crate::cloud::port::{Caller, Failure, Options, Reader};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Consent, Input, Pace};
use crate::failover::permission::Permissions;
use crate::failover::plan::Plan;
use crate::failover::sky::Sky;
use crate::failover::status::{Ending, Status};
use crate::failover::surroundings::Surroundings;
use crate::sim::Sim;

/// What the engine is told when `--timeout` is over.
const OUT_OF_TIME: &str = "the time limit is over";

/// An operation that has ended.
#[derive(Clone, Debug)]
pub struct Flown {
    /// How.
    pub ending: Ending,
    /// The engine's last picture.
    pub status: Status,
    /// What modelled clients saw, or live a probe that was asked for.
    pub strips: Vec<Strip>,
    /// The journal, if there is a file of it.
    pub journal: Option<PathBuf>,
    /// When it was over.
    pub at: Time,
}

/// Flies a plan on a simulated world, to its end and until clients have shown what became of it.
/// After `timeout` of virtual time the engine is told that it is alone.
pub fn fly_sim(
    sim: &mut Sim,
    plan: Arc<Plan>,
    consent: Consent,
    timeout: Option<Duration>,
    progress: &mut dyn FnMut(&Status),
) -> Flown {
    let mut flight = Flight::new(plan, sim.now(), 1);
    let mut records = Vec::new();
    let mut inputs = vec![Input::Begin(Pace::Run, consent)];
    let mut told_alone = false;
    let limit = sim.now() + SETTLE_MAX;
    let patience = timeout.map(|timeout| sim.now() + timeout);
    loop {
        for input in inputs.drain(..) {
            if flight.handle(sim, input, &mut records) {
                progress(flight.status());
            }
        }
        if flight.has_ended() || sim.now() >= limit {
            break;
        }
        if flight.status().question.is_some() && !told_alone {
            told_alone = true;
            inputs.push(Input::Alone("nobody can be asked".to_owned()));
            continue;
        }
        let impatient = patience.filter(|_| !told_alone);
        if impatient.is_some_and(|at| sim.now() >= at) {
            told_alone = true;
            inputs.push(Input::Alone(OUT_OF_TIME.to_owned()));
            continue;
        }
        let due = sim.next_due().into_iter().chain(flight.next_due());
        let Some(at) = due.chain(impatient).min() else {
            break;
        };
        sim.advance(at.max(sim.now()));
        inputs = flight.due(sim.now());
    }
    let at = sim.now();
    settle(sim);
    let status = flight.status().clone();
    let ending = status.ending.clone().unwrap_or_else(|| {
        let text = "the operation has not come to an end within an hour of virtual time";
        Ending::NeedsPerson(text.to_owned())
    });
    Flown {
        ending,
        status,
        strips: sim.strips().to_vec(),
        journal: None,
        at,
    }
}

/// Lets virtual time run until nothing is under way and clients have asked a few times more.
fn settle(sim: &mut Sim) {
    let limit = sim.now() + SETTLE_MAX;
    while let Some(at) = sim.next_due().filter(|at| *at < limit) {
        sim.advance(at.max(sim.now()));
    }
    let longest = sim.strips().iter().map(|s| s.interval).max();
    sim.advance(sim.now() + longest.unwrap_or_default() * LINGER_REQUESTS);
}

/// A connection to an endpoint, for commands that look or fly.
#[derive(Debug)]
pub struct Live {
    runtime: tokio::runtime::Runtime,
    reader: Reader,
    clock: WallClock,
    probe: Option<SocketAddr>,
}

impl Live {
    /// Resolves profile, Region, endpoint; see [`Reader::open`].
    pub fn open(options: &Options) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(no_setup)?;
        let reader = runtime.block_on(Reader::open(options))?;
        Ok(Self {
            runtime,
            reader,
            clock: WallClock::start(),
            probe: None,
        })
    }

    /// Operations are watched by a probe of this service; nothing is asked of it before.
    pub fn probing(self, probe: Option<SocketAddr>) -> Self {
        Self { probe, ..self }
    }

    /// The service that is to be probed.
    pub fn probe(&self) -> Option<SocketAddr> {
        self.probe
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The port.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Where calls go; the account is known once [`Live::caller`] or [`Live::world`] has answered.
    pub fn sky(&self) -> Sky {
        self.reader.sky()
    }

    /// Who we are to the endpoint.
    pub fn caller(&self) -> Result<Caller, Failure> {
        self.runtime.block_on(self.reader.caller())
    }

    /// What this process knows about where it runs, as far as it concerns this plan.
    pub fn surroundings(
        &self,
        plan: Arc<Plan>,
        moving: Vec<IpAddr>,
        state_dir: Option<&Path>,
    ) -> Surroundings {
        let state_dir = state_dir.map(Path::to_path_buf);
        self.runtime
            .block_on(around(&self.reader, plan, moving, state_dir))
    }

    /// What EC2 permits of this plan, asked by dry runs.
    pub fn permissions(&self, plan: &Plan, state_dir: Option<&Path>) -> Permissions {
        let asking = permissions(&self.reader, plan, state_dir, self.clock);
        self.runtime.block_on(asking)
    }

    /// The inventory, and the moment at which it was asked for.
    pub fn world(&self) -> Result<(Time, World), Failure> {
        let asked_at = self.clock.now();
        let world = self.runtime.block_on(self.reader.world(&mut |_| {}))?;
        Ok((asked_at, world))
    }

    /// Inventory and caller, asked for side by side.
    pub fn world_and_caller(&self) -> Result<(Time, World, Caller), Failure> {
        let asked_at = self.clock.now();
        self.runtime.block_on(async {
            let mut ignore = |_: &World| {};
            let world = self.reader.world(&mut ignore);
            let (world, caller) = tokio::try_join!(world, self.reader.caller())?;
            Ok((asked_at, world, caller))
        })
    }

    /// Flies a plan to its end. SIGTERM, SIGINT, SIGHUP and the end of `timeout` tell the engine that
    /// it is alone: it stops before the detach, and afterwards finishes or puts back.
    pub fn fly(
        &self,
        plan: Arc<Plan>,
        consent: Consent,
        timeout: Option<Duration>,
        state_dir: Option<&Path>,
        progress: &mut (dyn FnMut(&Status) + Send),
    ) -> Result<Flown, Refusal> {
        let begin = Input::Begin(Pace::Run, consent);
        self.runtime.block_on(async {
            let critical = Arc::default();
            let launched = launch(&self.reader, plan, state_dir, self.clock, false, critical);
            self.flown(launched, begin, timeout, state_dir, progress)
                .await
        })
    }

    /// Takes up an operation that was left behind and flies it to its end, as [`Live::fly`] does.
    pub fn resume(
        &self,
        again: Again,
        consent: Consent,
        timeout: Option<Duration>,
        state_dir: Option<&Path>,
        progress: &mut (dyn FnMut(&Status) + Send),
    ) -> Result<Flown, Refusal> {
        let begin = Input::Begin(Pace::Run, consent);
        self.runtime.block_on(async {
            let critical = Arc::default();
            let launched = relaunch(&self.reader, again, state_dir, self.clock, false, critical);
            self.flown(launched, begin, timeout, state_dir, progress)
                .await
        })
    }

    async fn flown(
        &self,
        launched: impl Future<Output = Result<Launched, Refusal>>,
        begin: Input,
        timeout: Option<Duration>,
        state_dir: Option<&Path>,
        progress: &mut (dyn FnMut(&Status) + Send),
    ) -> Result<Flown, Refusal> {
        let (orders, inputs) = channel(INPUTS_MAX);
        let late = orders.clone();
        let mut heard = Signals::catch().map_err(no_setup)?;
        let signals = tokio::spawn(async move {
            loop {
                let name = heard.next().await;
                if orders.send(Input::Alone(name.to_owned())).await.is_err() {
                    break;
                }
            }
        });
        let patience = tokio::spawn(async move {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
            // A flight that has just ended hears no more.
            let _ = late.send(Input::Alone(OUT_OF_TIME.to_owned())).await;
            // Its inputs must not end here: that would mean that the person is gone.
            std::future::pending::<()>().await;
        });
        let mut probe = self.probe.map(|at| Probe::start(at, self.clock));
        if let Some(probe) = &mut probe {
            probe.first().await;
        }
        let launched = launched.await?;
        let mut watcher = Progress(progress);
        let (ending, mut status) = launched.flight.fly(begin, inputs, &mut watcher).await;
        signals.abort();
        patience.abort();
        drop(launched.lock);
        let mut strips = Vec::new();
        if let Some(probe) = probe {
            let strip = self.recovered(&probe, &status).await;
            let now = self.clock.now();
            if let Err(why) = record(state_dir, &launched.journal, &status, &strip, now) {
                let note = format!("what was measured is not in the journal: {why}");
                status.notes.push((now, note));
            }
            strips.push(strip);
        }
        Ok(Flown {
            ending,
            status,
            strips,
            journal: Some(launched.journal),
            at: self.clock.now(),
        })
    }

    /// What a probe has seen, until the service has recovered from what the operation did; a signal
    /// ends the wait.
    async fn recovered(&self, probe: &Probe, status: &Status) -> Strip {
        if status.calls.is_empty() {
            return probe.seen();
        }
        let landed = self.clock.now();
        let Ok(mut signals) = Signals::catch() else {
            return probe.seen();
        };
        tokio::select! {
            strip = recovered(probe.strip(), landed) => strip,
            _ = signals.next() => probe.seen(),
        }
    }
}

/// Signals that would end the process, or stop it: from here on they are only heard of.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Option<Signal>,
    stop: Signal,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        let stop = rustix::process::Signal::TSTP.as_raw();
        let hang_up_counts = !super::event::is_hang_up_ignored();
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: hang_up_counts
                .then(|| signal(SignalKind::hangup()))
                .transpose()?,
            stop: signal(SignalKind::from_raw(stop))?,
        })
    }

    /// The next one that asks us to end. Ctrl-Z does not: nobody looks after an interface that hangs
    /// between two instances while its process stands still, so it goes on.
    async fn next(&mut self) -> &'static str {
        loop {
            let hung_up = async {
                match &mut self.hang_up {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.quit.recv() => return "SIGQUIT",
                _ = hung_up => return "SIGHUP",
                _ = self.stop.recv() => {}
            }
        }
    }
}

fn no_setup(error: io::Error) -> Failure {
    Failure::new("The program could not be set up", "Try again").because(error.to_string())
}

struct Progress<'a>(&'a mut (dyn FnMut(&Status) + Send));

impl Watcher for Progress<'_> {
    fn status(&mut self, status: &Status) {
        (self.0)(status);
    }

    fn seen(&mut self, _world: &World) {}
}
