//! What the state directory knows of operations, for those who only look.
//!
//! Invariant: nothing is created; no state directory means no operations.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::event::{self, Event};
use crate::app::msg::Msg;
use crate::failover::ops::Kept;
use crate::store::dir::{StateDir, locate};
use crate::store::error::StoreError;
use crate::store::ops;

/// The state directory, if there is one already.
pub fn state(option: Option<&Path>) -> Result<Option<StateDir>, StoreError> {
    match locate(option) {
        Ok(root) => StateDir::existing(&root),
        Err(StoreError::Homeless) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every operation, oldest first.
pub fn kept(option: Option<&Path>) -> Result<Vec<Kept>, StoreError> {
    let Some(dir) = state(option)? else {
        return Ok(Vec::new());
    };
    Ok(ops::all(&dir)?.into_iter().map(|(_, kept)| kept).collect())
}

/// Those that somebody has to see to, with their journals, oldest first.
pub fn open(option: Option<&Path>) -> Result<Vec<(PathBuf, Kept)>, StoreError> {
    match state(option)? {
        Some(dir) => ops::open(&dir),
        None => Ok(Vec::new()),
    }
}

/// Tells a screen what is kept, from a thread of its own: a slow disk delays no frame. A directory
/// that cannot be had is told of in the feed.
pub(super) fn tell(events: SyncSender<Event>, option: Option<PathBuf>) {
    let look = move || {
        let msg = match kept(option.as_deref()) {
            Ok(operations) if operations.is_empty() => return,
            Ok(operations) => Msg::Operations(Arc::new(operations)),
            Err(error) => Msg::Note(format!("operations cannot be listed: {error}")),
        };
        event::tell(&events, msg);
    };
    // Without the thread there is no banner; every command says the same on stderr.
    let _ = std::thread::Builder::new()
        .name("operations".to_owned())
        .spawn(look);
}
