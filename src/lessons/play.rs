//! One lesson being played: the present step, its goals, hints, and the count of calls.
//!
//! Invariants: only the present step's goals are looked at; a goal that was met stays met, unless it says `still`; a step ends
//! when all its goals are met, and only then does the next one begin.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::goal::{Deed, Goal, Scene};
use super::lesson::{Lesson, Speech, Step};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// Deeds kept for the goals of a step; a learner who makes more has long found what they do.
const DEEDS_MAX: usize = 1_000;

/// Key of the tag by which a client says that a report was written.
pub const REPORT: &str = "report";

/// A lesson being played.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    lesson: Arc<Lesson>,
    beginning: Arc<World>,
    /// The present step; as many as there are when all is done.
    step: usize,
    /// Which goals of the present step are met.
    met: Vec<bool>,
    /// When the present step began.
    since: Time,
    /// What was done since then.
    deeds: Vec<Deed>,
    /// Hints of the present step that were shown.
    hints: usize,
    /// Calls made so far, refused ones and those of failovers included, what was taken back not.
    calls: u32,
    /// Interfaces that clients have detached and not attached again yet.
    detached: BTreeSet<EniId>,
    /// The solution was shown: it counts as seen, not as solved by oneself.
    shown: bool,
}

/// A number of calls in words.
pub fn calls(n: u32) -> String {
    match n {
        1 => "1 call".to_owned(),
        n => format!("{n} calls"),
    }
}

/// What a look brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A goal is met: its words.
    Goal(String),
    /// The step with this number, from 1, is done.
    Step(usize),
    /// The lesson is done.
    Done,
}

impl Play {
    /// A lesson at its beginning.
    pub fn new(lesson: Arc<Lesson>, world: Arc<World>, now: Time) -> Self {
        let mut play = Self {
            lesson,
            beginning: world,
            step: 0,
            met: Vec::new(),
            since: now,
            deeds: Vec::new(),
            hints: 0,
            calls: 0,
            detached: BTreeSet::new(),
            shown: false,
        };
        play.begin_step(now);
        play
    }

    fn begin_step(&mut self, now: Time) {
        self.since = now;
        self.deeds.clear();
        self.hints = 0;
        self.met = vec![false; self.step().map_or(0, |s| s.goals.len())];
    }

    /// The lesson.
    pub fn lesson(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// The present step; `None` when all is done.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.step)
    }

    /// Number of the present step, from 1.
    pub fn number(&self) -> usize {
        self.step + 1
    }

    /// The goals of the present step and whether each is met.
    pub fn goals(&self) -> impl Iterator<Item = (&Goal, bool)> {
        let goals = self.step().map(|s| s.goals.as_slice()).unwrap_or_default();
        goals.iter().zip(self.met.iter().copied())
    }

    /// Every step is done.
    pub fn is_done(&self) -> bool {
        self.step().is_none()
    }

    /// Calls made so far: refused ones and those of failovers count, what was taken back does not.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// The solution was shown.
    pub fn was_shown(&self) -> bool {
        self.shown
    }

    /// The solution is shown.
    pub fn show(&mut self) {
        self.shown = true;
    }

    /// The next hint of this step, its number from 1, and how many there are; the last one again
    /// when there is no further one.
    pub fn hint(&mut self, speech: Speech) -> Option<(usize, usize, &str)> {
        let all = self.lesson.steps.get(self.step)?.hints(speech);
        self.hints = (self.hints + 1).min(all.len());
        let hint = all.get(self.hints.checked_sub(1)?)?;
        Some((self.hints, all.len(), hint))
    }

    /// Hints shown and there, of this step.
    pub fn hints(&self, speech: Speech) -> (usize, usize) {
        (self.hints, self.step().map_or(0, |s| s.hints(speech).len()))
    }

    /// So many calls were made by an operation on the learner's behalf.
    pub fn flown(&mut self, calls: usize) {
        self.calls += u32::try_from(calls).unwrap_or(u32::MAX);
    }

    /// A call was taken back: it was tried, and does not count.
    pub fn taken_back(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }

    /// Something was done.
    pub fn deed(&mut self, deed: Deed) {
        if matches!(deed, Deed::Called(..)) {
            self.calls += 1;
        }
        if self.deeds.len() < DEEDS_MAX {
            self.deeds.push(deed);
        }
    }

    /// A client of the served world has made a call; `world` is what has become of it. A detach and
    /// an attach of the same interface are what a failover is over the wire, and a tag [`REPORT`] on
    /// whatever it is about says that a report was written, and where it is.
    pub fn heard(&mut self, call: &Call, answer: &Result<Answer, ApiError>, world: &World) {
        let code = answer.as_ref().err().map(|e| e.code.clone());
        let accepted = code.is_none();
        self.deed(Deed::Called(call.action().into(), code));
        match call {
            Call::DetachNetworkInterface(c) if accepted => {
                let eni = world.eni_of_attachment(&c.attachment_id);
                self.detached.extend(eni.map(|eni| eni.id.clone()));
            }
            Call::AttachNetworkInterface(c)
                if accepted && self.detached.remove(&c.network_interface_id) =>
            {
                self.deed(Deed::Moved(c.network_interface_id.clone()));
            }
            Call::CreateTags(c) if accepted && c.tags.iter().any(|t| &*t.key == REPORT) => {
                self.deed(Deed::Wrote);
            }
            _ => {}
        }
    }

    /// Looks at the world as it is now, and says what that brought.
    pub fn look(&mut self, world: &World, strips: &[Strip], now: Time) -> Vec<News> {
        let mut news = Vec::new();
        let lesson = Arc::clone(&self.lesson);
        let Some(step) = lesson.steps.get(self.step) else {
            return news;
        };
        let scene = Scene {
            beginning: &self.beginning,
            world,
            strips,
            since: self.since,
            deeds: &self.deeds,
        };
        for (goal, met) in step.goals.iter().zip(&mut self.met) {
            if let Goal::Still(_) = goal {
                *met = goal.met(&scene);
            } else if !*met && goal.met(&scene) {
                *met = true;
                news.push(News::Goal(goal.words()));
            }
        }
        // One step a look: what the learner did for this one does not count for the next.
        if self.met.iter().all(|met| *met) {
            news.push(News::Step(self.step + 1));
            self.step += 1;
            self.begin_step(now);
            if self.is_done() {
                news.push(News::Done);
            }
        }
        news
    }
}
