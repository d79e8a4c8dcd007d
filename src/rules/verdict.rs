//! A rule's answer.

use crate::ec2::error::ApiError;

/// How sure the text is. The code is always EC2's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Seen verbatim in a public thread or in AWS's documentation.
    Verified,
    /// Code certain, text approximate.
    Approximate,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// EC2's error code.
    pub code: &'static str,
    /// EC2's text.
    pub message: String,
    /// Whether that text is known to be EC2's own.
    pub wording: Wording,
    /// The rule in plain words, with the figures of this case.
    pub because: String,
    /// What to do instead.
    pub instead: String,
}

impl Denial {
    /// A refusal whose text is EC2's own.
    pub(super) fn verified(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            wording: Wording::Verified,
            because: String::new(),
            instead: String::new(),
        }
    }

    /// A refusal whose text is modelled on others of EC2's.
    pub(super) fn approximate(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            wording: Wording::Approximate,
            ..Self::verified(code, message)
        }
    }

    /// Adds the reason with the figures of this case.
    pub(super) fn because(self, because: impl Into<String>) -> Self {
        Self {
            because: because.into(),
            ..self
        }
    }

    /// Adds the remedy.
    pub(super) fn instead(self, instead: impl Into<String>) -> Self {
        Self {
            instead: instead.into(),
            ..self
        }
    }

    /// The refusal as the API would send it.
    pub fn error(&self) -> ApiError {
        ApiError {
            approximate: self.wording == Wording::Approximate,
            ..ApiError::new(self.code, self.message.as_str())
        }
    }
}

/// Allowed, or denied with everything there is to say about it.
pub type Verdict = Result<(), Denial>;
