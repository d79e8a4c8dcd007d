//! What one client saw, as runs of equal replies.
//!
//! Invariants: a run holds requests one interval apart with one reply, so that an hour of silence
//! costs as much as a second; the newest [`RUNS_MAX`] runs are kept.

use std::collections::VecDeque;
use std::time::Duration;

use crate::ec2::sample::{Rate, Reply, SAMPLES_MAX, Sample, Strip};
use crate::ec2::time::Time;

/// Runs kept a client.
const RUNS_MAX: usize = 10_000;

/// Requests with one reply.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    from: Time,
    last: Time,
    reply: Reply,
}

/// The requests of one client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// Who asks, without any request.
    client: Strip,
    runs: VecDeque<Run>,
    /// How fast data flowed from a moment on, whenever that changed.
    rates: VecDeque<(Time, Option<Rate>)>,
}

impl Asked {
    /// With what the client has seen so far.
    pub fn new(strip: &Strip) -> Self {
        let mut asked = Self {
            client: Strip {
                samples: VecDeque::new(),
                rate: None,
                ..strip.clone()
            },
            runs: VecDeque::new(),
            rates: VecDeque::new(),
        };
        for sample in &strip.samples {
            asked.push(sample.at, &sample.reply);
        }
        asked
    }

    /// Who asks; a strip without requests.
    pub fn client(&self) -> &Strip {
        &self.client
    }

    pub fn push(&mut self, at: Time, reply: &Reply) {
        let interval = self.client.interval;
        if let Some(run) = self.runs.back_mut()
            && run.last + interval == at
            && run.reply == *reply
        {
            run.last = at;
            return;
        }
        self.runs.push_back(Run {
            from: at,
            last: at,
            reply: reply.clone(),
        });
        if self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }

    /// How fast its data flows since its newest request.
    pub fn flows(&mut self, rate: Option<Rate>) {
        let newest = self.rates.back().and_then(|(_, rate)| *rate);
        let Some(at) = self.last().filter(|_| newest != rate) else {
            return;
        };
        self.rates.push_back((at, rate));
        if self.rates.len() > RUNS_MAX {
            self.rates.pop_front();
        }
    }

    /// When requests began to end so, oldest first.
    pub fn replies(&self) -> impl Iterator<Item = (Time, &Reply)> {
        self.runs.iter().map(|run| (run.from, &run.reply))
    }

    /// When it asked last.
    pub fn last(&self) -> Option<Time> {
        self.runs.back().map(|run| run.last)
    }

    /// Runs that have begun by a moment, or before it.
    fn begun(&self, until: Time, included: bool) -> usize {
        self.runs
            .partition_point(|run| run.from < until || (included && run.from == until))
    }

    /// What became of the newest request by a moment.
    pub fn newest(&self, until: Time, included: bool) -> Option<&Reply> {
        let run = self.begun(until, included).checked_sub(1)?;
        self.runs.get(run).map(|run| &run.reply)
    }

    /// The strip as it was at a moment; `included`: with a request of that very moment.
    pub fn strip(&self, until: Time, included: bool) -> Strip {
        let mut strip = self.client.clone();
        let rate = self.rates.iter().rev().find(|(at, _)| *at <= until);
        strip.rate = rate.and_then(|(_, rate)| *rate);
        let begun = self.begun(until, included);
        for run in self.runs.iter().take(begun).rev() {
            let mut at = self.back_to(run.last, until);
            if !included && at == until {
                at = at - self.client.interval;
            }
            loop {
                if strip.samples.len() == SAMPLES_MAX {
                    return strip;
                }
                strip.samples.push_front(Sample {
                    at,
                    reply: run.reply.clone(),
                });
                if at <= run.from {
                    break;
                }
                at = at - self.client.interval;
            }
        }
        strip
    }

    /// Time has gone back.
    pub fn forget_after(&mut self, now: Time) {
        while self.runs.back().is_some_and(|run| run.from > now) {
            self.runs.pop_back();
        }
        while self.rates.back().is_some_and(|(at, _)| *at > now) {
            self.rates.pop_back();
        }
        let last = self.last().map(|last| self.back_to(last, now));
        if let (Some(run), Some(last)) = (self.runs.back_mut(), last) {
            run.last = last;
        }
    }

    /// The newest request of a run that is not after a moment, given the run's last one.
    fn back_to(&self, last: Time, until: Time) -> Time {
        let step = self.client.interval.as_millis().max(1);
        let steps = last.since(until).as_millis().div_ceil(step);
        let back = u64::try_from(steps * step).unwrap_or(u64::MAX);
        last - Duration::from_millis(back)
    }
}
