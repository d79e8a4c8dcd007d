//! The real program in a pseudo-terminal: how long until its first full frame stands, and what it
//! costs while nothing happens. `cargo bench --no-default-features --bench start`; Linux only, where
//! it asks `/proc`.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::io::Read;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const RUNS: usize = 20;
const FRAME_END: &[u8] = b"\x1b[?2026l";
const FIRST_FRAME_MAX: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    // `cargo bench` passes options, `cargo test --benches` none: then once is enough.
    let runs = if std::env::args().any(|a| a == "--bench") {
        RUNS
    } else {
        1
    };
    for (columns, rows) in [(80, 24), (120, 40)] {
        first_frame(columns, rows, runs);
    }
    idle();
}

/// A running program and what it writes, with the moment at which each piece was read.
struct Program {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<(Instant, Vec<u8>)>,
    spawned: Instant,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    fn start(cols: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(n) = reader.read(&mut buffer)
                && n > 0
                && sender.send((Instant::now(), buffer[..n].to_vec())).is_ok()
            {}
        });
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_enipilot"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let spawned = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        Self {
            child,
            output,
            spawned,
            _master: pair.master,
        }
    }

    /// From the spawn to the end of the first frame, and its bytes.
    fn first_frame(&self) -> (Duration, usize) {
        let mut bytes = Vec::new();
        loop {
            let (at, piece) = self.output.recv().unwrap();
            bytes.extend(piece);
            if bytes.windows(FRAME_END.len()).any(|w| w == FRAME_END) {
                return (at - self.spawned, bytes.len());
            }
        }
    }

    /// A file of the program below `/proc`.
    fn proc(&self, name: &str) -> PathBuf {
        let pid = self.child.process_id().unwrap();
        PathBuf::from(format!("/proc/{pid}/{name}"))
    }

    fn status(&self, member: &str) -> u64 {
        let text = std::fs::read_to_string(self.proc("status")).unwrap_or_default();
        number(&text, member)
    }

    /// How often any thread has gone to sleep so far: each wake-up ends in another one.
    fn sleeps(&self) -> u64 {
        let tasks = std::fs::read_dir(self.proc("task")).into_iter().flatten();
        let texts = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("status")));
        texts
            .map(|text| number(&text.unwrap_or_default(), "voluntary_ctxt_switches"))
            .sum()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn number(status: &str, member: &str) -> u64 {
    let line = status.lines().find_map(|l| l.strip_prefix(member));
    let word = line.and_then(|l| l.trim_start_matches(':').split_whitespace().next());
    word.and_then(|w| w.parse().ok()).unwrap_or(0)
}

fn first_frame(columns: u16, rows: u16, runs: usize) {
    let seen: Vec<_> = (0..runs)
        .map(|_| Program::start(columns, rows).first_frame())
        .collect();
    let mut times: Vec<Duration> = seen.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let median = times[times.len() / 2];
    let verdict = if median <= FIRST_FRAME_MAX {
        "within"
    } else {
        "OVER"
    };
    println!(
        "first frame {columns}x{rows}: median {} of {runs} runs ({} to {}), {} bytes; {verdict} {}",
        millis(median),
        millis(times[0]),
        millis(times[times.len() - 1]),
        seen[0].1,
        millis(FIRST_FRAME_MAX),
    );
}

fn idle() {
    let program = Program::start(120, 40);
    program.first_frame();
    // Threads that have just drawn go to sleep before the count begins.
    quiet(&program, Duration::from_millis(200));
    let before = program.sleeps();
    let bytes = quiet(&program, IDLE);
    let wakes = program.sleeps() - before;
    println!("idle for {IDLE:?}: {bytes} bytes written, {wakes} wake-ups; of each 0 is allowed");
    println!(
        "memory: {} KiB resident, {} KiB at most, {} threads",
        program.status("VmRSS"),
        program.status("VmHWM"),
        program.status("Threads"),
    );
}

/// Bytes that come within this time.
fn quiet(program: &Program, time: Duration) -> usize {
    let until = Instant::now() + time;
    let mut bytes = 0;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match program.output.recv_timeout(left) {
            Ok((_, piece)) => bytes += piece.len(),
            Err(RecvTimeoutError::Timeout) => return bytes,
            Err(RecvTimeoutError::Disconnected) => panic!("the program has ended"),
        }
    }
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
