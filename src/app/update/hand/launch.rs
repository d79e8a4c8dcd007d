//! Launching an instance with an interface that exists, and changing an instance's type.

use super::ask::{Question, choice, judged};
use super::target::{named, resize};
use crate::app::feed::story::{eni_name, instance_name};
use crate::app::layer::{Choice, HandAction, Then};
use crate::ec2::call::{Call, Run, RunInterface};
use crate::ec2::id::EniId;
use crate::ec2::resource::InstanceState;
use crate::ec2::world::World;
use crate::rules::limits::{self, Limits};

/// A small type that every region has.
pub(super) const SMALL: &str = "t3.micro";

/// Nothing in the simulator depends on the image; the aws CLI wants one. This is the one that
/// AWS's documentation uses.
const IMAGE: &str = "ami-0abcdef1234567890";

/// `RunInstances` with the interface as the primary one.
pub(super) fn run(eni: &EniId, kind: &str, name: &str) -> Call {
    Call::RunInstances(Run {
        image_id: Some(IMAGE.into()),
        instance_type: Some(kind.into()),
        min_count: 1,
        max_count: 1,
        network_interfaces: vec![RunInterface {
            network_interface_id: Some(eni.clone()),
            device_index: Some(0),
            ..RunInterface::default()
        }],
        tags: named(name),
        ..Run::default()
    })
}

pub(super) fn question(world: &World, action: &HandAction, input: &str) -> Question {
    match action {
        HandAction::Launch(eni, None) => Question {
            title: format!(
                "launch an instance with {} as its primary interface; of which type?",
                eni_name(world, eni)
            ),
            typed: true,
            list: types(world, |kind, limits| Choice {
                words: kind.to_owned(),
                remark: room(limits),
                then: Then::Ask(HandAction::Launch(eni.clone(), Some(kind.into()))),
            }),
            ..Question::default()
        },
        HandAction::Launch(eni, Some(kind)) => Question {
            title: format!("name of the new {kind} (may be empty):"),
            typed: true,
            made: vec![judged(
                world,
                "launch",
                "the interface is attached cold, at index 0",
                run(eni, kind, input),
            )],
            ..Question::default()
        },
        HandAction::Resize(id) => Question {
            title: format!("{}: which type from now on?", instance_name(world, id)),
            typed: true,
            list: types(world, |kind, limits| {
                let remark = match world.instance(id) {
                    Some(i) if *i.instance_type == *kind => "its type now".to_owned(),
                    Some(i) if i.state != InstanceState::Stopped => {
                        format!("it is {}: EC2 wants it stopped", i.state)
                    }
                    _ => room(limits),
                };
                choice(kind, remark, Some(resize(id, kind)))
            }),
            ..Question::default()
        },
        _ => Question::default(),
    }
}

/// The types that this world uses first, then every other one, by name.
fn types(world: &World, line: impl Fn(&str, &Limits) -> Choice) -> Vec<Choice> {
    let mut used: Vec<&str> = world.instances().map(|i| &*i.instance_type).collect();
    used.sort_unstable();
    used.dedup();
    let first = used.iter();
    let first = first.filter_map(|kind| Some((*kind, limits::in_world(world, kind)?)));
    let others = limits::all().filter(|(kind, _)| !used.contains(kind));
    let small = |kind: &str| !(kind.starts_with("t3.") || kind.starts_with("m5."));
    let mut others: Vec<_> = others.collect();
    others.sort_by_key(|(kind, _)| small(kind));
    first
        .chain(others)
        .map(|(kind, limits)| line(kind, &limits))
        .collect()
}

/// `3 interfaces, 10 IPv4 addresses each`
fn room(limits: &Limits) -> String {
    format!(
        "{} interfaces, {} IPv4 addresses each",
        limits.interfaces_max, limits.ipv4_per_interface_max
    )
}
