//! The process that runs the engine: it grants the engine's wishes as `runtime::flight` does, and
//! dies where chance says so.
//!
//! Invariants: answers to a dead process go nowhere, but calls that it sent still arrive; a record
//! that takes longer than the scribe waits counts as failed, and may become durable all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::Call;
use enipilot::ec2::error::ApiError;
use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Engine, Gaze, Input, LookError, Observation, Outcome, Output};
use enipilot::failover::journal::{Entry, Record};
use enipilot::failover::plan::Plan;
use enipilot::failover::status::Ending;

use super::ec2::Who;
use super::law::{self, Breach};
use super::op::{Fate, Kind, Sent, Shown};
use super::run::{Event, Run};
use super::script::{Point, Script};
use super::swarm::Fault;

/// The scribe gives a record up after this time, a moment before the engine loses patience by itself.
const SCRIBE: Duration = Duration::from_millis(4_990);

/// One journal in so many is read back when its process has ended.
pub const READ: u64 = 8;

pub struct Process {
    pub engine: Engine,
    /// Milliseconds that this process's clock is ahead of the world's.
    pub skew: i64,
    pub wake: Option<Time>,
    /// Looks, calls and records under way.
    pub flying: usize,
    /// Calls that this process has submitted.
    pub submitted: usize,
    /// Somebody sits there and can be asked.
    pub attended: bool,
    /// The open question was noticed.
    pub asked: bool,
    /// So many questions were answered.
    pub answers: usize,
}

impl Process {
    pub fn new(engine: Engine, skew: i64, attended: bool) -> Self {
        Self {
            engine,
            skew,
            wake: None,
            flying: 0,
            submitted: 0,
            attended,
            asked: false,
            answers: 0,
        }
    }

    pub fn clock(&self, now: Time) -> Time {
        Time::from_millis(now.millis() + self.skew)
    }
}

impl Run {
    /// The engine of this process is told something.
    pub fn tell(&mut self, to: u32, input: Input) -> Result<(), Breach> {
        let now = self.now;
        let Some(process) = self.process.as_mut().filter(|_| self.epoch == to) else {
            return Ok(());
        };
        let clock = process.clock(now);
        let op = &mut self.op;
        match &input {
            Input::Observed(o) => {
                process.flying -= 1;
                if let Ok(world) = &o.seen {
                    op.show(o.asked_at, o.gaze, world);
                }
            }
            Input::Answered(ticket, ..) => {
                process.flying -= 1;
                op.undecided();
                op.shown = Shown {
                    outcome: Some(clock),
                    ..Shown::default()
                };
                if let Some(sent) = op.sent.iter_mut().find(|s| s.ticket == *ticket) {
                    sent.answered = true;
                }
            }
            Input::Durable(_) => process.flying -= 1,
            Input::JournalFailed(..) => {
                process.flying -= 1;
                op.journal_failed = true;
            }
            Input::Command(_) => op.choices += 1,
            Input::Alone(_) => {
                op.choices += 1;
                process.attended = false;
            }
            Input::Begin(..) | Input::Tick => {}
        }
        self.trace(|run| format!("{to}> {}", word(&input, run)));
        let Some(process) = self.process.as_mut() else {
            return Ok(());
        };
        let failed = match &input {
            Input::JournalFailed(seq, _) => Some(self.op.kind(*seq)),
            _ => None,
        };
        let engine = AssertUnwindSafe(&mut process.engine);
        let handled = catch_unwind(move || { engine }.handle(clock, input));
        let Ok(outputs) = handled else {
            self.process = None;
            return Err(Breach {
                law: "the engine's own assertions hold",
                what: "it panicked".to_owned(),
            });
        };
        if let Some(kind) = failed
            && outputs.iter().any(is_end)
        {
            law::may_end_for_journal(&self.op, kind)?;
        }
        for output in outputs {
            if self.strikes(Fault::Crash) || self.dies_before(&output) {
                return self.crash();
            }
            let last = self.dies_after(&output);
            self.grant(output)?;
            if last {
                return self.crash();
            }
            if self.process.is_none() {
                return self.left();
            }
        }
        self.noticed()
    }

    fn grant(&mut self, output: Output) -> Result<(), Breach> {
        self.trace(|_| format!("  {}", wish(&output)));
        match output {
            Output::Journal(record) => {
                self.op.meant.push((record.seq, kind(&record.entry)));
                self.op.chose(&record);
                self.op.decided(&record.entry);
                self.write(record);
            }
            Output::Submit(ticket, call) => return self.submit(ticket, call),
            Output::Look(gaze) => self.look(gaze),
            Output::WakeAt(at) => {
                if let Some(process) = &mut self.process {
                    let at = Time::from_millis(at.millis() - process.skew).max(self.now);
                    process.wake = Some(at);
                    self.push(at, Event::Tick(self.epoch));
                }
            }
            Output::End(ending) => return self.end(ending),
        }
        Ok(())
    }

    /// A question that is new: somebody answers, sooner or later, or nobody is there.
    fn noticed(&mut self) -> Result<(), Breach> {
        let epoch = self.epoch;
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        // Between two steps it may rest until a person goes on.
        let rests = process.engine.status().paused;
        law::waits(rests || process.wake.is_some(), process.flying)?;
        let asks = process.engine.status().question.is_some();
        if asks == process.asked {
            return Ok(());
        }
        process.asked = asks;
        if !asks {
            return Ok(());
        }
        if !process.attended {
            let alone = Input::Alone("nobody can be asked".to_owned());
            self.after(Duration::ZERO, Event::Tell(epoch, alone));
        } else {
            let delay = self
                .dice
                .millis(200, if self.is_calm { 5_000 } else { 90_000 });
            self.after(delay, Event::Answer(epoch));
        }
        Ok(())
    }

    fn write(&mut self, record: Record) {
        let (epoch, seq) = (self.epoch, record.seq);
        if let Some(process) = &mut self.process {
            process.flying += 1;
        }
        let fails = self.strikes(Fault::DiskFails);
        let slow = self.strikes(Fault::DiskSlow);
        let took = if slow {
            self.dice.millis(50, 8_000)
        } else {
            self.dice.millis(1, 4)
        };
        let file = &mut self.op.file;
        let told = took.min(SCRIBE);
        if file.is_broken() {
            let failed = Input::JournalFailed(seq, "it has failed before".to_owned());
            self.after(Duration::from_millis(1), Event::Tell(epoch, failed));
            return;
        }
        file.write(record);
        // One thread writes: no record overtakes another.
        let at = (self.now + took).max(self.disk_free);
        self.disk_free = at;
        let told_at = (self.now + told).max(self.now + SCRIBE.min(at.since(self.now)));
        let in_time = at <= self.now + SCRIBE;
        self.push(
            at,
            Event::Synced {
                epoch,
                seq,
                fails,
                told: in_time,
            },
        );
        if !in_time {
            let failed = Input::JournalFailed(seq, "the disk has not answered".to_owned());
            self.push(told_at, Event::Tell(epoch, failed));
        }
    }

    /// The disk has done what it could with a record.
    pub fn synced(&mut self, epoch: u32, seq: u64, fails: bool, told: bool) -> Result<(), Breach> {
        if epoch != self.epoch || self.process.is_none() {
            return Ok(());
        }
        if fails {
            self.op.file.fail();
        }
        let done = self.op.file.sync(seq);
        self.trace(|_| format!("disk: {seq} {}", if done { "durable" } else { "failed" }));
        if done && self.dies_once_durable(seq) {
            return self.crash();
        }
        if !told {
            return Ok(());
        }
        let input = match done {
            true => Input::Durable(seq),
            false => Input::JournalFailed(seq, "no space left on device".to_owned()),
        };
        self.tell(epoch, input)
    }

    fn submit(&mut self, ticket: u64, call: Call) -> Result<(), Breach> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        law::may_submit(&self.op, ticket, &call, process.submitted == 0)?;
        process.submitted += 1;
        process.flying += 1;
        let fate = Fate::Flying;
        let scripted = self.fate_in_script(&call);
        self.op.sent.push(Sent {
            ticket,
            call,
            fate,
            answered: false,
            made: None,
            epoch: self.epoch,
        });
        let n = self.op.sent.len() - 1;
        let there = self.dice.millis(10, 150);
        let back = self.dice.millis(10, 150);
        let lost = |run: &mut Self| run.dice.millis(20, 20_000);
        if let Some(point) = scripted {
            self.send_by_script(point, n, there);
        } else if self.strikes(Fault::LostBefore) {
            self.op.sent[n].fate = Fate::Void;
            let after = lost(self);
            self.reply(after, ticket, unknown());
        } else if self.strikes(Fault::Late) {
            let late = self.dice.millis(500, 20_000);
            let after = lost(self);
            self.after(
                late,
                Event::Arrive {
                    op: self.flight,
                    n,
                    copies: 1,
                    back: None,
                },
            );
            self.reply(after, ticket, unknown());
        } else if self.strikes(Fault::LostAfter) {
            let after = lost(self);
            self.after(
                there,
                Event::Arrive {
                    op: self.flight,
                    n,
                    copies: 1,
                    back: None,
                },
            );
            self.reply(after, ticket, unknown());
        } else {
            let copies = if self.strikes(Fault::Twice) { 2 } else { 1 };
            let back = Some((self.epoch, back));
            self.after(
                there,
                Event::Arrive {
                    op: self.flight,
                    n,
                    copies,
                    back,
                },
            );
        }
        Ok(())
    }

    /// Nobody will hear an answer.
    fn send_by_script(&mut self, point: Point, n: usize, there: Duration) {
        let after = match point {
            Point::Lost => {
                self.op.sent[n].fate = Fate::Void;
                return;
            }
            Point::Late => Script::LATE,
            _ => there,
        };
        let arrive = Event::Arrive {
            op: self.flight,
            n,
            copies: 1,
            back: None,
        };
        self.after(after, arrive);
    }

    fn reply(&mut self, after: Duration, ticket: u64, outcome: Outcome) {
        let input = Input::Answered(ticket, outcome, after);
        self.after(after, Event::Tell(self.epoch, input));
    }

    /// A call arrives at EC2.
    pub fn arrive(
        &mut self,
        flight: usize,
        n: usize,
        copies: usize,
        back: Option<(u32, Duration)>,
    ) -> Result<(), Breach> {
        let Some(op) = self.op_of(flight) else {
            return Ok(());
        };
        let (ticket, call) = (op.sent[n].ticket, op.sent[n].call.clone());
        let mut answer = self.refused(call.action()).map_or_else(|| Ok(()), Err);
        let mut outcome = Outcome::Unknown(String::new());
        if let Err(error) = &answer {
            outcome = Outcome::Refused(error.clone());
        }
        let mut applied = false;
        for _ in 0..copies {
            if answer.is_err() && !applied {
                break;
            }
            outcome = match self.ec2.call(Who::Us, &call) {
                Ok(accepted) => {
                    applied = true;
                    if let (Some(id), Some(op)) = (&accepted.attachment_id, self.op_of(flight)) {
                        op.ours.push(id.clone());
                        op.sent[n].made = Some(id.clone());
                    }
                    Outcome::Accepted(accepted)
                }
                Err(error) => {
                    answer = Err(error.clone());
                    Outcome::Refused(error)
                }
            };
        }
        let holder = self.ec2.holder();
        if let Some(op) = self.op_of(flight) {
            op.sent[n].fate = if applied { Fate::Applied } else { Fate::Void };
            if applied {
                law::may_take_effect(op, &call, holder.as_ref())?;
            }
        }
        // For whoever flies now it is somebody else's.
        self.ec2.others += usize::from(applied && flight != self.flight);
        self.trace(|_| format!("ec2: {} {outcome:?}", call.line()));
        self.check_world()?;
        if let Some((epoch, back)) = back {
            let input = Input::Answered(ticket, outcome, back);
            self.after(back, Event::Tell(epoch, input));
        }
        Ok(())
    }

    /// Throttled, without valid credentials, or not allowed.
    fn refused(&mut self, action: &str) -> Option<ApiError> {
        if let Some(code) = self.forbidden_by_script(false) {
            return Some(ApiError::new(code, "No."));
        }
        if self.strikes(Fault::Throttle) {
            return Some(ApiError::new(
                "RequestLimitExceeded",
                "Request limit exceeded.",
            ));
        }
        if self.gap() {
            return Some(ApiError::new(
                "ExpiredToken",
                "The security token is expired.",
            ));
        }
        let revoked = self.revoked.filter(|(_, a)| *a == action);
        revoked
            .filter(|(at, _)| *at <= self.now && !self.is_calm)
            .map(|_| ApiError::new("UnauthorizedOperation", "You are not authorized."))
    }

    /// The credentials are refused just now; a gap lasts for up to a minute.
    fn gap(&mut self) -> bool {
        if self.strikes(Fault::Gap) {
            self.gap_until = self.now + self.dice.millis(500, 60_000);
        }
        self.now < self.gap_until && !self.is_calm
    }

    fn look(&mut self, gaze: Gaze) {
        let Some(process) = &mut self.process else {
            return;
        };
        process.flying += 1;
        let asked_at = process.clock(self.now);
        let slow = self.strikes(Fault::SlowLook);
        let there = if slow {
            self.dice.millis(100, 30_000)
        } else {
            self.dice.millis(5, 80)
        };
        self.after(
            there,
            Event::Look {
                epoch: self.epoch,
                gaze,
                plan: Arc::clone(&self.op.plan),
                asked_at,
            },
        );
    }

    /// A look arrives at EC2.
    pub fn looked(&mut self, epoch: u32, gaze: Gaze, plan: &Arc<Plan>, asked_at: Time) {
        if epoch != self.epoch || self.process.is_none() {
            return;
        }
        let failed = |what: &str, throttled: bool| LookError {
            what: what.to_owned(),
            throttled,
        };
        let seen = if let Some(code) = self.forbidden_by_script(true) {
            Err(failed(code, false))
        } else if self.strikes(Fault::Throttle) {
            Err(failed("RequestLimitExceeded", true))
        } else if self.gap() {
            Err(failed("ExpiredToken", false))
        } else if self.strikes(Fault::Blind) {
            Err(failed("connection refused", false))
        } else {
            let stale = self.strikes(Fault::Stale);
            let ago = if stale {
                self.dice.millis(100, 8_000)
            } else {
                self.lag_of_script()
            };
            Ok(self.ec2.seen(gaze, plan, ago))
        };
        let back = self.dice.millis(5, 80);
        let observation = Observation {
            asked_at,
            gaze,
            seen,
        };
        self.after(back, Event::Tell(epoch, Input::Observed(observation)));
    }

    /// The engine has ended, and with it its process: the file is closed.
    fn end(&mut self, ending: Ending) -> Result<(), Breach> {
        self.process = None;
        let written = self.op.file.records().len() > self.op.found || self.op.journal_failed;
        if matches!(ending, Ending::Refused(_)) && self.op.takeovers > 0 && !written {
            // Not taken up: it stays open, as it was.
            self.op.ending = self.op.earlier.take();
            self.op.refused = true;
            return self.check_world();
        }
        law::may_end(&self.op, &ending, self.ec2.others)?;
        self.op.ending = Some(ending);
        self.check_world()
    }

    /// The process dies; what it had sent arrives all the same.
    pub fn crash(&mut self) -> Result<(), Breach> {
        self.trace(|_| "the process dies".to_owned());
        self.process = None;
        self.crashes += 1;
        self.left()
    }

    /// Nobody has the journal open any more.
    fn left(&mut self) -> Result<(), Breach> {
        self.op.file.crash(&mut self.dice);
        self.op.forget();
        if self.dice.below(READ) == 0 {
            law::reads_back(&self.op, &self.op.file.bytes())?;
        }
        self.op.file.reopen();
        self.check_world()
    }
}

fn is_end(output: &Output) -> bool {
    match output {
        Output::End(_) => true,
        Output::Journal(record) => matches!(record.entry, Entry::Verdict { .. }),
        _ => false,
    }
}

fn kind(entry: &Entry) -> Kind {
    match entry {
        Entry::Intent { call, .. } => match call {
            Call::AttachNetworkInterface(_) => Kind::AttachIntent,
            _ => Kind::OtherIntent,
        },
        Entry::Verdict { .. } => Kind::Verdict,
        _ => Kind::Else,
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown("connection reset".to_owned())
}

fn word(input: &Input, run: &Run) -> String {
    match input {
        Input::Observed(Observation {
            gaze,
            seen: Ok(world),
            ..
        }) => {
            let eni = world.eni(run.op.eni());
            let attachment = eni.map(|e| {
                e.attachment.as_ref().map_or_else(
                    || "attached to nothing".to_owned(),
                    |a| format!("{} {} {:?}", a.attachment_id, a.status, a.instance_id),
                )
            });
            format!(
                "sees {gaze:?}: {}",
                attachment.unwrap_or_else(|| "no interface".to_owned())
            )
        }
        Input::Observed(Observation {
            gaze, seen: Err(e), ..
        }) => {
            format!("sees {gaze:?}: {}", e.what)
        }
        Input::Tick => format!("tick {:?}", run.process.as_ref().map(|p| p.flying)),
        other => format!("{other:?}"),
    }
}

fn wish(output: &Output) -> String {
    match output {
        Output::Journal(record) => {
            let line = enipilot::failover::journal::line::encode("op", record);
            let mut line = line.unwrap_or_default();
            let cut = (0..=200.min(line.len()))
                .rev()
                .find(|n| line.is_char_boundary(*n));
            line.truncate(cut.unwrap_or(0));
            format!("journal {line}")
        }
        Output::Submit(ticket, call) => format!("submit {ticket} {}", call.line()),
        other => format!("{other:?}"),
    }
}
