//! What the screen is shown of an operation: the engine's picture, and in the tree what its looks have
//! seen.
//!
//! Invariant: for a screen that is gone nothing is made; the operation may go on for minutes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use super::poller::Poller;
use crate::app::msg::Msg;
use crate::ec2::world::World;
use crate::failover::status::Status;
use crate::runtime::event::{self, Event};
use crate::runtime::flight::Watcher;

/// Shows an operation on the screen.
pub(super) struct Screen<'a> {
    pub(super) events: SyncSender<Event>,
    pub(super) poller: &'a mut Poller,
    /// Nobody takes what would be sent.
    pub(super) gone: &'a AtomicBool,
}

impl Screen<'_> {
    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }
}

impl Watcher for Screen<'_> {
    fn status(&mut self, status: &Status) {
        if !self.is_gone() {
            event::tell(&self.events, Msg::Engine(Box::new(status.clone())));
        }
    }

    fn seen(&mut self, seen: &World) {
        if self.is_gone() {
            return;
        }
        if let Some(news) = self.poller.seen(seen) {
            event::tell(&self.events, news);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use super::*;
    use crate::failover::engine::Engine;
    use crate::failover::testing::{STANDBY, intent, live, planned, world};

    #[test]
    fn a_screen_that_is_gone_is_told_nothing() {
        let plan = planned(&world(), &intent(STANDBY), &live());
        let engine = Engine::new(Arc::new(plan), "7f3a", 1);
        let mut moved = world();
        moved.edit_instance(&STANDBY.into(), |i| i.state = "stopping".into());
        for (gone, expected) in [(false, 2), (true, 0)] {
            let (events, inbox) = sync_channel(8);
            let mut poller = Poller::default();
            poller.begin();
            poller.ended(Ok(world()), Duration::ZERO);
            let mut screen = Screen {
                events,
                poller: &mut poller,
                gone: &AtomicBool::new(gone),
            };
            screen.status(engine.status());
            screen.seen(&moved);
            drop(screen);
            assert_eq!(inbox.iter().count(), expected, "gone: {gone}");
        }
    }
}
