//! Why a file could not be had, with the path and what to do.

use std::io;
use std::path::{Path, PathBuf};

/// What went wrong with a file of ours.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Io {
        /// What was being done: `create`, `write`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The reason.
        #[source]
        cause: io::Error,
    },
    /// The file is there, but it cannot be trusted.
    #[error("{} {what}: {remedy}", path.display())]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// There is no home directory to put the state directory into.
    #[error("no home directory is known: set XDG_STATE_HOME or pass --state-dir")]
    Homeless,
}

impl StoreError {
    /// For `map_err`: the operating system refused to do this to that file.
    pub(super) fn io<E: Into<io::Error>>(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(E) -> Self {
        let path = path.to_path_buf();
        move |cause| Self::Io {
            doing,
            path,
            cause: cause.into(),
        }
    }
}
