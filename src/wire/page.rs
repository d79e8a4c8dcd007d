//! What a describe selects: by ids, by filters, a page at a time.
//!
//! Invariants: rows come sorted by their key, and a token names the last key of its page, so that a
//! row which appears or goes between two pages neither repeats nor hides another; a token is good for
//! the question that it came from only.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::filter::{self, Filter};
use super::params::{Params, invalid_value};
use crate::ec2::error::ApiError;
use crate::ec2::world::World;

/// How one action is asked.
pub(super) struct Ask {
    /// The action.
    pub action: &'static str,
    /// Wire name of its list of ids, and the name by which EC2's errors call it.
    pub ids: (&'static str, &'static str),
    /// Least and most rows of a page; `None` if the action has no pages.
    pub rows: Option<(u32, u32)>,
    /// Ids and `MaxResults` exclude each other.
    pub exclusive: bool,
    /// Filters besides those by tag.
    pub filters: &'static [&'static str],
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct Query {
    action: &'static str,
    /// Ids, each once.
    pub ids: BTreeSet<String>,
    filters: Vec<Filter>,
    max: Option<usize>,
    after: Option<String>,
    question: u64,
}

/// The rows of one page, and the token of the next.
pub(super) struct Page<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
}

impl Ask {
    /// Takes ids, filters, page size and token; the action takes its other parameters before.
    pub fn query(&self, world: &World, params: &mut Params) -> Result<Query, ApiError> {
        let ids: BTreeSet<String> = params.list(self.ids.0)?.into_iter().collect();
        let filters = filter::take(params, self.filters)?;
        let (max, token) = match self.rows {
            Some(bounds) => (self.max(bounds, params)?, params.take("NextToken")),
            None => (None, None),
        };
        params.finish()?;
        if self.exclusive && !ids.is_empty() && max.is_some() {
            let message = format!(
                "The parameter {} cannot be used with the parameter maxResults",
                self.ids.1
            );
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        let mut question = DefaultHasher::new();
        (self.action, &ids, &filters).hash(&mut question);
        (&world.account, &world.region).hash(&mut question);
        let question = question.finish();
        let after = token
            .filter(|token| !token.is_empty())
            .map(|token| read_token(question, &token))
            .transpose()?;
        Ok(Query {
            action: self.action,
            ids,
            filters,
            max,
            after,
            question,
        })
    }

    fn max(&self, (least, most): (u32, u32), p: &mut Params) -> Result<Option<usize>, ApiError> {
        let Some(text) = p.take("MaxResults") else {
            return Ok(None);
        };
        let wrong = |expecting: String| Err(invalid_value("MaxResults", &text, &expecting));
        match text.parse::<i64>() {
            Ok(n) if n < i64::from(least) => {
                wrong(format!("Expecting a value greater than {least}."))
            }
            Ok(n) if n > i64::from(most) => wrong(format!("Expecting a value less than {most}.")),
            Ok(n) => Ok(usize::try_from(n).ok()),
            Err(_) => wrong("Expecting a whole number.".to_owned()),
        }
    }
}

impl Query {
    /// The rows that pass, a page of them. `key` sorts the rows as they come and is unique;
    /// `values` answers what a row has for a filter that is not about tags.
    pub fn page<T>(
        &self,
        rows: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> &str,
        passes: impl Fn(&T, &Filter) -> bool,
    ) -> Page<T> {
        let mut out = Page {
            rows: Vec::new(),
            next: None,
        };
        let max = self.max.unwrap_or(usize::MAX);
        for row in rows {
            let seen = |after: &String| key(&row) <= after.as_str();
            if self.after.as_ref().is_some_and(seen) {
                continue;
            }
            if !self.ids.is_empty() && !self.ids.contains(key(&row)) {
                continue;
            }
            if !self.filters.iter().all(|filter| passes(&row, filter)) {
                continue;
            }
            if out.rows.len() >= max {
                out.next = out.rows.last().map(|last| self.token(key(last)));
                break;
            }
            out.rows.push(row);
        }
        out
    }

    /// The last row of the page before: rows up to it may be left out.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The action that is asked.
    pub fn action(&self) -> &'static str {
        self.action
    }

    fn token(&self, last: &str) -> String {
        let mut token = format!("{:016x}", self.question);
        for byte in last.bytes() {
            token.push_str(&format!("{byte:02x}"));
        }
        token
    }
}

fn read_token(question: u64, token: &str) -> Result<String, ApiError> {
    let foreign = || {
        ApiError::new(
            "InvalidParameterValue",
            "The token in the parameter NextToken is not one of this request.",
        )
    };
    let tail = token
        .strip_prefix(&format!("{question:016x}"))
        .ok_or_else(foreign)?;
    let digits: Option<Vec<u8>> = tail
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|d| d.len() % 2 == 0).ok_or_else(foreign)?;
    let bytes = digits.chunks_exact(2).map(|d| match d {
        [high, low] => 16 * high + low,
        _ => 0,
    });
    String::from_utf8(bytes.collect()).map_err(|_| foreign())
}
