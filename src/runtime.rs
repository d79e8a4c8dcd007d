//! The loop: terminal, clock, effects, engine task, poller, host of the simulator.
//!
//! Invariants: the only place that spawns, sleeps and reads clocks; nothing awaits I/O between a
//! key and its frame; input is drained before a draw; a frame is one write.

pub mod canvas;
pub mod clock;
pub mod decode;
pub mod event;
pub mod flight;
pub mod headless;
mod landed;
pub mod launch;
pub mod left;
mod live;
mod osc52;
mod pace;
mod permission;
pub mod probe;
pub mod serve;
mod shell;
mod sim_host;
pub mod stage;
pub mod surroundings;
pub mod terminal;
mod watch;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use crate::app::school::School;
use crate::cloud::port;
use crate::failover::sky::Sky;
use crate::lessons::course;
use crate::sim::Sim;
use crate::tui::look::LookRequest;
use crate::tui::theme::ThemeError;
use clock::WallClock;
use landed::Landed;
use shell::ground::Real;
use shell::{Leave, Setup, Shell};
use sim_host::SimHost;
use stage::Stage;
use terminal::{NoTerminal, Terminal};
use watch::Watch;

/// What the command line says of the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `--theme`.
    pub theme: Option<String>,
    /// `--no-color`; NO_COLOR in the environment counts as well.
    pub no_color: bool,
    /// `--ascii`.
    pub ascii: bool,
    /// `--state-dir`.
    pub state_dir: Option<PathBuf>,
    /// `--speed`: virtual seconds a second.
    pub speed: Option<f64>,
    /// `--probe`: the service that is asked while a live endpoint is on the screen.
    pub probe: Option<SocketAddr>,
}

/// Why the screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no terminal to draw on.
    #[error(transparent)]
    NoTerminal(#[from] NoTerminal),
    /// The theme is unknown or broken.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The terminal refused.
    #[error("the terminal cannot be set up: {0}")]
    Terminal(#[from] rustix::io::Errno),
    /// The world cannot be loaded.
    #[error("{0}")]
    World(String),
    /// A thread could not be started.
    #[error("the program cannot be set up: {0}")]
    Threads(#[from] std::io::Error),
    /// The endpoint cannot be reached in the way that was asked for.
    #[error(transparent)]
    Endpoint(#[from] port::Failure),
}

/// Shows a simulated world until the person leaves; gives the exit code.
pub fn run_sim(sim: Sim, sky: Sky, options: &Options) -> Result<u8, RunError> {
    run_stage(Stage::new(sim, sky), options)
}

/// Shows the school: the lesson that the person chose (`begin`), or the list.
pub fn run_school(school: School, begin: bool, options: &Options) -> Result<u8, RunError> {
    run_stage(school_stage(school, begin)?, options)
}

/// A stage of the school: the lesson that the person chose (`begin`), or the list.
pub fn school_stage(school: School, begin: bool) -> Result<Stage, RunError> {
    let (name, text) = ("empty", course::world("empty").unwrap_or_default());
    let sim = Sim::load(name, text, 1).map_err(|e| RunError::World(e.to_string()))?;
    let world = sim.world();
    let sky = Sky::sim(sim.name(), &world.account, &world.region);
    let mut stage = Stage::new(sim, sky);
    stage.enter_school(school, begin);
    Ok(stage)
}

fn run_stage(stage: Stage, options: &Options) -> Result<u8, RunError> {
    let setup = set_up(options)?;
    let mut host = SimHost::new(stage, options.speed.unwrap_or(1.0), Instant::now());
    let terminal = Terminal::new();
    let (sender, events) = mpsc::sync_channel(event::EVENTS_MAX);
    let watch = Watch::new(&terminal, Arc::default(), || {});
    event::listen_to_signals(sender.clone(), watch.clone());
    left::tell(sender.clone(), options.state_dir.clone());
    event::read_terminal(sender, watch);
    let leave = Shell::new(Real::new(&terminal, &events), &setup, &mut host)?.run();
    let landed = match leave {
        // Who answers that they leave has read that a simulated operation is forgotten.
        Leave::Quit | Leave::Panic => None,
        // Virtual time costs nothing: the operation reaches its end before we do, as it does live.
        Leave::HangUp | Leave::Signal(..) => host.stage_mut().land(&leave.to_string()),
    };
    Ok(last_word(&terminal, &leave, landed))
}

/// Shows a live endpoint until the person leaves; gives the exit code. An operation under way when
/// the screen ends is flown to its end first, and its result printed if there still is a terminal.
pub fn run_live(endpoint: &port::Options, options: &Options) -> Result<u8, RunError> {
    let setup = set_up(options)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let reader = runtime.block_on(port::Reader::open(endpoint))?;
    let terminal = Terminal::new();
    let (sender, events) = mpsc::sync_channel(event::EVENTS_MAX);
    let flying = Arc::new(AtomicBool::new(false));
    let (mut host, backstage) = live::start(
        runtime,
        reader,
        WallClock::start(),
        live::Wishes {
            state_dir: options.state_dir.clone(),
            probe: options.probe,
        },
        Arc::clone(&flying),
        sender.clone(),
    )?;
    let watch = Watch::new(&terminal, Arc::clone(&flying), host.alone());
    event::listen_to_signals(sender.clone(), watch.clone());
    event::read_terminal(sender, watch.clone());
    let shell = Shell::new(Real::new(&terminal, &events), &setup, &mut host)?;
    // A panic of the screen must not end an operation; the terminal has its message already.
    let leave = std::panic::catch_unwind(AssertUnwindSafe(|| shell.run()));
    let leave = leave.unwrap_or(Leave::Panic);
    let was_flying = flying.load(Ordering::SeqCst);
    watch.stand_down();
    host.leave(&leave.to_string());
    if was_flying {
        let text = "A failover is under way: it is brought to a safe end before this program ends.";
        terminal.say(text);
    }
    Ok(last_word(&terminal, &leave, backstage.wait()))
}

/// Tells what became of an operation that was under way when the screen ended; its exit code, or
/// that of the screen's end.
fn last_word(terminal: &Terminal, leave: &Leave, landed: Option<Landed>) -> u8 {
    match landed {
        None => code(leave),
        Some(landed) => {
            terminal.say(&landed.line());
            landed.ending.exit_code()
        }
    }
}

/// Looks at the environment once.
fn set_up(options: &Options) -> Result<Setup, RunError> {
    let term = variable("TERM");
    terminal::check(term.as_deref())?;
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let look = crate::tui::Look::choose(&LookRequest {
        theme: options.theme.clone(),
        no_color: options.no_color || variable("NO_COLOR").is_some(),
        ascii: options.ascii,
        colorterm: variable("COLORTERM"),
        term,
        locale: locale.filter_map(variable).next(),
    })?;
    Ok(Setup {
        look,
        state_dir: options.state_dir.clone(),
        tmux: variable("TMUX").is_some(),
    })
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Exit code of a loop that ended without an operation: as shells name the end by a signal.
fn code(leave: &Leave) -> u8 {
    match leave {
        Leave::Quit => 0,
        Leave::HangUp => 128 + 1,
        Leave::Signal(_, number) => 128 + number,
        Leave::Panic => 1,
    }
}
