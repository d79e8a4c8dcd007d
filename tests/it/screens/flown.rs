//! What a person sees when a flight does not go as forecast, flown on the real engine and
//! simulator: a guest that never wakes up, somebody else, a late route; and what a client's strip
//! makes of a slow guest and of a service that does not run.

use std::time::Duration;

use enipilot::app::msg::Key;
use enipilot::ec2::sample::{Reply, Strip};
use enipilot::failover::status::Ending;
use enipilot::runtime::stage::Stage;
use enipilot::sim::worldfile::EMBEDDED;

use super::paint::Screen;
use super::scenes::{ENI, STANDBY, Size, stage};
use super::{FLOOR, WIDE, assert_screen};

/// `two-am` with one line put behind another one, and more at its end.
fn changed(size: Size, behind: &str, line: &str, more: &str) -> Stage {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    assert!(text.contains(behind), "{behind}");
    let text = text.replacen(behind, &format!("{behind}\n{line}"), 1) + more;
    stage("changed.toml", &text, size)
}

/// Plans the move to the best candidate and presses one more key.
fn fly(stage: &mut Stage, key: char) {
    for key in [Key::Char('f'), Key::Enter, Key::Char(key)] {
        stage.key(key);
    }
}

fn pass(stage: &mut Stage, seconds: u64) {
    stage.advance(stage.now() + Duration::from_secs(seconds));
}

fn on_both(name: &str, make: impl Fn(Size) -> Stage) {
    for (size, word) in [(FLOOR, "80x24"), (WIDE, "120x40")] {
        let stage = make(size);
        let screen = Screen::of(stage.model(), size);
        assert_screen(&format!("screen-{name}-{word}"), &screen);
    }
}

const STANDBY_LINE: &str = "id = \"i-0d1a2b3c4d5e6f702\"";

#[test]
fn a_guest_that_never_wakes_up_is_attached_and_does_not_answer() {
    on_both("guest-never-up", |size| {
        let mut stage = changed(size, STANDBY_LINE, "guest_never_up = true", "");
        fly(&mut stage, 'r');
        pass(&mut stage, 30);
        assert_eq!(stage.ending(), Some(&Ending::Done));
        stage
    });
}

#[test]
fn somebody_else_who_attaches_it_meanwhile_is_named_and_left_alone() {
    let other = r#"
[[event]]
at = "+14s"
by = "a colleague"
call = { action = "AttachNetworkInterface", eni = "db-service", instance = "db-primary", device_index = 2 }
"#;
    on_both("second-operator", |size| {
        let mut stage = changed(size, "[client.app]", "", other);
        // Stepping: the detach, then nobody presses a key for a while.
        fly(&mut stage, 'n');
        pass(&mut stage, 12);
        let eni = stage.sim().world().eni(&ENI.into()).unwrap().clone();
        assert!(eni.attachment.is_none(), "detached by then");
        stage.key(Key::Char('n'));
        pass(&mut stage, 8);
        stage
    });
}

#[test]
fn a_late_route_is_a_mismatch_that_says_what_to_do() {
    on_both("late-route", |size| {
        let late = "\n[timings]\nroute = \"90s\"\n";
        let mut stage = changed(size, "[client.app]", "", late);
        // Stepping leaves the route time to turn blackhole; the way back is as slow.
        fly(&mut stage, 'n');
        pass(&mut stage, 100);
        stage.key(Key::Char('r'));
        pass(&mut stage, 60);
        assert_eq!(stage.ending(), Some(&Ending::Done));
        stage
    });
}

fn outage_of(stage: &Stage) -> (Strip, Duration) {
    let strip = stage.sim().strips()[0].clone();
    let outage = strip.outage().unwrap();
    let eni = stage.sim().world().eni(&ENI.into()).unwrap().clone();
    let attached = eni.attachment.clone().unwrap().attach_time.unwrap();
    let answered = outage.first_good.expect("answered again");
    (strip, answered.since(attached))
}

#[test]
fn the_strip_shows_a_guest_that_takes_four_seconds() {
    let attach = "\n[timings]\nattach = \"1s\"\n";
    let seen = |delay: &str| {
        let line = format!("guest_delay = \"{delay}\"");
        let mut stage = changed(FLOOR, STANDBY_LINE, &line, attach);
        fly(&mut stage, 'r');
        pass(&mut stage, 40);
        let (strip, after) = outage_of(&stage);
        let lost = strip
            .samples
            .iter()
            .filter(|s| matches!(&s.reply, Reply::Lost(why) if why.contains("guest not up yet")));
        assert_eq!(strip.last_answer().unwrap().1, &STANDBY.into());
        (after, lost.count())
    };
    // Attached after 1 s; a client asks every 250 ms.
    let interval = Duration::from_millis(250);
    let (after, lost) = seen("4s");
    assert!(after >= Duration::from_secs(5) && after <= Duration::from_secs(5) + interval);
    assert_eq!(lost, 16);
    let (after, lost) = seen("0s");
    assert!(after >= Duration::from_secs(1) && after <= Duration::from_secs(1) + interval);
    assert_eq!(lost, 0);
}

#[test]
fn the_strip_says_that_nothing_listens_where_the_service_is_stopped() {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    let text = text.replace(
        "on = [\"db-primary\", \"db-standby\"]",
        "on = [\"db-primary\"]",
    );
    let mut stage = stage("stopped.toml", &text, FLOOR);
    fly(&mut stage, 'r');
    pass(&mut stage, 40);
    assert_eq!(stage.ending(), Some(&Ending::Done), "EC2 did its part");
    let strip = &stage.sim().strips()[0];
    let last = strip.samples.back().unwrap();
    assert_eq!(
        last.reply,
        Reply::Lost("db-standby: nothing listens on 5432".into())
    );
    assert_eq!(strip.outage().unwrap().first_good, None, "the outage lasts");
    assert_screen(
        "screen-nothing-listens-80x24",
        &Screen::of(stage.model(), FLOOR),
    );
}
