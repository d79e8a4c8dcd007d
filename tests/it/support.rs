//! What several areas need.

#[cfg(feature = "aws")]
pub mod endpoint;
#[cfg(feature = "aws")]
pub mod gate;
#[cfg(feature = "aws")]
pub mod lines;
pub mod pty;
#[cfg(feature = "aws")]
pub mod served;
