//! What people agreed to, in words.
//!
//! Invariant: an agreement is told with what it named, an index, an instance, a lasting effect, and by
//! the names that the plan had when it was given.

use super::journal::Entry;
use super::plan::Plan;
use crate::ec2::time::Time;

/// One agreement, as the journal holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// To what, one word as in the journal.
    pub to: String,
    /// The same in words, such as `to attach it at index 2`.
    pub words: String,
    /// When.
    pub at: Time,
    /// How it was said: `tui`, `--confirm`, `chosen` …
    pub how: String,
}

impl Agreement {
    /// For a line of text.
    pub fn said(&self) -> String {
        said(&self.words, &self.how)
    }
}

/// What was agreed to, and how.
pub(super) fn said(words: &str, how: &str) -> String {
    format!("{words} ({how})")
}

/// A consent of the journal in words; `plan` is the one of that moment.
pub(super) fn words(to: &str, typed: &str, plan: &Plan) -> String {
    let names = &plan.names;
    match to {
        "plan" => "to the plan".to_owned(),
        "finish" => format!("to finish it on {}", names.target),
        // What is carried over may go back to an interface that no instance holds.
        "put-back" if names.source.is_empty() => "to put it back".to_owned(),
        "put-back" => format!("to put it back on {}", names.source),
        "index" => format!("to attach it at index {typed}"),
        "candidate" => {
            let mut others = plan.alternatives.iter();
            let other = others.find(|other| other.instance.as_str() == typed);
            let name = other.map_or(typed, |other| &other.name);
            format!("to attach it to {name} instead of {}", names.target)
        }
        "force" => format!(
            "to force the detach: {} keeps the index blocked and its metadata stale until it is \
             stopped and started",
            names.source
        ),
        "fence" => format!("to stop {}, should the detach hang", names.source),
        other => format!("to {other}"),
    }
}

/// The same of another instance that was named when the operation was taken up again.
pub(super) fn alternative(name: &str) -> String {
    format!("to go on to {name} if the target refuses it")
}

/// The plan with what this record has agreed to; `None` if that changes nothing of it.
pub(super) fn after(plan: &Plan, entry: &Entry) -> Option<Plan> {
    match entry {
        Entry::Alternative { other, .. } => Some(plan.or_to(other)),
        Entry::Consent { to, typed, .. } if to == "candidate" => plan.retargeted(typed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failover::testing::{OTHER, PRIMARY, STANDBY, intent, live, planned, world};

    #[test]
    fn every_agreement_names_what_was_agreed_to() {
        let plan = planned(&world(), &intent(STANDBY), &live());
        // word of the journal | what was typed | in words
        for (to, typed, expected) in [
            ("plan", "e03f9a1", "to the plan"),
            ("finish", "", "to finish it on db-standby"),
            ("put-back", "", "to put it back on db-primary"),
            ("index", "2", "to attach it at index 2"),
            (
                "candidate",
                OTHER,
                "to attach it to web-1 instead of db-standby",
            ),
            (
                "candidate",
                "i-0",
                "to attach it to i-0 instead of db-standby",
            ),
            (
                "force",
                "index blocked",
                "to force the detach: db-primary keeps the index blocked and its metadata stale \
                 until it is stopped and started",
            ),
            (
                "fence",
                PRIMARY,
                "to stop db-primary, should the detach hang",
            ),
            ("something new", "", "to something new"),
        ] {
            assert_eq!(words(to, typed, &plan), expected, "{to} {typed}");
        }
    }
}
