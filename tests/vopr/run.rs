//! One run: events in the order of virtual time, from the plan to the last answer that is still on
//! its way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::Call;
use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Gaze, Input, Observation};
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::plan::Plan;
use enipilot::failover::status::Ending;

use super::dice::Dice;
use super::ec2::Ec2;
use super::ground::Ground;
use super::law::{self, Breach};
use super::op::Op;
use super::people::{self, Deed};
use super::process::{Process, READ};
use super::queue::Queue;
use super::script::Script;
use super::swarm::{Fault, Swarm};

/// Calls arrive at most this late, so nothing can happen after it.
pub const LATE: Duration = Duration::from_secs(25);
/// The liveness phase is over after this time, counted anew when somebody takes it up again.
pub const LIVENESS: Duration = Duration::from_secs(30 * 60);
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
    /// A look arrives at EC2; it asks for what this plan is about.
    Look {
        epoch: u32,
        gaze: Gaze,
        plan: Arc<Plan>,
        asked_at: Time,
    },
    /// Somebody else does this; so often it may still be tried.
    Deed(Deed, u32),
    /// The faults end.
    Calm,
    /// Somebody takes this operation up again.
    TakeOver(usize),
    /// Somebody takes back what it has done.
    Undo(usize),
    /// A look in the background is heard.
    Overheard(u32, Observation),
    /// Everything that was on its way has arrived.
    Stop(usize),
}

/// What a run is made of.
pub struct Settings<'a> {
    pub ground: &'a Ground,
    pub seed: u64,
    /// Write down every event.
    pub traced: bool,
    /// A case without chance; the seed means nothing then.
    pub script: Option<Script>,
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
            script: None,
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
    /// How often each action was submitted; `Force` is a detach by force.
    pub calls: BTreeMap<&'static str, u64>,
    /// The last operation, in words, where the run is traced or scripted: ending, place, and the calls of those who took it over.
    pub end: String,
    pub swarm: String,
    pub trace: String,
    pub journal: String,
}

pub struct Run {
    pub now: Time,
    pub dice: Dice,
    /// Another place is drawn from these, so that a seed goes on meaning what it meant before there was one.
    pub other_dice: Dice,
    swarm: Swarm,
    pub is_calm: bool,
    pub ec2: Ec2,
    pub op: Op,
    /// Operations that came before, with calls that may still be on their way.
    pub before: Vec<Op>,
    /// Number of the present operation.
    pub flight: usize,
    pub process: Option<Process>,
    /// Number of the present process.
    pub epoch: u32,
    pub disk_free: Time,
    pub gap_until: Time,
    pub revoked: Option<(Time, &'static str)>,
    pub crashes: usize,
    queue: Queue,
    events: u64,
    #[cfg(feature = "mutants")]
    pub mutant: Option<enipilot::failover::engine::Mutant>,
    trace: Option<String>,
    /// Something follows on the present process: a takeover, or the end.
    pub followed: bool,
    /// Takeovers in the liveness phase.
    pub late_takeovers: usize,
    /// Until then it has to be over.
    pub limit: Time,
    over: bool,
    /// What happens instead of chance.
    pub script: Option<Script>,
    /// When the operation was first taken over.
    pub first_taken: Option<Time>,
}

/// Flies one seed.
pub fn fly(settings: &Settings<'_>) -> Outcome {
    let mut run = Run::new(settings);
    let breach = run.fly().err();
    let mut endings: Vec<_> = run.before.iter().map(ending).collect();
    endings.push(ending(&run.op));
    // Words cost as much as many events.
    let told = settings.traced || settings.script.is_some();
    let words = |of: &dyn Fn() -> String| if told { of() } else { String::new() };
    Outcome {
        breach,
        endings,
        crashes: run.crashes,
        events: run.events,
        calls: calls(run.before.iter().chain([&run.op])),
        end: words(&|| run.end_in_words()),
        swarm: words(&|| run.swarm.to_string()),
        journal: words(&|| run.op.file.text()),
        trace: run.trace.take().unwrap_or_default(),
    }
}

/// The first of so many seeds that catches a broken policy, and the law that it breaks.
#[cfg(feature = "mutants")]
pub fn caught(
    ground: &Ground,
    mutant: enipilot::failover::engine::Mutant,
    seeds: u64,
) -> Option<(u64, &'static str)> {
    (0..seeds).find_map(|seed| {
        let outcome = fly(&Settings {
            mutant: Some(mutant),
            ..Settings::new(ground, seed)
        });
        outcome.breach.map(|breach| (seed, breach.law))
    })
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

fn calls<'a>(ops: impl Iterator<Item = &'a Op>) -> BTreeMap<&'static str, u64> {
    let mut count = BTreeMap::new();
    for sent in ops.flat_map(|op| &op.sent) {
        let forced = matches!(&sent.call, Call::DetachNetworkInterface(c) if c.force);
        let action = if forced { "Force" } else { sent.call.action() };
        *count.entry(action).or_default() += 1;
    }
    count
}

pub fn ending(op: &Op) -> &'static str {
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

/// What decides where else an operation may go.
pub fn other_dice(settings: &Settings<'_>) -> Dice {
    match settings.script {
        Some(_) => Dice::steady(),
        None => Dice::new(!settings.seed),
    }
}

impl Run {
    pub fn of(
        settings: &Settings<'_>,
        (dice, swarm): (Dice, Swarm),
        ec2: Ec2,
        op: Op,
        revoked: Option<(Time, &'static str)>,
    ) -> Self {
        Self {
            now: ec2.now(),
            other_dice: other_dice(settings),
            dice,
            swarm,
            is_calm: false,
            ec2,
            op,
            before: Vec::new(),
            flight: 0,
            process: None,
            epoch: 0,
            disk_free: Time::default(),
            gap_until: Time::default(),
            revoked,
            crashes: 0,
            queue: Queue::default(),
            events: 0,
            #[cfg(feature = "mutants")]
            mutant: settings.mutant,
            trace: settings.traced.then(String::new),
            followed: false,
            late_takeovers: 0,
            limit: Time::default(),
            over: false,
            script: settings.script.clone(),
            first_taken: None,
        }
    }

    fn fly(&mut self) -> Result<(), Breach> {
        let calm = self.dice.millis(10_000, 240_000);
        if self.script.is_none() {
            self.after(calm, Event::Calm);
            self.queue.round(self.now + ROUND);
        }
        self.begin()?;
        self.limit = self.now + calm + LIVENESS;
        while !self.over {
            let Some((at, event)) = self.queue.next() else {
                break;
            };
            if at > self.limit {
                break;
            }
            self.advance(at)?;
            self.events += 1;
            match event {
                None => self.round()?,
                Some(event) => self.happen(event)?,
            }
            if self.process.is_none() && !self.followed {
                self.followed = true;
                self.follow();
            }
        }
        law::ends(&self.op)?;
        self.op.file.crash(&mut self.dice);
        if self.dice.below(READ) != 0 {
            return self.check_world();
        }
        let bytes = self.op.file.bytes();
        let cut = self.dice.below(bytes.len() as u64 + 1) as usize;
        law::reads_back(&self.op, &bytes)?;
        law::readable(&self.op, &bytes[..cut])?;
        self.op.file.reopen();
        self.check_world()
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

    fn happen(&mut self, event: Box<Event>) -> Result<(), Breach> {
        match *event {
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
                plan,
                asked_at,
            } => self.looked(epoch, gaze, &plan, asked_at),
            Event::Deed(deed, more) => self.deed(deed, more)?,
            Event::Calm => {
                self.is_calm = true;
                self.trace(|_| "the faults end".to_owned());
            }
            Event::TakeOver(flight) => {
                if flight == self.flight {
                    self.first_taken.get_or_insert(self.now);
                    self.take_over()?;
                }
            }
            Event::Undo(flight) => {
                if flight == self.flight {
                    self.undo()?;
                }
            }
            Event::Overheard(epoch, observation) => {
                if let Some(process) = self.process.as_mut().filter(|_| epoch == self.epoch) {
                    process.flying += 1;
                    self.tell(epoch, Input::Observed(observation))?;
                }
            }
            Event::Stop(flight) => self.over = flight == self.flight,
        }
        Ok(())
    }

    /// The process is gone: somebody takes the operation up again, or that was all.
    fn follow(&mut self) {
        if self.script.is_some() {
            self.follow_script();
            return;
        }
        let open = self.op.file.is_open();
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
            // Should nobody be able to take it back, that was all.
            self.may_be_undone();
            self.after(LATE, Event::Stop(self.flight));
            return;
        }
        let delay = match self.dice.below(8) {
            0 if !self.is_calm => self.dice.millis(60_000, 1_200_000),
            1..=2 => self.dice.millis(5_000, 60_000),
            _ if self.is_calm => self.dice.millis(1_000, 100_000),
            _ => self.dice.millis(100, 5_000),
        };
        self.after(delay, Event::TakeOver(self.flight));
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
        self.queue.round(self.now + ROUND);
        if self.strikes(Fault::Operator) {
            let mechanism = self.op.plan.intent.mechanism;
            let carried = mechanism != Mechanism::Interface && self.dice.chance(700);
            let deed = match carried {
                true => Deed::against(mechanism, &mut self.dice),
                false => Deed::of_operator(&mut self.dice),
            };
            self.after(Duration::ZERO, Event::Deed(deed, 40));
        }
        if self.strikes(Fault::Rival) {
            self.rival()?;
        }
        if self.strikes(Fault::Poller) {
            self.poll();
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

    /// Somebody else's look at everything, heard after a while.
    fn poll(&mut self) {
        let Some(process) = &self.process else { return };
        let asked_at = process.clock(self.now);
        let seen = Ok(self.ec2.all(Duration::ZERO));
        let observation = Observation {
            asked_at,
            gaze: Gaze::Full,
            seen,
        };
        let after = self.dice.millis(50, 15_000);
        self.after(after, Event::Overheard(self.epoch, observation));
    }

    /// Somebody who flies step by step goes on, sooner or later.
    fn urge(&mut self) -> Result<(), Breach> {
        let paused = self
            .process
            .as_ref()
            .is_some_and(|p| p.engine.status().paused);
        if self.is_calm {
            self.queue.round(self.now + ROUND);
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
        self.queue.push(at, event);
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
