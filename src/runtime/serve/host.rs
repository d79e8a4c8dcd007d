//! The screen of a served world.
//!
//! Invariants: the desk is held while something is computed, and never while the terminal is
//! written or waited for, so that a terminal that takes nothing keeps no client waiting; requests
//! are shown [`LOOK`] apart at most, however many there are.

use std::time::{Duration, Instant};

use super::desk::{Desk, Shared, at};
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::runtime::landed::Landed;
use crate::runtime::shell::Host;
use crate::runtime::stage::{Outward, Stage};

/// Between two looks at what clients do.
const LOOK: Duration = Duration::from_millis(50);
/// So long after its last request a client may be in the middle of something.
const ACTIVE: Duration = Duration::from_secs(5);

/// A seat at the desk.
#[derive(Debug)]
pub(super) struct ServeHost {
    desk: Shared<Stage>,
    looked: Option<Instant>,
    active: bool,
}

impl ServeHost {
    /// The screen at this desk.
    pub fn new(desk: Shared<Stage>) -> Self {
        Self {
            desk,
            looked: None,
            active: false,
        }
    }

    /// The screen is gone: the operation under way, if any, reaches its safe end at once.
    pub fn land(&mut self, why: &str) -> Option<Landed> {
        at(&self.desk).behind_mut().land(why)
    }

    fn next_look(&self) -> Option<Instant> {
        self.looked.map(|looked| looked + LOOK)
    }
}

/// Shows what has happened since the last look.
fn follow(desk: &mut Desk<Stage>) {
    let (list, skipped) = desk.untold();
    let stage = desk.behind_mut();
    let undoable = stage.sim().history().undoable();
    if !list.is_empty() {
        stage.msg(Msg::Exchanged {
            list,
            skipped,
            undoable,
        });
    }
    stage.follow();
}

impl Host for ServeHost {
    fn with_model<R>(&self, look: impl FnOnce(&Model) -> R) -> R {
        look(at(&self.desk).behind().model())
    }

    fn msg(&mut self, msg: Msg) {
        let mut desk = at(&self.desk);
        if let Msg::Key(_) = msg {
            // The key means the world that it will act on.
            follow(&mut desk);
            let active = desk.was_asked(Instant::now(), ACTIVE);
            if active != self.active {
                self.active = active;
                desk.behind_mut().msg(Msg::ClientsActive(active));
            }
        }
        desk.behind_mut().msg(msg);
        if let Some((file, text)) = desk.behind_mut().take_begun() {
            // What is reset and saved from here on is the lesson's world.
            desk.origin.file = file;
            desk.origin.text = text;
        }
    }

    fn pass(&mut self, now: Instant) {
        let early = self.next_look().is_some_and(|look| now < look);
        let mut desk = at(&self.desk);
        desk.turn(now);
        if early && desk.is_untold() {
            return;
        }
        if desk.is_untold() {
            self.looked = Some(now);
        }
        follow(&mut desk);
    }

    fn wake(&self, now: Instant) -> Option<Instant> {
        let desk = at(&self.desk);
        let stage = desk.behind();
        let due = stage.next_due().filter(|_| stage.runs());
        let due = due.and_then(|due| now.checked_add(desk.takes(due.since(stage.now()))));
        let look = self.next_look().filter(|_| desk.is_untold());
        // Nothing is shown before the next look, which shows everything.
        look.or(due)
    }

    fn ticks(&self) -> bool {
        at(&self.desk).behind().runs()
    }

    fn changes(&self) -> u64 {
        at(&self.desk).behind().changes()
    }

    fn drawn(&mut self, shown: u64) -> u64 {
        // Clients may come between any two looks at the desk.
        let mut desk = at(&self.desk);
        let stage = desk.behind_mut();
        let others = stage.changes() != shown;
        stage.msg(Msg::Drawn);
        if others { shown } else { stage.changes() }
    }

    fn take_outbox(&mut self) -> Vec<Outward> {
        at(&self.desk).behind_mut().take_outbox()
    }

    fn busy(&self) -> Option<&'static str> {
        None
    }
}
