//! Modelled clients: when they ask, and the strip of what became of it ([`super::traffic`] judges).
//!
//! Invariants: a request is judged by the world at the moment at which it is sent, after everything
//! that is due at that moment; the cost is that of the requests, of which no more are made than a
//! strip keeps.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::scenario::{Client, Scenario, Target};
use super::traffic::Scene;
use crate::ec2::sample::{Reply, SAMPLES_MAX, Sample, Strip};
use crate::ec2::time::Time;

/// The strip of a client at the beginning, with its past, and when it asks next.
pub fn beginning(scenario: &Scenario, client: &Client) -> (Strip, Time) {
    let target = match &client.target {
        Target::Private(_, ip) | Target::Elastic(_, ip) | Target::Outside(ip) => ip.to_string(),
        Target::Name(name) => name.to_string(),
    };
    let mut strip = Strip {
        client: client.label.clone(),
        target: format!("{target}:{}", client.port).into(),
        service: client.service.clone(),
        interval: client.interval,
        rate: None,
        samples: VecDeque::new(),
        probing: None,
    };
    let Some(past) = &client.past else {
        return (strip, scenario.now + client.interval);
    };
    let scene = Scene {
        world: &scenario.world,
        services: &scenario.services,
        names: &scenario.names,
        changes: &[],
        unrouted: &BTreeSet::new(),
        dark: &BTreeSet::new(),
        down: &BTreeSet::new(),
    };
    let lost = match (&past.reason, scene.reply(client, scenario.now)) {
        (Some(reason), _) => Reply::Lost(reason.clone()),
        (None, lost @ Reply::Lost(_)) => lost,
        (None, Reply::Answered(_) | Reply::Reached(_)) => Reply::Lost("no answer".into()),
    };
    let mut at = skipped_to(past.since, client.interval, scenario.now);
    while at <= scenario.now {
        let reply = if past.lost_from.is_some_and(|from| from <= at) {
            lost.clone()
        } else {
            Reply::Answered(past.answered_by.clone())
        };
        strip.push(Sample { at, reply });
        at = at + client.interval;
    }
    (strip, at)
}

/// The first request from `next` on that a strip still shows at `until`: those before it would be
/// pushed out again.
pub fn skipped_to(next: Time, interval: Duration, until: Time) -> Time {
    let step = u64::try_from(interval.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let span = u64::try_from(until.since(next).as_millis()).unwrap_or(u64::MAX);
    let kept = u64::try_from(SAMPLES_MAX).unwrap_or(u64::MAX);
    match (span / step).checked_sub(kept) {
        Some(skipped) => next + Duration::from_millis((skipped + 1).saturating_mul(step)),
        None => next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_that_a_strip_keeps_are_made() {
        let step = Duration::from_secs(1);
        let until = Time::from_millis(10_000_000);
        let mut at = skipped_to(Time::default(), step, until);
        let mut made = 0;
        while at <= until {
            made += 1;
            at = at + step;
        }
        assert_eq!(made, SAMPLES_MAX);
        let near = until - step;
        assert_eq!(skipped_to(near, step, until), near);
    }
}
