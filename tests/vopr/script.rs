//! Cases without chance: where a process dies, what goes wrong meanwhile, and which end it is to go to.
//!
//! Invariant: a script and the ground give one history; every draw of the dice is the least.

use std::time::Duration;

use enipilot::ec2::call::Call;
use enipilot::ec2::eni::AttachmentStatus;
use enipilot::failover::engine::{Gaze, Goal, Output};
use enipilot::failover::journal::Entry;
use enipilot::failover::mechanism::Mechanism;

use super::ground;
use super::people::Deed;
use super::run::{Event, Run};

/// A step of the first process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Protect,
    Detach,
    /// Until it is available.
    Available,
    Attach,
    /// Until it is attached.
    Attached,
    Verify,
    /// The call of this handover.
    Carry(usize),
}

/// Where in the step it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before the intent is written.
    BeforeIntent,
    /// The intent is durable, the call is not sent.
    Intended,
    /// The call is sent and lost.
    Lost,
    /// The call is sent and takes effect; nobody hears the answer.
    Applied,
    /// The same, long after the next process has begun.
    Late,
    /// The answer is heard, its outcome is not durable.
    Unrecorded,
    /// The outcome is durable.
    Recorded,
    /// While it waits for EC2, or looks.
    Waiting,
}

/// What goes wrong between two processes, or from the takeover on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// The first looks show the world of eight seconds ago.
    Stale,
    /// Somebody else moves it to the source, anew.
    ToSource,
    /// To a third instance.
    ToThird,
    /// Somebody else detaches it.
    ToNowhere,
    /// The end to which it is to go is stopped.
    EndStopped,
    /// It is terminated.
    EndTerminated,
    /// Another interface takes the device index there.
    IndexTaken,
    /// EC2 forbids every call that changes something.
    Forbidden,
    /// EC2 forbids everything: the credentials have expired.
    Expired,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Script {
    pub mechanism: Mechanism,
    pub step: Step,
    pub point: Point,
    /// The process that takes it over dies as well, once its consent is durable.
    pub twice: bool,
    pub goal: Goal,
    pub trouble: Trouble,
    /// Processes that have died so far.
    pub deaths: usize,
}

/// Whoever takes it over comes so long after the death.
const SOON: Duration = Duration::from_secs(2);
/// What somebody else does takes its time.
const LATER: Duration = Duration::from_secs(60);
/// Looks are stale for so long after the first death, by so much.
const STALE: Duration = Duration::from_secs(8);

impl Script {
    /// A late call takes effect so long after it was sent.
    pub const LATE: Duration = Duration::from_secs(15);

    fn is_call(&self, run: &Run, call: &Call) -> bool {
        match (self.step, call) {
            (Step::Protect, Call::ModifyNetworkInterfaceAttribute(_))
            | (Step::Detach, Call::DetachNetworkInterface(_))
            | (Step::Attach, Call::AttachNetworkInterface(_)) => true,
            (Step::Carry(n), call) => {
                let handover = run.op.plan.handovers.get(n);
                handover.is_some_and(|h| h.over == *call)
            }
            _ => false,
        }
    }

    fn is_outcome(&self, run: &Run, entry: &Entry) -> bool {
        let Entry::Outcome { of, .. } = entry else {
            return false;
        };
        let sent = run.op.sent.iter().find(|s| s.ticket == *of);
        sent.is_some_and(|s| self.is_call(run, &s.call))
    }
}

impl Run {
    /// The script, while its first death is still to come.
    fn deadly(&self) -> Option<&Script> {
        self.script.as_ref().filter(|script| script.deaths == 0)
    }

    /// The first process dies before it does this.
    pub fn dies_before(&self, output: &Output) -> bool {
        let Some(script) = self.deadly() else {
            return false;
        };
        match (script.point, output) {
            (Point::BeforeIntent, Output::Journal(record)) => {
                matches!(&record.entry, Entry::Intent { call, .. } if script.is_call(self, call))
            }
            (Point::Intended, Output::Submit(_, call)) => script.is_call(self, call),
            (Point::Unrecorded, Output::Journal(record)) => {
                let verdict = matches!(record.entry, Entry::Verdict { .. });
                script.is_outcome(self, &record.entry) || (script.step == Step::Verify && verdict)
            }
            (Point::Waiting, Output::Look(gaze)) => self.is_waiting(script.step, *gaze),
            _ => false,
        }
    }

    /// It dies as soon as it has done this.
    pub fn dies_after(&self, output: &Output) -> bool {
        let Some(script) = self.deadly() else {
            return false;
        };
        let unanswered = matches!(script.point, Point::Lost | Point::Applied | Point::Late);
        matches!(output, Output::Submit(_, call) if unanswered && script.is_call(self, call))
    }

    /// It dies as soon as this record is durable.
    pub fn dies_once_durable(&self, seq: u64) -> bool {
        let Some(script) = &self.script else {
            return false;
        };
        let record = self.op.file.records().iter().find(|r| r.seq == seq);
        let Some(entry) = record.map(|r| &r.entry) else {
            return false;
        };
        if script.deaths == 1 && script.twice {
            return matches!(entry, Entry::Consent { .. });
        }
        script.deaths == 0 && script.point == Point::Recorded && script.is_outcome(self, entry)
    }

    fn is_waiting(&self, step: Step, gaze: Gaze) -> bool {
        let world = self.ec2.sim.world();
        let attachment = world
            .eni(&ground::eni())
            .and_then(|e| e.attachment.as_ref());
        let status = attachment.map(|a| (&a.status, a.instance_id.as_ref()));
        match (step, status) {
            (Step::Available, Some((AttachmentStatus::Detaching, _)))
            | (Step::Attached, Some((AttachmentStatus::Attaching, _))) => true,
            (Step::Verify, Some((AttachmentStatus::Attached, at))) => {
                gaze == Gaze::Full && at == Some(&ground::instance(1))
            }
            _ => false,
        }
    }

    /// What becomes of a call of the first process that the script speaks of.
    pub fn fate_in_script(&self, call: &Call) -> Option<Point> {
        let script = self.deadly()?;
        let fate = matches!(script.point, Point::Lost | Point::Applied | Point::Late);
        (fate && script.is_call(self, call)).then_some(script.point)
    }

    /// A process has died: what goes wrong now, and who comes.
    pub fn follow_script(&mut self) {
        let Some(script) = &mut self.script else {
            return;
        };
        script.deaths += 1;
        let (deaths, twice, trouble, goal) =
            (script.deaths, script.twice, script.trouble, script.goal);
        let end = match goal {
            Goal::Target => 1,
            Goal::Source => 0,
        };
        let deeds = match trouble {
            Trouble::ToSource => vec![Deed::Free, Deed::MoveTo(0)],
            Trouble::ToThird => vec![Deed::Free, Deed::MoveTo(2)],
            Trouble::ToNowhere => vec![Deed::Free],
            Trouble::EndStopped => vec![Deed::Stop(end)],
            Trouble::EndTerminated => vec![Deed::Terminate(end)],
            Trouble::IndexTaken => vec![Deed::TakeIndex(end)],
            Trouble::None | Trouble::Stale | Trouble::Forbidden | Trouble::Expired => Vec::new(),
        };
        let mut pause = SOON;
        if deaths == 1 && !deeds.is_empty() {
            pause = LATER;
            for (n, deed) in deeds.into_iter().enumerate() {
                let at = Duration::from_secs(1 + 20 * n as u64);
                self.after(at, Event::Deed(deed, 40));
            }
        }
        let open = self.op.file.is_open();
        if open && deaths <= 1 + usize::from(twice) {
            self.after(pause, Event::TakeOver(self.flight));
        } else {
            self.after(super::run::LATE, Event::Stop(self.flight));
        }
    }

    /// How far behind the truth a look is by the script.
    pub fn lag_of_script(&self) -> Duration {
        let stale = self
            .script
            .as_ref()
            .is_some_and(|s| s.trouble == Trouble::Stale);
        match self.first_taken {
            None if stale => STALE,
            Some(at) if stale && self.now < at + STALE => STALE,
            _ => Duration::ZERO,
        }
    }

    /// EC2 refuses this by the script.
    pub fn forbidden_by_script(&self, is_look: bool) -> Option<&'static str> {
        let script = self.script.as_ref()?;
        if self.op.takeovers == 0 {
            return None;
        }
        match script.trouble {
            Trouble::Expired => Some("ExpiredToken"),
            Trouble::Forbidden if !is_look => Some("UnauthorizedOperation"),
            _ => None,
        }
    }
}
