//! The roads on which a case can be run, and what travels on them.

pub mod direct;
#[cfg(feature = "aws")]
pub mod sdk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::{Answer, Call};
use enipilot::ec2::world::World;

use super::names::Names;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A call that changes something, or its dry run.
    Change(Call, bool),
    Look(Look),
}

/// A describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub action: String,
    pub ids: Vec<String>,
    pub filters: Vec<(String, Vec<String>)>,
    pub max_results: Option<i32>,
    pub next_token: Option<String>,
    pub attribute: Option<String>,
    /// Follow the tokens to the end.
    pub all: bool,
}

/// What a describe shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub ids: Vec<String>,
    /// Rows of each page.
    pub pages: Vec<usize>,
    /// There is more.
    pub token: bool,
    /// Members of the first row, as far as cases speak of them.
    pub fields: BTreeMap<String, String>,
}

/// An answer that is no refusal.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Change(Box<Answer>),
    Rows(Rows),
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
    pub status: u16,
}

pub type Outcome = Result<Reply, Refusal>;

/// A way to an EC2.
pub trait Road {
    fn request(&mut self, request: &Request) -> Outcome;

    /// Everything there is.
    fn world(&mut self, names: &Names) -> Result<Arc<World>, String>;

    /// Waits until nothing is under way.
    fn settle(&mut self, names: &Names) -> Result<(), String>;

    /// Lets a moment pass.
    fn pass(&mut self, span: Duration);

    /// Whether what is not yet so may still come, and it is worth looking again.
    fn again(&mut self) -> bool {
        false
    }

    /// Texts are compared too, not only codes.
    fn compares_texts(&self) -> bool {
        true
    }

    /// Resources that exist from the beginning, by their `Name`.
    fn is_ours(&self) -> bool {
        true
    }
}
