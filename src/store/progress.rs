//! How far a person has come in the school: one JSON file in the state directory.
//!
//! Invariants: a new file takes the place of the old one only when it is whole; a file that cannot be
//! read is an error that names it, never a fresh start that would overwrite it.

use std::fs;
use std::io::{ErrorKind, Write};

use rustix::fs::OFlags;

use super::dir::{StateDir, open_private};
use super::error::StoreError;
use crate::lessons::progress::Progress;

const NAME: &str = "lessons.json";

/// Reads it; nothing there is the beginning.
pub fn read(dir: &StateDir) -> Result<Progress, StoreError> {
    let path = dir.root().join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Progress::default()),
        Err(error) => return Err(StoreError::io("read", &path)(error)),
    };
    serde_json::from_str(&text).map_err(|e| StoreError::io("read", &path)(std::io::Error::from(e)))
}

/// Writes it 0600, whole or not at all.
pub fn write(dir: &StateDir, progress: &Progress) -> Result<(), StoreError> {
    let path = dir.root().join(NAME);
    let new = dir.root().join(format!("{NAME}.new"));
    let text = serde_json::to_string_pretty(progress)
        .map_err(|e| StoreError::io("write", &path)(std::io::Error::from(e)))?;
    let flags = OFlags::CREATE | OFlags::TRUNC | OFlags::WRONLY;
    let mut file = open_private(&new, flags)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_data())
        .map_err(StoreError::io("write", &new))?;
    fs::rename(&new, &path).map_err(StoreError::io("rename", &path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_kept_is_read_again_and_a_broken_file_is_no_fresh_start() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        assert_eq!(read(&dir).unwrap(), Progress::default());
        let mut progress = Progress::default();
        progress.done("primary", Some(3));
        write(&dir, &progress).unwrap();
        progress.reached("zones", 2);
        write(&dir, &progress).unwrap();
        assert_eq!(read(&dir).unwrap(), progress);
        fs::write(dir.root().join(NAME), "{").unwrap();
        let error = read(&dir).unwrap_err().to_string();
        assert!(error.contains(NAME), "{error}");
    }
}
