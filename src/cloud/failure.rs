//! Why an endpoint could not be used, for people.
//!
//! Invariants: every failure says what happened and what to do about it; the cause is kept in full.
//! Texts of the endpoint are in it as they came: whoever shows a failure sanitises it.

use std::fmt;

/// A failed connection, describe or identity request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened, one sentence without a full stop, naming endpoint, profile or action.
    pub what: String,
    /// What to do, one sentence without a full stop.
    pub remedy: String,
    /// Every error on the way, outermost first; empty where `what` says it all.
    pub cause: String,
    /// EC2's or STS's error code, if one of them answered.
    pub code: Option<String>,
    /// The endpoint asks for fewer requests.
    pub throttled: bool,
}

impl Failure {
    /// A failure with neither cause nor code.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
            cause: String::new(),
            code: None,
            throttled: false,
        }
    }

    /// Adds the errors on the way.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }
}

/// What, remedy, and the cause last in parentheses.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}.", self.what, self.remedy)?;
        if !self.cause.is_empty() {
            write!(f, " ({})", self.cause)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
