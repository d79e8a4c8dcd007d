//! The port to EC2: an endpoint through the AWS SDK.
//!
//! Invariants: reading and writing are different ports; only a write port submits mutating calls,
//! and it exists only where writes were allowed and a journal is open; nothing else in the program
//! can change an account. Without the feature `aws` the same types exist and no connection can.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod aws;
pub mod failure;
pub mod port;
