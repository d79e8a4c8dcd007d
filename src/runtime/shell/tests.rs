//! The loop on a clock that is moved by hand: draws, bytes and waits are counted, nothing sleeps.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use rustix::io::Errno;

use super::*;
use crate::app::msg::Key;
use crate::failover::sky::Sky;
use crate::runtime::sim_host::SimHost;
use crate::runtime::stage::Stage;
use crate::sim::Sim;
use crate::sim::worldfile::EMBEDDED;
use crate::tui::look::LookRequest;

/// A terminal that takes everything, and a clock that stands until somebody waits.
struct Bench {
    began: Instant,
    now: Instant,
    /// What happens, and when.
    script: VecDeque<(Duration, Event)>,
    /// When something was written, and how many bytes.
    writes: Vec<(Duration, usize)>,
    /// When the loop woke up without an event.
    wakes: Vec<Duration>,
    /// It waited without a limit: nothing but an event would ever wake it.
    rests: bool,
    /// What was done to the terminal, in order; it can be read when the loop has ended.
    done: Rc<RefCell<Vec<&'static str>>>,
}

impl Bench {
    fn new(script: Vec<(Duration, Event)>) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            now,
            script: script.into(),
            writes: Vec::new(),
            wakes: Vec::new(),
            rests: false,
            done: Rc::default(),
        }
    }

    fn at(&self) -> Duration {
        self.now - self.began
    }
}

impl Ground for Bench {
    fn now(&self) -> Instant {
        self.now
    }

    fn wait(&mut self, until: Option<Instant>) -> Result<Event, Quiet> {
        let next = self.script.front().map(|(at, _)| self.began + *at);
        if let Some(at) = next
            && until.is_none_or(|until| at <= until)
        {
            self.now = self.now.max(at);
            let (_, event) = self.script.pop_front().unwrap();
            return Ok(event);
        }
        let Some(until) = until else {
            self.rests = true;
            return Err(Quiet::Ended);
        };
        if until > self.now {
            self.now = until;
            self.wakes.push(self.at());
        }
        Err(Quiet::Silence)
    }

    fn has_input(&self) -> bool {
        false
    }

    fn size(&self) -> (u16, u16) {
        (120, 40)
    }

    fn take(&mut self) -> Result<(), Errno> {
        self.done.borrow_mut().push("taken");
        Ok(())
    }

    fn give_back(&mut self) {
        self.done.borrow_mut().push("given back");
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        if !bytes.is_empty() {
            self.done.borrow_mut().push("written");
            self.writes.push((self.at(), bytes.len()));
        }
        Ok(())
    }

    fn mark_dead(&mut self) {
        self.done.borrow_mut().push("dead");
    }

    fn has_panicked(&self) -> bool {
        false
    }
}

/// `two-am`, as a person would find it.
fn two_am(now: Instant) -> SimHost {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    let sim = Sim::load("two-am.toml", text, 1).unwrap();
    let sky = Sky::sim("two-am", "111122223333", "us-east-1");
    SimHost::new(Stage::new(sim, sky), 1.0, now)
}

/// Shows a host to a loop on this bench.
fn shown<H: Host, R>(bench: Bench, host: &mut H, act: impl FnOnce(Shell<'_, Bench, H>) -> R) -> R {
    let request = LookRequest {
        term: Some("xterm-256color".to_owned()),
        locale: Some("C.UTF-8".to_owned()),
        ..LookRequest::default()
    };
    let setup = Setup {
        look: Look::choose(&request).unwrap(),
        state_dir: None,
        tmux: false,
    };
    act(Shell::new(bench, &setup, host).unwrap())
}

/// Runs it until this moment, or until nothing would ever happen again; gives what was seen.
fn play(script: Vec<(Duration, Event)>, upto: Duration) -> Bench {
    let bench = Bench::new(script);
    let mut host = two_am(bench.now);
    play_on(bench, &mut host, upto)
}

fn play_on(bench: Bench, host: &mut impl Host, upto: Duration) -> Bench {
    shown(bench, host, |mut shell| {
        while shell.ground.at() < upto && !shell.ground.rests {
            let turned = shell.turn();
            assert!(turned.is_ok() || shell.ground.rests, "{turned:?}");
        }
        shell.ground
    })
}

fn typed(at: Duration, text: &str) -> (Duration, Event) {
    let keys = text.chars().map(|c| Typed::Key(Key::Char(c)));
    (at, Event::Typed(keys.collect()))
}

const SOON: Duration = Duration::from_millis(100);

#[test]
fn queued_keys_are_drawn_once() {
    let mut script: Vec<_> = (0..500).map(|_| typed(SOON, "j")).collect();
    script.push(typed(SOON, "?"));
    let seen = play(script, Duration::from_secs(60));
    let frames = seen.writes.iter().filter(|(at, _)| *at >= SOON).count();
    assert_eq!(frames, 1, "{:?}", seen.writes);
}

#[test]
fn a_queue_that_arrives_in_pieces_is_drawn_once() {
    // A line delivers what was queued in pieces, and its reader may be slow.
    let piece = "j".repeat(64);
    let script = (0..4).map(|n| typed(SOON + Duration::from_millis(4) * n, &piece));
    let seen = play(script.collect(), Duration::from_secs(60));
    let frames = seen.writes.iter().filter(|(at, _)| *at >= SOON).count();
    assert_eq!(frames, 1, "{:?}", seen.writes);
}

#[test]
fn keys_without_end_do_not_hold_back_the_draw() {
    let script = (0..200).map(|n| {
        // Each piece ends on another row, so that each frame differs from the one before.
        let row = n as usize % 8;
        let piece = "g".repeat(20 - row) + &"j".repeat(row);
        typed(SOON + Duration::from_millis(5) * n, &piece)
    });
    let seen = play(script.collect(), Duration::from_secs(60));
    let typing = seen.writes.iter().map(|(at, _)| *at);
    let typing: Vec<Duration> = typing.filter(|at| *at >= SOON).collect();
    assert!(typing.len() > 10, "{typing:?}");
    let gaps = typing.windows(2).map(|w| w[1] - w[0]);
    assert!(gaps.max().unwrap() <= DRAIN_MAX + BURST_WAIT, "{typing:?}");
}

#[test]
fn a_paused_world_draws_once_and_waits_for_nothing_but_events() {
    let seen = play(Vec::new(), Duration::from_secs(3_600));
    assert_eq!(seen.writes.len(), 1, "{:?}", seen.writes);
    assert!(seen.rests && seen.wakes.is_empty(), "{:?}", seen.wakes);
}

#[test]
fn a_running_clock_and_strip_cost_a_draw_a_second_and_a_hundred_bytes() {
    let seen = play(vec![typed(SOON, " ")], Duration::from_secs(300));
    let running: Vec<_> = seen.writes.iter().filter(|(at, _)| *at > SOON).collect();
    assert!(running.len() > 250, "it does not run: {running:?}");
    for pair in running.windows(2) {
        let rest = pair[1].0 - pair[0].0;
        // What happens in the world, such as an instance that has stopped, is drawn at once.
        let news = pair[1].1 > 100;
        assert!(rest >= CLOCK_DRAW || news, "{pair:?}");
    }
    for ten in running.windows(10) {
        let bytes: usize = ten.iter().map(|(_, bytes)| bytes).sum();
        assert!(bytes <= 1_000, "{bytes} bytes in ten draws: {ten:?}");
    }
    // Besides the draws it wakes only for what happens behind the screen.
    assert!(seen.wakes.len() < 320, "{} wakes", seen.wakes.len());
}

/// A host whose world others change as well: once, as soon as the first frame of it is made.
struct Shared {
    host: SimHost,
    frames: Cell<u64>,
}

impl Host for Shared {
    fn with_model<R>(&self, look: impl FnOnce(&Model) -> R) -> R {
        self.frames.set(self.frames.get() + 1);
        self.host.with_model(look)
    }

    fn msg(&mut self, msg: Msg) {
        self.host.msg(msg);
    }

    fn pass(&mut self, now: Instant) {
        self.host.pass(now);
    }

    fn wake(&self, now: Instant) -> Option<Instant> {
        self.host.wake(now)
    }

    fn ticks(&self) -> bool {
        self.host.ticks()
    }

    fn changes(&self) -> u64 {
        self.host.changes() + self.frames.get().min(1)
    }

    fn take_outbox(&mut self) -> Vec<Outward> {
        self.host.take_outbox()
    }

    fn busy(&self) -> Option<&'static str> {
        None
    }
}

#[test]
fn what_others_change_while_a_frame_is_written_is_drawn_by_the_next_one() {
    let bench = Bench::new(vec![(SOON, Event::Nudge)]);
    let mut host = Shared {
        host: two_am(bench.now),
        frames: Cell::new(0),
    };
    let seen = play_on(bench, &mut host, Duration::from_secs(1));
    assert!(seen.rests, "and no more than that");
    assert_eq!(host.frames.get(), 2);
}

#[test]
fn a_terminal_that_is_gone_gets_no_byte_more() {
    // What else has come with the end would have been drawn.
    let script = vec![
        typed(SOON, "j"),
        (SOON, Event::HangUp),
        typed(SOON, "j"),
        (SOON, Event::Msg(Msg::Note("news".to_owned()))),
    ];
    let bench = Bench::new(script);
    let done = Rc::clone(&bench.done);
    let mut host = two_am(bench.now);
    assert_eq!(shown(bench, &mut host, |shell| shell.run()), Leave::HangUp);
    assert_eq!(*done.borrow(), ["taken", "written", "dead", "given back"]);
}
