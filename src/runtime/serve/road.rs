//! What the road does to an answer: it comes later, or never.
//!
//! Invariant: nothing waits here with the desk in hand.

use std::time::Duration;

/// No answer is to be sent: the connection ends.
#[derive(Debug, thiserror::Error)]
#[error("the request or its answer got lost")]
pub(super) struct Lost;

/// Waits for as long as the answer is delayed, if it is to come at all.
pub(super) async fn travelled(lost: bool, delay: Duration) -> Result<(), Lost> {
    if lost {
        return Err(Lost);
    }
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(())
}
