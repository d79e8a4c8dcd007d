//! The ways in which a service can be brought to another instance.
//!
//! Invariant: a mechanism is chosen by the intent and named by the plan; the engine never changes it.

pub mod good;
pub mod offer;

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

    /// What goes to the target, in words.
    pub fn carries(self) -> &'static str {
        match self {
            Self::Interface => {
                "everything: private addresses, Elastic IPs, MAC, security groups, routes to it; \
                 same zone"
            }
            Self::PrivateIp => {
                "secondary private addresses and the Elastic IPs on them, at once; same subnet"
            }
            Self::ElasticIp => "Elastic IPs, for clients on the internet; any zone",
            Self::Route => "the routes to it, table by table; any zone of the VPC",
        }
    }

    /// What stays behind, in words.
    pub fn leaves(self) -> &'static str {
        match self {
            Self::Interface => "connections break; the address is away between detach and attach",
            Self::PrivateIp => {
                "primary address, MAC, security groups and routes; the guest must take the address up"
            }
            Self::ElasticIp => {
                "private addresses, MAC, security groups; clients inside the VPC do not follow"
            }
            Self::Route => {
                "addresses, MAC, security groups; the target must forward or hold the destination \
                 and have its source/dest check off"
            }
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
