//! What a call costs in the simulator, in worlds of 100 to 10,000 network interfaces.
//!
//! An attach or a detach with everything that follows from it must cost the same at every size.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;
use std::time::Duration;

use divan::{Bencher, black_box};
use enipilot::ec2::call::{Attach, Call, Detach};
use enipilot::sim::Sim;

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
