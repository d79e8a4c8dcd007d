#![allow(clippy::unwrap_used)]

use super::*;
use crate::app::filter::terms;
use crate::app::tests::pair;

/// Filter and the instances and interfaces that match, one case a line.
const CASES: &str = include_str!("../../../../tests/data/filter.txt");

fn matching(world: &World, filter: &str) -> (Vec<String>, usize) {
    let outline = Outline::of(world);
    let hay = Haystack::of(world, &outline);
    let (marks, count) = hay.search(&outline, &terms(filter));
    let hits = outline.items().iter().zip(&marks).filter(|(_, m)| m.hit);
    let mut names: Vec<String> = hits
        .filter_map(|(item, _)| match &item.node {
            Node::Instance(id) => Some(id.to_string()),
            Node::Eni(id) => Some(id.to_string()),
            _ => None,
        })
        .collect();
    names.sort();
    (names, count)
}

fn world() -> World {
    let mut world = pair();
    world.edit_instance(&"i-a".into(), |i| i.instance_status = "impaired".into());
    world.edit_instance(&"i-b".into(), |i| i.instance_type = "t3.nano".into());
    world.edit_eni(&"eni-service".into(), |e| {
        e.description = "Floating Ärger of DB".into();
    });
    world
}

#[test]
fn every_case_of_the_table() {
    let world = world();
    let mut cases = 0;
    for line in CASES
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
    {
        let (filter, expected) = line.split_once('|').unwrap();
        let expected: Vec<String> = expected.split_whitespace().map(Into::into).collect();
        let (names, count) = matching(&world, filter.trim());
        assert_eq!(names, expected, "{line}");
        assert_eq!(count, expected.len(), "{line}");
        cases += 1;
    }
    assert!(cases >= 20, "{cases}");
}

#[test]
fn ancestors_of_a_hit_are_marked_and_nothing_else() {
    let world = world();
    let outline = Outline::of(&world);
    let hay = Haystack::of(&world, &outline);
    let (marks, _) = hay.search(&outline, &terms("ip:10.0.1.50"));
    let above: Vec<&Node> = outline
        .items()
        .iter()
        .zip(&marks)
        .filter(|(_, m)| m.above)
        .map(|(i, _)| &i.node)
        .collect();
    let expected = [
        Node::Vpc("vpc-1".into()),
        Node::Subnet("subnet-1".into()),
        Node::Instance("i-a".into()),
    ];
    assert_eq!(above, expected.iter().collect::<Vec<_>>());
}

#[test]
fn an_unfinished_word_filters_nothing() {
    for text in ["", " ", "!", "az:", "!az:", "\u{1}\u{2}"] {
        assert_eq!(terms(text), [], "{text:?}");
    }
}
