//! Where calls go: what the flags name, and what they may not name together.
//!
//! Invariants: a simulated world and an account are never meant at once; what belongs to one of them is
//! refused with the other.

use std::net::SocketAddr;

use super::STORY;
use crate::cli::args::{GlobalArgs, SourceArgs};
use crate::cli::failure::Failure;
use crate::ec2::call::quoted;

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The simulator on a world: a name or a file.
    World(String),
    /// An endpoint.
    Live(Live),
}

/// How to reach an endpoint; what is absent comes from the environment and the shared AWS files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
    /// `--account`.
    pub account: Option<String>,
    /// `--allow-writes`.
    pub allow_writes: bool,
    /// `--dry-run-supported`.
    pub dry_run_supported: bool,
    /// `--probe`: the service that is asked.
    pub probe: Option<SocketAddr>,
}

/// The source that the flags name, if they name one.
pub(super) fn source_of(args: &SourceArgs, global: &GlobalArgs) -> Result<Option<Source>, Failure> {
    let flags = [
        (args.live, "--live"),
        (args.profile.is_some(), "--profile"),
        (args.region.is_some(), "--region"),
        (args.endpoint_url.is_some(), "--endpoint-url"),
    ];
    let live = flags
        .iter()
        .find(|(given, _)| *given)
        .map(|(_, name)| *name);
    let only_live = [
        (args.account.is_some(), "--account"),
        (args.allow_writes, "--allow-writes"),
        (args.dry_run_supported, "--dry-run-supported"),
        (args.probe.is_some(), "--probe"),
    ];
    let only_live = only_live.iter().find(|(given, _)| *given);
    match (&args.world, live) {
        (Some(world), Some(flag)) => Err(Failure::usage(
            format!("--world {world} and {flag} name two sources"),
            "Keep one: --world for the simulator, --live for an account",
        )),
        (world, None) if only_live.is_some() => {
            let flag = only_live.map_or("", |(_, name)| name);
            let what = match world {
                Some(_) => format!("{flag} has no meaning for a simulated world"),
                None => format!("{flag} does not choose a source"),
            };
            Err(Failure::usage(
                what,
                "Leave it out, or add --live to mean an account",
            ))
        }
        (Some(world), None) => Ok(Some(Source::World(world.clone()))),
        (None, Some(flag)) => {
            if global.faults.is_some() {
                return Err(Failure::usage(
                    format!("--faults belongs to the simulator, {flag} to an account"),
                    "Leave one of them out",
                ));
            }
            if global.seed.is_some() || global.speed.is_some() {
                return Err(Failure::usage(
                    format!("--seed and --speed belong to the simulator, {flag} to an account"),
                    "Leave one of them out",
                ));
            }
            if let Some(account) = &args.account {
                account_form(account)?;
            }
            Ok(Some(Source::Live(live_of(args))))
        }
        (None, None) => Ok(None),
    }
}

/// What the flags say of an operation's endpoint; which one it is stands in its journal.
pub(super) fn journals_endpoint(args: &SourceArgs, global: &GlobalArgs) -> Result<Live, Failure> {
    let simulated = [
        (args.world.is_some(), "--world"),
        (global.seed.is_some(), "--seed"),
        (global.speed.is_some(), "--speed"),
    ];
    if let Some((_, flag)) = simulated.iter().find(|(given, _)| *given) {
        return Err(Failure::usage(
            format!("{flag} belongs to the simulator, whose operations are not kept"),
            "Leave it out: the journal names the endpoint",
        ));
    }
    Ok(live_of(args))
}

/// The flags as they stand.
fn live_of(args: &SourceArgs) -> Live {
    Live {
        profile: args.profile.clone(),
        region: args.region.clone(),
        endpoint_url: args.endpoint_url.clone(),
        account: args.account.clone(),
        allow_writes: args.allow_writes,
        dry_run_supported: args.dry_run_supported,
        probe: args.probe,
    }
}

fn account_form(account: &str) -> Result<(), Failure> {
    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("--account {account} is not an account id"),
        "An account id has 12 digits, such as 111122223333",
    ))
}

impl Source {
    /// The flags that name this source again, quoted for a shell.
    pub fn flags(&self) -> String {
        match self {
            Self::World(world) => format!("--world {}", quoted(world)),
            Self::Live(live) => {
                let mut words = "--live".to_owned();
                for (flag, value) in [
                    ("--profile", &live.profile),
                    ("--region", &live.region),
                    ("--endpoint-url", &live.endpoint_url),
                    ("--account", &live.account),
                ] {
                    if let Some(value) = value {
                        words.push_str(&format!(" {flag} {}", quoted(value)));
                    }
                }
                if live.dry_run_supported {
                    words.push_str(" --dry-run-supported");
                }
                words
            }
        }
    }
}

pub(super) fn needed(source: Option<Source>, command: &str) -> Result<Source, Failure> {
    source.ok_or_else(|| {
        Failure::usage(
            format!("{command} needs a source"),
            format!("Add --live for an account, or --world {STORY} for the simulator"),
        )
    })
}

pub(super) fn writable(source: &Source) -> Result<(), Failure> {
    match source {
        Source::Live(live) if !live.allow_writes => Err(Failure::usage(
            "a live endpoint is read-only",
            "Add --allow-writes to let failover change it; `enipilot plan` needs no such leave",
        )),
        _ => Ok(()),
    }
}
