//! What reaches the loop from outside: keys, signals, the end of the terminal, messages of tasks.
//!
//! Invariants: the terminal is read on its own thread by `poll(2)` and `read(2)`, signals arrive
//! on another one; both only send, neither touches the model; a terminal that hangs up is noticed
//! even while a sequence is unfinished, and never read in a circle.

use std::os::fd::AsFd;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;
use tokio::signal::unix::{SignalKind, signal};

use super::decode::{Decoder, Typed};
use super::watch::Watch;
use crate::app::msg::Msg;

/// Events that wait for the screen. It takes all of them at every turn, so a full queue means that
/// it hangs in a write; then later events are dropped, and [`Watch`] ends what must end.
pub(super) const EVENTS_MAX: usize = 1_024;

/// Bytes read at once.
const READ_MAX: usize = 4_096;

/// One event.
#[derive(Debug)]
pub enum Event {
    /// Everything that was typed since the last one.
    Typed(Vec<Typed>),
    /// The terminal is gone.
    HangUp,
    /// The process is to end: the signal's name and number.
    End(&'static str, u8),
    /// The terminal may have another size.
    Resized,
    /// The process is asked to stop for a while.
    Stop,
    /// The process runs again.
    Continued,
    /// A task has something for the model.
    Msg(Msg),
    /// There is something to look at.
    Nudge,
}

/// Says something to the screen without ever waiting for it: an operation goes on while the screen
/// is stopped or gone. What does not fit any more would be minutes old when it is read.
pub(super) fn tell(events: &SyncSender<Event>, msg: Msg) {
    let _ = events.try_send(Event::Msg(msg));
}

/// Reads the terminal until it hangs up.
pub fn read_terminal(events: SyncSender<Event>, watch: Watch) {
    let spawned = thread::Builder::new()
        .name("terminal".to_owned())
        .spawn(move || {
            if read_until_end(stdin(), &events).is_some() {
                watch.end(128 + 1);
                let _ = events.try_send(Event::HangUp);
            }
        });
    drop(spawned);
}

/// `None` when nobody listens any more, `Some` when the terminal is gone.
fn read_until_end(input: impl AsFd, events: &SyncSender<Event>) -> Option<()> {
    let mut decoder = Decoder::default();
    let mut buffer = [0_u8; READ_MAX];
    loop {
        let typed = match wait(&input, decoder.patience()) {
            Waited::Gone => return Some(()),
            Waited::Silence => decoder.expire(),
            Waited::Input => match rustix::io::read(&input, &mut buffer) {
                Ok(0) => return Some(()),
                Ok(n) => decoder.feed(buffer.get(..n).unwrap_or_default()),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return Some(()),
            },
        };
        if !typed.is_empty() {
            match events.try_send(Event::Typed(typed)) {
                Ok(()) | Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Disconnected(_)) => return None,
            }
        }
    }
}

enum Waited {
    Input,
    Silence,
    Gone,
}

fn wait(input: &impl AsFd, patience: Option<Duration>) -> Waited {
    let limit = patience.map(|p| Timespec {
        tv_sec: i64::try_from(p.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(p.subsec_nanos()),
    });
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    match poll(&mut fds, limit.as_ref()) {
        Ok(0) => return Waited::Silence,
        Ok(_) => {}
        Err(Errno::INTR | Errno::AGAIN) => return wait(input, patience),
        Err(_) => return Waited::Gone,
    }
    let seen = fds[0].revents();
    if seen.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        Waited::Gone
    } else {
        Waited::Input
    }
}

/// Listens to signals until the process ends. A SIGHUP that was ignored when the program was
/// started (`nohup`) stays ignored.
///
/// Returns when they are caught: a signal that comes before would leave the terminal raw.
pub fn listen_to_signals(events: SyncSender<Event>, watch: Watch) {
    let (ready, caught) = std::sync::mpsc::sync_channel(1);
    let spawned = thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            if let Ok(runtime) = runtime {
                let _ = runtime.block_on(forward_signals(&events, &watch, ready));
            }
        });
    drop(spawned);
    // If they cannot be caught at all, the sender is dropped and the screen opens without.
    let _ = caught.recv();
}

async fn forward_signals(
    events: &SyncSender<Event>,
    watch: &Watch,
    ready: SyncSender<()>,
) -> std::io::Result<()> {
    let hang_up_counts = !is_hang_up_ignored();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut resized = signal(SignalKind::window_change())?;
    let mut stop = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
    let mut continued = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    let mut hang_up = if hang_up_counts {
        Some(signal(SignalKind::hangup())?)
    } else {
        None
    };
    let hung_up = async || match &mut hang_up {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    };
    let mut hung_up = hung_up;
    let _ = ready.send(());
    loop {
        let event = tokio::select! {
            _ = terminate.recv() => Event::End("SIGTERM", 15),
            _ = interrupt.recv() => Event::End("SIGINT", 2),
            _ = quit.recv() => Event::End("SIGQUIT", 3),
            _ = hung_up() => Event::End("SIGHUP", 1),
            _ = resized.recv() => Event::Resized,
            _ = stop.recv() => Event::Stop,
            _ = continued.recv() => Event::Continued,
        };
        if let Event::End(_, number) = event {
            watch.end(128 + number);
        }
        // Signals go on being caught when nobody reads them any more: an operation may be on its
        // way to a safe end.
        let _ = events.try_send(event);
    }
}

/// Whether SIGHUP was ignored by whoever started us.
pub(super) fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::io::Write;
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::app::msg::Key;

    #[test]
    fn a_terminal_that_hangs_up_is_left_at_once() {
        // What has come before the end: nothing, a key, an unfinished sequence, half a paste.
        for before in ["", "j", "j\x1b[1;", "j\x1b[200~half"] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            let (sender, events) = sync_channel(8);
            let reading = thread::spawn(move || read_until_end(reader, &sender));
            writer.write_all(before.as_bytes()).unwrap();
            if !before.is_empty() {
                let Event::Typed(typed) = events.recv().unwrap() else {
                    panic!("no key");
                };
                assert_eq!(typed, [Typed::Key(Key::Char('j'))], "{before:?}");
            }
            drop(writer);
            // A reader that turned in a circle would never come back.
            assert!(reading.join().unwrap().is_some(), "{before:?}");
            let rest: Vec<Event> = events.iter().collect();
            assert!(rest.is_empty(), "{before:?}: {rest:?}");
        }
    }

    #[test]
    fn nobody_listening_ends_the_reader_too() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let (sender, events) = sync_channel(8);
        drop(events);
        let reading = thread::spawn(move || read_until_end(reader, &sender));
        writer.write_all(b"j").unwrap();
        assert!(reading.join().unwrap().is_none());
    }
}
