//! Flies an engine: grants its wishes in virtual time, and misbehaves where a test says so.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::ec2::call::{Attach, Call, Detach};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{
    Consent, Engine, Gaze, Goal, Input, LookError, Observation, Outcome, Output, Pace,
};
use crate::failover::journal::{Entry, MemoryJournal, Record, line};
use crate::failover::plan::{Check, Plan};
use crate::failover::resume::{Detour, Operation, Takeover};
use crate::failover::status::{Command, Ending};
use crate::failover::testing::{Fake, START, eni};

/// What happens to the answer of a call.
#[derive(Clone, Debug)]
pub enum Answering {
    /// As it should.
    Normal,
    /// The call takes effect, the answer is lost.
    LostApplied,
    /// The call is lost.
    LostDropped,
    /// The answer is lost, the call takes effect this much later.
    LostLate(u64),
    /// Refused with this code before it reaches EC2.
    Refused(&'static str),
    /// The same, with this text.
    RefusedSaying(&'static str, String),
    /// It arrives twice: the first takes effect, the answer to the second is heard, a refusal.
    Twice(&'static str),
}

/// Something else that happens when the record or output comes by.
pub type Hook = Box<dyn FnMut(&mut Fake, &Output) -> Vec<Input>>;

pub struct Rig {
    pub ec2: Fake,
    pub engine: Engine,
    pub journal: MemoryJournal,
    pub records: Vec<Record>,
    pub submitted: Vec<Call>,
    pub ending: Option<Ending>,
    pub answers: VecDeque<Answering>,
    /// Fails to write the record with this number and all later ones.
    pub fail_from: Option<u64>,
    /// Shows looks as they were this long ago.
    pub lag: Duration,
    pub hook: Hook,
    /// Every look fails.
    pub blind: bool,
    past: Vec<(Time, Arc<World>)>,
    late: Vec<(Time, Call)>,
    wake: Option<Time>,
    inbox: VecDeque<(Time, Input)>,
    durable: Vec<u64>,
}

pub fn consent(plan: &Plan) -> Consent {
    Consent {
        typed: plan.intent.eni.to_string(),
        how: "--confirm",
    }
}

impl Rig {
    pub fn new(world: World, plan: Plan) -> Self {
        Self {
            ec2: Fake::new(world),
            engine: Engine::new(Arc::new(plan), "7f3a", 1),
            journal: MemoryJournal::default(),
            records: Vec::new(),
            submitted: Vec::new(),
            ending: None,
            answers: VecDeque::new(),
            fail_from: None,
            lag: Duration::ZERO,
            hook: Box::new(|_, _| Vec::new()),
            blind: false,
            past: Vec::new(),
            late: Vec::new(),
            wake: None,
            inbox: VecDeque::new(),
            durable: Vec::new(),
        }
    }

    /// Another process takes up what this one left in its journal; answers that were on their way to
    /// the first are lost.
    pub fn resumed(self, goal: Goal, fresh: Option<Vec<Check>>) -> Self {
        self.resumed_to(goal, fresh, Detour::default())
    }

    /// The same, to another place than the planned one.
    pub fn resumed_to(self, goal: Goal, fresh: Option<Vec<Check>>, detour: Detour) -> Self {
        let journal = line::decode(self.journal.text().as_bytes()).unwrap();
        let operation = Operation::read(&journal).unwrap();
        let takeover = Takeover {
            operation,
            goal,
            fresh,
            detour,
            by: "process 2 on test".to_owned(),
        };
        let mut rig = Self::new(World::new("", ""), Plan::clone(&takeover.operation.plan));
        rig.engine = Engine::resume(takeover, self.ec2.now, 2);
        rig.durable = journal.records.iter().map(|r| r.seq).collect();
        rig.records = journal.records;
        rig.journal = self.journal;
        rig.submitted = self.submitted;
        rig.past = self.past;
        rig.late = self.late;
        rig.lag = self.lag;
        rig.ec2 = self.ec2;
        rig
    }

    /// The operation as its journal tells it.
    pub fn operation(&self) -> Operation {
        Operation::read(&line::decode(self.journal.text().as_bytes()).unwrap()).unwrap()
    }

    /// Another operation, straight after this one; what looks may show goes back beyond its plan.
    pub fn followed_by(self, plan: Plan) -> Self {
        let mut rig = Self::new(World::new("", ""), plan);
        rig.past = self.past;
        rig.ec2 = self.ec2;
        rig
    }

    pub fn now(&self) -> Time {
        self.ec2.now
    }

    pub fn begin(&mut self, pace: Pace) {
        let consent = consent(&self.engine.status().plan);
        self.input(Input::Begin(pace, consent));
    }

    /// Flies to the end; panics if that is later than an hour.
    pub fn fly(&mut self) -> Ending {
        self.begin(Pace::Run);
        self.end()
    }

    pub fn end(&mut self) -> Ending {
        self.run(|rig| rig.ending.is_some());
        self.ending.clone().expect("an ending within an hour")
    }

    /// Lets time pass until something is so.
    pub fn run(&mut self, until: impl Fn(&Self) -> bool) {
        while !until(self) && self.ec2.now < START + Duration::from_secs(3_600) {
            let next = self.inbox.iter().map(|(at, _)| *at).min();
            let next = [next, self.wake].into_iter().flatten().min();
            let Some(next) = next else { return };
            self.pass(next);
        }
    }

    /// Lets time pass to a moment, with everything that is due then.
    pub fn pass(&mut self, to: Time) {
        self.late.sort_by_key(|(at, _)| *at);
        while let Some((at, _)) = self.late.first().filter(|(at, _)| *at <= to) {
            self.ec2.advance(*at);
            let (_, call) = self.late.remove(0);
            let _ = self.ec2.call(&call);
        }
        self.ec2.advance(to);
        self.past.push((self.ec2.now, self.ec2.seen()));
        let mut due: Vec<(Time, Input)> = Vec::new();
        self.inbox.retain(|(at, input)| {
            let is_due = *at <= to;
            if is_due {
                due.push((*at, input.clone()));
            }
            !is_due
        });
        due.sort_by_key(|(at, _)| *at);
        for (_, input) in due {
            self.input(input);
        }
        if self.wake.is_some_and(|at| at <= to) {
            self.wake = None;
            self.input(Input::Tick);
        }
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub fn input(&mut self, input: Input) {
        let now = self.ec2.now;
        for output in self.engine.handle(now, input) {
            self.check(&output);
            let extra = (self.hook)(&mut self.ec2, &output);
            match output {
                Output::Journal(record) => self.record(now, record),
                Output::Submit(ticket, call) => self.submit(now, ticket, &call),
                Output::Look(gaze) => {
                    let seen = self.observe(now, gaze);
                    self.inbox
                        .push_back((now + Duration::from_millis(40), seen));
                }
                Output::WakeAt(at) => self.wake = Some(at),
                Output::End(ending) => {
                    assert_eq!(self.engine.status().ending.as_ref(), Some(&ending));
                    assert!(!self.engine.status().critical);
                    self.ending = Some(ending);
                }
            }
            self.inbox
                .extend(extra.into_iter().map(|input| (now, input)));
        }
    }

    /// The engine's promises, whatever the test.
    fn check(&self, output: &Output) {
        assert!(self.ending.is_none(), "{output:?} after the end");
        let Output::Submit(ticket, call) = output else {
            return;
        };
        let intent = self
            .records
            .iter()
            .find(|r| r.seq == *ticket)
            .expect("an intent");
        let Entry::Intent { call: meant, .. } = &intent.entry else {
            panic!("{intent:?} is no intent");
        };
        assert_eq!(meant, call, "submitted is what was intended");
        let plan = &self.engine.status().plan;
        match call {
            Call::DetachNetworkInterface(c) => {
                assert_eq!(Some(&c.attachment_id), plan.attachment_id.as_ref());
                assert!(self.durable.contains(ticket), "durable before detach");
            }
            Call::AttachNetworkInterface(_) => {
                let detached = self.submitted.iter().any(is_detach);
                assert!(
                    self.durable.contains(ticket) || (detached && self.fail_from.is_some()),
                    "durable before attach"
                );
            }
            _ => assert!(self.durable.contains(ticket), "durable before {call:?}"),
        }
        let same = |c: &&Call| c.action() == call.action();
        assert!(self.submitted.iter().filter(same).count() < 11, "bounded");
    }

    fn record(&mut self, now: Time, record: Record) {
        let seq = record.seq;
        assert_eq!(seq, self.records.len() as u64, "no gap");
        self.journal.append("7f3a", &record).unwrap();
        self.records.push(record);
        let after = now + Duration::from_millis(1);
        if self.fail_from.is_some_and(|from| seq >= from) {
            let failed = Input::JournalFailed(seq, "disk full".to_owned());
            self.inbox.push_back((after, failed));
        } else {
            self.durable.push(seq);
            self.inbox.push_back((after, Input::Durable(seq)));
        }
    }

    fn submit(&mut self, now: Time, ticket: u64, call: &Call) {
        self.submitted.push(call.clone());
        let unknown = || Outcome::Unknown("connection reset".to_owned());
        let outcome = match self.answers.pop_front().unwrap_or(Answering::Normal) {
            Answering::Normal => match self.ec2.call(call) {
                Ok(answer) => Outcome::Accepted(answer),
                Err(error) => Outcome::Refused(error),
            },
            Answering::LostApplied => {
                let _ = self.ec2.call(call);
                unknown()
            }
            Answering::LostDropped => unknown(),
            Answering::LostLate(ms) => {
                self.late
                    .push((now + Duration::from_millis(ms), call.clone()));
                unknown()
            }
            Answering::Refused(code) => Outcome::Refused(ApiError::new(code, "no")),
            Answering::RefusedSaying(code, text) => Outcome::Refused(ApiError::new(code, text)),
            Answering::Twice(code) => {
                let _ = self.ec2.call(call);
                Outcome::Refused(ApiError::new(code, "no"))
            }
        };
        let took = Duration::from_millis(210);
        self.inbox
            .push_back((now + took, Input::Answered(ticket, outcome, took)));
    }

    fn observe(&self, now: Time, gaze: Gaze) -> Input {
        if self.blind {
            return failed_look(now);
        }
        let then = now - self.lag;
        let past = self.past.iter().rev().find(|(at, _)| *at <= then);
        let whole = match past {
            Some((_, world)) if self.lag > Duration::ZERO => Arc::clone(world),
            _ => self.ec2.seen(),
        };
        let seen = match gaze {
            Gaze::Full => whole,
            Gaze::Eni => {
                let mut alone = World::new("us-east-1", "111122223333");
                if let Some(eni) = whole.eni(&eni()) {
                    alone.put_eni(crate::ec2::eni::Eni::clone(eni));
                }
                Arc::new(alone)
            }
        };
        Input::Observed(Observation {
            asked_at: now,
            gaze,
            seen: Ok(seen),
        })
    }

    /// `detach attach`, in order of submission.
    pub fn calls(&self) -> String {
        let names: Vec<_> = self.submitted.iter().map(short).collect();
        names.join(" ")
    }

    pub fn notes(&self) -> String {
        let notes = &self.engine.status().notes;
        let all: Vec<_> = notes.iter().map(|(_, text)| text.as_str()).collect();
        all.join("\n")
    }

    /// The journal reads back as it was written.
    pub fn assert_journal_reads_back(&self) {
        let read = line::decode(self.journal.text().as_bytes()).unwrap();
        assert_eq!(read.records.len(), self.records.len());
    }
}

pub fn is_detach(call: &Call) -> bool {
    matches!(call, Call::DetachNetworkInterface(_))
}

fn short(call: &Call) -> String {
    match call {
        Call::DetachNetworkInterface(c) if c.force => "force".to_owned(),
        Call::DetachNetworkInterface(_) => "detach".to_owned(),
        Call::AttachNetworkInterface(c) => {
            let end = c.instance_id.as_str();
            format!("attach-{}", &end[end.len() - 1..])
        }
        Call::ModifyNetworkInterfaceAttribute(_) => "protect".to_owned(),
        other => other.action().to_owned(),
    }
}

/// A second operator's moves.
pub fn detach_of(ec2: &Fake) -> Option<Call> {
    let attachment = ec2.world.eni(&eni())?.attachment.clone()?;
    Some(Call::DetachNetworkInterface(Detach {
        attachment_id: attachment.attachment_id,
        force: false,
    }))
}

fn attach_to(instance: &str, index: u32) -> Call {
    Call::AttachNetworkInterface(Attach {
        network_interface_id: eni(),
        instance_id: instance.into(),
        device_index: index,
        network_card_index: 0,
    })
}

/// Somebody moves it at once and completely.
pub fn move_to(ec2: &mut Fake, instance: &str) {
    if let Some(call) = detach_of(ec2) {
        let _ = ec2.call(&call);
        ec2.settle();
    }
    ec2.call(&attach_to(instance, 1)).unwrap();
    ec2.settle();
}

/// A failed look.
fn failed_look(now: Time) -> Input {
    Input::Observed(Observation {
        asked_at: now,
        gaze: Gaze::Full,
        seen: Err(LookError {
            what: "connection refused".to_owned(),
            throttled: false,
        }),
    })
}
