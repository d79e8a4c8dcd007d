//! Where a process dies for the tests of real processes: at a record of the journal, before it is
//! written, in the middle of it, or once it is on the disk and nobody knows yet.
//!
//! Invariant: only a build with debug assertions reads the variable; a release never dies of it.

use std::fs::File;
use std::io::Write;

use rustix::process::{Signal, getpid, kill_process};

/// `before`, `torn` or `after`, a kind of record, and which of its kind that this process writes,
/// from 1: `after:intent:2`.
const VARIABLE: &str = "ENIPILOT_DIE_AT";

/// When, as seen from the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Before,
    Torn,
    After,
}

/// The point, if there is one.
#[derive(Debug, Default)]
pub(super) struct FailPoint {
    at: Option<(Moment, String)>,
    /// Records of its kind that are still written before it.
    rest: u32,
    here: bool,
}

impl FailPoint {
    /// As the environment says.
    pub(super) fn from_environment() -> Self {
        let said = cfg!(debug_assertions).then(|| std::env::var(VARIABLE).ok());
        said.flatten()
            .and_then(|text| Self::read(&text))
            .unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        let (moment, record) = text.split_once(':')?;
        let (kind, count) = record.split_once(':')?;
        let moment = match moment {
            "before" => Moment::Before,
            "torn" => Moment::Torn,
            "after" => Moment::After,
            _ => return None,
        };
        Some(Self {
            at: Some((moment, format!("\"kind\":\"{kind}\""))),
            rest: count.parse().ok()?,
            here: false,
        })
    }

    /// This line is about to be written.
    pub(super) fn before(&mut self, file: &mut File, line: &[u8]) {
        match self.comes_to(line) {
            Some(Moment::Before) => die(),
            Some(Moment::Torn) => {
                // What cannot be written is torn all the same.
                let _ = file.write_all(line.get(..line.len() / 2).unwrap_or_default());
                die();
            }
            Some(Moment::After) | None => {}
        }
    }

    /// A line is on the disk.
    pub(super) fn after(&self) {
        if self.here && self.at.as_ref().is_some_and(|(m, _)| *m == Moment::After) {
            die();
        }
    }

    /// The moment, if this is the record.
    fn comes_to(&mut self, line: &[u8]) -> Option<Moment> {
        let (moment, kind) = self.at.as_ref()?;
        // The first kind in a line is the record's own.
        let text = String::from_utf8_lossy(line);
        let at = text.find("\"kind\":")?;
        if self.rest == 0 || !text.get(at..)?.starts_with(kind) {
            return None;
        }
        self.rest -= 1;
        self.here = self.rest == 0;
        self.here.then_some(*moment)
    }
}

/// As with `kill -9`: nothing is said, closed or tidied up.
fn die() {
    let _ = kill_process(getpid(), Signal::KILL);
    // The signal may take a moment; not a byte is written after it.
    loop {
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_moment_and_a_record_of_a_kind() {
        let line =
            |kind: &str| format!("{{\"v\":1,\"kind\":\"{kind}\",\"sky\":{{\"kind\":\"live\"}}}}\n");
        let lines = ["plan", "intent", "outcome", "intent", "outcome", "intent"].map(line);
        // text, at which line it comes
        for (text, expected) in [
            ("before:plan:1", Some((0, Moment::Before))),
            ("torn:intent:2", Some((3, Moment::Torn))),
            ("after:outcome:2", Some((4, Moment::After))),
            ("after:intent:4", None),
            ("after:live:1", None),
            ("after:intent:0", None),
            ("after:intent", None),
            ("later:intent:1", None),
            ("", None),
        ] {
            let mut point = FailPoint::read(text).unwrap_or_default();
            let found = lines
                .iter()
                .enumerate()
                .find_map(|(n, line)| Some((n, point.comes_to(line.as_bytes())?)));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
