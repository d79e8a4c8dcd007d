//! How long transitions take.
//!
//! Invariant: a range of whole milliseconds from which the seed draws. The ranges are design values
//! around what is reported in public: EC2 publishes no figures (graceful detaches of 2 to 60 s are
//! reported, for example in ansible-collections/amazon.aws#501; guests that see the device up to 5 s
//! after `attached` in cilium/cilium#16494).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::mint::Dice;
use crate::rules::effect::Transition;

/// Least and most time of one kind of transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Least.
    pub least: Duration,
    /// Most, included.
    pub most: Duration,
}

impl Range {
    const fn seconds(least: u64, most: u64) -> Self {
        Self {
            least: Duration::from_secs(least),
            most: Duration::from_secs(most),
        }
    }

    /// Always this long.
    pub const fn exactly(span: Duration) -> Self {
        Self {
            least: span,
            most: span,
        }
    }

    /// One time out of the range.
    pub fn draw(self, dice: &mut Dice) -> Duration {
        dice.between(self.least, self.most)
    }
}

/// The ranges of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// A created interface becomes available.
    pub create: Range,
    /// Attaching to attached.
    pub attach: Range,
    /// Attached to usable in the guest.
    pub guest: Range,
    /// Detaching to available.
    pub detach: Range,
    /// The same when forced.
    pub force_detach: Range,
    /// Pending to running.
    pub start: Range,
    /// Running to both status checks passed.
    pub checks: Range,
    /// Stopping to stopped.
    pub stop: Range,
    /// Shutting down to terminated.
    pub terminate: Range,
    /// A NAT gateway coming up, or going.
    pub nat_gateway: Range,
    /// An interface moved or an instance stopped or started, to its routes showing it.
    pub route: Range,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            create: Range::seconds(0, 1),
            attach: Range::seconds(1, 4),
            guest: Range::seconds(1, 5),
            detach: Range::seconds(2, 10),
            force_detach: Range::seconds(1, 3),
            start: Range::seconds(5, 20),
            checks: Range::seconds(60, 180),
            stop: Range::seconds(20, 60),
            terminate: Range::seconds(20, 60),
            nat_gateway: Range::seconds(30, 90),
            route: Range::seconds(1, 3),
        }
    }
}

impl Timings {
    /// The range of a transition.
    pub fn of(&self, transition: &Transition) -> Range {
        match transition {
            Transition::EniAvailable(_) => self.create,
            Transition::Attached(..) => self.attach,
            Transition::Detached(_, _, false) => self.detach,
            Transition::Detached(_, _, true) => self.force_detach,
            Transition::Running(_) => self.start,
            Transition::ChecksPass(_) => self.checks,
            Transition::Stopped(_) => self.stop,
            Transition::Terminated(_) => self.terminate,
            Transition::NatGatewayUp(_) | Transition::NatGatewayGone(_) => self.nat_gateway,
            Transition::RoutesFollow(_) => self.route,
        }
    }
}
