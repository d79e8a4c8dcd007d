//! The switches.
//!
//! Invariant: names are as a person wrote them, an id, a tag `Name` or a name of the world file;
//! the simulator looks them up when the item is put in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ec2::id::Str;
use crate::sim::timings::Range;

/// A share of requests, in parts of ten thousand: 500 is 5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(pub u32);

impl Share {
    /// Every request.
    pub const ALL: Self = Self(10_000);
}

/// One switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Request tokens as EC2 counts them: `RequestLimitExceeded` once a bucket is empty.
    Throttle,
    /// This share of requests is answered with `RequestLimitExceeded`, whatever the buckets hold.
    Refuse(Share),
    /// Reads show a world that is up to this old, and a call may not find what is younger.
    Stale(Duration),
    /// Answers take this much longer.
    Delay(Range),
    /// This share of requests never arrives, and nobody says so.
    Lost(Share),
    /// This share of requests is carried out, and the answer is lost.
    Unanswered(Share),
    /// This share of requests arrives late, up to this much, when nobody waits for an answer any more.
    Late(Share, Duration),
    /// This share of requests arrives twice, as after a repetition that nobody asked for: the answer
    /// is that of the second.
    Twice(Share),
    /// The caller may not perform this action; `*` at the end stands for any ending.
    Deny(Str),
    /// The caller's credentials have expired.
    Expired,
    /// This instance never lets go: a detach that is not forced does not end.
    HangDetach(Str),
    /// What is attached to this instance stays `attaching`.
    HangAttach(Str),
    /// This instance's guest never sees what is attached to it from now on.
    NeverUp(Str),
    /// This instance fails: its status checks do, and it answers nobody.
    Fail(Str),
    /// An Availability Zone fails: all of its instances do, and nothing in its subnets answers.
    FailZone(Str),
    /// Somebody else detaches this interface and attaches it elsewhere or back, again and again,
    /// about this long between two calls.
    Operator(Str, Duration),
    /// Auto Scaling replaces this instance: it is terminated, and one like it is launched.
    Replace(Str),
}

impl Fault {
    /// Whether it is about requests, and not about the world that they reach.
    pub fn is_of_the_road(&self) -> bool {
        match self {
            Self::Throttle
            | Self::Refuse(_)
            | Self::Stale(_)
            | Self::Delay(_)
            | Self::Lost(_)
            | Self::Unanswered(_)
            | Self::Late(..)
            | Self::Twice(_)
            | Self::Deny(_)
            | Self::Expired => true,
            Self::HangDetach(_)
            | Self::HangAttach(_)
            | Self::NeverUp(_)
            | Self::Fail(_)
            | Self::FailZone(_)
            | Self::Operator(..)
            | Self::Replace(_) => false,
        }
    }
}

/// From when to when a switch is on, counted from the moment at which it was put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First moment.
    pub from: Duration,
    /// First moment at which it is off again; never when absent.
    pub until: Option<Duration>,
}

impl Window {
    /// Whether the switch is on this long after it was put in.
    pub fn covers(self, after: Duration) -> bool {
        self.from <= after && self.until.is_none_or(|until| after < until)
    }
}

/// A switch and when it is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The switch.
    pub fault: Fault,
    /// When.
    pub window: Window,
}

impl From<Fault> for Item {
    /// On from now on.
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            window: Window::default(),
        }
    }
}
