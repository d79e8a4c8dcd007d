//! The bar: stops in so many columns, each with the most important mark of its stops.
//!
//! Invariants: stops stand side by side in their order, evenly, because seconds and hours do not fit
//! on one scale; every stop has a column, and the chosen one is always seen.

use crate::sim::timeline::{Mark, Timeline};

/// What a column shows, the least important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The way between two stops.
    Way,
    /// Where it begins, or the present.
    End,
    /// A client's luck turned.
    Turn,
    /// Something went on by itself.
    Effect,
    /// Something from outside.
    Event,
    /// An accepted call.
    Call,
    /// A refused call, or one whose end nobody knows.
    Refused,
}

impl From<Mark> for Kind {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Beginning | Mark::Now => Self::End,
            Mark::Lost | Mark::Answered => Self::Turn,
            Mark::Effect => Self::Effect,
            Mark::Event => Self::Event,
            Mark::Call => Self::Call,
            Mark::Refused => Self::Refused,
        }
    }
}

/// Stops in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What each column shows.
    pub columns: Vec<Kind>,
    /// The newest stop that lies in a column or before it, for each.
    pub newest: Vec<usize>,
    /// The column of the chosen stop.
    pub at: usize,
}

impl Bar {
    /// So many stops in so many columns, at least one of each.
    pub fn new(stops: usize, at: usize, width: usize, kind: impl Fn(usize) -> Kind) -> Self {
        let (stops, width) = (stops.max(1), width.max(1));
        let column = |stop: usize| stop * (width - 1) / (stops - 1).max(1);
        let mut columns = vec![Kind::Way; width];
        let mut newest = vec![0; width];
        for stop in 0..stops {
            let place = column(stop);
            if let (Some(shown), Some(last)) = (columns.get_mut(place), newest.get_mut(place)) {
                *shown = (*shown).max(kind(stop));
                *last = stop;
            }
        }
        let mut passed = 0;
        for last in &mut newest {
            passed = passed.max(*last);
            *last = passed;
        }
        Self {
            columns,
            newest,
            at: column(at.min(stops - 1)),
        }
    }

    /// A timeline in so many columns.
    pub fn of(timeline: &Timeline, at: usize, width: usize) -> Self {
        let kind = |stop| timeline.mark(stop).1.into();
        Self::new(timeline.stops(), at, width, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(kinds: &str, at: usize, width: usize) -> (String, usize) {
        let kind = |stop| match kinds.as_bytes()[stop] {
            b'|' => Kind::End,
            b'.' => Kind::Turn,
            b'o' => Kind::Effect,
            b'!' => Kind::Event,
            b'*' => Kind::Call,
            _ => Kind::Refused,
        };
        let bar = Bar::new(kinds.len(), at, width, kind);
        let shown = bar.columns.iter().map(|kind| match kind {
            Kind::Way => '-',
            Kind::End => '|',
            Kind::Turn => '.',
            Kind::Effect => 'o',
            Kind::Event => '!',
            Kind::Call => '*',
            Kind::Refused => 'x',
        });
        assert_eq!(*bar.newest.last().unwrap_or(&0), kinds.len() - 1);
        (shown.collect(), bar.at)
    }

    #[test]
    fn stops_stand_evenly_and_the_most_important_of_a_column_is_seen() {
        for (kinds, at, width, expected, column) in [
            ("|", 0, 5, "|----", 0),
            ("|*", 1, 5, "|---*", 4),
            ("|*o", 1, 5, "|-*-o", 2),
            ("|*oox!.o|", 8, 5, "*oxo|", 4),
            ("|oooooooo*oooooo|", 9, 4, "o*o|", 1),
            ("|*o", 2, 1, "*", 0),
        ] {
            let (shown, place) = drawn(kinds, at, width);
            assert_eq!((shown.as_str(), place), (expected, column), "{kinds}");
        }
    }

    #[test]
    fn every_stop_has_a_column_in_order() {
        for stops in 1..200 {
            for width in [1, 2, 7, 60] {
                let at = |n| Bar::new(stops, n, width, |_| Kind::Call).at;
                assert!((1..stops).all(|n| at(n - 1) <= at(n) && at(n) < width));
                assert_eq!(at(0), 0);
            }
        }
    }
}
