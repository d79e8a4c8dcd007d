//! The terminal: taken over, given back.
//!
//! Invariants: whatever ends the program (quit, error, panic in any thread, signal) gives the
//! terminal back as it was found; giving back twice does nothing; a dead terminal is never waited
//! for.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossterm::cursor::{Hide, Show};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// Paste mode off; crossterm has it only together with its reader of events, which spins on a dead
/// terminal (crossterm-rs/crossterm#793).
const PASTE_OFF: &[u8] = b"\x1b[?2004l";
/// Size when the terminal does not know its own, as on many serial lines.
const SIZE_UNKNOWN: (u16, u16) = (80, 24);

/// The terminal of this process; clones are the same terminal.
#[derive(Clone, Debug)]
pub struct Terminal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cooked: Mutex<Option<Termios>>,
    taken: AtomicBool,
    panicked: AtomicBool,
    dead: AtomicBool,
}

/// Alternate screen, cursor hidden, everything cleared.
fn enter() -> Vec<u8> {
    let mut bytes = Vec::new();
    let plain = SetAttribute(Attribute::Reset);
    // Writing into memory does not fail.
    let _ = queue!(
        bytes,
        EnterAlternateScreen,
        Hide,
        plain,
        Clear(ClearType::All)
    );
    bytes
}

/// Synchronized update ended, paste mode off, colours reset, cursor shown, main screen.
fn leave() -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = queue!(bytes, EndSynchronizedUpdate);
    bytes.extend_from_slice(PASTE_OFF);
    let plain = SetAttribute(Attribute::Reset);
    let _ = queue!(bytes, plain, Show, LeaveAlternateScreen);
    bytes
}

/// There is no terminal to draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTerminal {
    /// Input or output is a file or a pipe.
    #[error(
        "enipilot draws on a terminal, and this is none (with ssh, use `ssh -t`); \
         headless: `enipilot tree --world two-am`"
    )]
    NotATerminal,
    /// It cannot move its cursor.
    #[error("enipilot cannot draw on TERM=dumb; headless: `enipilot tree --world two-am`")]
    Dumb,
}

/// Whether the screen can be drawn here; `term` is TERM.
pub fn check(term: Option<&str>) -> Result<(), NoTerminal> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(NoTerminal::NotATerminal);
    }
    match term {
        None | Some("" | "dumb") => Err(NoTerminal::Dumb),
        Some(_) => Ok(()),
    }
}

impl Terminal {
    /// The terminal, not yet taken. A panic in any thread from here on gives it back before its
    /// message is printed.
    pub fn new() -> Self {
        let terminal = Self {
            shared: Arc::new(Shared {
                cooked: Mutex::new(None),
                taken: AtomicBool::new(false),
                panicked: AtomicBool::new(false),
                dead: AtomicBool::new(false),
            }),
        };
        let ours = terminal.clone();
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            ours.shared.panicked.store(true, Ordering::SeqCst);
            ours.give_back();
            former(info);
        }));
        terminal
    }

    /// Raw mode, alternate screen, no cursor.
    pub fn take(&self) -> Result<(), Errno> {
        let cooked = tcgetattr(stdin())?;
        let mut raw = cooked.clone();
        raw.make_raw();
        *self
            .shared
            .cooked
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(cooked);
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        self.shared.taken.store(true, Ordering::SeqCst);
        self.write(&enter())
    }

    /// Gives the terminal back as it was found. Does nothing if it is not taken.
    pub fn give_back(&self) {
        if self.shared.taken.swap(false, Ordering::SeqCst) {
            let _ = self.write(&leave());
            self.cook();
        }
    }

    /// Restores the line discipline only; never waits, even for a terminal whose output is stopped.
    pub fn cook(&self) {
        let cooked = self.shared.cooked.lock();
        if let Some(cooked) = cooked.unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = tcsetattr(stdin(), OptionalActions::Now, cooked);
        }
    }

    /// Some thread has panicked: nothing may be drawn any more.
    pub fn has_panicked(&self) -> bool {
        self.shared.panicked.load(Ordering::SeqCst)
    }

    /// The other end is gone: nothing is written any more.
    pub fn mark_dead(&self) {
        self.shared.dead.store(true, Ordering::SeqCst);
    }

    /// The other end is gone.
    pub fn is_dead(&self) -> bool {
        self.shared.dead.load(Ordering::SeqCst)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        match tcgetwinsize(stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => SIZE_UNKNOWN,
        }
    }

    /// Keys wait to be read.
    pub fn has_input(&self) -> bool {
        let input = stdin();
        let mut fds = [PollFd::new(&input, PollFlags::IN)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut fds, Some(&at_once)).is_ok_and(|n| n > 0)
    }

    /// Prints a line on the main screen, if anybody can read it: never waits for a terminal that is
    /// gone or whose output is stopped.
    pub fn say(&self, line: &str) {
        let output = stdout();
        let mut fds = [PollFd::new(&output, PollFlags::OUT)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let ready = poll(&mut fds, Some(&at_once)).is_ok_and(|n| n > 0);
        if ready && !fds[0].revents().contains(PollFlags::HUP) {
            // What cannot be told is in the journal.
            let _ = self.write(format!("{line}\n").as_bytes());
        }
    }

    /// Writes all bytes, in one `write(2)` as long as the terminal takes them.
    pub fn write(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        if self.is_dead() {
            return Err(Errno::IO);
        }
        while !bytes.is_empty() {
            match rustix::io::write(stdout(), bytes) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let output = stdout();
                    let mut fds = [PollFd::new(&output, PollFlags::OUT)];
                    poll(&mut fds, None)?;
                }
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}
