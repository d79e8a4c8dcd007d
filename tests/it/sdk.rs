//! The AWS SDK on the simulator, in process: its serialiser, its paginator, its reading of errors and
//! its retries, and the program's own reader and writer on top of it.

pub mod endpoint;
mod hung;

use std::time::Duration;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use endpoint::{Endpoint, Trouble};
use enipilot::ec2::call::{Attach, Call, Detach};
use enipilot::ec2::diff::{Changes, Pair};
use enipilot::ec2::id::EniId;
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::engine::{Gaze, Outcome};
use enipilot::failover::journal::Durable;
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::plan::{Intent, Planned, plan};
use enipilot::failover::sight::sight;
use enipilot::failover::sky::Sky;
use enipilot::sim::Sim;
use enipilot::wire;

const TWO_AM: &str = include_str!("../../demo/worlds/two-am.toml");
const EVERY_FIELD: &str = include_str!("../worlds/every-field.toml");
const CHECKS: &str = include_str!("../worlds/checks.toml");

fn endpoint(text: &str) -> Endpoint {
    Endpoint::on(Sim::load("world.toml", text, 1).unwrap_or_else(|e| panic!("{e}")))
}

/// What two worlds say differently, one line a field.
fn differences(simulated: &World, read: &World) -> Vec<String> {
    fn pairs<T: std::fmt::Debug>(lines: &mut Vec<String>, pairs: &[Pair<'_, T>]) {
        for (simulated, read) in pairs {
            let simulated = format!("{simulated:#?}");
            let read = format!("{read:#?}");
            // Members of one kind of resource stand in the same lines unless one is absent.
            let simulated: Vec<_> = simulated.lines().collect();
            let read: Vec<_> = read.lines().collect();
            lines.push(simulated[..simulated.len().min(3)].join(" "));
            lines.extend(only_in(&simulated, &read).map(|l| format!("    simulated {l}")));
            lines.extend(only_in(&read, &simulated).map(|l| format!("    read      {l}")));
        }
    }
    let mut lines = Vec::new();
    let changes = Changes::between(simulated, read);
    pairs(&mut lines, &changes.vpcs);
    pairs(&mut lines, &changes.subnets);
    pairs(&mut lines, &changes.instances);
    pairs(&mut lines, &changes.enis);
    pairs(&mut lines, &changes.groups);
    pairs(&mut lines, &changes.addresses);
    pairs(&mut lines, &changes.route_tables);
    for (ours, theirs) in [
        (&simulated.region, &read.region),
        (&simulated.account, &read.account),
    ] {
        if ours != theirs {
            lines.push(format!("{ours}, read {theirs}"));
        }
    }
    lines
}

fn only_in<'a>(these: &'a [&'a str], those: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    these.iter().copied().filter(|line| !those.contains(line))
}

#[tokio::test]
async fn an_inventory_read_through_the_sdk_is_the_simulated_world() {
    // What an operator hides is in no inventory that does not ask for it.
    let shown = EVERY_FIELD.replace("hidden_by_default = true", "hidden_by_default = false");
    for text in [TWO_AM, &shown, CHECKS] {
        let endpoint = endpoint(text);
        let reader = endpoint.reader(false);
        reader.caller().await.unwrap();
        let read = reader.world(&mut |_| ()).await.unwrap();
        let mut simulated = World::clone(&endpoint.sim(|sim| sim.world()));
        let ids: Vec<_> = simulated.enis().map(|e| e.id.clone()).collect();
        for id in ids {
            // No describe of an inventory tells it, only DescribeNetworkInterfaceAttribute.
            simulated.edit_eni(&id, |eni| eni.associate_public_ip_address = None);
        }
        let vpcs: Vec<_> = simulated.vpcs().map(|v| (**v).clone()).collect();
        for mut vpc in vpcs {
            // Only DescribeVpcAttribute tells these.
            (vpc.enable_dns_support, vpc.enable_dns_hostnames) = (None, None);
            simulated.put_vpc(vpc);
        }
        let groups: Vec<_> = simulated.groups().map(|g| (**g).clone()).collect();
        for mut group in groups {
            // The rules of groups are no part of an inventory: no plan asks for them.
            group.rules.clear();
            simulated.put_group(group);
        }
        let wrong = differences(&simulated, &read);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The fault simulation shows its engine what a look asks for, and nothing else.
#[tokio::test]
async fn a_look_through_the_sdk_is_the_sight_of_the_simulated_world() {
    let endpoint = endpoint(TWO_AM);
    let reader = endpoint.reader(false);
    reader.caller().await.unwrap();
    let world = endpoint.sim(|sim| sim.world());
    let eni = "eni-0c1d52aa7be03f9a1";
    let mechanisms = [
        Mechanism::Interface,
        Mechanism::PrivateIp,
        Mechanism::ElasticIp,
        Mechanism::Route,
    ];
    for mechanism in mechanisms {
        let intent = Intent {
            mechanism,
            ..Intent::new(eni.into(), "i-0d1a2b3c4d5e6f702".into())
        };
        let sky = Sky::sim("two-am", "111122223333", "us-east-1");
        let Ok(Planned::Plan(plan)) = plan(&world, &intent, &sky, Time::default()) else {
            panic!("no plan for {mechanism:?}");
        };
        let mut scope = plan.scope();
        // Neither source nor target holds it any more.
        let away = "eni-0986df66792f62bf4".into();
        for good in &mut scope.goods {
            good.from.eni = EniId::clone(&away);
        }
        for gaze in [Gaze::Eni, Gaze::Full] {
            let look = reader.look(&scope, gaze, Time::default()).await;
            let read = look.seen.unwrap();
            assert!(read.eni(&scope.eni).is_some());
            let whole = gaze == Gaze::Full;
            assert_eq!(read.instance(&scope.target).is_some(), whole);
            let carries = mechanism != Mechanism::Interface;
            assert_eq!(read.eni(&away).is_some(), whole && carries);
            let wrong = differences(&sight(&world, &scope, gaze), &read);
            assert!(wrong.is_empty(), "{mechanism:?}\n{}", wrong.join("\n"));
        }
    }
}

/// A journal that is open.
struct Open;

impl Durable for Open {
    fn is_open(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn the_writer_moves_an_interface_and_hears_every_refusal() {
    let endpoint = endpoint(TWO_AM);
    let reader = endpoint.reader(true);
    let writer =
        enipilot::cloud::port::Writer::open(&reader, reader.allow_writes().unwrap(), &Open)
            .unwrap();
    let (eni, standby) = ("eni-0c1d52aa7be03f9a1", "i-0d1a2b3c4d5e6f702");
    let attach = Call::AttachNetworkInterface(Attach {
        network_interface_id: eni.into(),
        instance_id: standby.into(),
        device_index: 1,
        network_card_index: 0,
    });
    let detach = Call::DetachNetworkInterface(Detach {
        attachment_id: "eni-attach-0b7e5c21d09f1a338".into(),
        force: false,
    });
    // The same answer by both ways in, code, text, status and what the answer names.
    for call in [&attach, &detach, &detach, &attach] {
        let mut twin = endpoint.sim(|sim| sim.clone());
        let direct = twin.call(call);
        let through = writer.submit(call).await;
        match (through, direct) {
            (Outcome::Refused(seen), Err(said)) => {
                assert_eq!((&seen.code, &seen.message), (&said.code, &said.message));
            }
            (Outcome::Accepted(seen), Ok(said)) => assert_eq!(seen, said),
            (seen, said) => panic!("{}: {seen:?}, not {said:?}", call.line()),
        }
        let simulated = endpoint.sim(|sim| sim.world());
        assert_eq!(*simulated, *twin.world(), "{}", call.line());
        if let Some(due) = endpoint.sim(|sim| sim.next_due()) {
            endpoint.sim(|sim| sim.advance(due));
        }
    }
    settle(&endpoint);
    let read = reader.world(&mut |_| ()).await.unwrap();
    let held = read.eni(&eni.into()).unwrap();
    assert_eq!(held.instance_id().map(|i| i.as_str()), Some(standby));
}

fn settle(endpoint: &Endpoint) {
    endpoint.sim(|sim| {
        while !sim.is_settled() {
            sim.advance(sim.next_due().unwrap());
        }
    });
}

#[tokio::test]
async fn an_answer_that_is_lost_is_unknown_and_the_call_is_not_sent_again() {
    let endpoint = endpoint(TWO_AM);
    let reader = endpoint.reader(true);
    let leave = reader.allow_writes().unwrap();
    let writer = enipilot::cloud::port::Writer::open(&reader, leave, &Open).unwrap();
    let detach = Call::DetachNetworkInterface(Detach {
        attachment_id: "eni-attach-0b7e5c21d09f1a338".into(),
        force: false,
    });
    endpoint.meet([Trouble::AnswerLost]);
    let outcome = writer.submit(&detach).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(endpoint.told().0, ["DetachNetworkInterface"]);
    // It has happened all the same.
    let outcome = writer.submit(&detach).await;
    let world = endpoint.sim(|sim| sim.world());
    let eni = world.eni(&"eni-0c1d52aa7be03f9a1".into()).unwrap();
    assert_eq!(
        eni.attachment.as_ref().unwrap().status.to_string(),
        "detaching"
    );
    assert!(!matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}

#[tokio::test]
async fn the_paginator_follows_the_tokens_to_the_end() {
    let endpoint = endpoint(CHECKS);
    let all = endpoint.sim(|sim| sim.world().eni_count());
    let mut pages = endpoint
        .client()
        .describe_network_interfaces()
        .max_results(5)
        .into_paginator()
        .send();
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let enis = page.network_interfaces().iter();
        ids.extend(enis.filter_map(|e| e.network_interface_id().map(str::to_owned)));
        sizes.push(page.network_interfaces().len());
    }
    let world = endpoint.sim(|sim| sim.world());
    let expected: Vec<_> = world.enis().map(|e| e.id.to_string()).collect();
    assert_eq!(ids, expected);
    let (last, full) = sizes.split_last().unwrap();
    assert!(full.iter().all(|n| *n == 5) && *last <= 5, "{sizes:?}");
    assert_eq!(sizes.len(), all.div_ceil(5));
}

#[tokio::test]
async fn throttled_and_broken_reads_are_tried_again_in_virtual_time() {
    let endpoint = endpoint(TWO_AM);
    let began = endpoint.sim(|sim| sim.now());
    let throttled =
        enipilot::ec2::error::ApiError::new("RequestLimitExceeded", "Request limit exceeded.");
    let reply = wire::refusal(&"DescribeVpcs".into(), throttled, "r".into());
    endpoint.meet([Trouble::Instead(reply.status, reply.body), Trouble::Broken]);
    let client = endpoint.client();
    let answer = client.describe_vpcs().send().await.unwrap();
    assert!(!answer.vpcs().is_empty());
    let (asked, slept) = endpoint.told();
    assert_eq!(asked, ["DescribeVpcs"; 3]);
    // Time is kept in whole milliseconds.
    let passed = endpoint.sim(|sim| sim.now()).since(began);
    assert!(slept > Duration::ZERO && slept.abs_diff(passed) < Duration::from_millis(3));
    // A refusal that says something about the call is not tried again.
    let error = client
        .describe_subnets()
        .subnet_ids("subnet-0000000000000000f")
        .send()
        .await;
    let error = error.unwrap_err();
    let error = error.into_service_error();
    assert_eq!(error.code(), Some("InvalidSubnetID.NotFound"));
    assert_eq!(
        error.message(),
        Some("The subnet ID 'subnet-0000000000000000f' does not exist")
    );
    assert_eq!(endpoint.told().0, ["DescribeSubnets"]);
}
