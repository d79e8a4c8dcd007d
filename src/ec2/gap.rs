//! Kinds of resources that nobody may look at.
//!
//! Invariant: a gap is no emptiness. Where a world has one, that nothing of the kind is in it says
//! nothing about the account.

use std::fmt;

use serde::Serialize;

use super::id::Str;

/// What a tree can do without, though not every judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Kind {
    /// Elastic IPs (`DescribeAddresses`).
    Addresses,
    /// Route tables (`DescribeRouteTables`).
    RouteTables,
    /// Security groups, their names and rules (`DescribeSecurityGroups`).
    SecurityGroups,
    /// Status checks of instances (`DescribeInstanceStatus`).
    StatusChecks,
}

impl Kind {
    /// What people call them.
    pub fn word(self) -> &'static str {
        match self {
            Self::Addresses => "Elastic IPs",
            Self::RouteTables => "route tables",
            Self::SecurityGroups => "security groups",
            Self::StatusChecks => "status checks",
        }
    }

    /// The action that would show them.
    pub fn action(self) -> &'static str {
        match self {
            Self::Addresses => "DescribeAddresses",
            Self::RouteTables => "DescribeRouteTables",
            Self::SecurityGroups => "DescribeSecurityGroups",
            Self::StatusChecks => "DescribeInstanceStatus",
        }
    }
}

/// A kind that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Gap {
    /// Which.
    pub kind: Kind,
    /// EC2's code.
    pub code: Str,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: not permitted ({})", self.kind.word(), self.code)
    }
}
