//! A failover whose detach hangs, asked through the SDK in virtual time: every request costs the endpoint
//! its share of the account's rate and this process CPU time, so they are counted, phase by phase.

use std::sync::Arc;
use std::time::Duration;

use enipilot::cloud::port::{Reader, Writer};
use enipilot::ec2::time::Time;
use enipilot::failover::engine::{Consent, Engine, Input, Output, Pace};
use enipilot::failover::plan::{Intent, Planned, plan};
use enipilot::sim::Sim;
use enipilot::sim::saved::Settings;

use super::endpoint::Endpoint;
use super::{Open, TWO_AM};

const ENI: &str = "eni-0c1d52aa7be03f9a1";
const STANDBY: &str = "i-0d1a2b3c4d5e6f702";
/// Longer than anybody waits.
const HANGS: Duration = Duration::from_secs(3_600);
/// How long a look takes.
const ANSWERED_IN: Duration = Duration::from_millis(30);
/// The last second that the table speaks of.
const UPTO: Duration = Duration::from_secs(120);

/// When something was asked, since the detach was submitted, and what.
type Asked = (Duration, String);

/// A failover up to two minutes after its detach.
struct Hung {
    endpoint: Endpoint,
    reader: Reader,
    writer: Writer,
    engine: Engine,
    due: Vec<(Time, Input)>,
    detached: Option<Time>,
    asked: Vec<Asked>,
}

impl Hung {
    async fn new() -> Self {
        let settings = Settings {
            detach_time: Some(HANGS),
            ..Settings::default()
        };
        let endpoint = Endpoint::on(Sim::begin("two-am.toml", TWO_AM, &settings).unwrap());
        let reader = endpoint.reader(true);
        reader.caller().await.unwrap();
        let world = reader.world(&mut |_| ()).await.unwrap();
        let now = endpoint.sim(|sim| sim.now());
        let intent = Intent::new(ENI.into(), STANDBY.into());
        let Ok(Planned::Plan(plan)) = plan(&world, &intent, &reader.sky(), now) else {
            panic!("two-am cannot be planned");
        };
        let writer = Writer::open(&reader, reader.allow_writes().unwrap(), &Open).unwrap();
        let consent = Consent {
            typed: ENI.to_owned(),
            how: "--confirm",
        };
        Self {
            engine: Engine::new(Arc::new(*plan), "7f3a", 1),
            due: vec![(now, Input::Begin(Pace::Run, consent))],
            endpoint,
            reader,
            writer,
            detached: None,
            asked: Vec::new(),
        }
    }

    /// Everything that is asked for; whoever watched goes away once the detach is accepted, or stays.
    async fn asked(mut self, stays: bool) -> Vec<Asked> {
        loop {
            self.due.sort_by_key(|(at, _)| *at);
            let (at, input) = self.due.remove(0);
            if self
                .detached
                .is_some_and(|detached| at.since(detached) >= UPTO)
            {
                return self.asked;
            }
            self.endpoint.sim(|sim| sim.advance(at));
            for output in self.engine.handle(at, input) {
                self.grant(at, output, stays).await;
            }
        }
    }

    async fn grant(&mut self, now: Time, output: Output, stays: bool) {
        let soon = now + ANSWERED_IN;
        match output {
            Output::Journal(record) => self.due.push((now, Input::Durable(record.seq))),
            Output::Submit(ticket, call) => {
                let outcome = self.writer.submit(&call).await;
                self.due
                    .push((soon, Input::Answered(ticket, outcome, ANSWERED_IN)));
                self.endpoint.told();
                assert_eq!(self.detached.replace(now), None, "a second call");
                if !stays {
                    let why = "the terminal is gone".to_owned();
                    self.due.push((soon, Input::Alone(why)));
                }
            }
            Output::Look(gaze) => {
                let scope = self.engine.status().plan.scope();
                let seen = self.reader.look(&scope, gaze, now).await;
                self.due.push((soon, Input::Observed(seen)));
                let (told, _) = self.endpoint.told();
                if let Some(detached) = self.detached {
                    let told = told.into_iter().map(|action| (now.since(detached), action));
                    self.asked.extend(told);
                }
            }
            Output::WakeAt(at) => {
                self.due.retain(|(_, input)| !matches!(input, Input::Tick));
                self.due.push((at, Input::Tick));
            }
            Output::End(ending) => panic!("it has ended: {ending:?}"),
        }
    }
}

#[tokio::test]
async fn the_longer_a_detach_hangs_the_less_is_asked() {
    let watched = Hung::new().await.asked(true).await;
    let alone = Hung::new().await.asked(false).await;
    let mut wrong = Vec::new();
    for line in include_str!("../../data/hung.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [who, span, requests, full] = columns[..] else {
            panic!("four columns: {line}");
        };
        let asked = match who {
            "somebody" => &watched,
            "nobody" => &alone,
            _ => panic!("somebody or nobody: {line}"),
        };
        let (from, to) = pair(span, " to ");
        let here = |(at, _): &&Asked| (from..to).contains(&at.as_secs());
        let count = asked.iter().filter(here).count() as u64;
        let everything = |(_, action): &&Asked| action == "DescribeRouteTables";
        let looks = asked.iter().filter(here).filter(everything).count() as u64;
        let within = |count: u64, bounds| {
            let (least, most) = pair(bounds, " ");
            (least..=most).contains(&count)
        };
        if !within(count, requests) || !within(looks, full) {
            wrong.push(format!("{line}\n    {count} | {looks}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn pair(text: &str, between: &str) -> (u64, u64) {
    let (first, second) = text.split_once(between).expect(text);
    (first.parse().expect(text), second.parse().expect(text))
}
