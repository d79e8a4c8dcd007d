//! The live sky behind the screen: a thread of its own for everything that talks to the endpoint.
//!
//! Invariants: one poll at a time, none during an operation; a failed poll keeps the last good world
//! and says why; the operation's task outlives the screen, and its thread never waits for it: a
//! terminal whose output is stopped must not stop a failover.

mod poller;
mod screen;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;

use super::clock::WallClock;
use super::event::{self, Event};
use super::flight::INPUTS_MAX;
use super::landed::Landed;
use super::launch::{Again, Launched, launch, relaunch};
use super::left::{self, kept};
use super::permission::permissions;
use super::probe::{Probe, reach, record, recovered};
use super::shell::Host;
use super::stage::Outward;
use super::surroundings::around;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::app::update::update;
use crate::cloud::port::{Failure, Reader};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Consent, Engine, Input, Pace};
use crate::failover::permission::Permissions;
use crate::failover::plan::Plan;
use crate::failover::resume::Detour;
use crate::failover::status::{Command, Ending, Status};
use crate::failover::surroundings::Surroundings;
use poller::Poller;
use screen::Screen;

/// Between two unfinished worlds on the screen.
const PAGE_REST: Duration = Duration::from_millis(100);

/// What the screen wants of the endpoint.
#[derive(Debug)]
enum Order {
    Fly(Arc<Plan>, Pace, Consent),
    Resume(Again, Consent),
    Command(Command),
    Refresh,
    LookAround(Arc<Plan>, Vec<IpAddr>),
    Alone(String),
}

/// What the tasks behind the screen are to do beside looking.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Where journals are kept, if not where they usually are.
    pub state_dir: Option<PathBuf>,
    /// The service to be probed.
    pub probe: Option<SocketAddr>,
}

/// Where the newest strip of the probe is found: only ever one is kept, however long the screen is
/// stopped.
type Probed = watch::Receiver<Option<Strip>>;

/// The model of a live sky, and the way to its tasks.
#[derive(Debug)]
pub struct LiveHost {
    model: Model,
    clock: WallClock,
    orders: Sender<Order>,
    flying: Arc<AtomicBool>,
    outbox: Vec<Outward>,
    changes: u64,
    reader: Reader,
    probed: Probed,
}

/// The thread that talks to the endpoint.
#[derive(Debug)]
pub struct Backstage {
    thread: std::thread::JoinHandle<Option<Landed>>,
}

impl Backstage {
    /// Waits for the end of an operation under way, if there is one; the screen's end must have
    /// been told before.
    pub fn wait(self) -> Option<Landed> {
        self.thread.join().ok().flatten()
    }
}

/// Starts the tasks on the runtime that opened the reader.
pub fn start(
    runtime: tokio::runtime::Runtime,
    reader: Reader,
    clock: WallClock,
    wishes: Wishes,
    flying: Arc<AtomicBool>,
    events: SyncSender<Event>,
) -> std::io::Result<(LiveHost, Backstage)> {
    let (orders, inbox) = channel(INPUTS_MAX);
    let (probes, probed) = watch::channel(None);
    let world = Arc::new(World::new(reader.sky().region, ""));
    let host = LiveHost {
        model: Model::new(reader.sky(), world, clock.now(), None),
        clock,
        orders,
        flying: Arc::clone(&flying),
        outbox: Vec::new(),
        changes: 0,
        reader: reader.clone(),
        probed,
    };
    let tasks = Tasks {
        reader,
        clock,
        state_dir: wishes.state_dir,
        flying,
        events,
        poller: Poller::default(),
        landed: None,
        asked: wishes.probe,
        probes,
        probe: None,
    };
    let thread = std::thread::Builder::new()
        .name("endpoint".to_owned())
        .spawn(move || runtime.block_on(tasks.run(inbox)))?;
    Ok((host, Backstage { thread }))
}

impl LiveHost {
    /// The screen is gone: an operation under way goes on alone, everything else ends.
    pub fn leave(self, why: &str) {
        // Tasks that have ended already need no word.
        let _ = self.orders.blocking_send(Order::Alone(why.to_owned()));
    }

    /// Tells an operation under way that its screen is gone; for those who cannot own the host.
    pub fn alone(&self) -> impl Fn() + Send + Sync + 'static {
        let orders = self.orders.clone();
        move || {
            // A full or closed queue means that nothing flies or that it has been told.
            let _ = orders.try_send(Order::Alone("the program was asked to end".to_owned()));
        }
    }

    fn tell(&mut self, msg: Msg) {
        let now = self.clock.now();
        let mut effects = update(&mut self.model, Msg::Tick(now));
        if matches!(msg, Msg::World { .. }) {
            // The endpoint's account is known only once it has answered.
            self.model.sky = self.reader.sky();
        }
        self.changes += 1;
        effects.extend(update(&mut self.model, msg));
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Fly {
                plan,
                pace,
                consent,
            } => self.order(Order::Fly(plan, pace, consent)),
            Effect::Resume {
                op,
                goal,
                consent,
                fresh,
            } => {
                let again = Again {
                    op,
                    goal,
                    fresh: Some(fresh),
                    detour: Detour::default(),
                };
                self.order(Order::Resume(again, consent));
            }
            Effect::LookAround(plan, moving) => self.order(Order::LookAround(plan, moving)),
            Effect::Command(command) => self.order(Order::Command(command)),
            Effect::Refresh => self.order(Order::Refresh),
            Effect::Copy(text) => self.outbox.push(Outward::Copy(text)),
            Effect::Write { name, text } => self.outbox.push(Outward::Write { name, text }),
            Effect::Suspend => self.outbox.push(Outward::Suspend),
            Effect::Repaint => self.outbox.push(Outward::Repaint),
            Effect::Quit => self.outbox.push(Outward::Quit),
            Effect::Keep(progress) => self.outbox.push(Outward::Keep(progress)),
            Effect::Clock(_)
            | Effect::Lesson(_)
            | Effect::Skip(_)
            | Effect::Timeline(_)
            | Effect::Compare => {}
            Effect::Call(_) | Effect::Undo | Effect::Redo => {
                let note = "calls by hand exist in the simulator only";
                self.tell(Msg::Note(note.to_owned()));
            }
        }
    }

    fn order(&mut self, order: Order) {
        let note = match self.orders.try_send(order) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => "busy: not taken, try again",
            Err(TrySendError::Closed(_)) => {
                "the tasks behind this screen have ended: leave and start again"
            }
        };
        self.tell(Msg::Note(note.to_owned()));
    }
}

impl Host for LiveHost {
    fn with_model<R>(&self, look: impl FnOnce(&Model) -> R) -> R {
        look(&self.model)
    }

    fn msg(&mut self, msg: Msg) {
        self.tell(msg);
    }

    fn pass(&mut self, _now: Instant) {
        if self.probed.has_changed().unwrap_or(false) {
            let strip = self.probed.borrow_and_update().clone();
            self.tell(Msg::Strips(strip.into_iter().collect()));
        }
        if self.ticks() {
            let now = self.clock.now();
            for effect in update(&mut self.model, Msg::Tick(now)) {
                self.perform(effect);
            }
        }
    }

    fn wake(&self, _now: Instant) -> Option<Instant> {
        None
    }

    fn ticks(&self) -> bool {
        self.flying.load(Ordering::SeqCst)
    }

    fn changes(&self) -> u64 {
        self.changes
    }

    fn take_outbox(&mut self) -> Vec<Outward> {
        std::mem::take(&mut self.outbox)
    }

    fn busy(&self) -> Option<&'static str> {
        self.flying
            .load(Ordering::SeqCst)
            .then_some("a failover is under way: Ctrl-Z waits until it is over")
    }
}

/// Everything that talks to the endpoint.
struct Tasks {
    reader: Reader,
    clock: WallClock,
    state_dir: Option<PathBuf>,
    flying: Arc<AtomicBool>,
    events: SyncSender<Event>,
    poller: Poller,
    landed: Option<Landed>,
    asked: Option<SocketAddr>,
    probes: watch::Sender<Option<Strip>>,
    probe: Option<Probe>,
}

/// A poll that has ended, and how long it took.
type Polled = (Result<World, Failure>, Duration);

impl Tasks {
    async fn run(mut self, mut orders: Receiver<Order>) -> Option<Landed> {
        self.operations();
        self.ask();
        let mut next_poll = Some(Instant::now());
        let mut polling: Option<tokio::task::JoinHandle<Polled>> = None;
        loop {
            if polling.is_none() && next_poll.is_some_and(|at| at <= Instant::now()) {
                next_poll = None;
                polling = Some(self.poll());
            }
            tokio::select! {
                order = orders.recv() => match order {
                    None | Some(Order::Alone(_)) => return None,
                    Some(Order::Refresh) => next_poll = Some(Instant::now()),
                    Some(Order::LookAround(plan, moving)) => self.look_around(plan, moving),
                    Some(Order::Command(_)) => self.note("no failover is under way"),
                    Some(order @ (Order::Fly(..) | Order::Resume(..))) => {
                        if let Some(poll) = polling.take() {
                            poll.abort();
                        }
                        self.ask();
                        let gone = match order {
                            Order::Fly(plan, pace, consent) => {
                                self.fly(plan, pace, consent, &mut orders).await
                            }
                            Order::Resume(again, consent) => {
                                self.resume(again, consent, &mut orders).await
                            }
                            _ => false,
                        };
                        if gone {
                            return self.landed;
                        }
                        if let Some(probe) = &mut self.probe {
                            probe.landed();
                        }
                        self.operations();
                        next_poll = Some(Instant::now());
                    }
                },
                polled = ended(&mut polling) => {
                    polling = None;
                    next_poll = Some(Instant::now() + self.polled(polled));
                }
                () = sleep_until(next_poll), if polling.is_none() => {}
            }
        }
    }

    /// Begins to probe the service that the person named, if that is not under way. One that has
    /// been told that an operation is over begins anew: it would end in the middle of the next.
    fn ask(&mut self) {
        let Some(target) = self.asked else {
            return;
        };
        if self.probe.as_ref().is_some_and(Probe::goes_on) {
            return;
        }
        let probe = Probe::start(target, self.clock);
        let mut strip = probe.strip();
        let (probes, events) = (self.probes.clone(), self.events.clone());
        tokio::spawn(async move {
            // Ends when the probe does.
            while strip.changed().await.is_ok() {
                let newest = strip.borrow_and_update().clone();
                if probes.send(Some(newest)).is_err() {
                    break;
                }
                // A screen that does not listen finds the newest strip when it does.
                let _ = events.try_send(Event::Nudge);
            }
        });
        self.probe = Some(probe);
    }

    fn poll(&mut self) -> tokio::task::JoinHandle<Polled> {
        let (generation, first) = self.poller.begin();
        let (reader, events) = (self.reader.clone(), self.events.clone());
        let pages = reader.clone();
        let older = self.poller.world();
        tokio::spawn(async move {
            let began = Instant::now();
            let mut shown: Option<Instant> = None;
            // A world that is complete already is not replaced by half of its successor.
            let mut on_page = |world: &World| {
                let due = shown.is_none_or(|at| at.elapsed() >= PAGE_REST);
                // A plan made before the account is known could not be flown.
                if first && due && !pages.sky().account.is_empty() {
                    shown = Some(Instant::now());
                    let page = Msg::World {
                        generation,
                        world: Arc::new(world.clone()),
                        complete: false,
                    };
                    event::tell(&events, page);
                }
            };
            // A plan names the account, so it has to be known before there is a world to plan in.
            let caller = async {
                if reader.sky().account.is_empty() {
                    reader.caller().await?;
                }
                Ok(())
            };
            let polled =
                tokio::try_join!(reader.world_after(older.as_deref(), &mut on_page), caller);
            (polled.map(|(world, ())| world), began.elapsed())
        })
    }

    /// Looks at the place that this program runs at, beside everything else.
    fn look_around(&self, plan: Arc<Plan>, moving: Vec<IpAddr>) {
        let (reader, events) = (self.reader.clone(), self.events.clone());
        let (state_dir, clock, service) = (self.state_dir.clone(), self.clock, self.asked);
        tokio::spawn(async move {
            let asked = async {
                match plan.sky.writes {
                    true => permissions(&reader, &plan, state_dir.as_deref(), clock).await,
                    false => Permissions::NotWanted,
                }
            };
            let around = around(&reader, Arc::clone(&plan), moving, state_dir.clone());
            // The probe's own thread would do, but it may have asked long ago.
            let reached = tokio::task::spawn_blocking(move || {
                service.map(|service| (service.to_string(), reach(service)))
            });
            let (permissions, here, probe) = tokio::join!(asked, around, reached);
            if matches!(permissions, Permissions::Executed(_)) {
                // It has left an operation open: the banner says so.
                left::tell(events.clone(), state_dir);
            }
            let here = Surroundings {
                permissions,
                probe: probe.unwrap_or_default(),
                ..here
            };
            event::tell(&events, Msg::Surroundings(plan, Box::new(here)));
        });
    }

    /// Takes in the end of a poll; gives the rest until the next one.
    fn polled(&mut self, polled: Result<Polled, tokio::task::JoinError>) -> Duration {
        let (result, took) = match polled {
            Ok(polled) => polled,
            Err(error) => (
                Err(
                    Failure::new("The poll has failed inside", "Please report this")
                        .because(error.to_string()),
                ),
                Duration::ZERO,
            ),
        };
        let (news, rest) = self.poller.ended(result, took);
        if let Some(news) = news {
            self.send(news);
        }
        rest
    }

    /// Flies a plan. True if the screen is gone, so that there is nobody to go on for.
    async fn fly(
        &mut self,
        plan: Arc<Plan>,
        pace: Pace,
        consent: Consent,
        orders: &mut Receiver<Order>,
    ) -> bool {
        // From here on the screen must not leave without us.
        self.flying.store(true, Ordering::SeqCst);
        let state_dir = self.state_dir.as_deref();
        let critical = Arc::new(AtomicBool::new(false));
        let (reader, clock) = (&self.reader, self.clock);
        let launched = launch(reader, Arc::clone(&plan), state_dir, clock, true, critical).await;
        let gone = match launched {
            Ok(launched) => self.fly_launched(launched, pace, consent, orders).await,
            Err(refusal) => {
                let text = refusal.to_string();
                let status = refused(plan, &text, self.clock.now());
                self.send(Msg::Engine(Box::new(status)));
                self.note(&text);
                false
            }
        };
        self.flying.store(false, Ordering::SeqCst);
        gone
    }

    /// Takes up an operation that was left behind. True if the screen is gone.
    async fn resume(
        &mut self,
        again: Again,
        consent: Consent,
        orders: &mut Receiver<Order>,
    ) -> bool {
        self.flying.store(true, Ordering::SeqCst);
        let state_dir = self.state_dir.as_deref();
        let (reader, clock) = (&self.reader, self.clock);
        let launched = relaunch(reader, again, state_dir, clock, true, Arc::default()).await;
        let gone = match launched {
            Ok(launched) => {
                self.fly_launched(launched, Pace::Run, consent, orders)
                    .await
            }
            Err(refusal) => {
                self.note(&format!("not taken up: {refusal}"));
                false
            }
        };
        self.flying.store(false, Ordering::SeqCst);
        gone
    }

    /// Tells the screen what the state directory knows. One that cannot be had is told of in the
    /// feed, unless there is none at all.
    fn operations(&self) {
        match kept(self.state_dir.as_deref()) {
            Ok(operations) => self.send(Msg::Operations(Arc::new(operations))),
            Err(error) => self.note(&format!("operations cannot be listed: {error}")),
        }
    }

    async fn fly_launched(
        &mut self,
        launched: Launched,
        pace: Pace,
        consent: Consent,
        orders: &mut Receiver<Order>,
    ) -> bool {
        let (inputs, inbox) = channel(INPUTS_MAX);
        let gone = AtomicBool::new(false);
        let leave = || gone.store(true, Ordering::Relaxed);
        let has_left = || gone.load(Ordering::Relaxed);
        let mut screen = Screen {
            events: self.events.clone(),
            poller: &mut self.poller,
            gone: &gone,
        };
        let begin = Input::Begin(pace, consent);
        let (ending, status) = {
            let flight = launched.flight.fly(begin, inbox, &mut screen);
            tokio::pin!(flight);
            loop {
                tokio::select! {
                    landed = &mut flight => break landed,
                    order = orders.recv(), if !has_left() => {
                        let input = match order {
                            Some(Order::Command(command)) => Some(Input::Command(command)),
                            Some(Order::Refresh | Order::LookAround(..)) => None,
                            Some(Order::Fly(..) | Order::Resume(..)) => None,
                            Some(Order::Alone(why)) => {
                                leave();
                                Some(Input::Alone(why))
                            }
                            None => {
                                leave();
                                Some(Input::Alone("the screen is gone".to_owned()))
                            }
                        };
                        if let Some(input) = input {
                            // A flight that has just ended hears no more. One that is busy takes its
                            // inputs below, so waiting for room here would be waiting for ourselves.
                            let _ = inputs.try_send(input);
                        }
                    }
                }
            }
        };
        drop(launched.lock);
        self.measured(launched.journal, status.clone());
        self.landed = Some(Landed { ending, status });
        has_left()
    }

    /// Puts what the probe has seen into the journal, once the service has recovered or half a minute
    /// has passed.
    fn measured(&self, journal: PathBuf, status: Status) {
        let Some(probe) = self.probe.as_ref().filter(|_| !status.calls.is_empty()) else {
            return;
        };
        let (strip, clock, events) = (probe.strip(), self.clock, self.events.clone());
        let state_dir = self.state_dir.clone();
        tokio::spawn(async move {
            let strip = recovered(strip, clock.now()).await;
            // A slow disk stops nothing else.
            let kept = tokio::task::spawn_blocking(move || {
                record(state_dir.as_deref(), &journal, &status, &strip, clock.now())
            });
            if let Ok(Err(why)) = kept.await {
                let note = format!("what was measured is not in the journal: {why}");
                event::tell(&events, Msg::Note(note));
            }
        });
    }

    fn send(&self, msg: Msg) {
        // Nobody listens once the screen is gone; the work goes on.
        event::tell(&self.events, msg);
    }

    fn note(&self, text: &str) {
        self.send(Msg::Note(text.to_owned()));
    }
}

async fn ended(
    polling: &mut Option<tokio::task::JoinHandle<Polled>>,
) -> Result<Polled, tokio::task::JoinError> {
    match polling {
        Some(poll) => poll.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The picture of an operation that could not begin.
fn refused(plan: Arc<Plan>, text: &str, now: Time) -> Status {
    let mut status = Engine::new(plan, "none", 0).status().clone();
    status.ending = Some(Ending::Refused(text.to_owned()));
    status.ended = Some(now);
    status
}
