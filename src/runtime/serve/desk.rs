//! The served world and everybody at it: clients by requests, a person at the screen.
//!
//! Invariants: the only owner of the simulator, under one lock that is never held across an await
//! or a write; time moves when somebody asks, so everything due has happened, in order, before
//! anything is answered; what is kept for the screen is bounded.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::behind::Behind;
use super::origin::Origin;
use crate::app::served::Exchange;
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::runtime::event::Event;
use crate::runtime::pace::Pace;
use crate::wire::{self, Form, Reply};

/// Requests that wait to be shown; older ones are only counted.
const EXCHANGES_MAX: usize = 200;
/// Characters of a resource's id, or of a caller's name, in a log.
const NAME_MAX: usize = 40;

/// A desk that several sit at.
pub(super) type Shared<B> = Arc<Mutex<Desk<B>>>;

/// The desk.
#[derive(Debug)]
pub(super) struct Desk<B> {
    pub(super) origin: Origin,
    behind: B,
    pub(super) pace: Pace,
    /// Requests so far.
    serial: u64,
    /// When a client has asked last.
    asked: Option<Instant>,
    screen: Option<Screen>,
}

/// What the screen is told.
#[derive(Debug)]
struct Screen {
    events: SyncSender<Event>,
    nudged: bool,
    exchanges: VecDeque<Exchange>,
    skipped: u64,
}

/// One request as the desk needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// When it came.
    pub now: Instant,
    /// Who, by its own account.
    pub caller: &'a str,
    /// The form.
    pub form: &'a [u8],
}

impl<B: Behind> Desk<B> {
    /// A desk on which time passes at this speed from now on.
    pub fn new(origin: Origin, behind: B, speed: f64, now: Instant) -> Self {
        Self {
            origin,
            behind,
            pace: Pace::new(speed, now),
            serial: 0,
            asked: None,
            screen: None,
        }
    }

    /// The same desk with a screen, which hears of requests by its events.
    #[must_use]
    pub fn with_screen(self, events: SyncSender<Event>) -> Self {
        Self {
            screen: Some(Screen {
                events,
                nudged: false,
                exchanges: VecDeque::new(),
                skipped: 0,
            }),
            ..self
        }
    }

    /// The world and what is built on it.
    pub fn behind(&self) -> &B {
        &self.behind
    }

    /// The same, to act on it.
    pub fn behind_mut(&mut self) -> &mut B {
        &mut self.behind
    }

    /// Virtual time comes to the wall clock's.
    pub fn turn(&mut self, now: Instant) {
        let runs = self.behind.runs();
        let span = self.pace.turn(now, runs);
        if runs {
            let to = self.behind.sim().now() + span;
            self.behind.play(to);
        }
    }

    /// How long a span of virtual time takes.
    pub fn takes(&self, span: Duration) -> Duration {
        self.pace.takes(span)
    }

    /// Answers a request; the second is what there is to tell about it.
    pub fn answer(&mut self, asked: Asked) -> (Reply, Exchange) {
        self.turn(asked.now);
        self.asked = Some(asked.now);
        self.serial += 1;
        let (at, serial) = (self.behind.sim().now(), self.serial);
        let count = self.behind.sim().history().count();
        let reply = wire::answer(self.behind.sim_mut(), at, serial, asked.form);
        self.behind.heard(count);
        let exchange = exchange(at, asked.caller, &reply, asked.form);
        self.tell(exchange.clone());
        (reply, exchange)
    }

    /// A request that never reached the simulator.
    pub fn refuse(&mut self, caller: &str, error: ApiError) -> (Reply, Exchange) {
        self.serial += 1;
        let id = wire::request_id(self.serial);
        let reply = wire::refusal(&Str::from(""), error, id);
        let exchange = exchange(self.behind.sim().now(), caller, &reply, b"");
        self.tell(exchange.clone());
        (reply, exchange)
    }

    fn tell(&mut self, exchange: Exchange) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        if screen.exchanges.len() == EXCHANGES_MAX {
            screen.exchanges.pop_front();
            screen.skipped += 1;
        }
        screen.exchanges.push_back(exchange);
        self.nudge();
    }

    /// Asks the screen to look.
    pub fn nudge(&mut self) {
        if let Some(screen) = &mut self.screen
            && !screen.nudged
        {
            // A screen that hangs in a write is told the rest when it looks again.
            screen.nudged = screen.events.try_send(Event::Nudge).is_ok();
        }
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.serial
    }

    /// What the screen has not been told yet, and how many before that nobody kept.
    pub fn untold(&mut self) -> (Vec<Exchange>, u64) {
        match &mut self.screen {
            None => (Vec::new(), 0),
            Some(screen) => {
                screen.nudged = false;
                let list = screen.exchanges.drain(..).collect();
                (list, std::mem::take(&mut screen.skipped))
            }
        }
    }

    /// Something waits to be told.
    pub fn is_untold(&self) -> bool {
        let screen = self.screen.as_ref();
        screen.is_some_and(|screen| !screen.exchanges.is_empty())
    }

    /// A client has asked within this span.
    pub fn was_asked(&self, now: Instant, within: Duration) -> bool {
        let asked = self.asked;
        asked.is_some_and(|asked| now.saturating_duration_since(asked) < within)
    }
}

/// Takes the desk. A panic of another holder is no reason to leave everybody without it.
pub(super) fn at<B>(desk: &Mutex<Desk<B>>) -> MutexGuard<'_, Desk<B>> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn exchange(at: Time, caller: &str, reply: &Reply, form: &[u8]) -> Exchange {
    Exchange {
        at,
        caller: name(caller),
        action: short(&reply.action),
        about: about(form),
        code: reply.code.clone(),
    }
}

/// The first resource that a form names.
fn about(form: &[u8]) -> Str {
    let pairs = Form::decode(form).map(Form::into_pairs).unwrap_or_default();
    let id = |(name, value): &(String, String)| {
        let named = name.contains("Id") && !name.contains("Token");
        let hex = value.rsplit_once('-').map(|(_, hex)| hex);
        named && hex.is_some_and(|hex| hex.len() >= 8 && value.len() <= NAME_MAX)
    };
    let found = pairs.iter().find(|pair| id(pair));
    found.map_or_else(|| Str::from(""), |(_, value)| short(value))
}

fn short(text: &str) -> Str {
    let text: String = text.chars().take(NAME_MAX).collect();
    text.into()
}

/// The product in a `User-Agent`: `Boto3` of `Boto3/1.35 md/Botocore#1.35 ...`.
fn name(user_agent: &str) -> Str {
    let product = user_agent.split(['/', ' ']).next().unwrap_or_default();
    match product {
        "" => "client".into(),
        product => short(product),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_and_about_what() {
        for (agent, expected) in [
            ("aws-cli/2.15.30 Python/3.11", "aws-cli"),
            ("Boto3/1.35.0 md/Botocore#1.35", "Boto3"),
            ("curl", "curl"),
            ("", "client"),
            (" x", "client"),
        ] {
            assert_eq!(&*name(agent), expected, "{agent:?}");
        }
        for (form, expected) in [
            (
                "Action=X&NetworkInterfaceId=eni-0c1d52aa7be03f9a1",
                "eni-0c1d52aa7be03f9a1",
            ),
            (
                "ClientToken=i-0123456789&InstanceId.1=i-0d1a2b3c4d5e6f702",
                "i-0d1a2b3c4d5e6f702",
            ),
            ("Action=DescribeVpcs", ""),
            ("VpcId=%zz", ""),
        ] {
            assert_eq!(&*about(form.as_bytes()), expected, "{form}");
        }
    }
}
