//! `application/x-www-form-urlencoded`, as a client sends it.
//!
//! Invariants: names and values are valid UTF-8 and kept in order, repeated ones too; nothing is
//! guessed: a broken escape or broken UTF-8 refuses the whole request; what may be decoded is bounded
//! in bytes and in parameters.

use crate::ec2::error::ApiError;

/// Largest body that is decoded, in bytes.
pub const BODY_MAX: usize = 64 * 1024;
/// Most parameters of one request: a describe by 1,000 ids with the largest set of filters has fewer.
const PAIRS_MAX: usize = 4_000;

/// Decoded parameters, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Decodes a body (or the query of a URL, which has the same form).
    pub fn decode(body: &[u8]) -> Result<Self, ApiError> {
        if body.len() > BODY_MAX {
            return Err(ApiError::new(
                "RequestEntityTooLarge",
                format!("The request has more than {BODY_MAX} bytes."),
            ));
        }
        let mut pairs = Vec::new();
        for pair in body.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            if pairs.len() == PAIRS_MAX {
                return Err(ApiError::new(
                    "InvalidQueryParameter",
                    format!("The request has more than {PAIRS_MAX} parameters."),
                ));
            }
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = text(halves.next().unwrap_or_default())?;
            let value = text(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Names and values, in order.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.pairs
    }
}

impl From<Vec<(String, String)>> for Form {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }
}

/// `+` is a space, `%xx` a byte; the bytes are UTF-8.
fn text(raw: &[u8]) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(nibble), rest.next().and_then(nibble)) {
                (Some(high), Some(low)) => 16 * high + low,
                _ => return Err(malformed("a % that two hexadecimal digits do not follow")),
            },
            other => *other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed("bytes that are not UTF-8"))
}

fn nibble(byte: &u8) -> Option<u8> {
    let digit = char::from(*byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

fn malformed(what: &str) -> ApiError {
    ApiError::new(
        "MalformedQueryString",
        format!("The query string contains a syntax error: {what}."),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn pairs(body: &[u8]) -> Vec<(String, String)> {
        Form::decode(body).unwrap().into_pairs()
    }

    #[test]
    fn plus_escapes_empty_and_repeated() {
        let got = pairs(b"Action=A&b=x+y%2B%26%3d&&c&d=&b=%C3%A9&=v&e=a=b");
        let expected = [
            ("Action", "A"),
            ("b", "x y+&="),
            ("c", ""),
            ("d", ""),
            ("b", "é"),
            ("", "v"),
            ("e", "a=b"),
        ];
        let expected: Vec<_> = expected.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(got, expected);
        assert_eq!(pairs(b""), []);
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        let long = vec![b'a'; BODY_MAX + 1];
        let many = "a&".repeat(PAIRS_MAX + 1).into_bytes();
        let cases: [(&[u8], &str); 7] = [
            (b"a=%", "MalformedQueryString"),
            (b"a=%4", "MalformedQueryString"),
            (b"a=%zz", "MalformedQueryString"),
            (b"a=%c3%28", "MalformedQueryString"),
            (b"\xff=1", "MalformedQueryString"),
            (&long, "RequestEntityTooLarge"),
            (&many, "InvalidQueryParameter"),
        ];
        for (body, code) in cases {
            let shown = String::from_utf8_lossy(body.get(..20).unwrap_or(body)).into_owned();
            assert_eq!(&*Form::decode(body).unwrap_err().code, code, "{shown}");
        }
    }
}
