//! Every operation that the state directory knows.
//!
//! Invariants: looking creates nothing and changes nothing; a journal that cannot be read is told of,
//! never passed over, because it may stand for an interface that is attached to nothing.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use super::dir::{StateDir, open_private};
use super::error::StoreError;
use super::journal::{bytes, list};
use super::lock::OpLock;
use crate::failover::journal::{Entry, line};
use crate::failover::ops::{Kept, Told};
use crate::failover::replay::Replay;
use crate::failover::resume::{NoOperation, Operation};

/// Bytes at the end of a journal in which its last line is looked for.
const TAIL: u64 = 16 * 1024;

/// Every operation, oldest first.
pub fn all(dir: &StateDir) -> Result<Vec<(PathBuf, Kept)>, StoreError> {
    let journals = list(dir)?;
    Ok(journals
        .into_iter()
        .map(|path| {
            let kept = one(dir, &path);
            (path, kept)
        })
        .collect())
}

/// Those that somebody has to see to, oldest first. Journals that end with a verdict are not read
/// any further.
pub fn open(dir: &StateDir) -> Result<Vec<(PathBuf, Kept)>, StoreError> {
    let journals = list(dir)?;
    let unsettled = journals.into_iter().filter(|path| !is_over(path));
    Ok(unsettled
        .map(|path| {
            let kept = one(dir, &path);
            (path, kept)
        })
        .filter(|(_, kept)| kept.is_open())
        .collect())
}

/// What one journal tells.
pub fn one(dir: &StateDir, path: &Path) -> Kept {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    // Names are made by us: moment, interface and operation, parted by hyphens.
    let stem = file.strip_suffix(".jsonl").unwrap_or(&file);
    let of_file = stem.rsplit('-').next().unwrap_or(stem).to_owned();
    let (replay, told) = match bytes(path) {
        Err(error) => (None, Err(error.to_string())),
        Ok(bytes) => {
            let (journal, why) = line::readable(&bytes);
            let why = why.map(|why| why.to_string());
            let mut replay = Replay::of(&journal, why.clone());
            if replay.op.is_empty() {
                replay.op.clone_from(&of_file);
            }
            (Some(Arc::new(replay)), why.map_or(Ok(journal), Err))
        }
    };
    let (op, told) = match told {
        Err(why) => (of_file, Told::Damaged(why)),
        Ok(journal) => match Operation::read(&journal) {
            Ok(operation) => (operation.op.clone(), Told::Operation(Box::new(operation))),
            Err(NoOperation::Empty) => (of_file, Told::Empty),
            Err(why) => (of_file, Told::Damaged(why.to_string())),
        },
    };
    let holder = match &told {
        Told::Operation(operation) => {
            let (sky, eni) = (&operation.plan.sky, &operation.plan.intent.eni);
            let holder = OpLock::holder(dir, &sky.account, &sky.region, eni);
            holder.filter(|h| h.op == op).map(|h| h.to_string())
        }
        Told::Empty | Told::Damaged(_) => None,
    };
    Kept {
        op,
        file: file.into_owned(),
        told,
        holder,
        replay,
    }
}

/// The last line says that the operation is at rest; false if that cannot be told from it alone.
fn is_over(path: &Path) -> bool {
    let Ok(mut file) = open_private(path, OFlags::RDONLY) else {
        return false;
    };
    let Some(tail) = tail(&mut file) else {
        return false;
    };
    let Some(whole) = tail.strip_suffix(b"\n") else {
        return false;
    };
    let last = whole.rsplit(|b| *b == b'\n').next().unwrap_or(whole);
    match line::last(last) {
        Some(Entry::Verdict { ending, .. }) => ending != "needs-person",
        _ => false,
    }
}

fn tail(file: &mut File) -> Option<Vec<u8>> {
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ec2::time::Time;
    use crate::failover::journal::Record;
    use crate::failover::plan::Plan;
    use crate::failover::testing::{STANDBY, intent, live, planned as made, world};
    use crate::store::journal::JournalFile;
    use crate::store::lock::Holder;

    const NOW: Time = Time::from_millis(1_773_280_813_000);

    fn plan() -> Plan {
        made(&world(), &intent(STANDBY), &live())
    }

    fn write(dir: &StateDir, op: &str, entries: Vec<Entry>) -> PathBuf {
        let eni = "eni-0c1d52aa7be03f9a1".into();
        let mut journal = JournalFile::create(dir, NOW, &eni, op).unwrap();
        for (seq, entry) in (0..).zip(entries) {
            let record = Record {
                seq,
                wall: NOW,
                entry,
            };
            journal.append(&line::encode(op, &record).unwrap()).unwrap();
        }
        journal.path().to_path_buf()
    }

    fn planned() -> Entry {
        Entry::Plan {
            plan: Arc::new(plan()),
        }
    }

    fn detach() -> Entry {
        let call = plan().calls().next().unwrap().clone();
        Entry::Intent { call, attempt: 1 }
    }

    fn verdict(ending: &str) -> Entry {
        Entry::Verdict {
            ending: ending.to_owned(),
            text: String::new(),
        }
    }

    #[test]
    fn what_is_open_empty_or_damaged_is_told_apart() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let measured = Entry::Measured {
            text: "4.8 s".to_owned(),
            millis: 4_800,
            parts: vec![("detach".to_owned(), 4_800)],
        };
        // Over, also where something was measured afterwards.
        write(&dir, "aaaa0000", vec![planned(), verdict("done"), measured]);
        write(&dir, "aaaa0001", vec![planned(), verdict("done")]);
        write(
            &dir,
            "aaaa0002",
            vec![planned(), detach(), verdict("needs-person")],
        );
        write(&dir, "aaaa0003", vec![planned(), detach()]);
        write(&dir, "aaaa0007", vec![planned()]);
        write(&dir, "aaaa0004", vec![]);
        let damaged = write(
            &dir,
            "aaaa0005",
            vec![planned(), verdict("done"), verdict("done")],
        );
        let text = std::fs::read_to_string(&damaged).unwrap();
        std::fs::write(&damaged, text.replacen("\"seq\":1", "\"seq\":7", 1)).unwrap();
        // A journal through a link may be anybody's.
        std::os::unix::fs::symlink(&damaged, dir.ops().join("z-aaaa0006.jsonl")).unwrap();
        let ops = |found: Vec<(PathBuf, Kept)>| -> Vec<(String, bool)> {
            let told = found.into_iter();
            told.map(|(_, k)| (k.op.clone(), k.operation().is_some()))
                .collect()
        };
        let all = ops(all(&dir).unwrap());
        assert_eq!(all.len(), 8);
        let open: Vec<_> = ops(open(&dir).unwrap());
        let named = |op: &str, readable| (op.to_owned(), readable);
        assert_eq!(
            open,
            [
                named("aaaa0002", true),
                named("aaaa0003", true),
                named("aaaa0006", false)
            ]
        );
    }

    #[test]
    fn who_is_at_work_on_it_is_named() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let path = write(&dir, "aaaa0001", vec![planned()]);
        assert_eq!(one(&dir, &path).holder, None);
        let plan = plan();
        let (sky, eni) = (&plan.sky, &plan.intent.eni);
        let me = Holder::me("aaaa0001", NOW);
        let lock =
            OpLock::take(&dir, &sky.account, &sky.region, &[eni.clone()].into(), &me).unwrap();
        let holder = one(&dir, &path).holder.unwrap();
        assert!(
            holder.contains(&format!("process {}", std::process::id())),
            "{holder}"
        );
        drop(lock);
        assert_eq!(one(&dir, &path).holder, None);
    }
}
