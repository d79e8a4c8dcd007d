//! From a source to a world.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use super::failure::Failure;
use super::find::Found;
use super::resolve::{Live, Source};
use super::suggest::nearest;
use crate::cloud::port;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::sky::Sky;
use crate::runtime::headless;
use crate::sim::Sim;
use crate::sim::generate::Wish;
use crate::sim::guest::Guest;
use crate::sim::worldfile::{EMBEDDED, WorldFileError};

/// A world, where it came from, and when it was asked for.
#[derive(Debug)]
pub struct Loaded {
    /// Where calls would go.
    pub sky: Sky,
    /// The inventory.
    pub world: Arc<World>,
    /// When it was asked for.
    pub now: Time,
    /// What stands behind it.
    pub behind: Behind,
}

impl Loaded {
    /// What the guest of a simulated instance sees; nobody can look into a live one.
    pub fn guest(&self, found: &Found) -> Option<Guest> {
        match (found, &self.behind) {
            (Found::Instance(instance), Behind::Sim(sim)) => sim.guest(&instance.id),
            _ => None,
        }
    }
}

/// What a world came from, and what would carry out a plan.
#[derive(Debug)]
pub enum Behind {
    /// The simulator.
    Sim(Box<Sim>),
    /// A connection to an endpoint.
    Live(Box<headless::Live>),
}

/// Loads the inventory of a source once.
pub fn load(source: &Source, seed: u64) -> Result<Loaded, Failure> {
    match source {
        Source::World(world) => {
            let sim = simulator(world, seed)?;
            let inventory = sim.world();
            Ok(Loaded {
                sky: Sky::sim(sim.name(), &inventory.account, &inventory.region),
                world: inventory,
                now: sim.now(),
                behind: Behind::Sim(Box::new(sim)),
            })
        }
        Source::Live(live) => {
            let connection = headless::Live::open(&port_options(live))?.probing(live.probe);
            let (now, world, caller) = connection.world_and_caller()?;
            let mut sky = connection.sky();
            sky.account = caller.account;
            Ok(Loaded {
                sky,
                world: Arc::new(world),
                now,
                behind: Behind::Live(Box::new(connection)),
            })
        }
    }
}

/// The same settings, as the port takes them.
pub fn port_options(live: &Live) -> port::Options {
    let text = |value: &Option<String>| value.as_deref().map(Into::into);
    port::Options {
        profile: text(&live.profile),
        region: text(&live.region),
        endpoint_url: text(&live.endpoint_url),
        account: text(&live.account),
        allow_writes: live.allow_writes,
        dry_run_supported: live.dry_run_supported,
    }
}

/// A simulator on a world that comes with the program, or on a file.
pub fn simulator(world: &str, seed: u64) -> Result<Sim, Failure> {
    let (file, text) = world_text(world)?;
    Sim::load(&file, &text, seed).map_err(broken)
}

/// A world file that does not load.
pub fn broken(wrong: WorldFileError) -> Failure {
    Failure::usage(
        format!("{}:{}: {}", wrong.file, wrong.line, wrong.what),
        format!("Expected {}", wrong.expected),
    )
}

/// Name for errors, and text, of a world.
pub fn world_text(world: &str) -> Result<(String, String), Failure> {
    if let Some(wish) = world.strip_prefix("generate:") {
        let wish = Wish::parse(wish).and_then(|wish| wish.size(0).map(|_| wish));
        let wish = wish.map_err(|error| {
            Failure::usage(
                format!("--world {world}: {}", error.what),
                format!("Expected {}", error.expected),
            )
        })?;
        return Ok((world.to_owned(), wish.file()));
    }
    if let Some((name, text)) = EMBEDDED.iter().find(|(name, _)| *name == world) {
        return Ok((format!("{name}.toml"), (*text).to_owned()));
    }
    match fs::read_to_string(world) {
        Ok(text) => Ok((world.to_owned(), text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown(world)),
        Err(error) => Err(Failure::usage(
            format!("{world} cannot be read: {error}"),
            "A world is a TOML file in UTF-8",
        )),
    }
}

fn unknown(world: &str) -> Failure {
    let names: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    let is_path = world.contains('/') || world.ends_with(".toml");
    let what = if is_path {
        format!("there is no file {world}")
    } else {
        format!("there is no world {world}, and no file of that name")
    };
    let there_are = format!("Worlds: {}; or name a TOML file", names.join(", "));
    match nearest(world, names) {
        Some(name) if !is_path => Failure::usage(what, format!("Did you mean {name}? {there_are}")),
        _ => Failure::usage(what, there_are),
    }
}
