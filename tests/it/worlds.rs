//! World files: what does not load and why, and every field that one can express.

use enipilot::sim::Sim;

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
