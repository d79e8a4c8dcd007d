//! World files: what does not load and why, and every field that one can express.

use std::process::Command;

use enipilot::ec2::call::Attach;
use enipilot::ec2::resource::Subnet;
use enipilot::rules::attach::{blockers, free_slot};
use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;

const PREAMBLE: &str = r#"name = "case"
now = 2026-03-12T02:00:13Z
[vpc.v]
cidr = "10.0.0.0/16"
[subnet.s]
cidr = "10.0.1.0/24"
zone = "us-east-1a"
"#;

#[test]
fn broken_files_say_where_what_and_what_was_expected() {
    let cases = include_str!("../data/broken_worlds.txt").lines();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.filter(|l| !l.starts_with('#')) {
        let (file, expected) = case.split_once(" => ").expect(case);
        let text = PREAMBLE.to_owned() + &file.replace('⏎', "\n");
        let seen = match Sim::load("case.toml", &text, 1) {
            Ok(_) => "it loads".to_owned(),
            Err(error) => error.to_string(),
        };
        if seen != expected {
            wrong.push(format!("{file} => {seen}"));
        }
        count += 1;
    }
    assert!(count >= 20, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_can_express_every_field_of_an_interface() {
    let text = include_str!("../worlds/every-field.toml");
    let sim = Sim::load("every-field.toml", text, 1).unwrap();
    let world = sim.world();
    assert_eq!(world.check_invariants(), Vec::<String>::new());
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    let seen = serde_json::to_string_pretty(&**eni).unwrap() + "\n";
    let expected = include_str!("../data/every-field.json");
    assert!(seen == expected, "{seen}");
    // Nothing is left at its default: every member is in the fixture, none empty.
    let members = serde_json::to_value(&**eni).unwrap();
    let members = members.as_object().unwrap();
    // `Association`, `PrivateIpAddress` and `Ipv6Address` of the API are the primary items of the
    // lists, and no members of their own here.
    assert_eq!(members.len(), 29);
    for (name, value) in members {
        assert!(
            !value.is_null() && *value != "" && *value != serde_json::json!([]),
            "{name}"
        );
    }
}

#[test]
fn what_is_left_out_is_filled_in_from_the_seed() {
    let text = PREAMBLE.to_owned()
        + "[instance.a]\ntype = \"m5.large\"\nsubnet = \"s\"\n[eni.e]\nsubnet = \"s\"\nattachment = { instance = \"a\" }\n";
    let load = |seed| Sim::load("case.toml", &text, seed).unwrap().world();
    let world = load(1);
    assert!(*world == *load(1));
    assert!(*world != *load(2));
    let holder = world.instances().next().unwrap();
    let enis = world.enis_of(&holder.id);
    let places: Vec<_> = enis
        .iter()
        .map(|e| {
            (
                e.primary_ip().unwrap().to_string(),
                e.attachment.as_ref().unwrap().device_index,
            )
        })
        .collect();
    assert_eq!(
        places,
        [("10.0.1.5".to_owned(), 0), ("10.0.1.4".to_owned(), 1)]
    );
    for eni in enis {
        assert!(eni.mac_address.starts_with("02:"), "{}", eni.mac_address);
        assert_eq!(&*eni.groups[0].group_name, "default");
        assert!(
            enipilot::ec2::id::EniId::well_formed(eni.id.as_str()),
            "{}",
            eni.id
        );
    }
    assert_eq!(
        world.subnets().next().unwrap().available_ip_address_count,
        249
    );
}

/// Each world that comes with the program, as a person reads it.
#[test]
fn the_trees_of_the_worlds() {
    for (name, text) in EMBEDDED {
        let sim = Sim::load(name, text, 1).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(sim.name(), *name);
        assert!(sim.about().ends_with('.'), "{name}");
        let world = sim.world();
        assert_eq!(world.check_invariants(), Vec::<String>::new(), "{name}");
        let out = Command::new(env!("CARGO_BIN_EXE_enipilot"))
            .args(["tree", "--plain", "--world", name])
            .output()
            .unwrap();
        assert!(out.status.success(), "{name}");
        let seen = String::from_utf8(out.stdout).unwrap();
        insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("tree-{name}"), seen);
        });
    }
}

/// In the crowded world one instance can take the interface over; every other has a reason not to.
#[test]
fn one_instance_has_room_in_the_crowd() {
    let (name, text) = EMBEDDED.iter().find(|(n, _)| *n == "crowded").unwrap();
    let world = Sim::load(name, text, 1).unwrap().world();
    let service = world
        .enis()
        .find(|e| e.name() == Some("mail-service"))
        .unwrap();
    let mut seen: Vec<_> = world
        .instances()
        .filter(|i| Some(&i.id) != service.instance_id())
        .map(|i| {
            let slot = free_slot(&world, &i.id);
            let (card, index) = slot.unwrap_or((0, 1));
            let call = Attach {
                network_interface_id: service.id.clone(),
                instance_id: i.id.clone(),
                device_index: index,
                network_card_index: card,
            };
            let codes: Vec<_> = blockers(&world, &call).iter().map(|d| d.code).collect();
            format!("{} {index} {}", i.name().unwrap(), codes.join(" "))
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            "few-addresses 1 PrivateIpAddressLimitExceeded",
            "full 1 AttachmentLimitExceeded PrivateIpAddressLimitExceeded",
            "full-too 1 AttachmentLimitExceeded",
            "leaving 1 IncorrectState",
            "mail-2 2 ",
            "roomy 1 InvalidParameterCombination",
        ]
    );
    for (subnet, free) in [("mail-a", 0), ("printers-a", 0)] {
        let named = |s: &&std::sync::Arc<Subnet>| s.tags.iter().any(|t| *t.value == *subnet);
        let found = world.subnets().find(named).unwrap();
        assert_eq!(found.available_ip_address_count, free, "{subnet}");
    }
}
