#![allow(clippy::unwrap_used)]

use super::*;
use crate::app::tests::{NOW, eni, instance, moved, pair};

fn told(before: &World, after: &World) -> Vec<String> {
    super::lines(&Changes::between(before, after), NOW)
        .into_iter()
        .map(|l| l.text)
        .collect()
}

fn attachment(world: &mut World, status: &str) {
    world.edit_eni(&"eni-service".into(), |e| {
        e.attachment.as_mut().unwrap().status = status.into();
    });
}

#[test]
fn a_move_is_told_step_by_step() {
    let before = pair();
    let mut detaching = pair();
    attachment(&mut detaching, "detaching");
    let mut loose = pair();
    eni(&mut loose, "eni-service", "subnet-1", "10.0.1.50", None);
    let mut attaching = moved();
    attachment(&mut attaching, "attaching");
    for (from, to, expected) in [
        (&before, &before, vec![]),
        (&before, &detaching, vec!["service: detaching from a #1"]),
        (
            &detaching,
            &loose,
            vec!["service: detached from a #1, now available"],
        ),
        (&loose, &attaching, vec!["service: attaching to b #1"]),
        (&attaching, &moved(), vec!["service: attached to b #1"]),
        (&before, &moved(), vec!["service: attached to b #1"]),
    ] {
        assert_eq!(told(from, to), expected);
    }
}

#[test]
fn instances_in_words() {
    type Edit = fn(&mut crate::ec2::resource::Instance);
    let cases: [(Edit, &str); 5] = [
        (
            |i| i.instance_status = "impaired".into(),
            "a: instance status check failed",
        ),
        (
            |i| i.system_status = "impaired".into(),
            "a: system status check failed",
        ),
        (|i| i.state = "stopping".into(), "a: running -> stopping"),
        (
            |i| i.instance_type = "t3.nano".into(),
            "a: type m5.large -> t3.nano",
        ),
        (|i| i.tags.clear(), "i-a: renamed, a -> none"),
    ];
    for (edit, expected) in cases {
        let mut after = pair();
        after.edit_instance(&"i-a".into(), edit);
        assert_eq!(told(&pair(), &after), [expected]);
    }
    // A stop makes the checks say nothing: that is no news.
    let mut after = pair();
    after.edit_instance(&"i-a".into(), |i| {
        i.state = "stopped".into();
        i.instance_status = "not-applicable".into();
    });
    assert_eq!(told(&pair(), &after), ["a: running -> stopped"]);
}

#[test]
fn routes_and_what_comes_and_goes() {
    let table = |state: &str| {
        let mut world = pair();
        let table = serde_json::json!({
            "RouteTableId": "rtb-1", "VpcId": "vpc-1",
            "Routes": [{"Destination": "172.31.99.0/24", "NetworkInterfaceId": "eni-service", "State": state}],
        });
        world.put_route_table(serde_json::from_value(table).unwrap());
        world
    };
    let (active, blackhole) = (table("active"), table("blackhole"));
    assert_eq!(
        told(&active, &blackhole),
        ["route 172.31.99.0/24: active -> blackhole"]
    );
    assert_eq!(
        super::lines(&Changes::between(&active, &blackhole), NOW)[0].about,
        Some(Node::Eni("eni-service".into()))
    );
    let mut fewer = pair();
    fewer.remove_eni(&"eni-spare".into());
    assert_eq!(told(&pair(), &fewer), ["spare: deleted"]);
    assert_eq!(told(&fewer, &pair()), ["spare: created with 10.0.1.60"]);
}

#[test]
fn names_from_outside_are_harmless() {
    let mut after = pair();
    after.edit_eni(&"eni-service".into(), |e| {
        e.description = "\u{1b}]52;c;x\u{7}".into()
    });
    assert_eq!(
        told(&pair(), &after),
        ["service: description none -> <001B>]52;c;x<0007>"]
    );
}

#[test]
fn a_flood_is_counted_not_told() {
    let mut after = pair();
    for n in 0..LINES_A_CHANGE_MAX + 7 {
        instance(&mut after, &format!("i-{n:03}"), "subnet-1");
    }
    let told = told(&pair(), &after);
    assert_eq!(told.len(), LINES_A_CHANGE_MAX + 1);
    assert_eq!(told.last().unwrap(), "and 7 more changes");
}
