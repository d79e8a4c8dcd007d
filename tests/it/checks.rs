//! Runs `tests/data/checks.txt`: what a faithful EC2 must answer.

use std::collections::BTreeSet;
use std::time::Duration;

use enipilot::ec2::call::{Answer, Attach, Call, Delete, Detach, Modify};
use enipilot::ec2::diff::eni_fields;
use enipilot::ec2::eni::Eni;
use enipilot::ec2::error::ApiError;
use enipilot::ec2::id::{AttachmentId, EniId, InstanceId};
use enipilot::ec2::world::World;
use enipilot::sim::Sim;

/// The numbers that must be there.
const NUMBERS: std::ops::RangeInclusive<u32> = 1..=53;
const NUMBERS_OF_ROUTES: std::ops::RangeInclusive<u32> = 57..=58;

#[test]
fn every_check_holds() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in include_str!("../data/checks.txt").lines() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [number, before, call, expected] = columns[..] else {
            panic!("four columns: {line}");
        };
        seen.insert(number.parse::<u32>().expect(line));
        if let Err(why) = Case::new(before).run(before, call, expected) {
            wrong.push(format!("{line}\n    {why}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let all = NUMBERS.chain(NUMBERS_OF_ROUTES);
    let missing: Vec<_> = all.filter(|n| !seen.contains(n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

struct Case {
    sim: Sim,
    beginning: std::sync::Arc<World>,
}

type Outcome = Result<Answer, ApiError>;

impl Case {
    fn new(before: &str) -> Self {
        let mut text = include_str!("../worlds/checks.toml").to_owned();
        if let Some(denied) = before.strip_prefix("deny ") {
            text += &format!("[deny]\nactions = [\"{denied}\"]\n");
        }
        if let Some(hung) = before.strip_prefix("hang ") {
            let name = hung.split(';').next().unwrap().trim();
            let head = format!("[instance.{name}]\n");
            assert!(text.contains(&head));
            text = text.replace(&head, &format!("{head}detach_hangs = true\n"));
        }
        let sim = Sim::load("checks.toml", &text, 1).unwrap_or_else(|e| panic!("{e}"));
        Self {
            beginning: sim.world(),
            sim,
        }
    }

    fn run(&mut self, before: &str, call: &str, expected: &str) -> Result<(), String> {
        for step in before.split(';').map(str::trim) {
            if step.is_empty() || step.starts_with("deny ") || step.starts_with("hang ") {
                continue;
            }
            if let Some(Err(error)) = self.step(step) {
                return Err(format!("`{step}` is refused: {error}"));
            }
            self.sound()?;
        }
        let untouched = self.sim.world();
        let outcome = self.step(call);
        self.sound()?;
        for expected in expected.split("; ") {
            self.expect(expected, outcome.as_ref(), &untouched)?;
        }
        Ok(())
    }

    fn sound(&self) -> Result<(), String> {
        match self.sim.world().check_invariants() {
            wrong if wrong.is_empty() => Ok(()),
            wrong => Err(wrong.join(", ")),
        }
    }

    /// Does one step; `None` if it is not a call.
    fn step(&mut self, step: &str) -> Option<Outcome> {
        if let Some(step) = step.strip_prefix("dry ") {
            let call = self.call(step);
            return Some(Err(self.sim.dry_run(&call)));
        }
        match step.split_whitespace().collect::<Vec<_>>()[..] {
            ["none"] => None,
            ["wait"] => {
                while !self.sim.is_settled() {
                    let due = self.sim.next_due().unwrap();
                    self.sim.advance(due);
                }
                None
            }
            ["wait", time] => {
                let millis: u64 = time.strip_suffix("ms").expect(step).parse().expect(step);
                let to = self.sim.now() + Duration::from_millis(millis);
                self.sim.advance(to);
                None
            }
            _ => {
                let call = self.call(step);
                Some(self.sim.call(&call))
            }
        }
    }

    fn call(&self, step: &str) -> Call {
        let ids = crate::notation::with_ids(step, &self.beginning, |prefix, number| {
            format!("{prefix}{number:017x}")
        });
        let x = self
            .beginning
            .addresses()
            .find_map(|a| a.association_id.clone());
        let ids = ids.replace("{X-assoc}", x.expect("X is associated").as_str());
        if let Some(call) = crate::notation::call(&ids) {
            return call;
        }
        let words: Vec<_> = step.split_whitespace().collect();
        let detach = |attachment_id, force| {
            Call::DetachNetworkInterface(Detach {
                attachment_id,
                force,
            })
        };
        let attach = |eni, instance, device_index| {
            Call::AttachNetworkInterface(Attach {
                network_interface_id: eni,
                instance_id: instance,
                device_index,
                network_card_index: 0,
            })
        };
        let modify = |eni: &str| Modify {
            network_interface_id: self.eni_id(eni.trim_end_matches("#0")),
            ..Modify::default()
        };
        match words[..] {
            ["attach", eni, instance, index] => attach(
                self.eni_id(eni),
                self.instance_id(instance),
                index.parse().expect(step),
            ),
            ["attach-ids", eni, instance] => attach(
                self.find_eni(&self.beginning, eni)
                    .map_or_else(|| eni.into(), |e| e.id.clone()),
                if instance.len() > 1 {
                    instance.into()
                } else {
                    self.instance_id(instance)
                },
                1,
            ),
            ["attach", eni, instance, card, index] => self.on_card(
                eni,
                instance,
                card.parse().expect(step),
                index.parse().expect(step),
            ),
            ["detach", eni] => detach(self.attachment_id(eni), false),
            ["force", eni] => detach(self.attachment_id(eni), true),
            ["detach-id", "ENI-ID"] => detach(self.eni_id("E").as_str().into(), false),
            ["delete", eni] => Call::DeleteNetworkInterface(Delete {
                network_interface_id: self.eni_id(eni),
            }),
            ["protect", eni] => Call::ModifyNetworkInterfaceAttribute(Modify {
                delete_on_termination: Some((self.attachment_id(eni), true)),
                ..modify(eni)
            }),
            ["two-attributes", eni] => Call::ModifyNetworkInterfaceAttribute(Modify {
                source_dest_check: Some(false),
                description: Some("two".into()),
                ..modify(eni)
            }),
            ["start", instance] => {
                Call::StartInstances(Call::instances(&self.instance_id(instance)))
            }
            ["stop", instance] => Call::StopInstances(Call::instances(&self.instance_id(instance))),
            ["terminate", instance] => {
                Call::TerminateInstances(Call::instances(&self.instance_id(instance)))
            }
            _ => panic!("no such step: {step}"),
        }
    }

    /// Attaches on a card other than the first.
    fn on_card(&self, eni: &str, instance: &str, card: u32, index: u32) -> Call {
        Call::AttachNetworkInterface(Attach {
            network_interface_id: self.eni_id(eni),
            instance_id: self.instance_id(instance),
            device_index: index,
            network_card_index: card,
        })
    }

    fn find_eni<'w>(&self, world: &'w World, name: &str) -> Option<&'w Eni> {
        if let Some(instance) = name.strip_prefix("primary-") {
            let id = self.primary_of(instance);
            return world.eni(&id).map(|e| &**e);
        }
        let mut found = world.enis().filter(|e| e.name() == Some(name));
        found.next().map(|e| &**e)
    }

    fn primary_of(&self, instance: &str) -> EniId {
        let enis = self.beginning.enis_of(&self.instance_id(instance));
        enis[0].id.clone()
    }

    fn eni_id(&self, name: &str) -> EniId {
        let found = self.find_eni(&self.beginning, name);
        found.unwrap_or_else(|| panic!("no {name}")).id.clone()
    }

    fn attachment_id(&self, name: &str) -> AttachmentId {
        let (name, world) = match name.strip_suffix("#0") {
            Some(name) => (name, self.beginning.clone()),
            None => (name, self.sim.world()),
        };
        let eni = self.find_eni(&world, name).expect(name);
        eni.attachment.as_ref().expect(name).attachment_id.clone()
    }

    fn instance_id(&self, name: &str) -> InstanceId {
        let mut all = self.beginning.instances();
        let found = all.find(|i| i.name() == Some(name));
        found.unwrap_or_else(|| panic!("no {name}")).id.clone()
    }

    fn expect(
        &self,
        expected: &str,
        outcome: Option<&Outcome>,
        untouched: &World,
    ) -> Result<(), String> {
        if expected == "unchanged" {
            return match *self.sim.world() == *untouched {
                true => Ok(()),
                false => Err("the world has changed".to_owned()),
            };
        }
        if let Some((resource, rest)) = expected.split_once('.')
            && let Some((field, value)) = rest.split_once('=')
        {
            return self.expect_field(resource, field, value);
        }
        let said = match outcome {
            None => "no call".to_owned(),
            Some(Ok(_)) => "ok".to_owned(),
            Some(Err(_)) if expected == "refused" => "refused".to_owned(),
            Some(Err(e)) => match expected.split_once(" \"") {
                Some((_, text)) if e.message.contains(text.trim_end_matches('"')) => {
                    format!("{} \"{text}", e.code)
                }
                Some(_) => format!("{} \"{}\"", e.code, e.message),
                None if expected.contains(' ') => format!("{} {}", e.code, e.http_status()),
                None => e.code.to_string(),
            },
        };
        if said == expected {
            Ok(())
        } else {
            Err(format!("expected {expected}, EC2 says {said}"))
        }
    }

    fn expect_field(&self, resource: &str, field: &str, expected: &str) -> Result<(), String> {
        let now = self.field(&self.sim.world(), resource, field);
        let before = self.field(&self.beginning, resource, field);
        let holds = match expected {
            "same" => now == before && now != "none",
            "new" => now != before && now != "none",
            "now" => now == self.sim.now().to_string(),
            value => now == value,
        };
        if holds {
            Ok(())
        } else {
            Err(format!(
                "{resource}.{field} is {now} (was {before}), expected {expected}"
            ))
        }
    }

    fn field(&self, world: &World, resource: &str, field: &str) -> String {
        let none = || "none".to_owned();
        let called = |id: Option<&InstanceId>| {
            let found = id.and_then(|id| world.instance(id));
            found.map_or_else(none, |i| i.name().unwrap_or("?").to_owned())
        };
        match resource {
            "X" | "Y" => {
                let mut all = world.addresses();
                let x = all.find(|a| a.tags.iter().any(|t| *t.value == *resource));
                match (x, field) {
                    (x, "exists") => if x.is_some() { "yes" } else { "no" }.to_owned(),
                    (Some(x), "AssociationId") => x
                        .association_id
                        .as_ref()
                        .map_or_else(none, |i| i.to_string()),
                    (Some(x), "NetworkInterfaceId") => x
                        .network_interface_id
                        .as_ref()
                        .map_or_else(none, |i| i.to_string()),
                    (Some(x), "InstanceId") => called(x.instance_id.as_ref()),
                    (Some(x), "PrivateIpAddress") => {
                        x.private_ip_address.map_or_else(none, |i| i.to_string())
                    }
                    _ => panic!("{resource}.{field}"),
                }
            }
            "R" => {
                let table = world.route_tables().next().unwrap();
                let route = &table.routes[1];
                match field {
                    "State" => route.state.to_string(),
                    "InstanceId" => called(route.instance_id.as_ref()),
                    "NetworkInterfaceId" => route
                        .network_interface_id
                        .as_ref()
                        .map_or_else(none, |i| i.to_string()),
                    _ => panic!("{resource}.{field}"),
                }
            }
            "sub-a1" | "small" => {
                let mut subnets = world.subnets();
                let found = subnets.find(|s| s.tags[0].value.as_ref() == resource);
                found.unwrap().available_ip_address_count.to_string()
            }
            "A" | "B" | "S" | "C" | "L" | "M" => {
                let id = self.instance_id(resource);
                match field {
                    "exists" => if world.instance(&id).is_some() {
                        "yes"
                    } else {
                        "no"
                    }
                    .to_owned(),
                    "State" => world.instance(&id).unwrap().state.to_string(),
                    "InstanceType" => world.instance(&id).unwrap().instance_type.to_string(),
                    "Interfaces" => world.enis_of(&id).len().to_string(),
                    _ => panic!("{resource}.{field}"),
                }
            }
            _ => {
                let eni = self.find_eni(world, resource);
                match (eni, field) {
                    (eni, "exists") => if eni.is_some() { "yes" } else { "no" }.to_owned(),
                    (None, _) => "gone".to_owned(),
                    (Some(eni), "MacAddress") => eni.mac_address.to_string(),
                    (Some(eni), "VpcId") => eni.vpc_id.to_string(),
                    (Some(eni), "InstanceId") => called(eni.instance_id()),
                    (Some(eni), "Groups") => {
                        let names = eni.groups.iter().map(|g| &*g.group_name);
                        names.collect::<Vec<_>>().join(" ")
                    }
                    (Some(eni), "AttachTime") => eni
                        .attachment
                        .as_ref()
                        .and_then(|a| a.attach_time)
                        .map_or_else(none, |t| t.to_string()),
                    (Some(eni), _) => {
                        let fields = eni_fields(eni);
                        let found = fields.into_iter().find(|(name, _)| *name == field);
                        let (_, value) = found.unwrap_or_else(|| panic!("{resource}.{field}"));
                        value.unwrap_or_else(none)
                    }
                }
            }
        }
    }
}
