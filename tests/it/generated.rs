//! Worlds made by number: sound, exact, the same every time, and like an account that people run.

use std::collections::BTreeMap;

use enipilot::rules::{limits, ownership};
use enipilot::sim::Sim;
use enipilot::sim::generate::Wish;

use crate::cli::enipilot;

fn sim(wish: &str) -> Sim {
    let file = Wish::parse(wish).unwrap().file();
    Sim::load(wish, &file, 1).unwrap()
}

#[test]
fn every_size_is_sound_and_exact() {
    for (wish, [vpcs, subnets, instances, enis]) in [
        ("enis=1", [1, 1, 0, 1]),
        ("enis=1,instances=1", [1, 1, 1, 1]),
        ("enis=7,vpcs=3", [3, 3, 2, 7]),
        ("instances=0,enis=200", [1, 2, 0, 200]),
        ("instances=200,enis=200", [1, 2, 200, 200]),
        ("vpcs=2,subnets=400,enis=3000", [2, 400, 1200, 3000]),
        ("instances=10,enis=900,subnets=6", [1, 6, 10, 900]),
        ("vpcs=5,enis=3000,seed=3", [5, 30, 1200, 3000]),
        // As full as a subnet may be.
        ("vpcs=1,subnets=200,enis=12000", [1, 200, 4800, 12000]),
    ] {
        let sim = sim(wish);
        let world = sim.world();
        assert_eq!(world.check_invariants(), Vec::<String>::new(), "{wish}");
        let found = [
            world.vpcs().count(),
            world.subnets().count(),
            world.instances().count(),
            world.eni_count(),
        ];
        assert_eq!(found, [vpcs, subnets, instances, enis], "{wish}");
        for subnet in world.subnets() {
            let (base, length) = subnet.cidr_block.split_once('/').unwrap();
            let base = u32::from(base.parse::<std::net::Ipv4Addr>().unwrap());
            let size = 1_u32 << (32 - length.parse::<u32>().unwrap());
            let mut taken = 0;
            for eni in world.enis_in(&subnet.id) {
                for ip in &eni.private_ip_addresses {
                    let at = u32::from(ip.private_ip_address);
                    assert!(base + 4 <= at && at < base + size - 1, "{wish}: {at}");
                    taken += 1;
                }
            }
            assert_eq!(
                subnet.available_ip_address_count,
                size - 5 - taken,
                "{wish}"
            );
        }
        for instance in world.instances() {
            let enis = world.enis_of(&instance.id);
            let most = limits::of(&instance.instance_type).unwrap().interfaces_max;
            assert!(!enis.is_empty() && enis.len() <= most as usize, "{wish}");
            assert!(
                enis.iter()
                    .all(|e| e.availability_zone == instance.availability_zone)
            );
        }
    }
}

#[test]
fn the_same_numbers_give_the_same_account_and_another_seed_another_one() {
    let ids = |wish: &str| {
        let sim = sim(wish);
        let world = sim.world();
        let ids: Vec<String> = world.enis().map(|e| format!("{e:?}")).collect();
        ids
    };
    let first = ids("enis=300,seed=5");
    assert_eq!(first, ids("enis=300,seed=5"));
    assert_ne!(first, ids("enis=300,seed=6"));
}

#[test]
fn services_own_some_and_somebody_can_be_failed_over() {
    let sim = sim("enis=2000");
    let world = sim.world();
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for eni in world.enis() {
        if let Some(owner) = ownership::owner(eni) {
            *owners.entry(owner.service).or_default() += 1;
            assert!(eni.requester_managed, "{eni:?}");
        }
    }
    assert!(owners.len() >= 4, "{owners:?}");
    assert!(owners.values().sum::<usize>() > 300, "{owners:?}");
    let movable = world.enis().filter(|eni| {
        let found = enipilot::failover::candidates::candidates(&world, &eni.id);
        eni.instance_id().is_some() && found.is_ok_and(|list| list.iter().any(|c| c.is_ready()))
    });
    assert!(movable.take(10).count() == 10);
    assert!(world.enis().any(|e| e.attachment.is_none()));
    assert!(world.addresses().count() > 10);
    assert!(world.instances().any(|i| i.is_impaired()));
}

#[test]
fn many_vpcs_are_sound_too() {
    let sim = sim("enis=10000,vpcs=60,subnets=600");
    assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
    assert_eq!(sim.world().eni_count(), 10_000);
}

#[test]
fn every_command_takes_one() {
    let run = |args: &[&str]| {
        let done = enipilot().args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    let (code, tree, err) = run(&["tree", "--world", "generate:enis=40,seed=2"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(tree.contains("SIM generated"), "{tree}");
    let (code, _, err) = run(&["tree", "--world", "generate:enis=0"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("enis from 1 to 200000"), "{err}");
    let (_, _, err) = run(&["tree", "--world", "generate:enis=5,subnet=2"]);
    assert!(err.contains("did you mean `subnets`?"), "{err}");
}

#[test]
fn beside_a_hand_written_world_it_stands_and_says_where_it_is_wrong() {
    let hand = std::fs::read_to_string("demo/worlds/web-pair.toml").unwrap();
    let small = Sim::load("a.toml", &hand, 1).unwrap().world().eni_count();
    let text = format!("{hand}\n[generate]\nenis = 500\n");
    let sim = Sim::load("a.toml", &text, 1).unwrap();
    assert_eq!(sim.world().eni_count(), small + 500);
    assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
    let text = "name = \"a\"\nnow = 2026-03-12T02:00:00Z\n[generate]\nenis = 300000\n";
    let wrong = Sim::load("a.toml", text, 1).unwrap_err().to_string();
    assert_eq!(
        wrong,
        "a.toml:3: enis=300000; expected enis from 1 to 200000"
    );
}
