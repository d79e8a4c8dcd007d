//! What a person sees: whole screens as text and as styles.

mod paint;

use enipilot::app::msg::Key;
use enipilot::runtime::stage::Stage;
use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;
use paint::Screen;

/// The default world as the program opens it, on a terminal of this size.
fn two_am(size: (u16, u16)) -> Stage {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    let sim = Sim::load("two-am.toml", text, 1).unwrap();
    let world = sim.world();
    let sky = enipilot::failover::sky::Sky::sim(sim.name(), &world.account, &world.region);
    let mut stage = Stage::new(sim, sky);
    stage.msg(enipilot::app::msg::Msg::Resize(size.0, size.1));
    stage
}

fn keys(stage: &mut Stage, keys: &str) {
    for c in keys.chars() {
        stage.key(match c {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            c => Key::Char(c),
        });
    }
}

#[test]
fn the_start_tells_the_story() {
    let size = (80, 24);
    let text = Screen::of(two_am(size).model(), size).text();
    for wanted in [
        "SIM two-am",
        "LOST 00:13",
        "IMPAIRED",
        "db-service",
        "f fail over",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
}

#[test]
fn every_blocker_is_seen_at_once() {
    let size = (80, 24);
    let mut stage = two_am(size);
    keys(&mut stage, "f");
    let text = Screen::of(stage.model(), size).text();
    for wanted in [
        "READY   hot attach at index 1",
        "BLOCKED AttachmentLimitExceeded",
        "BLOCKED InvalidParameterCombination",
        "BLOCKED IncorrectState",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
}
