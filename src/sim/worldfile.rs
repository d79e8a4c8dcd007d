//! World files: TOML that a person can write by hand.

/// The worlds that come with the program: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[];

/// What is wrong with a world file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}; expected {expected}")]
pub struct WorldFileError {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What was found.
    pub what: String,
    /// What was expected.
    pub expected: String,
}
