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
    /// Answered, nobody knows by which instance, and how: `connected`, `refused: the host answers`.
    /// A connection from outside does not tell who holds the address.
    Reached(Str),
    /// No answer, and why: `nobody holds 10.0.1.50`, `db-standby: guest not up yet`.
    Lost(Str),
}

impl Reply {
    /// There was no answer.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
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

/// Ends of held connections that are kept; older ones are forgotten.
pub const ENDS_MAX: usize = 16;

/// What a probe tells beside its single requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probing {
    /// When the connection that is held was established; `None` while there is none.
    pub held: Option<Time>,
    /// When connections that were held have ended, and how; oldest first, at most [`ENDS_MAX`].
    pub ends: VecDeque<(Time, Str)>,
    /// When it stopped asking.
    pub stopped: Option<Time>,
}

impl Probing {
    /// The held connection has ended.
    pub fn ended(&mut self, at: Time, how: Str) {
        self.held = None;
        if self.ends.len() == ENDS_MAX {
            self.ends.pop_front();
        }
        self.ends.push_back((at, how));
    }
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
    /// Set if these are real requests of a probe; a modelled client has none.
    pub probing: Option<Probing>,
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

    /// Every gap that is still in the strip, oldest first; only the last one may be lasting.
    pub fn gaps(&self) -> Vec<Outage> {
        let mut gaps: Vec<Outage> = Vec::new();
        let (mut last_good, mut open) = (None, false);
        for sample in &self.samples {
            match (sample.reply.is_lost(), open) {
                (true, false) => gaps.push(Outage {
                    last_good,
                    first_lost: sample.at,
                    first_good: None,
                    lost: 1,
                }),
                (true, true) => {
                    if let Some(gap) = gaps.last_mut() {
                        gap.lost = gap.lost.saturating_add(1);
                    }
                }
                (false, true) => {
                    if let Some(gap) = gaps.last_mut() {
                        gap.first_good = Some(sample.at);
                    }
                }
                (false, false) => {}
            }
            open = sample.reply.is_lost();
            if !open {
                last_good = Some(sample.at);
            }
        }
        gaps
    }

    /// The newest gap, lasting or over.
    pub fn outage(&self) -> Option<Outage> {
        let end = self.samples.iter().rposition(|s| s.reply.is_lost())?;
        let mut before = self.samples.iter().take(end);
        let before = before.rposition(|s| !s.reply.is_lost());
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
            Reply::Reached(_) | Reply::Lost(_) => None,
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
            probing: None,
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

    #[test]
    fn the_newest_gap_is_the_last_of_all_gaps() {
        for (pattern, gaps) in [("", 0), ("+++", 0), ("-+", 1), ("+-+--++-", 3), ("--", 1)] {
            let strip = strip(pattern);
            assert_eq!(strip.gaps().len(), gaps, "{pattern}");
            assert_eq!(strip.gaps().pop(), strip.outage(), "{pattern}");
        }
    }

    #[test]
    fn only_the_newest_ends_of_held_connections_are_kept() {
        let mut probing = Probing::default();
        for n in 0..40 {
            probing.held = Some(Time::from_millis(n));
            probing.ended(Time::from_millis(n), "reset".into());
        }
        assert_eq!(probing.ends.len(), ENDS_MAX);
        assert_eq!(probing.ends.front().map(|(at, _)| at.millis()), Some(24));
        assert_eq!(probing.held, None);
    }
}
