//! One run: events in the order of virtual time, from the plan to the last answer that is still on
//! its way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Consent, Engine, Gaze, Goal, Input, Pace};
use enipilot::failover::plan::{Intent, Plan, Planned, plan};
use enipilot::failover::resume::{self, Takeover};
use enipilot::failover::sky::{Kind, Sky};
use enipilot::failover::status::Ending;
use enipilot::sim::timings::Range;

use super::dice::Dice;
use super::ec2::Ec2;
use super::ground::{self, Ground, Variant};
use super::law::{self, Breach};
use super::op::Op;
use super::people::{self, Deed};
use super::process::Process;
use super::swarm::{Fault, Swarm};

/// Calls arrive at most this late, so nothing can happen after it.
const LATE: Duration = Duration::from_secs(25);
/// The liveness phase is over after this time.
const LIVENESS: Duration = Duration::from_secs(30 * 60);
/// So many questions a person answers once the faults have ended.
const ANSWERS: usize = 6;
/// So often an operation is taken up again in the liveness phase.
const LATE_TAKEOVERS: usize = 4;
/// Between two throws of the dice for what others do.
const ROUND: Duration = Duration::from_millis(500);

/// What happens at a moment.
pub enum Event {
    /// The engine of a process hears something.
    Tell(u32, Input),
    /// It wanted to be woken.
    Tick(u32),
    /// The person of a process answers its question.
    Answer(u32),
    /// The disk is done with a record.
    Synced {
        epoch: u32,
        seq: u64,
        fails: bool,
        told: bool,
    },
    /// A call arrives at EC2; `back`: its answer goes to this process after this time.
    Arrive {
        op: usize,
        n: usize,
        copies: usize,
        back: Option<(u32, Duration)>,
    },
    /// A look arrives at EC2.
    Look {
        epoch: u32,
        gaze: Gaze,
        asked_at: Time,
    },
    /// The dice are thrown for what others do.
    Round,
    /// Somebody else does this; so often it may still be tried.
    Deed(Deed, u32),
    /// The faults end.
    Calm,
    /// Somebody takes the operation up again.
    TakeOver,
    /// Everything that was on its way has arrived.
    Stop(usize),
}

/// Boxed: the heap moves them about.
struct Due(Time, u64, Box<Event>);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// What a run is made of.
pub struct Settings<'a> {
    pub ground: &'a Ground,
    pub seed: u64,
    /// Write down every event.
    pub traced: bool,
    /// The policy that is broken on purpose.
    #[cfg(feature = "mutants")]
    pub mutant: Option<enipilot::failover::engine::Mutant>,
}

impl<'a> Settings<'a> {
    /// A seed, without a trace.
    pub fn new(ground: &'a Ground, seed: u64) -> Self {
        Self {
            ground,
            seed,
            traced: false,
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The broken law, if one was.
    pub breach: Option<Breach>,
    /// How each operation ended: the verdict, or `crashed`.
    pub endings: Vec<&'static str>,
    pub crashes: usize,
    pub events: u64,
    pub swarm: String,
    pub trace: String,
    pub journal: String,
}

pub struct Run {
    pub now: Time,
    pub dice: Dice,
    swarm: Swarm,
    pub is_calm: bool,
    pub ec2: Ec2,
    pub op: Op,
    /// Operations that came before, with calls that may still be on their way.
    before: Vec<Op>,
    /// Number of the present operation.
    pub flight: usize,
    pub process: Option<Process>,
    /// Number of the present process.
    pub epoch: u32,
    pub disk_free: Time,
    pub gap_until: Time,
    pub revoked: Option<(Time, &'static str)>,
    pub crashes: usize,
    queue: BinaryHeap<Reverse<Due>>,
    count: u64,
    events: u64,
    #[cfg(feature = "mutants")]
    mutant: Option<enipilot::failover::engine::Mutant>,
    trace: Option<String>,
    /// Something follows on the present process: a takeover, or the end.
    followed: bool,
    /// Takeovers in the liveness phase.
    late_takeovers: usize,
    over: bool,
}

/// Flies one seed.
pub fn fly(settings: &Settings<'_>) -> Outcome {
    let mut run = Run::new(settings);
    let breach = run.fly().err();
    let mut endings: Vec<_> = run.before.iter().map(ending).collect();
    endings.push(ending(&run.op));
    Outcome {
        breach,
        endings,
        crashes: run.crashes,
        events: run.events,
        swarm: run.swarm.to_string(),
        trace: run.trace.take().unwrap_or_default(),
        journal: run.op.file.text(),
    }
}

/// Everything about one seed: its events, its journal, its rates, and the law that it breaks.
pub fn told(ground: &Ground, seed: u64) -> String {
    let outcome = fly(&Settings {
        traced: true,
        ..Settings::new(ground, seed)
    });
    let law = match &outcome.breach {
        Some(breach) => format!("breaks a law: {}\n  {}", breach.law, breach.what),
        None => format!("breaks no law: {}", outcome.endings.join(", ")),
    };
    format!(
        "{}\njournal of the last operation:\n{}\nseed {seed} {law}\nrates: {}\nrepeat it: \
         cargo bench --no-default-features --bench vopr -- 1 {seed}",
        outcome.trace, outcome.journal, outcome.swarm
    )
}

fn ending(op: &Op) -> &'static str {
    match &op.ending {
        None => "never-begun",
        Some(Ending::Done) => "done",
        Some(Ending::PutBack) => "put-back",
        Some(Ending::Aborted) => "aborted",
        Some(Ending::Refused(_)) => "refused",
        Some(Ending::ForeignChange(_)) => "foreign-change",
        Some(Ending::IdentityLost(_)) => "identity-lost",
        Some(Ending::NeedsPerson(_)) => "needs-person",
    }
}

impl Run {
    fn new(settings: &Settings<'_>) -> Self {
        let mut dice = Dice::new(settings.seed);
        let swarm = Swarm::draw(&mut dice);
        let variant = match dice.below(8) {
            0 => Variant::Free,
            1..=2 => Variant::Doomed,
            _ => Variant::Held,
        };
        let mut sim = settings.ground.sim(variant);
        if dice.chance(swarm.of(Fault::HungDetach)) {
            let most = Range::exactly(dice.millis(30_000, 700_000));
            sim.set_timings(|t| t.detach = most);
        }
        if dice.chance(swarm.of(Fault::HungAttach)) {
            let most = Range::exactly(dice.millis(30_000, 400_000));
            sim.set_timings(|t| t.attach = most);
        }
        let revoked = dice.chance(swarm.of(Fault::Revoke)).then(|| {
            let at = sim.now() + dice.millis(0, 20_000);
            (
                at,
                *dice.pick(&["DetachNetworkInterface", "AttachNetworkInterface"]),
            )
        });
        let sky = sky(&mut dice);
        let world = sim.world();
        let before = Arc::clone(world.eni(&ground::eni()).expect("the interface"));
        let plan = planned(&world, &sky, sim.now());
        let op = Op::new("7f3a", Arc::new(plan), before);
        Self {
            now: sim.now(),
            dice,
            swarm,
            is_calm: false,
            ec2: Ec2::new(sim),
            op,
            before: Vec::new(),
            flight: 0,
            process: None,
            epoch: 0,
            disk_free: Time::default(),
            gap_until: Time::default(),
            revoked,
            crashes: 0,
            queue: BinaryHeap::new(),
            count: 0,
            events: 0,
            #[cfg(feature = "mutants")]
            mutant: settings.mutant,
            trace: settings.traced.then(String::new),
            followed: false,
            late_takeovers: 0,
            over: false,
        }
    }

    fn fly(&mut self) -> Result<(), Breach> {
        let calm = self.dice.millis(10_000, 240_000);
        self.after(calm, Event::Calm);
        self.after(ROUND, Event::Round);
        self.begin()?;
        let limit = self.now + calm + LIVENESS;
        while !self.over {
            let Some(Reverse(Due(at, _, event))) = self.queue.pop() else {
                break;
            };
            if at > limit {
                break;
            }
            self.advance(at)?;
            self.events += 1;
            self.happen(*event)?;
        }
        law::ends(&self.op)?;
        self.op.file.crash(&mut self.dice);
        let cut = self.dice.below(self.op.file.len() as u64 + 1) as usize;
        self.op.file.reopen().map_err(|what| Breach {
            law: "I11 the journal can be read",
            what,
        })?;
        law::readable(&self.op, cut.min(self.op.file.len()))?;
        self.check_world()
    }

    /// The first process begins.
    fn begin(&mut self) -> Result<(), Breach> {
        self.epoch += 1;
        let skew = self.skew();
        let seed = self.dice.next();
        let engine = Engine::new(Arc::clone(&self.op.plan), &self.op.id, seed);
        let engine = self.broken(engine);
        let attended = self.dice.chance(700);
        self.process = Some(Process::new(engine, skew, attended));
        let typed = match self.dice.chance(20) {
            true => "yes".to_owned(),
            false => ground::ENI.to_owned(),
        };
        let consent = Consent {
            typed,
            how: "--confirm",
        };
        let may_step = self.op.plan.sky.may_step() && self.dice.chance(300);
        let pace = if may_step { Pace::Step } else { Pace::Run };
        self.tell(self.epoch, Input::Begin(pace, consent))
    }

    /// With one policy broken, if the settings say so.
    #[cfg(feature = "mutants")]
    fn broken(&self, engine: Engine) -> Engine {
        match self.mutant {
            Some(mutant) => engine.with(mutant),
            None => engine,
        }
    }

    /// As it is.
    #[cfg(not(feature = "mutants"))]
    #[allow(clippy::unused_self)]
    fn broken(&self, engine: Engine) -> Engine {
        engine
    }

    /// How far the next process's clock is from the truth.
    fn skew(&mut self) -> i64 {
        if !self.strikes(Fault::Jump) {
            return 0;
        }
        let hours = self.dice.below(7_200_000) as i64;
        hours - 3_600_000
    }

    fn advance(&mut self, to: Time) -> Result<(), Breach> {
        self.now = to;
        let op = &self.op;
        self.ec2.advance(to, |ec2| match ec2.stranded_by_us() {
            true => law::not_forgotten(op),
            false => Ok(()),
        })
    }

    /// I1, now.
    pub fn check_world(&self) -> Result<(), Breach> {
        match self.ec2.stranded_by_us() {
            true => law::not_forgotten(&self.op),
            false => Ok(()),
        }
    }

    fn happen(&mut self, event: Event) -> Result<(), Breach> {
        match event {
            Event::Tell(to, input) => self.tell(to, input)?,
            Event::Tick(to) => {
                let due = self
                    .process
                    .as_ref()
                    .is_some_and(|p| p.wake == Some(self.now));
                if due && to == self.epoch {
                    if let Some(process) = &mut self.process {
                        process.wake = None;
                    }
                    self.tell(to, Input::Tick)?;
                }
            }
            Event::Answer(to) => self.answer(to)?,
            Event::Synced {
                epoch,
                seq,
                fails,
                told,
            } => self.synced(epoch, seq, fails, told)?,
            Event::Arrive {
                op,
                n,
                copies,
                back,
            } => self.arrive(op, n, copies, back)?,
            Event::Look {
                epoch,
                gaze,
                asked_at,
            } => self.looked(epoch, gaze, asked_at),
            Event::Round => self.round()?,
            Event::Deed(deed, more) => self.deed(deed, more)?,
            Event::Calm => {
                self.is_calm = true;
                self.trace(|_| "the faults end".to_owned());
            }
            Event::TakeOver => self.take_over()?,
            Event::Stop(flight) => self.over = flight == self.flight,
        }
        if self.process.is_none() && !self.followed {
            self.followed = true;
            self.follow();
        }
        Ok(())
    }

    /// The process is gone: somebody takes the operation up again, or that was all.
    fn follow(&mut self) {
        let open = self.op.operation().is_some_and(|o| o.is_open());
        let most = if self.is_calm {
            LATE_TAKEOVERS
        } else {
            usize::MAX
        };
        let needs_person = self.op.ending.is_some();
        let again = match (open, self.is_calm) {
            (false, _) => false,
            (true, true) => self.late_takeovers < most,
            (true, false) => !needs_person || self.dice.chance(700),
        };
        if !again {
            self.after(LATE, Event::Stop(self.flight));
            return;
        }
        let delay = match self.dice.below(8) {
            0 if !self.is_calm => self.dice.millis(60_000, 1_200_000),
            1..=2 => self.dice.millis(5_000, 60_000),
            _ if self.is_calm => self.dice.millis(1_000, 100_000),
            _ => self.dice.millis(100, 5_000),
        };
        self.after(delay, Event::TakeOver);
    }

    /// Somebody finishes it, or puts it back: a new process on the same journal.
    fn take_over(&mut self) -> Result<(), Breach> {
        let Some(operation) = self.op.operation() else {
            return Ok(());
        };
        self.epoch += 1;
        self.followed = false;
        self.late_takeovers += usize::from(self.is_calm);
        let skew = self.skew();
        let clock = Time::from_millis(self.now.millis() + skew);
        let goal = match self.dice.below(3) {
            0 => Goal::Source,
            _ => Goal::Target,
        };
        let renewed = match self.is_calm {
            true => self.late_takeovers.is_multiple_of(2),
            false => self.dice.chance(500),
        };
        let world = self.ec2.sim.world();
        let fresh = renewed.then(|| resume::preflight(&operation, goal, &world, clock));
        self.trace(|_| format!("taken over: {goal:?}, renewed {renewed}"));
        self.op.taken_over();
        let by = "process 2 on ops-2".to_owned();
        let takeover = Takeover {
            operation,
            goal,
            fresh,
            by,
        };
        let seed = self.dice.next();
        let engine = self.broken(Engine::resume(takeover, clock, seed));
        let attended = self.dice.chance(700);
        self.process = Some(Process::new(engine, skew, attended));
        let consent = Consent {
            typed: ground::ENI.to_owned(),
            how: "--confirm",
        };
        self.tell(self.epoch, Input::Begin(Pace::Run, consent))
    }

    fn answer(&mut self, to: u32) -> Result<(), Breach> {
        let process = self.process.as_ref().filter(|_| to == self.epoch);
        let Some(question) = process.and_then(|p| p.engine.status().question.clone()) else {
            return Ok(());
        };
        // The next one is a new question, even if it is the same.
        if let Some(process) = &mut self.process {
            process.asked = false;
            process.answers += 1;
            if self.is_calm && process.answers > ANSWERS {
                return self.tell(to, Input::Alone("the person has gone home".to_owned()));
            }
        }
        let command = people::answer(&mut self.dice, &question);
        self.tell(to, Input::Command(command))
    }

    /// What others do in this half second.
    fn round(&mut self) -> Result<(), Breach> {
        if self.is_calm {
            return self.urge();
        }
        self.after(ROUND, Event::Round);
        if self.strikes(Fault::Operator) {
            let deed = Deed::of_operator(&mut self.dice);
            self.after(Duration::ZERO, Event::Deed(deed, 40));
        }
        if self.strikes(Fault::Fleet) {
            let deed = Deed::of_fleet(&mut self.dice);
            self.after(Duration::ZERO, Event::Deed(deed, 0));
        }
        if self.strikes(Fault::Identity) {
            let deed = Deed::on_identity(&mut self.dice);
            self.after(Duration::ZERO, Event::Deed(deed, 0));
        }
        if self.strikes(Fault::Fingers) {
            let command = people::fingers(&mut self.dice);
            self.tell(self.epoch, Input::Command(command))?;
        }
        if self.strikes(Fault::Alone) {
            let why = Input::Alone("SIGHUP".to_owned());
            self.tell(self.epoch, why)?;
        }
        self.urge()
    }

    /// Somebody who flies step by step goes on, sooner or later.
    fn urge(&mut self) -> Result<(), Breach> {
        let paused = self
            .process
            .as_ref()
            .is_some_and(|p| p.engine.status().paused);
        if self.is_calm {
            self.after(ROUND, Event::Round);
        }
        if paused && self.dice.chance(200) {
            let command = *self.dice.pick(&[0, 1]);
            let command = match command {
                0 => enipilot::failover::status::Command::Step,
                _ => enipilot::failover::status::Command::Run,
            };
            return self.tell(self.epoch, Input::Command(command));
        }
        Ok(())
    }

    fn deed(&mut self, deed: Deed, more: u32) -> Result<(), Breach> {
        let again = deed.act(&mut self.ec2);
        self.trace(|_| format!("somebody else: {deed:?}"));
        if again && more > 0 && !self.is_calm {
            self.after(ROUND, Event::Deed(deed, more - 1));
        }
        self.check_world()
    }

    /// Chance says that this goes wrong now.
    pub fn strikes(&mut self, fault: Fault) -> bool {
        let rate = self.swarm.of(fault);
        rate > 0 && !self.is_calm && self.dice.chance(rate)
    }

    pub fn after(&mut self, span: Duration, event: Event) {
        self.push(self.now + span, event);
    }

    pub fn push(&mut self, at: Time, event: Event) {
        self.count += 1;
        self.queue
            .push(Reverse(Due(at, self.count, Box::new(event))));
    }

    pub fn op_of(&mut self, flight: usize) -> Option<&mut Op> {
        if flight == self.flight {
            Some(&mut self.op)
        } else {
            self.before.get_mut(flight)
        }
    }

    /// Writes an event down, if that is wanted.
    pub fn trace(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let line = what(self);
            let at = self.now;
            if let Some(trace) = &mut self.trace {
                trace.push_str(&format!("{} {line}\n", &at.to_string()[11..23]));
            }
        }
    }
}

fn sky(dice: &mut Dice) -> Sky {
    let sim = Sky::sim("vopr", "111122223333", "us-east-1");
    match dice.below(50) {
        0 => Sky {
            kind: Kind::Live,
            writes: false,
            ..sim
        },
        1..=6 => sim,
        _ => Sky {
            kind: Kind::Live,
            ..sim
        },
    }
}

fn planned(world: &enipilot::ec2::world::World, sky: &Sky, now: Time) -> Plan {
    let intent = Intent::new(ground::eni(), ground::instance(1));
    match plan(world, &intent, sky, now) {
        Ok(Planned::Plan(plan)) => *plan,
        other => panic!("{other:?}"),
    }
}
