//! Operations of the state directory: list, show, replay, resume, undo, abandon, export.
//!
//! Invariants: an operation is named by its whole id, and where something changes the interface's
//! full id comes with it; the endpoint is the one that the journal names, never another; without
//! `--confirm` a command only shows what it would do.

mod abandon;
mod export;
mod redact;
mod replay;
mod resume;
mod tell;
mod undo;
mod wish;

use std::path::{Path, PathBuf};

use self::wish::Wish;
use super::args::{GlobalArgs, OpsCommand};
use super::failure::{Exit, Failure};
use super::load::port_options;
use super::out::Out;
use super::resolve::Live;
use super::suggest::nearest;
use crate::ec2::id::EniId;
use crate::ec2::shown::shown;
use crate::failover::ops::{Kept, Told};
use crate::failover::resume::Operation;
use crate::failover::sky::Sky;
use crate::runtime::clock::WallClock;
use crate::runtime::{headless, left};
use crate::store::dir::StateDir;
use crate::store::error::StoreError;
use crate::store::ops;

/// What is wanted of operations, and how their endpoint may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which command.
    pub what: OpsCommand,
    /// What the flags say of the endpoint; the journal says the rest.
    pub live: Live,
}

/// Does it.
pub fn run(job: &Job, global: &GlobalArgs, out: &mut Out) -> Result<Exit, Failure> {
    let state_dir = global.state_dir.as_deref();
    if job.what == OpsCommand::List {
        let kept = left::kept(state_dir).map_err(failed)?;
        tell::list(&kept, WallClock::start().now(), out);
        return Ok(Exit::Done);
    }
    let (dir, path, kept) = find(state_dir, job.what.op())?;
    match &job.what {
        OpsCommand::List => Ok(Exit::Done),
        OpsCommand::Show { .. } => {
            tell::show(&path, &kept, WallClock::start().now(), out);
            Ok(Exit::Done)
        }
        OpsCommand::Replay { .. } => replay::run(&kept, out).map(|()| Exit::Done),
        OpsCommand::Export { redact, .. } => export::run(&path, &kept, *redact, out),
        OpsCommand::Abandon { confirm, .. } => {
            abandon::run(&dir, &path, &kept, confirm.as_deref(), &job.live, out)
        }
        OpsCommand::Resume {
            confirm,
            put_back,
            index,
            or_to,
            accept,
            timeout,
            ..
        } => {
            let wish = Wish {
                confirm: confirm.as_deref(),
                accept,
                timeout: *timeout,
                state_dir,
            };
            let place = resume::Place {
                put_back: *put_back,
                index: *index,
                or_to: or_to.as_deref(),
            };
            resume::run(operation(&kept)?, &place, &wish, &job.live, &kept, out)
        }
        OpsCommand::Undo {
            confirm,
            index,
            accept,
            timeout,
            ..
        } => {
            let wish = Wish {
                confirm: confirm.as_deref(),
                accept,
                timeout: *timeout,
                state_dir,
            };
            undo::run(operation(&kept)?, *index, &wish, &job.live, out)
        }
    }
}

/// One line for each operation that was left behind, for whoever runs another command.
pub fn banners(state_dir: Option<&Path>) -> Vec<String> {
    match left::open(state_dir) {
        Ok(open) => {
            let now = WallClock::start().now();
            open.iter()
                .map(|(_, kept)| format!("enipilot: {}", kept.banner(now)))
                .collect()
        }
        Err(error) => vec![format!(
            "enipilot: open operations cannot be looked for: {}",
            shown(&error.to_string())
        )],
    }
}

/// Why nothing new begins on an interface: an operation on it is under way, or was left open.
pub fn unfinished(sky: &Sky, eni: &EniId, state_dir: Option<&Path>) -> Option<Failure> {
    let open = left::open(state_dir).ok()?;
    let (_, kept) = open.into_iter().find(|(_, kept)| kept.concerns(sky, eni))?;
    let op = &kept.op;
    Some(free(&kept).err().unwrap_or_else(|| {
        Failure::usage(
            format!("operation {op} on {eni} was left open: nothing new begins before it ends"),
            format!("Finish it or put it back: `enipilot ops show {op}` has the commands"),
        )
        .exit(Exit::Locked)
    }))
}

/// A file of ours could not be had.
fn failed(error: StoreError) -> Failure {
    Failure::usage(error.to_string(), "")
}

/// The operation of this id.
fn find(state_dir: Option<&Path>, op: &str) -> Result<(StateDir, PathBuf, Kept), Failure> {
    let dir = left::state(state_dir).map_err(failed)?;
    let all = match &dir {
        Some(dir) => ops::all(dir).map_err(failed)?,
        None => Vec::new(),
    };
    let names: Vec<String> = all.iter().map(|(_, kept)| kept.op.clone()).collect();
    let found = all.into_iter().find(|(_, kept)| kept.op == op);
    if let (Some(dir), Some((path, kept))) = (dir, found) {
        return Ok((dir, path, kept));
    }
    let remedy = match nearest(op, names.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean {near}? `enipilot ops list` names all"),
        None if names.is_empty() => "The state directory knows none; another may be named with \
                                     --state-dir"
            .to_owned(),
        None => "`enipilot ops list` names all".to_owned(),
    };
    Err(Failure::usage(
        format!("there is no operation {op}"),
        remedy,
    ))
}

/// The operation, if its journal can be trusted.
fn operation(kept: &Kept) -> Result<&Operation, Failure> {
    match &kept.told {
        Told::Operation(operation) => Ok(operation),
        Told::Empty => Err(Failure::usage(
            format!(
                "operation {} has recorded nothing: nothing was done",
                kept.op
            ),
            "Plan anew",
        )),
        Told::Damaged(why) => Err(Failure::usage(
            format!(
                "the journal of operation {} cannot be trusted: {why}",
                kept.op
            ),
            format!(
                "Look at the interface and act by hand; `enipilot ops show {}` prints what can be \
                 read, `enipilot ops abandon {}` sets it aside",
                kept.op, kept.op
            ),
        )
        .exit(Exit::Engine(4))),
    }
}

/// Nobody is at work on it.
fn free(kept: &Kept) -> Result<(), Failure> {
    match &kept.holder {
        None => Ok(()),
        Some(holder) => Err(Failure::usage(
            format!("operation {} is under way: {holder}", kept.op),
            "Wait for it, or end that process: it stops safely at SIGTERM",
        )
        .exit(Exit::Locked)),
    }
}

/// A connection to where the operation was flown, and nowhere else.
fn connect(op: &str, sky: &Sky, flags: &Live) -> Result<headless::Live, Failure> {
    let endpoint = endpoint(op, sky, flags)?;
    let live = headless::Live::open(&port_options(&endpoint))?;
    Ok(live.probing(endpoint.probe))
}

/// The journal's endpoint; flags may name another profile, and must agree with the rest.
fn endpoint(op: &str, sky: &Sky, flags: &Live) -> Result<Live, Failure> {
    let own = sky.endpoint.as_deref().unwrap_or("AWS's own endpoint");
    for (flag, given, meant) in [
        ("--region", &flags.region, Some(&*sky.region)),
        ("--account", &flags.account, Some(&*sky.account)),
        (
            "--endpoint-url",
            &flags.endpoint_url,
            sky.endpoint.as_deref(),
        ),
    ] {
        if let Some(given) = given
            && meant != Some(given)
        {
            return Err(Failure::usage(
                format!(
                    "operation {op} belongs to account {} {} at {own}, not to {given}",
                    sky.account, sky.region
                ),
                format!("Leave {flag} out: the journal names the endpoint"),
            )
            .exit(Exit::Blocked));
        }
    }
    let text = |value: &str| Some(value.to_owned());
    let profile = flags.profile.clone();
    Ok(Live {
        profile: profile.or_else(|| sky.profile.as_deref().map(str::to_owned)),
        region: text(&sky.region),
        endpoint_url: sky.endpoint.as_deref().map(str::to_owned),
        account: text(&sky.account),
        allow_writes: flags.allow_writes,
        dry_run_supported: flags.dry_run_supported,
        probe: flags.probe,
    })
}

/// The consent names the interface, and writing is allowed.
fn agreed(confirm: &str, eni: &str) -> Result<(), Failure> {
    if confirm == eni {
        return Ok(());
    }
    Err(Failure::usage(
        format!("--confirm {confirm} is not {eni}"),
        "Read `enipilot ops show` first, then agree with the interface's full id",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::failover::sky::Kind;

    #[test]
    fn the_endpoint_is_the_journals_whatever_the_flags_say() {
        let sky = Sky {
            kind: Kind::Live,
            profile: Some("prod".into()),
            ..Sky::sim("", "111122223333", "us-east-1")
        };
        // flags, what is wrong
        let flags = |region: Option<&str>, account: Option<&str>, url: Option<&str>| Live {
            region: region.map(str::to_owned),
            account: account.map(str::to_owned),
            endpoint_url: url.map(str::to_owned),
            ..Live::default()
        };
        for (flags, good) in [
            (flags(None, None, None), true),
            (flags(Some("us-east-1"), Some("111122223333"), None), true),
            (flags(Some("eu-west-1"), None, None), false),
            (flags(None, Some("444455556666"), None), false),
            (flags(None, None, Some("http://127.0.0.1:1")), false),
        ] {
            let found = endpoint("7f3a", &sky, &flags);
            assert_eq!(found.is_ok(), good, "{flags:?}");
            if let Ok(found) = found {
                assert_eq!(found.account.as_deref(), Some("111122223333"));
                assert_eq!(found.profile.as_deref(), Some("prod"));
            }
        }
        let elsewhere = Sky {
            endpoint: Some("http://127.0.0.1:1".into()),
            ..sky
        };
        let found = endpoint("7f3a", &elsewhere, &Live::default()).unwrap();
        assert_eq!(found.endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
    }
}
