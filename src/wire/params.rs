//! The parameters of one request, taken one by one.
//!
//! Invariants: taking a parameter removes it, so that [`Params::finish`] knows what was not
//! understood; lists are sorted by their index, which may start anywhere and have gaps, as EC2 takes
//! them; a name that comes twice is refused.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::form::Form;
use crate::ec2::error::ApiError;

/// Parameters that stand beside every action: version, and a signature in the query.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "AWSAccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SecurityToken",
    "Timestamp",
    "Expires",
];

/// Versions of the API that are answered: EC2's, and that of STS.
const VERSIONS: &[(&str, bool)] = &[("2016-11-15", false), ("2011-06-15", true)];

/// What is left of a request's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// What stands before each name in the request, for a member of a list.
    above: String,
    left: BTreeMap<String, String>,
}

impl Params {
    /// All parameters of a request.
    pub fn new(form: Form) -> Result<Self, ApiError> {
        let mut left = BTreeMap::new();
        for (name, value) in form.into_pairs() {
            if left.contains_key(&name) {
                return Err(ApiError::new(
                    "InvalidQueryParameter",
                    format!("The parameter {name} is given more than once."),
                ));
            }
            left.insert(name, value);
        }
        Ok(Self {
            above: String::new(),
            left,
        })
    }

    /// Takes what stands beside every action, and checks the version where one is given.
    pub(super) fn common(&mut self, action: &str) -> Result<(), ApiError> {
        let version = self.left.get("Version").cloned();
        self.left
            .retain(|name, _| !COMMON.contains(&name.as_str()) && !name.starts_with("X-Amz-"));
        let Some(version) = version else {
            return Ok(());
        };
        let of_sts = action == "GetCallerIdentity";
        if VERSIONS.contains(&(version.as_str(), of_sts)) || action.is_empty() {
            return Ok(());
        }
        Err(ApiError::new(
            "NoSuchVersion",
            format!("The requested version ({version}) of the service does not exist."),
        ))
    }

    /// Takes a text.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.left.remove(name)
    }

    /// Takes a text that must be there and must say something.
    pub(super) fn needed(&mut self, name: &str) -> Result<String, ApiError> {
        let value = self.take(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| missing(&self.full(name)))
    }

    /// Takes `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match value.as_str() {
            "true" | "True" | "TRUE" | "1" => Ok(Some(true)),
            "false" | "False" | "FALSE" | "0" => Ok(Some(false)),
            _ => Err(self.invalid(name, &value, "Expecting true or false.")),
        }
    }

    /// Takes a whole number that is not negative.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u32>, ApiError> {
        self.parsed(name, "Expecting a whole number.", |value| {
            value
                .parse::<i32>()
                .ok()
                .and_then(|n| u32::try_from(n).ok())
        })
    }

    /// Takes an IPv4 address.
    pub(super) fn ipv4(&mut self, name: &str) -> Result<Option<Ipv4Addr>, ApiError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        address(&value).map(Some)
    }

    /// Takes an id or another text that may be absent; an empty one is absent.
    pub(super) fn id<T: From<String>>(&mut self, name: &str) -> Option<T> {
        self.take(name).filter(|id| !id.is_empty()).map(T::from)
    }

    /// Takes an id that must be there.
    pub(super) fn needed_id<T: From<String>>(&mut self, name: &str) -> Result<T, ApiError> {
        self.needed(name).map(T::from)
    }

    /// Takes a list of ids or other texts.
    pub(super) fn ids<T: From<String>>(&mut self, name: &str) -> Result<Vec<T>, ApiError> {
        Ok(self.list(name)?.into_iter().map(T::from).collect())
    }

    /// Takes a list of addresses.
    pub(super) fn addresses<T: FromStr>(&mut self, name: &str) -> Result<Vec<T>, ApiError> {
        self.list(name)?.iter().map(|ip| address(ip)).collect()
    }

    /// Takes a list whose members have one member of their own: `Name.1.Member`.
    pub(super) fn nested(&mut self, name: &str, inner: &str) -> Result<Vec<String>, ApiError> {
        let mut out = Vec::new();
        for mut member in self.members(name)? {
            out.push(member.needed(inner)?);
            member.finish()?;
        }
        Ok(out)
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        expecting: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(self.invalid(name, &value, expecting)),
        }
    }

    /// Takes `Name.1`, `Name.2` and so on, by index.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        let mut out = Vec::new();
        for mut member in self.members(name)? {
            match member.take("") {
                Some(value) => out.push(value),
                None => return Err(member.unknown()),
            }
            member.finish()?;
        }
        Ok(out)
    }

    /// Takes `Name.1.…`, `Name.2.…` and so on, by index; each member holds what follows the index.
    pub(super) fn members(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        let prefix = format!("{name}.");
        let ours: Vec<String> = self
            .left
            .range(prefix.clone()..)
            .take_while(|(n, _)| n.starts_with(&prefix))
            .map(|(n, _)| n.clone())
            .collect();
        let mut members: BTreeMap<u32, Self> = BTreeMap::new();
        for full in ours {
            let tail = full.strip_prefix(&prefix).unwrap_or_default();
            let (index, member) = tail.split_once('.').unwrap_or((tail, ""));
            let number = index.parse::<u32>().ok();
            // `1` and `01` would be one member given twice.
            let number = number.filter(|n| n.to_string() == index);
            let Some(number) = number else {
                return Err(unrecognized(&self.full(&full)));
            };
            let value = self.left.remove(&full).unwrap_or_default();
            let above = format!("{}{prefix}{index}", self.above);
            let entry = members.entry(number).or_insert_with(|| Self {
                above: above + ".",
                left: BTreeMap::new(),
            });
            entry.left.insert(member.to_owned(), value);
        }
        Ok(members.into_values().collect())
    }

    /// Refuses what nobody took.
    pub(super) fn finish(&self) -> Result<(), ApiError> {
        if self.left.is_empty() {
            Ok(())
        } else {
            Err(self.unknown())
        }
    }

    fn unknown(&self) -> ApiError {
        let name = self.left.keys().next().map_or("", String::as_str);
        unrecognized(&self.full(name))
    }

    fn full(&self, name: &str) -> String {
        let full = format!("{}{name}", self.above);
        full.trim_end_matches('.').to_owned()
    }

    fn invalid(&self, name: &str, value: &str, expecting: &str) -> ApiError {
        invalid_value(&self.full(name), value, expecting)
    }
}

/// EC2 shows a parameter's name with a small first letter in its errors.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A value that is none of those it may be.
pub(super) fn invalid_value(name: &str, value: &str, expecting: &str) -> ApiError {
    let message = format!(
        "Value ( {value} ) for parameter {} is invalid. {expecting}",
        small(name)
    );
    ApiError::new("InvalidParameterValue", message)
}

/// A parameter that must be there.
pub(super) fn missing(name: &str) -> ApiError {
    let message = format!("The request must contain the parameter {name}");
    ApiError::new("MissingParameter", message)
}

fn unrecognized(name: &str) -> ApiError {
    let message = format!("The parameter {name} is not recognized");
    ApiError::new("UnknownParameter", message)
}

/// An address, or EC2's refusal of what is none.
pub(super) fn address<T: FromStr>(value: &str) -> Result<T, ApiError> {
    value.parse().map_err(|_| {
        let message = format!("invalid value for parameter address: {value}");
        ApiError::new("InvalidParameterValue", message)
    })
}
