//! What the SDK's errors mean: for people, for the engine, and for a mutating call.
//!
//! Invariants: a mutating call counts as refused only when EC2 itself said so with a code that
//! cannot come after the deed; everything else may have happened. The whole chain of causes is
//! kept: the SDK's outermost texts ("dispatch failure") say nothing.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;

use crate::cloud::failure::Failure;
use crate::ec2::error::{ApiError, is_denial, without_encoded};
use crate::ec2::id::Str;
use crate::failover::engine::{LookError, Outcome};

/// Codes that ask for fewer requests (EC2 API Reference, "Error codes", and the SDK's own list).
const THROTTLING: &[&str] = &[
    "RequestLimitExceeded",
    "EC2ThrottledException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "SlowDown",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
];

const EXPIRED: &[&str] = &[
    "RequestExpired",
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
];

const NOT_RECOGNISED: &[&str] = &[
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "OptInRequired",
];

/// How much of an answer that is no answer is worth showing.
const BODY_SHOWN: usize = 120;

/// Where requests go, and with which profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Overridden endpoint.
    pub endpoint: Option<Str>,
    /// Region.
    pub region: Str,
    /// Profile, unless it is the default one.
    pub profile: Option<Str>,
    /// The profile wants a code of a device.
    pub mfa: Option<Mfa>,
}

/// A multi-factor device that a profile names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mfa {
    /// `mfa_serial`.
    pub serial: Str,
}

impl Place {
    /// AWS's own endpoint, overridden or not.
    pub(super) fn is_aws(&self) -> bool {
        let Some(url) = &self.endpoint else {
            return true;
        };
        let rest = url.split_once("://").map_or(&**url, |(_, rest)| rest);
        let host = super::config::host(rest)
            .trim_end_matches('.')
            .to_ascii_lowercase();
        // The DNS suffixes of AWS's partitions, and the dual-stack ones.
        const SUFFIXES: &[&str] = &[
            "amazonaws.com",
            "amazonaws.com.cn",
            "amazonaws.eu",
            "api.aws",
            "c2s.ic.gov",
            "sc2s.sgov.gov",
            "api.amazonwebservices.com.cn",
            "api.amazonwebservices.eu",
        ];
        SUFFIXES.iter().any(|suffix| {
            host.strip_suffix(suffix)
                .is_some_and(|head| head.is_empty() || head.ends_with('.'))
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(url) => f.write_str(url),
            None => write!(f, "ec2.{}.amazonaws.com", self.region),
        }
    }
}

/// Which part of a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The endpoint answered with a code of its own.
    Service,
    /// Something answered, but not in EC2's way.
    Answer,
    /// No answer in time.
    Timeout,
    /// Not reached, or the connection broke.
    Dispatch,
    /// Never sent: no usable credentials.
    Credentials,
    /// Never sent: the request could not be built.
    Request,
}

/// An error of the SDK, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    kind: Kind,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    status: Option<u16>,
    body: String,
    chain: String,
}

impl Trouble {
    /// Takes it apart.
    pub(super) fn of<E>(error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let response = error.raw_response();
        let code = error.meta_code();
        let kind = match error {
            SdkError::ConstructionFailure(_) => Kind::Request,
            SdkError::TimeoutError(_) => Kind::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Kind::Timeout,
            SdkError::DispatchFailure(_) => Kind::Dispatch,
            SdkError::ServiceError(_) if code.is_some() => Kind::Service,
            _ => Kind::Answer,
        };
        let kind = match kind {
            Kind::Dispatch | Kind::Request | Kind::Timeout if lacks_credentials(error) => {
                Kind::Credentials
            }
            other => other,
        };
        Self {
            kind,
            code,
            message: error.meta_message(),
            request_id: response.and_then(request_id),
            status: response.map(|r| r.status().as_u16()),
            body: response.map(body).unwrap_or_default(),
            chain: chain(error),
        }
    }

    fn has(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|c| codes.contains(&c))
    }

    /// Fewer requests, please.
    pub(super) fn is_throttling(&self) -> bool {
        self.has(THROTTLING)
            || (self.status == Some(429) && matches!(self.kind, Kind::Service | Kind::Answer))
    }

    /// EC2's code, if it says that this identity may not.
    pub(super) fn denial(&self) -> Option<&str> {
        let code = self.code.as_deref()?;
        (self.kind == Kind::Service && is_denial(code)).then_some(code)
    }

    /// EC2 answered with this code.
    pub(super) fn is_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The endpoint was reached and its answer can mean that it does not have the service at all.
    pub(super) fn may_lack_the_service(&self) -> bool {
        match self.kind {
            Kind::Answer => true,
            Kind::Service => !self.has(EXPIRED) && !self.has(NOT_RECOGNISED),
            _ => false,
        }
    }

    /// For the engine, which looks again by itself.
    pub(super) fn look_error(&self, action: &str, place: &Place) -> LookError {
        let failure = self.failure(&format!("ec2:{action}"), place);
        LookError {
            throttled: failure.throttled,
            what: if failure.cause.is_empty() {
                failure.what
            } else {
                format!("{} ({})", failure.what, failure.cause)
            },
        }
    }

    /// For a mutating call.
    pub(super) fn outcome(&self) -> Outcome {
        let refused = |code: &str| {
            Outcome::Refused(ApiError {
                code: code.into(),
                message: self.message.as_deref().unwrap_or_default().into(),
                approximate: false,
                request_id: self.request_id.as_deref().map(Str::from),
            })
        };
        match (self.kind, &self.code) {
            (Kind::Service, Some(code)) if self.is_throttling() || !self.is_server_fault() => {
                refused(code)
            }
            // Nothing was sent.
            (Kind::Credentials | Kind::Request, _) => Outcome::Refused(ApiError::new(
                "RequestNotSent",
                format!(
                    "The request could not be signed and was not sent: {}",
                    self.chain
                ),
            )),
            _ => Outcome::Unknown(self.cause()),
        }
    }

    fn is_server_fault(&self) -> bool {
        self.status.is_some_and(|s| s >= 500)
    }

    fn cause(&self) -> String {
        let mut cause = match self.status {
            Some(status) => format!("HTTP {status}: {}", self.chain),
            None => self.chain.clone(),
        };
        if self.kind == Kind::Answer && !self.body.is_empty() {
            cause.push_str(": ");
            cause.push_str(&self.body);
        }
        cause
    }

    /// For people. `action` is the IAM action, such as `ec2:DescribeVpcs`.
    pub(super) fn failure(&self, action: &str, place: &Place) -> Failure {
        let (what, remedy) = match self.kind {
            Kind::Service => self.service(action, place),
            Kind::Answer => self.no_answer(action, place),
            Kind::Timeout => (
                format!("{place} did not answer {action} in time"),
                "Check the network, a proxy, and that the endpoint is the right one".to_owned(),
            ),
            Kind::Dispatch => (
                format!("{place} cannot be reached"),
                "Check the endpoint (--endpoint-url, AWS_ENDPOINT_URL), the Region, the network and a proxy"
                    .to_owned(),
            ),
            Kind::Credentials => credentials(&self.chain, place),
            Kind::Request => (
                format!("{action} could not be put into a request"),
                "This is a fault of enipilot; please report it with the cause".to_owned(),
            ),
        };
        let cause = match (self.kind, &self.code) {
            (Kind::Service, Some(code)) => match &self.message {
                Some(message) if !message.is_empty() => {
                    format!("{} ({code})", without_encoded(message).0)
                }
                _ => code.clone(),
            },
            _ => self.cause(),
        };
        Failure {
            what,
            remedy,
            cause,
            code: self.code.clone(),
            throttled: self.is_throttling(),
        }
    }

    fn service(&self, action: &str, place: &Place) -> (String, String) {
        if self.is_throttling() {
            return (
                format!("{place} asks for fewer requests ({action})"),
                "Wait a little; other clients of the account count too".to_owned(),
            );
        }
        if self.has(EXPIRED) {
            let renew = match &place.profile {
                Some(profile) => {
                    format!("Renew them, for example `aws sso login --profile {profile}`")
                }
                None => "Renew them, for example `aws sso login`, or export fresh ones".to_owned(),
            };
            return (format!("The credentials have expired, says {place}"), renew);
        }
        if self.has(NOT_RECOGNISED) {
            return (
                format!("{place} does not accept the credentials"),
                "Check the profile, the Region, and this machine's clock".to_owned(),
            );
        }
        if self.denial().is_some() {
            return (
                format!("The identity may not {action}"),
                format!("Allow {action} in its IAM policy, or use another profile"),
            );
        }
        if self.is_server_fault() {
            return (
                format!(
                    "{place} failed on {action} (HTTP {})",
                    self.status.unwrap_or(500)
                ),
                "Try again; if it lasts, see the endpoint's own log or the AWS Health Dashboard"
                    .to_owned(),
            );
        }
        (
            format!("{place} refused {action}"),
            "See the cause; EC2's error codes are in the EC2 API Reference".to_owned(),
        )
    }

    fn no_answer(&self, action: &str, place: &Place) -> (String, String) {
        let html = self.body.trim_start().starts_with('<')
            && self.body.to_ascii_lowercase().contains("html");
        let status = self
            .status
            .map_or(String::new(), |s| format!(" (HTTP {s})"));
        let what = if html {
            format!("{place} answered {action} with a web page instead of EC2's XML{status}")
        } else if self.body.trim().is_empty() {
            format!("{place} answered {action} with nothing{status}")
        } else {
            format!("{place} answered {action} with something that is not EC2's XML{status}")
        };
        let remedy = if self.is_server_fault() {
            "See the endpoint's own log; it may not know this action, or be starting"
        } else {
            "Check that the endpoint is an EC2 one and that no proxy or login page stands before it"
        };
        (what, remedy.to_owned())
    }
}

fn credentials(chain: &str, place: &Place) -> (String, String) {
    let of = place
        .profile
        .as_ref()
        .map_or(String::new(), |p| format!(" of profile `{p}`"));
    if let Some(mfa) = &place.mfa {
        return (
            format!(
                "The credentials{of} need a code of the device {}, and this program cannot ask for it",
                mfa.serial
            ),
            format!(
                "Run `aws sts get-session-token --serial-number {} --token-code CODE` (for a role: `aws sts assume-role`) and export its three \
                 AWS_ variables, or give the profile a credential_process",
                mfa.serial
            ),
        );
    }
    let lower = chain.to_ascii_lowercase();
    if lower.contains("expired") || lower.contains("token has") {
        let login = place
            .profile
            .as_ref()
            .map_or(String::new(), |p| format!(" --profile {p}"));
        return (
            format!("The credentials{of} have expired"),
            format!("Run `aws sso login{login}`, or export fresh ones"),
        );
    }
    (
        format!("There are no usable AWS credentials{of}"),
        "Name a profile with --profile, export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or practise without an account: --world two-am"
            .to_owned(),
    )
}

/// Parts of an SDK error that its variants share.
trait Parts {
    fn meta_code(&self) -> Option<String>;
    fn meta_message(&self) -> Option<String>;
}

impl<E: ProvideErrorMetadata> Parts for SdkError<E> {
    fn meta_code(&self) -> Option<String> {
        self.code().filter(|c| !c.is_empty()).map(str::to_owned)
    }

    fn meta_message(&self) -> Option<String> {
        self.message().map(str::to_owned)
    }
}

/// Whether the request failed for want of credentials, before anything was sent.
fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// Every error on the way, outermost first, none twice.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        // Some of the SDK's texts are lists over several lines; a cause is one line.
        let text = error.to_string();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && !texts.iter().any(|t| t.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

/// The request as EC2 names it: in a header, and in the body of an error answer.
fn request_id(response: &HttpResponse) -> Option<String> {
    if let Some(id) = response.request_id() {
        return Some(id.to_owned());
    }
    let body = std::str::from_utf8(response.body().bytes()?).ok()?;
    let (_, rest) = body.split_once("<RequestID>")?;
    let (id, _) = rest.split_once("</RequestID>")?;
    Some(id.trim().to_owned())
}

/// The beginning of an answer on one line.
fn body(response: &HttpResponse) -> String {
    let bytes = response.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(
        bytes
            .get(..bytes.len().min(4 * BODY_SHOWN))
            .unwrap_or_default(),
    );
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(BODY_SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
