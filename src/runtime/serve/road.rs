//! What the road does to an answer: it comes later, or never.
//!
//! Invariant: nothing waits here with the desk in hand.

use std::time::Duration;

/// No answer is to be sent: the connection ends.
#[derive(Debug, thiserror::Error)]
#[error("the request or its answer got lost")]
pub(super) struct Lost;

/// How long an answer is held back, where a span of virtual time takes so long. Waking a little late is
/// right for whoever waits at all, and wrong for an answer that nothing delays.
pub(super) fn held(after: Duration, takes: impl FnOnce(Duration) -> Duration) -> Duration {
    if after.is_zero() {
        Duration::ZERO
    } else {
        takes(after)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_nothing_delays_is_not_held_back() {
        let later = |span| span + Duration::from_millis(1);
        assert_eq!(held(Duration::ZERO, later), Duration::ZERO);
        let second = Duration::from_secs(1);
        assert_eq!(held(second, later), Duration::from_millis(1_001));
    }
}
