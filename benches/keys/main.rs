//! What a key costs, in worlds of 100 to 100,000 network interfaces with everything expanded.
//!
//! A move of the cursor must cost the same at every size; the filter may grow with the world.

#![allow(missing_docs, clippy::unwrap_used)]

mod generate;

use std::sync::Arc;

use divan::{Bencher, black_box};
use enipilot::app::model::Model;
use enipilot::app::msg::{Key, Msg};
use enipilot::app::update::update;
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::sky::Sky;
use enipilot::tui::{Look, LookRequest, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// Everything expanded, the cursor in the middle.
fn model(enis: u32) -> Model {
    let sky = Sky::sim("bench", "111122223333", "us-east-1");
    let world = Arc::new(folded(enis));
    let mut model = Model::new(sky, world, Time::from_millis(0), None);
    update(&mut model, Msg::Resize(120, 40));
    model.tree.open_all();
    let middle = isize::try_from(model.tree.rows.len() / 2).unwrap();
    model.tree.move_by(middle);
    model
}

fn press(model: &mut Model, key: Key) {
    black_box(update(model, Msg::Key(key)));
}

/// `j` and `k`: update, footer hints and the rows in view.
#[divan::bench(args = SIZES)]
fn cursor(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    let keys = [
        Key::Char('j'),
        Key::Char('j'),
        Key::Char('k'),
        Key::Char('k'),
    ];
    let mut keys = keys.iter().cycle();
    bencher.bench_local(|| {
        press(&mut model, *keys.next().unwrap());
        black_box(enipilot::app::keymap::available(&model));
        black_box(model.tree.view(30));
    });
}

/// `j` and `k` to the frame: update and a whole screen painted, 120x40.
#[divan::bench(args = SIZES)]
fn cursor_to_frame(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    let look = Look::choose(&LookRequest {
        term: Some("xterm-256color".into()),
        locale: Some("C.UTF-8".into()),
        ..LookRequest::default()
    });
    let look = look.unwrap();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let keys = [
        Key::Char('j'),
        Key::Char('j'),
        Key::Char('k'),
        Key::Char('k'),
    ];
    let mut keys = keys.iter().cycle();
    bencher.bench_local(|| {
        press(&mut model, *keys.next().unwrap());
        terminal.draw(|frame| view(frame, &model, &look)).unwrap();
    });
}

/// Page down and up.
#[divan::bench(args = SIZES)]
fn page(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    let mut keys = [Key::PageDown, Key::PageUp].iter().cycle();
    bencher.bench_local(|| press(&mut model, *keys.next().unwrap()));
}

/// Closing and opening the row under the cursor.
#[divan::bench(args = SIZES)]
fn toggle(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    while !model.tree.row().unwrap().has_children {
        press(&mut model, Key::Char('k'));
    }
    bencher.bench_local(|| press(&mut model, Key::Enter));
}

/// One more letter in the filter, and back; the first makes the haystack and is not counted.
#[divan::bench(args = SIZES)]
fn filter(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    for key in [Key::Char('/'), Key::Char('w'), Key::Char('e')] {
        press(&mut model, key);
    }
    let mut keys = [Key::Char('b'), Key::Backspace].iter().cycle();
    bencher.bench_local(|| press(&mut model, *keys.next().unwrap()));
}

/// A filter that finds one interface.
#[divan::bench(args = SIZES)]
fn filter_one(bencher: Bencher, enis: u32) {
    let mut model = model(enis);
    press(&mut model, Key::Char('/'));
    for c in "10.0.0.2".chars() {
        press(&mut model, Key::Char(c));
    }
    let mut keys = [Key::Char('1'), Key::Backspace].iter().cycle();
    bencher.bench_local(|| press(&mut model, *keys.next().unwrap()));
}

/// Takes turns with two worlds.
fn take(bencher: Bencher, mut model: Model, worlds: [Arc<World>; 2]) {
    let mut next = worlds.iter().cycle();
    let mut generation = 0;
    bencher.bench_local(|| {
        generation += 1;
        let world = Arc::clone(next.next().unwrap());
        let news = Msg::World {
            generation,
            world,
            complete: true,
        };
        update(&mut model, news);
    });
}

/// A world in which one instance's state differs; everything else is shared.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn world(bencher: Bencher, enis: u32) {
    let model = model(enis);
    let before = Arc::clone(&model.world);
    let mut after = before.as_ref().clone();
    let id = after.instances().next().unwrap().id.clone();
    after.edit_instance(&id, |i| i.state = "stopping".into());
    take(bencher, model, [Arc::new(after), before]);
}

/// The same, as a poll brings it: described anew, and shared where the poller finds it equal.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn world_polled(bencher: Bencher, enis: u32) {
    let model = model(enis);
    let before = Arc::clone(&model.world);
    let mut after = folded(enis);
    let id = after.instances().next().unwrap().id.clone();
    after.edit_instance(&id, |i| i.state = "stopping".into());
    assert!(!after.share(&before));
    take(bencher, model, [Arc::new(after), before]);
}

/// What the poller does with a world described anew, beside the screen.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn share(bencher: Bencher, enis: u32) {
    let before = folded(enis);
    let one = || {
        let mut after = folded(enis);
        let id = after.instances().next().unwrap().id.clone();
        after.edit_instance(&id, |i| i.state = "stopping".into());
        after
    };
    let bencher = bencher.with_inputs(one);
    bencher.bench_local_values(|mut after| {
        after.share(&before);
        after
    });
}

/// One interface moves to another instance: the tree has another shape.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn world_moved(bencher: Bencher, enis: u32) {
    let model = model(enis);
    let before = Arc::clone(&model.world);
    let mut after = before.as_ref().clone();
    let target = after.instances().next().unwrap().id.clone();
    let id = after.enis().last().unwrap().id.clone();
    after.edit_eni(&id, |e| {
        let attachment = e.attachment.as_mut().unwrap();
        attachment.instance_id = Some(target);
        attachment.device_index = 2;
    });
    take(bencher, model, [Arc::new(after), before]);
}

/// The copy of a world that a simulated change costs.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn world_edited(bencher: Bencher, enis: u32) {
    let mut world = Arc::new(folded(enis));
    let id = world.enis().last().unwrap().id.clone();
    bencher.bench_local(|| {
        let published = Arc::clone(&world);
        Arc::make_mut(&mut world).edit_eni(&id, |e| e.status = "in-use".into());
        published
    });
}

/// A world of `enis` network interfaces, half of them secondary.
fn folded(enis: u32) -> World {
    let mut world = World::new("us-east-1", "111122223333");
    generate::each(enis, |row| match row {
        generate::Row::Vpc(vpc) => world.put_vpc(vpc),
        generate::Row::Subnet(subnet) => world.put_subnet(subnet),
        generate::Row::Instance(instance) => world.put_instance(instance),
        generate::Row::Eni(eni) => world.put_eni(eni),
    });
    world
}
