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

    /// What is lost without them, in words.
    pub fn lost(self) -> &'static str {
        match self {
            Self::Addresses => {
                "those on no interface are not shown, and none can be carried over by itself"
            }
            Self::RouteTables => {
                "where routes lead, and whether they follow, is not known, and none can be carried over"
            }
            Self::SecurityGroups => {
                "their rules, and the names of those on no interface, are not known"
            }
            Self::StatusChecks => "whether instances are healthy is not known",
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

/// All of them in few words: those of the same code together.
pub fn told(gaps: &[Gap]) -> String {
    let mut codes: Vec<(&str, Vec<&str>)> = Vec::new();
    for gap in gaps {
        match codes.iter_mut().find(|(code, _)| *code == &*gap.code) {
            Some((_, words)) => words.push(gap.kind.word()),
            None => codes.push((&gap.code, vec![gap.kind.word()])),
        }
    }
    let told = codes.into_iter();
    let told = told.map(|(code, words)| format!("{}: not permitted ({code})", words.join(", ")));
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_of_the_same_code_are_told_together() {
        let gap = |kind, code: &str| Gap {
            kind,
            code: code.into(),
        };
        let gaps = [
            gap(Kind::Addresses, "UnauthorizedOperation"),
            gap(Kind::RouteTables, "AccessDenied"),
            gap(Kind::StatusChecks, "UnauthorizedOperation"),
        ];
        assert_eq!(
            told(&gaps),
            "Elastic IPs, status checks: not permitted (UnauthorizedOperation); route tables: not \
             permitted (AccessDenied)"
        );
        assert_eq!(told(&gaps[..1]), gaps[0].to_string());
        assert_eq!(told(&[]), "");
    }
}
