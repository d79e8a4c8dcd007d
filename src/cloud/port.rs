//! The ports: [`Reader`] for everything that only looks, [`Writer`] for mutating calls, [`DryRuns`] for
//! asking whether they would be permitted.
//!
//! Invariants: a [`Writer`] needs [`AllowWrites`], which only a reader opened with writes allowed
//! gives out, and an open journal; each of its calls goes over the wire at most once. A reader never
//! sends a mutating call. Dry runs go only to AWS, or where a person has said that the endpoint knows
//! them, and nothing that asks for one can ask for the call itself.

use std::sync::Arc;

use crate::ec2::call::Call;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::{Gaze, Observation, Outcome};
use crate::failover::facts::Scope;
use crate::failover::journal::Durable;
use crate::failover::permission::Reply;
use crate::failover::sky::Sky;
use crate::failover::surroundings::Expiry;

#[cfg(not(feature = "aws"))]
use super::absent::Connection;
#[cfg(feature = "aws")]
use super::aws::Connection;
pub use super::failure::Failure;

/// How to reach the endpoint; what is absent comes from the environment and the shared AWS
/// configuration files, as it does for the aws CLI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--profile`.
    pub profile: Option<Str>,
    /// `--region`.
    pub region: Option<Str>,
    /// `--endpoint-url`; it covers STS too.
    pub endpoint_url: Option<Str>,
    /// `--account`: the only account that may answer.
    pub account: Option<Str>,
    /// `--allow-writes`.
    pub allow_writes: bool,
    /// `--dry-run-supported`: an endpoint that is not AWS does not execute dry runs.
    pub dry_run_supported: bool,
}

/// Who we are to the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Account, 12 digits.
    pub account: Str,
    /// ARN of the identity; absent where an endpoint without STS was asked and the account is that
    /// of its network interfaces.
    pub arn: Option<Str>,
}

/// Says that mutating calls may be sent to one endpoint. It cannot be made by hand.
#[derive(Clone, Copy, Debug)]
pub struct AllowWrites(());

/// Looks at an endpoint. Copies share connections and credentials.
#[derive(Clone, Debug)]
pub struct Reader {
    connection: Arc<Connection>,
    options: Options,
}

impl Reader {
    /// Resolves profile, Region, endpoint and the way to credentials. Nothing goes over the
    /// network, except to the instance metadata service when nothing else names a Region.
    ///
    /// Errors: an unknown profile, no Region, plain HTTP beyond loopback, a build without the feature
    /// `aws`.
    pub async fn open(options: &Options) -> Result<Self, Failure> {
        let connection = Connection::open(options).await?;
        Ok(Self::over(connection, options.clone()))
    }

    /// Looks through an SDK configuration that is there already, with an HTTP client or credentials
    /// of its own; profiles and environment are not read.
    ///
    /// Errors: no Region, plain HTTP beyond loopback.
    #[cfg(feature = "aws")]
    pub fn on(shared: &aws_config::SdkConfig, options: &Options) -> Result<Self, Failure> {
        Ok(Self::over(
            Connection::on(shared, options)?,
            options.clone(),
        ))
    }

    pub(super) fn over(connection: Connection, options: Options) -> Self {
        Self {
            connection: Arc::new(connection),
            options,
        }
    }

    /// Where calls go, as the header and every plan name it. The account is empty until
    /// [`Self::caller`] or [`Self::world`] has answered.
    pub fn sky(&self) -> Sky {
        Sky {
            account: self.connection.account().unwrap_or_default(),
            region: self.connection.region(),
            endpoint: self.connection.endpoint(),
            ..Sky::live(self.options.profile.clone(), self.options.allow_writes)
        }
    }

    /// Where requests go, for people: the endpoint, or `ec2.us-east-1.amazonaws.com`.
    pub fn place(&self) -> String {
        self.connection.place()
    }

    /// The whole inventory. Its parts are described side by side; `on_page` sees the inventory so
    /// far after every page. One failed describe fails all: half an inventory would lie; what may not be
    /// described, and is no part of the tree's frame, is a gap that the world knows of.
    pub async fn world(&self, on_page: &mut (dyn FnMut(&World) + Send)) -> Result<World, Failure> {
        self.connection.world(None, on_page).await
    }

    /// The same, once more: what is as it was in the older inventory is kept once in memory.
    pub async fn world_after(
        &self,
        older: Option<&World>,
        on_page: &mut (dyn FnMut(&World) + Send),
    ) -> Result<World, Failure> {
        self.connection.world(older, on_page).await
    }

    /// What a running operation needs to know, once and without SDK retries: the engine asks again
    /// by itself and must hear of throttling. `asked_at` is now.
    pub async fn look(&self, scope: &Scope, gaze: Gaze, asked_at: Time) -> Observation {
        Observation {
            asked_at,
            gaze,
            seen: self.connection.look(scope, gaze).await,
        }
    }

    /// Who we are. On AWS only STS counts; where another endpoint has no STS, the owner of its
    /// network interfaces stands for it.
    ///
    /// Errors: besides those of the endpoint, an account other than the one that `--account` names.
    pub async fn caller(&self) -> Result<Caller, Failure> {
        let caller = self.connection.caller().await?;
        match &self.options.account {
            Some(pinned) if *pinned != caller.account => Err(Failure::new(
                format!(
                    "The credentials belong to account {}, not to {pinned} as --account demands",
                    caller.account
                ),
                "Choose the profile of that account with --profile, or correct --account",
            )),
            _ => Ok(caller),
        }
    }

    /// When the credentials end; `None` if that is not known.
    pub async fn credentials(&self) -> Option<Expiry> {
        self.connection.credentials().await
    }

    /// Leave to write, if it was asked for when the reader was opened.
    pub fn allow_writes(&self) -> Option<AllowWrites> {
        self.options.allow_writes.then_some(AllowWrites(()))
    }
}

/// Asks whether calls would be permitted.
#[derive(Debug)]
pub struct DryRuns {
    connection: Arc<Connection>,
}

impl DryRuns {
    /// The port to the reader's endpoint; `None` where it may execute what it is asked in a dry run.
    pub fn open(reader: &Reader) -> Option<Self> {
        let knows = reader.connection.is_aws() || reader.options.dry_run_supported;
        knows.then(|| Self {
            connection: Arc::clone(&reader.connection),
        })
    }

    /// Asks once, without retries.
    pub async fn ask(&self, call: &Call) -> Reply {
        self.connection.permits(call).await
    }
}

/// Submits mutating calls.
#[derive(Debug)]
pub struct Writer {
    connection: Arc<Connection>,
}

impl Writer {
    /// A write port to the reader's endpoint. An error if the journal is not open.
    pub fn open(
        reader: &Reader,
        _leave: AllowWrites,
        journal: &impl Durable,
    ) -> Result<Self, Failure> {
        if !journal.is_open() {
            return Err(Failure::new(
                "The journal is not open, so nothing may be changed",
                "Make the state directory writable, or name another one with --state-dir",
            ));
        }
        Ok(Self {
            connection: Arc::clone(&reader.connection),
        })
    }

    /// Sends the call once, without retries, and says how it ended as far as anybody knows. A call
    /// that is no part of a failover is refused without a request.
    pub async fn submit(&self, call: &Call) -> Outcome {
        self.connection.submit(call).await
    }
}
