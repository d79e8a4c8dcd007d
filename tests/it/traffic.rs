//! Runs `tests/data/traffic.txt`: what becomes of requests.

use enipilot::ec2::sample::Reply;
use enipilot::ec2::world::World;
use enipilot::sim::Sim;
use std::time::Duration;

use super::notation;

fn ids(text: &str, world: &World) -> String {
    let mut text = text.to_owned();
    for eni in world.enis() {
        if let (Some(name), Some(a)) = (eni.name(), &eni.attachment) {
            text = text.replace(&format!("{{{name}-attachment}}"), a.attachment_id.as_str());
        }
        if let Some(instance) = eni.instance_id().and_then(|i| world.instance(i))
            && eni.is_primary()
        {
            let name = instance.name().unwrap();
            text = text.replace(&format!("{{{name}-primary}}"), eni.id.as_str());
        }
    }
    for address in world.addresses() {
        let name = address.tags.iter().find(|t| &*t.key == "Name").unwrap();
        let id = address.association_id.as_ref().unwrap();
        text = text.replace(&format!("{{{}-association}}", name.value), id.as_str());
    }
    for instance in world.instances() {
        let name = instance.name().unwrap();
        text = text.replace(&format!("{{{name}}}"), instance.id.as_str());
    }
    for eni in world.enis() {
        if let Some(name) = eni.name() {
            text = text.replace(&format!("{{{name}}}"), eni.id.as_str());
        }
    }
    text
}

#[test]
fn every_request_is_answered_or_lost_as_it_should_be() {
    let file = include_str!("../worlds/traffic.toml");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("../data/traffic.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [client, calls, seconds, expected] = columns[..] else {
            panic!("four columns: {line}");
        };
        let mut sim = Sim::load("traffic.toml", file, 1).unwrap_or_else(|e| panic!("{e}"));
        let calls = ids(calls, &sim.world());
        for call in calls.split(';').filter(|c| !c.is_empty()) {
            sim.call(&notation::call(call).expect(line)).expect(line);
        }
        let undone = sim.clone();
        sim.advance(sim.now() + Duration::from_secs(seconds.parse().unwrap()));
        let strip = sim
            .strips()
            .iter()
            .find(|s| &*s.client == client)
            .expect(line);
        let seen = match (&strip.rate, &strip.samples.back().unwrap().reply) {
            (Some(rate), Reply::Answered(_)) => format!("{} of {}", rate.got, rate.wanted),
            (None, Reply::Answered(by)) => {
                let world = sim.world();
                world.instance(by).unwrap().name().unwrap().to_owned()
            }
            (_, Reply::Reached(why) | Reply::Lost(why)) => why.to_string(),
        };
        if seen != expected {
            wrong.push(format!("{line}\n    {seen}"));
        }
        // What others changed is taken back with everything else.
        if !calls.is_empty() {
            let mut back = sim;
            while back.undo().is_some() {}
            assert_eq!(back.now(), undone.now(), "{line}");
        }
        count += 1;
    }
    assert!(count >= 20, "{count}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
