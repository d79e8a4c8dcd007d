//! Old journals go when a new operation begins.
//!
//! Invariants: only a journal that tells by itself that its operation has come to rest is ever
//! removed; one without a verdict, one whose verdict asks for a person, and one that cannot be read
//! to its end stay for good, because somebody may still need them.

use std::path::{Path, PathBuf};

use super::dir::StateDir;
use super::error::StoreError;
use super::journal::{list, read};
use crate::failover::journal::{Entry, line};

/// Journals of ended operations that are kept.
pub const KEPT: usize = 50;

/// Removes the oldest journals of ended operations, so that `kept` of them stay; says which.
pub fn prune(dir: &StateDir, kept: usize) -> Result<Vec<PathBuf>, StoreError> {
    let journals = list(dir)?;
    if journals.len() <= kept {
        return Ok(Vec::new());
    }
    // Names begin with the moment of creation, so the list is in order of age.
    let mut ended: Vec<PathBuf> = journals.into_iter().filter(|p| is_over(p)).collect();
    ended.truncate(ended.len().saturating_sub(kept));
    for path in &ended {
        std::fs::remove_file(path).map_err(StoreError::io("remove", path))?;
    }
    Ok(ended)
}

/// Whether the operation is at rest and nobody has to see to it.
fn is_over(path: &Path) -> bool {
    let Ok(text) = read(path) else { return false };
    let Ok(journal) = line::decode(text.as_bytes()) else {
        return false;
    };
    let mut entries = journal.records.iter().rev().map(|record| &record.entry);
    let verdict = entries.find(|entry| !matches!(entry, Entry::Measured { .. }));
    let rests = matches!(verdict, Some(Entry::Verdict { ending, .. }) if ending != "needs-person");
    rests && journal.torn == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ec2::time::Time;
    use crate::failover::journal::Record;
    use crate::store::journal::JournalFile;

    const HOUR: i64 = 3_600_000;

    fn record(seq: u64, entry: Entry) -> Record {
        let wall = Time::from_millis(0);
        Record { seq, wall, entry }
    }

    fn note() -> Record {
        let text = "a remark".to_owned();
        record(0, Entry::Note { text })
    }

    fn verdict(ending: &str) -> Record {
        let (ending, text) = (ending.to_owned(), String::new());
        record(1, Entry::Verdict { ending, text })
    }

    /// The journal of the operation that began in this hour.
    fn write(dir: &StateDir, hour: i64, records: &[Record]) -> PathBuf {
        let op = format!("{hour:04x}");
        let now = Time::from_millis(1_773_280_813_000 + hour * HOUR);
        let eni = "eni-0c1d52aa7be03f9a1".into();
        let mut journal = JournalFile::create(dir, now, &eni, &op).unwrap();
        for record in records {
            journal.append(&line::encode(&op, record).unwrap()).unwrap();
        }
        journal.path().to_path_buf()
    }

    #[test]
    fn the_newest_fifty_that_have_ended_stay() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let all: Vec<PathBuf> = (0..53)
            .map(|hour| write(&dir, hour, &[note(), verdict("done")]))
            .collect();
        assert_eq!(prune(&dir, KEPT).unwrap(), all[..3]);
        assert_eq!(list(&dir).unwrap(), all[3..]);
        assert_eq!(prune(&dir, KEPT).unwrap(), [] as [PathBuf; 0]);
    }

    #[test]
    fn what_has_not_ended_stays_however_old() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let unfinished = write(&dir, 0, &[note()]);
        let empty = write(&dir, 1, &[]);
        let waits = write(&dir, 2, &[note(), verdict("needs-person")]);
        // After its verdict nothing may follow; this one has been tampered with.
        let odd = write(&dir, 3, &[note(), verdict("done"), note()]);
        let torn = write(&dir, 4, &[note(), verdict("done")]);
        let text = std::fs::read_to_string(&torn).unwrap();
        std::fs::write(&torn, &text[..text.len() - 5]).unwrap();
        let endings = ["done", "put-back", "aborted", "refused", "foreign-change"];
        let ended: Vec<PathBuf> = (5..)
            .zip(endings)
            .map(|(hour, ending)| write(&dir, hour, &[note(), verdict(ending)]))
            .collect();
        assert_eq!(prune(&dir, 1).unwrap(), ended[..4]);
        let mut left = vec![unfinished, empty, waits, odd, torn];
        left.extend_from_slice(&ended[4..]);
        assert_eq!(list(&dir).unwrap(), left);
    }
}
