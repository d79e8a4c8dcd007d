//! Listening to people, and doing without them.
//!
//! Invariants: a question never stops the looking; before the detach's submission stopping is free;
//! afterwards there is only finishing or putting back; force needs its own phrase, typed, and a
//! durable record of it.

use super::decide::{Goal, attach_call, may_go_back};
use super::mutant::Mutant;
use super::{Engine, Gaze, Output, Phase, wait};
use crate::ec2::call::{Call, Detach};
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::failover::facts::{Mark, Row};
use crate::failover::journal::Entry;
use crate::failover::plan::{Step, StepKind, steps};
use crate::failover::status::{Command, Ending, Question, StepState, StepStatus};

/// What must be typed to force a hung detach: both lasting effects on the old instance, as AWS
/// states them (EC2 API, DetachNetworkInterface).
pub const FORCE_PHRASE: &str = "index blocked and metadata stale until stop and start";

/// Which question is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A person wants to stop after the detach.
    Abort,
    /// The detach hangs.
    Stuck,
    /// It is attached to nothing, and the goal will not have it.
    Stranded,
}

impl Engine {
    /// A person said something.
    pub(super) fn command(&mut self, now: Time, command: Command, out: &mut Vec<Output>) {
        match command {
            Command::Step | Command::Run => {
                let step = command == Command::Step && self.plan.sky.may_step();
                self.allowed = if step {
                    self.status.current
                } else {
                    usize::MAX
                };
                if matches!(self.phase, Phase::Resting { .. }) && self.asked.is_none() {
                    self.status.paused = false;
                    self.begin_step(now, out);
                }
            }
            Command::Abort => self.wants_to_stop(now, out),
            Command::Finish => self.finish_or_retry(now, out),
            Command::PutBack => self.wants_back(now, out),
            Command::Index(index) => self.wants_index(now, index, out),
            Command::Candidate(id) => self.wants_candidate(now, &id, out),
            Command::WaitOn => {
                if matches!(self.asked, Some((Asked::Stuck, _))) {
                    self.patience = Some(now);
                    self.withdraw();
                }
            }
            Command::Force(typed) => self.force(now, &typed, out),
            Command::Fence(typed) => self.wants_fence(now, &typed, out),
        }
    }

    /// Takes the question back.
    pub(super) fn withdraw(&mut self) {
        self.asked = None;
        self.status.question = None;
    }

    /// Opens a question; `detail` is how long, or why.
    pub(super) fn ask(&mut self, now: Time, asked: Asked, detail: &str) {
        let names = &self.plan.names;
        let carries = !self.plan.handovers.is_empty();
        let verb = if carries { "bring" } else { "attach" };
        let finish = (
            Command::Finish,
            format!("finish: {verb} it to {}", names.target),
        );
        let back = (
            Command::PutBack,
            format!("put back: {verb} it to {} again", names.source),
        );
        let offer = match asked {
            Asked::Stuck => self.fence_offer(),
            Asked::Abort | Asked::Stranded => None,
        };
        let mut choices = match asked {
            Asked::Abort => vec![finish, back],
            Asked::Stranded => vec![
                back,
                (Command::Finish, format!("try {} again", names.target)),
            ],
            Asked::Stuck => vec![
                (
                    Command::WaitOn,
                    "wait on: nothing changes, and 200 s have been seen elsewhere".to_owned(),
                ),
            ]
            .into_iter()
            .chain(self.fence_choice(&offer))
            .chain([
                (
                    Command::Force(String::new()),
                    format!(
                        "force: {} may refuse another interface at this index, and may show this \
                         one in its metadata, until it is stopped and started; type `{FORCE_PHRASE}`",
                        names.source
                    ),
                ),
            ])
            .collect(),
        };
        if asked == Asked::Stranded {
            choices.extend(self.candidate_choices());
        }
        if let (Asked::Stranded, Some(index)) = (asked, self.other_index()) {
            let instance = match self.known.goal {
                Goal::Target => &names.target,
                Goal::Source => &names.source,
            };
            let text =
                format!("another index: attach it to {instance} at index {index}, which is free");
            choices.insert(0, (Command::Index(index), text));
        }
        if self.plan.source.is_none() {
            choices.retain(|(command, _)| *command != Command::PutBack);
        }
        let text = match asked {
            Asked::Abort => {
                let live = if self.plan.sky.may_step() {
                    String::new()
                } else {
                    format!(" It finishes by itself in {} s.", wait::HOLD_MAX.as_secs())
                };
                if carries {
                    format!(
                        "Part of it may have been carried over: {}.{live}",
                        self.place()
                    )
                } else {
                    format!(
                        "The detach is submitted: {} is on its way off {}. It should not stay \
                         attached to nothing.{live}",
                        names.eni, names.source
                    )
                }
            }
            Asked::Stuck => {
                let never = match &offer {
                    Some(Err(why)) => format!(" Stopping it is not offered: {why}."),
                    Some(Ok(_)) | None => String::new(),
                };
                format!(
                    "The detach hangs: {} has been detaching from {} for {detail}. The old \
                     instance may be too ill to let go.{never}",
                    names.eni, names.source
                )
            }
            Asked::Stranded if carries => {
                format!("It cannot all be carried over: {detail}. {}", self.place())
            }
            Asked::Stranded => format!(
                "{} is attached to nothing, and {} does not take it: {detail}",
                names.eni,
                match self.known.goal {
                    Goal::Target => &names.target,
                    Goal::Source => &names.source,
                }
            ),
        };
        self.asked = Some((asked, now));
        self.status.question = Some(Question { text, choices });
    }

    /// Stopping the source, where nothing forbids it.
    fn fence_choice(&self, offer: &Option<Result<String, String>>) -> Option<(Command, String)> {
        let (Some(Ok(cost)), Some(id)) = (offer, &self.plan.source) else {
            return None;
        };
        let text = format!(
            "fence: stop {}, so that it lets go; all that runs on it ends; {cost}type `{id}`",
            self.plan.names.source
        );
        Some((Command::Fence(id.to_string()), text))
    }

    fn wants_to_stop(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.has_moved() {
            self.stop_before(now, Ending::Aborted, out);
        } else if self.known.broken.is(Mutant::LeaveDetached) {
            self.close(now, Ending::Aborted, out);
        } else if self.attach_is_out() && !matches!(self.asked, Some((Asked::Stranded, _))) {
            self.note(
                now,
                "the attach is submitted already: it finishes; putting back is a plan of its own \
                 afterwards",
                out,
            );
        } else if self.known.goal == Goal::Target && self.asked.is_none() {
            self.ask(now, Asked::Abort, "");
        }
    }

    /// The attach is submitted, or will be as soon as its intent is durable.
    fn attach_is_out(&self) -> bool {
        let intended = matches!(
            &self.phase,
            Phase::Intending {
                call: Call::AttachNetworkInterface(_),
                ..
            }
        );
        intended || self.known.attach.made > 0
    }

    /// Ends before anything moves, as soon as nothing is under way.
    fn stop_before(&mut self, now: Time, ending: Ending, out: &mut Vec<Output>) {
        match self.phase {
            Phase::Idle => self.over(now, ending, out),
            Phase::Intending { .. } | Phase::Calling { .. } | Phase::Settling { .. } => {
                self.abort = Some(ending);
            }
            Phase::Closing { .. } | Phase::Over => {}
            _ => self.close(now, ending, out),
        }
    }

    fn finish_or_retry(&mut self, now: Time, out: &mut Vec<Output>) {
        let Some((asked, _)) = self.asked else { return };
        self.withdraw();
        if asked == Asked::Stuck {
            return;
        }
        self.chosen(now, "finish", out);
        if self.known.goal == Goal::Source {
            self.turn_round(now, Goal::Target);
        } else {
            self.known.forgive();
        }
        self.allowed = usize::MAX;
        self.on(now, out);
    }

    fn wants_back(&mut self, now: Time, out: &mut Vec<Output>) {
        let open = matches!(self.asked, Some((Asked::Abort | Asked::Stranded, _)));
        if !open || self.plan.source.is_none() {
            return;
        }
        self.withdraw();
        self.chosen(now, "put-back", out);
        if self.known.goal == Goal::Target {
            self.turn_round(now, Goal::Source);
        } else {
            self.known.forgive();
        }
        if self.known.broken.is(Mutant::UndoByReverseReplay)
            && let Some(call) = attach_call(&self.plan, Goal::Source)
        {
            self.intend(now, Call::AttachNetworkInterface(call), out);
            return;
        }
        self.allowed = usize::MAX;
        self.on(now, out);
    }

    /// What a person has answered is in the journal before anything follows from it.
    fn chosen(&mut self, now: Time, to: &str, out: &mut Vec<Output>) {
        if self.journal_broken.is_none() {
            let entry = Entry::Consent {
                to: to.to_owned(),
                typed: String::new(),
                how: "chosen".to_owned(),
            };
            self.journal(now, entry, out);
        }
    }

    /// Goes on, with a full look, unless a call is under way.
    pub(super) fn on(&mut self, now: Time, out: &mut Vec<Output>) {
        if matches!(
            self.phase,
            Phase::Resting { .. } | Phase::Sleeping { .. } | Phase::Looking { .. }
        ) {
            self.status.paused = false;
            self.phase = Phase::Sleeping {
                gaze: Gaze::Full,
                until: now,
            };
            self.look(now, Gaze::Full, out);
        }
    }

    /// Changes the goal. The way back has steps of its own.
    pub(super) fn turn(&mut self, now: Time, goal: Goal) {
        self.known.turn(goal);
        self.status.putting_back = goal == Goal::Source;
        match goal {
            Goal::Source => self.add_way_back(now),
            Goal::Target => {
                self.fail_step(now);
                let first = match self.plan.handovers.is_empty() {
                    true => StepKind::Attach,
                    false => StepKind::Handover(0),
                };
                if let Some(index) = self.index_of(first) {
                    self.status.current = index;
                    for step in self.status.steps.iter_mut().skip(index) {
                        if matches!(step.state, StepState::Skipped | StepState::Failed) {
                            step.state = StepState::Todo;
                        }
                    }
                }
            }
        }
    }

    fn add_way_back(&mut self, now: Time) {
        let waiting = self.kind() == Some(StepKind::WaitAvailable);
        if !waiting {
            self.leave_steps(now);
        }
        if !self.status.back.is_empty() {
            return;
        }
        if !self.plan.handovers.is_empty() {
            self.append(steps::carrying_back(&self.plan));
            return;
        }
        let Some(call) = attach_call(&self.plan, Goal::Source) else {
            return;
        };
        let of = |kind: StepKind| self.plan.steps.iter().find(|s| s.kind == kind);
        let rows = |kind: StepKind| of(kind).map_or_else(Vec::new, |s| s.rows.clone());
        let before = rows(StepKind::Verify);
        // Back at the source everything is as it was, but that a new attachment begins with
        // DeleteOnTermination off.
        let home = |label: &Str, now_is: &Str| {
            let was = before.iter().find(|r| r.label == *label);
            match was {
                Some(_) if **label == *"DeleteOnTermination" => "off".into(),
                Some(row) => Str::clone(&row.before),
                None => Str::clone(now_is),
            }
        };
        let predicted = |from: Vec<Row>, start: fn(&Row) -> Str| -> Vec<Row> {
            from.into_iter()
                .map(|row| Row {
                    before: start(&row),
                    forecast: home(&row.label, &row.before),
                    label: row.label,
                    now: None,
                    mark: Mark::Open,
                })
                .collect()
        };
        let arriving = predicted(rows(StepKind::WaitAvailable), |r| r.forecast.clone());
        let overall = predicted(before.clone(), |r| r.before.clone());
        let way = steps::arrival(
            &self.plan.names.source,
            call,
            arriving,
            overall,
            &self.plan.identity,
        );
        self.append(way);
    }

    fn append(&mut self, way: Vec<Step>) {
        self.status.steps.extend(way.iter().map(StepStatus::todo));
        self.status.back = way;
    }

    /// Attached to nothing, and the goal will not have it: ask, or without a person put it back.
    pub(super) fn stranded(&mut self, now: Time, why: &str, out: &mut Vec<Output>) {
        if !self.has_moved() {
            let why = format!("{why}; nothing was done");
            self.close(now, Ending::Refused(why), out);
            return;
        }
        if self.falls_back(now, why, out) {
            return;
        }
        if self.alone.is_none() {
            if !matches!(self.asked, Some((Asked::Stranded, _))) {
                self.ask(now, Asked::Stranded, why);
            }
            self.sleep(now, Gaze::Full);
            return;
        }
        let eligible = self.known.goal == Goal::Target
            && self
                .full
                .as_ref()
                .is_some_and(|world| may_go_back(&self.plan, world));
        if eligible {
            self.note(now, &format!("{why}: putting it back"), out);
            self.turn_round(now, Goal::Source);
            self.look(now, Gaze::Full, out);
        } else {
            self.close(now, self.needs_person(why), out);
        }
    }

    fn force(&mut self, now: Time, typed: &str, out: &mut Vec<Output>) {
        let waiting = matches!(self.phase, Phase::Sleeping { .. } | Phase::Looking { .. });
        let Some(attachment_id) = self.plan.attachment_id.clone() else {
            return;
        };
        if !matches!(self.asked, Some((Asked::Stuck, _))) || !waiting {
            return;
        }
        if typed.trim() != FORCE_PHRASE {
            self.note(now, "not forced: the phrase was not typed as shown", out);
            return;
        }
        if self.journal_broken.is_some() {
            self.note(now, "not forced: the journal cannot be written", out);
            return;
        }
        self.withdraw();
        let seq = self.journal(
            now,
            Entry::Consent {
                to: "force".to_owned(),
                typed: typed.trim().to_owned(),
                how: "typed".to_owned(),
            },
            out,
        );
        self.force = Some((seq, false));
        let call = Call::DetachNetworkInterface(Detach {
            attachment_id,
            force: true,
        });
        self.intend(now, call, out);
    }

    /// Nobody is there any more: reach a safe end.
    pub(super) fn left_alone(&mut self, now: Time, why: &str, out: &mut Vec<Output>) {
        let moved = self.has_moved();
        if moved {
            let step = self.status.step(self.status.current);
            let doing = step.map_or_else(String::new, |s| format!("{} {}", s.title, s.detail));
            let most = wait::ALONE_MAX.as_secs();
            let text = format!("alone: {why}; finishing: {doing} (at most {most} s)");
            self.note(now, &text, out);
        } else if !matches!(self.phase, Phase::Idle) {
            self.note(now, &format!("alone: {why}"), out);
        }
        if !moved {
            self.stop_before(now, Ending::Aborted, out);
            return;
        }
        self.alone.get_or_insert(now);
        self.allowed = usize::MAX;
        let was_asked = self.asked.is_some();
        self.withdraw();
        if matches!(self.phase, Phase::Resting { .. }) {
            self.status.paused = false;
            self.begin_step(now, out);
        } else if was_asked {
            self.on(now, out);
        }
    }
}
