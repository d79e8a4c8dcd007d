//! Journal files: one operation each, one line a record.
//!
//! Invariants: the file is new, append-only and preallocated; `append` returns only when the line
//! is on the disk; after a failed append the file takes no further line, so that a torn line can
//! only ever be the last one.

mod fail_point;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::dir::{StateDir, check_file, file_name_part, open_private, sync_directory};
use super::error::StoreError;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;
use crate::failover::journal::Durable;
use crate::failover::journal::line::Journal;
use fail_point::FailPoint;

/// Bytes reserved when a journal is created, so that a disk which fills up meanwhile cannot stop
/// an operation half way.
const RESERVED: u64 = 64 * 1024;

/// The open journal of one operation.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    path: PathBuf,
    broken: bool,
    fail_point: FailPoint,
}

impl JournalFile {
    /// Creates the journal of operation `op` on `eni`; the file must not exist yet.
    pub fn create(dir: &StateDir, now: Time, eni: &EniId, op: &str) -> Result<Self, StoreError> {
        let name = format!(
            "{}-{}-{}.jsonl",
            now.compact_with_millis(),
            file_name_part(eni.as_str()),
            file_name_part(op)
        );
        let path = dir.ops().join(name);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::APPEND | OFlags::WRONLY;
        let file = open_private(&path, flags)?;
        reserve(&file, 0).map_err(StoreError::io("reserve space for", &path))?;
        file.sync_all().map_err(StoreError::io("sync", &path))?;
        sync_directory(&dir.ops())?;
        Ok(Self {
            file,
            path,
            broken: false,
            fail_point: FailPoint::from_environment(),
        })
    }

    /// Opens a journal that another process left behind, to go on behind its last whole record. What
    /// is torn behind it was never promised to anybody and is cut off; an error if the file is not
    /// the one that `journal` was read from. The caller holds the lock of the interface.
    pub fn reopen(path: &Path, length: u64, journal: &Journal) -> Result<Self, StoreError> {
        let flags = OFlags::APPEND | OFlags::RDWR;
        let mut file = open_private(path, flags)?;
        let found = file.metadata().map_err(StoreError::io("look at", path))?;
        let torn = u64::try_from(journal.torn).unwrap_or(u64::MAX);
        if found.len() != length {
            return Err(StoreError::Untrusted {
                path: path.to_path_buf(),
                what: "has changed since it was read".to_owned(),
                remedy: "look at it again with `enipilot ops show`".to_owned(),
            });
        }
        let mended = (|| {
            file.set_len(length.saturating_sub(torn))?;
            if journal.unended {
                file.write_all(b"\n")?;
            }
            reserve(&file, length)?;
            file.sync_all()
        })();
        mended.map_err(StoreError::io("mend", path))?;
        Ok(Self {
            file,
            path: path.to_path_buf(),
            broken: false,
            fail_point: FailPoint::from_environment(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds one line (without its newline) and returns when it is on the disk.
    pub fn append(&mut self, line: &str) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Untrusted {
                path: self.path.clone(),
                what: "has failed before".to_owned(),
                remedy: "it takes no further record".to_owned(),
            });
        }
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        self.fail_point.before(&mut self.file, &bytes);
        let written = self
            .file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data());
        self.broken = written.is_err();
        if !self.broken {
            self.fail_point.after();
        }
        written.map_err(StoreError::io("write", &self.path))
    }
}

impl Durable for JournalFile {
    fn is_open(&self) -> bool {
        !self.broken
    }
}

/// Gives a journal that cannot be trusted another name, so that nothing takes it for one; says which.
pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    let aside = PathBuf::from(name);
    std::fs::rename(path, &aside).map_err(StoreError::io("rename", path))?;
    if let Some(home) = path.parent() {
        sync_directory(home)?;
    }
    Ok(aside)
}

/// Journals of the state directory, oldest first.
pub fn list(dir: &StateDir) -> Result<Vec<PathBuf>, StoreError> {
    let ops = dir.ops();
    let entries = std::fs::read_dir(&ops).map_err(StoreError::io("list", &ops))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    found.sort();
    Ok(found)
}

/// The text of a journal, if the file can be trusted.
pub fn read(path: &Path) -> Result<String, StoreError> {
    io::read_to_string(checked(path)?).map_err(StoreError::io("read", path))
}

/// The bytes of a journal, text or not.
pub fn bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let read = checked(path)?.read_to_end(&mut bytes);
    read.map_err(StoreError::io("read", path))?;
    Ok(bytes)
}

fn checked(path: &Path) -> Result<File, StoreError> {
    let file = open_private(path, OFlags::RDONLY)?;
    check_file(&file, path)?;
    Ok(file)
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, from: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    match fallocate(file, FallocateFlags::KEEP_SIZE, from, RESERVED) {
        // Not every file system can reserve; the journal works without.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) | Ok(()) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_file: &File, _from: u64) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;
    use crate::failover::journal::line;
    use crate::failover::journal::{Entry, Record};

    fn journal(dir: &StateDir) -> Result<JournalFile, StoreError> {
        let now = Time::from_millis(1_773_280_813_000);
        JournalFile::create(dir, now, &"eni-0c1d52aa7be03f9a1".into(), "7f3a")
    }

    #[test]
    fn lines_are_there_at_once_in_a_private_preallocated_file() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let mut journal = journal(&dir).unwrap();
        journal.append("{\"seq\":0}").unwrap();
        journal.append("{\"seq\":1}").unwrap();
        let meta = std::fs::metadata(journal.path()).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        assert_eq!(meta.len(), 20);
        assert!(meta.blocks() * 512 >= RESERVED || !dir.warnings().is_empty());
        assert_eq!(read(journal.path()).unwrap(), "{\"seq\":0}\n{\"seq\":1}\n");
        assert_eq!(list(&dir).unwrap(), [journal.path()]);
        assert!(
            journal
                .path()
                .ends_with("ops/20260312T020013.000Z-eni-0c1d52aa7be03f9a1-7f3a.jsonl")
        );
    }

    #[test]
    fn journals_of_one_second_are_listed_in_the_order_they_were_made() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let made = |millis: i64, op| {
            let now = Time::from_millis(1_773_280_813_000 + millis);
            let journal = JournalFile::create(&dir, now, &"eni-0c1d52aa7be03f9a1".into(), op);
            journal.unwrap().path().to_path_buf()
        };
        let in_order = [made(7, "ffff"), made(8, "8888"), made(10, "0000")];
        assert_eq!(list(&dir).unwrap(), in_order);
    }

    #[test]
    fn a_journal_is_never_opened_twice_nor_through_a_link() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let first = journal(&dir).unwrap();
        assert!(journal(&dir).is_err());
        let linked = dir.ops().join("linked.jsonl");
        symlink(first.path(), &linked).unwrap();
        assert!(read(&linked).is_err());
        std::fs::hard_link(first.path(), dir.ops().join("second.jsonl")).unwrap();
        let error = read(first.path()).unwrap_err().to_string();
        assert!(error.contains("more than one name"), "{error}");
    }

    #[test]
    fn a_journal_is_gone_on_with_behind_its_last_whole_record() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let line = |seq| {
            let text = "a remark".to_owned();
            let entry = Entry::Note { text };
            let wall = Time::from_millis(0);
            line::encode("7f3a", &Record { seq, wall, entry }).unwrap()
        };
        let path = journal(&dir).unwrap().path().to_path_buf();
        let whole = format!("{}\n", line(0));
        // what the crash left, and what stands before the next record
        for left in [
            whole.clone(),
            whole.trim_end().to_owned(),
            format!("{whole}{}", &line(1)[..30]),
            format!("{whole}\0\0\0\0"),
        ] {
            std::fs::write(&path, &left).unwrap();
            let told = line::decode(left.as_bytes()).unwrap();
            assert_eq!(told.records.len(), 1);
            let mut journal = JournalFile::reopen(&path, left.len() as u64, &told).unwrap();
            journal.append(&line(1)).unwrap();
            let text = read(&path).unwrap();
            assert_eq!(text, format!("{whole}{}\n", line(1)), "{left:?}");
            // Somebody else has written meanwhile.
            assert!(JournalFile::reopen(&path, left.len() as u64, &told).is_err());
        }
    }
}
