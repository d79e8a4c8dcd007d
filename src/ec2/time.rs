//! Moments, in milliseconds since 1970-01-01T00:00:00Z.
//!
//! Invariant: nothing here reads a clock. Virtual and real time are the same type, so that the
//! same code runs in the simulator, in a rehearsal and live.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment, in milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// From ISO 8601 as EC2 writes it (`2019-02-25T19:15:41.000Z`); `None` if it is not that.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000)
            .ok()
            .map(Self)
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The time of day, `02:00:13`.
    pub fn clock(self) -> String {
        self.moment()
            .format(format_description!("[hour]:[minute]:[second]"))
            .unwrap_or_default()
    }

    /// `20260312T020013.042Z`: file names that sort as they were made.
    pub fn compact_with_millis(self) -> String {
        let seconds = self.compact();
        let seconds = seconds.trim_end_matches('Z');
        format!("{seconds}.{:03}Z", self.0.rem_euclid(1_000))
    }

    /// The form of file names, `20260312T020013Z`.
    pub fn compact(self) -> String {
        self.moment()
            .format(format_description!(
                "[year][month][day]T[hour][minute][second]Z"
            ))
            .unwrap_or_default()
    }

    fn moment(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// ISO 8601 with milliseconds and `Z`, as EC2 writes it.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self
            .moment()
            .format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
            ))
            .map_err(|_| fmt::Error)?;
        f.pad(&text)
    }
}

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub<Duration> for Time {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a time such as 2026-03-12T02:00:13Z"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["1970-01-01T00:00:00.000Z", "2019-02-25T19:15:41.123Z"] {
            assert_eq!(
                Time::parse(text).map(|t| t.to_string()).as_deref(),
                Some(text)
            );
        }
        assert_eq!(Time::parse("yesterday"), None);
        let at = Time::from_millis(1_773_280_813_000);
        assert_eq!(
            (at.clock().as_str(), at.compact().as_str()),
            ("02:00:13", "20260312T020013Z")
        );
        let later = at + Duration::from_millis(42);
        assert_eq!(later.compact_with_millis(), "20260312T020013.042Z");
    }

    #[test]
    fn a_span_is_never_negative() {
        let at = Time::from_millis(5);
        assert_eq!(at.since(at + Duration::from_millis(9)), Duration::ZERO);
    }
}
