//! Worlds that arrive, and what is filtered from them.

use super::*;

#[test]
fn the_filter_follows_every_key_and_esc_takes_it_away() {
    let mut m = model(pair());
    let rows = m.tree.rows.len();
    keys(&mut m, "/ spare");
    assert_eq!((m.filter.matches, m.tree.rows.len()), (1, 4));
    assert_eq!(m.selected(), Some(&Node::Eni("eni-spare".into())));
    keys(&mut m, "enter");
    assert_eq!((m.layers.len(), m.filter.text.as_str()), (0, "spare"));
    keys(&mut m, "esc");
    assert!(m.filter.text.is_empty());
    // The branch of what was found stays open.
    assert_eq!(m.tree.rows.len(), rows + 1);
    assert_eq!(m.selected(), Some(&Node::Eni("eni-spare".into())));
    keys(&mut m, "/ zzz");
    assert_eq!((m.filter.matches, m.tree.rows.len()), (0, 0));
    keys(&mut m, "esc");
    assert_eq!(m.tree.rows.len(), rows + 1);
}

#[test]
fn a_filter_that_is_taken_up_again_begins_anew_or_goes_on() {
    // keys behind the second `/` | the text then
    for (then, expected) in [
        ("spare", "spare"),
        ("enter", "name:eni"),
        ("backspace", "name:en"),
        ("backspace i s", "name:enis"),
        ("space spare", "name:eni spare"),
        ("ctrl-w x", "x"),
        ("down x", "x"),
        ("esc", ""),
    ] {
        let mut m = model(pair());
        keys(&mut m, "/ name:eni enter /");
        assert_eq!(m.filter.text, "name:eni", "the old one is there");
        keys(&mut m, then);
        assert_eq!(m.filter.text, expected, "{then}");
    }
    let mut m = model(pair());
    keys(&mut m, "/ name:eni enter /");
    update(&mut m, Msg::Paste("spare".into()));
    assert_eq!(m.filter.text, "spare");
}

#[test]
fn a_filter_stays_when_the_world_changes() {
    let mut m = model(pair());
    keys(&mut m, "/ service enter");
    world(&mut m, 1, moved(), true);
    assert_eq!((m.filter.matches, m.tree.rows.len()), (1, 4));
    assert_eq!(m.tree.rows[2].node, Node::Instance("i-b".into()));
}

#[test]
fn older_and_partial_worlds_are_dropped() {
    let mut m = model(pair());
    world(&mut m, 5, moved(), true);
    world(&mut m, 4, pair(), true);
    world(
        &mut m,
        6,
        crate::ec2::world::World::new("us-east-1", "1"),
        false,
    );
    assert_eq!(*m.world, moved());
    let cause = "connection refused".to_owned();
    update(
        &mut m,
        Msg::Stale {
            generation: 3,
            cause: cause.clone(),
        },
    );
    assert_eq!(m.freshness, Freshness::Fresh);
    update(
        &mut m,
        Msg::Stale {
            generation: 6,
            cause: cause.clone(),
        },
    );
    let later = NOW + std::time::Duration::from_secs(9);
    update(&mut m, Msg::Tick(later));
    update(
        &mut m,
        Msg::Stale {
            generation: 7,
            cause: cause.clone(),
        },
    );
    assert_eq!(m.freshness, Freshness::Stale { since: NOW, cause });
    assert!(!m.tree.rows.is_empty());
}

#[test]
fn pages_fill_an_empty_live_tree_without_noise() {
    let mut m = live(true);
    m = Model::new(m.sky, Arc::default(), NOW, None);
    assert_eq!(m.freshness, Freshness::Loading);
    world(&mut m, 1, pair(), false);
    assert_eq!(m.freshness, Freshness::Loading);
    // A plan made from half an account would be blind to the other half, also once reading failed.
    m.tree.select(&Node::Eni("eni-service".into()));
    keys(&mut m, "f");
    assert!(m.layers.is_empty(), "{:?}", m.layers);
    assert!(
        m.notice
            .as_ref()
            .is_some_and(|n| n.text.contains("whole account"))
    );
    update(
        &mut m,
        Msg::Stale {
            generation: 1,
            cause: "throttled".to_owned(),
        },
    );
    keys(&mut m, "f");
    assert!(m.layers.is_empty(), "{:?}", m.layers);
    m.freshness = Freshness::Loading;
    world(&mut m, 1, moved(), true);
    m.tree.select(&Node::Eni("eni-service".into()));
    keys(&mut m, "f");
    assert_eq!(m.layers.len(), 1, "{:?}", m.notice);
    m.layers.clear();
    assert_eq!(
        (m.freshness.clone(), m.feed.lines.len()),
        (Freshness::Fresh, 0)
    );
    assert!(!m.tree.rows.is_empty());
}
