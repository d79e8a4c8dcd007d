//! A lesson that is played on a served world by its clients, without a screen.
//!
//! Invariants: goals are judged at every moment of the world, so that one that holds for a moment
//! only is seen; what is met is told once, as lines.

use std::sync::Arc;

use crate::lessons::play::{self, News};
use crate::lessons::progress::Progress;
use crate::lessons::{Lesson, Play};
use crate::sim::Sim;
use crate::sim::history::Happened;

/// What there is to tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// For whoever reads the log.
    pub lines: Vec<String>,
    /// How far they have come, where that has changed.
    pub progress: Option<Progress>,
}

/// A lesson and how far its clients have come.
#[derive(Debug)]
pub struct Class {
    play: Play,
    progress: Progress,
    told: Told,
}

impl Class {
    /// A lesson at its beginning, in the world that is served.
    pub fn new(lesson: Arc<Lesson>, progress: Progress, sim: &Sim) -> Self {
        let mut class = Self {
            play: Play::new(lesson, sim.world(), sim.now()),
            progress,
            told: Told::default(),
        };
        let lesson = Arc::clone(class.play.lesson());
        class.say(format!("lesson {}: {}", lesson.name, lesson.title));
        let told = lesson.over_the_wire().into_iter();
        told.for_each(|line| class.say(line.to_owned()));
        class.step();
        class
    }

    /// The same lesson from its beginning.
    pub fn again(self, sim: &Sim) -> Self {
        Self::new(Arc::clone(self.play.lesson()), self.progress, sim)
    }

    /// How it is being played.
    pub fn play(&self) -> &Play {
        &self.play
    }

    /// What there is to tell; asked once.
    pub(super) fn told(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }

    /// A client was answered, or its call has arrived late; what has happened after the first `count`
    /// is its doing.
    pub fn heard(&mut self, sim: &Sim, count: u64) {
        let world = sim.world();
        for happening in sim.history().happenings_after(count) {
            if let Happened::Called {
                by: None,
                call,
                answer,
            } = &happening.what
            {
                self.play.heard(call, answer, &world);
            }
        }
        self.look(sim);
    }

    /// Judges the goals as the world is now.
    pub fn look(&mut self, sim: &Sim) {
        let now = sim.now();
        let steps = self.play.lesson().steps.len();
        for news in self.play.look(&sim.world(), sim.strips(), now) {
            let at = now.clock();
            match news {
                News::Goal(words) => self.say(format!("{at} goal met: {words}")),
                News::Step(n) => {
                    self.say(format!("{at} step {n} of {steps} is done"));
                    let name = self.play.lesson().name.clone();
                    self.progress.reached(&name, n);
                    self.told.progress = Some(self.progress.clone());
                    self.step();
                }
                News::Done => self.done(),
            }
        }
    }

    fn done(&mut self) {
        let lesson = Arc::clone(self.play.lesson());
        let calls = play::calls(self.play.calls());
        self.progress.done(&lesson.name, Some(self.play.calls()));
        self.told.progress = Some(self.progress.clone());
        let best = lesson.best;
        self.say(format!("done with {calls}; best known {best}"));
        lesson
            .idea
            .lines()
            .for_each(|line| self.say(line.to_owned()));
    }

    /// What is to be done now.
    fn step(&mut self) {
        let Some(step) = self.play.step() else { return };
        let (n, of) = (self.play.number(), self.play.lesson().steps.len());
        let mut lines = vec![format!("step {n} of {of}: {}", step.text)];
        lines.extend(step.goals.iter().map(|g| format!("  goal: {}", g.words())));
        lines.into_iter().for_each(|line| self.say(line));
    }

    fn say(&mut self, line: String) {
        self.told.lines.push(line);
    }
}
