//! A served world: its endpoint, and what its clients ask.
//!
//! Invariant: what a client says of itself is made harmless before it stands here.

use crate::ec2::id::Str;
use crate::ec2::shown::shown;
use crate::ec2::time::Time;

/// The endpoint behind the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: Str,
    /// The access key id that is accepted.
    pub access_key_id: Str,
    /// What a shell needs to reach it, one line each, ready to be pasted.
    pub exports: Vec<String>,
    /// Requests so far.
    pub requests: u64,
    /// A client has asked in the last few seconds.
    pub active: bool,
    /// The newest line of the feed, if it tells of a read: the same read again only counts.
    pub repeated: Option<(String, u32)>,
}

impl Served {
    /// An endpoint that nobody has asked yet.
    pub fn new(endpoint: &str, access_key_id: &str, exports: Vec<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            access_key_id: access_key_id.into(),
            exports,
            requests: 0,
            active: false,
            repeated: None,
        }
    }
}

/// One request of a client, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When.
    pub at: Time,
    /// Who, by its own account: `Boto3`, `aws-cli`.
    pub caller: Str,
    /// The action; empty if none was named.
    pub action: Str,
    /// The resource that it names first; empty if none.
    pub about: Str,
    /// EC2's code, of a refusal.
    pub code: Option<Str>,
}

impl Exchange {
    /// It only looks.
    pub fn is_read(&self) -> bool {
        self.action.starts_with("Describe") || self.action.starts_with("Get")
    }

    /// It was refused, and not because it only tried.
    pub fn is_refused(&self) -> bool {
        let code = self.code.as_deref();
        code.is_some_and(|code| code != "DryRunOperation")
    }

    /// `Boto3: DetachNetworkInterface accepted eni-attach-0b7e5c21d09f1a338`.
    pub fn line(&self) -> String {
        let action = match &*self.action {
            "" => "a request without an action",
            action => action,
        };
        let outcome = match &self.code {
            // The code before the id: on a narrow screen the end of the line is cut.
            Some(code) if self.is_refused() => format!(" refused ({code})"),
            Some(code) => format!(" would be accepted ({code})"),
            None if self.is_read() => String::new(),
            None => " accepted".to_owned(),
        };
        let about = match &*self.about {
            "" => String::new(),
            about => format!(" {about}"),
        };
        let line = format!("{}: {action}{outcome}{about}", self.caller);
        shown(&line).into_owned()
    }
}
