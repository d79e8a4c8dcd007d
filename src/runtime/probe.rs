//! The client's view of a live failover: single connections to the service, and one that is held.
//!
//! Invariants: nothing is asked of a service unless a person has named it; a connection carries no
//! byte and needs no privilege; requests overlap but enter the strip in the order in which they were
//! sent; what is kept is bounded; it ends by itself once an operation is over and the service has
//! answered for a while.
//!
//! What it says holds for the machine that it runs on, and is called `this host` for that reason.

mod asked;
mod held;
mod record;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::clock::WallClock;
use crate::ec2::sample::{Probing, Reply, Sample, Strip};
use crate::ec2::time::Time;
pub use asked::reach;
use asked::{Answer, Asked, answer};
use held::Held;
pub use record::record;

/// Between two requests.
pub const INTERVAL: Duration = Duration::from_millis(250);
/// A request that is not answered by then is lost.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// How long it goes on after an operation, once the service answers: a recovery may not last.
pub const SETTLED: Duration = Duration::from_secs(30);
/// How long a command without a screen waits for the service after its operation.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Answers in a row after which a command without a screen takes the service for recovered.
const GOOD_ENOUGH: usize = 4;

/// A probe that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct Probe {
    strip: watch::Receiver<Strip>,
    landed: Option<watch::Sender<bool>>,
    task: AbortHandle,
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Probe {
    /// Begins to ask `target`. Must be called within a tokio runtime.
    pub fn start(target: SocketAddr, clock: WallClock) -> Self {
        Self::paced(target, clock, INTERVAL, PATIENCE)
    }

    fn paced(target: SocketAddr, clock: WallClock, every: Duration, patience: Duration) -> Self {
        let (publish, strip) = watch::channel(Strip {
            client: "this host".into(),
            target: target.to_string().into(),
            service: "probe".into(),
            interval: every,
            samples: VecDeque::new(),
            rate: None,
            probing: Some(Probing::default()),
        });
        let (landed, over) = watch::channel(false);
        let asking = Asking {
            target,
            clock,
            patience,
            publish,
            asked: Asked::default(),
            requests: JoinSet::new(),
            held: Held::default(),
            good_since: None,
        };
        let task = tokio::spawn(asking.run(every, over)).abort_handle();
        Self {
            strip,
            landed: Some(landed),
            task,
        }
    }

    /// What it has seen, as it changes.
    pub fn strip(&self) -> watch::Receiver<Strip> {
        self.strip.clone()
    }

    /// It asks, and no operation has told it to come to its end.
    pub fn goes_on(&self) -> bool {
        self.landed.is_some() && !self.task.is_finished()
    }

    /// The operation is over: it ends by itself once the service has answered for [`SETTLED`].
    pub fn landed(&mut self) {
        if let Some(landed) = self.landed.take() {
            // One that has ended needs no word.
            let _ = landed.send(true);
        }
    }

    /// Waits for the first request's end, so that there is something to compare with.
    pub async fn first(&mut self) {
        // It is gone only if it has failed inside: then there is nothing to wait for.
        let _ = self.strip.wait_for(|strip| !strip.samples.is_empty()).await;
    }

    /// What was seen until now.
    pub fn seen(&self) -> Strip {
        self.strip.borrow().clone()
    }
}

/// Waits until the service answers requests that were sent at `since` or later, at most half a
/// minute; what was seen.
pub async fn recovered(mut strip: watch::Receiver<Strip>, since: Time) -> Strip {
    let good = |strip: &Strip| {
        let newest = strip.samples.iter().rev().take(GOOD_ENOUGH);
        let good = newest.filter(|s| s.at >= since && !s.reply.is_lost());
        good.count() == GOOD_ENOUGH
    };
    // Not recovered is a result as well.
    let _ = timeout(WAIT_MAX, strip.wait_for(good)).await;
    strip.borrow().clone()
}

/// The task.
struct Asking {
    target: SocketAddr,
    clock: WallClock,
    patience: Duration,
    publish: watch::Sender<Strip>,
    asked: Asked,
    requests: JoinSet<(u64, Answer)>,
    held: Held,
    good_since: Option<Time>,
}

impl Asking {
    async fn run(mut self, every: Duration, mut over: watch::Receiver<bool>) {
        let mut beat = interval(every);
        // A machine that slept must not ask for all that it has missed.
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut landed: Option<Time> = None;
        loop {
            tokio::select! {
                _ = beat.tick() => self.ask(),
                Some(Ok((number, answer))) = self.requests.join_next() => {
                    self.answered(number, answer);
                }
                how = self.held.end() => self.let_go(how),
                word = over.changed(), if landed.is_none() => match word {
                    Ok(()) => landed = Some(self.clock.now()),
                    // Whoever started it is gone.
                    Err(_) => return,
                }
            }
            let settled = landed.zip(self.good_since);
            if settled.is_some_and(|(a, b)| self.clock.now().since(a.max(b)) >= SETTLED) {
                break;
            }
        }
        let now = self.clock.now();
        self.publish.send_modify(|strip| {
            if let Some(probing) = &mut strip.probing {
                probing.held = None;
                probing.stopped = Some(now);
            }
        });
    }

    fn ask(&mut self) {
        let Some(number) = self.asked.sent(self.clock.now()) else {
            return;
        };
        let (target, patience) = (self.target, self.patience);
        self.requests.spawn(async move {
            let connected = timeout(patience, TcpStream::connect(target)).await;
            (number, answer(connected, patience))
        });
    }

    fn answered(&mut self, number: u64, answer: Answer) {
        if let Some(stream) = answer.stream
            && self.held.take(stream)
        {
            let now = self.clock.now();
            self.tell(|probing| probing.held = Some(now));
        }
        let samples = self.asked.answered(number, answer.reply);
        for Sample { at, reply } in &samples {
            self.good_since = match reply {
                Reply::Lost(_) => None,
                _ => self.good_since.or(Some(*at)),
            };
        }
        if !samples.is_empty() {
            self.publish
                .send_modify(|strip| samples.into_iter().for_each(|s| strip.push(s)));
        }
    }

    fn let_go(&mut self, how: String) {
        let now = self.clock.now();
        self.tell(|probing| probing.ended(now, how.into()));
    }

    fn tell(&self, change: impl FnOnce(&mut Probing)) {
        self.publish
            .send_modify(|strip| change(strip.probing.get_or_insert_default()));
    }
}

#[cfg(test)]
mod tests;
