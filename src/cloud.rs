//! The port to EC2: the simulator, or an endpoint through the AWS SDK.
//!
//! Invariants: reading and writing are different ports; only a write port submits mutating calls,
//! and it exists only where writes were allowed and a journal is kept; nothing else in the program
//! can change an account.

#[cfg(feature = "aws")]
pub mod aws;
