//! From what was typed to what is wanted: sources, and which command may be used with which.
//!
//! Invariants: pure, no file and no environment is read; a script never gets a source that it did
//! not name; a mutating command leaves here with ids only.

mod source;

pub use source::{Live, Source};

use self::source::{journals_endpoint, needed, source_of, writable};
use super::args::{
    Args, Command, CtlCommand, GlobalArgs, LearnArgs, MoveArgs, ServeArgs, ServeCommand,
};
use super::failure::Failure;
use super::ops;
use crate::ec2::id::{EniId, InstanceId};

/// The world of the story, on which a bare `enipilot` opens.
pub const STORY: &str = "two-am";

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to do.
    pub job: Job,
    /// How to behave.
    pub global: GlobalArgs,
}

/// What to do, with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Open the screen.
    Explore(Source),
    /// Talk about a simulated world in lines of text.
    Plain(Source),
    /// Print the tree.
    Tree(Source),
    /// Print one resource.
    Show(Source, String),
    /// Print a plan.
    Plan(Source, MoveArgs),
    /// Say what moving an interface would do and whether it is permitted.
    DryRun(Source, MoveArgs),
    /// Move an interface.
    Failover(Source, Flight),
    /// Operations of the state directory.
    Ops(ops::Job),
    /// Serve a world, a name or a file.
    Serve(String, ServeArgs),
    /// Steer a server that runs; what is absent comes from the environment.
    Ctl {
        /// `--endpoint-url`.
        endpoint: Option<String>,
        /// `--access-key`.
        access_key: Option<String>,
        /// What to do.
        command: CtlCommand,
    },
    /// Open the school.
    Learn(LearnArgs),
    /// Check the surroundings; an endpoint's settings may be given.
    Doctor(Live),
    /// Print the keys.
    Keys,
    /// Print the themes.
    Themes,
    /// Print a completion script.
    Completions(clap_complete::Shell),
}

/// A failover that was agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// What to move, and where to: ids, well formed.
    pub movement: MoveArgs,
    /// The consent: the interface's full id.
    pub confirm: String,
    /// When to seek a safe end.
    pub timeout: Option<std::time::Duration>,
}

/// Applies the rules.
pub fn resolve(args: Args) -> Result<Request, Failure> {
    let Args {
        source,
        global,
        command,
    } = args;
    if let Some(Command::Ops(what)) = command {
        let live = journals_endpoint(&source, &global)?;
        let job = Job::Ops(ops::Job { what, live });
        return Ok(Request { job, global });
    }
    let named = source_of(&source, &global)?;
    let job = match command {
        None => explore(
            named.unwrap_or_else(|| Source::World(STORY.to_owned())),
            &global,
        )?,
        Some(Command::Tree) => Job::Tree(needed(named, "tree")?),
        Some(Command::Show { what }) => Job::Show(needed(named, "show")?, what),
        Some(Command::Plan(movement)) => {
            not_onto_itself(&movement)?;
            Job::Plan(needed(named, "plan")?, movement)
        }
        Some(Command::Failover {
            movement,
            confirm,
            dry_run,
            timeout,
        }) => {
            let source = needed(named, "failover")?;
            if !dry_run {
                writable(&source)?;
            }
            let movement = ids_only(movement)?;
            not_onto_itself(&movement)?;
            match confirm {
                Some(confirm) if confirm != movement.eni => {
                    return Err(other_eni(&confirm, &movement.eni));
                }
                _ if dry_run => Job::DryRun(source, movement),
                confirm => Job::Failover(
                    source,
                    Flight {
                        movement,
                        // The parser asks for it.
                        confirm: confirm.unwrap_or_default(),
                        timeout,
                    },
                ),
            }
        }
        Some(Command::Serve(ServeArgs {
            command:
                Some(ServeCommand::Ctl {
                    access_key,
                    command,
                }),
            ..
        })) => Job::Ctl {
            endpoint: match named {
                Some(Source::Live(live)) => live.endpoint_url,
                _ => None,
            },
            access_key,
            command,
        },
        Some(Command::Serve(serve)) => match named {
            Some(_) if serve.lesson.is_some() => {
                return Err(Failure::usage(
                    "every lesson has a world of its own",
                    "Leave --world and --live out, or --lesson",
                ));
            }
            None => Job::Serve(STORY.to_owned(), serve),
            Some(Source::World(world)) => Job::Serve(world, serve),
            Some(Source::Live(_)) => {
                return Err(Failure::usage(
                    "serve simulates an endpoint; it does not pass calls on to another",
                    "Name a world with --world",
                ));
            }
        },
        Some(Command::Learn(learn)) => match named {
            None => Job::Learn(learn),
            Some(_) => {
                return Err(Failure::usage(
                    "every lesson has a world of its own",
                    "Leave --world and --live out",
                ));
            }
        },
        Some(Command::Doctor) => Job::Doctor(match named {
            Some(Source::Live(live)) => live,
            Some(Source::World(_)) => {
                return Err(Failure::usage(
                    "doctor checks this machine, not a world",
                    "Leave --world out",
                ));
            }
            None => Live::default(),
        }),
        // Its source is its journal's.
        Some(Command::Ops(what)) => Job::Ops(ops::Job {
            what,
            live: Live::default(),
        }),
        Some(Command::Keys) => Job::Keys,
        Some(Command::Themes) => Job::Themes,
        Some(Command::Completions { shell }) => Job::Completions(shell),
    };
    let plays = matches!(
        job,
        Job::Explore(_) | Job::Plain(_) | Job::DryRun(..) | Job::Failover(..) | Job::Serve(..)
    );
    if global.faults.is_some() && !plays {
        return Err(Failure::usage(
            "--faults is for the screen, failover and serve: nothing happens in the others",
            "Leave it out",
        ));
    }
    if source.probe.is_some()
        && !matches!(
            job,
            Job::Explore(_) | Job::Plan(..) | Job::DryRun(..) | Job::Failover(..)
        )
    {
        return Err(Failure::usage(
            "--probe watches a failover",
            "Use it with plan, with failover, or with the screen",
        ));
    }
    Ok(Request { job, global })
}

fn explore(source: Source, global: &GlobalArgs) -> Result<Job, Failure> {
    if global.plain {
        // A real account is moved by `failover`, whose consent stands on the command line.
        let talks = matches!(source, Source::World(_)) && !global.json && !global.no_input;
        return Ok(if talks {
            Job::Plain(source)
        } else {
            Job::Tree(source)
        });
    }
    let flag = match (global.json, global.no_input) {
        (true, _) => "--json",
        (_, true) => "--no-input",
        _ => return Ok(Job::Explore(source)),
    };
    Err(Failure::usage(
        format!("{flag} leaves nothing to open a screen for"),
        format!(
            "Name a command, for example `enipilot tree {}`",
            source.flags()
        ),
    ))
}

fn other_eni(confirm: &str, eni: &str) -> Failure {
    Failure::usage(
        format!("--confirm {confirm} is not {eni}"),
        format!("Read `enipilot plan` first; agree with --confirm {eni}"),
    )
}

fn not_onto_itself(movement: &MoveArgs) -> Result<(), Failure> {
    match &movement.from {
        Some(from) if *from == movement.to => Err(Failure::usage(
            format!("--from and --to are both {from}"),
            "Name another instance with --to",
        )),
        _ => Ok(()),
    }
}

fn ids_only(movement: MoveArgs) -> Result<MoveArgs, Failure> {
    let wrong = |what: &str, wanted: &str, example: &str| {
        let given = match kind_of(what) {
            Some(kind) if kind != wanted => format!("{what} is {}", with_article(kind)),
            Some(kind) => format!("{what} is not the id of {}", with_article(kind)),
            None => format!("{what} is not an id"),
        };
        Err(Failure::usage(
            format!("{given}; failover takes {} id here", with_article(wanted)),
            format!("Such as {example}; `enipilot show {what}` may find it"),
        ))
    };
    if !EniId::well_formed(&movement.eni) {
        return wrong(&movement.eni, "network interface", "eni-0c1d52aa7be03f9a1");
    }
    for instance in std::iter::once(&movement.to)
        .chain(&movement.from)
        .chain(&movement.fence)
        .chain(&movement.or_to)
    {
        if !InstanceId::well_formed(instance) {
            return wrong(instance, "instance", "i-0d1a2b3c4d5e6f702");
        }
    }
    Ok(movement)
}

/// What an id of this form would name.
pub fn kind_of(text: &str) -> Option<&'static str> {
    [
        ("eni-attach-", "attachment"),
        ("eni-", "network interface"),
        ("i-", "instance"),
        ("subnet-", "subnet"),
        ("vpc-", "VPC"),
        ("sg-", "security group"),
        ("eipalloc-", "Elastic IP"),
        ("rtb-", "route table"),
    ]
    .iter()
    .find(|(prefix, _)| text.starts_with(prefix))
    .map(|(_, kind)| *kind)
}

/// `an instance`, `a subnet`.
pub fn with_article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'E']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    fn outcome(line: &str) -> String {
        let words = std::iter::once("enipilot").chain(line.split_whitespace());
        match resolve(Args::try_parse_from(words).unwrap()) {
            Err(failure) => format!("no: {}", failure.what),
            Ok(request) => match request.job {
                Job::Explore(s) | Job::Plain(s) | Job::Tree(s) => place(&s),
                Job::Show(s, _) | Job::Plan(s, _) => place(&s),
                Job::Failover(s, _) | Job::DryRun(s, _) => place(&s),
                Job::Doctor(live) => place(&Source::Live(live)),
                _ => "no source".to_owned(),
            },
        }
    }

    fn place(source: &Source) -> String {
        match source {
            Source::World(world) => format!("world {world}"),
            Source::Live(l) if l.allow_writes => "live, writes".to_owned(),
            Source::Live(_) => "live".to_owned(),
        }
    }

    #[test]
    fn sources() {
        let eni = "eni-0c1d52aa7be03f9a1";
        let to = "--to i-0d1a2b3c4d5e6f702";
        let flight = format!("failover {eni} {to} --confirm {eni}");
        for (line, expected) in [
            ("", "world two-am"),
            ("--world empty", "world empty"),
            ("--live", "live"),
            ("--profile p", "live"),
            ("--region r", "live"),
            ("--endpoint-url http://localhost:1", "live"),
            ("--live --allow-writes", "live, writes"),
            ("--plain", "world two-am"),
            (
                "--allow-writes",
                "no: --allow-writes does not choose a source",
            ),
            (
                "--account 111122223333",
                "no: --account does not choose a source",
            ),
            (
                "--probe 10.0.1.50:5432",
                "no: --probe does not choose a source",
            ),
            (
                "--world w --probe 10.0.1.50:5432",
                "no: --probe has no meaning for a simulated world",
            ),
            ("--live --probe 10.0.1.50:5432", "live"),
            (
                "tree --live --probe 10.0.1.50:5432",
                "no: --probe watches a failover",
            ),
            (
                "--live --account 42",
                "no: --account 42 is not an account id",
            ),
            ("tree", "no: tree needs a source"),
            ("show i-1", "no: show needs a source"),
            ("plan a --to b", "no: plan needs a source"),
            (&flight, "no: failover needs a source"),
            ("tree --world w", "world w"),
            ("--world w tree", "world w"),
            ("tree --profile p", "live"),
            (
                "tree --allow-writes",
                "no: --allow-writes does not choose a source",
            ),
            (
                "--world w --live",
                "no: --world w and --live name two sources",
            ),
            (
                "--world w --region r",
                "no: --world w and --region name two sources",
            ),
            (
                "--world w --allow-writes",
                "no: --allow-writes has no meaning for a simulated world",
            ),
            (
                "--live --seed 1",
                "no: --seed and --speed belong to the simulator, --live to an account",
            ),
            ("--json", "no: --json leaves nothing to open a screen for"),
            (
                "--no-input",
                "no: --no-input leaves nothing to open a screen for",
            ),
            ("doctor", "live"),
            (
                "doctor --world w",
                "no: doctor checks this machine, not a world",
            ),
            ("keys", "no source"),
            (
                "plan a --to b --from b --live",
                "no: --from and --to are both b",
            ),
            (&format!("{flight} --world w"), "world w"),
            (
                &format!("{flight} --live"),
                "no: a live endpoint is read-only",
            ),
            (&format!("{flight} --live --allow-writes"), "live, writes"),
        ] {
            assert_eq!(outcome(line), expected, "enipilot {line}");
        }
    }

    #[test]
    fn a_mutating_command_takes_ids_only() {
        let eni = "eni-0c1d52aa7be03f9a1";
        for (line, expected) in [
            (
                "db-service --to i-0d1a2b3c4d5e6f702 --confirm db-service",
                "no: db-service is not an id; failover takes a network interface id here",
            ),
            (
                "i-0d1a2b3c4d5e6f701 --to i-0d1a2b3c4d5e6f702 --confirm x",
                "no: i-0d1a2b3c4d5e6f701 is an instance; failover takes a network interface id here",
            ),
            (
                "eni-1 --to i-0d1a2b3c4d5e6f702 --confirm eni-1",
                "no: eni-1 is not the id of a network interface; failover takes a network interface id here",
            ),
            (
                &format!("{eni} --to {eni} --confirm {eni}"),
                "no: eni-0c1d52aa7be03f9a1 is a network interface; failover takes an instance id here",
            ),
            (
                &format!("{eni} --to i-0d1a2b3c4d5e6f702 --confirm 03f9a1"),
                "no: --confirm 03f9a1 is not eni-0c1d52aa7be03f9a1",
            ),
        ] {
            let line = format!("failover {line} --world w");
            assert_eq!(outcome(&line), expected, "{line}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
