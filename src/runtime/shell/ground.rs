//! What the loop stands on: a terminal, a clock and events.
//!
//! Invariant: the loop asks nobody else for the time and waits nowhere else, so that it can be run
//! on a clock that is moved by hand.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use rustix::io::Errno;

use crate::runtime::event::Event;
use crate::runtime::terminal::Terminal;

/// Why a wait has brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing until then.
    Silence,
    /// Nobody can send anything any more.
    Ended,
}

/// The ground.
pub trait Ground {
    /// Now.
    fn now(&self) -> Instant;
    /// Waits for the next event, until then at most; without a limit for as long as it takes.
    fn wait(&mut self, until: Option<Instant>) -> Result<Event, Quiet>;
    /// Keys have arrived that are no event yet.
    fn has_input(&self) -> bool;
    /// Columns and rows.
    fn size(&self) -> (u16, u16);
    /// Raw mode, alternate screen, no cursor.
    fn take(&mut self) -> Result<(), Errno>;
    /// The terminal as it was found.
    fn give_back(&mut self);
    /// All of it, at once.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Errno>;
    /// Nothing can be written any more.
    fn mark_dead(&mut self);
    /// Some thread has panicked.
    fn has_panicked(&self) -> bool;
}

/// The real one.
#[derive(Debug)]
pub struct Real<'a> {
    terminal: &'a Terminal,
    events: &'a Receiver<Event>,
}

impl<'a> Real<'a> {
    /// This terminal, with its keys among these events.
    pub fn new(terminal: &'a Terminal, events: &'a Receiver<Event>) -> Self {
        Self { terminal, events }
    }
}

impl Ground for Real<'_> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wait(&mut self, until: Option<Instant>) -> Result<Event, Quiet> {
        let Some(until) = until else {
            return self.events.recv().map_err(|_| Quiet::Ended);
        };
        let left = until.saturating_duration_since(Instant::now());
        self.events.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => Quiet::Silence,
            RecvTimeoutError::Disconnected => Quiet::Ended,
        })
    }

    fn has_input(&self) -> bool {
        self.terminal.has_input()
    }

    fn size(&self) -> (u16, u16) {
        self.terminal.size()
    }

    fn take(&mut self) -> Result<(), Errno> {
        self.terminal.take()
    }

    fn give_back(&mut self) {
        self.terminal.give_back();
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        self.terminal.write(bytes)
    }

    fn mark_dead(&mut self) {
        self.terminal.mark_dead();
    }

    fn has_panicked(&self) -> bool {
        self.terminal.has_panicked()
    }
}
