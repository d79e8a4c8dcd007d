//! Everything that must be in place before a live operation may begin: leave to write, the right
//! account, the lock, the journal, the write port. In this order, so that a refusal leaves nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::clock::WallClock;
use super::flight::{Flight, Ports, Write};
use crate::cloud::port::{Failure, Reader, Writer};
use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::failover::engine::{Engine, Gaze, Observation, Outcome};
use crate::failover::facts::Scope;
use crate::failover::journal::line;
use crate::failover::plan::Plan;
use crate::store::dir::{StateDir, locate};
use crate::store::error::StoreError;
use crate::store::journal::JournalFile;
use crate::store::lock::{Holder, LockError, OpLock};
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
    /// Another operation on the same interface.
    #[error(transparent)]
    Lock(#[from] LockError),
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
            Self::Lock(LockError::Held { .. }) => 6,
            Self::ReadOnly | Self::OtherPlace { .. } => 2,
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
    /// No other operation on this interface while this lives.
    pub lock: OpLock,
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
    if planned != found {
        return Err(Refusal::OtherPlace { planned, found });
    }
    let (op, seed) = draw()?;
    let dir = StateDir::open(&locate(state_dir)?)?;
    let eni = &plan.intent.eni;
    let now = clock.now();
    let holder = Holder::me(&op, now);
    let lock = OpLock::take(&dir, &caller.account, &sky.region, eni, &holder)?;
    // Tidying up is no reason not to fly; what could not be removed is tried again next time.
    let _ = prune(&dir, KEPT);
    let journal = JournalFile::create(&dir, now, eni, &op)?;
    let writer = Writer::open(reader, leave, &journal)?;
    let path = journal.path().to_path_buf();
    let ports = Cloud {
        reader: reader.clone(),
        writer,
    };
    let engine = Engine::new(plan, &op, seed);
    let write = into_file(journal, op);
    Ok(Launched {
        flight: Flight::new(engine, ports, write, clock, attended, critical),
        journal: path,
        lock,
    })
}

/// An operation's id, and a seed for its jitter.
fn draw() -> Result<(String, u64), rustix::io::Errno> {
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
