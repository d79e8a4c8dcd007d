//! What a client went without, cut into the parts of the operation.
//!
//! Invariants: pure; the parts of an outage add up to the whole of it; nothing is estimated, and what
//! the strip has forgotten makes the whole a least one.

use std::time::Duration;

use serde::Serialize;

use super::plan::StepKind;
use super::report::{millis, seconds};
use super::status::{Status, StepStatus};
use crate::ec2::sample::{Outage, Strip};
use crate::ec2::shown::shown;
use crate::ec2::time::Time;

/// A gap that begins later than this after the operation's end is another story.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// The part in which no process was at work on the operation.
pub const ABSENT: &str = "nobody was there";

/// When the parts of an operation began. The way that was taken to its end: the way back, if there
/// was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// The first call that carries something over without its interface was submitted.
    pub handover: Option<Time>,
    /// The detach was submitted.
    pub detach: Option<Time>,
    /// EC2 said available.
    pub available: Option<Time>,
    /// The attach was submitted.
    pub attach: Option<Time>,
    /// EC2 said attached; of a handover, it was verified.
    pub attached: Option<Time>,
}

impl Moments {
    /// Of this operation, as far as it has come.
    pub fn of(status: &Status) -> Self {
        if !status.plan.handovers.is_empty() {
            return Self {
                handover: status.began,
                attached: status.ended,
                ..Self::default()
            };
        }
        let step = |kind: StepKind| -> Option<&StepStatus> {
            let mut all = status.steps.iter().enumerate();
            all.rfind(|(n, s)| status.step(*n).is_some_and(|p| p.kind == kind) && s.began.is_some())
                .map(|(_, s)| s)
        };
        let began = |kind| step(kind).and_then(|s| s.began);
        let ended = |kind| step(kind).and_then(|s| s.ended);
        let detach = |made: &&super::status::Made| made.call.action() == "DetachNetworkInterface";
        let submitted = status.calls.iter().find(detach).map(|made| made.at);
        // Nobody waited for it where the process before had died in its detach.
        let seen_available = || {
            let mut seen = status.seen.iter();
            let free = |(at, text): &&(Time, String)| {
                submitted.is_some_and(|since| *at >= since) && text.starts_with("available")
            };
            seen.find(free).map(|(at, _)| *at)
        };
        Self {
            handover: None,
            detach: submitted.or(began(StepKind::Detach)),
            available: ended(StepKind::WaitAvailable).or_else(seen_available),
            attach: began(StepKind::Attach),
            attached: ended(StepKind::WaitAttached),
        }
    }
}

/// One part of an outage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Part {
    /// `before`, `detach`, `unattached`, `attach`, `handover`, `guest`, [`ABSENT`].
    pub name: &'static str,
    /// How much of the outage lies in it, in milliseconds.
    pub millis: u64,
}

/// Cuts the time from `from` to `to` at the moments: each part runs until the next one that is known
/// has begun, but for the time in which nobody was there. Parts in which nothing of it lies are left
/// out.
pub fn split(at: &Moments, absences: &[(Time, Time)], from: Time, to: Time) -> Vec<Part> {
    let begins = [
        ("handover", at.handover),
        ("detach", at.detach),
        ("unattached", at.available),
        ("attach", at.attach),
        ("guest", at.attached),
    ];
    let mut parts: Vec<(&'static str, Duration)> = Vec::new();
    let (mut name, mut since) = ("before", from);
    let ends = begins.into_iter().filter_map(|(n, at)| Some((n, at?)));
    for (next, begin) in ends.chain([("", to)]) {
        let until = begin.clamp(since, to.max(since));
        let absent = absent(absences, since, until);
        parts.push((name, until.since(since) - absent));
        parts.push((ABSENT, absent));
        (name, since) = (next, until);
    }
    let mut merged: Vec<Part> = Vec::new();
    for (name, span) in parts.into_iter().filter(|(_, span)| !span.is_zero()) {
        match merged.iter_mut().find(|part| part.name == name) {
            Some(part) => part.millis += millis(span),
            None => merged.push(Part {
                name,
                millis: millis(span),
            }),
        }
    }
    merged
}

/// How much of a time nobody was there. Absences follow one another.
pub fn absent(absences: &[(Time, Time)], from: Time, to: Time) -> Duration {
    let within = |(began, ended): &(Time, Time)| {
        let began = (*began).clamp(from, to.max(from));
        (*ended).clamp(began, to.max(began)).since(began)
    };
    absences.iter().map(within).sum()
}

/// The longest outage of a client that belongs to an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Measured {
    /// Where it was measured: `this host`, or a modelled client.
    pub client: String,
    /// What was asked.
    pub target: String,
    /// The last answered request before it; absent if the strip has none, so that it is a least one.
    pub last_good: Option<Time>,
    /// The first answered request after it; absent while it lasts.
    pub first_good: Option<Time>,
    /// From the one to the other.
    #[serde(rename = "Millis", serialize_with = "as_millis")]
    pub span: Duration,
    /// Time between two requests: it is this exact, in milliseconds.
    pub precision_millis: u64,
    /// Requests lost in it.
    pub lost: u32,
    /// Shorter outages of the same operation.
    pub others: usize,
    /// Its parts, which add up to it.
    pub parts: Vec<Part>,
    /// When the connection that a probe held has ended in the operation, and how.
    pub held_ended: Option<(Time, String)>,
}

fn as_millis<S: serde::Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(millis(*span))
}

/// What the strip tells of this operation; `None` if nothing was submitted, or nothing was lost. A gap that was over
/// before the first call, or began well after the end, belongs to another story.
pub fn measured(status: &Status, strip: &Strip, now: Time) -> Option<Measured> {
    let began = status.began?;
    let over_before = |good: Time| good < began;
    let ours = |gap: &Outage| {
        let late = status
            .ended
            .is_some_and(|end| gap.first_lost > end + AFTERWARDS);
        !late && !gap.first_good.is_some_and(over_before)
    };
    let gaps: Vec<Outage> = strip.gaps().into_iter().filter(ours).collect();
    let gap = gaps.iter().max_by_key(|gap| gap.span(now))?;
    let from = gap.last_good.unwrap_or(gap.first_lost);
    let to = gap.first_good.unwrap_or(now);
    let ends = strip.probing.iter().flat_map(|probing| &probing.ends);
    let mut ends = ends.filter(|(at, _)| *at >= began);
    Some(Measured {
        client: shown(&strip.client).into_owned(),
        target: shown(&strip.target).into_owned(),
        last_good: gap.last_good,
        first_good: gap.first_good,
        span: gap.span(now),
        precision_millis: millis(strip.interval),
        lost: gap.lost,
        others: gaps.len() - 1,
        parts: split(&Moments::of(status), &status.absences, from, to),
        held_ended: ends.next().map(|(at, how)| (*at, shown(how).into_owned())),
    })
}

impl Measured {
    /// `before 0.2 s`, `detach 2.9 s`, …
    pub fn parts(&self) -> Vec<String> {
        let part = |part: &Part| format!("{} {}", part.name, seconds(part.millis));
        self.parts.iter().map(part).collect()
    }

    /// `4.8 s ± 250 ms from this host`, and `at least` where its beginning is forgotten.
    pub fn whole(&self) -> String {
        let least = match self.last_good {
            Some(_) => "",
            None => "at least ",
        };
        let lasts = match self.first_good {
            Some(_) => "",
            None => ", and it lasts",
        };
        let span = seconds(millis(self.span));
        format!(
            "{least}{span} ± {} ms seen by {}{lasts}",
            self.precision_millis, self.client
        )
    }

    /// `18 s ± 250 ms: before 13 s`, then the other parts.
    pub fn short(&self) -> Vec<String> {
        let least = if self.last_good.is_some() {
            ""
        } else {
            "at least "
        };
        let lasts = if self.first_good.is_some() {
            ""
        } else {
            " so far"
        };
        let span = seconds(millis(self.span));
        let mut parts = self.parts();
        let first = parts.first().map_or("", String::as_str);
        let whole = format!(
            "{least}{span}{lasts} ± {} ms: {first}",
            self.precision_millis
        );
        match parts.first_mut() {
            Some(first) => *first = whole,
            None => parts.push(whole),
        }
        parts
    }

    /// On one line.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} without an answer for {}, {} requests lost: {}",
            self.target,
            self.whole(),
            self.lost,
            self.parts().join(" · ")
        );
        match self.others {
            0 => {}
            1 => text.push_str("; one shorter gap besides"),
            n => text.push_str(&format!("; {n} shorter gaps besides")),
        }
        if let Some((at, how)) = &self.held_ended {
            text.push_str(&format!(
                "; the held connection ended at {}: {how}",
                at.clock()
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::collections::VecDeque;
    use std::sync::Arc;

    use super::*;
    use crate::ec2::sample::{Probing, Reply, Sample};
    use crate::failover::engine::Engine;
    use crate::failover::testing::{STANDBY, intent, live, planned, world};

    fn at(tenths: &str) -> Time {
        Time::from_millis((tenths.parse::<f64>().unwrap() * 1_000.0).round() as i64)
    }

    /// `detach=1 available=4 attach=4.3 attached=6`, in seconds.
    fn moments(words: &str) -> (Moments, Vec<(Time, Time)>) {
        let mut at_all = Moments::default();
        let mut absences = Vec::new();
        for word in words.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap();
            if name == "nobody" {
                let (began, ended) = value.split_once("..").unwrap();
                absences.push((at(began), at(ended)));
                continue;
            }
            let moment = Some(at(value));
            match name {
                "handover" => at_all.handover = moment,
                "detach" => at_all.detach = moment,
                "available" => at_all.available = moment,
                "attach" => at_all.attach = moment,
                "attached" => at_all.attached = moment,
                other => panic!("{other}"),
            }
        }
        (at_all, absences)
    }

    #[test]
    fn an_outage_is_cut_as_the_table_says() {
        let table = include_str!("../../tests/data/outage.txt");
        let rows = table
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'));
        let mut count = 0;
        for row in rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let [words, from, to, expected] = cells[..] else {
                panic!("{row}");
            };
            let (at_all, absences) = moments(words);
            let parts = split(&at_all, &absences, at(from), at(to));
            let sum: u64 = parts.iter().map(|p| p.millis).sum();
            assert_eq!(sum, millis(at(to).since(at(from))), "{row}");
            let said: Vec<String> = parts
                .iter()
                .map(|p| format!("{} {}", p.name, p.millis as f64 / 1_000.0))
                .collect();
            assert_eq!(said.join(" "), expected, "{row}");
            count += 1;
        }
        assert!(count >= 10, "{count}");
    }

    fn strip(pattern: &str) -> Strip {
        let samples = pattern.chars().zip(0..).map(|(mark, n)| Sample {
            at: Time::from_millis(n * 1_000),
            reply: match mark {
                '+' => Reply::Reached("answers".into()),
                _ => Reply::Lost("no answer".into()),
            },
        });
        let mut probing = Probing::default();
        probing.ended(at("1"), "closed by the service".into());
        probing.ended(at("5"), "reset".into());
        Strip {
            client: "this host".into(),
            target: "10.0.1.50:5432".into(),
            service: "probe".into(),
            interval: Duration::from_secs(1),
            samples: samples.collect::<VecDeque<_>>(),
            rate: None,
            probing: Some(probing),
        }
    }

    #[test]
    fn the_longest_gap_of_the_operation_counts() {
        let plan = planned(&world(), &intent(STANDBY), &live());
        let mut status = Engine::new(Arc::new(plan), "7f3a", 1).status().clone();
        status.began = Some(at("4"));
        status.ended = Some(at("8"));
        let long = format!("++++---+{}------+", "+".repeat(60));
        for (pattern, expected) in [
            ("++++++++++", None),
            // Over before the first call.
            ("+--+++++++", None),
            // Over after it, and the shorter one besides.
            (
                "+++---+-++",
                Some("4.0 s ± 1000 ms seen by this host, others 1"),
            ),
            (
                "-----+++++",
                Some("at least 5.0 s ± 1000 ms seen by this host, others 0"),
            ),
            (
                "++++------",
                Some("9.0 s ± 1000 ms seen by this host, and it lasts, others 0"),
            ),
            // A longer one a minute later is not ours.
            (&long, Some("4.0 s ± 1000 ms seen by this host, others 0")),
        ] {
            let seen = measured(&status, &strip(pattern), at("12"));
            let said = seen.map(|m| format!("{}, others {}", m.whole(), m.others));
            assert_eq!(said.as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn an_end_of_the_held_connection_counts_from_the_first_call() {
        let plan = planned(&world(), &intent(STANDBY), &live());
        let mut status = Engine::new(Arc::new(plan), "7f3a", 1).status().clone();
        status.began = Some(at("2"));
        let text = measured(&status, &strip("++---+++"), at("9"))
            .unwrap()
            .text();
        assert_eq!(
            text,
            "10.0.1.50:5432 without an answer for 4.0 s ± 1000 ms seen by this host, 3 requests \
             lost: before 4.0 s; the held connection ended at 00:00:05: reset"
        );
    }
}
