//! What a session keeps in memory at most, in worlds of 10,000 and 100,000 network interfaces:
//! everything expanded and painted, the filter used, and a second inventory, described anew without
//! sharing a byte with the first, arriving as a poll brings it.
//!
//! `cargo bench --no-default-features --bench memory` prints the high-water mark of one process a
//! size (`VmHWM` of proc_pid_status(5), so on Linux only) and fails above the budget.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../keys/generate.rs"]
mod generate;

use std::process::{Command, ExitCode};
use std::sync::Arc;

use enipilot::app::model::Model;
use enipilot::app::msg::{Key, Msg};
use enipilot::app::update::update;
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::sky::Sky;
use enipilot::tui::{Look, LookRequest, view};
use generate::Row;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Network interfaces, and megabytes that they may take.
const BUDGETS: [(u32, u64); 2] = [(10_000, 40), (100_000, 250)];
const SIZE: &str = "ENIPILOT_BENCH_ENIS";

fn main() -> ExitCode {
    if let Ok(size) = std::env::var(SIZE) {
        session(size.parse().unwrap());
        println!("{}", high_water_mark());
        return ExitCode::SUCCESS;
    }
    let mut within = true;
    for (enis, budget) in BUDGETS {
        let me = std::env::current_exe().unwrap();
        let out = Command::new(me).env(SIZE, enis.to_string()).output();
        let megabytes: u64 = String::from_utf8(out.unwrap().stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        println!("{enis:>7} network interfaces: {megabytes:>4} MB of {budget} MB");
        within &= megabytes <= budget;
    }
    if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn session(enis: u32) {
    let sky = Sky::sim("bench", "111122223333", "us-east-1");
    let first = described(enis, &World::default());
    let mut model = Model::new(sky, Arc::new(first), Time::from_millis(0), None);
    update(&mut model, Msg::Resize(120, 40));
    paint(&model);
    model.tree.open_all();
    paint(&model);
    for key in [Key::Char('/'), Key::Char('w'), Key::Char('e'), Key::Enter] {
        update(&mut model, Msg::Key(key));
    }
    paint(&model);
    update(&mut model, Msg::Key(Key::Esc));
    for generation in 1..=3 {
        let mut world = described(enis, &model.world);
        let id = world.instances().next().unwrap().id.clone();
        let state = if generation % 2 == 0 {
            "running"
        } else {
            "stopping"
        };
        world.edit_instance(&id, |i| i.state = state.into());
        world.share(&model.world);
        let news = Msg::World {
            generation,
            world: Arc::new(world),
            complete: true,
        };
        update(&mut model, news);
        paint(&model);
    }
}

fn paint(model: &Model) {
    let look = Look::choose(&LookRequest {
        term: Some("xterm-256color".into()),
        ..LookRequest::default()
    });
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    terminal
        .draw(|frame| view(frame, model, &look.unwrap()))
        .unwrap();
}

/// A world of its own strings throughout, as an endpoint's answers make it: row by row, each held
/// against the older world as a poll does.
fn described(enis: u32, older: &World) -> World {
    let mut world = World::new("us-east-1", "111122223333");
    generate::each(enis, |row| match row {
        Row::Vpc(row) => world.put_vpc(anew(&row)),
        Row::Subnet(row) => world.put_subnet(anew(&row)),
        Row::Instance(row) => world.put_instance_as(anew(&row), older),
        Row::Eni(row) => world.put_eni_as(anew(&row), older),
    });
    world
}

fn anew<T: Serialize + DeserializeOwned>(resource: &T) -> T {
    serde_json::from_slice(&serde_json::to_vec(resource).unwrap()).unwrap()
}

/// Megabytes.
fn high_water_mark() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1_024
}
