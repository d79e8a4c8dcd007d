//! Two services that failed alike, side by side: what was done about each, and how long it took.
//!
//! Invariants: made from the recorded events of the play and from nothing else, so that whatever the
//! learner did is what is shown; a line is as wide as was asked for at most.

use std::collections::BTreeMap;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::words::outside;
use crate::app::feed::story::instance_name;
use crate::ec2::id::EniId;
use crate::ec2::sample::{Reply, Strip};
use crate::ec2::shown::{shown, shown_within};
use crate::ec2::time::Time;
use crate::sim::history::Happened;
use crate::sim::scenario::{Change, Event};
use crate::sim::timeline::{Stop, Timeline, What};

/// Columns of the time at the left, and of a line between two columns.
const TIME: usize = 5;
const LINE: &str = " │ ";

/// One client's story.
struct Side<'a> {
    strip: &'a Strip,
    number: usize,
    /// The interface that has the address which it asks, if it asks one.
    eni: Option<EniId>,
}

/// The stories of two clients, named by their labels, as lines of so many columns; empty unless both
/// were recorded.
pub fn lines(timeline: &Timeline, clients: &[String], width: usize) -> Vec<String> {
    let Some(end) = timeline.stop(timeline.stops() - 1) else {
        return Vec::new();
    };
    let sides: Vec<Side> = clients
        .iter()
        .filter_map(|label| side(&end, label))
        .collect();
    let [left, right] = sides.as_slice() else {
        return Vec::new();
    };
    let both = [left, right];
    let lost = |side: &Side| side.strip.outage().map(|o| o.first_lost);
    let Some(start) = both.iter().filter_map(|side| lost(side)).min() else {
        return Vec::new();
    };
    let column = width.saturating_sub(TIME + 2 * LINE.width()) / 2;
    let mut out = Vec::new();
    let titles = both.map(|side| format!("{}: {}", side.strip.client, host(side.strip)));
    out.extend(row("after", &titles, column));
    // What happened in one second stands side by side.
    let mut told: BTreeMap<u64, [Vec<String>; 2]> = BTreeMap::new();
    for (n, side) in both.iter().enumerate() {
        for (at, text) in story(timeline, side, &end, start) {
            let second = told.entry(at.since(start).as_secs()).or_default();
            second[n].push(text);
        }
    }
    for (second, [left, right]) in told {
        let clock = clock(Duration::from_secs(second));
        for n in 0..left.len().max(right.len()) {
            let text = |list: &[String]| list.get(n).cloned().unwrap_or_default();
            let time = if n == 0 { clock.as_str() } else { "" };
            out.extend(row(time, &[text(&left), text(&right)], column));
        }
    }
    out.push("─".repeat(TIME + 2 * LINE.width() + 2 * column));
    out.extend(row("lost", &both.map(|side| result(side, &end)), column));
    out
}

/// The name or address that a client asks.
fn host(strip: &Strip) -> &str {
    strip.target.split(':').next().unwrap_or_default()
}

fn side<'a>(end: &'a Stop, label: &str) -> Option<Side<'a>> {
    let number = end.strips.iter().position(|s| *s.client == *label)?;
    let strip = end.strips.get(number)?;
    let address = host(strip);
    let has = |e: &&std::sync::Arc<crate::ec2::eni::Eni>| {
        let mut own = e.private_ip_addresses.iter();
        own.any(|ip| ip.private_ip_address.to_string() == address)
            || e.associations()
                .any(|(_, a)| a.public_ip.to_string() == address)
    };
    let eni = end.world.enis().find(has).map(|e| e.id.clone());
    Some(Side { strip, number, eni })
}

/// What concerns one client, in order.
fn story(timeline: &Timeline, side: &Side, end: &Stop, start: Time) -> Vec<(Time, String)> {
    let mut told: Vec<(Time, String)> = Vec::new();
    for stop in 1..timeline.stops() {
        let Some(What::Happened(all)) = timeline.what(stop) else {
            continue;
        };
        let ours = |id: &EniId| side.eni.as_ref() == Some(id);
        let touched = timeline.touched(stop).any(ours);
        for happening in all.iter() {
            if let Some(text) = event(&happening.what, side, touched) {
                told.push((happening.at, text));
            }
        }
    }
    let mut before: Option<(String, bool)> = None;
    for (at, reply) in timeline.replies(side.number) {
        let text = luck(reply, end);
        // Of an interface that moves the calls say why it does not answer meanwhile.
        let lost = reply.is_lost();
        let known = side.eni.is_some() && lost && before.as_ref().is_some_and(|(_, lost)| *lost);
        if at >= start && !known && before.as_ref().is_none_or(|(b, _)| *b != text) {
            told.push((at, text.clone()));
        }
        before = Some((text, lost));
    }
    told.sort_by_key(|(at, _)| *at);
    told
}

fn luck(reply: &Reply, end: &Stop) -> String {
    match reply {
        Reply::Lost(why) => format!("✗ {why}"),
        Reply::Answered(by) => format!("✓ {} answers", instance_name(&end.world, by)),
        Reply::Reached(how) => format!("✓ {how}"),
    }
}

/// What was done, or ended, if it concerns this client.
fn event(what: &Happened, side: &Side, touched: bool) -> Option<String> {
    match what {
        Happened::Event(Event::Outside { by, change }) => {
            let concerns = match change {
                Change::Dns(name, _) => *host(side.strip) == **name,
                Change::Firewall(label, _) => *label == side.strip.client,
            };
            concerns.then(|| format!("● {by}: {}", outside(change)))
        }
        Happened::Called { call, answer, .. }
            if touched || answer.is_err() && side.eni.is_some() =>
        {
            let answer = match answer {
                Ok(_) => "",
                Err(_) => ": refused",
            };
            Some(format!("● {}{answer}", call.action()))
        }
        _ => None,
    }
}

/// `20 min 07 s`, or that it lasts.
fn result(side: &Side, end: &Stop) -> String {
    match side.strip.outage() {
        None => "nothing".to_owned(),
        Some(outage) => {
            let span = clock(outage.span(end.at));
            match outage.first_good {
                Some(_) => format!("{span} without an answer"),
                None => format!("{span} so far, and still not answered"),
            }
        }
    }
}

/// `00:18`, `20:07`, `1:02:03`.
fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// One row of the table; what does not fit goes on below.
fn row(time: &str, texts: &[String; 2], column: usize) -> Vec<String> {
    let [left, right] = texts.each_ref().map(|text| wrap(text, column));
    let cell = |list: &[String], n: usize| {
        let text = list.get(n).map_or("", String::as_str);
        format!("{text}{}", " ".repeat(column.saturating_sub(text.width())))
    };
    (0..left.len().max(right.len()))
        .map(|n| {
            let time = if n == 0 { time } else { "" };
            let (left, right) = (cell(&left, n), cell(&right, n));
            let row = format!("{time:>TIME$}{LINE}{left}{LINE}{right}");
            row.trim_end().to_owned()
        })
        .collect()
}

fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in shown(text).split_whitespace() {
        let word = shown_within(word, columns);
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.into_owned()),
        }
    }
    lines
}
