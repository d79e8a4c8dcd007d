//! One operation at a time on a network interface: a lock file per account, Region and interface.
//!
//! Invariants: the lock is the open file (`flock(2)`), so it ends with the process however that
//! ends; what the file says of its holder is for people only. An operation holds the locks of all
//! interfaces that it touches, or none; everybody takes them in the same order, so that of two
//! operations that want the same ones the first goes on.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::dir::{StateDir, file_name_part, open_private};
use super::error::StoreError;
use crate::ec2::id::EniId;
use crate::ec2::time::Time;

/// Times that somebody who only looks may be in the way, for microseconds each.
const LOOKERS_MAX: u32 = 10_000;

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
    /// Another operation that touches this interface is under way.
    #[error("{eni} is in the hands of {}: wait for it, or look at {}", by(.holder.as_ref()), path.display())]
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

/// The locks of one operation; dropping them lets go.
#[derive(Debug)]
pub struct OpLock {
    /// Each closes behind the others; the order does not matter.
    _held: Vec<Held>,
}

/// The lock of one interface.
#[derive(Debug)]
struct Held(File);

impl OpLock {
    /// Takes the locks of all these interfaces, or says who holds one of them; never waits.
    pub fn take(
        dir: &StateDir,
        account: &str,
        region: &str,
        enis: &BTreeSet<EniId>,
        holder: &Holder,
    ) -> Result<Self, LockError> {
        let held = enis
            .iter()
            .map(|eni| Held::take(eni, path_of(dir, account, region, eni), holder))
            .collect::<Result<_, _>>()?;
        Ok(Self { _held: held })
    }

    /// Who holds the lock on an interface now; `None` if nobody does, or if that cannot be told.
    /// Nothing is created. What a killed process left in the file is not believed: whoever holds the
    /// lock holds the open file.
    pub fn holder(dir: &StateDir, account: &str, region: &str, eni: &EniId) -> Option<Holder> {
        let path = path_of(dir, account, region, eni);
        let mut file = open_private(&path, OFlags::RDWR).ok()?;
        let holder = said(&mut file)?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(holder),
            _ => None,
        }
    }
}

impl Held {
    fn take(eni: &EniId, path: PathBuf, holder: &Holder) -> Result<Self, LockError> {
        let mut file = open_private(&path, OFlags::CREATE | OFlags::RDWR)?;
        if !alone(&file).map_err(StoreError::io("lock", &path))? {
            return Err(LockError::Held {
                eni: eni.clone(),
                holder: said(&mut file),
                path,
            });
        }
        write_holder(&mut file, holder).map_err(StoreError::io("write", &path))?;
        Ok(Self(file))
    }
}

/// Takes the file's lock; false if another process holds it. Who only looks at it shares it for a
/// moment ([`OpLock::holder`]) and is no reason to be refused: as long as it can be shared, nobody
/// holds it.
fn alone(file: &File) -> std::io::Result<bool> {
    for _ in 0..LOOKERS_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
        match file.try_lock_shared() {
            Ok(()) => file.unlock()?,
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
        std::thread::yield_now();
    }
    Ok(false)
}

fn path_of(dir: &StateDir, account: &str, region: &str, eni: &EniId) -> PathBuf {
    let name = [account, region, eni.as_str()].map(file_name_part);
    dir.ops().join(format!("{}.lock", name.join("-")))
}

impl Drop for Held {
    fn drop(&mut self) {
        // The file stays: removing it would race with the next holder. Closing it lets go.
        let _ = self.0.set_len(0);
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

    const A: &str = "eni-0c1d52aa7be03f9a1";
    const B: &str = "eni-0c1d52aa7be03f9a2";
    const C: &str = "eni-0c1d52aa7be03f9a3";

    fn take(dir: &StateDir, enis: &[&str], op: &str) -> Result<OpLock, LockError> {
        let holder = Holder::me(op, Time::from_millis(1_773_280_813_000));
        let enis = enis.iter().map(|eni| EniId::from(*eni)).collect();
        OpLock::take(dir, "111122223333", "us-east-1", &enis, &holder)
    }

    #[test]
    fn the_second_is_told_who_was_first() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let first = take(&dir, &[A], "7f3a").unwrap();
        let refused = take(&dir, &[A], "8888").unwrap_err();
        let LockError::Held { holder, .. } = &refused else {
            unreachable!("{refused}")
        };
        assert_eq!(
            holder.as_ref().map(|h| (h.op.as_str(), h.pid)),
            Some(("7f3a", std::process::id()))
        );
        assert!(refused.to_string().contains("operation 7f3a"), "{refused}");
        // Another interface is free, and the same one is once its holder is gone.
        assert!(take(&dir, &[B], "8888").is_ok());
        drop(first);
        assert!(take(&dir, &[A], "8888").is_ok());
    }

    #[test]
    fn all_are_held_or_none() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let _first = take(&dir, &[C, B], "7f3a").unwrap();
        for enis in [&[A, B][..], &[B, A], &[C, A], &[A, C, B]] {
            let refused = take(&dir, enis, "8888").unwrap_err().to_string();
            assert!(refused.contains("operation 7f3a"), "{enis:?}: {refused}");
            // What had been taken by then is free again.
            assert!(take(&dir, &[A], "9999").is_ok(), "{enis:?}");
        }
    }

    #[test]
    fn who_only_looks_stands_in_nobodys_way() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let path = path_of(&dir, "111122223333", "us-east-1", &A.into());
        let killed = serde_json::to_string(&Holder::me("dead", Time::from_millis(0))).unwrap();
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !over.load(std::sync::atomic::Ordering::Relaxed) {
                        OpLock::holder(&dir, "111122223333", "us-east-1", &A.into());
                    }
                });
            }
            for n in 0..500 {
                let taken = take(&dir, &[A], "7f3a");
                over.fetch_or(
                    n == 499 || taken.is_err(),
                    std::sync::atomic::Ordering::Relaxed,
                );
                drop(taken.unwrap());
                // What a killed process leaves.
                std::fs::write(&path, &killed).unwrap();
            }
        });
    }
}
