//! The ways in which a service can be brought to another instance.
//!
//! Invariant: a mechanism is chosen by the intent and named by the plan; the engine never changes it.

pub mod good;

use serde::{Deserialize, Serialize};

/// How.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// The interface itself: DetachNetworkInterface, then AttachNetworkInterface.
    #[default]
    Interface,
    /// Secondary private IPv4 addresses: AssignPrivateIpAddresses with AllowReassignment to an
    /// interface of the target in the same subnet.
    PrivateIp,
    /// Elastic IPs: AssociateAddress with AllowReassociation to an interface of the target, in
    /// whatever zone.
    ElasticIp,
    /// Routes: ReplaceRoute to an interface of the target in the same VPC, in whatever zone.
    Route,
}

impl Mechanism {
    /// All of them, the one that carries most first.
    pub const ALL: [Self; 4] = [
        Self::Interface,
        Self::PrivateIp,
        Self::ElasticIp,
        Self::Route,
    ];

    /// The word of `--mechanism` and of the JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::PrivateIp => "private-ip",
            Self::ElasticIp => "elastic-ip",
            Self::Route => "route",
        }
    }

    /// The mechanism of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }
}

impl std::fmt::Display for Mechanism {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
