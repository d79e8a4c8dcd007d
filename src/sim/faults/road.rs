//! The road between a caller and EC2: what becomes of each request.
//!
//! A request may get lost before it arrives. What arrives pays a token, then its credentials are
//! looked at, then the permission; only then EC2 does anything, and only then its answer can be late
//! or lost.
//!
//! Invariants: chance is asked once a request, and only where a switch needs it; what one caller
//! reads never goes back in time, and what has been so for as long as reads may lag is seen by all.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bucket::{self, Bucket};
use super::item::{Fault, Share};
use super::notation::matches_action;
use crate::ec2::call::Call;
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::sim::mint::Dice;

/// A request, as far as the road can see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The action, `DescribeInstances`.
    pub action: Str,
    /// A read that asks for everything at once: no filter, no id, no page size.
    pub whole: bool,
    /// Instances that it names or launches.
    pub instances: u32,
}

impl Ask {
    /// A read; `whole` if it names no filter, no id and no page size.
    pub fn read(action: &str, whole: bool) -> Self {
        Self {
            action: action.into(),
            whole,
            instances: 0,
        }
    }

    /// A call that changes something.
    pub fn call(call: &Call) -> Self {
        let instances = match call {
            Call::RunInstances(run) => usize::try_from(run.max_count).unwrap_or(usize::MAX),
            Call::StartInstances(some)
            | Call::StopInstances(some)
            | Call::TerminateInstances(some) => some.instance_ids.len(),
            _ => 0,
        };
        Self {
            action: call.action().into(),
            whole: false,
            instances: u32::try_from(instances).unwrap_or(u32::MAX),
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// EC2 answers, this much later than usual.
    Answered {
        /// The delay.
        after: Duration,
        /// A read shows the world of this moment; a call may not find what is younger.
        as_of: Time,
    },
    /// It arrives twice: the second answer is the one that is heard.
    Twice {
        /// The delay.
        after: Duration,
    },
    /// EC2 refuses it before it looks at it.
    Refused {
        /// Why.
        error: ApiError,
        /// The delay.
        after: Duration,
    },
    /// It never arrives, and nobody answers.
    Lost,
    /// EC2 does it now, and the answer is lost.
    Unanswered,
    /// EC2 does it this much later, and nobody hears the answer.
    Late {
        /// The delay on the way.
        after: Duration,
    },
}

impl Fate {
    /// Answered at once, with what is.
    pub fn is_plain(&self, now: Time) -> bool {
        let plain = Self::Answered {
            after: Duration::ZERO,
            as_of: now,
        };
        *self == plain
    }
}

/// The state of the road: buckets, chance, and what was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    dice: Dice,
    requests: BTreeMap<(Str, bool), Bucket>,
    instances: BTreeMap<Str, Bucket>,
    seen: BTreeMap<Str, Time>,
}

/// The switches that are on.
#[derive(Default)]
struct On<'a> {
    throttle: bool,
    refuse: Share,
    stale: Duration,
    delay: Option<crate::sim::timings::Range>,
    lost: Share,
    unanswered: Share,
    late: (Share, Duration),
    twice: Share,
    expired: bool,
    deny: Vec<&'a Str>,
    any: bool,
}

impl Road {
    /// The road of a seed, with full buckets.
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::named(seed, "road", ""),
            requests: BTreeMap::new(),
            instances: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// What becomes of a request that is sent now. `on` are the switches that are on, whichever;
    /// of two that say the same, the later holds. `account` is for the text of a refusal.
    pub fn fate<'a>(
        &mut self,
        on: impl Iterator<Item = &'a Fault>,
        account: &str,
        caller: &str,
        ask: &Ask,
        now: Time,
    ) -> Fate {
        let on = On::of(on);
        if !on.any {
            return Fate::Answered {
                after: Duration::ZERO,
                as_of: now,
            };
        }
        // One draw decides between what excludes each other.
        let drawn = Share(u32::try_from(self.dice.roll() % 10_000).unwrap_or(0));
        let lost = on.lost;
        let unanswered = Share(lost.0 + on.unanswered.0);
        let late = Share(unanswered.0 + on.late.0.0);
        let twice = Share(late.0 + on.twice.0);
        let refuse = Share(twice.0 + on.refuse.0);
        if drawn < lost {
            return Fate::Lost;
        }
        let after = on.delay.map_or(Duration::ZERO, |r| r.draw(&mut self.dice));
        let throttled = on.throttle && !self.pays(ask, now);
        if throttled || (twice <= drawn && drawn < refuse) {
            let error = over_the_limit(account, &ask.action);
            return Fate::Refused { error, after };
        }
        if on.expired {
            let error = expired(&ask.action);
            return Fate::Refused { error, after };
        }
        // Nobody needs a permission to ask who they are (STS API Reference, `GetCallerIdentity`).
        let nameless = &*ask.action == "GetCallerIdentity";
        if !nameless && on.deny.iter().any(|p| matches_action(p, &ask.action)) {
            let error = unauthorized(account, &ask.action);
            return Fate::Refused { error, after };
        }
        if drawn < unanswered {
            return Fate::Unanswered;
        }
        if drawn < late {
            let least = Duration::from_millis(1);
            let after = self.dice.between(least, on.late.1.max(least));
            return Fate::Late { after };
        }
        if drawn < twice {
            return Fate::Twice { after };
        }
        let as_of = self.as_of(caller, on.stale, now);
        Fate::Answered { after, as_of }
    }

    /// Takes the tokens of a request, if its buckets hold them.
    fn pays(&mut self, ask: &Ask, now: Time) -> bool {
        let whole = ask.whole && bucket::has_whole(&ask.action);
        let size = bucket::of_requests(&ask.action, whole);
        let requests = self
            .requests
            .entry((ask.action.clone(), whole))
            .or_insert_with(|| Bucket::full(size, now));
        if !requests.holds(1, now) {
            return false;
        }
        if let Some(size) = bucket::of_instances(&ask.action) {
            let instances = self
                .instances
                .entry(ask.action.clone())
                .or_insert_with(|| Bucket::full(size, now));
            if !instances.holds(ask.instances, now) {
                return false;
            }
            instances.take(ask.instances);
        }
        requests.take(1);
        true
    }

    /// The moment that a read shows: within the bound, and never before what the caller has seen.
    fn as_of(&mut self, caller: &str, bound: Duration, now: Time) -> Time {
        if bound.is_zero() {
            return now;
        }
        let lag = self.dice.between(Duration::ZERO, bound);
        let last = self.seen.get(caller).copied().unwrap_or(now - bound);
        let as_of = (now - lag).max(last).min(now);
        self.seen.insert(caller.into(), as_of);
        as_of
    }
}

impl<'a> On<'a> {
    fn of(faults: impl Iterator<Item = &'a Fault>) -> Self {
        let mut on = Self::default();
        for fault in faults.filter(|f| f.is_of_the_road()) {
            on.any = true;
            match fault {
                Fault::Throttle => on.throttle = true,
                Fault::Refuse(share) => on.refuse = *share,
                Fault::Stale(bound) => on.stale = *bound,
                Fault::Delay(range) => on.delay = Some(*range),
                Fault::Lost(share) => on.lost = *share,
                Fault::Unanswered(share) => on.unanswered = *share,
                Fault::Late(share, most) => on.late = (*share, *most),
                Fault::Twice(share) => on.twice = *share,
                Fault::Expired => on.expired = true,
                Fault::Deny(pattern) => on.deny.push(pattern),
                _ => {}
            }
        }
        on
    }
}

/// EC2's refusal of a request for which there is no token.
fn over_the_limit(account: &str, action: &str) -> ApiError {
    let message = format!(
        "Request limit exceeded. Account {account} has been throttled on ec2:{action} because it \
         exceeded its request rate limit."
    );
    ApiError::new("RequestLimitExceeded", message)
}

/// EC2 says `RequestExpired` where STS says `ExpiredToken` ("Common errors" of either API).
fn expired(action: &str) -> ApiError {
    match action {
        "GetCallerIdentity" => ApiError::new(
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        _ => ApiError::new("RequestExpired", "Request has expired."),
    }
}

/// EC2's refusal of an action that no policy allows.
pub fn unauthorized(account: &str, action: &str) -> ApiError {
    let message = format!(
        "You are not authorized to perform this operation. User: \
         arn:aws:iam::{account}:user/enipilot is not authorized to perform: ec2:{action} \
         because no identity-based policy allows the ec2:{action} action"
    );
    ApiError::new("UnauthorizedOperation", message)
}
