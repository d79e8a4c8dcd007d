//! What a client saw of the service, request by request.
//!
//! Invariant: outages are computed from per-request outcomes only; the simulator's modelled client
//! and a live probe fill the same strip.

use std::collections::VecDeque;
use std::time::Duration;

use super::id::{InstanceId, Str};
use super::time::Time;

/// Requests kept a client; older ones are forgotten.
pub const SAMPLES_MAX: usize = 4_096;

/// The end of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Answered by this instance.
    Answered(InstanceId),
    /// No answer, and why: `nobody holds 10.0.1.50`, `db-standby: guest not up yet`.
    Lost(Str),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was sent.
    pub at: Time,
    /// How it ended.
    pub reply: Reply,
}

/// How fast data flows, in Mbit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What the client could use.
    pub wanted: u32,
    /// What it gets.
    pub got: u32,
}

/// One client's requests to one service address, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Who asks: `client 10.0.2.20`.
    pub client: Str,
    /// What is asked: `10.0.1.50:5432`.
    pub target: Str,
    /// A short word for the service: `db`.
    pub service: Str,
    /// Time between two requests.
    pub interval: Duration,
    /// How fast its data flows, where it asks for a rate.
    pub rate: Option<Rate>,
    /// Requests, oldest first, at most [`SAMPLES_MAX`].
    pub samples: VecDeque<Sample>,
}

/// A gap between two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Last answered request before the gap; `None` if none is known.
    pub last_good: Option<Time>,
    /// First request that was lost.
    pub first_lost: Time,
    /// First answered request after the gap; `None` while it lasts.
    pub first_good: Option<Time>,
    /// Requests lost in it.
    pub lost: u32,
}

impl Outage {
    /// Last good to first good, or to `now` while it lasts.
    pub fn span(&self, now: Time) -> Duration {
        self.first_good
            .unwrap_or(now)
            .since(self.last_good.unwrap_or(self.first_lost))
    }
}

impl Strip {
    /// Adds a request.
    pub fn push(&mut self, sample: Sample) {
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// The newest gap, lasting or over.
    pub fn outage(&self) -> Option<Outage> {
        let end = self
            .samples
            .iter()
            .rposition(|s| matches!(s.reply, Reply::Lost(_)))?;
        let answered = |s: &&Sample| matches!(s.reply, Reply::Answered(_));
        let before = self.samples.iter().take(end).rposition(|s| answered(&s));
        let start = before.map_or(0, |n| n + 1);
        Some(Outage {
            last_good: before.and_then(|n| self.samples.get(n)).map(|s| s.at),
            first_lost: self.samples.get(start)?.at,
            first_good: self.samples.get(end + 1).map(|s| s.at),
            lost: u32::try_from(end + 1 - start).unwrap_or(u32::MAX),
        })
    }

    /// The instance that answered last, and when.
    pub fn last_answer(&self) -> Option<(Time, &InstanceId)> {
        self.samples.iter().rev().find_map(|s| match &s.reply {
            Reply::Answered(by) => Some((s.at, by)),
            Reply::Lost(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(pattern: &str) -> Strip {
        let mut strip = Strip {
            client: "c".into(),
            target: "t".into(),
            service: "db".into(),
            interval: Duration::from_secs(1),
            rate: None,
            samples: VecDeque::new(),
        };
        for (n, mark) in (0_i64..).zip(pattern.chars()) {
            let reply = if mark == '+' {
                Reply::Answered("i-1".into())
            } else {
                Reply::Lost("x".into())
            };
            strip.push(Sample {
                at: Time::from_millis(n * 1000),
                reply,
            });
        }
        strip
    }

    #[test]
    fn an_outage_runs_from_last_good_to_first_good() {
        // pattern, (span in seconds at t=10, requests lost)
        for (pattern, expected) in [
            ("", None),
            ("+++", None),
            ("++--+", Some((3, 2))),
            ("++--", Some((9, 2))),
            ("--+", Some((2, 2))),
            ("+-+--++", Some((3, 2))),
        ] {
            let outage = strip(pattern).outage();
            let seen = outage.map(|o| (o.span(Time::from_millis(10_000)).as_secs(), o.lost));
            assert_eq!(seen, expected, "{pattern}");
        }
    }
}
