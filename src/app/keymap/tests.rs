#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;
use crate::app::msg::Msg;
use crate::app::tests::{model, pair};
use crate::app::update::update;

/// Letters that are left over when an escape sequence is split: `ESC [ A`, `ESC O H`.
const SPLIT: [char; 8] = ['[', 'O', 'A', 'B', 'C', 'D', 'H', 'F'];

/// Rows of the table that say one chord twice where one of them could never be reached.
fn clashes(table: &[Binding]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut clashes = Vec::new();
    for row in table {
        for key in row.keys {
            if !seen.insert((row.scope, *key)) {
                clashes.push(format!("{:?} {}", row.scope, name(*key)));
            }
        }
    }
    let everywhere: Vec<Key> = table
        .iter()
        .filter(|r| r.scope == Scope::Global)
        .flat_map(|r| r.keys.iter().copied())
        .collect();
    for row in table.iter().filter(|r| r.scope != Scope::Global) {
        for key in row.keys.iter().filter(|k| everywhere.contains(k)) {
            clashes.push(format!("{:?} and everywhere {}", row.scope, name(*key)));
        }
    }
    clashes
}

#[test]
fn no_chord_stands_twice() {
    assert_eq!(clashes(TABLE), Vec::<String>::new());
    let mut broken = TABLE.to_vec();
    broken.push(TABLE[0]);
    assert_eq!(clashes(&broken).len(), 1);
}

#[test]
fn no_letter_of_a_split_escape_sequence_is_a_key() {
    for row in TABLE {
        for letter in SPLIT {
            assert!(!row.keys.contains(&Key::Char(letter)), "{row:?}");
        }
    }
}

#[test]
fn no_character_is_a_key_where_text_is_typed() {
    for row in TABLE.iter().filter(|r| r.scope.takes_text()) {
        let character = row.keys.iter().find(|k| matches!(k, Key::Char(_)));
        assert_eq!(character, None, "{row:?}");
    }
}

#[test]
fn every_layer_has_a_way_out() {
    for scope in Scope::ALL {
        let closes = |r: &&Binding| {
            r.scope == scope
                && matches!(
                    r.action,
                    Action::Close | Action::Quit | Action::ClearFilter | Action::Sandbox
                )
        };
        let way_out = TABLE.iter().find(closes);
        assert!(way_out.is_some() || scope == Scope::Global, "{scope:?}");
    }
}

#[test]
fn words_fit_where_they_are_shown() {
    for row in TABLE {
        assert!(row.label.len() <= 13, "{row:?}");
        assert!(
            !row.description.is_empty() && !row.description.contains('|'),
            "{row:?}"
        );
        // What has no key is found by its name in the palette.
        assert!(
            !row.keys.is_empty() || row.scope == Scope::Explorer,
            "{row:?}"
        );
    }
}

#[test]
fn help_and_readme_name_every_key() {
    let help = help();
    let rows: usize = help.iter().map(|(_, rows)| rows.len()).sum();
    assert_eq!(rows, TABLE.len());
    let markdown = markdown();
    for row in TABLE {
        for key in row.keys {
            assert!(markdown.contains(&format!("`{}`", name(*key))), "{row:?}");
        }
        assert!(markdown.contains(row.description), "{row:?}");
    }
}

#[test]
fn the_footer_names_what_works_and_its_first_key_works() {
    let mut m = model(pair());
    let labels =
        |m: &Model| -> Vec<&'static str> { available(m).iter().map(|h| h.label).collect() };
    assert_eq!(
        labels(&m)[..6],
        ["fail over", "open", "filter", "copy", "run", "past"]
    );
    assert!(labels(&m).contains(&"detach"));
    // A primary interface can be neither moved nor detached.
    m.tree
        .select(&crate::app::tree::Node::Eni("eni-primary-a".into()));
    let now = labels(&m);
    assert!(
        !now.contains(&"fail over") && !now.contains(&"detach"),
        "{now:?}"
    );
    for hint in available(&m) {
        assert_eq!(hint.availability, Availability::Works);
        assert!(!hint.key.is_empty());
    }
}

#[test]
fn the_palette_says_why_not() {
    let mut m = model(pair());
    m.tree
        .select(&crate::app::tree::Node::Eni("eni-primary-a".into()));
    update(&mut m, Msg::Key(Key::Char(':')));
    let hints = palette(&m, "detach");
    let detach = hints.iter().find(|h| h.action == Action::Detach).unwrap();
    let reason = detach.availability.reason().unwrap();
    assert!(reason.contains("(OperationNotPermitted)"), "{reason}");
    let start = palette(&m, "start the selected");
    let reason = start[0].availability.reason().unwrap();
    assert_eq!(reason, "select an instance first");
    let refresh = palette(&m, "look at the endpoint");
    assert!(matches!(refresh[0].availability, Availability::Not(_)));
}

#[test]
fn the_footer_offers_what_would_change_something() {
    use crate::app::tree::Node;
    let mut m = model(pair());
    let offered = |m: &Model, action: Action| available(m).iter().any(|h| h.action == action);
    m.tree.select(&Node::Instance("i-a".into()));
    assert!(offered(&m, Action::Stop) && !offered(&m, Action::Start));
    let why = availability(&m, Scope::Explorer, Action::Start);
    assert!(
        matches!(&why, Availability::Idle(why) if why.starts_with("it is running already")),
        "{why:?}"
    );
    // A no-op is EC2's to answer: the key still works.
    assert_eq!(update(&mut m, Msg::Key(Key::Char('s'))).len(), 1);
    // What a service owns can be attached to nothing.
    assert!(m.tree.select(&Node::Eni("eni-nat".into())));
    assert!(!offered(&m, Action::Attach));
    let why = availability(&m, Scope::Explorer, Action::Attach);
    let why = why.reason().unwrap();
    assert!(
        why.contains("NAT gateway") && why.contains("(OperationNotPermitted)"),
        "{why}"
    );
    assert!(m.tree.select(&Node::Eni("eni-spare".into())));
    assert!(offered(&m, Action::Attach));
}
