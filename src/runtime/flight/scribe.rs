//! A thread of its own for the journal: a disk that hangs stops neither looks nor answers.
//!
//! Invariants: records are written in order; each is answered once, by the disk or by its time being
//! over, and what comes after that is ignored.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, channel};

use crate::failover::engine::Input;
use crate::failover::journal::Record;

/// Records that wait for the disk; an operation makes a few dozen.
const RECORDS_MAX: usize = 256;

/// A record that is not durable by then is taken to have failed.
const JOURNAL_MAX: Duration = Duration::from_secs(5);

/// Writes a record and returns when it is durable.
pub type Write = Box<dyn FnMut(&Record) -> Result<(), String> + Send>;

/// The thread that makes records durable, and the records it has not answered yet.
pub(super) struct Scribe {
    records: std::sync::mpsc::SyncSender<Record>,
    answers: Receiver<(u64, Result<(), String>)>,
    waiting: Vec<(u64, Instant)>,
}

impl Scribe {
    /// Starts the thread.
    pub(super) fn start(mut write: Write) -> Self {
        let (records, inbox) = std::sync::mpsc::sync_channel::<Record>(RECORDS_MAX);
        let (answer, answers) = channel(RECORDS_MAX);
        let spawned = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Ok(record) = inbox.recv() {
                    let written = write(&record);
                    if answer.blocking_send((record.seq, written)).is_err() {
                        break;
                    }
                }
            });
        // Without the thread every record fails in time, as with a broken disk.
        drop(spawned);
        Self {
            records,
            answers,
            waiting: Vec::new(),
        }
    }

    /// Hands a record over; it counts as failed if it is not durable in time.
    pub(super) fn write(&mut self, record: Record, now: Instant) {
        self.waiting.push((record.seq, now + JOURNAL_MAX));
        // A scribe that is gone, or hangs over so many records, is noticed by its silence.
        let _ = self.records.try_send(record);
    }

    /// The next record that the disk has taken, or refused.
    pub(super) async fn written(&mut self) -> Input {
        loop {
            let Some((seq, result)) = self.answers.recv().await else {
                return std::future::pending().await;
            };
            // A record that was given up is not durable any more, whatever the disk says now.
            let Some(at) = self.waiting.iter().position(|(s, _)| *s == seq) else {
                continue;
            };
            self.waiting.remove(at);
            return match result {
                Ok(()) => Input::Durable(seq),
                Err(cause) => Input::JournalFailed(seq, cause),
            };
        }
    }

    /// When the oldest record that waits counts as failed.
    pub(super) fn late(&self) -> Option<Instant> {
        self.waiting.first().map(|(_, limit)| *limit)
    }

    /// The oldest record that waits has failed: its time is over.
    pub(super) fn give_up(&mut self) -> Option<Input> {
        if self.waiting.is_empty() {
            return None;
        }
        let (seq, _) = self.waiting.remove(0);
        let cause = format!("the disk has not answered in {JOURNAL_MAX:?}");
        Some(Input::JournalFailed(seq, cause))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::ec2::time::Time;
    use crate::failover::journal::Entry;

    fn record(seq: u64) -> Record {
        let (wall, text) = (Time::from_millis(0), "a remark".to_owned());
        let entry = Entry::Note { text };
        Record { seq, wall, entry }
    }

    /// What the engine hears next.
    fn next(scribe: &mut Scribe) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        word(runtime.block_on(scribe.written()))
    }

    fn word(input: Input) -> String {
        match input {
            Input::Durable(seq) => format!("durable {seq}"),
            Input::JournalFailed(seq, cause) => format!("failed {seq}: {cause}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn records_are_answered_in_order_with_what_the_disk_says() {
        let mut scribe = Scribe::start(Box::new(|record| match record.seq {
            1 => Err("no space left".to_owned()),
            _ => Ok(()),
        }));
        let now = Instant::now();
        for seq in 0..3 {
            scribe.write(record(seq), now);
        }
        assert_eq!(next(&mut scribe), "durable 0");
        assert_eq!(next(&mut scribe), "failed 1: no space left");
        assert_eq!(next(&mut scribe), "durable 2");
        assert_eq!(scribe.late(), None);
    }

    #[test]
    fn a_disk_that_hangs_counts_as_failed_and_is_not_believed_later() {
        let (go, gate) = sync_channel::<()>(0);
        let mut scribe = Scribe::start(Box::new(move |_| {
            gate.recv().map_err(|error| error.to_string())
        }));
        let now = Instant::now();
        scribe.write(record(0), now);
        scribe.write(record(1), now + Duration::from_secs(1));
        assert_eq!(scribe.late(), Some(now + JOURNAL_MAX));
        let failed = word(scribe.give_up().unwrap());
        assert_eq!(failed, "failed 0: the disk has not answered in 5s");
        assert_eq!(
            scribe.late(),
            Some(now + Duration::from_secs(1) + JOURNAL_MAX)
        );
        // Now it writes both after all: the first is known to have failed.
        go.send(()).unwrap();
        go.send(()).unwrap();
        assert_eq!(next(&mut scribe), "durable 1");
        assert_eq!(scribe.late(), None);
        assert!(scribe.give_up().is_none());
    }
}
