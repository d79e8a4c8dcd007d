//! The AWS SDK adapter.
//!
//! Invariants: two EC2 clients stand on one connection pool and one credential cache. `reads` may
//! retry and may take long, because it fetches whole inventories; `once` never retries and gives up
//! early, because a mutating call must not be sent twice and a look must not be old.

mod act;
mod config;
mod convert;
mod describe;
mod dry;
mod errors;
#[cfg(test)]
mod tests;
mod types;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use super::failure::Failure;
use super::port::Caller;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::failover::surroundings::Expiry;
use errors::{Place, Trouble};
use types::Types;

/// How long the source of credentials may take to say when they end.
const CREDENTIALS_WITHIN: Duration = Duration::from_secs(5);

/// One endpoint, seen with one identity.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// Inventories: retries, patience.
    reads: aws_sdk_ec2::Client,
    /// Looks and mutating calls: neither.
    once: aws_sdk_ec2::Client,
    sts: aws_sdk_sts::Client,
    place: Arc<Place>,
    /// Where credentials come from; absent where none are needed.
    credentials: Option<SharedCredentialsProvider>,
    /// Account, once it is known; shared by all copies.
    account: Arc<OnceLock<Str>>,
    /// Instance types that were asked for; shared by all copies.
    types: Arc<Types>,
}

impl Connection {
    /// AWS itself answers, not an endpoint that merely speaks like it.
    pub(super) fn is_aws(&self) -> bool {
        self.place.is_aws()
    }

    /// The account, if anything has told it so far.
    pub(super) fn account(&self) -> Option<Str> {
        self.account.get().cloned()
    }

    /// The Region.
    pub(super) fn region(&self) -> Str {
        self.place.region.clone()
    }

    /// The endpoint, where it is not the one that the SDK derives from the Region.
    pub(super) fn endpoint(&self) -> Option<Str> {
        self.place.endpoint.clone()
    }

    /// Where requests go, for people.
    pub(super) fn place(&self) -> String {
        self.place.to_string()
    }

    /// When the credentials end; `None` if nobody says so within a moment.
    pub(super) async fn credentials(&self) -> Option<Expiry> {
        let source = self.credentials.as_ref()?;
        let asked = tokio::time::timeout(CREDENTIALS_WITHIN, source.provide_credentials()).await;
        let credentials = asked.ok()?.ok()?;
        let Some(end) = credentials.expiry() else {
            return Some(Expiry::Never);
        };
        let since = end.duration_since(UNIX_EPOCH).ok()?;
        let millis = i64::try_from(since.as_millis()).ok()?;
        Some(Expiry::At(Time::from_millis(millis)))
    }

    /// Who we are.
    pub(super) async fn caller(&self) -> Result<Caller, Failure> {
        let caller = match self.sts.get_caller_identity().send().await {
            Ok(answer) => match answer.account() {
                Some(account) => Caller {
                    account: account.into(),
                    arn: answer.arn().map(Str::from),
                },
                None => return Err(self.no_account()),
            },
            Err(error) => {
                let trouble = Trouble::of(&error);
                if self.is_aws() || !trouble.may_lack_the_service() {
                    return Err(trouble.failure("sts:GetCallerIdentity", &self.place));
                }
                Caller {
                    account: self.owner_of_interfaces().await?,
                    arn: None,
                }
            }
        };
        // Whoever came first has told the same: one connection has one identity.
        self.account.get_or_init(|| caller.account.clone());
        Ok(caller)
    }

    async fn owner_of_interfaces(&self) -> Result<Str, Failure> {
        let page = self
            .reads
            .describe_network_interfaces()
            .max_results(describe::PAGE)
            .send()
            .await
            .map_err(|error| self.failure("DescribeNetworkInterfaces", &error))?;
        page.network_interfaces()
            .iter()
            .find_map(|eni| eni.owner_id().filter(|owner| !owner.is_empty()))
            .map(Str::from)
            .ok_or_else(|| self.no_account())
    }

    fn no_account(&self) -> Failure {
        Failure::new(
            format!(
                "{} neither answers GetCallerIdentity nor owns a network interface, so its account is unknown",
                self.place
            ),
            "Serve STS at the same endpoint, or create a network interface there",
        )
    }

    fn failure<E>(&self, action: &str, error: &SdkError<E>) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Trouble::of(error).failure(&format!("ec2:{action}"), &self.place)
    }
}
