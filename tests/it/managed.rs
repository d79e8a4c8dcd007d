//! Interfaces that AWS services make and give up: `tests/data/managed.txt`.

use std::time::Duration;

use enipilot::ec2::call::{Attach, Call, Delete, Detach};
use enipilot::ec2::eni::Eni;
use enipilot::rules::ownership::owner;
use enipilot::sim::Sim;

/// A world with one service, and an instance to attach things to.
fn world(kind: &str, to: u32) -> Sim {
    let text = format!(
        r#"name = "case"
now = 2026-03-12T02:00:13Z
[vpc.v]
cidr = "10.0.0.0/16"
[subnet.s]
cidr = "10.0.1.0/28"
zone = "us-east-1a"
[subnet.other]
cidr = "10.0.2.0/28"
zone = "us-east-1a"
[instance.a]
type = "m5.large"
subnet = "other"
[managed.web]
kind = "{kind}"
subnets = ["s"]
[[event]]
at = "10s"
scale = {{ managed = "web", to = {to} }}
[[event]]
at = "60s"
scale = {{ managed = "web", to = 1 }}
"#
    );
    Sim::load("case.toml", &text, 1).unwrap_or_else(|e| panic!("{e}"))
}

/// What the service has now; whatever it does, the world stays sound.
fn theirs(sim: &Sim) -> Vec<Eni> {
    let world = sim.world();
    assert_eq!(world.check_invariants(), Vec::<String>::new());
    let subnet = world.subnets().find(|s| &*s.cidr_block == "10.0.1.0/28");
    let subnet = subnet.unwrap();
    let enis: Vec<Eni> = world.enis_in(&subnet.id).map(|e| Eni::clone(e)).collect();
    let free = usize::try_from(subnet.available_ip_address_count).unwrap();
    assert_eq!(free + enis.len(), 11);
    enis
}

fn after(sim: &mut Sim, seconds: u64) {
    let to = sim.now() + Duration::from_secs(seconds);
    sim.advance(to);
}

/// The code with which a call is refused.
fn refused(sim: &mut Sim, call: Call) -> String {
    sim.call(&call).unwrap_err().code.to_string()
}

#[test]
fn services_make_interfaces_and_give_them_up() {
    let lines = include_str!("../data/managed.txt").lines();
    let cases: Vec<_> = lines
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .collect();
    assert_eq!(cases.len(), 5);
    for line in cases {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [
            kind,
            interface_type,
            description,
            service,
            attachment,
            code,
            ref counts @ ..,
        ] = columns[..]
        else {
            panic!("{line}");
        };
        let mut sim = world(kind, 3);
        let mut seen = vec![theirs(&sim).len().to_string()];
        after(&mut sim, 20);
        let enis = theirs(&sim);
        seen.push(enis.len().to_string());
        for eni in enis {
            assert_eq!(&*eni.interface_type, interface_type, "{line}");
            assert!(eni.description.starts_with(description), "{line}: {eni:?}");
            assert_eq!(owner(&eni).map(|o| o.service), Some(service), "{line}");
            let held = eni.attachment.unwrap().attachment_id;
            assert!(held.as_str().starts_with(attachment), "{line}: {held}");
            for force in [false, true] {
                let detach = Call::DetachNetworkInterface(Detach {
                    attachment_id: held.clone(),
                    force,
                });
                assert_eq!(refused(&mut sim, detach), code, "{line}");
            }
            let delete = Call::DeleteNetworkInterface(Delete {
                network_interface_id: eni.id.clone(),
            });
            assert_eq!(refused(&mut sim, delete), "AuthFailure", "{line}");
            let attach = Call::AttachNetworkInterface(Attach {
                network_interface_id: eni.id,
                instance_id: sim.world().instances().next().unwrap().id.clone(),
                device_index: 1,
                network_card_index: 0,
            });
            assert_eq!(refused(&mut sim, attach), "AuthFailure", "{line}");
        }
        after(&mut sim, 3_600);
        seen.push(theirs(&sim).len().to_string());
        assert_eq!(seen, counts.to_vec(), "{line}");
    }
}

#[test]
fn a_service_stops_at_the_last_address_and_an_undo_goes_back_before_it() {
    let mut sim = world("lambda", 500);
    let before = sim.world();
    sim.call(&Call::StopInstances(Call::instances(
        &before.instances().next().unwrap().id,
    )))
    .unwrap();
    after(&mut sim, 20);
    assert_eq!(theirs(&sim).len(), 11);
    // On their way out for minutes: their addresses are not free yet.
    after(&mut sim, 100);
    assert_eq!(theirs(&sim).len(), 11);
    after(&mut sim, 3_600);
    assert_eq!(theirs(&sim).len(), 1);
    sim.undo().unwrap();
    assert!(*sim.world() == *before);
    after(&mut sim, 20);
    assert_eq!(theirs(&sim).len(), 11);
}
