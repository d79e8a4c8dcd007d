//! The query protocol: answers, refusals, filters, pages, and whatever else a client may send.

pub mod document;
mod fuzz;
mod road;

use std::collections::BTreeSet;

use document::Element;
use enipilot::ec2::time::Time;
use enipilot::sim::Sim;
use enipilot::wire::{Reply, answer};

pub const TWO_AM: &str = include_str!("../../demo/worlds/two-am.toml");
const EVERY: &str = include_str!("../worlds/every-field.toml");

fn sim(text: &str) -> Sim {
    Sim::load("case.toml", text, 1).unwrap()
}

/// Asks now.
fn ask(sim: &mut Sim, body: &str) -> Reply {
    let now = sim.now();
    answer(sim, now, 1, body.as_bytes())
}

/// Asks for what must succeed.
fn got(sim: &mut Sim, body: &str) -> Element {
    let reply = ask(sim, body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.body);
    document::read(&reply.body).unwrap_or_else(|wrong| panic!("{body}: {wrong}: {}", reply.body))
}

fn photographed(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_field_of_an_interface() {
    let mut sim = sim(EVERY);
    let body = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0f000000000000006";
    photographed("wire_every_field", &got(&mut sim, body).lines());
}

/// One answer of every describe on the world of the story.
#[test]
fn every_describe() {
    let mut sim = sim(TWO_AM);
    let mut out = String::new();
    for body in [
        "Action=DescribeAddresses",
        "Action=DescribeAvailabilityZones",
        "Action=DescribeInstanceStatus&InstanceId.1=i-0d1a2b3c4d5e6f701",
        "Action=DescribeInstanceTypes&InstanceType.1=m5.large",
        "Action=DescribeInstances&InstanceId.1=i-0d1a2b3c4d5e6f701",
        "Action=DescribeInternetGateways",
        "Action=DescribeNatGateways",
        "Action=DescribeNetworkInterfaceAttribute&NetworkInterfaceId=eni-0c1d52aa7be03f9a1&Attribute=groupSet",
        "Action=DescribeRegions",
        "Action=DescribeRouteTables",
        "Action=DescribeSecurityGroups",
        "Action=DescribeSubnets",
        "Action=DescribeTags&Filter.1.Name=resource-type&Filter.1.Value.1=vpc",
        "Action=DescribeVpcs",
        "Action=GetCallerIdentity&Version=2011-06-15",
    ] {
        out.push_str(&got(&mut sim, body).lines());
    }
    photographed("wire_every_describe", &out);
}

/// `form => status code text`, one a line; a success is told by its root and by `path=text` pairs.
#[test]
fn requests_and_their_answers() {
    let cases = include_str!("../data/wire/requests.txt").lines();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (body, expected) = case.split_once(" => ").expect(case);
        // Each on its own world: no case depends on another.
        let reply = ask(&mut sim(TWO_AM), body);
        let seen = told(&reply, expected);
        if seen != expected {
            wrong.push(format!("{body} => {seen}"));
        }
        count += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count >= 60, "{count} cases");
}

/// An answer in the form of the table: of a success only what the expectation asks about.
fn told(reply: &Reply, expected: &str) -> String {
    let root = match document::read(&reply.body) {
        Ok(root) => root,
        Err(error) => return format!("not well-formed: {error}: {}", reply.body),
    };
    let status = reply.status;
    match root.name.as_str() {
        "Response" => format!(
            "{status} {} {}",
            root.text_at("Errors/Error/Code"),
            root.text_at("Errors/Error/Message")
        ),
        "ErrorResponse" => format!("{status} sts {}", root.text_at("Error/Code")),
        name => {
            let mut out = format!("{status} {name}");
            for pair in expected.split(' ').skip(2) {
                let path = pair.split(['=', ':']).next().unwrap_or_default();
                let seen = match root.at(path) {
                    Some(element) => format!("{path}={}", element.text),
                    None => format!("{path}:absent"),
                };
                out.push_str(&format!(" {seen}"));
            }
            out
        }
    }
}

/// Every documented filter by a value that the interface has, and by one that it has not.
#[test]
fn every_filter_of_interfaces() {
    let mut sim = sim(EVERY);
    let cases = include_str!("../data/wire/eni-filters.txt").lines();
    let mut names = BTreeSet::new();
    for case in cases.filter(|l| !l.starts_with('#')) {
        let (name, value) = case.split_once(" = ").expect(case);
        let selected = |sim: &mut Sim, value: &str| {
            let body = format!(
                "Action=DescribeNetworkInterfaces&IncludeManagedResources=true\
                 &Filter.1.Name={name}&Filter.1.Value.1={value}"
            );
            let root = got(sim, &body);
            let ids = root.each("networkInterfaceSet", "networkInterfaceId");
            ids.contains(&"eni-0f000000000000006")
        };
        assert!(selected(&mut sim, value), "{case}");
        assert!(!selected(&mut sim, "no-such-value"), "{case}");
        names.insert(name.to_owned());
    }
    assert_eq!(names.len(), 37, "{names:?}");
}

#[test]
fn filters_are_joined_by_and_their_values_by_or() {
    let mut sim = sim(TWO_AM);
    let mut ids = |filters: &str| {
        let root = got(
            &mut sim,
            &format!("Action=DescribeNetworkInterfaces{filters}"),
        );
        root.each("networkInterfaceSet", "privateIpAddress")
            .join(" ")
    };
    // The second filter's index is higher by far, and stands first.
    let both = "&Filter.9.Name=attachment.device-index&Filter.9.Value.3=0\
                &Filter.2.Name=private-ip-address&Filter.2.Value.1=10.0.1.10\
                &Filter.2.Value.7=10.0.1.11&Filter.2.Value.8=10.0.1.50";
    assert_eq!(ids(both), "10.0.1.10 10.0.1.11");
    let wild = "&Filter.1.Name=tag:Name&Filter.1.Value.1=db-s?rvice";
    assert_eq!(ids(wild), "10.0.1.50");
    let none = "&Filter.1.Name=network-interface-id&Filter.1.Value.1=eni-00000000000000000";
    assert_eq!(ids(none), "");
}

/// A world with this many free interfaces in one subnet.
pub fn crowded(enis: u32) -> String {
    let mut text = String::from(
        "name = \"crowded\"\nnow = 2026-03-12T02:00:13Z\n[vpc.v]\ncidr = \"10.0.0.0/8\"\n\
         [subnet.s]\ncidr = \"10.1.0.0/16\"\nzone = \"us-east-1a\"\n",
    );
    for n in 0..enis {
        let ip = format!("10.1.{}.{}", 1 + n / 250, n % 250);
        text.push_str(&format!("[eni.e{n}]\nsubnet = \"s\"\nips = [\"{ip}\"]\n"));
    }
    text
}

#[test]
fn pages_hold_every_row_once_while_rows_come_and_go() {
    let mut sim = sim(&crowded(1_234));
    let before: BTreeSet<String> = sim.world().enis().map(|e| e.id.to_string()).collect();
    let mut seen: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut pages = 0;
    loop {
        let body = format!("Action=DescribeNetworkInterfaces&MaxResults=100{token}");
        let root = got(&mut sim, &body);
        let rows = root.each("networkInterfaceSet", "networkInterfaceId");
        assert!(rows.len() <= 100);
        seen.extend(rows.iter().map(|id| (*id).to_owned()));
        pages += 1;
        let Some(next) = root.child("nextToken") else {
            break;
        };
        token = format!("&NextToken={}", next.text);
        // What was on this page goes; the next page must not skip anything for that.
        let gone = seen.last().unwrap();
        got(
            &mut sim,
            &format!("Action=DeleteNetworkInterface&NetworkInterfaceId={gone}"),
        );
    }
    assert_eq!((pages, seen.len()), (13, 1_234));
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), before);
}

#[test]
fn a_token_is_good_for_its_own_question_only() {
    let mut sim = sim(&crowded(20));
    let first = got(&mut sim, "Action=DescribeNetworkInterfaces&MaxResults=5");
    let token = first.text_at("nextToken").to_owned();
    let mut status = |body: &str| ask(&mut sim, &body.replace("TOKEN", &token)).status;
    assert_eq!(
        status("Action=DescribeNetworkInterfaces&NextToken=TOKEN"),
        200
    );
    assert_eq!(
        status("Action=DescribeNetworkInterfaces&MaxResults=7&NextToken=TOKEN"),
        200
    );
    for foreign in [
        "Action=DescribeSubnets&MaxResults=5&NextToken=TOKEN",
        "Action=DescribeNetworkInterfaces&NextToken=TOKENf",
        "Action=DescribeNetworkInterfaces&NextToken=xTOKEN",
        "Action=DescribeNetworkInterfaces&NextToken=%C3%A9",
        "Action=DescribeNetworkInterfaces&NextToken=TOKEN&Filter.1.Name=status&Filter.1.Value.1=*",
    ] {
        assert_eq!(status(foreign), 400, "{foreign}");
    }
}

/// Detach, wait and attach as a script does it, on the wire alone.
#[test]
fn a_failover_on_the_wire() {
    let mut sim = sim(TWO_AM);
    let start = sim.now();
    let service = "eni-0c1d52aa7be03f9a1";
    let look = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1";
    let detach = "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338";
    let root = got(&mut sim, detach);
    assert_eq!(root.text_at("return"), "true");
    let item = "networkInterfaceSet/item";
    let root = got(&mut sim, look);
    assert_eq!(
        root.text_at(&format!("{item}/attachment/status")),
        "detaching"
    );
    let now = start + std::time::Duration::from_secs(60);
    let reply = answer(&mut sim, now, 2, look.as_bytes());
    assert_eq!(sim.now(), now);
    let root = document::read(&reply.body).unwrap();
    assert_eq!(root.text_at(&format!("{item}/status")), "available");
    assert_eq!(root.at(&format!("{item}/attachment")), None);
    let attach = format!(
        "Action=AttachNetworkInterface&NetworkInterfaceId={service}\
         &InstanceId=i-0d1a2b3c4d5e6f702&DeviceIndex=1"
    );
    let root = got(&mut sim, &attach);
    let attachment = root.text_at("attachmentId").to_owned();
    assert!(attachment.starts_with("eni-attach-"), "{attachment}");
    let root = got(&mut sim, look);
    assert_eq!(
        root.text_at(&format!("{item}/attachment/attachmentId")),
        attachment
    );
    assert_eq!(
        root.text_at(&format!("{item}/attachment/status")),
        "attaching"
    );
}

#[test]
fn time_never_runs_backwards() {
    let mut sim = sim(TWO_AM);
    let now = sim.now();
    let reply = answer(&mut sim, Time::from_millis(0), 1, b"Action=DescribeVpcs");
    assert_eq!((reply.status, sim.now()), (200, now));
}

#[test]
fn every_request_has_an_id_of_its_own() {
    let mut sim = sim(TWO_AM);
    let now = sim.now();
    let ids: BTreeSet<_> = (0..100)
        .map(|n| answer(&mut sim, now, n, b"Action=DescribeRegions").request_id)
        .collect();
    assert_eq!(ids.len(), 100);
}

/// A script that builds a world from nothing, moves an address and an interface through it, and
/// takes everything down again.
#[test]
fn a_world_from_nothing() {
    let mut sim = sim(include_str!("../../demo/worlds/empty.toml"));
    let mut made: Vec<(String, String)> = Vec::new();
    let lines = include_str!("../data/wire/from-nothing.txt").lines();
    for line in lines.filter(|l| !l.starts_with('#')) {
        let mut line = line.to_owned();
        for (name, value) in &made {
            line = line.replace(&format!("{{{name}}}"), value);
        }
        let mut words = line.split(' ');
        let body = words.next().unwrap();
        // A script waits for what it has begun.
        while let Some(at) = sim.next_due() {
            sim.advance(at);
        }
        let reply = ask(&mut sim, body);
        let root = document::read(&reply.body).unwrap();
        let code = root.text_at("Errors/Error/Code");
        for word in words {
            match word.split_once('=') {
                Some((name, path)) if word.starts_with('$') => {
                    let value = root.text_at(path);
                    assert!(!value.is_empty(), "{line}: {}", reply.body);
                    made.push((name.trim_start_matches('$').to_owned(), value.to_owned()));
                }
                Some((path, text)) => {
                    assert_eq!(root.text_at(path), text, "{line}: {}", reply.body)
                }
                None => assert_eq!(code, word, "{line}: {}", reply.body),
            }
        }
        if code.is_empty() {
            assert_eq!(reply.status, 200, "{line}: {}", reply.body);
        } else {
            assert!(line.ends_with(code), "{line}: {}", reply.body);
        }
        assert_eq!(
            sim.world().check_invariants(),
            Vec::<String>::new(),
            "{line}"
        );
    }
    assert!(sim.world().enis().next().is_none());
    assert!(sim.world().vpcs().next().is_none());
}
