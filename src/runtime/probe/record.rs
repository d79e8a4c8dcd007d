//! What was measured, behind the verdict in the operation's journal.
//!
//! Invariants: the verdict stays what says how it ended; the lock of the interface is held while the
//! record is written, as for every other one.

use std::path::Path;

use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::failover::journal::{Entry, Record, line};
use crate::failover::outage::{Measured, measured};
use crate::failover::status::Status;
use crate::runtime::launch::{Refusal, lock, read};
use crate::store::dir::{StateDir, locate};
use crate::store::journal::JournalFile;
use crate::store::lock::OpLock;

/// Adds the record of an operation that is over. Nothing is written of one that waits for a person,
/// whose journal goes on when it is taken up again; nor if no request was lost.
pub fn record(
    state_dir: Option<&Path>,
    path: &Path,
    status: &Status,
    strip: &Strip,
    now: Time,
) -> Result<(), String> {
    let Some(measured) = measured(status, strip, now) else {
        return Ok(());
    };
    let open = open(state_dir, path, status, now).map_err(|refusal| refusal.to_string())?;
    let Some(mut open) = open else {
        return Ok(());
    };
    let record = Record {
        seq: open.seq,
        wall: now,
        entry: entry(&measured),
    };
    let line = line::encode(&status.op, &record).map_err(|error| error.to_string())?;
    open.file.append(&line).map_err(|error| error.to_string())
}

fn entry(measured: &Measured) -> Entry {
    let parts = measured.parts.iter();
    Entry::Measured {
        text: measured.text(),
        millis: parts.clone().map(|part| part.millis).sum(),
        parts: parts.map(|p| (p.name.to_owned(), p.millis)).collect(),
    }
}

/// A journal that can take one record more.
struct Open {
    file: JournalFile,
    seq: u64,
    _lock: OpLock,
}

/// `None` if the operation is not over.
fn open(
    state_dir: Option<&Path>,
    path: &Path,
    status: &Status,
    now: Time,
) -> Result<Option<Open>, Refusal> {
    let dir = StateDir::open(&locate(state_dir)?)?;
    let lock = lock(&dir, &status.plan, &status.op, now)?;
    let (length, journal, operation) = read(path)?;
    if operation.is_open() {
        return Ok(None);
    }
    Ok(Some(Open {
        file: JournalFile::reopen(path, length, &journal)?,
        seq: operation.next_seq,
        _lock: lock,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::ec2::sample::{Reply, Sample};
    use crate::failover::engine::Engine;
    use crate::failover::testing::{STANDBY, intent, live, planned, world};

    const NOW: Time = Time::from_millis(1_773_280_813_000);

    fn strip() -> Strip {
        let sample = |(n, mark)| Sample {
            at: NOW + Duration::from_secs(n),
            reply: match mark {
                '+' => Reply::Reached("answers".into()),
                _ => Reply::Lost("no answer".into()),
            },
        };
        Strip {
            client: "this host".into(),
            target: "10.0.1.50:5432".into(),
            service: "probe".into(),
            interval: Duration::from_secs(1),
            samples: (0..).zip("+--+".chars()).map(sample).collect(),
            rate: None,
            probing: None,
        }
    }

    #[test]
    fn what_was_measured_stands_behind_a_verdict_that_ends_it() {
        // verdict, whether a record comes behind it, whether somebody has to see to it afterwards
        for (ending, written, open) in [("done", true, false), ("needs-person", false, true)] {
            let home = tempfile::tempdir().unwrap();
            let dir = StateDir::open(home.path()).unwrap();
            let plan = planned(&world(), &intent(STANDBY), &live());
            let mut status = Engine::new(Arc::new(plan.clone()), "7f3a", 1)
                .status()
                .clone();
            status.began = Some(NOW);
            let mut file = JournalFile::create(&dir, NOW, &plan.intent.eni, "7f3a").unwrap();
            let (ending, text) = (ending.to_owned(), String::new());
            let plan = Arc::new(plan);
            let entries = [Entry::Plan { plan }, Entry::Verdict { ending, text }];
            for (seq, entry) in (0..).zip(entries) {
                let wall = NOW;
                let record = Record { seq, wall, entry };
                file.append(&line::encode("7f3a", &record).unwrap())
                    .unwrap();
            }
            let later = NOW + Duration::from_secs(60);
            record(Some(home.path()), file.path(), &status, &strip(), later).unwrap();

            let (_, journal, operation) = read(file.path()).unwrap();
            assert_eq!(operation.is_open(), open);
            assert_eq!(journal.records.len(), if written { 3 } else { 2 });
            let told = operation.notes.iter().any(|(_, note)| {
                note.starts_with("measured: 10.0.1.50:5432 without an answer for 3.0 s")
            });
            assert_eq!(told, written);
        }
    }
}
