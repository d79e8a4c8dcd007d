#![allow(clippy::unwrap_used)]

use super::*;
use crate::app::tests::{eni, instance, moved, pair, subnet};

fn name(node: &Node) -> String {
    match node {
        Node::Vpc(id) => id.to_string(),
        Node::Subnet(id) => id.to_string(),
        Node::Instance(id) => id.to_string(),
        Node::Unattached(_) => "unattached".to_owned(),
        Node::Managed(_) => "managed".to_owned(),
        Node::Eni(id) => id.to_string(),
        Node::Address(_, ip) => ip.to_string(),
    }
}

/// `+` can be opened, `-` is open, `>` has the cursor.
fn picture(tree: &Tree) -> Vec<String> {
    let line = |(n, row): (usize, &Row)| {
        let cursor = if n == tree.cursor { ">" } else { "" };
        let glyph = match (row.has_children, row.open) {
            (true, true) => "-",
            (true, false) => "+",
            _ => "",
        };
        let indent = " ".repeat(usize::from(row.depth));
        format!("{indent}{cursor}{glyph}{}", name(&row.node))
    };
    tree.rows.iter().enumerate().map(line).collect()
}

fn check(tree: &Tree) {
    let selected = tree.rows.get(tree.cursor).map(|r| &r.node);
    assert_eq!(selected, tree.selected.as_ref());
    assert_eq!(tree.rows.len(), tree.items.len());
    for (n, row) in tree.rows.iter().enumerate() {
        let above = tree.rows[..n].iter().rposition(|r| r.depth < row.depth);
        assert_eq!(row.parent, above, "{n} {row:?}");
    }
    for height in 0..tree.rows.len() + 3 {
        let (sticky, rows) = tree.view(height);
        assert!(sticky.len() + rows.len() <= height);
        let shown = |n| sticky.contains(&n) || rows.contains(&n);
        assert!(tree.rows.is_empty() || height == 0 || shown(tree.cursor));
        assert!(sticky.iter().all(|n| *n < rows.start));
        let filled = sticky.len() + rows.len() == height || rows.end == tree.rows.len();
        assert!(filled, "empty lines at {height}");
    }
}

fn tree(world: &World, focus: Option<&str>) -> Tree {
    let mut tree = Tree {
        selected: focus.map(|id| Node::Eni(id.into())),
        height: 100,
        ..Tree::default()
    };
    tree.load(world);
    check(&tree);
    tree
}

#[test]
fn the_branch_of_the_focus_is_open() {
    let tree = tree(&pair(), Some("eni-service"));
    assert_eq!(
        picture(&tree),
        [
            "-vpc-1",
            " -subnet-1",
            "  -i-a",
            "   +eni-primary-a",
            "   >+eni-service",
            "  +i-b",
            "  +unattached",
            "  +managed",
            " -subnet-2",
            "  +i-c",
        ]
    );
}

#[test]
fn the_eye_follows_an_interface_that_moves() {
    let mut tree = tree(&pair(), Some("eni-service"));
    tree.load(&moved());
    check(&tree);
    assert_eq!(
        picture(&tree)[2..7],
        [
            "  -i-a",
            "   +eni-primary-a",
            "  -i-b",
            "   +eni-primary-b",
            "   >+eni-service",
        ]
    );
}

#[test]
fn an_address_is_followed_as_well() {
    let mut tree = tree(&pair(), None);
    let address = Node::Address("eni-service".into(), [10, 0, 1, 50].into());
    assert!(tree.select(&address));
    tree.load(&moved());
    check(&tree);
    assert_eq!(tree.selected, Some(address));
}

#[test]
fn what_is_gone_leaves_the_cursor_to_its_parent() {
    let mut tree = tree(&pair(), Some("eni-service"));
    let mut world = pair();
    world.remove_eni(&"eni-service".into());
    tree.load(&world);
    check(&tree);
    assert_eq!(tree.selected, Some(Node::Instance("i-a".into())));
    tree.load(&World::new("us-east-1", "1"));
    check(&tree);
    assert_eq!((tree.selected.clone(), tree.rows.len()), (None, 0));
    tree.load(&world);
    check(&tree);
    assert_eq!(tree.cursor, 0);
}

#[test]
fn keys_at_every_size() {
    let mut one = World::new("us-east-1", "1");
    let vpc = pair().vpc(&"vpc-1".into()).unwrap().as_ref().clone();
    one.put_vpc(vpc);
    let mut two = one.clone();
    subnet(&mut two, "subnet-1", "us-east-1a");
    for world in [World::new("us-east-1", "1"), one, two, pair()] {
        let mut tree = tree(&world, None);
        tree.resize(2);
        let moves: [fn(&mut Tree); 9] = [
            |t| t.move_by(1),
            |t| t.page(true),
            |t| t.last(),
            |t| t.move_by(1),
            |t| t.right(),
            |t| t.page(false),
            |t| t.toggle(),
            |t| t.left(),
            |t| t.first(),
        ];
        for go in moves {
            go(&mut tree);
            check(&tree);
        }
        assert_eq!(tree.cursor, 0);
    }
}

#[test]
fn left_closes_then_climbs_and_right_opens_then_descends() {
    let mut tree = tree(&pair(), Some("eni-service"));
    let mut seen = Vec::new();
    for go in [
        Tree::right,
        Tree::right,
        Tree::left,
        Tree::left,
        Tree::left,
        Tree::left,
    ] {
        go(&mut tree);
        check(&tree);
        seen.push(name(tree.selected.as_ref().unwrap()));
    }
    assert_eq!(
        seen,
        [
            "eni-service",
            "10.0.1.50",
            "eni-service",
            "eni-service",
            "i-a",
            "i-a"
        ]
    );
    assert!(!tree.row().unwrap().open);
}

/// Opening and closing in place gives the very rows that building them anew would give.
#[test]
fn turning_a_row_equals_building_anew() {
    let mut tree = tree(&pair(), None);
    tree.open_all();
    check(&tree);
    for row in (0..tree.rows.len()).chain((0..tree.rows.len()).rev()) {
        let Some(node) = tree.rows.get(row).map(|r| r.node.clone()) else {
            continue;
        };
        tree.select(&node);
        tree.toggle();
        check(&tree);
        let (turned, items) = (tree.rows.clone(), tree.items.clone());
        tree.rebuild();
        assert_eq!((&tree.rows, &tree.items), (&turned, &items), "{node:?}");
    }
}

#[test]
fn ancestors_stay_on_top_while_scrolling() {
    let mut tree = tree(&pair(), Some("eni-service"));
    tree.open_all();
    tree.resize(6);
    tree.first();
    let mut shown = Vec::new();
    for _ in 0..10 {
        let (sticky, rows) = tree.view(6);
        let all = sticky
            .into_iter()
            .map(|n| (true, n))
            .chain(rows.map(|n| (false, n)));
        let names: Vec<String> = all
            .map(|(sticky, n)| {
                format!(
                    "{}{}",
                    if sticky { "^" } else { "" },
                    name(&tree.rows[n].node)
                )
            })
            .collect();
        shown.push(names.join(" "));
        check(&tree);
        tree.move_by(1);
    }
    assert_eq!(
        shown[5],
        "vpc-1 subnet-1 i-a eni-primary-a 10.0.1.10 eni-service"
    );
    assert_eq!(
        shown[6],
        "^subnet-1 ^i-a eni-primary-a 10.0.1.10 eni-service 10.0.1.50"
    );
}

#[test]
fn what_has_no_place_stands_at_the_end() {
    let mut world = pair();
    world.edit_instance(&"i-b".into(), |i| {
        i.state = "terminated".into();
        i.subnet_id = None;
        i.vpc_id = None;
    });
    world.remove_eni(&"eni-primary-b".into());
    eni(&mut world, "eni-astray", "subnet-unknown", "10.9.9.9", None);
    eni(
        &mut world,
        "eni-foreign",
        "subnet-1",
        "10.0.1.99",
        Some(("i-unknown", 1)),
    );
    let tree = tree(&world, None);
    let picture = picture(&tree);
    assert_eq!(picture[picture.len() - 2..], ["i-b", "+eni-astray"]);
    assert!(
        picture.contains(&"  +eni-foreign".to_owned()),
        "{picture:?}"
    );
    let all = tree.outline.items().iter();
    let enis = all.filter(|i| matches!(i.node, Node::Eni(_))).count();
    assert_eq!(enis, world.eni_count());
}

#[test]
fn a_closed_branch_stays_closed_when_the_world_changes() {
    let mut tree = tree(&pair(), None);
    tree.select(&Node::Subnet("subnet-1".into()));
    tree.left();
    tree.load(&moved());
    check(&tree);
    assert!(!tree.row().unwrap().open);
}

/// Numbers that only look random, the same in every run.
fn dice(seed: &mut u64, sides: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    usize::try_from(*seed >> 33).unwrap() % sides
}

/// One change of a small world: an interface moves, comes, goes or is renamed, an instance comes,
/// goes, ends or changes its state, a subnet is renamed.
fn disturb(world: &mut World, seed: &mut u64) {
    let instances: Vec<_> = world.instances().map(|i| i.id.clone()).collect();
    let enis: Vec<_> = world.enis().map(|e| e.id.clone()).collect();
    let eni_id = enis[dice(seed, enis.len())].clone();
    let holder = instances[dice(seed, instances.len())].clone();
    let n = dice(seed, 1_000);
    let home = ["subnet-1", "subnet-2"][n % 2];
    match dice(seed, 9) {
        0 | 1 => {
            let at = Some((holder.as_str(), 1 + u32::try_from(n).unwrap()));
            eni(world, &format!("eni-{}", n % 9), home, "10.0.1.80", at);
        }
        2 => eni(world, &format!("eni-{}", n % 9), home, "10.0.1.81", None),
        3 if enis.len() > 2 => world.remove_eni(&eni_id),
        4 => world.edit_eni(&eni_id, |e| {
            e.private_ip_addresses.truncate(n % 2);
            e.description = "renamed".into();
        }),
        5 if instances.len() > 2 => world.remove_instance(&holder),
        6 => instance(world, &format!("i-{}", n % 5), home),
        7 => world.edit_instance(&holder, |i| {
            i.state = ["stopping", "terminated"][n % 2].into();
        }),
        _ => world.edit_eni(&eni_id, |e| e.requester_managed = !e.requester_managed),
    }
}

#[test]
fn branches_made_anew_give_the_same_tree_as_everything_made_anew() {
    let (mut grafted, mut kept) = (0, 0);
    for case in 0..400 {
        let mut seed = case;
        let mut world = pair();
        let mut quick = tree(&world, Some("eni-service"));
        for _ in 0..12 {
            if !quick.rows.is_empty() {
                quick.cursor = dice(&mut seed, quick.rows.len());
                quick.put_cursor(quick.cursor);
                quick.toggle();
            }
            let before = world.clone();
            for _ in 0..1 + dice(&mut seed, 2) {
                disturb(&mut world, &mut seed);
            }
            let mut whole = quick.clone();
            whole.load(&world);
            let changes = crate::ec2::diff::Changes::between(&before, &world);
            let changed = quick.change(&changes);
            grafted += usize::from(changed);
            kept += usize::from(!changed);
            assert_eq!(picture(&quick), picture(&whole), "case {case}");
            assert_eq!(quick, whole, "case {case}");
            check(&quick);
        }
    }
    assert!(grafted > 1_000 && kept > 200, "{grafted} {kept}");
}
