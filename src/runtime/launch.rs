//! Everything that must be in place before a live operation may begin: leave to write, the right
//! account, the lock, the journal, the write port. In this order, so that a refusal leaves nothing.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::clock::WallClock;
use super::flight::{Flight, Ports, Write};
use crate::cloud::port::{AllowWrites, Failure, Reader, Writer};
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::failover::engine::{Engine, Gaze, Goal, Observation, Outcome};
use crate::failover::facts::Scope;
use crate::failover::journal::line::{self, Journal, Untrusted};
use crate::failover::plan::{Check, Plan};
use crate::failover::resume::{Detour, NoOperation, Operation, Takeover};
use crate::store::dir::{StateDir, locate};
use crate::store::error::StoreError;
use crate::store::journal::{self, JournalFile};
use crate::store::lock::{Holder, LockError, OpLock};
use crate::store::ops;
use crate::store::prune::{KEPT, prune};

/// Why an operation may not begin. Nothing has happened.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Writes were not allowed.
    #[error("This is read-only. Pass --allow-writes to change anything")]
    ReadOnly,
    /// The plan is for another account, Region or endpoint.
    #[error("The plan is for {planned}, but these credentials lead to {found}. Make a new plan")]
    OtherPlace {
        /// Where the plan may be flown.
        planned: String,
        /// Where it would have been.
        found: String,
    },
    /// Another operation is at an interface that this one touches.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An operation that touches the same interface was left behind.
    #[error(
        "operation {op} on {eni} was left open: finish it first with \
         `enipilot ops resume {op} --confirm {eni} --allow-writes`, or read `enipilot ops show {op}`"
    )]
    Unfinished {
        /// The operation.
        op: String,
        /// The interface that it moves, or carries something from.
        eni: String,
    },
    /// There is no such operation.
    #[error("the state directory knows no operation {0}; `enipilot ops list` names them")]
    Unknown(String),
    /// It has come to its end already.
    #[error("operation {0} is over; `enipilot ops show {0}` says how it ended")]
    Over(String),
    /// Its journal cannot be trusted.
    #[error("{0}")]
    Damaged(#[from] Untrusted),
    /// Its journal tells nothing.
    #[error("{0}")]
    Nothing(#[from] NoOperation),
    /// No journal, no operation.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The endpoint.
    #[error(transparent)]
    Endpoint(#[from] Failure),
    /// The operating system has no randomness for an id.
    #[error("no operation id could be drawn: {0}")]
    Random(#[from] rustix::io::Errno),
}

impl Refusal {
    /// Exit code of the headless command.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Lock(LockError::Held { .. }) | Self::Unfinished { .. } => 6,
            Self::ReadOnly | Self::OtherPlace { .. } => 2,
            Self::Damaged(_) => 4,
            _ => 1,
        }
    }
}

/// The ports of one live operation.
#[derive(Debug)]
pub struct Cloud {
    reader: Reader,
    writer: Writer,
}

impl Ports for Cloud {
    async fn look(&self, scope: &Scope, gaze: Gaze, asked_at: Time) -> Observation {
        self.reader.look(scope, gaze, asked_at).await
    }

    async fn submit(&self, call: &Call) -> Outcome {
        self.writer.submit(call).await
    }
}

/// A live operation that may begin, and what it holds until it ends.
pub struct Launched {
    /// The operation.
    pub flight: Flight<Cloud>,
    /// Its journal.
    pub journal: PathBuf,
    /// No other operation on an interface that this one touches, while this lives.
    pub lock: OpLock,
}

/// What is to be taken up again.
#[derive(Clone, Debug)]
pub struct Again {
    /// Id of the operation.
    pub op: String,
    /// To which end.
    pub goal: Goal,
    /// A preflight made just now, if the person has agreed in view of it.
    pub fresh: Option<Vec<Check>>,
    /// Where it shall go instead of the planned place.
    pub detour: Detour,
}

/// A write beyond `ulimit -f` is an error like a full disk, which the engine lives with; the signal
/// that comes with it would end the process, between detach and attach as well.
fn outlive_limits() {
    // It cannot be caught only where it does not exist.
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
}

/// Puts everything in place.
pub async fn launch(
    reader: &Reader,
    plan: Arc<Plan>,
    state_dir: Option<&Path>,
    clock: WallClock,
    attended: bool,
    critical: Arc<AtomicBool>,
) -> Result<Launched, Refusal> {
    let leave = reader.allow_writes().ok_or(Refusal::ReadOnly)?;
    outlive_limits();
    right_place(reader, &plan).await?;
    let (op, seed) = draw()?;
    let dir = StateDir::open(&locate(state_dir)?)?;
    let lock = lock(&dir, &plan, &op, clock.now())?;
    unfinished(&dir, &plan)?;
    // Tidying up is no reason not to fly; what could not be removed is tried again next time.
    let _ = prune(&dir, KEPT);
    let journal = JournalFile::create(&dir, clock.now(), &plan.intent.eni, &op)?;
    let engine = Engine::new(plan, &op, seed);
    let ready = Ready {
        engine,
        journal,
        lock,
        op,
    };
    ready.launched(reader, leave, clock, attended, critical)
}

/// Puts everything in place for an operation that was left behind. Its journal is read under its
/// lock, so that nobody else can have gone on meanwhile.
pub async fn relaunch(
    reader: &Reader,
    again: Again,
    state_dir: Option<&Path>,
    clock: WallClock,
    attended: bool,
    critical: Arc<AtomicBool>,
) -> Result<Launched, Refusal> {
    let leave = reader.allow_writes().ok_or(Refusal::ReadOnly)?;
    outlive_limits();
    let dir = StateDir::open(&locate(state_dir)?)?;
    let path = find(&dir, &again.op)?;
    let (_, _, operation) = read(&path)?;
    let plan = Arc::clone(&operation.plan);
    right_place(reader, &plan).await?;
    let (_, seed) = draw()?;
    let lock = lock(&dir, &plan, &again.op, clock.now())?;
    let (length, journal, operation) = read(&path)?;
    if !operation.is_open() {
        return Err(Refusal::Over(again.op));
    }
    let journal = JournalFile::reopen(&path, length, &journal)?;
    let me = Holder::me(&again.op, clock.now());
    let takeover = Takeover {
        operation,
        goal: again.goal,
        fresh: again.fresh,
        detour: again.detour,
        by: format!("process {} on {}", me.pid, me.host),
    };
    let ready = Ready {
        engine: Engine::resume(takeover, clock.now(), seed),
        journal,
        lock,
        op: again.op,
    };
    ready.launched(reader, leave, clock, attended, critical)
}

/// The account, Region and endpoint that the credentials lead to are those of the plan.
async fn right_place(reader: &Reader, plan: &Plan) -> Result<(), Refusal> {
    let caller = reader.caller().await?;
    let sky = reader.sky();
    let place = |account: &str, region: &str, endpoint: Option<&str>| {
        format!("{account} {region} {}", endpoint.unwrap_or("AWS"))
    };
    let planned = &plan.sky;
    let planned = place(
        &planned.account,
        &planned.region,
        planned.endpoint.as_deref(),
    );
    let found = place(&caller.account, &sky.region, sky.endpoint.as_deref());
    if planned == found {
        Ok(())
    } else {
        Err(Refusal::OtherPlace { planned, found })
    }
}

/// Nobody else is at an interface that the plan touches while this is held.
pub fn lock(dir: &StateDir, plan: &Plan, op: &str, now: Time) -> Result<OpLock, LockError> {
    let (sky, enis) = (&plan.sky, plan.interfaces());
    OpLock::take(dir, &sky.account, &sky.region, &enis, &Holder::me(op, now))
}

/// What was begun on an interface is brought to an end before anything new begins on it.
fn unfinished(dir: &StateDir, plan: &Plan) -> Result<(), Refusal> {
    for (_, kept) in ops::open(dir)? {
        if let Some(operation) = kept.operation().filter(|_| kept.meets(plan)) {
            return Err(Refusal::Unfinished {
                op: kept.op.clone(),
                eni: operation.plan.intent.eni.to_string(),
            });
        }
    }
    Ok(())
}

/// The journal of an operation.
pub fn find(dir: &StateDir, op: &str) -> Result<PathBuf, Refusal> {
    let all = ops::all(dir)?;
    let found = all.into_iter().find(|(_, kept)| kept.op == op);
    found
        .map(|(path, _)| path)
        .ok_or_else(|| Refusal::Unknown(op.to_owned()))
}

/// The journal of an operation as it stands: length in bytes, records, what they tell.
pub fn read(path: &Path) -> Result<(u64, Journal, Operation), Refusal> {
    let text = journal::read(path)?;
    let journal = line::decode(text.as_bytes())?;
    let operation = Operation::read(&journal)?;
    Ok((text.len() as u64, journal, operation))
}

/// Everything but the ports.
struct Ready {
    engine: Engine,
    journal: JournalFile,
    lock: OpLock,
    op: String,
}

impl Ready {
    fn launched(
        self,
        reader: &Reader,
        leave: AllowWrites,
        clock: WallClock,
        attended: bool,
        critical: Arc<AtomicBool>,
    ) -> Result<Launched, Refusal> {
        let writer = Writer::open(reader, leave, &self.journal)?;
        let path = self.journal.path().to_path_buf();
        let ports = Cloud {
            reader: reader.clone(),
            writer,
        };
        let write = into_file(self.journal, self.op);
        Ok(Launched {
            flight: Flight::new(self.engine, ports, write, clock, attended, critical),
            journal: path,
            lock: self.lock,
        })
    }
}

/// An operation's id, and a seed for its jitter.
pub(super) fn draw() -> Result<(String, u64), rustix::io::Errno> {
    let mut bytes = [0_u8; 12];
    let flags = rustix::rand::GetRandomFlags::empty();
    rustix::rand::getrandom(&mut bytes[..], flags)?;
    let [a, b, c, d, seed @ ..] = bytes;
    let op = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
    Ok((op, u64::from_le_bytes(seed)))
}

fn into_file(mut journal: JournalFile, op: String) -> Write {
    Box::new(move |record| {
        let line = line::encode(&op, record).map_err(|error| error.to_string())?;
        journal.append(&line).map_err(|error| error.to_string())
    })
}
