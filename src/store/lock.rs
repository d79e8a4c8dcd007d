//! One operation at a time on one network interface: a lock file per account, Region and interface.
//!
//! Invariant: the lock is the open file (`flock(2)`), so it ends with the process however that
//! ends; what the file says of its holder is for people only.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::dir::{StateDir, file_name_part, open_private};
use super::error::StoreError;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process.
    pub pid: u32,
    /// Machine.
    pub host: String,
    /// Operation.
    pub op: String,
    /// Since when.
    pub since: Time,
}

impl Holder {
    /// This process, for an operation that begins now.
    pub fn me(op: &str, now: Time) -> Self {
        let system = rustix::system::uname();
        Self {
            pid: std::process::id(),
            host: system.nodename().to_string_lossy().into_owned(),
            op: op.to_owned(),
            since: now,
        }
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another operation is under way on this interface.
    #[error("{eni} is being moved by {}: wait for it, or look at {}", by(.holder.as_ref()), path.display())]
    Held {
        /// The interface.
        eni: EniId,
        /// Its holder, if the file says so.
        holder: Option<Holder>,
        /// The lock file.
        path: PathBuf,
    },
    /// The file could not be had.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn by(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "another operation".to_owned(),
        |h| format!("operation {} ({h})", file_name_part(&h.op)),
    )
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = file_name_part(&self.host);
        write!(f, "process {} on {host}, since {}", self.pid, self.since)
    }
}

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub struct OpLock {
    file: File,
    path: PathBuf,
}

impl OpLock {
    /// Takes the lock, or says who holds it; never waits.
    pub fn take(
        dir: &StateDir,
        account: &str,
        region: &str,
        eni: &EniId,
        holder: &Holder,
    ) -> Result<Self, LockError> {
        let path = path_of(dir, account, region, eni);
        let mut file = open_private(&path, OFlags::CREATE | OFlags::RDWR)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    eni: eni.clone(),
                    holder: said(&mut file),
                    path,
                });
            }
            Err(std::fs::TryLockError::Error(cause)) => {
                return Err(StoreError::io("lock", &path)(cause).into());
            }
        }
        write_holder(&mut file, holder).map_err(StoreError::io("write", &path))?;
        Ok(Self { file, path })
    }

    /// Who holds the lock on an interface now; `None` if nobody does, or if that cannot be told.
    /// Nothing is created. What a killed process left in the file is not believed: whoever holds the
    /// lock holds the open file.
    pub fn holder(dir: &StateDir, account: &str, region: &str, eni: &EniId) -> Option<Holder> {
        let path = path_of(dir, account, region, eni);
        let mut file = open_private(&path, OFlags::RDWR).ok()?;
        let holder = said(&mut file)?;
        match file.try_lock_shared() {
            Err(std::fs::TryLockError::WouldBlock) => Some(holder),
            _ => None,
        }
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn path_of(dir: &StateDir, account: &str, region: &str, eni: &EniId) -> PathBuf {
    let name = [account, region, eni.as_str()].map(file_name_part);
    dir.ops().join(format!("{}.lock", name.join("-")))
}

impl Drop for OpLock {
    fn drop(&mut self) {
        // The file stays: removing it would race with the next holder. Closing it lets go.
        let _ = self.file.set_len(0);
    }
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let text = serde_json::to_string(holder)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

fn said(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    Read::by_ref(file)
        .take(4_096)
        .read_to_string(&mut text)
        .ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_second_is_told_who_was_first() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let take = |eni: &str, op: &str| {
            let holder = Holder::me(op, Time::from_millis(1_773_280_813_000));
            OpLock::take(&dir, "111122223333", "us-east-1", &eni.into(), &holder)
        };
        let first = take("eni-0c1d52aa7be03f9a1", "7f3a").unwrap();
        let refused = take("eni-0c1d52aa7be03f9a1", "8888").unwrap_err();
        let LockError::Held { holder, .. } = &refused else {
            unreachable!("{refused}")
        };
        assert_eq!(
            holder.as_ref().map(|h| (h.op.as_str(), h.pid)),
            Some(("7f3a", std::process::id()))
        );
        assert!(refused.to_string().contains("operation 7f3a"), "{refused}");
        // Another interface is free, and the same one is once its holder is gone.
        assert!(take("eni-0c1d52aa7be03f9a2", "8888").is_ok());
        drop(first);
        assert!(take("eni-0c1d52aa7be03f9a1", "8888").is_ok());
    }
}
