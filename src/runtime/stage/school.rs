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
use crate::sim::saved::Settings;

/// What a lesson begins with: a class sees the same identifiers.
pub(super) const SETTINGS: Settings = Settings {
    seed: 1,
    attach_time: None,
    detach_time: None,
};

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

    /// The same on a served world: clients act on it too, and its time runs.
    pub(in crate::runtime) fn enter_class(&mut self, school: School, settings: Settings) {
        self.lesson_settings = settings;
        self.enter_school(school, true);
    }

    /// A lesson is being played.
    pub(in crate::runtime) fn plays_lesson(&self) -> bool {
        let school = self.model.school.as_ref();
        school.is_some_and(|s| s.play.is_some())
    }

    /// The world of a lesson that has begun since the last time, for whoever has to know which it is.
    pub(in crate::runtime) fn take_begun(&mut self) -> Option<(String, String)> {
        self.begun.take()
    }

    /// After another world was loaded: in the same one the lesson begins again, any other is a sandbox.
    pub(super) fn go_on_with(&mut self, school: Option<School>, same: bool) {
        let Some(mut school) = school else { return };
        let at = school.at;
        let again = school.play.take().is_some() && same;
        self.model.school = Some(school);
        if again {
            self.show_lesson(at);
            self.pump();
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
        let sim = match Sim::begin(&file, &lesson.world_text, &self.lesson_settings) {
            Ok(sim) => sim,
            Err(error) => {
                self.note(&error.to_string());
                return;
            }
        };
        self.sim = sim;
        self.flight = None;
        self.begun = Some((file, lesson.world_text.clone()));
        self.show_lesson(at);
    }

    /// The lesson begins on the world that is on the stage.
    fn show_lesson(&mut self, at: usize) {
        let world = self.sim.world();
        let sky = Sky::sim(self.sim.name(), &world.account, &world.region);
        self.clock = if self.shared {
            Clock::Run
        } else {
            Clock::Pause
        };
        self.running = false;
        self.still_since = None;
        self.undone.clear();
        self.requests_seen = None;
        self.lags = crate::sim::guest::Lags::default();
        self.inbox.push_back(Msg::Lesson {
            at,
            sky,
            world,
            focus: self.sim.focus(),
            prologue: self.sim.prologue().to_vec(),
        });
        self.publish_world();
        self.publish_strips();
    }
}
