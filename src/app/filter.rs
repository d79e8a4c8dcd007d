//! The incremental filter over id, name, address, AZ, state, type, owner and description.

/// What is filtered for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The text as typed; empty means no filter.
    pub text: String,
    /// Interfaces and instances that match.
    pub matches: usize,
}
