//! The real program in a pseudo-terminal: its bytes, the screen they make, its line discipline.
//!
//! Every wait is for content and has an upper bound; nothing sleeps.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, Termios, tcgetattr};

/// No wait is longer. Far above anything expected, be it the minute after which a call without an answer
/// has had no effect: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What has come out of the program.
#[derive(Default)]
pub struct Output {
    pub bytes: Vec<u8>,
    pub parser: Option<vt100::Parser>,
    pub ended: bool,
    stop_reading: bool,
}

impl Output {
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.as_ref().unwrap().screen()
    }

    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Whole frames drawn so far, by their synchronized-update marks.
    pub fn frames(&self) -> usize {
        count(&self.bytes, b"\x1b[?2026l")
    }
}

pub fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|w| *w == part).count()
}

type Shared = Arc<(Mutex<Output>, Condvar)>;

pub struct Program {
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Shared,
    reader: Option<std::thread::JoinHandle<()>>,
    tty: PathBuf,
    pub cooked: Termios,
}

/// How to start a program.
pub struct Start {
    command: CommandBuilder,
    size: (u16, u16),
}

impl Start {
    /// The program itself with these arguments, in an environment that says nothing but what is
    /// set here.
    pub fn new(arguments: &[&str]) -> Self {
        Self::command(env!("CARGO_BIN_EXE_enipilot"), arguments)
    }

    pub fn command(program: &str, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        Self {
            command,
            size: (80, 24),
        }
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub fn run(self) -> Program {
        let (cols, rows) = self.size;
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let tty = pair.master.tty_name().unwrap();
        let cooked = tcgetattr(std::fs::File::open(&tty).unwrap()).unwrap();
        let child = pair.slave.spawn_command(self.command).unwrap();
        drop(pair.slave);
        let output: Shared = Arc::default();
        output.0.lock().unwrap().parser = Some(vt100::Parser::new(rows, cols, 0));
        let reader = pair.master.try_clone_reader().unwrap();
        let sink = Arc::clone(&output);
        let reader = std::thread::spawn(move || drain(reader, &sink));
        let writer = pair.master.take_writer().unwrap();
        Program {
            child,
            master: Some(pair.master),
            writer: Some(writer),
            output,
            reader: Some(reader),
            tty,
            cooked,
        }
    }
}

fn drain(mut reader: Box<dyn Read + Send>, output: &Shared) {
    let mut buffer = [0_u8; 65_536];
    loop {
        let n = reader.read(&mut buffer).unwrap_or(0);
        let (lock, news) = &**output;
        let mut output = lock.lock().unwrap();
        if n == 0 {
            output.ended = true;
            news.notify_all();
            return;
        }
        output.bytes.extend_from_slice(&buffer[..n]);
        output.parser.as_mut().unwrap().process(&buffer[..n]);
        news.notify_all();
        if output.stop_reading {
            return;
        }
    }
}

impl Program {
    pub fn send(&mut self, bytes: &[u8]) {
        self.writer.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Waits until the output is as wanted and gives what `look` makes of it.
    pub fn wait<T>(&self, what: &str, mut look: impl FnMut(&Output) -> Option<T>) -> T {
        let (lock, news) = &*self.output;
        let limit = Instant::now() + PATIENCE;
        let mut output = lock.lock().unwrap();
        loop {
            if let Some(found) = look(&output) {
                return found;
            }
            let left = limit.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} on:\n{}", output.text());
            output = news.wait_timeout(output, left).unwrap().0;
        }
    }

    pub fn wait_for_text(&self, text: &str) {
        self.wait(text, |o| o.text().contains(text).then_some(()));
    }

    pub fn look<T>(&self, look: impl FnOnce(&Output) -> T) -> T {
        look(&self.output.0.lock().unwrap())
    }

    /// Waits until the program's side of the line holds this many bytes that nobody has read.
    pub fn wait_until_queued(&self, bytes: usize) {
        let tty = std::fs::File::open(&self.tty).unwrap();
        let limit = Instant::now() + PATIENCE;
        loop {
            let queued = rustix::io::ioctl_fionread(&tty).unwrap();
            if queued == bytes as u64 {
                return;
            }
            assert!(Instant::now() < limit, "{queued} of {bytes} bytes");
            std::thread::yield_now();
        }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap();
        let kill = std::process::Command::new("kill")
            .args([format!("-{name}"), pid.to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    /// Waits for the end and gives the exit code.
    pub fn exit_code(&mut self) -> u32 {
        self.exit_within(PATIENCE)
    }

    pub fn exit_within(&mut self, time: Duration) -> u32 {
        let limit = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < limit, "still running after {time:?}");
            std::thread::yield_now();
        }
    }

    pub fn termios(&self) -> Termios {
        tcgetattr(std::fs::File::open(&self.tty).unwrap()).unwrap()
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let mut output = self.output.0.lock().unwrap();
        output
            .parser
            .as_mut()
            .unwrap()
            .screen_mut()
            .set_size(rows, columns);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Asserts that the terminal is as it was found.
    pub fn assert_restored(&self) {
        // Everything that was written before the end has to be read first.
        self.wait("main screen", |o| {
            let screen = o.screen();
            (!screen.alternate_screen() && !screen.hide_cursor()).then_some(())
        });
        self.look(|o| assert!(!o.screen().bracketed_paste()));
        let now = self.termios();
        assert_eq!(now.local_modes, self.cooked.local_modes);
        assert_eq!(now.input_modes, self.cooked.input_modes);
        assert_eq!(now.output_modes, self.cooked.output_modes);
        assert!(
            now.local_modes
                .contains(LocalModes::ICANON | LocalModes::ECHO)
        );
    }

    /// From now on nobody takes what the program writes.
    pub fn stop_reading(&mut self) {
        self.output.0.lock().unwrap().stop_reading = true;
    }

    /// The terminal goes away, as when a connection breaks. `key` must make the program write.
    pub fn hang_up(&mut self, key: &[u8]) {
        self.output.0.lock().unwrap().stop_reading = true;
        self.send(key);
        self.reader.take().unwrap().join().unwrap();
        drop(self.writer.take());
        drop(self.master.take());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(output) = self.output.0.lock()
        {
            println!("the screen at the end:\n{}", output.text());
        }
        // A test that failed must not leave its program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
