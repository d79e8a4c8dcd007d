//! The state directory and the only ways in which files are made in it.
//!
//! Invariants: it belongs to the user who runs the program and nobody else can write to it, or it
//! is refused; a file is created 0600 and never through a symbolic link.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, Xdg};
use rustix::fs::{Mode, OFlags};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};

use super::error::StoreError;

/// Variable that names the state directory; the option `--state-dir` outranks it.
pub const STATE_DIR_VARIABLE: &str = "ENIPILOT_STATE_DIR";

/// The state directory, found sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir {
    root: PathBuf,
}

/// Where the state directory is to be: the option, the variable, or `enipilot` below
/// `XDG_STATE_HOME` (`~/.local/state`). Nothing is created.
pub fn locate(option: Option<&Path>) -> Result<PathBuf, StoreError> {
    if let Some(path) = option {
        return Ok(path.to_path_buf());
    }
    let from_variable = std::env::var_os(STATE_DIR_VARIABLE).filter(|v: &OsString| !v.is_empty());
    if let Some(path) = from_variable {
        return Ok(PathBuf::from(path));
    }
    let xdg = Xdg::new().map_err(|_| StoreError::Homeless)?;
    let base = xdg.state_dir().ok_or(StoreError::Homeless)?;
    Ok(base.join("enipilot"))
}

impl StateDir {
    /// Opens the directory, creating it and its parts 0700 where they are missing. Refuses one that
    /// somebody else owns or can write to: a journal there could be forged.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(root).map_err(StoreError::io("find", root))?;
        let dir = Self { root };
        for part in [dir.root.clone(), dir.ops(), dir.reports()] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&part)
                .map_err(StoreError::io("create", &part))?;
            check_directory(&part)?;
        }
        Ok(dir)
    }

    /// The directory if it is there already, found sound as [`Self::open`] does; nothing is created.
    pub fn existing(root: &Path) -> Result<Option<Self>, StoreError> {
        let root = std::path::absolute(root).map_err(StoreError::io("find", root))?;
        let dir = Self { root };
        for part in [&dir.root, &dir.ops()] {
            match fs::symlink_metadata(part) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                _ => check_directory(part)?,
            }
        }
        Ok(Some(dir))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Journals and locks.
    pub fn ops(&self) -> PathBuf {
        self.root.join("ops")
    }

    /// Reports.
    pub fn reports(&self) -> PathBuf {
        self.root.join("reports")
    }

    /// Name and path of everything that is kept, for `doctor`.
    pub fn paths(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("state directory", self.root.clone()),
            ("journals and locks", self.ops()),
            ("reports", self.reports()),
        ]
    }

    /// What should be known of the file system below: a journal on a network mount or in memory
    /// may not survive what it is for.
    pub fn warnings(&self) -> Vec<String> {
        warnings_of(&self.root)
    }
}

/// The same of a directory that may not be there yet: what it will be made in counts. A relative path
/// counts from the current directory.
pub fn warnings_of(root: &Path) -> Vec<String> {
    let path = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
    let there = path.ancestors().find(|part| part.exists());
    let kind = there.and_then(unlasting);
    let kind = kind.map(|kind| format!("is on {kind}: journals there may not survive a crash"));
    let emptied = emptied_at_boot(&path);
    let emptied = emptied.map(|home| {
        format!("is in {home}, which is emptied at boot: journals there do not survive a restart")
    });
    kind.into_iter()
        .chain(emptied)
        .map(|what| {
            let root = path.display();
            format!("{root} {what}; choose another place with --state-dir")
        })
        .collect()
}

/// Directories that hold nothing across a restart (Filesystem Hierarchy Standard, "/run" and "/tmp").
fn emptied_at_boot(path: &Path) -> Option<&'static str> {
    let homes = ["/tmp", "/run", "/var/run", "/dev/shm", "/private/tmp"];
    homes.into_iter().find(|home| path.starts_with(home))
}

fn check_directory(path: &Path) -> Result<(), StoreError> {
    let untrusted = |what: &str, remedy: String| StoreError::Untrusted {
        path: path.to_path_buf(),
        what: what.to_owned(),
        remedy,
    };
    let meta = fs::metadata(path).map_err(StoreError::io("look at", path))?;
    if !meta.is_dir() {
        return Err(untrusted(
            "is not a directory",
            "move it away, or choose another place with --state-dir".to_owned(),
        ));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(untrusted(
            "belongs to another user",
            "choose a directory of your own with --state-dir".to_owned(),
        ));
    }
    if meta.permissions().mode() & 0o022 != 0 {
        return Err(untrusted(
            "can be written by other users",
            format!("run: chmod go-rwx {}", path.display()),
        ));
    }
    Ok(())
}

/// Checks that an open file is a plain file of ours that nobody else can reach.
pub(super) fn check_file(file: &File, path: &Path) -> Result<(), StoreError> {
    let meta = file.metadata().map_err(StoreError::io("look at", path))?;
    let wrong = if !meta.is_file() {
        "is not a regular file"
    } else if meta.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else if meta.nlink() != 1 {
        "has more than one name"
    } else if meta.permissions().mode() & 0o077 != 0 {
        "is open to other users"
    } else {
        return Ok(());
    };
    Err(StoreError::Untrusted {
        path: path.to_path_buf(),
        what: wrong.to_owned(),
        remedy: "look at it, then move it away".to_owned(),
    })
}

/// Opens a file 0600, never through a symbolic link, not inherited by children.
pub(super) fn open_private(path: &Path, flags: OFlags) -> Result<File, StoreError> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
        .map_err(StoreError::io("open", path))?;
    let file = File::from(fd);
    check_file(&file, path)?;
    Ok(file)
}

/// Makes the entry of a new file durable.
pub(super) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let dir = File::open(path).map_err(StoreError::io("open", path))?;
    dir.sync_all().map_err(StoreError::io("sync", path))
}

/// The parts of a name that are safe in a file name; everything else is left out.
pub(super) fn file_name_part(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    kept.take(64).collect()
}

#[cfg(target_os = "linux")]
fn unlasting(path: &Path) -> Option<&'static str> {
    // Magic numbers of statfs(2).
    let kind = rustix::fs::statfs(path).ok()?.f_type as u64 & 0xffff_ffff;
    match kind {
        0x6969 => Some("NFS"),
        0xfe53_4d42 | 0xff53_4d42 | 0x517b => Some("an SMB share"),
        0x6573_5546 => Some("a FUSE mount"),
        0x0102_1994 | 0x8584_58f6 => Some("a file system in memory"),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn unlasting(_path: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_new_directory_is_private() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(&home.path().join("a/b")).unwrap();
        for (_, path) in dir.paths() {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", path.display());
        }
    }

    #[test]
    fn a_directory_open_to_others_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("state");
        fs::create_dir(&root).unwrap();
        for (mode, good) in [(0o700, true), (0o755, true), (0o775, false), (0o702, false)] {
            fs::set_permissions(&root, fs::Permissions::from_mode(mode)).unwrap();
            let opened = StateDir::open(&root);
            assert_eq!(opened.is_ok(), good, "{mode:o}: {opened:?}");
        }
        let error = StateDir::open(&root).unwrap_err().to_string();
        assert!(error.contains("chmod go-rwx"), "{error}");
    }

    #[test]
    fn a_place_that_is_emptied_at_boot_is_told_of_before_it_is_made() {
        for (path, home) in [
            ("/tmp/enipilot-that-is-not-there/state", Some("/tmp")),
            ("/run/user/1000/enipilot", Some("/run")),
            ("/dev/shm/x", Some("/dev/shm")),
            ("/tmpfiles/x", None),
            ("/var/lib/enipilot", None),
        ] {
            let warnings = warnings_of(Path::new(path));
            let told = warnings.iter().any(|w| w.contains("emptied at boot"));
            assert_eq!(told, home.is_some(), "{path}: {warnings:?}");
            let named = warnings.iter().any(|w| w.contains(home.unwrap_or(path)));
            assert!(home.is_none() || named, "{path}: {warnings:?}");
        }
    }

    #[test]
    fn names_of_files_carry_nothing_dangerous() {
        assert_eq!(file_name_part("../eni-1/\u{1b}[2Jx y"), "eni-12Jxy");
    }
}
