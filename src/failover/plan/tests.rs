#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Intent, Level, Plan, Planned, StepKind, plan};
use crate::ec2::eni::{Association, Eni, PrivateIp};
use crate::failover::candidates::candidates;
use crate::failover::mechanism::Mechanism;
use crate::failover::report::script;
use crate::failover::testing::{
    ATTACHMENT, ENI, FAR, FULL, NAT, OTHER, PRIMARY, ROOT, STANDBY, START, eni, intent, planned,
    sim, wide_world, world,
};

#[test]
fn what_cannot_be_planned_says_why() {
    // interface, target, from, words, code
    for (what, target, from, says, code) in [
        (
            "eni-0ffffffffffffffff",
            STANDBY,
            None,
            "does not exist",
            Some("InvalidNetworkInterfaceID.NotFound"),
        ),
        (
            "eni-x",
            STANDBY,
            None,
            "not the id of a network interface",
            Some("InvalidNetworkInterfaceId.Malformed"),
        ),
        (
            PRIMARY,
            STANDBY,
            None,
            ENI,
            Some("InvalidNetworkInterfaceId.Malformed"),
        ),
        (
            ATTACHMENT,
            STANDBY,
            None,
            ENI,
            Some("InvalidNetworkInterfaceId.Malformed"),
        ),
        (
            ENI,
            "i-0ffffffffffffffff",
            None,
            "does not exist",
            Some("InvalidInstanceID.NotFound"),
        ),
        (
            ENI,
            "standby",
            None,
            "not the id of an instance",
            Some("InvalidInstanceID.Malformed"),
        ),
        (
            ENI,
            ROOT,
            None,
            "is a network interface",
            Some("InvalidInstanceID.Malformed"),
        ),
        (ENI, STANDBY, Some(STANDBY), "both source and target", None),
        (ENI, STANDBY, Some(OTHER), "on db-primary", None),
        (
            ROOT,
            STANDBY,
            None,
            "primary",
            Some("OperationNotPermitted"),
        ),
        (NAT, STANDBY, None, "NAT", Some("OperationNotPermitted")),
    ] {
        let intent = Intent {
            source: from.map(Into::into),
            ..Intent::new(what.into(), target.into())
        };
        let sorry = plan(&world(), &intent, &sim(), START).unwrap_err();
        let text = sorry.to_string();
        assert!(text.contains(says), "{text}");
        assert_eq!(sorry.code, code, "{text}");
    }
}

#[test]
fn an_interface_that_is_there_already_needs_no_plan() {
    let there = plan(&world(), &intent(PRIMARY), &sim(), START).unwrap();
    assert_eq!(there, Planned::AlreadyThere);
}

fn level(plan: &Plan, id: &str) -> Option<Level> {
    plan.preflight.iter().find(|c| c.id == id).map(|c| c.level)
}

#[test]
fn the_preflight_judges_every_item() {
    let good = planned(&world(), &intent(STANDBY), &sim());
    assert!(!good.is_blocked(), "{:?}", good.preflight);
    for (id, expected) in [
        ("same-zone", Level::Pass),
        ("free-slot", Level::Pass),
        ("interface-limit", Level::Pass),
        ("ipv4-limit", Level::Pass),
        ("source-checks", Level::Warn),
        ("same-subnet", Level::Warn),
        ("routes", Level::Pass),
        ("elastic-ip", Level::Pass),
    ] {
        assert_eq!(level(&good, id), Some(expected), "{id}");
    }
    let far = planned(&world(), &intent(FAR), &sim());
    assert_eq!(level(&far, "same-zone"), Some(Level::Block));
    assert_eq!(far.preflight[0].level, Level::Block);
    let full = planned(&world(), &intent(FULL), &sim());
    assert_eq!(level(&full, "interface-limit"), Some(Level::Block));
}

#[test]
fn each_forecast_begins_where_the_one_before_ends() {
    let plan = planned(&world(), &intent(STANDBY), &sim());
    let kinds: Vec<_> = plan.steps.iter().map(|s| s.kind).collect();
    use StepKind::{Attach, Detach, Protect, Verify, WaitAttached, WaitAvailable};
    assert_eq!(
        kinds,
        [Protect, Detach, WaitAvailable, Attach, WaitAttached, Verify]
    );
    let row = |step: usize, label: &str| {
        let found = plan.steps[step]
            .rows
            .iter()
            .find(|r| *r.label == *label)
            .unwrap();
        (found.before.clone(), found.forecast.clone())
    };
    for (label, start, away, end) in [
        ("eni status", "in-use", "available", "in-use"),
        ("attachment", "db-primary #1", "none", "db-standby #1"),
        ("route 172.31.99.0/24", "active", "blackhole", "active"),
        (
            "EIP 203.0.113.10",
            "on db-primary",
            "on eni only",
            "on db-standby",
        ),
        (
            "MAC",
            "02:5e:11:04:aa:9c",
            "02:5e:11:04:aa:9c",
            "02:5e:11:04:aa:9c",
        ),
    ] {
        let pair = |a: &str, b: &str| (a.into(), b.into());
        assert_eq!(row(1, label), pair(start, away), "{label}");
        assert_eq!(row(3, label), pair(away, end), "{label}");
        assert_eq!(row(5, label), pair(start, end), "{label}");
    }
}

#[test]
fn candidates_are_ranked_and_say_why() {
    let list = candidates(&world(), &eni()).unwrap();
    let ids: Vec<_> = list.iter().map(|c| c.instance.as_str()).collect();
    assert_eq!(ids, [STANDBY, OTHER, FAR, FULL]);
    assert_eq!(list[0].reasons[0], "same name prefix db-");
    assert!(list[0].is_ready() && list[1].is_ready());
    assert_eq!(list[2].blockers[0].code, "InvalidParameterCombination");
    assert_eq!(list[3].blockers[0].code, "AttachmentLimitExceeded");
    assert!(
        list[0]
            .warnings
            .iter()
            .any(|w| w.contains("in this subnet"))
    );
    assert!(candidates(&world(), &ROOT.into()).is_err());
    assert!(candidates(&world(), &NAT.into()).is_err());
}

#[test]
fn the_script_has_every_call_and_no_line_of_a_hostile_name() {
    let mut plan = planned(&world(), &intent(STANDBY), &sim());
    plan.names.target = "x\nrm -rf /".to_owned();
    let script = script(&plan);
    assert!(
        script.contains(
            "aws ec2 detach-network-interface --attachment-id eni-attach-0b7e5c21d09f1a338"
        )
    );
    assert!(script.contains("aws ec2 attach-network-interface"));
    assert!(!script.lines().any(|l| l.starts_with("rm")), "{script}");
}

#[test]
fn the_way_back_asks_for_the_index_that_it_had() {
    let mut world = world();
    world.edit_eni(&eni(), |eni| {
        eni.attachment.as_mut().unwrap().device_index = 3;
    });
    let there = planned(&world, &intent(STANDBY), &sim());
    // It has gone over, and index 3 is free again.
    world.edit_eni(&eni(), |eni| {
        let attachment = eni.attachment.as_mut().unwrap();
        attachment.instance_id = Some(STANDBY.into());
        attachment.device_index = 1;
    });
    let (back, other) = there.way_back_in(&world).unwrap();
    assert_eq!((back.device_index, other), (Some(3), None));
    assert_eq!(planned(&world, &back, &sim()).target_slot, (0, 3));
    // Somebody has taken it meanwhile.
    let spare = "eni-0d1a2b3c4d5e60013";
    world.edit_eni(&spare.into(), |eni| {
        let attachment = eni.attachment.as_mut().unwrap();
        attachment.instance_id = Some(PRIMARY.into());
        attachment.device_index = 3;
    });
    let (back, other) = there.way_back_in(&world).unwrap();
    assert_eq!(back.device_index, None);
    let other = other.unwrap();
    assert_eq!((other.id.as_str(), other.level), ("old-index", Level::Warn));
    assert!(other.finding.contains(spare), "{other:?}");
    assert_eq!(planned(&world, &back, &sim()).target_slot, (0, 1));
}

/// The interface with other addresses: one for each item, with the Elastic IP of that number, or none.
fn with_addresses(eni: &Eni, elastic: &[Option<usize>]) -> Eni {
    let service = world().eni(&ENI.into()).unwrap().clone();
    let like = &service.private_ip_addresses[0];
    let address = |(n, elastic): (usize, &Option<usize>)| PrivateIp {
        private_ip_address: format!("10.0.1.{}", 100 + n).parse().unwrap(),
        primary: n == 0,
        association: elastic.map(|n| Association {
            allocation_id: Some(format!("eipalloc-{n}").into()),
            ..like.association.clone().unwrap()
        }),
        ..like.clone()
    };
    let private_ip_addresses = elastic.iter().enumerate().map(address).collect();
    Eni {
        private_ip_addresses,
        ..eni.clone()
    }
}

#[test]
fn elastic_ips_go_to_the_first_interface_with_room_for_all_of_them() {
    const FIRST: &str = "eni-0d1a2b3c4d5e60002";
    const SECOND: &str = "eni-0d1a2b3c4d5e60022";
    const FREE: Option<usize> = None;
    const TAKEN: Option<usize> = Some(9);
    // addresses of the standby's two interfaces, Elastic IPs to carry, the one that takes them
    for (first, second, carried, taker) in [
        (&[FREE][..], &[FREE][..], 1, Ok(FIRST)),
        (&[TAKEN], &[FREE], 1, Ok(SECOND)),
        (&[FREE], &[FREE, FREE], 2, Ok(SECOND)),
        (&[FREE, FREE], &[FREE, FREE, FREE], 2, Ok(FIRST)),
        (&[FREE, TAKEN], &[TAKEN, FREE, FREE], 2, Ok(SECOND)),
        (&[FREE], &[FREE, FREE], 3, Err(SECOND)),
    ] {
        let mut world = wide_world();
        let there = world.eni(&FIRST.into()).unwrap().clone();
        world.put_eni(with_addresses(&there, first));
        let mut other = with_addresses(&there, second);
        other.id = SECOND.into();
        other.attachment.as_mut().unwrap().device_index = 1;
        world.put_eni(other);
        let all: Vec<_> = (1..=carried).map(Some).collect();
        let service = world.eni(&eni()).unwrap().clone();
        world.put_eni(with_addresses(&service, &all));
        let elastic = world.address(&"eipalloc-1".into()).unwrap().clone();
        for n in 2..=carried {
            let mut address = (*elastic).clone();
            address.id = format!("eipalloc-{n}").into();
            world.put_address(address);
        }
        let wanted = Intent {
            mechanism: Mechanism::ElasticIp,
            ..intent(STANDBY)
        };
        let found = plan(&world, &wanted, &sim(), START);
        let case = format!("{first:?} {second:?} {carried}");
        match (found, taker) {
            (Ok(Planned::Plan(plan)), Ok(taker)) => {
                let takers: Vec<_> = plan.goods().map(|g| g.to.eni.as_str()).collect();
                assert_eq!(takers, vec![taker; carried], "{case}");
            }
            (Err(why), Err(named)) => assert!(why.to_string().contains(named), "{case}: {why}"),
            (found, _) => panic!("{case}: {found:?}"),
        }
    }
}

#[test]
fn private_addresses_go_to_the_first_interface_with_room_for_all_of_them() {
    const FIRST: &str = "eni-0d1a2b3c4d5e60002";
    const SECOND: &str = "eni-0d1a2b3c4d5e60022";
    // An m5.large takes ten on each: addresses of the standby's two interfaces, addresses to carry
    // besides the first, the one that takes them
    for (first, second, carried, taker) in [
        (1, 1, 1, FIRST),
        (9, 1, 1, FIRST),
        (10, 1, 1, SECOND),
        (9, 1, 2, SECOND),
        (9, 9, 2, FIRST),
    ] {
        let mut world = world();
        let there = world.eni(&FIRST.into()).unwrap().clone();
        let with = |eni: &Eni, from: usize, count: usize| {
            let mut eni = with_addresses(eni, &vec![None; count]);
            for (n, ip) in eni.private_ip_addresses.iter_mut().enumerate() {
                ip.private_ip_address = format!("10.0.1.{}", from + n).parse().unwrap();
            }
            eni
        };
        world.put_eni(with(&there, 100, first));
        let mut other = with(&there, 120, second);
        other.id = SECOND.into();
        other.attachment.as_mut().unwrap().device_index = 1;
        world.put_eni(other);
        let service = world.eni(&eni()).unwrap().clone();
        world.put_eni(with(&service, 140, 1 + carried));
        let wanted = Intent {
            mechanism: Mechanism::PrivateIp,
            ..intent(STANDBY)
        };
        let case = format!("{first} {second} {carried}");
        let Ok(Planned::Plan(plan)) = plan(&world, &wanted, &sim(), START) else {
            panic!("{case}: no plan");
        };
        let takers: Vec<_> = plan.goods().map(|g| g.to.eni.as_str()).collect();
        assert_eq!(takers, vec![taker; carried], "{case}");
    }
}
