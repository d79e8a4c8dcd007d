//! The device slots of an instance, free ones included, and its capacity.

use unicode_width::UnicodeWidthStr;

use super::super::glyph::{CLOSED, PRIMARY, SECONDARY};
use super::super::pen::{Pen, Row, fit, fit_right, spread};
use super::super::theme::Role;
use super::super::words::{eni_name, eni_state, instance_name, instance_state, is_moving};
use crate::ec2::eni::Eni;
use crate::ec2::id::EniId;
use crate::ec2::resource::Instance;
use crate::ec2::world::World;
use crate::rules::limits;

/// From this width on the slot says in words what kind of attachment it is.
const WORDS_MIN: usize = 50;
/// More free slots than this are one line.
const FREE_MAX: usize = 3;

/// ` db-primary  m5.large       IMPAIRED`
pub(in super::super) fn head(pen: Pen, instance: &Instance, width: usize) -> Row {
    let (role, word) = instance_state(instance);
    let left = pen.rows([
        (Role::Title, &format!(" {}", instance_name(instance))),
        (Role::Muted, &format!("  {}", instance.instance_type)),
    ]);
    spread(left, pen.row(role, word), width.saturating_sub(1))
}

/// One line a slot, by card and index; runs of free ones are drawn together.
pub(in super::super) fn slots(
    pen: Pen,
    world: &World,
    instance: &Instance,
    marked: Option<&EniId>,
    width: usize,
) -> Vec<Row> {
    let enis = world.enis_of(&instance.id);
    let limits = limits::in_world(world, &instance.instance_type);
    let cards = limits.as_ref().map_or(1, |l| l.network_cards);
    let mut rows = Vec::new();
    for card in 0..cards {
        let taken = |index: u32| {
            enis.iter().find(|e| {
                e.attachment
                    .as_ref()
                    .is_some_and(|a| (a.network_card_index, a.device_index) == (card, index))
            })
        };
        let room = limits
            .as_ref()
            .map_or(0, |l| l.interfaces_per_card_max(card));
        // An index may lie beyond the count: EC2 counts interfaces, not positions.
        let on_card = enis.iter().filter_map(|e| e.attachment.as_ref());
        let on_card = on_card.filter(|a| a.network_card_index == card);
        let (count, highest) = on_card.fold((0_u32, 0), |(n, high), a| {
            (n + 1, high.max(a.device_index + 1))
        });
        let mut free = room.saturating_sub(count);
        let mut run: Vec<u32> = Vec::new();
        for index in 0..room.max(highest) {
            match taken(index) {
                Some(eni) => {
                    rows.extend(vacant(pen, cards, card, &mut run));
                    rows.push(slot(pen, eni, cards, marked == Some(&eni.id), width));
                }
                None if free > 0 => {
                    free -= 1;
                    run.push(index);
                }
                None => {}
            }
        }
        rows.extend(vacant(pen, cards, card, &mut run));
    }
    // What the type's cards do not explain is still shown.
    for eni in enis.iter().filter(|e| {
        e.attachment
            .as_ref()
            .is_some_and(|a| a.network_card_index >= cards)
    }) {
        rows.push(slot(pen, eni, cards + 1, marked == Some(&eni.id), width));
    }
    rows
}

fn position(cards: u32, card: u32, index: &str) -> String {
    if cards > 1 {
        fit_right(&format!("{card}/{index}"), 4)
    } else {
        fit_right(index, 2)
    }
}

fn vacant(pen: Pen, cards: u32, card: u32, run: &mut Vec<u32>) -> Vec<Row> {
    let free = std::mem::take(run);
    let line = |index: &str, word: &str| {
        let place = position(cards, card, index);
        pen.rows([
            (Role::Muted, &format!("   {place}    ")),
            (Role::StateIdle, word),
        ])
    };
    match (free.first(), free.last()) {
        (Some(first), Some(last)) if free.len() > FREE_MAX => {
            let words = format!("free, and so on to {last} ({} free)", free.len());
            vec![line(&first.to_string(), &words)]
        }
        _ => free.iter().map(|n| line(&n.to_string(), "free")).collect(),
    }
}

fn slot(pen: Pen, eni: &Eni, cards: u32, marked: bool, width: usize) -> Row {
    let Some(a) = &eni.attachment else {
        return Row::default();
    };
    let primary = eni.is_primary();
    let glyph = if primary { PRIMARY } else { SECONDARY };
    let (state, word) = eni_state(eni);
    let place = position(cards, a.network_card_index, &a.device_index.to_string());
    let mark = if marked { CLOSED } else { " " };
    let ip = eni
        .primary_ip()
        .map(|ip| ip.to_string())
        .unwrap_or_default();
    let (kind, kind_width) = match (width >= WORDS_MIN, primary) {
        (false, _) => ("", 0),
        (true, true) => ("primary", 11),
        (true, false) => ("secondary", 11),
    };
    let ip_width = if width >= WORDS_MIN { 15 } else { ip.len() };
    let used = 1 + 2 + place.len() + 1 + 2 + 1 + 1 + ip_width + kind_width + 1;
    let room = width.saturating_sub(used);
    let mut name = eni_name(eni);
    if is_moving(eni) {
        // Where both do not fit, the state outranks the name.
        let both = format!("{word}… {name}");
        name = if both.width() <= room {
            both
        } else {
            format!("{word}…")
        };
    }
    let name = fit(&name, room);
    // The mark alone tells which one it is: a bold row would cost its whole width on every move.
    let line = if state == Role::StateMoving {
        state
    } else {
        Role::Text
    };
    pen.rows([
        (Role::Title, &format!(" {mark} ")),
        (Role::Muted, &place),
        (line, &format!(" {glyph}{glyph} {name} ")),
        (Role::Text, &fit(&ip, ip_width)),
        (Role::Muted, &fit_right(kind, kind_width)),
    ])
}

/// `ENIs 2/3`, and of one interface, or of the fullest, `IPv4 2/10`.
pub(in super::super) fn capacity(
    pen: Pen,
    world: &World,
    instance: &Instance,
    of: Option<&Eni>,
) -> Row {
    let enis = world.enis_of(&instance.id);
    let limits = limits::in_world(world, &instance.instance_type);
    let full = limits
        .as_ref()
        .is_some_and(|l| enis.len() >= l.interfaces_max as usize);
    let of_max = |max: Option<u32>| max.map_or("?".to_owned(), |m| m.to_string());
    let used = format!(
        " ENIs {}/{}{}",
        enis.len(),
        of_max(limits.as_ref().map(|l| l.interfaces_max)),
        if full { " FULL" } else { "" }
    );
    let ipv4_max = of_max(limits.as_ref().map(|l| l.ipv4_per_interface_max));
    let addresses = match of {
        Some(eni) => format!("   IPv4 here {}/{ipv4_max}", eni.ipv4_count()),
        None => {
            let all: u32 = enis.iter().map(|e| e.ipv4_count()).sum();
            format!("   IPv4 {all}, at most {ipv4_max} each")
        }
    };
    let role = if full { Role::Warning } else { Role::Text };
    let unknown = if limits.is_none() {
        "   limits of the type unknown"
    } else {
        ""
    };
    pen.rows([
        (role, &used),
        (Role::Text, &addresses),
        (Role::Muted, unknown),
    ])
}
