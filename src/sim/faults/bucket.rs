//! Request tokens as EC2 counts them, for each account, Region and API (EC2 API Reference, "Request
//! throttling for the Amazon EC2 API").
//!
//! Invariant: whole thousandths of a token and whole milliseconds, so that nothing is ever rounded.

use crate::ec2::time::Time;

/// Most tokens, and tokens a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// What a full bucket holds.
    pub capacity: u32,
    /// What flows in during a second.
    pub refill: u32,
}

const fn size(capacity: u32, refill: u32) -> Size {
    Size { capacity, refill }
}

/// Reads that cost more when they ask for everything in one answer.
const WHOLE: &[&str] = &[
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
];

/// Whether the action has a second, smaller bucket for requests without filter and page size.
pub fn has_whole(action: &str) -> bool {
    WHOLE.contains(&action)
}

/// The bucket of requests of an action.
pub fn of_requests(action: &str, whole: bool) -> Size {
    match action {
        _ if whole && has_whole(action) => size(50, 10),
        "RunInstances" | "StartInstances" => size(5, 2),
        "CreateTags" | "DeleteTags" => size(100, 10),
        "CreateNetworkInterface"
        | "DeleteNetworkInterface"
        | "ModifyNetworkInterfaceAttribute"
        | "AssignPrivateIpAddresses"
        | "UnassignPrivateIpAddresses"
        | "AssignIpv6Addresses"
        | "TerminateInstances" => size(100, 5),
        _ if is_read(action) => size(100, 20),
        _ => size(50, 5),
    }
}

/// The bucket of instances of an action: each instance that it names takes a token.
pub fn of_instances(action: &str) -> Option<Size> {
    match action {
        "RunInstances" | "StartInstances" => Some(size(1_000, 2)),
        "StopInstances" | "TerminateInstances" => Some(size(1_000, 20)),
        _ => None,
    }
}

fn is_read(action: &str) -> bool {
    ["Describe", "List", "Get", "Search"]
        .iter()
        .any(|verb| action.starts_with(verb))
}

/// What is left of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    size: Size,
    /// Thousandths of tokens.
    left: u64,
    at: Time,
}

impl Bucket {
    /// A full one.
    pub fn full(size: Size, now: Time) -> Self {
        Self {
            size,
            left: 1_000 * u64::from(size.capacity),
            at: now,
        }
    }

    /// Whether it holds so many tokens now.
    pub fn holds(&mut self, tokens: u32, now: Time) -> bool {
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let inflow = passed.saturating_mul(u64::from(self.size.refill));
        let most = 1_000 * u64::from(self.size.capacity);
        self.left = self.left.saturating_add(inflow).min(most);
        self.at = self.at.max(now);
        self.left >= 1_000 * u64::from(tokens)
    }

    /// Takes tokens that it holds.
    pub fn take(&mut self, tokens: u32) {
        self.left = self.left.saturating_sub(1_000 * u64::from(tokens));
    }
}
