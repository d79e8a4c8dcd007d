//! The client's strip: one mark a request, newest at the right.

use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use super::glyph::{CROSS, TICK};
use super::pen::{Pen, Row, cut};
use super::theme::Role;
use super::words::{instance_called, span, timer};
use crate::app::model::Model;
use crate::ec2::sample::{Rate, Reply, Sample, Strip};

/// Marks shown at most.
const MARKS_MAX: usize = 60;

/// Answered requests shown before the newest outage.
const GOOD_BEFORE: usize = 8;

/// Whether the service answers now, in a word: `LOST 00:13`, `✓ db-standby`.
pub(super) fn verdict(model: &Model, strip: &Strip) -> (Role, String) {
    if stopped(strip) {
        return (Role::Muted, "no longer probed".to_owned());
    }
    match strip.samples.back().map(|s| &s.reply) {
        None => (Role::Muted, "not asked yet".to_owned()),
        Some(Reply::Reached(_)) => (Role::StripAnswered, format!("{TICK} answers")),
        Some(Reply::Answered(by)) => (
            Role::StripAnswered,
            format!("{TICK} {}", instance_called(&model.world, by)),
        ),
        Some(Reply::Lost(_)) => {
            let lasting = strip.outage().map(|o| o.span(model.now));
            let lasting = lasting.map_or(String::new(), |d| format!(" {}", timer(d)));
            (Role::StripLost, format!("LOST{lasting}"))
        }
    }
}

/// One line: who asks, the marks of the last requests, and what that means.
pub(super) fn line(pen: Pen, model: &Model, strip: &Strip, width: usize) -> Row {
    let mut row = pen.row(Role::Muted, format!(" {} ", strip.client));
    let (role, tail) = ending(model, strip);
    let free = width.saturating_sub(row.width() + 3);
    // The words say why, so they get most of the room, and the marks what they leave.
    let words = tail.width().min(free * 3 / 5);
    let room = (free - words).min(MARKS_MAX);
    let each = requests_a_mark(strip, room.saturating_sub(7));
    let scale = if each == 1 {
        String::new()
    } else {
        format!(" {each}/mark")
    };
    let most = room.saturating_sub(if each == 1 { 0 } else { 7 });
    let end = row.width() + room;
    row.spans.extend(marks(pen, strip, each, most));
    // The words stand still while the strip grows: a mark more then costs a mark, not a line.
    let gap = end.saturating_sub(row.width() + scale.width());
    row.spans.push(Span::raw(" ".repeat(gap)));
    row.spans.push(pen.span(Role::Muted, scale));
    row.spans.push(Span::raw("  "));
    row.spans.push(pen.span(role, tail));
    cut(&mut row, width.saturating_sub(1));
    row
}

/// How many requests one mark stands for, so that the newest outage is seen from its beginning.
/// Powers of two, so that the strip is laid out anew only seldom.
fn requests_a_mark(strip: &Strip, room: usize) -> usize {
    let Some(outage) = strip.outage() else {
        return 1;
    };
    let since = |moment| {
        strip
            .samples
            .iter()
            .rev()
            .take_while(|s| s.at >= moment)
            .count()
    };
    let over = outage
        .first_good
        .is_some_and(|good| since(good) > MARKS_MAX);
    let wanted = since(outage.first_lost) + GOOD_BEFORE;
    if over || room == 0 {
        return 1;
    }
    wanted.div_ceil(room).next_power_of_two().min(64)
}

/// The last `room` marks, runs of the same outcome in one span. A mark of several requests is good
/// only if all of them were.
fn marks(pen: Pen, strip: &Strip, each: usize, room: usize) -> Vec<Span<'static>> {
    let step = strip.interval.as_millis().max(1) * each as u128;
    // Buckets are aligned to time, so that a new request never shifts the older marks.
    let bucket = |s: &Sample| u128::try_from(s.at.millis()).unwrap_or(0) / step;
    let mut outcomes: Vec<(u128, bool)> = Vec::new();
    for sample in &strip.samples {
        let good = !sample.reply.is_lost();
        match outcomes.last_mut() {
            Some((last, all)) if each > 1 && *last == bucket(sample) => *all &= good,
            _ => outcomes.push((bucket(sample), good)),
        }
    }
    let skip = outcomes.len().saturating_sub(room);
    let mut runs: Vec<(bool, usize)> = Vec::new();
    for (_, good) in outcomes.into_iter().skip(skip) {
        match runs.last_mut() {
            Some((last, count)) if *last == good => *count += 1,
            _ => runs.push((good, 1)),
        }
    }
    runs.into_iter()
        .map(|(good, count)| {
            if good {
                pen.span(Role::StripAnswered, TICK.repeat(count))
            } else {
                pen.span(Role::StripLost, CROSS.repeat(count))
            }
        })
        .collect()
}

/// What the newest request says, and why.
fn ending(model: &Model, strip: &Strip) -> (Role, String) {
    let who = match strip.samples.back().map(|s| &s.reply) {
        None => return (Role::Muted, "no request yet".to_owned()),
        Some(Reply::Lost(why)) => return (Role::StripLost, why.to_string()),
        Some(Reply::Reached(how)) => format!("{} {how}", strip.target),
        Some(Reply::Answered(by)) if strip.rate.is_some() => {
            return flow(instance_called(&model.world, by), strip.rate);
        }
        Some(Reply::Answered(by)) => format!("{} answers", instance_called(&model.world, by)),
    };
    let over = strip.outage().filter(|o| o.first_good.is_some());
    let gap = over.map(|outage| format!("; unanswered {}", span(outage.span(model.now))));
    let role = match stopped(strip) {
        true => Role::Muted,
        false => Role::StripAnswered,
    };
    (role, format!("{who}{}", gap.unwrap_or_default()))
}

/// A probe that has stopped asking says nothing of now.
fn stopped(strip: &Strip) -> bool {
    let probing = strip.probing.as_ref();
    probing.is_some_and(|probing| probing.stopped.is_some())
}

/// How fast data flows: `backup: 10.0 of 16.0 Gbit/s`.
fn flow(by: String, rate: Option<Rate>) -> (Role, String) {
    let Some(Rate { wanted, got }) = rate else {
        return (Role::StripAnswered, by);
    };
    let role = if got < wanted {
        Role::Warning
    } else {
        Role::StripAnswered
    };
    let gbit = |mbps: u32| format!("{}.{}", mbps / 1_000, mbps % 1_000 / 100);
    let text = format!("{by}: {} of {} Gbit/s", gbit(got), gbit(wanted));
    (role, text)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::super::look::{Look, LookRequest};
    use super::*;
    use crate::ec2::time::Time;

    /// A request every 250 ms: `+` answered, `-` lost.
    fn strip(pattern: &str) -> Strip {
        let sample = |(n, mark): (i64, char)| Sample {
            at: Time::from_millis(n * 250),
            reply: if mark == '+' {
                Reply::Answered("i-1".into())
            } else {
                Reply::Lost("lost".into())
            },
        };
        Strip {
            client: "c".into(),
            target: "t".into(),
            service: "s".into(),
            interval: Duration::from_millis(250),
            rate: None,
            probing: None,
            samples: (0..)
                .zip(pattern.chars())
                .map(sample)
                .collect::<VecDeque<_>>(),
        }
    }

    fn drawn(pattern: &str, each: usize, room: usize) -> String {
        let request = LookRequest {
            locale: Some("C.UTF-8".into()),
            ..LookRequest::default()
        };
        let Ok(look) = Look::choose(&request) else {
            return "no look".to_owned();
        };
        let spans = marks(Pen { look: &look }, &strip(pattern), each, room);
        spans.iter().map(|s| s.content.as_ref()).collect()
    }

    #[test]
    fn one_mark_a_request_the_newest_kept() {
        for (pattern, each, room, expected) in [
            ("", 1, 9, ""),
            ("++--+", 1, 9, "✓✓✗✗✓"),
            ("++--+", 1, 3, "✗✗✓"),
            ("++++----", 2, 9, "✓✓✗✗"),
            // One lost request of several is a lost mark.
            ("++++-+++", 2, 9, "✓✓✗✓"),
            ("+++++", 4, 9, "✓✓"),
        ] {
            assert_eq!(drawn(pattern, each, room), expected, "{pattern} by {each}");
        }
    }

    #[test]
    fn a_mark_stands_for_more_only_where_the_outage_needs_it() {
        let long = |lost: usize, after: usize| {
            format!(
                "{}{}{}",
                "+".repeat(20),
                "-".repeat(lost),
                "+".repeat(after)
            )
        };
        for (pattern, room, expected) in [
            ("++++".to_owned(), 20, 1),
            (long(10, 0), 20, 1),
            (long(13, 0), 20, 2),
            (long(60, 0), 20, 4),
            (long(60, 3), 20, 4),
            // It is over, and has left the strip.
            (long(60, 70), 20, 1),
            (long(60, 0), 0, 1),
        ] {
            assert_eq!(
                requests_a_mark(&strip(&pattern), room),
                expected,
                "{pattern}"
            );
        }
    }
}
