//! The same on the screen, in a pseudo-terminal that can be closed.

use enipilot::failover::mechanism::Mechanism;

use super::aloft::Phase;
use super::pilot::{ENI, Pilot};
use super::way;
use crate::support::pty::{Program, Start};

/// What happens to the screen, or its terminal, while its operation is under way.
pub fn happen(pilot: &Pilot, what: &str, phase: Phase, exits: i32) {
    let mut program = match what {
        // Hang-ups are ignored, as under nohup.
        "terminal-closed-deaf" => flying(pilot, phase, Some("trap '' HUP; exec \"$0\" \"$@\"")),
        _ => flying(pilot, phase, None),
    };
    match what {
        "terminal-closed" | "terminal-closed-deaf" => {
            program.hang_up(b"?");
            pilot.served.release();
        }
        "screen-SIGTERM" => {
            program.signal("TERM");
            program.wait_for_text("safe end");
            pilot.served.release();
        }
        "screen-SIGKILL" => program.signal("KILL"),
        other => panic!("nothing is known of {other}"),
    }
    // Death by a signal is 1 to the pseudo-terminal's library, and 137 to a shell.
    let shell = |code: u32| {
        if what == "screen-SIGKILL" {
            code + 136
        } else {
            code
        }
    };
    assert_eq!(shell(program.exit_code()), u32::try_from(exits).unwrap());
    if what == "screen-SIGTERM" {
        program.wait_for_text("verified");
        program.assert_restored();
    }
}

/// Whoever starts the screen sees the banner, and takes the operation up with `key`: also while EC2
/// is still at what the dead process asked for.
pub fn take_up(pilot: &Pilot, key: &[u8]) {
    let mut program = open(pilot, None);
    program.wait_for_text("R finish  P put back");
    program.send(key);
    agree(&mut program);
    program.wait_for_text("takeover by process");
    pilot.served.release();
    program.wait_for_text("esc close");
    program.send(b"\x1b");
    program.wait_for_text("q quit");
    program.send(b"q");
    assert_eq!(program.exit_code(), 0);
}

/// The screen with its operation under way.
fn flying(pilot: &Pilot, phase: Phase, shell: Option<&str>) -> Program {
    let mut program = open(pilot, shell);
    program.send(b"/db-service\r");
    program.wait_for_text("device index");
    program.send(b"f");
    program.wait_for_text("READY");
    program.send(b"\r");
    program.wait_for_text("preflight");
    choose(&mut program, pilot.way);
    // The footer offers it once the place that the program runs at has been judged.
    program.wait_for_text("run all");
    program.send(b"r");
    agree(&mut program);
    phase.reached(pilot.served);
    program
}

/// Another way than the one that the plan is made for at first.
fn choose(program: &mut Program, way: Mechanism) {
    if way == Mechanism::Interface {
        return;
    }
    program.send(b"m");
    program.wait_for_text("what shall move");
    // All four fit here, and the list has them in their own order.
    let rows_down = Mechanism::ALL.iter().position(|other| *other == way);
    program.send(&b"j".repeat(rows_down.unwrap()));
    program.wait_for_text(&format!("▸ {}", way::on_the_screen(way)));
    program.send(b"\r");
}

fn agree(program: &mut Program) {
    // What is typed before the place has been judged does not count.
    program.wait("dialog", |o| {
        let text = o.text();
        (text.contains("last six") && !text.contains("looking at the place")).then_some(())
    });
    program.send(&ENI.as_bytes()[ENI.len() - 6..]);
    program.send(b"\r");
}

fn open(pilot: &Pilot, shell: Option<&str>) -> Program {
    let state = pilot.state().to_str().unwrap();
    let live = pilot.live();
    let arguments = [&live[..], &["--state-dir", state]].concat();
    let start = match shell {
        None => Start::new(&arguments),
        Some(script) => {
            let words = ["-c", script, env!("CARGO_BIN_EXE_enipilot")];
            Start::command("sh", &[&words[..], &arguments[..]].concat())
        }
    };
    let program = start
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .size(120, 40)
        .run();
    program.wait("the whole inventory", |o| {
        let text = o.text();
        (text.contains("db-primary") && !text.contains("loading")).then_some(())
    });
    program
}
