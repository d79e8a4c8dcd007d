//! What EC2 says when it refuses.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::id::Str;

/// How the part of a refusal begins that only those can read whom the account lets (EC2 API
/// Reference, "Error codes", `UnauthorizedOperation`).
const ENCODED: &str = "Encoded authorization failure message:";

/// Codes by which EC2 says that this identity may not (EC2 API Reference, "Error codes").
const NOT_PERMITTED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
];

/// A code that means that the identity may not.
pub fn is_denial(code: &str) -> bool {
    NOT_PERMITTED.contains(&code)
}

/// What reads it.
pub const DECODE: &str = "aws sts decode-authorization-message --encoded-message …";

/// A text of EC2 and, taken out of it, what it has encoded: hundreds of characters that tell a person
/// nothing.
pub fn without_encoded(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some((before, after)) = text.split_once(ENCODED) else {
        return (Cow::Borrowed(text), None);
    };
    let after = after.trim_start();
    let (encoded, rest) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    let (before, rest) = (before.trim_end(), rest.trim());
    let text = match (before, rest) {
        ("", "") => Cow::Borrowed("You are not authorized to perform this operation."),
        (before, "") => Cow::Borrowed(before),
        ("", rest) => Cow::Borrowed(rest),
        (before, rest) => Cow::Owned(format!("{before} {rest}")),
    };
    (text, Some(encoded))
}

/// An error answer of the EC2 API, code and text as EC2 gave them; shown without what is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{} ({code}{})", self.brief(), mark(*approximate))]
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

    /// EC2's text without what it has encoded in it.
    pub fn brief(&self) -> Cow<'_, str> {
        without_encoded(&self.message).0
    }

    /// What EC2 has encoded about its reasons.
    pub fn encoded(&self) -> Option<&str> {
        without_encoded(&self.message).1
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
    fn what_ec2_encodes_is_kept_and_not_shown() {
        // text | shown | encoded
        let table = "Not permitted. | Not permitted. |
            No. Encoded authorization failure message: 4x7-_A | No. | 4x7-_A
            No. Encoded authorization failure message: 4x7 Bye. | No. Bye. | 4x7
            Encoded authorization failure message:4x7 | You are not authorized to perform this operation. | 4x7
            Encoded authorization failure message: | You are not authorized to perform this operation. |";
        for row in table.lines() {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let error = ApiError::new("UnauthorizedOperation", cells[0]);
            let shown = format!("{} (UnauthorizedOperation)", cells[1]);
            assert_eq!(error.to_string(), shown, "{row}");
            assert_eq!(error.encoded().unwrap_or_default(), cells[2], "{row}");
            // Whoever writes it down writes it whole.
            let kept = serde_json::to_string(&error).unwrap();
            assert!(kept.contains(cells[0]), "{row}");
        }
    }

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
