//! From options, environment and shared configuration files to a [`Connection`].
//!
//! Invariants: credentials never leave the SDK; plain HTTP goes to this machine only; one endpoint
//! serves EC2 and STS alike, so that an override can never ask the real STS about somebody else.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::profile::ProfileSet;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;

use super::Connection;
use super::errors::{Mfa, Place};
use crate::cloud::failure::Failure;
use crate::cloud::port::Options;
use crate::ec2::id::Str;

/// To reach the endpoint.
const CONNECT: Duration = Duration::from_millis(3_100);
/// One try of a look or of a mutating call.
const ATTEMPT: Duration = Duration::from_secs(4);
/// All of a look or of a mutating call, credentials included.
const OPERATION: Duration = Duration::from_secs(10);
/// One page of an inventory: an endpoint that ignores MaxResults takes 6 s for 10,000 interfaces.
const PAGE_ATTEMPT: Duration = Duration::from_secs(20);
/// One page of an inventory with all retries.
const PAGE_OPERATION: Duration = Duration::from_secs(45);

impl Connection {
    /// Resolves everything that can be resolved without asking the endpoint.
    pub(in crate::cloud) async fn open(options: &Options) -> Result<Self, Failure> {
        let profiles = profiles(options).await?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(&**profile);
        }
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.to_string()));
        }
        if let Some(endpoint) = &options.endpoint_url {
            loader = loader.endpoint_url(&**endpoint);
        }
        let mut shared = loader.load().await;
        if endpoint(&shared, options).is_some_and(|url| url.starts_with("http://")) {
            // The default client reads every root certificate of the system before its first
            // request: 40 ms for nothing where nothing is encrypted.
            let plain = aws_smithy_http_client::Builder::new().build_http();
            shared = shared.into_builder().http_client(plain).build();
        }
        let profile = named_profile(options, &profiles);
        let mfa = profile.as_deref().and_then(|name| mfa(&profiles, name));
        Self::over(&shared, options, profile, mfa)
    }

    /// The connection on a configuration that no profile stands behind.
    pub(in crate::cloud) fn on(shared: &SdkConfig, options: &Options) -> Result<Self, Failure> {
        Self::over(shared, options, None, None)
    }

    /// The connection on a loaded configuration.
    pub(super) fn over(
        shared: &SdkConfig,
        options: &Options,
        profile: Option<Str>,
        mfa: Option<Mfa>,
    ) -> Result<Self, Failure> {
        let region = shared.region().ok_or_else(no_region)?;
        let endpoint = endpoint(shared, options);
        if let Some(url) = &endpoint {
            check_endpoint(url)?;
        }
        let place = Place {
            endpoint: endpoint.as_deref().map(Str::from),
            region: region.as_ref().into(),
            profile,
            mfa,
        };
        let ec2 = |retries: RetryConfig, attempt, operation| {
            let mut config = aws_sdk_ec2::config::Builder::from(shared)
                .retry_config(retries)
                .timeout_config(timeouts(attempt, operation));
            config.set_endpoint_url(endpoint.clone());
            aws_sdk_ec2::Client::from_conf(config.build())
        };
        let mut sts = aws_sdk_sts::config::Builder::from(shared)
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts(ATTEMPT, OPERATION));
        sts.set_endpoint_url(endpoint.clone());
        Ok(Self {
            reads: ec2(RetryConfig::standard(), PAGE_ATTEMPT, PAGE_OPERATION),
            once: ec2(RetryConfig::disabled(), ATTEMPT, OPERATION),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            place: Arc::new(place),
            credentials: shared.credentials_provider(),
            account: Arc::new(OnceLock::new()),
            types: Arc::default(),
        })
    }
}

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

/// The shared configuration files, read before anything else so that a wrong profile is named
/// at once and not after every other source of credentials has been tried.
async fn profiles(options: &Options) -> Result<ProfileSet, Failure> {
    let over = options
        .profile
        .as_ref()
        .map(|name| Cow::Owned(name.to_string()));
    let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), over)
        .await
        .map_err(|error| {
            Failure::new(
                "The shared AWS configuration files cannot be read",
                "Correct the file named below; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE choose others",
            )
            .because(super::errors::chain(&error))
        })?;
    let selected = profiles.selected_profile();
    if selected != "default" && profiles.get_profile(selected).is_none() {
        let mut known: Vec<_> = profiles.profiles().collect();
        known.sort_unstable();
        let known = match known.as_slice() {
            [] => "there is none at all; `aws configure` makes one".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        return Err(Failure::new(
            format!("There is no AWS profile `{selected}`"),
            format!("Name another one with --profile or AWS_PROFILE ({known})"),
        ));
    }
    Ok(profiles)
}

/// The profile in use, unless it is the nameless default.
fn named_profile(options: &Options, profiles: &ProfileSet) -> Option<Str> {
    let selected = profiles.selected_profile();
    options
        .profile
        .clone()
        .or_else(|| (selected != "default").then(|| selected.into()))
}

/// A device that would have to be asked for a code: the SDK cannot.
fn mfa(profiles: &ProfileSet, name: &str) -> Option<Mfa> {
    let profile = profiles.get_profile(name)?;
    profile.get("mfa_serial").map(|serial| Mfa {
        serial: serial.into(),
    })
}

/// The endpoint that EC2 calls go to, if anything overrides it. The SDK decides in this order, but
/// does not tell: code, `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL`, the profile's `services`
/// section, the profile's `endpoint_url` (AWS SDKs Reference Guide, "Service-specific endpoints").
fn endpoint(shared: &SdkConfig, options: &Options) -> Option<String> {
    if let Some(url) = &options.endpoint_url {
        return Some(url.to_string());
    }
    let key = ServiceConfigKey::builder()
        .service_id("EC2")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    shared
        .service_config()
        .and_then(|config| config.load_config(key))
        .or_else(|| shared.endpoint_url().map(str::to_owned))
        .filter(|url| !url.is_empty())
}

fn check_endpoint(url: &str) -> Result<(), Failure> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(Failure::new(
            format!("The endpoint `{url}` is not a URL"),
            "Write it like https://ec2.us-east-1.amazonaws.com or http://127.0.0.1:5000",
        ));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(()),
        "http" if is_loopback(host(rest)) => Ok(()),
        "http" => Err(Failure::new(
            format!(
                "Plain HTTP to {} is refused: it would carry signed requests in the clear",
                host(rest)
            ),
            "Use https://, or an endpoint on this machine",
        )),
        _ => Err(Failure::new(
            format!("The endpoint `{url}` is neither https:// nor http://"),
            "Write it like https://ec2.us-east-1.amazonaws.com or http://127.0.0.1:5000",
        )),
    }
}

/// The host of a URL without its scheme; user information and port do not count.
pub(super) fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn no_region() -> Failure {
    Failure::new(
        "No AWS Region is chosen",
        "Name one with --region, AWS_REGION, or `region =` in the profile",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for good in [
            "http://127.0.0.1:5000",
            "http://localhost:4566/",
            "http://[::1]:5000",
            "HTTP://127.8.9.1",
            "https://ec2.example.com",
            "https://10.0.0.1:8443/path",
        ] {
            assert_eq!(check_endpoint(good), Ok(()), "{good}");
        }
        for bad in [
            "http://10.0.0.1:5000",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com/",
            "http://example.com/127.0.0.1",
            "ftp://127.0.0.1",
            "127.0.0.1:5000",
            "",
        ] {
            assert!(check_endpoint(bad).is_err(), "{bad}");
        }
    }
}
