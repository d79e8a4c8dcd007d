//! What guests see: `tests/data/guests.txt`.

use std::time::Duration;

use enipilot::ec2::call::{AssignPrivate, Attach, Call, Detach, UnassignPrivate};
use enipilot::ec2::id::{EniId, InstanceId};
use enipilot::sim::Sim;
use enipilot::sim::guest::Sight;

const WORLD: &str = r#"name = "case"
now = 2026-03-12T02:00:13Z
[timings]
create = "1s"
attach = "2s"
guest = "3s"
detach = "4s"
force_detach = "1s"
stop = "5s"
start = "5s"
terminate = "5s"
[vpc.v]
cidr = "10.0.0.0/16"
[subnet.s]
cidr = "10.0.1.0/24"
zone = "us-east-1a"
[instance.a]
type = "m5.xlarge"
subnet = "s"
ip = "10.0.1.10"
[instance.x]
type = "t2.medium"
subnet = "s"
ip = "10.0.1.11"
[instance.never]
type = "m5.large"
subnet = "s"
ip = "10.0.1.12"
guest_never_up = true
[instance.hung]
type = "m5.large"
subnet = "s"
ip = "10.0.1.13"
detach_hangs = true
[eni.second]
subnet = "s"
ip = "10.0.1.50"
attachment = { instance = "a", device_index = 1 }
[eni.e]
subnet = "s"
ip = "10.0.1.51"
[eni.f]
subnet = "s"
ip = "10.0.1.52"
[eni.h]
subnet = "s"
ip = "10.0.1.53"
attachment = { instance = "hung", device_index = 1 }
"#;

fn instance(sim: &Sim, name: &str) -> InstanceId {
    let world = sim.world();
    let found = world.instances().find(|i| i.name() == Some(name));
    found.unwrap().id.clone()
}

fn eni(sim: &Sim, name: &str) -> EniId {
    let world = sim.world();
    let found = world.enis().find(|e| e.name() == Some(name));
    found.unwrap().id.clone()
}

fn step(sim: &mut Sim, step: &str) {
    let detach = |sim: &Sim, name: &str, force| {
        let world = sim.world();
        let held = world.eni(&eni(sim, name)).unwrap().attachment.clone();
        Call::DetachNetworkInterface(Detach {
            attachment_id: held.unwrap().attachment_id,
            force,
        })
    };
    let call = match step.split_whitespace().collect::<Vec<_>>()[..] {
        ["undo"] => {
            sim.undo().unwrap();
            return;
        }
        ["attach", name, to, index] => Call::AttachNetworkInterface(Attach {
            network_interface_id: eni(sim, name),
            instance_id: instance(sim, to),
            device_index: index.parse().unwrap(),
            network_card_index: 0,
        }),
        ["detach", name] => detach(sim, name, false),
        ["force", name] => detach(sim, name, true),
        ["assign", name, ip] => Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: eni(sim, name),
            private_ip_addresses: vec![ip.parse().unwrap()],
            ..AssignPrivate::default()
        }),
        ["unassign", name, ip] => Call::UnassignPrivateIpAddresses(UnassignPrivate {
            network_interface_id: eni(sim, name),
            private_ip_addresses: vec![ip.parse().unwrap()],
            ..UnassignPrivate::default()
        }),
        ["stop", name] => Call::StopInstances(Call::instances(&instance(sim, name))),
        ["start", name] => Call::StartInstances(Call::instances(&instance(sim, name))),
        ["terminate", name] => Call::TerminateInstances(Call::instances(&instance(sim, name))),
        [time] => {
            let (number, unit) = time.split_at(time.len() - 1);
            let scale = if unit == "m" { 60 } else { 1 };
            let span = Duration::from_secs(number.parse::<u64>().unwrap() * scale);
            return sim.advance(sim.now() + span);
        }
        _ => panic!("{step}"),
    };
    sim.call(&call).unwrap_or_else(|e| panic!("{step}: {e}"));
}

#[test]
fn guests_lag_behind_ec2() {
    let mut wrong = Vec::new();
    let lines = include_str!("../data/guests.txt").lines();
    for line in lines.filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [name, steps, expected] = columns[..] else {
            panic!("three columns: {line}");
        };
        let mut sim = Sim::load("case.toml", WORLD, 1).unwrap();
        let id = instance(&sim, name);
        for one in steps.split(';').map(str::trim).filter(|s| !s.is_empty()) {
            step(&mut sim, one);
        }
        let seen = sim.guest(&id);
        let seen = seen.map_or_else(|| "does not run".to_owned(), |g| g.to_string());
        if seen != expected {
            wrong.push(format!("{line}\n    {seen}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_device_has_routes_and_metadata_once_it_is_seen() {
    let mut sim = Sim::load("case.toml", WORLD, 1).unwrap();
    step(&mut sim, "attach e a 2");
    let devices = sim.guest(&instance(&sim, "a")).unwrap().devices;
    let [_, second, new] = &devices[..] else {
        panic!("{devices:?}");
    };
    assert_eq!(
        second.routes,
        [
            "default via 10.0.1.1 dev ens6 src 10.0.1.50 metric 513",
            "10.0.1.0/24 dev ens6 src 10.0.1.50 metric 513",
            "default via 10.0.1.1 dev ens6 table 10001",
            "from 10.0.1.50 lookup 10001",
        ]
    );
    assert_eq!(second.metadata["local-ipv4s"], "10.0.1.50");
    assert_eq!(second.metadata["device-number"], "1");
    assert_eq!(
        second.metadata["interface-id"],
        eni(&sim, "second").as_str()
    );
    assert_eq!(new.sight, Sight::NotYet);
    assert_eq!((new.routes.len(), new.metadata.len()), (0, 0));
}
