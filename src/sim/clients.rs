//! Modelled clients: who asks which address, and whether it is answered.
//!
//! Invariants: a request is judged by the world at the moment at which it is sent, after everything
//! that is due at that moment; the cost is that of the requests, of which no more are made than a
//! strip keeps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::scenario::{Client, Scenario, Service, Target};
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{AttachmentId, InstanceId, Str};
use crate::ec2::resource::{Instance, InstanceState};
use crate::ec2::sample::{Reply, SAMPLES_MAX, Sample, Strip};
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// What decides whether a request is answered.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The inventory.
    pub world: &'a World,
    /// Services by name.
    pub services: &'a BTreeMap<Str, Service>,
    /// Attachments that their guests do not see yet.
    pub dark: &'a BTreeSet<AttachmentId>,
    /// Availability Zones that have failed.
    pub down: &'a BTreeSet<Str>,
}

impl Scene<'_> {
    /// What becomes of a request sent now.
    pub fn reply(&self, client: &Client) -> Reply {
        match self.answering(client) {
            Ok(instance) => Reply::Answered(instance),
            Err(why) => Reply::Lost(why.into()),
        }
    }

    fn answering(&self, client: &Client) -> Result<InstanceId, String> {
        let (eni, ip) = self.holder(client)?;
        if self.down.contains(&eni.availability_zone) {
            return Err(format!("{} has failed", eni.availability_zone));
        }
        let Some(attachment) = &eni.attachment else {
            return Err(format!("nobody holds {ip}"));
        };
        let Some(instance) = attachment
            .instance_id
            .as_ref()
            .and_then(|id| self.world.instance(id))
        else {
            return Err(format!("{ip} belongs to an AWS service"));
        };
        let name = instance.name().unwrap_or(instance.id.as_str());
        match attachment.status {
            AttachmentStatus::Attached => {}
            AttachmentStatus::Attaching => return Err(format!("{ip} attaching to {name}")),
            _ => return Err(format!("{ip} leaving {name}")),
        }
        runs(instance, name)?;
        if self.dark.contains(&attachment.attachment_id) {
            return Err(format!("{name}: guest not up yet"));
        }
        let listens = self
            .services
            .get(&client.service)
            .is_some_and(|s| s.port == client.port && s.on.contains(&instance.id));
        if listens {
            Ok(instance.id.clone())
        } else {
            Err(format!("{name}: nothing listens on {}", client.port))
        }
    }

    fn holder(&self, client: &Client) -> Result<(&Eni, String), String> {
        match &client.target {
            Target::Private(subnet, ip) => {
                let eni = self.world.eni_with_address(subnet, *ip);
                let eni = eni.ok_or_else(|| format!("nobody holds {ip}"))?;
                Ok((eni, ip.to_string()))
            }
            Target::Elastic(allocation, ip) => {
                let address = self.world.address(allocation);
                let eni = address.and_then(|a| self.world.eni(a.network_interface_id.as_ref()?));
                let eni = eni.ok_or_else(|| format!("{ip} is associated with nothing"))?;
                Ok((eni, ip.to_string()))
            }
        }
    }
}

fn runs(instance: &Instance, name: &str) -> Result<(), String> {
    if instance.state != InstanceState::Running {
        Err(format!("{name} is {}", instance.state))
    } else if instance.is_impaired() {
        Err(format!("{name} is impaired"))
    } else {
        Ok(())
    }
}

/// The strip of a client at the beginning, with its past, and when it asks next.
pub fn beginning(scenario: &Scenario, client: &Client) -> (Strip, Time) {
    let target = match &client.target {
        Target::Private(_, ip) | Target::Elastic(_, ip) => ip,
    };
    let mut strip = Strip {
        client: client.label.clone(),
        target: format!("{target}:{}", client.port).into(),
        service: client.service.clone(),
        interval: client.interval,
        samples: VecDeque::new(),
    };
    let Some(past) = &client.past else {
        return (strip, scenario.now + client.interval);
    };
    let scene = Scene {
        world: &scenario.world,
        services: &scenario.services,
        dark: &BTreeSet::new(),
        down: &BTreeSet::new(),
    };
    let lost = match (&past.reason, scene.reply(client)) {
        (Some(reason), _) => Reply::Lost(reason.clone()),
        (None, lost @ Reply::Lost(_)) => lost,
        (None, Reply::Answered(_)) => Reply::Lost("no answer".into()),
    };
    let mut at = skipped_to(past.since, client.interval, scenario.now);
    while at <= scenario.now {
        let reply = if past.lost_from.is_some_and(|from| from <= at) {
            lost.clone()
        } else {
            Reply::Answered(past.answered_by.clone())
        };
        strip.push(Sample { at, reply });
        at = at + client.interval;
    }
    (strip, at)
}

/// The first request from `next` on that a strip still shows at `until`: those before it would be
/// pushed out again.
pub fn skipped_to(next: Time, interval: Duration, until: Time) -> Time {
    let step = u64::try_from(interval.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let span = u64::try_from(until.since(next).as_millis()).unwrap_or(u64::MAX);
    let kept = u64::try_from(SAMPLES_MAX).unwrap_or(u64::MAX);
    match (span / step).checked_sub(kept) {
        Some(skipped) => next + Duration::from_millis((skipped + 1).saturating_mul(step)),
        None => next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_that_a_strip_keeps_are_made() {
        let step = Duration::from_secs(1);
        let until = Time::from_millis(10_000_000);
        let mut at = skipped_to(Time::default(), step, until);
        let mut made = 0;
        while at <= until {
            made += 1;
            at = at + step;
        }
        assert_eq!(made, SAMPLES_MAX);
        let near = until - step;
        assert_eq!(skipped_to(near, step, until), near);
    }
}
