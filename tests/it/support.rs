//! What several areas need.

#[cfg(feature = "aws")]
pub mod endpoint;
pub mod pty;
