//! The course: every lesson that comes with the program, in order.
//!
//! Invariant: what a lesson needs stands before it.

use std::sync::Arc;

use super::lesson::{Lesson, LessonError};
use crate::sim::worldfile::{self, nearest};

/// The lessons in their order: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    (
        "movable-bundle",
        include_str!("../../demo/lessons/movable-bundle.toml"),
    ),
    (
        "primary-secondary",
        include_str!("../../demo/lessons/primary-secondary.toml"),
    ),
    (
        "hot-warm-cold",
        include_str!("../../demo/lessons/hot-warm-cold.toml"),
    ),
    ("one-zone", include_str!("../../demo/lessons/one-zone.toml")),
    ("capacity", include_str!("../../demo/lessons/capacity.toml")),
    (
        "bandwidth",
        include_str!("../../demo/lessons/bandwidth.toml"),
    ),
    ("failover", include_str!("../../demo/lessons/failover.toml")),
    ("the-race", include_str!("../../demo/lessons/the-race.toml")),
    (
        "outbound-identity",
        include_str!("../../demo/lessons/outbound-identity.toml"),
    ),
    (
        "dual-homed",
        include_str!("../../demo/lessons/dual-homed.toml"),
    ),
    (
        "many-addresses",
        include_str!("../../demo/lessons/many-addresses.toml"),
    ),
    (
        "service-managed",
        include_str!("../../demo/lessons/service-managed.toml"),
    ),
    (
        "same-subnet",
        include_str!("../../demo/lessons/same-subnet.toml"),
    ),
    (
        "losing-a-zone",
        include_str!("../../demo/lessons/losing-a-zone.toml"),
    ),
    (
        "hung-detach",
        include_str!("../../demo/lessons/hung-detach.toml"),
    ),
    ("dot-trap", include_str!("../../demo/lessons/dot-trap.toml")),
    (
        "two-operators",
        include_str!("../../demo/lessons/two-operators.toml"),
    ),
    ("report", include_str!("../../demo/lessons/report.toml")),
];

/// Every lesson, in order.
pub fn lessons() -> Result<Vec<Arc<Lesson>>, LessonError> {
    let read = EMBEDDED.iter().map(|(name, text)| {
        let mut lesson = Lesson::parse(&format!("{name}.toml"), text)?;
        lesson.world_text = world(&lesson.world).unwrap_or_default().to_owned();
        Ok(Arc::new(lesson))
    });
    read.collect()
}

/// The text of a world that comes with the program.
pub fn world(name: &str) -> Option<&'static str> {
    let found = worldfile::EMBEDDED.iter().find(|(n, _)| *n == name);
    found.map(|(_, text)| *text)
}

/// The lesson of this name or number (from 1); else a sentence with the nearest name.
pub fn find(lessons: &[Arc<Lesson>], wanted: &str) -> Result<(usize, Arc<Lesson>), String> {
    let by_number = wanted.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let at = by_number
        .filter(|n| *n < lessons.len())
        .or_else(|| lessons.iter().position(|l| l.name == wanted));
    if let Some((n, lesson)) = at.and_then(|n| Some((n, lessons.get(n)?))) {
        return Ok((n, Arc::clone(lesson)));
    }
    let near = nearest(wanted, lessons.iter().map(|l| l.name.as_str()));
    let hint = near.map_or_else(String::new, |n| format!(" Did you mean `{n}`?"));
    Err(format!(
        "there is no lesson `{wanted}`.{hint} `enipilot learn --list` names them all"
    ))
}
