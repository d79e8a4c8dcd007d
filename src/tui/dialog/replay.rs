//! An operation again: where its interface was known to be, the bar, and its records.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::super::glyph::{CLOSED, FREE};
use super::super::pen::{Pen, Row, cut, fit, list_row, paint};
use super::super::theme::Role;
use super::super::timeline::{CALL, arrow, marks};
use super::super::words::about;
use crate::app::layer::Replaying;
use crate::app::timeline::bar::{Bar, Kind as Mark};
use crate::ec2::time::Time;
use crate::failover::replay::{Kind, Moment, Place, Replay};

/// Columns of the clocks at both ends of the bar.
const CLOCKS: usize = 20;
/// Rows in which the chosen record is told in full.
const WHOLE: usize = 3;

pub(super) fn view(pen: Pen, replaying: &Replaying, buffer: &mut Buffer, body: Rect) {
    let (replay, at) = (&*replaying.replay, replaying.at);
    let width = usize::from(body.width).saturating_sub(2);
    let height = usize::from(body.height).saturating_sub(2);
    let Some(chosen) = replay.moments.get(at) else {
        return;
    };
    let began = replay.began().unwrap_or(chosen.at);
    let mut rows = vec![place(pen, replay, &chosen.place, width)];
    rows.extend(bar(pen, replay, at, began, width));
    let mut below = pen.wrapped(Role::Text, &chosen.text, width, " ");
    below.truncate(WHOLE);
    below.resize(WHOLE, Row::default());
    if let Some(why) = &replay.broken {
        below.extend(pen.wrapped(Role::Error, &format!("! {why}"), width, " "));
    }
    let room = height.saturating_sub(rows.len() + below.len() + 1).max(1);
    let first = super::first_in_view(at, room);
    let list = replay.moments.iter().enumerate().skip(first).take(room);
    rows.extend(list.map(|(n, moment)| record(pen, moment, n == at, began, width)));
    rows.resize(height.saturating_sub(below.len()), Row::default());
    rows.extend(below);
    let title = format!(
        "replay of {}: {} of {}",
        replay.op,
        at + 1,
        replay.moments.len()
    );
    let inner = super::middle(pen, buffer, body, body.width, height, &title);
    paint(buffer, inner, &rows, 0);
    let after = replay.moments.len().saturating_sub(first + room);
    super::more(pen, buffer, inner, first, after);
}

/// ` db-service   ○ db-primary   ● attached to nothing   ○ db-standby`
fn place(pen: Pen, replay: &Replay, place: &Place, width: usize) -> Row {
    let (eni, source, target) = &replay.names;
    if *place == Place::Unknown {
        let text = format!(" {eni}: where it was had not been seen, or is not what moves");
        let mut row = pen.row(Role::Muted, text);
        cut(&mut row, width);
        return row;
    }
    let mut row = pen.row(Role::Title, format!(" {eni}  "));
    let nowhere = "attached to nothing".to_owned();
    let mut places = vec![
        (source, Place::Source),
        (&nowhere, Place::Nowhere),
        (target, Place::Target),
    ];
    let elsewhere = match place {
        Place::Elsewhere(id) => id.to_string(),
        _ => String::new(),
    };
    if !elsewhere.is_empty() {
        places.push((&elsewhere, place.clone()));
    }
    for (name, one) in places {
        let (role, mark) = match one == *place {
            true => (Role::Selection, CALL),
            false => (Role::Muted, FREE),
        };
        row.spans.push(Span::raw(" "));
        row.spans.push(pen.span(role, format!(" {mark} {name} ")));
    }
    cut(&mut row, width);
    row
}

fn bar(pen: Pen, replay: &Replay, at: usize, began: Time, width: usize) -> [Row; 2] {
    let kind = |n: usize| replay.moments.get(n).map_or(Mark::Way, |m| mark(m.kind));
    let columns = width.saturating_sub(CLOCKS);
    let bar = Bar::new(replay.moments.len(), at, columns, kind);
    let moment = |n: usize| replay.moments.get(n).map_or(began, |m| m.at);
    let (first, last) = (began, moment(replay.moments.len().saturating_sub(1)));
    let now = moment(at);
    let text = format!("{} +{}", now.clock(), about(now.since(began)));
    [
        marks(pen, &bar, &first.clock(), &last.clock()),
        arrow(pen, &bar, &text, width),
    ]
}

fn mark(kind: Kind) -> Mark {
    match kind {
        Kind::Plan | Kind::Verdict => Mark::End,
        Kind::Consent | Kind::Note => Mark::Turn,
        Kind::Call => Mark::Call,
        Kind::Accepted | Kind::Seen => Mark::Effect,
        Kind::Refused => Mark::Refused,
        Kind::Doubtful => Mark::Event,
    }
}

/// `▸ +2.1 s    call      DetachNetworkInterface AttachmentId=…`
fn record(pen: Pen, moment: &Moment, chosen: bool, began: Time, width: usize) -> Row {
    let role = match moment.kind {
        Kind::Accepted => Role::StateGood,
        Kind::Refused => Role::StateFailed,
        Kind::Doubtful => Role::Warning,
        Kind::Call | Kind::Verdict => Role::Title,
        Kind::Plan | Kind::Consent | Kind::Seen | Kind::Note => Role::Text,
    };
    let pointer = if chosen { CLOSED } else { " " };
    let since = format!("+{}", about(moment.at.since(began)));
    let row = pen.rows([
        (Role::Key, &format!(" {pointer} ")),
        (Role::LogTime, &fit(&since, 11)),
        (role, &fit(moment.kind.word(), 10)),
        (Role::Text, &moment.text),
    ]);
    list_row(pen, row, chosen, width)
}
