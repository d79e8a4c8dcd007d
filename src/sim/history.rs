//! History: what was put in, what happened, and how to go back.
//!
//! Invariants: every change of the simulator's state passes through here first and leaves behind
//! what was there before, so that going back costs as much as what is taken back and never as much
//! as the world; the rest of a moment, a few numbers, is copied at each accepted call.
//!
//! The timeline beside it remembers the same changes forwards, to be looked at and never to be taken
//! back (`sim/timeline`).
//!
//! Bounds: the newest [`UNDO_MAX`] accepted calls can be taken back, fewer when more than
//! [`OLD_MAX`] single changes (mostly requests of clients) lie behind them; the newest
//! [`INPUTS_MAX`] inputs and [`HAPPENINGS_MAX`] happenings are kept.

mod resource;

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::faults::{Ask, Fate, Fault, Item, Placed, Road};
use super::mint::Dice;
use super::scenario::Event;
use super::timeline::Timeline;
use crate::ec2::call::{Answer, Call};
use crate::ec2::eni::Eni;
use crate::ec2::error::ApiError;
use crate::ec2::id::{AttachmentId, EniId, InstanceId, NatGatewayId, Str};
use crate::ec2::sample::Sample;
use crate::ec2::time::Time;
use crate::rules::effect::Transition;
pub use resource::Resource;

/// Accepted calls that can be taken back.
pub const UNDO_MAX: usize = 1_000;
/// Single changes kept for taking back.
pub const OLD_MAX: usize = 1_000_000;
/// Inputs kept.
pub const INPUTS_MAX: usize = 100_000;
/// Happenings kept.
pub const HAPPENINGS_MAX: usize = 10_000;

/// What was put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A call, and when.
    Call(Time, Call),
    /// Time moved on to this moment. Moves one after the other are one.
    Advance(Time),
    /// A switch was put in, and when.
    Inject(Time, Item),
    /// All switches were taken out, and when.
    Calm(Time),
    /// The switch of this number was taken out, and when.
    TakeOut(Time, u64),
    /// A request went out while switches were on: when, whose, and what it was.
    Ask(Time, Str, Ask),
    /// A call that is on its way: when it was sent, and for how long.
    Late(Time, Call, Duration),
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A call was answered.
    Called {
        /// Who submitted it; `None` is the person at the keys.
        by: Option<Str>,
        /// The call.
        call: Call,
        /// The answer.
        answer: Result<Answer, ApiError>,
    },
    /// A transition ended.
    Settled(Transition),
    /// A guest sees an interface.
    GuestUp(EniId, AttachmentId),
    /// A scripted event that is no call.
    Event(Event),
    /// A switch went on, or off.
    Fault(Fault, bool),
    /// Something else became of a request of this action than an answer at once.
    Fate(Str, Fate),
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The end of a transition.
    Transition(Transition),
    /// A guest sees an interface.
    GuestUp(EniId, AttachmentId),
    /// A guest has the addresses that EC2 says.
    GuestAddresses(EniId),
    /// A terminated instance is no longer shown.
    InstanceForgotten(InstanceId),
    /// A deleted NAT gateway is no longer shown.
    NatGatewayForgotten(NatGatewayId),
    /// A scripted event.
    Event(Event),
    /// The switch of this number goes on, or off.
    Fault(u64, bool),
    /// The second operator of this number does something.
    Operator(u64),
    /// A call arrives that was long on its way.
    Arrival(Call),
}

/// When something is due; the number keeps the order of what is due at one moment.
pub type DueKey = (Time, u64);

/// A position on an instance: card and device index.
pub type Slot = (InstanceId, u32, u32);

/// What was there before a change.
#[derive(Clone, Debug)]
pub enum Old {
    /// A resource, or none.
    Resource(Resource),
    /// Something due, or nothing.
    Due(DueKey, Option<Due>),
    /// Whether a guest was still without its interface.
    Dark(AttachmentId, bool),
    /// Whether a position was unusable after a forced detach.
    Poisoned(Slot, bool),
    /// The switches that were put in.
    Faults(Vec<Placed>),
    /// What a guest still showed at a position, or nothing.
    Held(Slot, Option<Arc<Eni>>),
    /// The addresses that a guest still had of an interface, if they were not EC2's.
    Lagging(EniId, Option<Vec<Ipv4Addr>>),
    /// Something was changed outside of EC2.
    Outside,
    /// Whether a service listened on an instance.
    Listens(Str, InstanceId, bool),
    /// A request was added to the strip of this client; the one that it pushed out.
    Sample(usize, Option<Sample>),
    /// An input was added; the one that it pushed out.
    Input(Option<Input>),
    /// The newest input was another.
    LastInput(Input),
    /// A happening was added; the one that it pushed out.
    Happening(Option<Arc<Happening>>),
}

/// The part of a moment that is copied whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Virtual time.
    pub now: Time,
    /// The state of chance.
    pub dice: Dice,
    /// The road that requests travel on.
    pub road: Arc<Road>,
    /// Calls answered so far.
    pub requests: u64,
    /// The next number in the queue of what is due.
    pub sequence: u64,
    /// When each client asks next.
    pub next_request: Vec<Time>,
}

/// A moment that can be gone back to.
#[derive(Clone, Debug)]
struct Checkpoint {
    call: Call,
    moment: Moment,
    /// Changes before it, counted from the beginning.
    changes: u64,
    /// Points of the timeline before it, counted from the beginning.
    points: u64,
}

/// A queue of bounded length that knows how to take the newest entry back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring<T> {
    kept: VecDeque<T>,
    max: usize,
}

impl<T> Ring<T> {
    fn new(max: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            max,
        }
    }

    fn push(&mut self, entry: T) -> Option<T> {
        self.kept.push_back(entry);
        if self.kept.len() > self.max {
            self.kept.pop_front()
        } else {
            None
        }
    }

    fn take_back(&mut self, pushed_out: Option<T>) {
        self.kept.pop_back();
        if let Some(entry) = pushed_out {
            self.kept.push_front(entry);
        }
    }
}

/// Everything that is remembered.
#[derive(Clone, Debug)]
pub struct History {
    inputs: Ring<Input>,
    happenings: Ring<Arc<Happening>>,
    timeline: Timeline,
    checkpoints: VecDeque<Checkpoint>,
    old: VecDeque<Old>,
    /// Changes since the beginning: those kept in `old` and those forgotten.
    changes: u64,
    /// Happenings since the beginning, but those that were taken back.
    happened: u64,
}

impl History {
    /// Nothing has happened yet, on this timeline.
    pub(super) fn new(timeline: Timeline) -> Self {
        Self {
            inputs: Ring::new(INPUTS_MAX),
            happenings: Ring::new(HAPPENINGS_MAX),
            timeline,
            checkpoints: VecDeque::new(),
            old: VecDeque::new(),
            changes: 0,
            happened: 0,
        }
    }

    /// What was put in, oldest first.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.inputs.kept.iter()
    }

    /// Nothing that was put in is forgotten.
    pub fn is_whole(&self) -> bool {
        // A full ring may have lost its first.
        self.inputs.kept.len() < self.inputs.max
    }

    /// What happened, oldest first.
    pub fn happenings(&self) -> impl Iterator<Item = &Happening> {
        self.happenings.kept.iter().map(|happening| &**happening)
    }

    /// Every change, to be looked at again.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub(super) fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// How much has happened since the beginning.
    pub fn count(&self) -> u64 {
        self.happened
    }

    /// What happened after the first so many, oldest first, as far as it is remembered.
    pub fn happenings_after(&self, count: u64) -> impl Iterator<Item = &Happening> {
        let newer = self.happened.saturating_sub(count);
        let newer = usize::try_from(newer).unwrap_or(usize::MAX);
        let known = self.happenings.kept.len();
        self.happenings
            .kept
            .iter()
            .skip(known.saturating_sub(newer))
            .map(|happening| &**happening)
    }

    /// How many calls can be taken back.
    pub fn undoable(&self) -> usize {
        self.checkpoints.len()
    }

    /// Remembers what a change replaces; for nothing, where no call could be taken back.
    pub(super) fn keep(&mut self, old: Old) {
        self.timeline.will_change(&old);
        if self.checkpoints.is_empty() {
            return;
        }
        self.old.push_back(old);
        self.changes += 1;
        if self.old.len() > OLD_MAX {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        self.checkpoints.pop_front();
        let first_kept = self.checkpoints.front().map_or(self.changes, |c| c.changes);
        let len = u64::try_from(self.old.len()).unwrap_or(u64::MAX);
        let forgotten = first_kept - (self.changes - len);
        self.old
            .drain(..usize::try_from(forgotten).unwrap_or(usize::MAX));
    }

    pub(super) fn put_in(&mut self, input: Input) {
        if let (Input::Advance(_), Some(last @ Input::Advance(_))) =
            (&input, self.inputs.kept.back_mut())
        {
            let before = std::mem::replace(last, input);
            self.keep(Old::LastInput(before));
            return;
        }
        let pushed_out = self.inputs.push(input);
        self.keep(Old::Input(pushed_out));
    }

    pub(super) fn happened(&mut self, at: Time, what: Happened) {
        self.happened += 1;
        let happening = Arc::new(Happening { at, what });
        self.timeline.happened(Arc::clone(&happening));
        let pushed_out = self.happenings.push(happening);
        self.keep(Old::Happening(pushed_out));
    }

    /// Marks the moment before a call.
    pub(super) fn checkpoint(&mut self, call: &Call, moment: Moment) {
        self.checkpoints.push_back(Checkpoint {
            call: call.clone(),
            moment,
            changes: self.changes,
            points: self.timeline.end(),
        });
        if self.checkpoints.len() > UNDO_MAX {
            self.forget_oldest();
        }
    }

    /// The newest call was refused: there is nothing to take back.
    pub(super) fn drop_checkpoint(&mut self) {
        self.checkpoints.pop_back();
        if self.checkpoints.is_empty() {
            self.old.clear();
        }
    }

    /// The newest checkpoint, the points of the timeline before it, and what has to be put back for
    /// it, newest first.
    pub(super) fn take_back(&mut self) -> Option<(Call, Moment, u64, Vec<Old>)> {
        let checkpoint = self.checkpoints.pop_back()?;
        let since = usize::try_from(self.changes - checkpoint.changes).unwrap_or(usize::MAX);
        let keep = self.old.len().saturating_sub(since);
        self.changes = checkpoint.changes;
        self.timeline
            .go_back_to(checkpoint.points, checkpoint.moment.now);
        let old = self.old.split_off(keep).into_iter().rev();
        let mut rest = Vec::new();
        for old in old {
            match old {
                Old::Input(pushed_out) => self.inputs.take_back(pushed_out),
                Old::Happening(pushed_out) => {
                    self.happened = self.happened.saturating_sub(1);
                    self.happenings.take_back(pushed_out);
                }
                Old::LastInput(before) => {
                    if let Some(last) = self.inputs.kept.back_mut() {
                        *last = before;
                    }
                }
                other => rest.push(other),
            }
        }
        Some((checkpoint.call, checkpoint.moment, checkpoint.points, rest))
    }
}
