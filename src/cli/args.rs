//! What can be typed, parsed and nothing more: no file, no environment, no rule between two flags.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand};
use clap_complete::Shell;

use crate::failover::mechanism::Mechanism;

const AFTER: &str = "\
Without a command the explorer opens on the simulated world `two-am`: no account, no network.
tree, show, plan and failover need --world or --live, so that no script passes on a toy world by
accident. --profile, --region and --endpoint-url imply --live.

Worlds: two-am (a failing database), dual-homed (a proxy with two feet), crowded (everything nearly
full), managed (interfaces of AWS services), empty; generate:enis=5000 (an account made by number);
or a TOML file.

Exit codes: 0 done (also: already so), 1 usage or internal error, 2 blocked by preflight,
3 someone else changed it, 4 needs a person, 5 identity lost, 6 locked by another operation.";

/// Explore, rehearse and fly the failover of AWS elastic network interfaces.
#[derive(Clone, Debug, Parser)]
#[command(name = "enipilot", version, after_help = AFTER, disable_help_subcommand = true)]
pub struct Args {
    /// Where calls go.
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to behave.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do; nothing opens the explorer.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where calls go.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Source")]
pub struct SourceArgs {
    /// A simulated world: the name of one that comes with the program, or a TOML file
    #[arg(long, global = true, value_name = "NAME|FILE")]
    pub world: Option<String>,
    /// AWS, or another EC2-compatible endpoint; read-only unless --allow-writes
    #[arg(long, global = true)]
    pub live: bool,
    /// Profile of the shared AWS configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Region
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// Another endpoint than AWS's own, for EC2 and STS
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The only account that may answer, 12 digits
    #[arg(long, global = true, value_name = "ID")]
    pub account: Option<String>,
    /// Allow calls that change the live account
    #[arg(long, global = true)]
    pub allow_writes: bool,
    /// This endpoint, which is not AWS, answers dry runs and does not execute them
    #[arg(long, global = true)]
    pub dry_run_supported: bool,
    /// Connect to this service four times a second from this host, to see a failover as its clients do
    #[arg(long, global = true, value_name = "ADDRESS:PORT", value_parser = service)]
    pub probe: Option<SocketAddr>,
}

/// How to behave, for every command.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Output and behaviour")]
pub struct GlobalArgs {
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// No screen: lines of text, typed and printed
    #[arg(long, global = true)]
    pub plain: bool,
    /// Never ask and never open the screen
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Colours of the screen; `enipilot themes` lists them
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// No colours; NO_COLOR in the environment does the same
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Where journals and locks are kept
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Seed of the simulator
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// How fast simulated time runs; 1 is real time
    #[arg(long, global = true, value_name = "FACTOR", value_parser = speed)]
    pub speed: Option<f64>,
    /// Trouble in a simulated world, such as throttle,stale=8s,hang-detach=db-primary; README lists all
    #[arg(long, global = true, value_name = "LIST|FILE")]
    pub faults: Option<String>,
}

/// The commands.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Print VPCs, subnets, instances, network interfaces and addresses as a tree
    Tree,
    /// Print one resource with every field
    Show {
        /// An id, a private or public address, or an exact Name tag
        #[arg(value_name = "ID|ADDRESS|NAME")]
        what: String,
    },
    /// Print what a failover would do: preflight, steps, forecast, calls, aws CLI lines
    Plan(MoveArgs),
    /// Move a network interface now, without a screen
    Failover {
        /// What to move, and where to.
        #[command(flatten)]
        movement: MoveArgs,
        /// The network interface's full id once more: the consent to the whole plan
        #[arg(long, value_name = "ENI", required_unless_present = "dry_run")]
        confirm: Option<String>,
        /// Change nothing: preflight with dry runs, steps and forecast; exit code 0, or 2 if blocked
        #[arg(long)]
        dry_run: bool,
        /// Seconds after which a safe end is sought: nothing, finish, or put back
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        timeout: Option<Duration>,
    },
    /// Operations of the state directory: list, finish, put back, take back, hand out
    #[command(subcommand)]
    Ops(OpsCommand),
    /// Serve a simulated world as an EC2 endpoint on loopback
    Serve(ServeArgs),
    /// Learn every idea of the network interface by doing it, in a simulated world
    Learn(LearnArgs),
    /// Check terminal, paths and AWS settings, with a remedy for each fault
    Doctor,
    /// Print every key of the screen
    Keys,
    /// Print the names of the themes
    Themes,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Which lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct LearnArgs {
    /// A lesson by name or number, or a lesson file; the list opens when it is left out
    #[arg(value_name = "LESSON|FILE")]
    pub lesson: Option<String>,
    /// Print every lesson and how far you have come; with a text those that hold it
    #[arg(long, conflicts_with = "lesson", value_name = "TEXT", num_args = 0..=1, default_missing_value = "")]
    pub list: Option<String>,
    /// Print how far you have come, as JSON for another machine
    #[arg(long, conflicts_with_all = ["lesson", "list"])]
    pub export: bool,
    /// Take over what another machine has exported, where it is better
    #[arg(long, conflicts_with_all = ["lesson", "list", "export"], value_name = "FILE")]
    pub import: Option<PathBuf>,
}

/// What is wanted of operations. The endpoint is the one that the operation was flown at.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum OpsCommand {
    /// Print every operation, the newest first
    List,
    /// Print what an operation's journal tells, and what can be done
    Show {
        /// The operation's id
        op: String,
    },
    /// Print an operation again, record by record: calls, answers, and where the interface was seen
    Replay {
        /// The operation's id
        op: String,
    },
    /// Finish an operation that was left open; without --confirm only say what that would do
    Resume {
        /// The operation's id
        op: String,
        /// The network interface's full id: the consent to go on
        #[arg(long, value_name = "ENI")]
        confirm: Option<String>,
        /// Attach it where it was, instead of finishing
        #[arg(long)]
        put_back: bool,
        /// Device index there instead of the planned one
        #[arg(long, value_name = "N")]
        index: Option<u32>,
        /// Go on to this instance if the target does not take the interface: its full id
        #[arg(long, value_name = "INSTANCE", conflicts_with = "put_back")]
        or_to: Option<String>,
        /// A check of the preflight that blocks until it is accepted by its id; may be repeated
        #[arg(long, value_name = "CHECK")]
        accept: Vec<String>,
        /// Seconds after which a safe end is sought
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        timeout: Option<Duration>,
    },
    /// Take back an operation that is done, by a new plan; without --confirm only print that plan
    Undo {
        /// The operation's id
        op: String,
        /// Device index at the old instance instead of the one that it had there
        #[arg(long, value_name = "N")]
        index: Option<u32>,
        /// A check of the preflight that blocks until it is accepted by its id; may be repeated
        #[arg(long, value_name = "CHECK")]
        accept: Vec<String>,
        /// The network interface's full id: the consent to the whole plan
        #[arg(long, value_name = "ENI")]
        confirm: Option<String>,
        /// Seconds after which a safe end is sought
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        timeout: Option<Duration>,
    },
    /// Give up an operation that was left open: only its journal is closed
    Abandon {
        /// The operation's id
        op: String,
        /// The network interface's full id, once you have read where it is
        #[arg(long, value_name = "ENI")]
        confirm: Option<String>,
    },
    /// Print an operation's report and journal, to be handed on
    Export {
        /// The operation's id
        op: String,
        /// Replace ids, names and public addresses, the same by the same
        #[arg(long)]
        redact: bool,
    },
}

impl OpsCommand {
    /// The operation that it names; empty for the list.
    pub fn op(&self) -> &str {
        match self {
            Self::List => "",
            Self::Show { op }
            | Self::Replay { op }
            | Self::Resume { op, .. }
            | Self::Undo { op, .. }
            | Self::Abandon { op, .. }
            | Self::Export { op, .. } => op,
        }
    }
}

/// What to move, and where to.
#[derive(Clone, Debug, PartialEq, Eq, ClapArgs)]
pub struct MoveArgs {
    /// The network interface
    #[arg(value_name = "ENI")]
    pub eni: String,
    /// The instance that it goes to
    #[arg(long, value_name = "INSTANCE")]
    pub to: String,
    /// Only if this instance holds it now
    #[arg(long, value_name = "INSTANCE")]
    pub from: Option<String>,
    /// Device index at the target instead of the lowest free one
    #[arg(long, value_name = "N")]
    pub index: Option<u32>,
    /// What goes over: interface, private-ip, elastic-ip or route
    #[arg(long, value_name = "WAY", value_parser = mechanism, default_value = "interface")]
    pub mechanism: Mechanism,
    /// Only this address or destination, not all that the mechanism could carry; may be repeated
    #[arg(long, value_name = "ADDRESS|CIDR")]
    pub only: Vec<String>,
    /// The interface of the target that takes it over, where the interface itself does not move
    #[arg(long, value_name = "ENI")]
    pub receiver: Option<String>,
    /// Stop this instance, which holds the interface now, if the detach hangs: its full id
    #[arg(long, value_name = "INSTANCE")]
    pub fence: Option<String>,
    /// Go on to this instance if the target refuses the interface once it is detached: its full id
    #[arg(long, value_name = "INSTANCE")]
    pub or_to: Option<String>,
    /// A check of the preflight that blocks until it is accepted by its id; may be repeated
    #[arg(long, value_name = "CHECK")]
    pub accept: Vec<String>,
}

fn service(text: &str) -> Result<SocketAddr, String> {
    match text.parse::<SocketAddr>() {
        Ok(at) if at.port() != 0 && !at.ip().is_unspecified() => Ok(at),
        // A name could lead elsewhere after the move than before it.
        _ => Err("expected an address and a port, such as 10.0.1.50:5432 or [::1]:80".to_owned()),
    }
}

fn mechanism(text: &str) -> Result<Mechanism, String> {
    Mechanism::of_word(text).ok_or_else(|| {
        let all = Mechanism::ALL.map(Mechanism::word);
        format!("expected one of {}", all.join(", "))
    })
}

/// How a world is served.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct ServeArgs {
    /// Serve a lesson's world; its goals are met by what clients do
    #[arg(long, value_name = "LESSON|FILE")]
    pub lesson: Option<String>,
    /// Port on 127.0.0.1; a free one unless given
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// The access key id that is accepted; a random one unless given
    #[arg(long, value_name = "ID", value_parser = access_key, conflicts_with = "no_auth")]
    pub access_key: Option<String>,
    /// Accept any access key id, and none
    #[arg(long)]
    pub no_auth: bool,
    /// How long each attach takes, in virtual time, such as 2s or 500ms
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub attach_time: Option<Duration>,
    /// How long each detach takes that is not forced
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub detach_time: Option<Duration>,
    /// Something else than serving.
    #[command(subcommand)]
    pub command: Option<ServeCommand>,
}

/// What can be done to a server that runs.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum ServeCommand {
    /// Steer a server that runs, by --endpoint-url and --access-key or by its export lines
    Ctl {
        /// The access key id that it takes; AWS_ACCESS_KEY_ID unless given
        #[arg(long, value_name = "ID", value_parser = access_key)]
        access_key: Option<String>,
        /// What to do.
        #[command(subcommand)]
        command: CtlCommand,
    },
}

/// How a served world is steered.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum CtlCommand {
    /// World, virtual time, requests, faults
    Status,
    /// Begin the world again
    Reset,
    /// Write the world as it is now to a file, for load and --world
    Save {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Begin another world, or go on with a saved one
    Load {
        /// One that comes with the program, or a TOML file
        #[arg(value_name = "NAME|FILE")]
        file: String,
    },
    /// Take the newest call back
    Undo,
    /// Stop virtual time
    Pause,
    /// Let virtual time run
    Run,
    /// Change how fast virtual time runs
    Pace {
        /// Virtual seconds a second
        #[arg(value_parser = factor)]
        factor: String,
    },
    /// Move virtual time forward at once
    Advance {
        /// Such as 30s
        #[arg(value_parser = span)]
        time: Duration,
    },
    /// List what makes life hard; put items in, or take them out
    Faults {
        /// Items to put in, such as throttle,stale=8s
        #[arg(long, value_name = "ITEMS")]
        add: Option<String>,
        /// Items to take out, as listed or by their first word, such as stale
        #[arg(long, value_name = "ITEMS", conflicts_with = "clear")]
        remove: Option<String>,
        /// Take all out first
        #[arg(long)]
        clear: bool,
    },
}

fn factor(text: &str) -> Result<String, String> {
    speed(text).map(|_| text.to_owned())
}

fn access_key(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain && (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected letters and digits".to_owned())
    }
}

fn span(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let mut found = units.iter().filter_map(|(unit, millis)| {
        let number = text.strip_suffix(unit)?;
        Some((number, *millis))
    });
    let (number, unit) = found.next().unwrap_or((text, 1_000));
    match number.parse::<u64>() {
        Ok(n) if n.saturating_mul(unit) <= 86_400_000 => Ok(Duration::from_millis(n * unit)),
        _ => Err("expected a time up to a day, such as 500ms, 3s or 10m".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let plain = text.strip_suffix('s').unwrap_or(text);
    match plain.parse::<u64>() {
        Ok(n @ 1..=86_400) => Ok(Duration::from_secs(n)),
        _ => Err("expected seconds between 1 and 86400, such as 90".to_owned()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if n > 0.0 && n <= 1_000.0 => Ok(n),
        _ => Err("expected a factor above 0 and up to 1000, such as 4 or 0.5".to_owned()),
    }
}
