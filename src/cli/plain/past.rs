//! Looking back in lines of text: the list of changes, and where one stands in it.
//!
//! Invariants: what is listed is what the bar of the screen shows, by the same numbers; nothing is
//! changed by looking.

use super::menu::{Chosen, Menu, Offer};
use crate::app::action::Action;
use crate::app::keymap::{self, Scope};
use crate::app::timeline::{Looking, words};
use crate::ec2::shown::shown;
use crate::ec2::time::Time;

/// Changes that are listed at once.
const LISTED: usize = 20;

/// What can be done while one looks back, by its word here.
const WORDS: &[(&str, Action)] = &[
    ("earlier", Action::Earlier),
    ("later", Action::Later),
    ("call before", Action::EarlierCall),
    ("call after", Action::LaterCall),
    ("first", Action::First),
    ("last", Action::Last),
    ("now", Action::Close),
];

/// What can be chosen.
pub(super) fn menu() -> Menu {
    let offers = WORDS.iter().map(|(word, action)| Offer {
        word: (*word).to_owned(),
        text: keymap::binding(Scope::Timeline, *action)
            .map_or_else(String::new, |b| b.description.to_owned()),
        remark: String::new(),
        chosen: Chosen::Action(*action),
    });
    Menu {
        title: "Looking back; nothing is changed by it.".to_owned(),
        offers: offers.collect(),
        // A bare number is that of a change.
        marked: true,
        also: "A number goes to that change; `list` tells those around it; `look` shows the tree of then.",
        ..Menu::default()
    }
}

/// The changes around the one at which one stands, one line each.
pub(super) fn list(looking: &Looking) -> Vec<String> {
    let timeline = &looking.timeline;
    let stops = timeline.stops();
    let first = looking.at.saturating_sub(LISTED / 2);
    let first = first.min(stops.saturating_sub(LISTED));
    let last = (first + LISTED).min(stops);
    let mut lines = Vec::new();
    if first > 0 {
        lines.push(format!("      {first} earlier ones"));
    }
    for at in first..last {
        let Some(stop) = timeline.stop(at) else {
            continue;
        };
        let what = words::what(timeline, at, &stop);
        let here = if at == looking.at { "*" } else { " " };
        let clock = what.at.clock();
        lines.push(format!(
            "{here}{:>4}  {clock}  {}",
            at + 1,
            shown(&what.text)
        ));
    }
    if last < stops {
        lines.push(format!("      {} later ones", stops - last));
    }
    lines
}

/// Where one stands, and what is different there from the change before.
pub(super) fn here(looking: &Looking) -> Vec<String> {
    let (at, of) = (looking.at + 1, looking.timeline.stops());
    let what = &looking.what;
    let clock = what.at.clock();
    let mut lines = vec![format!(
        "Change {at} of {of}, {clock}: {}",
        shown(&what.text)
    )];
    let told = looking.told.iter();
    lines.extend(told.map(|line| format!("  {}", shown(&line.text))));
    lines
}

/// The steps that lead from where one stands to the change with this number, from 1.
pub(super) fn way(looking: &Looking, number: usize) -> Option<Vec<Action>> {
    let last = looking.timeline.stops() - 1;
    let to = number.checked_sub(1).filter(|to| *to <= last)?;
    // From the nearest place that one can be at in one step.
    let (start, leap) = [
        (looking.at, None),
        (0, Some(Action::First)),
        (last, Some(Action::Last)),
    ]
    .into_iter()
    .min_by_key(|(from, _)| from.abs_diff(to))?;
    let step = if to < start {
        Action::Earlier
    } else {
        Action::Later
    };
    let steps = std::iter::repeat_n(step, start.abs_diff(to));
    Some(leap.into_iter().chain(steps).collect())
}

/// What tells one look from the next: the moment, and how many changes there are.
pub(super) fn known(looking: &Looking) -> (usize, Time) {
    (looking.at, looking.what.at)
}
