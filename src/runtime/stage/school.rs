//! Lessons on the stage: each begins on a simulator of its own.
//!
//! Invariant: a lesson begins in the same way every time: same world, same seed.

use std::sync::Arc;

use super::Stage;
use crate::app::effect::Clock;
use crate::app::msg::Msg;
use crate::app::school::School;
use crate::failover::sky::Sky;
use crate::sim::Sim;

/// Seed of every lesson: a class sees the same identifiers.
const SEED: u64 = 1;

impl Stage {
    /// Opens the school: the lesson with this number begins, or the list is shown.
    pub fn enter_school(&mut self, school: School, begin: bool) {
        let at = school.at;
        self.model.school = Some(school);
        if begin {
            self.begin_lesson(at);
            self.pump();
        } else {
            self.msg(Msg::Key(crate::app::msg::Key::Char('M')));
        }
    }

    /// Puts the lesson's world on the stage.
    pub(super) fn begin_lesson(&mut self, at: usize) {
        if self.is_flying() {
            self.note("a failover is under way: wait for its end");
            return;
        }
        let lesson = self.model.school.as_ref().and_then(|s| s.course.get(at));
        let Some(lesson) = lesson.map(Arc::clone) else {
            return;
        };
        let file = format!("{}.toml", lesson.world);
        let sim = match Sim::load(&file, &lesson.world_text, SEED) {
            Ok(sim) => sim,
            Err(error) => {
                self.note(&error.to_string());
                return;
            }
        };
        let world = sim.world();
        let sky = Sky::sim(sim.name(), &world.account, &world.region);
        let focus = sim.focus();
        let prologue = sim.prologue().to_vec();
        self.sim = sim;
        self.flight = None;
        self.clock = Clock::Pause;
        self.still_since = None;
        self.undone.clear();
        self.requests_seen = None;
        self.lags = crate::sim::guest::Lags::default();
        self.inbox.push_back(Msg::Lesson {
            at,
            sky,
            world,
            focus,
            prologue,
        });
        self.publish_world();
        self.publish_strips();
    }
}
