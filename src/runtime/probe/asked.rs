//! Single requests: how they end, and in which order they are told.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::error::Elapsed;

use crate::ec2::sample::{Reply, Sample};
use crate::ec2::time::Time;

/// Requests under way at once; four a second that are given up after a second are five at most.
const UNDER_WAY_MAX: usize = 16;

/// How a request ended.
pub(super) struct Answer {
    /// For the strip.
    pub reply: Reply,
    /// The connection, if there is one.
    pub stream: Option<TcpStream>,
}

/// What a connection attempt says of the service. Refused means that the host is there: it has said
/// so itself.
pub(super) fn answer(
    connected: Result<io::Result<TcpStream>, Elapsed>,
    patience: Duration,
) -> Answer {
    let (reply, stream) = match connected {
        Ok(Ok(stream)) => (reply(Ok(())), Some(stream)),
        Ok(Err(error)) => (reply(Err(&error)), None),
        Err(_) => (Reply::Lost(silence(patience).into()), None),
    };
    Answer { reply, stream }
}

fn reply(connected: Result<(), &io::Error>) -> Reply {
    match connected {
        Ok(()) => Reply::Reached("answers".into()),
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused => {
                Reply::Reached("refuses: the host answers, the port does not".into())
            }
            ErrorKind::ConnectionReset => Reply::Reached("resets: the host answers".into()),
            ErrorKind::TimedOut => Reply::Lost("no answer".into()),
            _ => Reply::Lost(error.to_string().into()),
        },
    }
}

fn silence(patience: Duration) -> String {
    format!("no answer in {patience:?}")
}

/// Asks once, on the calling thread: how it answers, or why it does not.
pub fn reach(target: SocketAddr) -> Result<String, String> {
    let connected = std::net::TcpStream::connect_timeout(&target, super::PATIENCE);
    match reply(connected.as_ref().map(|_| ())) {
        Reply::Reached(how) => Ok(how.to_string()),
        Reply::Lost(why) => Err(why.to_string()),
        Reply::Answered(by) => Ok(by.to_string()),
    }
}

/// Requests under way, in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Number of the first one that waits.
    first: u64,
    waiting: VecDeque<(Time, Option<Reply>)>,
}

impl Asked {
    /// A request is sent; its number, or `None` if too many are under way.
    pub fn sent(&mut self, at: Time) -> Option<u64> {
        let under_way = self.waiting.len();
        if under_way == UNDER_WAY_MAX {
            return None;
        }
        self.waiting.push_back((at, None));
        Some(self.first + under_way as u64)
    }

    /// A request has ended; all those that can be told now, oldest first.
    pub fn answered(&mut self, number: u64, reply: Reply) -> Vec<Sample> {
        let place = number
            .checked_sub(self.first)
            .and_then(|n| self.waiting.get_mut(usize::try_from(n).ok()?));
        if let Some((_, waits)) = place {
            *waits = Some(reply);
        }
        let mut told = Vec::new();
        while let Some((at, reply)) = self.waiting.pop_front() {
            let Some(reply) = reply else {
                self.waiting.push_front((at, None));
                break;
            };
            self.first += 1;
            told.push(Sample { at, reply });
        }
        told
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_an_attempt_says_of_the_service() {
        // refused and reset come from the host itself; everything else is silence or our own trouble
        for (kind, lost) in [
            (ErrorKind::ConnectionRefused, false),
            (ErrorKind::ConnectionReset, false),
            (ErrorKind::TimedOut, true),
            (ErrorKind::HostUnreachable, true),
            (ErrorKind::NetworkUnreachable, true),
            (ErrorKind::AddrNotAvailable, true),
            (ErrorKind::PermissionDenied, true),
        ] {
            assert_eq!(reply(Err(&kind.into())).is_lost(), lost, "{kind:?}");
        }
        assert!(!reply(Ok(())).is_lost());
    }

    #[test]
    fn requests_are_told_in_the_order_in_which_they_were_sent() {
        // s: one is sent; a digit: that one has ended; after each, what can be told
        for (story, told) in [
            ("s0s1", "0 1"),
            ("ss1", ""),
            ("ss10", "0,1"),
            ("sss201s3", "0 1,2 3"),
            // A number that was never given, and one that was told already.
            ("s7", ""),
            ("s00", "0"),
        ] {
            let mut asked = Asked::default();
            let mut said = Vec::new();
            let mut sent = 0;
            for word in story.chars() {
                if word == 's' {
                    assert_eq!(asked.sent(Time::from_millis(sent)), Some(sent as u64));
                    sent += 1;
                    continue;
                }
                let number = u64::from(word.to_digit(10).unwrap());
                let now = asked.answered(number, Reply::Reached("answers".into()));
                let now: Vec<String> = now.iter().map(|s| s.at.millis().to_string()).collect();
                if !now.is_empty() {
                    said.push(now.join(","));
                }
            }
            assert_eq!(said.join(" "), told, "{story}");
        }
    }

    #[test]
    fn not_more_than_so_many_are_under_way() {
        let mut asked = Asked::default();
        for n in 0..UNDER_WAY_MAX {
            assert_eq!(asked.sent(Time::from_millis(0)), Some(n as u64));
        }
        assert_eq!(asked.sent(Time::from_millis(0)), None);
        asked.answered(0, Reply::Lost("no answer".into()));
        assert_eq!(asked.sent(Time::from_millis(0)), Some(16));
    }
}
