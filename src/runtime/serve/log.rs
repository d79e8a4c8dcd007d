//! Log lines that cost a request nothing, whoever reads them or does not.
//!
//! Invariants: saying a line never waits; what is not taken up in time is left out and counted, and
//! the count is told as soon as lines are taken up again.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::ec2::shown::shown;

/// Lines that may wait to be written.
const LINES_MAX: usize = 1_024;
/// How long the end of the program waits for the last lines.
const END_MAX: Duration = Duration::from_millis(200);

/// A log; clones are the same log.
#[derive(Clone, Debug)]
pub(super) struct Log {
    lines: SyncSender<String>,
    left_out: Arc<AtomicU64>,
}

/// The thread that writes it.
#[derive(Debug)]
pub(super) struct Writing(Receiver<()>);

impl Log {
    /// Writes to `out` on a thread of its own.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<(Self, Writing)> {
        let (lines, waiting) = sync_channel(LINES_MAX);
        let (done, written) = sync_channel(1);
        let left_out = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&left_out);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                write_all(&waiting, &counter, out);
                // Nobody may be waiting any more.
                let _ = done.send(());
            })?;
        Ok((Self { lines, left_out }, Writing(written)))
    }

    /// Says a line, or counts it.
    pub fn say(&self, line: String) {
        if self.lines.try_send(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Writing {
    /// Once nobody says anything any more: waits for the last lines, but not for a reader who takes
    /// none.
    pub fn finish(self) {
        // Written, or not in time: the program ends either way.
        let _ = self.0.recv_timeout(END_MAX);
    }
}

fn write_all(waiting: &Receiver<String>, left_out: &AtomicU64, mut out: impl Write) {
    while let Ok(line) = waiting.recv() {
        // Nobody may be listening; clients are served all the same.
        let _ = writeln!(out, "{}", shown(&line));
        let missing = left_out.swap(0, Ordering::Relaxed);
        if missing > 0 {
            let _ = writeln!(
                out,
                "# {missing} lines left out: they were not read in time"
            );
        }
    }
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::{BufRead, BufReader};

    use super::*;

    /// A pipe holds some 64 KB; a hundred times as much is said before anybody reads.
    #[test]
    fn a_reader_who_reads_nothing_stops_nobody() {
        let (reader, writer) = io::pipe().unwrap();
        let (log, _writing) = Log::start(writer).unwrap();
        let said = 200_000_u64;
        for n in 0..said {
            log.say(format!("{n:>32}"));
        }
        assert!(log.left_out.load(Ordering::Relaxed) > said / 2);
        let lines = thread::spawn(move || {
            let lines: Vec<String> = BufReader::new(reader).lines().map(Result::unwrap).collect();
            lines
        });
        drop(log);
        let (notes, written): (Vec<_>, Vec<_>) = lines
            .join()
            .unwrap()
            .into_iter()
            .partition(|l| l.starts_with('#'));
        let told = |note: &String| note.split(' ').nth(1).unwrap().parse::<u64>().unwrap();
        let left_out: u64 = notes.iter().map(told).sum();
        assert_eq!(u64::try_from(written.len()).unwrap() + left_out, said);
    }

    #[test]
    fn the_end_does_not_wait_for_a_reader() {
        let (_reader, writer) = io::pipe().unwrap();
        let (log, writing) = Log::start(writer).unwrap();
        for _ in 0..2_000 {
            log.say("x".repeat(200));
        }
        drop(log);
        writing.finish();
    }
}
