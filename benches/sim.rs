//! What a call costs in the simulator and on the wire, in worlds of 100 to 100,000 network interfaces.
//!
//! An attach or a detach with everything that follows from it must cost the same at every size. In
//! process, without HTTP: 20,000 calls and 20,000 creates a second, 10,000 interfaces described in
//! 100 ms and 100,000 in one second.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use enipilot::ec2::call::{Attach, Call, Detach, Modify};
use enipilot::sim::Sim;
use enipilot::wire::answer;

const SIZES: [u32; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

fn text(enis: u32) -> String {
    let mut text = String::from(
        r#"
name = "bench"
now = 2026-03-12T02:00:13Z
focus = "e0"
[vpc.v]
cidr = "10.0.0.0/16"
[subnet.s]
cidr = "10.0.0.0/17"
zone = "us-east-1a"
[instance.a]
type = "m5.large"
subnet = "s"
"#,
    );
    for n in 0..enis {
        let (high, low) = (64 + n / 200, 4 + n % 200);
        write!(
            text,
            "[eni.e{n}]\nsubnet = \"s\"\nip = \"10.0.{high}.{low}\"\n"
        )
        .unwrap();
    }
    text
}

/// A world file read, filled in and checked.
#[divan::bench(args = SIZES)]
fn load(bencher: Bencher, enis: u32) {
    let text = text(enis);
    bencher.bench(|| Sim::load("bench.toml", black_box(&text), 1).unwrap());
}

/// Attach, time, detach, time: two calls and the transitions after them.
#[divan::bench(args = SIZES)]
fn attach_and_detach(bencher: Bencher, enis: u32) {
    let mut sim = Sim::load("bench.toml", &text(enis), 1).unwrap();
    let attach = Call::AttachNetworkInterface(Attach {
        network_interface_id: sim.focus().unwrap(),
        instance_id: sim.world().instances().next().unwrap().id.clone(),
        device_index: 1,
        network_card_index: 0,
    });
    bencher.bench_local(|| {
        let answer = sim.call(&attach).unwrap();
        sim.advance(sim.now() + Duration::from_secs(10));
        let detach = Call::DetachNetworkInterface(Detach {
            attachment_id: answer.attachment_id.unwrap(),
            force: false,
        });
        sim.call(&detach).unwrap();
        sim.advance(sim.now() + Duration::from_secs(10));
    });
}

/// A world with as many interfaces as asked for, in subnets of 65,531 addresses each.
fn large(enis: u32) -> Sim {
    let mut text = String::from(
        r#"
name = "bench"
now = 2026-03-12T02:00:13Z
[quota]
network_interfaces = 1000000
[timings]
create = "0s"
"#,
    );
    for n in 0..3 {
        write!(
            text,
            "[vpc.v{n}]\ncidr = \"10.{n}.0.0/16\"\n[subnet.s{n}]\nvpc = \"v{n}\"\ncidr = \"10.{n}.0.0/16\"\nzone = \"us-east-1a\"\n"
        )
        .unwrap();
    }
    for n in 0..enis {
        let (subnet, at) = (n / 60_000, n % 60_000);
        let (high, low) = (64 + at / 250 % 192, 4 + at % 250);
        let (high, low) = if at / 250 < 192 {
            (high, low)
        } else {
            (at / 250 - 192, low)
        };
        write!(
            text,
            "[eni.e{n}]\nsubnet = \"s{subnet}\"\nip = \"10.{subnet}.{high}.{low}\"\n"
        )
        .unwrap();
    }
    Sim::load("bench.toml", &text, 1).unwrap()
}

/// One accepted call in process: an attribute of one interface among many.
#[divan::bench(args = SIZES)]
fn call(bencher: Bencher, enis: u32) {
    let mut sim = Sim::load("bench.toml", &text(enis), 1).unwrap();
    let network_interface_id = sim.focus().unwrap();
    let mut on = false;
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        on = !on;
        let call = Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: network_interface_id.clone(),
            source_dest_check: Some(on),
            ..Modify::default()
        });
        sim.call(&call).unwrap()
    });
}

/// The same over the wire: a form in, XML out.
#[divan::bench(args = SIZES)]
fn call_on_the_wire(bencher: Bencher, enis: u32) {
    let mut sim = Sim::load("bench.toml", &text(enis), 1).unwrap();
    let id = sim.focus().unwrap();
    let mut serial = 0;
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        serial += 1;
        let body = format!(
            "Action=ModifyNetworkInterfaceAttribute&Version=2016-11-15&NetworkInterfaceId={id}&SourceDestCheck.Value={}",
            serial % 2 == 0
        );
        let now = sim.now();
        let reply = answer(&mut sim, now, serial, body.as_bytes());
        assert_eq!(reply.status, 200);
    });
}

/// A thousand creates over the wire, in an empty world and among 10,000.
#[divan::bench(args = [0, 10_000])]
fn create_on_the_wire(bencher: Bencher, enis: u32) {
    let sim = large(enis);
    let subnet = sim.world().subnets().next().unwrap().id.clone();
    let body = format!(
        "Action=CreateNetworkInterface&Version=2016-11-15&SubnetId={subnet}&Description=bench"
    );
    bencher
        .counter(ItemsCount::new(1_000_u32))
        .with_inputs(|| sim.clone())
        .bench_local_values(|mut sim| {
            for serial in 0..1_000 {
                let now = sim.now();
                let reply = answer(&mut sim, now, serial, body.as_bytes());
                assert_eq!(reply.status, 200, "{}", reply.body);
            }
            sim
        });
}

/// Every interface in one answer.
#[divan::bench(args = [10_000, 100_000])]
fn describe_on_the_wire(bencher: Bencher, enis: u32) {
    let mut sim = large(enis);
    bencher.counter(ItemsCount::new(enis)).bench_local(|| {
        let now = sim.now();
        let body = b"Action=DescribeNetworkInterfaces&Version=2016-11-15";
        let reply = answer(&mut sim, now, 1, body);
        assert_eq!(reply.status, 200);
        reply
    });
}

/// Every interface, a thousand at a time.
#[divan::bench(args = [10_000, 100_000])]
fn describe_pages_on_the_wire(bencher: Bencher, enis: u32) {
    let mut sim = large(enis);
    bencher.counter(ItemsCount::new(enis)).bench_local(|| {
        let mut token = String::new();
        let mut pages = 0;
        loop {
            let now = sim.now();
            let body = format!(
                "Action=DescribeNetworkInterfaces&Version=2016-11-15&MaxResults=1000{token}"
            );
            let reply = answer(&mut sim, now, 1, body.as_bytes());
            assert_eq!(reply.status, 200);
            pages += 1;
            let next = reply.body.split_once("<nextToken>");
            match next.and_then(|(_, tail)| tail.split_once("</nextToken>")) {
                Some((next, _)) => token = format!("&NextToken={next}"),
                None => break,
            }
        }
        pages
    });
}
