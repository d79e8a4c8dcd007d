//! The terminal's manners, on the real program in a pseudo-terminal.

use std::process::{Command, Stdio};

use crate::support::pty::{Output, Program, Start, count};

/// Stands on the first frame of the default world.
const START: &str = "db-service";

fn started() -> Program {
    started_with(Start::new(&[]))
}

fn started_with(start: Start) -> Program {
    let program = start.run();
    program.wait("first frame, whole", |o| (o.frames() > 0).then_some(()));
    program.look(|o| assert!(o.text().contains(START), "{}", o.text()));
    program.look(|o| assert!(o.text().contains("quit"), "{}", o.text()));
    program
}

#[test]
fn the_first_frame_stands_on_the_alternate_screen_in_raw_mode() {
    let program = started();
    program.look(|o| {
        assert!(o.screen().alternate_screen() && o.screen().hide_cursor());
        assert!(o.text().contains("SIM two-am"), "{}", o.text());
        assert_eq!(o.frames(), 1, "one frame is enough to begin with");
        assert_eq!(count(&o.bytes, b"\x1b[6n"), 0);
        assert_eq!(count(&o.bytes, b"\x1b[?1000h"), 0);
        assert_eq!(count(&o.bytes, b"\x1b[?2004h"), 0);
    });
    assert!(program.termios().local_modes != program.cooked.local_modes);
}

#[test]
fn quitting_gives_the_terminal_back() {
    let mut program = started();
    program.send(b"q");
    assert_eq!(program.exit_code(), 0);
    program.assert_restored();
}

#[test]
fn every_signal_gives_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("INT", 130), ("HUP", 129), ("QUIT", 131)] {
        let mut program = started();
        program.signal(name);
        assert_eq!(program.exit_code(), code, "{name}");
        program.assert_restored();
    }
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back_before_its_message() {
    let this = std::env::current_exe().unwrap();
    let arguments = [
        "--exact",
        "terminal::child_that_panics_in_a_thread",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut program = Start::command(this.to_str().unwrap(), &arguments).run();
    program.exit_code();
    program.wait_for_text("the message of the panic");
    program.assert_restored();
}

#[test]
#[ignore = "run by a_panic_in_any_thread_gives_the_terminal_back_before_its_message"]
fn child_that_panics_in_a_thread() {
    let terminal = enipilot::runtime::terminal::Terminal::new();
    terminal.take().unwrap();
    let thread = std::thread::spawn(|| panic!("the message of the panic"));
    assert!(thread.join().is_err() && terminal.has_panicked());
}

#[test]
fn ctrl_z_stops_and_a_continued_program_repaints() {
    let mut program = started();
    let pid = program.child.process_id().unwrap();
    program.send(b"\x1a");
    // Its line discipline is given back after its screen, and both before it stops.
    wait_for_state(pid, 'T');
    program.assert_restored();
    let before = program.look(|o| o.bytes.len());
    program.signal("CONT");
    program.wait("repainted screen", |o| {
        let again = o.screen().alternate_screen() && o.text().contains(START);
        (again && o.bytes.len() > before).then_some(())
    });
    program.send(b"q");
    assert_eq!(program.exit_code(), 0);
    program.assert_restored();
}

fn wait_for_state(pid: u32, state: char) {
    let limit = std::time::Instant::now() + crate::support::pty::PATIENCE;
    loop {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        if after_name.starts_with(state) {
            return;
        }
        assert!(std::time::Instant::now() < limit, "{stat}");
        std::thread::yield_now();
    }
}

#[test]
fn no_color_means_no_colour_and_a_visible_selection() {
    let mut program = started_with(Start::new(&[]).env("NO_COLOR", "1"));
    program.send(b"j");
    program.wait("second frame", |o| (o.frames() == 2).then_some(()));
    program.look(|o| {
        assert_eq!(count(&o.bytes, b"\x1b[m") + count(&o.bytes, b"\x1b[;m"), 0);
        let (rows, columns) = o.screen().size();
        let mut reversed = 0;
        for row in 0..rows {
            for column in 0..columns {
                let cell = o.screen().cell(row, column).unwrap();
                assert_eq!(cell.fgcolor(), vt100::Color::Default, "{row},{column}");
                assert_eq!(cell.bgcolor(), vt100::Color::Default, "{row},{column}");
                reversed += u32::from(cell.inverse());
            }
        }
        assert!(reversed > 0, "the selection is invisible");
    });
}

#[test]
fn a_c_locale_gets_ascii_only() {
    let mut program = started_with(Start::new(&[]).env("LANG", "C"));
    for key in ["j", "k", "f", "\x1b", "?"] {
        let frames = program.look(|o| o.frames());
        program.send(key.as_bytes());
        program.wait("frame", |o| (o.frames() > frames).then_some(()));
    }
    program.look(|o| {
        let beyond = o.bytes.iter().filter(|b| **b > 0x7f).count();
        assert_eq!(beyond, 0, "{}", o.text());
    });
}

#[test]
fn without_a_terminal_one_line_names_the_headless_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_enipilot"))
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("enipilot tree") && said.contains("ssh -t"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn a_terminal_that_nobody_knows_is_left_alone() {
    let mut program = Start::new(&[]).env("TERM", "").run();
    assert_eq!(program.exit_code(), 1);
    program.wait_for_text("enipilot tree");
    program.look(|o| assert!(!o.bytes.contains(&0x1b), "{}", o.text()));
}

#[test]
fn at_a_dumb_terminal_one_talks_in_lines() {
    let mut program = Start::new(&[]).env("TERM", "dumb").run();
    program.wait_for_text("? for all words");
    program.send(b"detach db-service detach\n");
    program.wait_for_text("db-service: detached from db-primary");
    program.send(b"quit\n");
    assert_eq!(program.exit_code(), 0);
    program.wait_for_text("Left.");
    program.look(|o| assert!(!o.bytes.contains(&0x1b), "{}", o.text()));
}

#[test]
fn queued_keys_are_drawn_once() {
    let mut program = started();
    let mut keys = vec![b'j'; 500];
    keys.push(b'?');
    // Stopped until the line holds all of them, so that none can be read before the others.
    let pid = program.child.process_id().unwrap();
    program.signal("STOP");
    wait_for_state(pid, 'T');
    program.send(&keys);
    program.wait_until_queued(keys.len());
    let begun = |o: &Output| count(&o.bytes, b"\x1b[?2026h");
    let before = program.look(begun);
    program.signal("CONT");
    program.wait_for_text("list where the selected interface could go");
    program.signal("TERM");
    assert_eq!(program.exit_code(), 143);
    program.wait("end", |o| o.ended.then_some(()));
    // One for the keys, one for being continued, whichever comes first.
    let drawn = program.look(begun) - before;
    assert!((1..=2).contains(&drawn), "{drawn} frames for 501 keys");
}

#[test]
fn every_byte_of_a_frame_stands_between_its_marks() {
    let mut program = started();
    for (n, key) in ["j", "k", "\x1b[B", "?", "\x1b"].iter().enumerate() {
        program.send(key.as_bytes());
        program.wait("frame", |o| (o.frames() == n + 2).then_some(()));
    }
    program.look(|o| {
        let text = String::from_utf8_lossy(&o.bytes);
        let mut outside = String::new();
        for (n, part) in text.split("\x1b[?2026h").enumerate() {
            match part.split_once("\x1b[?2026l") {
                Some((_, after)) => outside.push_str(after),
                None if n == 0 => {}
                None => panic!("a frame without an end: {part:?}"),
            }
        }
        assert_eq!(outside, "");
    });
}

#[test]
fn a_cursor_move_is_cheap() {
    let mut program = started_with(Start::new(&[]).size(120, 40));
    program.send(b"g");
    program.wait("frame", |o| (o.frames() == 2).then_some(()));
    let mut costs = Vec::new();
    for _ in 0..12 {
        let (frames, bytes) = program.look(|o| (o.frames(), o.bytes.len()));
        program.send(b"j");
        let end = program.wait("frame", |o| {
            let whole = count(&o.bytes, b"\x1b[?2026l") > frames;
            whole.then_some(o.bytes.len())
        });
        costs.push(end - bytes);
    }
    costs.sort_unstable();
    let median = costs[costs.len() / 2];
    assert!(median <= 1_200, "{costs:?}");
}

#[test]
fn a_resize_is_painted_for_its_new_size() {
    let mut program = started();
    program.resize(100, 30);
    program.wait("footer on the last line", |o| {
        let last = o.screen().contents_between(29, 0, 29, 99);
        last.contains("quit").then_some(())
    });
    program.resize(50, 10);
    program.wait_for_text("50x10");
    program.resize(80, 24);
    program.wait_for_text("SIM two-am");
    program.send(b"q");
    assert_eq!(program.exit_code(), 0);
    program.look(|o| assert_eq!(count(&o.bytes, b"\x1b[6n"), 0));
}

#[test]
fn a_dead_terminal_ends_the_program_even_if_hang_ups_are_ignored() {
    let line = format!("trap '' HUP; exec {}", env!("CARGO_BIN_EXE_enipilot"));
    let mut program = started_with(Start::command("/bin/sh", &["-c", &line]));
    program.hang_up(b"j");
    // The exit code says "hang-up"; a machine under load may take its time.
    assert_eq!(program.exit_code(), 129);
}

/// The plan of a simulated failover is on the screen; nothing has been done.
fn planned() -> Program {
    let start = Start::new(&["--speed", "1000"]).size(120, 40);
    let mut program = started_with(start);
    for (key, seen) in [("f", "READY"), ("\r", "preflight")] {
        program.send(key.as_bytes());
        program.wait_for_text(seen);
    }
    program
}

#[test]
fn a_signal_in_the_middle_of_a_simulated_walk_lets_it_land() {
    let mut program = planned();
    program.send(b"n");
    program.wait_for_text("nobody holds 10.0.1.50");
    program.signal("TERM");
    // The code is the operation's, not the signal's: it is done.
    assert_eq!(program.exit_code(), 0);
    program.wait_for_text("is on db-standby, verified");
    program.assert_restored();
}

#[test]
fn a_signal_before_a_simulated_walk_is_a_signal() {
    let mut program = planned();
    program.signal("TERM");
    assert_eq!(program.exit_code(), 143);
    program.assert_restored();
    program.look(|o| assert!(!o.text().contains("operation"), "{}", o.text()));
}
