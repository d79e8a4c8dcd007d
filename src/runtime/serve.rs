//! The simulator behind a loopback port, on EC2's query protocol.
//!
//! Invariants: only 127.0.0.1 is listened on; what a request may cost is bounded in bytes, in time
//! and in number of connections; one lock, never held across an await, orders the requests; virtual
//! time follows the wall clock, and moves when somebody asks.

mod behind;
mod class;
pub mod client;
mod control;
mod desk;
mod guard;
mod host;
mod http;
mod key;
mod log;
mod origin;
mod road;
mod wire_io;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Instant;

use tokio::signal::unix::{SignalKind, signal};

use super::event;
use super::shell::ground::Real;
use super::shell::{Leave, Shell};
use super::stage::Stage;
use super::terminal::Terminal;
use super::watch::Watch;
use crate::app::school::School;
use crate::app::served::Served;
use crate::failover::sky::Sky;
use crate::sim::Sim;
use behind::{Bare, Behind};
pub use class::Class;
use desk::Desk;
use guard::Guard;
use host::ServeHost;
use http::Endpoint;
use log::Log;
pub use origin::Origin;

/// How to serve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// A free port unless given.
    pub port: Option<u16>,
    /// A random one unless given.
    pub access_key: Option<String>,
    /// Any access key id is accepted, and none.
    pub any_key: bool,
    /// Virtual seconds a second.
    pub speed: f64,
    /// `--state-dir`: where progress in a lesson is kept.
    pub state_dir: Option<PathBuf>,
}

/// What a client needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// The access key id that is accepted.
    pub access_key_id: String,
    /// A secret: clients do not start without one. Signatures are not checked.
    pub secret_access_key: String,
}

/// A port that is listened on; clients wait until somebody serves.
#[derive(Debug)]
pub struct Port {
    listener: TcpListener,
    guard: Guard,
    announcement: Announcement,
    speed: f64,
    state_dir: Option<PathBuf>,
}

impl Port {
    /// Takes the port.
    pub fn open(options: &Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0)))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let access_key_id = match &options.access_key {
            Some(id) => id.clone(),
            None => key::access_key_id()?,
        };
        Ok(Self {
            listener,
            guard: Guard {
                port,
                key: (!options.any_key).then(|| access_key_id.clone()),
            },
            announcement: Announcement {
                endpoint: format!("http://127.0.0.1:{port}"),
                access_key_id,
                secret_access_key: key::secret()?,
            },
            speed: options.speed,
            state_dir: options.state_dir.clone(),
        })
    }

    /// What clients need to know.
    pub fn announcement(&self) -> &Announcement {
        &self.announcement
    }

    /// Serves until SIGINT or SIGTERM, with a line on `log` for each request. `ready` is called as
    /// soon as signals are caught.
    pub fn serve(
        self,
        origin: Origin,
        sim: Sim,
        class: Option<Class>,
        log: impl io::Write + Send + 'static,
        ready: impl FnOnce(&Announcement),
    ) -> io::Result<()> {
        let (log, writing) = Log::start(log)?;
        let taught = class.is_some();
        let desk = Desk::new(origin, Bare::new(sim, class), self.speed, Instant::now());
        let endpoint = Arc::new(Endpoint {
            guard: self.guard,
            desk: Arc::new(Mutex::new(desk)),
            log: Some(log),
            state_dir: self.state_dir,
        });
        let runtime = runtime()?;
        let ended = runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            ready(&self.announcement);
            if taught {
                tokio::spawn(http::look_in(Arc::clone(&endpoint)));
            }
            tokio::select! {
                _ = interrupt.recv() => Ok(()),
                _ = terminate.recv() => Ok(()),
                failed = http::serve(self.listener, endpoint) => failed,
            }
        });
        // The connections hold the log as well.
        drop(runtime);
        writing.finish();
        ended
    }

    /// Serves behind a screen until the person leaves; gives the exit code. `exports` are the lines
    /// that a shell needs.
    pub fn serve_on_screen(
        self,
        origin: Origin,
        sim: Sim,
        school: Option<School>,
        exports: Vec<String>,
        options: &super::Options,
    ) -> Result<u8, super::RunError> {
        let setup = super::set_up(options)?;
        let sky = sky(&sim);
        let at = &self.announcement;
        let served = Served::new(&at.endpoint, &at.access_key_id, exports);
        let mut stage = Stage::shared(sim, sky, served);
        if let Some(school) = school {
            stage.enter_class(school, origin.settings.clone());
        }
        let (sender, events) = mpsc::sync_channel(event::EVENTS_MAX);
        let desk = Desk::new(origin, stage, self.speed, Instant::now());
        let desk = Arc::new(Mutex::new(desk.with_screen(sender.clone())));
        let endpoint = Endpoint {
            guard: self.guard,
            desk: Arc::clone(&desk),
            log: None,
            state_dir: None,
        };
        start_server(self.listener, endpoint)?;
        let mut host = ServeHost::new(desk);
        let terminal = Terminal::new();
        let watch = Watch::new(&terminal, Arc::default(), || {});
        event::listen_to_signals(sender.clone(), watch.clone());
        event::read_terminal(sender, watch);
        let leave = Shell::new(Real::new(&terminal, &events), &setup, &mut host)?.run();
        let landed = match leave {
            Leave::Quit | Leave::Panic => None,
            Leave::HangUp | Leave::Signal(..) => host.land(&leave.to_string()),
        };
        Ok(super::last_word(&terminal, &leave, landed))
    }
}

/// The badge and account of a simulated world.
fn sky(sim: &Sim) -> Sky {
    let world = sim.world();
    Sky::sim(sim.name(), &world.account, &world.region)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Answers clients on a thread of its own until the process ends.
fn start_server<B: Behind + Send + 'static>(
    listener: TcpListener,
    endpoint: Endpoint<B>,
) -> io::Result<()> {
    let runtime = runtime()?;
    thread::Builder::new()
        .name("clients".to_owned())
        .spawn(move || {
            // It ends only if the listener is lost, which the next client will notice.
            let _ended = runtime.block_on(http::serve(listener, Arc::new(endpoint)));
        })?;
    Ok(())
}
