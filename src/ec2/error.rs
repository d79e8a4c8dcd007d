//! What EC2 says when it refuses.

use serde::{Deserialize, Serialize};

use super::id::Str;

/// An error answer of the EC2 API, code and text as EC2 gave them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
#[serde(rename_all = "PascalCase")]
pub struct ApiError {
    /// EC2's error code, verbatim, for example `AttachmentLimitExceeded`.
    pub code: Str,
    /// EC2's text, verbatim.
    pub message: Str,
    /// The request that was refused, if EC2 named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Str>,
}

impl ApiError {
    /// An error without a request id.
    pub fn new(code: &str, message: impl Into<Str>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            request_id: None,
        }
    }

    /// The HTTP status that EC2 sends with this code (EC2 API Reference, "Error codes").
    pub fn http_status(&self) -> u16 {
        match &*self.code {
            "DryRunOperation" => 412,
            "AuthFailure" => 401,
            "UnauthorizedOperation" | "MissingAuthenticationToken" | "InvalidClientTokenId" => 403,
            "RequestEntityTooLarge" => 413,
            "RequestLimitExceeded" | "Unavailable" | "ServiceUnavailable" => 503,
            "InternalError" => 500,
            _ => 400,
        }
    }
}
