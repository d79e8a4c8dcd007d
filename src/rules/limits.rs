//! How many interfaces and addresses an instance type may have.

/// Limits of one instance type (`DescribeInstanceTypes`, `NetworkInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Interfaces, over all network cards.
    pub interfaces_max: u32,
    /// IPv4 addresses and prefixes of one interface.
    pub ipv4_per_interface_max: u32,
    /// IPv6 addresses of one interface; `None` if not known, 0 if unsupported.
    pub ipv6_per_interface_max: Option<u32>,
    /// Network cards.
    pub network_cards: u32,
    /// Such as `Up to 10 Gigabit`; `None` if not known.
    pub network_performance: Option<&'static str>,
    /// True, false, or `None` for bare metal and unknown.
    pub nitro: Option<bool>,
}

impl Limits {
    /// Interfaces that one card can hold (multi-card types divide them; ec2.md's exceptions apply).
    pub fn interfaces_per_card_max(&self, _card: u32) -> u32 {
        self.interfaces_max
    }
}

/// Limits of a type; `None` means "limit unknown", which is never a refusal.
pub fn of(_instance_type: &str) -> Option<Limits> {
    None
}
