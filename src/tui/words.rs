//! Words for resources: short ids, names, states with their glyph and role, durations.
//!
//! Invariant: an id is shortened only here, to its prefix and its last four characters.

use std::time::Duration;

use super::theme::Role;
use crate::ec2::eni::{AttachmentStatus, Eni, EniStatus};
use crate::ec2::id::InstanceId;
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::world::World;

/// `eni-0c1d52aa7be03f9a1` as `eni-…f9a1`; what is short enough stays.
pub(super) fn short_id(id: &str) -> String {
    match id.rsplit_once('-') {
        Some((prefix, tail)) if tail.chars().count() > 8 => {
            let skip = tail.chars().count() - 4;
            let end: String = tail.chars().skip(skip).collect();
            format!("{prefix}-…{end}")
        }
        _ => id.to_owned(),
    }
}

/// The instance's Name, else its id.
pub(super) fn instance_name(instance: &Instance) -> String {
    instance.name().unwrap_or(instance.id.as_str()).to_owned()
}

/// The name of an instance by id, whether the world holds it or not.
pub(super) fn instance_called(world: &World, id: &InstanceId) -> String {
    world
        .instance(id)
        .map_or_else(|| id.to_string(), |i| instance_name(i))
}

/// The interface's Name, else `primary` for a primary one, else its short id.
pub(super) fn eni_name(eni: &Eni) -> String {
    match eni.name() {
        Some(name) => name.to_owned(),
        None if eni.is_primary() => "primary".to_owned(),
        None => short_id(eni.id.as_str()),
    }
}

/// `us-east-1a` as `1a`.
pub(super) fn zone(zone: &str) -> &str {
    zone.rsplit_once('-').map_or(zone, |(_, tail)| tail)
}

/// An instance's state in a word: a failed check outranks `running`.
pub(super) fn instance_state(instance: &Instance) -> (Role, String) {
    let word = instance.state.as_str().to_owned();
    match instance.state {
        InstanceState::Running if instance.is_impaired() => {
            (Role::StateFailed, "IMPAIRED".to_owned())
        }
        InstanceState::Running => (Role::StateGood, word),
        InstanceState::Stopped | InstanceState::Terminated => (Role::StateIdle, word),
        _ => (Role::StateMoving, word),
    }
}

/// An interface's state in a word: the attachment's where it moves, else the interface's own.
pub(super) fn eni_state(eni: &Eni) -> (Role, String) {
    if let Some(a) = &eni.attachment {
        let word = a.status.as_str().to_owned();
        return match a.status {
            AttachmentStatus::Attached => (Role::StateGood, word),
            AttachmentStatus::Detached => (Role::StateIdle, word),
            _ => (Role::StateMoving, word),
        };
    }
    let word = eni.status.as_str().to_owned();
    match eni.status {
        EniStatus::Available => (Role::StateIdle, word),
        EniStatus::InUse => (Role::StateGood, word),
        _ => (Role::StateMoving, word),
    }
}

/// It is on its way to or from an attachment.
pub(super) fn is_moving(eni: &Eni) -> bool {
    eni_state(eni).0 == Role::StateMoving
}

/// `0.21 s`, `2.4 s`, `15 s`, `2 min 05 s`.
pub(super) fn span(span: Duration) -> String {
    let (seconds, millis) = (span.as_secs(), span.subsec_millis());
    match seconds {
        0 => format!("0.{:02} s", millis / 10),
        1..10 => format!("{seconds}.{} s", millis / 100),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// `0.3 s`, `2.4 s`, `15 s`: for what nobody measures to the hundredth.
pub(super) fn about(time: Duration) -> String {
    if time.as_secs() > 0 {
        return span(time);
    }
    format!("0.{} s", time.subsec_millis() / 100)
}

/// `00:13`, `1:00:13`.
pub(super) fn timer(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// `1 tag`, `4 tags`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("{n} {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// `1 match`, `4 matches`.
pub(super) fn matches(n: usize) -> String {
    if n == 1 {
        "1 match".to_owned()
    } else {
        format!("{n} matches")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shortened_to_prefix_and_last_four() {
        for (id, expected) in [
            ("eni-0c1d52aa7be03f9a1", "eni-…f9a1"),
            ("eni-attach-0b7e5c21d09f1a338", "eni-attach-…a338"),
            ("i-0a1b2c3d", "i-0a1b2c3d"),
            ("odd", "odd"),
        ] {
            assert_eq!(short_id(id), expected);
        }
    }

    #[test]
    fn durations_read_well() {
        for (millis, text, clock) in [
            (213, "0.21 s", "00:00"),
            (2_449, "2.4 s", "00:02"),
            (15_600, "15 s", "00:15"),
            (125_000, "2 min 05 s", "02:05"),
            (3_613_000, "60 min 13 s", "1:00:13"),
        ] {
            let d = Duration::from_millis(millis);
            assert_eq!((span(d).as_str(), timer(d).as_str()), (text, clock));
        }
    }
}
