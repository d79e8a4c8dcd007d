//! Single values of a world file: times, durations, addresses, references.
//!
//! Invariant: whatever does not parse says what was found and gives an example of what was
//! expected, in the form `…, expected …` that [`super::error`] takes apart.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use toml::Spanned;

use crate::ec2::time::Time;
use crate::sim::timings::Range;

/// The name or id of another resource, with its place in the file.
pub type Ref = Spanned<String>;

/// Tables by their name in the file.
pub type Named<T> = BTreeMap<Spanned<String>, T>;

/// A date and time, or a time of the story's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `2026-03-12T02:00:13Z`.
    Full(Time),
    /// `02:00:13`, of the day of `now`.
    OfDay(Duration),
}

impl Moment {
    /// The moment, where the story happens at `now`.
    pub fn on_day_of(self, now: Time) -> Time {
        const DAY: i64 = 86_400_000;
        match self {
            Self::Full(time) => time,
            Self::OfDay(since_midnight) => {
                Time::from_millis(now.millis().div_euclid(DAY) * DAY) + since_midnight
            }
        }
    }
}

const MOMENT: &str = "a time such as 2026-03-12T02:00:13Z, or 02:00:13 on the day of `now`";

fn moment(text: &str) -> Option<Moment> {
    if let Some(time) = Time::parse(text) {
        return Some(Moment::Full(time));
    }
    let time: toml::value::Datetime = text.parse().ok()?;
    match (time.date, time.time) {
        (None, Some(t)) => Some(Moment::OfDay(
            Duration::from_secs(
                u64::from(t.hour) * 3600
                    + u64::from(t.minute) * 60
                    + u64::from(t.second.unwrap_or(0)),
            ) + Duration::from_millis(u64::from(t.nanosecond.unwrap_or(0)) / 1_000_000),
        )),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Moment;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(MOMENT)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                moment(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &MOMENT))
            }
            // TOML's own date and time, unquoted.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Moment, A::Error> {
                let text = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))
                    .map_err(|_| de::Error::invalid_type(Unexpected::Map, &MOMENT))?
                    .to_string();
                moment(&text)
                    .ok_or_else(|| de::Error::invalid_value(Unexpected::Other(&text), &MOMENT))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

/// `250ms`, `3s`, `1.5s`, `2m`.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let scale = match text.get(digits.len()..)? {
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = digits.parse().ok().filter(|_| plain)?;
    let millis = (number * scale).round();
    // A year is more than any world needs, and far below where arithmetic could overflow.
    (millis <= 31_536_000_000.0).then(|| Duration::from_secs_f64(millis / 1_000.0))
}

/// A duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a duration such as \"250ms\" or \"3s\"";
        let text = String::deserialize(deserializer)?;
        let found = duration(text.strip_prefix('+').unwrap_or(&text));
        found
            .map(Self)
            .ok_or_else(|| de::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))
    }
}

/// A duration, or a range from which the seed draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread(pub Range);

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a duration such as \"3s\", or a range such as \"2s..10s\"";
        let text = String::deserialize(deserializer)?;
        let (least, most) = text.split_once("..").unwrap_or((&text, &text));
        match (duration(least), duration(most)) {
            (Some(least), Some(most)) if least <= most => Ok(Self(Range { least, most })),
            _ => Err(de::Error::invalid_value(Unexpected::Str(&text), &EXPECTED)),
        }
    }
}

macro_rules! parsed {
    ($(#[$doc:meta])* $name:ident($inner:ty) = $expected:literal, $parse:expr;) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let parse: fn(&str) -> Option<$inner> = $parse;
                parse(&text).map(Self).ok_or_else(|| {
                    de::Error::invalid_value(Unexpected::Str(&text), &$expected)
                })
            }
        }
    };
}

parsed! {
    /// An IPv4 address.
    Ip(Ipv4Addr) = "an IPv4 address such as \"10.0.1.50\"", |t| t.parse().ok();
}
parsed! {
    /// An IPv6 address.
    Ip6(Ipv6Addr) = "an IPv6 address such as \"2001:db8::50\"", |t| t.parse().ok();
}
parsed! {
    /// An IPv4 range.
    Cidr(Block) = "an IPv4 range such as \"10.0.1.0/24\"", Block::parse;
}
/// An address or a name, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `10.0.1.50:5432`
    Address(Ipv4Addr, u16),
    /// `db.example.com:5432`
    Name(String, u16),
}

impl Place {
    /// The port.
    pub fn port(&self) -> u16 {
        match self {
            Self::Address(_, port) | Self::Name(_, port) => *port,
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str =
            "an address and a port such as \"10.0.1.50:5432\", or a [dns.…] name and a port";
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::invalid_value(Unexpected::Str(&text), &EXPECTED);
        if let Ok(socket) = text.parse::<std::net::SocketAddrV4>() {
            return Ok(Self::Address(*socket.ip(), socket.port()));
        }
        let (name, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        // Four numbers that are no address are a slip, not a name.
        let plain = name.bytes().any(|b| b.is_ascii_alphabetic());
        if plain {
            Ok(Self::Name(name.to_owned(), port))
        } else {
            Err(wrong())
        }
    }
}

/// An IPv4 range with no host bits set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    base: u32,
    length: u32,
}

impl Block {
    fn parse(text: &str) -> Option<Self> {
        let (base, length) = text.split_once('/')?;
        let base = u32::from(base.parse::<Ipv4Addr>().ok()?);
        let length: u32 = length.parse().ok().filter(|l| *l <= 32)?;
        let block = Self { base, length };
        (base & !block.mask() == 0).then_some(block)
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.length).unwrap_or(0)
    }

    /// How many addresses.
    pub fn size(self) -> u64 {
        1 << (32 - self.length)
    }

    /// Whether the address lies in it.
    pub fn contains(self, ip: Ipv4Addr) -> bool {
        u32::from(ip) & self.mask() == self.base
    }

    /// Whether the other range lies in it.
    pub fn covers(self, other: Self) -> bool {
        other.length >= self.length && other.base & self.mask() == self.base
    }

    /// Every address.
    pub fn addresses(self) -> impl Iterator<Item = Ipv4Addr> {
        let base = u64::from(self.base);
        (base..base + self.size())
            .filter_map(|ip| u32::try_from(ip).ok())
            .map(Ipv4Addr::from)
    }

    /// The addresses that a subnet can give away: all but the first four and the last
    /// (VPC User Guide, "Subnet CIDR blocks").
    pub fn usable(self) -> impl Iterator<Item = Ipv4Addr> {
        let base = u64::from(self.base);
        (base + 4..(base + self.size()).saturating_sub(1))
            .filter_map(|ip| u32::try_from(ip).ok())
            .map(Ipv4Addr::from)
    }

    /// Whether a subnet of this range can give the address away.
    pub fn gives(self, ip: Ipv4Addr) -> bool {
        let at = u64::from(u32::from(ip)).wrapping_sub(u64::from(self.base));
        self.contains(ip) && at >= 4 && at + 1 < self.size()
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.length)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in [
            ("250ms", Some(250)),
            ("3s", Some(3_000)),
            ("1.5s", Some(1_500)),
            ("2m", Some(120_000)),
            ("3", None),
            ("s", None),
            ("-3s", None),
            ("1e9s", None),
            ("99999999h", None),
        ] {
            let seen = duration(text).map(|d| d.as_millis());
            assert_eq!(seen, millis, "{text}");
        }
    }

    #[test]
    fn a_range_keeps_five_addresses_back() {
        let tiny = Block::parse("10.0.9.0/28").unwrap();
        assert_eq!(tiny.usable().count(), 11);
        for (ip, given) in [
            ("10.0.9.3", false),
            ("10.0.9.4", true),
            ("10.0.9.14", true),
            ("10.0.9.15", false),
            ("10.0.8.5", false),
        ] {
            assert_eq!(tiny.gives(ip.parse().unwrap()), given, "{ip}");
        }
        assert_eq!(Block::parse("10.0.9.1/28"), None);
        assert!(Block::parse("10.0.0.0/16").unwrap().covers(tiny));
        assert!(!tiny.covers(Block::parse("10.0.0.0/16").unwrap()));
    }
}
