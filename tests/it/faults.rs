//! Runs `tests/data/faults.txt`: what faults do.

use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::{Attach, Call, Create, Detach};
use enipilot::ec2::error::ApiError;
use enipilot::ec2::id::{EniId, InstanceId};
use enipilot::ec2::world::World;
use enipilot::sim::Sim;
use enipilot::sim::faults::{Ask, Fate, Faults};

use crate::wire::TWO_AM;

const STANDBY: &str = "i-0d1a2b3c4d5e6f702";

#[test]
fn faults_do_what_their_table_says() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in include_str!("../data/faults.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        cases += 1;
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [faults, before, step, expected] = columns[..] else {
            panic!("four columns: {line}");
        };
        let mut case = Case::new(faults);
        for step in before.split(';').map(str::trim).filter(|s| !s.is_empty()) {
            case.step(step);
        }
        let said = case.step(step);
        let place = |what: &str| format!("{what}={}", case.place(what));
        for expected in expected.split("; ") {
            let seen = match expected.split_once('=') {
                Some((what, _)) => place(what),
                None if expected.contains(' ') => said.clone(),
                None => said.split(' ').next().unwrap_or_default().to_owned(),
            };
            if seen != expected {
                wrong.push(format!("{line}\n    {seen}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(cases > 30, "{cases}");
}

struct Case {
    sim: Sim,
    eni: EniId,
    created: Option<EniId>,
    /// What the last read showed.
    read: Option<Arc<World>>,
}

impl Case {
    fn new(faults: &str) -> Self {
        let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
        for item in Faults::parse(faults).unwrap().0 {
            sim.inject(&item).unwrap();
        }
        Self {
            eni: sim.focus().unwrap(),
            sim,
            created: None,
            read: None,
        }
    }

    /// Does a step and says what was heard: `ok`, a code with its status, or `silence`.
    fn step(&mut self, step: &str) -> String {
        if let Some((times, what)) = step.split_once(" x ") {
            let times: u32 = times.parse().expect(step);
            let heard = (0..times).map(|_| self.send(what));
            return heard.last().expect(step);
        }
        match step.split_whitespace().collect::<Vec<_>>()[..] {
            ["none"] => String::new(),
            ["calm"] => {
                self.sim.calm();
                String::new()
            }
            ["out", word] => {
                let placed = self.sim.faults().iter();
                let first = placed
                    .clone()
                    .find(|p| p.item.to_string().starts_with(word));
                let number = first.expect(word).number;
                assert!(self.sim.take_out(number), "{word}");
                String::new()
            }
            ["wait", time] => {
                let to = self.sim.now() + millis(time);
                self.sim.advance(to);
                String::new()
            }
            ["look", "back", time] => {
                let moment = self.sim.now() - millis(time);
                self.read = Some(self.sim.world_as_of(moment));
                "ok".to_owned()
            }
            // Without the road: what stands before a case happens.
            _ => {
                let call = self.call(step);
                let answer = self.sim.call(&call);
                if let Ok(answer) = &answer
                    && answer.network_interface_id.is_some()
                {
                    self.created = answer.network_interface_id.clone();
                }
                said(answer.map(|_| ()))
            }
        }
    }

    fn send(&mut self, what: &str) -> String {
        let whole = what == "read-whole";
        if !whole && what != "read" {
            let call = self.call(what);
            return match self.sim.send("me", &call).answer {
                None => "silence".to_owned(),
                Some(answer) => said(answer.map(|_| ())),
            };
        }
        let ask = Ask::read("DescribeNetworkInterfaces", whole);
        match self.sim.fate("me", &ask) {
            Fate::Answered { as_of, .. } => {
                self.read = Some(self.sim.world_as_of(as_of));
                said(Ok(()))
            }
            Fate::Refused { error, .. } => said(Err(error)),
            _ => "silence".to_owned(),
        }
    }

    fn call(&self, what: &str) -> Call {
        let world = self.sim.world();
        let detach = |force| {
            let attachment = world.eni(&self.eni).unwrap().attachment.as_ref();
            Call::DetachNetworkInterface(Detach {
                attachment_id: attachment.unwrap().attachment_id.clone(),
                force,
            })
        };
        match what {
            "detach" => detach(false),
            "force" => detach(true),
            "attach" => Call::AttachNetworkInterface(Attach {
                network_interface_id: self.eni.clone(),
                instance_id: STANDBY.into(),
                device_index: 1,
                network_card_index: 0,
            }),
            "create" => Call::CreateNetworkInterface(Create {
                subnet_id: Some("subnet-0aa11bb22cc33dd44".into()),
                ..Create::default()
            }),
            _ => panic!("no such step: {what}"),
        }
    }

    /// Where an interface is, in what was read last or else in the world itself.
    fn place(&self, what: &str) -> String {
        let world = self.read.clone().unwrap_or_else(|| self.sim.world());
        let id = match what {
            "E" => Some(&self.eni),
            "N" => self.created.as_ref(),
            _ => panic!("no such interface: {what}"),
        };
        let Some(eni) = world.eni(id.expect("created before")) else {
            return "absent".to_owned();
        };
        let Some(attachment) = &eni.attachment else {
            return eni.status.to_string();
        };
        let name = |id: &InstanceId| world.instance(id).unwrap().name().unwrap().to_owned();
        let holder = attachment.instance_id.as_ref().map(name);
        format!("{} {}", attachment.status, holder.unwrap_or_default())
    }
}

fn said(answer: Result<(), ApiError>) -> String {
    match answer {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.code, error.http_status()),
    }
}

fn millis(time: &str) -> Duration {
    let (number, unit) = match time.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (time.strip_suffix('s').expect(time), 1_000),
    };
    Duration::from_millis(number.parse::<u64>().expect(time) * unit)
}
