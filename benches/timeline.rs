//! Looking at any point of a timeline of 10,000 events, and taking a call back at its end: 20 ms each.
//!
//! The event is an attribute of one interface among `enis`, whose world is copied where a base is
//! made, so that the figures grow with the world and not with the timeline.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use divan::{Bencher, black_box};
use enipilot::app::model::Model;
use enipilot::app::msg::{Key, Msg};
use enipilot::app::school::School;
use enipilot::app::update::update;
use enipilot::ec2::call::{Attach, Call, Detach, Modify};
use enipilot::failover::sky::Sky;
use enipilot::lessons::course;
use enipilot::lessons::progress::Progress;
use enipilot::runtime::stage::Stage;
use enipilot::sim::Sim;
use enipilot::sim::timeline::POINTS_MAX;

const SIZES: [u32; 4] = [10, 1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// A world of so many interfaces, with a client, after 10,000 events and more.
fn played(enis: u32) -> Sim {
    let mut text = String::from(
        r#"
name = "bench"
now = 2026-03-12T02:00:13Z
focus = "e0"
[quota]
network_interfaces = 1000000
[instance.a]
type = "m5.large"
subnet = "s0"
[service.db]
port = 5432
on = ["a"]
[client.c]
from = "10.0.2.20"
to = "10.0.64.4:5432"
interval = "1s"
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
        let (subnet, at) = (n / 40_000, n % 40_000);
        let (high, low) = (64 + at / 250, 4 + at % 250);
        write!(
            text,
            "[eni.e{n}]\nsubnet = \"s{subnet}\"\nip = \"10.{subnet}.{high}.{low}\"\n"
        )
        .unwrap();
    }
    let mut sim = Sim::load("bench.toml", &text, 1).unwrap();
    let eni = sim.focus().unwrap();
    let instance = sim.world().instances().next().unwrap().id.clone();
    let mut round = 0_usize;
    while sim.timeline().stops() <= POINTS_MAX {
        round += 1;
        let call = Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: eni.clone(),
            description: Some(round.to_string().into()),
            ..Modify::default()
        });
        sim.call(&call).unwrap();
        let attach = Call::AttachNetworkInterface(Attach {
            network_interface_id: eni.clone(),
            instance_id: instance.clone(),
            device_index: 1,
            network_card_index: 0,
        });
        let answer = sim.call(&attach).unwrap();
        sim.advance(sim.now() + Duration::from_secs(10));
        let detach = Call::DetachNetworkInterface(Detach {
            attachment_id: answer.attachment_id.unwrap(),
            force: false,
        });
        sim.call(&detach).unwrap();
        sim.advance(sim.now() + Duration::from_secs(10));
    }
    sim
}

/// Stops all over the timeline, one after the other.
fn anywhere(stops: usize) -> impl Iterator<Item = usize> {
    (0..).map(move |n: usize| n.wrapping_mul(7_919) % stops)
}

/// The whole moment of any stop.
#[divan::bench(args = SIZES)]
fn stop(bencher: Bencher, enis: u32) {
    let timeline = played(enis).timeline();
    let mut stops = anywhere(timeline.stops());
    bencher.bench_local(|| timeline.stop(stops.next().unwrap()).unwrap());
}

/// The copy that is handed to the screen when it is opened.
#[divan::bench(args = [10, 100_000])]
fn open(bencher: Bencher, enis: u32) {
    let sim = played(enis);
    bencher.bench_local(|| black_box(sim.timeline()));
}

/// A key to the other end of the timeline: world, tree, panel, strips and difference.
#[divan::bench(args = SIZES)]
fn scrub(bencher: Bencher, enis: u32) {
    let sim = played(enis);
    let sky = Sky::sim("bench", "111122223333", "us-east-1");
    let mut model = Model::new(sky, sim.world(), sim.now(), sim.focus().as_ref());
    update(&mut model, Msg::Resize(120, 40));
    let timeline = Arc::new(sim.timeline());
    update(&mut model, Msg::Timeline(timeline, None));
    let keys = [Key::Home, Key::End, Key::Left, Key::PageUp];
    let mut keys = keys.iter().cycle();
    bencher.bench_local(|| update(&mut model, Msg::Key(*keys.next().unwrap())));
}

/// The newest call taken back.
#[divan::bench(args = SIZES, sample_count = 20, sample_size = 1)]
fn undo(bencher: Bencher, enis: u32) {
    let mut sim = played(enis);
    bencher.bench_local(|| sim.undo().unwrap());
}

/// A lesson begins: 50 ms.
#[divan::bench]
fn lesson(bencher: Bencher) {
    let sim = Sim::load("empty.toml", course::world("empty").unwrap(), 1).unwrap();
    let sky = Sky::sim("empty", "111122223333", "us-east-1");
    let mut stage = Stage::new(sim, sky);
    let lessons = course::lessons().unwrap();
    let mut at = 0..;
    bencher.bench_local(|| {
        let school = School {
            course: lessons.clone().into(),
            at: at.next().unwrap_or(0) % lessons.len(),
            play: None,
            progress: Progress::default(),
            speech: enipilot::lessons::Speech::Keys,
        };
        stage.enter_school(school, true);
    });
}
