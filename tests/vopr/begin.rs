//! How operations begin: the first one, one that is taken up again, one that takes another back, and
//! one that somebody wants to begin beside it.

use std::sync::Arc;

use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::engine::{Action, Consent, Engine, Goal, Input, Pace};
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::ops::{Kept, Told};
use enipilot::failover::plan::{Alternative, Check, Intent, Level, Plan, Planned, plan};
use enipilot::failover::resume::{self, Detour, Operation, Takeover};
use enipilot::failover::sky::{Kind, Sky};
use enipilot::failover::status::Ending;
use enipilot::sim::faults::{Fault as Switch, Item};
use enipilot::sim::timings::Range;

use super::dice::Dice;
use super::ec2::Ec2;
use super::ground::{self, Variant};
use super::law::{self, Breach};
use super::op::Op;
use super::process::Process;
use super::run::{Event, LIVENESS, Run, Settings, other_dice};
use super::swarm::{Fault, Swarm};

/// So many operations one run sees.
const OPERATIONS: usize = 4;

impl Run {
    pub fn new(settings: &Settings<'_>) -> Self {
        let (mut dice, swarm) = match &settings.script {
            Some(_) => (Dice::steady(), Swarm::calm()),
            None => {
                let mut dice = Dice::new(settings.seed);
                let swarm = Swarm::draw(&mut dice);
                (dice, swarm)
            }
        };
        let mechanism = match &settings.script {
            Some(script) => script.mechanism,
            None => match dice.below(10) {
                0 => Mechanism::PrivateIp,
                1 => Mechanism::ElasticIp,
                2 => Mechanism::Route,
                _ => Mechanism::Interface,
            },
        };
        let variant = match dice.below(8) {
            _ if settings.script.is_some() => Variant::Doomed,
            _ if mechanism != Mechanism::Interface => Variant::Held,
            0 => Variant::Free,
            1..=2 => Variant::Doomed,
            _ => Variant::Held,
        };
        let mut sim = settings.ground.sim(variant);
        let timings = [Fault::HungDetach, Fault::HungAttach].map(|f| dice.chance(swarm.of(f)));
        if timings[0] {
            let most = Range::exactly(dice.millis(30_000, 700_000));
            sim.set_timings(|t| t.detach = most);
        }
        if timings[1] {
            let most = Range::exactly(dice.millis(30_000, 400_000));
            sim.set_timings(|t| t.attach = most);
        }
        let clings = dice.chance(swarm.of(Fault::Clings));
        if clings {
            let hang = Switch::HangDetach(ground::INSTANCES[0].into());
            sim.inject(&Item::from(hang)).expect("it clings");
        }
        let revoked = dice.chance(swarm.of(Fault::Revoke)).then(|| {
            let at = sim.now() + dice.millis(0, 20_000);
            (
                at,
                *dice.pick(&["DetachNetworkInterface", "AttachNetworkInterface"]),
            )
        });
        let sky = match &settings.script {
            Some(_) => live(),
            None => sky(&mut dice),
        };
        let world = sim.world();
        let mut intent = Intent {
            mechanism,
            ..Intent::new(ground::eni(), ground::instance(1))
        };
        if (clings || timings[0]) && variant == Variant::Held && dice.chance(400) {
            intent.fence = (mechanism == Mechanism::Interface).then(|| ground::instance(0));
        }
        if mechanism == Mechanism::Interface && other_dice(settings).chance(150) {
            intent.fallback = Some(ground::instance(2));
        }
        let plan = settings.ground.plan(variant, &intent, &sky);
        let op = Op::new("7f3a", plan, &world, 0).expect("the interface");
        Self::of(settings, (dice, swarm), Ec2::new(sim), op, revoked)
    }

    /// The first process begins.
    pub fn begin(&mut self) -> Result<(), Breach> {
        self.epoch += 1;
        self.followed = false;
        let skew = self.skew();
        let seed = self.dice.next();
        let engine = Engine::new(Arc::clone(&self.op.plan), &self.op.id, seed);
        let engine = self.broken(engine);
        let attended = self.dice.chance(700);
        self.process = Some(Process::new(engine, skew, attended));
        let typed = match self.dice.chance(20) {
            true => "yes".to_owned(),
            false => self.op.eni().to_string(),
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

    /// Somebody finishes it, or puts it back: a new process on the same journal.
    pub fn take_over(&mut self) -> Result<(), Breach> {
        let Some(operation) = self.op.operation() else {
            return Ok(());
        };
        self.epoch += 1;
        self.followed = false;
        self.late_takeovers += usize::from(self.is_calm);
        self.limit = self.limit.max(self.now + LIVENESS);
        let skew = self.skew();
        let clock = Time::from_millis(self.now.millis() + skew);
        let goal = match (&self.script, self.dice.below(3)) {
            (Some(script), _) => script.goal,
            (None, 0) => Goal::Source,
            (None, _) => Goal::Target,
        };
        let renewed = match self.is_calm {
            _ if self.script.is_some() => true,
            true => self.late_takeovers.is_multiple_of(2),
            false => self.dice.chance(500),
        };
        let ago = self.lag_of_script();
        let id = self.op.eni().clone();
        let world = self.ec2.all(ago);
        let detour = match renewed && goal == Goal::Target {
            true => self.detour(&operation, &world),
            false => Detour::default(),
        };
        let fresh = renewed.then(|| checks(operation.detoured(goal, &detour), goal, &world, clock));
        self.trace(|_| format!("taken over: {goal:?}, renewed {renewed}, {detour:?}"));
        if self.script.is_some() && fresh.iter().flatten().any(|c| c.level == Level::Block) {
            self.trace(|_| format!("blocked: {fresh:?}"));
            self.op.refused = true;
            return Ok(());
        }
        self.op.taken_over();
        let by = "process 2 on ops-2".to_owned();
        let takeover = Takeover {
            operation,
            goal,
            fresh,
            detour,
            by,
        };
        let seed = self.dice.next();
        let engine = self.broken(Engine::resume(takeover, clock, seed));
        let attended = self.dice.chance(700);
        self.process = Some(Process::new(engine, skew, attended));
        let consent = Consent {
            typed: id.to_string(),
            how: "--confirm",
        };
        self.tell(self.epoch, Input::Begin(Pace::Run, consent))
    }

    /// Another index or instance that whoever takes it up names, as the command line takes it.
    fn detour(&mut self, operation: &Operation, world: &World) -> Detour {
        let dice = &mut self.other_dice;
        if operation.plan.intent.mechanism != Mechanism::Interface || self.script.is_some() {
            return Detour::default();
        }
        let index = dice.chance(100).then(|| 1 + dice.below(2) as u32);
        let named = dice
            .chance(250)
            .then(|| ground::instance(dice.below(3) as usize));
        let eni = &operation.plan.intent.eni;
        let or_to = named.and_then(|id| Alternative::now(world, eni, &id).ok());
        let or_to = or_to.filter(|other| {
            let or_to = Some(other.clone());
            let heading = operation.detoured(Goal::Target, &Detour { index, or_to });
            heading.fallen_back().is_ok()
        });
        Detour { index, or_to }.or_planned(operation, world)
    }

    /// What was done is taken back: a plan of its own.
    pub fn undo(&mut self) -> Result<(), Breach> {
        let Some(intent) = self.op.plan.way_back() else {
            return Ok(());
        };
        let undo_of = Some(self.op.id.clone());
        self.another(&intent, undo_of)
    }

    /// Somebody wants to begin another operation on the same interface. What says whether it may is
    /// the lock, which ends with its process, and `failover::ops`, as in `runtime::launch`.
    pub fn rival(&mut self) -> Result<(), Breach> {
        if self.process.is_some() {
            self.trace(|_| "a rival is refused".to_owned());
            return Ok(());
        }
        let told = match self.op.operation() {
            Some(operation) => Told::Operation(Box::new(operation)),
            None => Told::Empty,
        };
        let kept = Kept {
            op: self.op.id.clone(),
            file: String::new(),
            told,
            holder: None,
            replay: None,
        };
        let (sky, eni) = (&self.op.plan.sky, ground::eni());
        if kept.is_open() && kept.concerns(sky, &eni) {
            self.trace(|_| "a rival is refused".to_owned());
            return Ok(());
        }
        law::may_begin_beside(&self.op, self.process.is_some())?;
        let n = 1 + self.dice.below(2) as usize;
        let intent = Intent {
            mechanism: self.op.plan.intent.mechanism,
            ..Intent::new(eni, ground::instance(n))
        };
        self.another(&intent, None)
    }

    fn another(&mut self, intent: &Intent, undo_of: Option<String>) -> Result<(), Breach> {
        if self.before.len() + 1 >= OPERATIONS {
            return Ok(());
        }
        let world = self.ec2.sim.world();
        let Some(mut plan) = planned(&world, intent, &self.op.plan.sky, self.now) else {
            return Ok(());
        };
        plan.undo_of = undo_of;
        let id = format!("7f3{}", ["b", "c", "d"][self.before.len() % 3]);
        let Some(op) = Op::new(&id, Arc::new(plan), &world, self.ec2.others) else {
            return Ok(());
        };
        self.trace(|_| format!("another operation: {intent:?}"));
        self.before.push(std::mem::replace(&mut self.op, op));
        self.flight += 1;
        self.begin()
    }

    /// What was done may be taken back, once it is over.
    pub fn may_be_undone(&mut self) -> bool {
        let done = matches!(self.op.ending, Some(Ending::Done));
        let undone = done && !self.is_calm && self.script.is_none() && self.dice.chance(400);
        if undone {
            let delay = self.dice.millis(500, 20_000);
            self.after(delay, Event::Undo(self.flight));
        }
        undone
    }
}

/// The fresh preflight, as the command line makes it: of going on to the instance that was named for
/// that case, if the planned one cannot take it.
fn checks(operation: Operation, goal: Goal, world: &World, now: Time) -> Vec<Check> {
    let (action, checks) = resume::prospect(&operation, goal, world, now);
    let refuses = matches!(action, Action::NotEligible(_)) && goal == Goal::Target;
    match operation.fallen_back() {
        Ok(other) if refuses => resume::prospect(&other, goal, world, now).1,
        _ => checks,
    }
}

fn live() -> Sky {
    Sky {
        kind: Kind::Live,
        ..Sky::sim("vopr", "111122223333", "us-east-1")
    }
}

fn sky(dice: &mut Dice) -> Sky {
    match dice.below(50) {
        0 => Sky {
            writes: false,
            ..live()
        },
        1..=6 => Sky {
            kind: Kind::Sim,
            ..live()
        },
        _ => live(),
    }
}

fn planned(world: &World, intent: &Intent, sky: &Sky, now: Time) -> Option<Plan> {
    match plan(world, intent, sky, now) {
        Ok(Planned::Plan(plan)) => Some(*plan),
        Ok(Planned::AlreadyThere) | Err(_) => None,
    }
}
