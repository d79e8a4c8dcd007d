//! The feed: what happened, newest last, bounded.

pub mod story;

use std::collections::VecDeque;
use std::time::Duration;

use crate::app::tree::Node;
use crate::ec2::time::Time;

/// Lines kept.
pub const LINES_MAX: usize = 1_000;

/// How long a change counts as fresh.
pub const FRESH: Duration = Duration::from_secs(5);

/// How a line is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Plain,
    /// Something ended well.
    Good,
    /// Something is on its way, or to be known.
    Warn,
    /// Something failed or was refused.
    Bad,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// What, already sanitised where it came from outside.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
    /// The resource it is about.
    pub about: Option<Node>,
}

/// The lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Oldest first, at most [`LINES_MAX`].
    pub lines: VecDeque<Line>,
    /// Lines that were ever added, those that gave way included.
    pub told: u64,
}

impl Feed {
    /// Adds a line; the oldest one gives way.
    pub fn push(&mut self, line: Line) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        self.told += 1;
    }

    /// Forgets every line: another world begins.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// What has changed in the last few seconds before `now`, newest first.
    pub fn fresh(&self, now: Time) -> Vec<&Node> {
        let fresh = |line: &&Line| now.since(line.at) < FRESH;
        let lines = self.lines.iter().rev().take_while(fresh);
        lines.filter_map(|line| line.about.as_ref()).collect()
    }

    /// Adds a line made of its parts.
    pub fn say(&mut self, at: Time, tone: Tone, text: impl Into<String>, about: Option<Node>) {
        let text = text.into();
        self.push(Line {
            at,
            text,
            tone,
            about,
        });
    }
}
