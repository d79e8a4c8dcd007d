//! Random requests, always the same ones: whatever comes in, well-formed XML goes out.

use std::collections::BTreeMap;

use enipilot::ec2::call::Call;
use enipilot::sim::Sim;
use enipilot::sim::faults::READS;
use enipilot::sim::mint::Dice;
use enipilot::wire::answer;

use super::{TWO_AM, document};

/// Actions that are none, and one of another service.
const STRANGE: &[&str] = &["GetCallerIdentity", "NoSuchAction", "<b>&\u{1}"];

const NAMES: &[&str] = &[
    "NetworkInterfaceId",
    "NetworkInterfaceId.1",
    "NetworkInterfaceId.4000000000",
    "NetworkInterfaceId.01",
    "NetworkInterfaceId.-1",
    "NetworkInterfaceId.1.2",
    "NetworkInterfaceId.",
    "InstanceId",
    "InstanceId.1",
    "InstanceId.7",
    "AttachmentId",
    "DeviceIndex",
    "NetworkCardIndex",
    "Force",
    "DryRun",
    "Version",
    "MaxResults",
    "NextToken",
    "Filter.1.Name",
    "Filter.1.Value.1",
    "Filter.1.Value.3",
    "Filter.2.Name",
    "Filter.2",
    "Filter.2.Value.0",
    "SubnetId",
    "Description",
    "Description.Value",
    "SourceDestCheck.Value",
    "Attachment.AttachmentId",
    "Attachment.DeleteOnTermination",
    "Attribute",
    "PrivateIpAddress",
    "PrivateIpAddresses.1.PrivateIpAddress",
    "PrivateIpAddresses.1.Primary",
    "SecondaryPrivateIpAddressCount",
    "SecurityGroupId.1",
    "TagSpecification.1.ResourceType",
    "TagSpecification.1.Tag.1.Key",
    "TagSpecification.1.Tag.1.Value",
    "InstanceType.1",
    "ZoneName.1",
    "IncludeAllInstances",
    "",
    ".",
    "<",
];

const VALUES: &[&str] = &[
    "eni-0c1d52aa7be03f9a1",
    "eni-attach-0b7e5c21d09f1a338",
    "i-0d1a2b3c4d5e6f701",
    "i-0d1a2b3c4d5e6f702",
    "subnet-0aa11bb22cc33dd44",
    "10.0.1.77",
    "10.0.1.0",
    "999.1.1.1",
    "",
    "0",
    "1",
    "5",
    "-1",
    "4294967296",
    "99999999999999999999999999",
    "1e3",
    "true",
    "false",
    "maybe",
    "*",
    "?*\\",
    "tag:Name",
    "status",
    "attachment.status",
    "Name",
    "network-interface",
    "description",
    "2016-11-15",
    "<script>&amp;]]>\u{0}\u{b}\u{1b}[31m\u{202e}",
    "\u{fffe}\u{10ffff}é",
    "m5.large",
];

/// Percent-encodes everything that is not plain.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b".-_:*".contains(&b) => char::from(b).to_string(),
            b' ' => "+".to_owned(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn pick<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    of[usize::try_from(dice.roll() % of.len() as u64).unwrap()]
}

/// A request of the tables, changed in a few places: parameters go, come, or get another value; one
/// in eight is damaged in its bytes.
fn request(dice: &mut Dice, table: &[Vec<(String, String)>]) -> Vec<u8> {
    let one_of = |dice: &mut Dice, of: usize| usize::try_from(dice.roll() % of as u64).unwrap();
    let mut pairs = table[one_of(dice, table.len())].clone();
    for _ in 0..dice.roll() % 4 {
        let at = one_of(dice, pairs.len() + 1);
        match dice.roll() % 4 {
            0 if at < pairs.len() => {
                pairs.remove(at);
            }
            1 if at < pairs.len() => encoded(pick(dice, VALUES)).clone_into(&mut pairs[at].1),
            2 => {
                let of = match dice.roll() % 8 {
                    0 => STRANGE,
                    1..4 => READS,
                    _ => Call::ACTIONS,
                };
                pairs.push(("Action".to_owned(), encoded(pick(dice, of))));
            }
            _ => pairs.insert(
                at,
                (encoded(pick(dice, NAMES)), encoded(pick(dice, VALUES))),
            ),
        }
        // A second action takes the place of the first.
        if pairs.iter().filter(|(name, _)| name == "Action").count() > 1 {
            let first = pairs.iter().position(|(name, _)| name == "Action").unwrap();
            pairs.remove(first);
        }
    }
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let mut bytes = pairs.join("&").into_bytes();
    if dice.roll().is_multiple_of(8) && !bytes.is_empty() {
        for _ in 0..1 + dice.roll() % 4 {
            let at = one_of(dice, bytes.len());
            bytes[at] = u8::try_from(dice.roll() % 256).unwrap();
        }
    }
    bytes
}

/// The requests of both tables, still encoded.
fn table() -> Vec<Vec<(String, String)>> {
    let lines = include_str!("../../data/wire/requests.txt").lines();
    let calls = include_str!("../../data/wire/calls.txt").lines();
    let bodies = lines.filter_map(|l| l.split_once(" => ")).map(|(b, _)| b);
    bodies
        .chain(calls.filter(|l| !l.starts_with('#')))
        .map(|body| {
            let pairs = body.split('&').filter_map(|p| p.split_once('='));
            pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
        })
        .collect()
}

#[test]
fn random_requests_are_answered_in_xml() {
    let mut dice = Dice::new(20_260_312);
    let table = table();
    let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for n in 0..6_000 {
        if n % 500 == 0 {
            sim = Sim::load("two-am.toml", TWO_AM, n).unwrap();
        }
        let body = request(&mut dice, &table);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let now = sim.now() + std::time::Duration::from_millis(dice.roll() % 2_000);
        let reply = answer(&mut sim, now, n, &body);
        let root = document::read(&reply.body)
            .unwrap_or_else(|wrong| panic!("{shown}: {wrong}: {}", reply.body));
        let code = match root.name.as_str() {
            "Response" => root.text_at("Errors/Error/Code").to_owned(),
            "ErrorResponse" => root.text_at("Error/Code").to_owned(),
            name => {
                assert_eq!(reply.status, 200, "{shown}");
                assert!(name.ends_with("Response"), "{shown}: {name}");
                "ok".to_owned()
            }
        };
        assert!(!code.is_empty(), "{shown}: {}", reply.body);
        assert_eq!(code == "ok", reply.status == 200, "{shown}");
        *codes.entry(code).or_default() += 1;
    }
    assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
    // The requests must reach far: successes and refusals of every layer.
    for code in [
        "ok",
        "DryRunOperation",
        "InvalidAction",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "MalformedQueryString",
        "MissingParameter",
        "UnknownParameter",
        "InvalidNetworkInterfaceID.NotFound",
    ] {
        assert!(
            codes.get(code).is_some_and(|n| *n >= 3),
            "{code}: {codes:?}"
        );
    }
}

#[test]
fn random_bytes_are_answered_in_xml() {
    let mut dice = Dice::new(7);
    let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
    for n in 0..3_000 {
        let length = dice.roll() % 60;
        let body: Vec<u8> = (0..length)
            .map(|_| u8::try_from(dice.roll() % 256).unwrap())
            .collect();
        let now = sim.now();
        let reply = answer(&mut sim, now, n, &body);
        assert_ne!(reply.status, 200, "{body:?}");
        document::read(&reply.body).unwrap_or_else(|wrong| panic!("{body:?}: {wrong}"));
    }
}

/// Parameters in any order, list indexes with gaps: the answer is the same.
#[test]
fn order_and_gaps_do_not_matter() {
    let mut dice = Dice::new(42);
    let table = table();
    for (n, pairs) in table.iter().enumerate() {
        let mut other: Vec<_> = pairs
            .iter()
            .map(|(name, value)| {
                let parts = name.split('.').map(|part| match part.parse::<u32>() {
                    // Ten times as large: the order stays, the gaps are there.
                    Ok(index) if part == index.to_string() && index < 1_000_000 => {
                        (10 * index + 3).to_string()
                    }
                    _ => part.to_owned(),
                });
                (parts.collect::<Vec<_>>().join("."), value.clone())
            })
            .collect();
        for at in (1..other.len()).rev() {
            let with = usize::try_from(dice.roll() % (at as u64 + 1)).unwrap();
            other.swap(at, with);
        }
        let [one, two] = [pairs, &other].map(|pairs| {
            let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
            let body: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
            let now = sim.now();
            answer(&mut sim, now, 1, body.join("&").as_bytes())
        });
        // Where the text of an error names a parameter, its index is another one.
        let named = one.code.as_deref().is_some_and(|code| {
            matches!(
                code,
                "UnknownParameter"
                    | "MissingParameter"
                    | "InvalidParameterValue"
                    | "InvalidQueryParameter"
            )
        });
        assert_eq!(one.code, two.code, "{n}: {pairs:?}");
        assert!(
            named || one.body == two.body,
            "{n}: {pairs:?}\n{}",
            two.body
        );
    }
}

/// What people write into tags and descriptions comes back, without what XML cannot carry.
#[test]
fn hostile_texts_come_back_in_xml() {
    let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
    let eni = "eni-0c1d52aa7be03f9a1";
    for (n, text) in [
        "<script>alert('x')</script>",
        "a & b > c \"d\"",
        "]]><!--",
        "tab\tline\nend",
        "\u{1b}[31mred\u{1b}[0m",
        "zero\u{0}bell\u{7}\u{fffe}",
        "\u{202e}right to left",
        "é 💥 \u{10ffff}",
        "&amp;&#0;",
    ]
    .into_iter()
    .enumerate()
    {
        let (key, value) = (format!("k{n}"), encoded(text));
        let body =
            format!("Action=CreateTags&ResourceId.1={eni}&Tag.1.Key={key}&Tag.1.Value={value}");
        let now = sim.now();
        assert_eq!(answer(&mut sim, now, 1, body.as_bytes()).status, 200);
        let body = format!("Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1={key}");
        let reply = answer(&mut sim, now, 2, body.as_bytes());
        let root = document::read(&reply.body).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        let kept = |c: &char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        let expected: String = text.chars().filter(kept).collect();
        assert_eq!(root.text_at("tagSet/item/value"), expected, "{text:?}");
    }
}
