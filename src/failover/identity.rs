//! All that travels with a network interface, taken before the move and compared after it.

use serde::{Deserialize, Serialize};

use crate::ec2::eni::Eni;

/// The bundle that must be unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// One line a field: EC2's member name and its value.
    pub fields: Vec<(String, String)>,
}

/// A field that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// EC2's member name.
    pub field: String,
    /// Before the move.
    pub before: String,
    /// After it.
    pub after: String,
}

impl Identity {
    /// Takes it.
    pub fn of(_eni: &Eni) -> Self {
        Self { fields: Vec::new() }
    }

    /// What `after` lacks or has otherwise.
    pub fn compare(&self, _after: &Eni) -> Vec<Lost> {
        Vec::new()
    }
}
