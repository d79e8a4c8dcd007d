//! Who may ask: a port on loopback is open to every user of the machine and, through a browser, to
//! every web page.
//!
//! Invariants: a request that names a host other than loopback is refused (DNS rebinding); an access
//! key id other than the one that was announced is refused. Signatures are not checked: the id itself
//! is the secret between the person who started the server and its clients.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};

use crate::ec2::error::ApiError;

/// What is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guard {
    /// Our own port.
    pub port: u16,
    /// The access key id; `None` accepts any, and none.
    pub key: Option<String>,
}

impl Guard {
    /// Refuses a request that was meant for another host.
    pub fn host(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut named = headers.get_all(HOST).iter();
        let host = named.next().and_then(|h| h.to_str().ok());
        let ours = ["127.0.0.1", "localhost", "[::1]"];
        let is_ours = |host: &str| match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => {
                ours.contains(&name) && port.parse() == Ok(self.port)
            }
            _ => ours.contains(&host),
        };
        if host.is_some_and(is_ours) && named.next().is_none() {
            return Ok(());
        }
        Err(ApiError::new(
            "AuthFailure",
            "This simulator answers to its loopback address only.",
        ))
    }

    /// Refuses a request of somebody else.
    pub fn key(&self, given: Option<&str>) -> Result<(), ApiError> {
        let Some(wanted) = &self.key else {
            return Ok(());
        };
        match given {
            Some(given) if same(given, wanted) => Ok(()),
            Some(_) => Err(ApiError::new(
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            )),
            None => Err(ApiError::new(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            )),
        }
    }
}

/// Compares in a time that does not depend on where the two differ.
fn same(given: &str, wanted: &str) -> bool {
    let pairs = given.bytes().zip(wanted.bytes());
    given.len() == wanted.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// The access key id of a request: of Signature Version 4 in the header, or of a signature in the
/// query.
pub(super) fn credential(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = headers.get(AUTHORIZATION).and_then(|h| h.to_str().ok());
    if let Some(header) = header {
        let (_, rest) = header.split_once("Credential=")?;
        return rest.split(['/', ',', ' ']).next().map(str::to_owned);
    }
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        match name {
            "AWSAccessKeyId" => Some(value.to_owned()),
            "X-Amz-Credential" => {
                let id = value.split("%2F").next()?.split('/').next()?;
                Some(id.to_owned())
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use hyper::header::HeaderValue;

    fn guard() -> Guard {
        Guard {
            port: 4_000,
            key: Some("AKIDEXAMPLE".to_owned()),
        }
    }

    #[test]
    fn only_loopback_is_answered_to() {
        let asked = |hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_static(host));
            }
            guard().host(&headers).is_ok()
        };
        for good in [
            "127.0.0.1:4000",
            "localhost:4000",
            "[::1]:4000",
            "localhost",
        ] {
            assert!(asked(&[good]), "{good}");
        }
        for bad in [
            "evil.example",
            "evil.example:4000",
            "127.0.0.1:4001",
            "127.0.0.1.evil.example:4000",
            "localhost:4000:4000",
            "",
        ] {
            assert!(!asked(&[bad]), "{bad}");
        }
        assert!(!asked(&[]) && !asked(&["localhost", "evil.example"]));
    }

    #[test]
    fn only_the_announced_key_is_accepted() {
        let code = |given: Option<&str>| guard().key(given).map_err(|e| e.code.to_string());
        assert_eq!(code(Some("AKIDEXAMPLE")), Ok(()));
        assert_eq!(code(Some("AKIDEXAMPLF")), Err("AuthFailure".to_owned()));
        assert_eq!(code(Some("")), Err("AuthFailure".to_owned()));
        assert_eq!(code(None), Err("MissingAuthenticationToken".to_owned()));
        let open = Guard {
            key: None,
            ..guard()
        };
        assert_eq!(open.key(None), Ok(()));
    }

    #[test]
    fn where_a_key_stands() {
        let mut headers = HeaderMap::new();
        assert_eq!(credential(&headers, "Action=DescribeVpcs"), None);
        let query = "X-Amz-Credential=AKID1%2F20260312%2Fus-east-1%2Fec2%2Faws4_request";
        assert_eq!(credential(&headers, query).as_deref(), Some("AKID1"));
        assert_eq!(
            credential(&headers, "AWSAccessKeyId=AKID2").as_deref(),
            Some("AKID2")
        );
        let signed = "AWS4-HMAC-SHA256 Credential=AKID3/20260312/us-east-1/ec2/aws4_request, \
                      SignedHeaders=host, Signature=00";
        headers.insert(AUTHORIZATION, HeaderValue::from_static(signed));
        assert_eq!(credential(&headers, query).as_deref(), Some("AKID3"));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(credential(&headers, query), None);
    }
}
