//! What EC2 says when it refuses.

use serde::{Deserialize, Serialize};

use super::id::Str;

/// An error answer of the EC2 API, code and text as EC2 gave them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code}{})", mark(*approximate))]
#[serde(rename_all = "PascalCase")]
pub struct ApiError {
    /// EC2's error code, verbatim, for example `AttachmentLimitExceeded`.
    pub code: Str,
    /// EC2's text, verbatim.
    pub message: Str,
    /// The code is EC2's, the text only modelled on EC2's: so a simulator says where nobody has quoted
    /// the real one. People are told; nothing of it goes over the wire.
    #[serde(default, skip_serializing_if = "is_false")]
    pub approximate: bool,
    /// The request that was refused, if EC2 named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Str>,
}

fn is_false(on: &bool) -> bool {
    !on
}

fn mark(approximate: bool) -> &'static str {
    if approximate {
        "; code certain, text approximate"
    } else {
        ""
    }
}

impl ApiError {
    /// An error without a request id.
    pub fn new(code: &str, message: impl Into<Str>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            approximate: false,
            request_id: None,
        }
    }

    /// An error whose text is only modelled on EC2's.
    pub fn approximate(code: &str, message: impl Into<Str>) -> Self {
        Self {
            approximate: true,
            ..Self::new(code, message)
        }
    }

    /// The HTTP status that EC2 sends with this code (EC2 API Reference, "Error codes").
    pub fn http_status(&self) -> u16 {
        match &*self.code {
            "DryRunOperation" => 412,
            "AuthFailure" => 401,
            "UnauthorizedOperation"
            | "MissingAuthenticationToken"
            | "InvalidClientTokenId"
            | "ExpiredToken" => 403,
            "RequestEntityTooLarge" => 413,
            "RequestLimitExceeded" | "Unavailable" | "ServiceUnavailable" => 503,
            "InternalError" => 500,
            _ => 400,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn people_are_told_that_a_text_is_approximate_and_journals_keep_it() {
        let sure = ApiError::new("Code", "Text.");
        let approximate = ApiError::approximate("Code", "Text.");
        assert_eq!(sure.to_string(), "Text. (Code)");
        assert_eq!(
            approximate.to_string(),
            "Text. (Code; code certain, text approximate)"
        );
        assert_eq!(
            serde_json::to_string(&sure).unwrap(),
            r#"{"Code":"Code","Message":"Text."}"#
        );
        let kept = serde_json::to_string(&approximate).unwrap();
        assert_eq!(
            serde_json::from_str::<ApiError>(&kept).unwrap(),
            approximate
        );
    }
}
