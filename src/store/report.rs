//! Reports: text files that a person asked for, in the state directory.

use std::io::Write;
use std::path::PathBuf;

use rustix::fs::OFlags;

use super::dir::{StateDir, file_name_part, open_private};
use super::error::StoreError;

/// Files of one name that are told apart by a number before giving up.
const SAME_NAME_MAX: u32 = 1_000;

/// Writes a report 0600 under a name like the suggested one that is still free; says where.
pub fn write(dir: &StateDir, name: &str, text: &str) -> Result<PathBuf, StoreError> {
    let name = name.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
    let (stem, extension) = (file_name_part(stem), file_name_part(extension));
    let stem = if stem.is_empty() { "report" } else { &stem };
    let mut last = None;
    for n in 1..=SAME_NAME_MAX {
        let number = if n == 1 {
            String::new()
        } else {
            format!("-{n}")
        };
        let path = dir.reports().join(format!("{stem}{number}.{extension}"));
        match open_private(&path, OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY) {
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes());
                written.map_err(StoreError::io("write", &path))?;
                return Ok(path);
            }
            Err(StoreError::Io { cause, .. })
                if cause.kind() == std::io::ErrorKind::AlreadyExists =>
            {
                last = Some(StoreError::io("create", &path)(cause));
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or(StoreError::Homeless))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_report_never_overwrites_and_never_leaves_the_directory() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        for (name, expected) in [
            ("7f3a.md", "7f3a.md"),
            ("7f3a.md", "7f3a-2.md"),
            ("../../etc/passwd", "passwd.txt"),
            ("\u{1b}", "report.txt"),
        ] {
            let path = write(&dir, name, "text").unwrap();
            let shown = path.strip_prefix(dir.reports()).unwrap();
            assert_eq!(shown.to_str(), Some(expected), "{name}");
        }
    }
}
