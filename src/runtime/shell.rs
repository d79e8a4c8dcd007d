//! The loop around a model: events in, frames out.
//!
//! Invariants: everything that waits is taken in before one draw; nothing is drawn that has not
//! changed; a running clock or strip costs at most one draw a second; the loop waits for nothing
//! but its events.

pub mod ground;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use super::canvas::Canvas;
use super::decode::Typed;
use super::event::Event;
use super::osc52;
use super::stage::Outward;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::lessons::progress::Progress;
use crate::store::{dir, progress, report};
use crate::tui::{Look, view};
use ground::{Ground, Quiet};

/// Between two draws of a clock that merely runs.
const CLOCK_DRAW: Duration = Duration::from_secs(1);

/// How long a size must stand before the screen is painted for it.
const RESIZE_QUIET: Duration = Duration::from_millis(50);

/// How long keys that are still on their way may hold back a draw.
const DRAIN_MAX: Duration = Duration::from_millis(20);

/// So many keys at once are no typing: the line delivers a queue in pieces, and more is to come.
const BURST: usize = 16;

/// How long the next piece of a burst may take.
const BURST_WAIT: Duration = Duration::from_millis(10);

/// What runs behind the screen: the stage, or the live tasks.
pub trait Host {
    /// Looks at what is to be painted. Others may change it before the next look.
    fn with_model<R>(&self, look: impl FnOnce(&Model) -> R) -> R;
    /// Something happens now.
    fn msg(&mut self, msg: Msg);
    /// Real time has come to this.
    fn pass(&mut self, now: Instant);
    /// When [`Host::pass`] must be called next.
    fn wake(&self, now: Instant) -> Option<Instant>;
    /// A clock or a strip runs on the screen.
    fn ticks(&self) -> bool;
    /// Rises with every change worth a draw of its own.
    fn changes(&self) -> u64;
    /// A frame that shows so many changes, or more, is on the terminal. Gives how many need no frame
    /// any more: what others have changed since it was made needs another one.
    fn drawn(&mut self, shown: u64) -> u64 {
        let others = self.changes() != shown;
        self.msg(Msg::Drawn);
        if others { shown } else { self.changes() }
    }
    /// What only the owner of the terminal can do, in order.
    fn take_outbox(&mut self) -> Vec<Outward>;
    /// Why the process may not be stopped for a while now, if so.
    fn busy(&self) -> Option<&'static str>;
}

/// Why the loop ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The person asked.
    Quit,
    /// The terminal is gone.
    HangUp,
    /// A signal: its name and number.
    Signal(&'static str, u8),
    /// A thread has panicked; its message is on the terminal.
    Panic,
}

impl std::fmt::Display for Leave {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Quit => "the person has left",
            Self::HangUp => "the terminal is gone",
            Self::Signal(name, _) => name,
            Self::Panic => "the screen has failed",
        })
    }
}

/// How the screen is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Theme, glyphs, colours.
    pub look: Look,
    /// Where reports go: `--state-dir`, if given.
    pub state_dir: Option<std::path::PathBuf>,
    /// The screen is inside tmux, which needs a setting before it lets copies through.
    pub tmux: bool,
}

/// The loop.
pub struct Shell<'a, G, H> {
    ground: G,
    setup: &'a Setup,
    host: &'a mut H,
    canvas: Canvas,
    drawn_changes: Option<u64>,
    drawn_at: Instant,
    resize_at: Option<Instant>,
    stopped: bool,
    burst: bool,
}

impl<'a, G: Ground, H: Host> Shell<'a, G, H> {
    /// Takes the terminal.
    pub fn new(
        mut ground: G,
        setup: &'a Setup,
        host: &'a mut H,
    ) -> Result<Self, rustix::io::Errno> {
        let size = ground.size();
        host.msg(Msg::Resize(size.0, size.1));
        ground.take()?;
        let drawn_at = ground.now();
        Ok(Self {
            ground,
            setup,
            host,
            canvas: Canvas::new(size),
            drawn_changes: None,
            drawn_at,
            resize_at: None,
            stopped: false,
            burst: false,
        })
    }

    /// Runs until something ends it; the terminal is given back.
    pub fn run(mut self) -> Leave {
        let leave = loop {
            if let Err(leave) = self.turn() {
                break leave;
            }
        };
        if leave == Leave::HangUp {
            self.ground.mark_dead();
        }
        self.ground.give_back();
        leave
    }

    /// One turn: draw what has changed, wait, take in everything that waits.
    fn turn(&mut self) -> Result<(), Leave> {
        if self.ground.has_panicked() {
            return Err(Leave::Panic);
        }
        let now = self.ground.now();
        self.host.pass(now);
        self.settle_size(now);
        self.do_outbox()?;
        self.draw(now)?;
        let until = self.next_wake(now);
        let first = match self.ground.wait(until) {
            Ok(event) => event,
            Err(Quiet::Silence) => return Ok(()),
            Err(Quiet::Ended) => return Err(Leave::Panic),
        };
        self.host.pass(self.ground.now());
        self.take_in(first)?;
        self.drain()
    }

    /// Takes in what waits, also what the terminal has but its reader has not sent yet.
    fn drain(&mut self) -> Result<(), Leave> {
        let limit = self.ground.now() + DRAIN_MAX;
        loop {
            let now = self.ground.now();
            while let Ok(event) = self.ground.wait(Some(now)) {
                self.take_in(event)?;
            }
            let more = self.ground.has_input() || self.burst;
            let now = self.ground.now();
            if self.stopped || now >= limit || !more {
                return Ok(());
            }
            self.burst = false;
            match self.ground.wait(Some(limit.min(now + BURST_WAIT))) {
                Ok(event) => self.take_in(event)?,
                Err(_) => return Ok(()),
            }
        }
    }

    fn take_in(&mut self, event: Event) -> Result<(), Leave> {
        match event {
            Event::Typed(typed) => {
                self.burst = typed.len() >= BURST;
                for typed in typed {
                    self.host.msg(match typed {
                        Typed::Key(key) => Msg::Key(key),
                        Typed::Paste(text) => Msg::Paste(text),
                    });
                    self.do_outbox()?;
                }
            }
            Event::Msg(msg) => {
                self.host.msg(msg);
                self.do_outbox()?;
            }
            // The host has looked before this was taken in.
            Event::Nudge => {}
            Event::HangUp => return Err(Leave::HangUp),
            Event::End(name, number) => return Err(Leave::Signal(name, number)),
            Event::Resized => self.resize_at = Some(self.ground.now() + RESIZE_QUIET),
            Event::Stop => self.stop(),
            Event::Continued => self.go_on()?,
        }
        Ok(())
    }

    fn next_wake(&self, now: Instant) -> Option<Instant> {
        let clock = (self.host.ticks() && !self.stopped).then(|| self.drawn_at + CLOCK_DRAW);
        [self.host.wake(now), clock, self.resize_at]
            .into_iter()
            .flatten()
            .min()
    }

    fn draw(&mut self, now: Instant) -> Result<(), Leave> {
        let shown = self.host.changes();
        let changed = self.drawn_changes != Some(shown);
        let due = self.host.ticks() && now >= self.drawn_at + CLOCK_DRAW;
        if self.stopped || self.resize_at.is_some() || !(changed || due) {
            return Ok(());
        }
        let (look, canvas) = (&self.setup.look, &mut self.canvas);
        let frame = self
            .host
            .with_model(|model| canvas.frame(wants_paste(model), |frame| view(frame, model, look)));
        // A panic in another thread may have given the terminal back meanwhile.
        if self.ground.has_panicked() {
            return Err(Leave::Panic);
        }
        if self.ground.write(&frame).is_err() {
            return Err(Leave::HangUp);
        }
        self.drawn_changes = Some(self.host.drawn(shown));
        self.drawn_at = now;
        Ok(())
    }

    fn settle_size(&mut self, now: Instant) {
        if self.resize_at.is_some_and(|at| at <= now) {
            self.resize_at = None;
            let size = self.ground.size();
            if size != self.host.with_model(|model| model.size) {
                self.canvas.resize(size);
                self.host.msg(Msg::Resize(size.0, size.1));
            }
        }
    }

    fn do_outbox(&mut self) -> Result<(), Leave> {
        for wish in self.host.take_outbox() {
            match wish {
                Outward::Quit => return Err(Leave::Quit),
                Outward::Repaint => self.repaint(),
                Outward::Suspend => self.stop(),
                Outward::Copy(text) => self.copy(text)?,
                Outward::Keep(progress) => self.keep(&progress),
                Outward::Write { name, text } => {
                    let written = write_report(self.setup, &name, &text);
                    self.host.msg(Msg::Written(written));
                }
            }
        }
        Ok(())
    }

    fn copy(&mut self, text: String) -> Result<(), Leave> {
        let Some(bytes) = osc52::sequence(&text) else {
            let note = "too long for the terminal's clipboard: w writes it to a file";
            self.host.msg(Msg::Note(note.to_owned()));
            return Ok(());
        };
        if self.ground.write(&bytes).is_err() {
            return Err(Leave::HangUp);
        }
        self.host.msg(Msg::Copied(text));
        if self.setup.tmux {
            let hint = "tmux passes copies on only with: set -g set-clipboard on";
            self.host.msg(Msg::Note(hint.to_owned()));
        }
        Ok(())
    }

    /// What cannot be kept is said once and costs nothing else.
    fn keep(&mut self, progress: &Progress) {
        if let Err(why) = write_progress(self.setup, progress) {
            self.host
                .msg(Msg::Note(format!("progress is not kept: {why}")));
        }
    }

    fn repaint(&mut self) {
        self.canvas.forget();
        self.drawn_changes = None;
    }

    /// Gives the terminal back and stops the process until the shell continues it.
    fn stop(&mut self) {
        if let Some(why) = self.host.busy() {
            self.host.msg(Msg::Note(why.to_owned()));
            return;
        }
        self.stopped = true;
        self.ground.give_back();
        // SIGTSTP would reach our own handler, and the kernel drops it for an orphaned group.
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
    }

    fn go_on(&mut self) -> Result<(), Leave> {
        self.stopped = false;
        // After a stop that was not ours (SIGSTOP) the shell may have changed the terminal as well.
        self.ground.give_back();
        self.ground.take().map_err(|_| Leave::HangUp)?;
        self.resize_at = Some(self.ground.now());
        self.repaint();
        Ok(())
    }
}

fn write_report(setup: &Setup, name: &str, text: &str) -> Result<String, String> {
    let write = || {
        let root = dir::locate(setup.state_dir.as_deref())?;
        report::write(&dir::StateDir::open(&root)?, name, text)
    };
    match write() {
        Ok(path) => Ok(path.display().to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn write_progress(setup: &Setup, kept: &Progress) -> Result<(), crate::store::error::StoreError> {
    let root = dir::locate(setup.state_dir.as_deref())?;
    progress::write(&dir::StateDir::open(&root)?, kept)
}

/// A text field has the focus: a paste shall arrive as one, and not as keys.
fn wants_paste(model: &Model) -> bool {
    matches!(
        model.layers.last(),
        Some(Layer::Filter { .. } | Layer::Consent(_) | Layer::Prompt(_) | Layer::Palette { .. })
    )
}
