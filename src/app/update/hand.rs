//! Calls by hand on the selected resource, in the simulator: EC2 itself answers, also with no.
//!
//! Invariant: what EC2 would refuse is submitted all the same when its key is pressed, because the
//! refusal is what a person wants to see; the program only refuses what makes no sense at all.

use super::{edit, step};
use crate::app::action::Action;
use crate::app::effect::{Clock, Effect};
use crate::app::feed::Tone;
use crate::app::feed::story::{eni_name, instance_name};
use crate::app::layer::{HandAction, Layer, Prompt};
use crate::app::model::Model;
use crate::app::msg::Key;
use crate::app::tree::Node;
use crate::ec2::call::{Answer, Attach, Call, Create, Delete, Detach, Instances};
use crate::ec2::eni::Eni;
use crate::ec2::error::ApiError;
use crate::ec2::id::{InstanceId, SubnetId};
use crate::ec2::resource::{InstanceState, Tag};
use crate::ec2::shown::shown;
use crate::ec2::world::World;
use crate::rules;
use crate::rules::verdict::Denial;

/// Instances that a prompt lists; allowed ones come first.
const CHOICES_MAX: usize = 100;

/// Characters of a name (EC2 allows 256 for a tag's value).
const NAME_MAX: usize = 100;

/// A refusal in one sentence, EC2's code last.
pub(crate) fn words(denial: &Denial) -> String {
    let because = denial.because.trim_end_matches('.');
    format!("{because} ({}).", denial.code)
}

/// The word on the key that submits.
pub(crate) fn verb(action: &HandAction) -> &'static str {
    match action {
        HandAction::Attach(_) => "attach",
        HandAction::Detach(_) => "detach",
        HandAction::Start(_) => "start",
        HandAction::Stop(_) => "stop",
        HandAction::Terminate(_) => "terminate",
        HandAction::Create(_) => "create",
        HandAction::Delete(_) => "delete",
    }
}

/// What the action would be done to, or why there is nothing to do it to.
fn target(model: &Model, action: Action) -> Result<HandAction, String> {
    let eni = || {
        let id = model.selected_eni().cloned();
        id.ok_or_else(|| "select a network interface first".to_owned())
    };
    let instance = || match model.selected() {
        Some(Node::Instance(id)) => Ok(id.clone()),
        _ => Err("select an instance first".to_owned()),
    };
    Ok(match action {
        Action::Attach => HandAction::Attach(eni()?),
        Action::Detach => HandAction::Detach(eni()?),
        Action::Delete => HandAction::Delete(eni()?),
        Action::Start => HandAction::Start(instance()?),
        Action::Stop => HandAction::Stop(instance()?),
        Action::Terminate => HandAction::Terminate(instance()?),
        _ => HandAction::Create(subnet(model).ok_or("select a subnet, or something in one")?),
    })
}

/// The subnet that is selected, or that holds what is selected.
fn subnet(model: &Model) -> Option<SubnetId> {
    let world = &model.world;
    match model.selected()? {
        Node::Vpc(_) => None,
        Node::Subnet(id) | Node::Unattached(id) | Node::Managed(id) => Some(id.clone()),
        Node::Instance(id) => world.instance(id).and_then(|i| i.subnet_id.clone()),
        Node::Eni(id) | Node::Address(id, _) => world.eni(id).map(|e| e.subnet_id.clone()),
    }
}

/// A call that stands for the action, to ask the rules about; `None` when it depends on a choice
/// that is still to be made.
pub(crate) fn probe(model: &Model, action: Action) -> Result<Option<Call>, String> {
    let world = &model.world;
    Ok(match target(model, action)? {
        HandAction::Attach(id) => {
            let eni = world.eni(&id).ok_or("it is gone")?;
            if let Some(owner) = rules::ownership::owner(eni) {
                return Err(format!(
                    "{} (OperationNotPermitted).",
                    owner.because.trim_end_matches('.')
                ));
            }
            let holder = eni.instance_id().cloned();
            holder.map(|instance| attach(world, &id, &instance))
        }
        HandAction::Detach(id) => {
            let eni = world.eni(&id).ok_or("it is gone")?;
            Some(detach(eni, false).ok_or("it is attached to nothing")?)
        }
        HandAction::Start(id) => Some(Call::StartInstances(Call::instances(&id))),
        HandAction::Stop(id) => Some(Call::StopInstances(Call::instances(&id))),
        HandAction::Terminate(id) => Some(Call::TerminateInstances(Call::instances(&id))),
        HandAction::Create(id) => Some(create(&id, "")),
        HandAction::Delete(id) => Some(Call::DeleteNetworkInterface(Delete {
            network_interface_id: id,
        })),
    })
}

/// Why EC2 would accept a call and change nothing: the instance is there already, or on its way.
pub(crate) fn idle(world: &World, call: &Call) -> Option<String> {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let state = |call: &Instances| {
        let instance = world.instance(call.instance_ids.first()?)?;
        Some(instance.state.clone())
    };
    let (state, states): (_, &[InstanceState]) = match call {
        Call::StartInstances(call) => (state(call)?, &[Pending, Running]),
        Call::StopInstances(call) => (state(call)?, &[Stopping, Stopped]),
        Call::TerminateInstances(call) => (state(call)?, &[ShuttingDown, Terminated]),
        _ => return None,
    };
    states
        .contains(&state)
        .then(|| format!("it is {state} already: EC2 would accept the call and do nothing"))
}

fn attach(world: &World, eni: &crate::ec2::id::EniId, instance: &InstanceId) -> Call {
    // Without a free slot EC2 refuses by its limit, whatever index is asked for.
    let (card, index) = rules::attach::free_slot(world, instance).unwrap_or_else(|| {
        let taken = world.enis_of(instance);
        let highest = taken.iter().filter_map(|e| e.attachment.as_ref());
        let next = highest.map(|a| a.device_index + 1).max();
        (0, next.unwrap_or(1))
    });
    Call::AttachNetworkInterface(Attach {
        network_interface_id: eni.clone(),
        instance_id: instance.clone(),
        device_index: index,
        network_card_index: card,
    })
}

fn detach(eni: &Eni, force: bool) -> Option<Call> {
    eni.attachment.as_ref().map(|a| {
        Call::DetachNetworkInterface(Detach {
            attachment_id: a.attachment_id.clone(),
            force,
        })
    })
}

fn create(subnet: &SubnetId, name: &str) -> Call {
    let name = name.trim();
    Call::CreateNetworkInterface(Create {
        subnet_id: Some(subnet.clone()),
        tags: (!name.is_empty())
            .then(|| Tag::name(name))
            .into_iter()
            .collect(),
        ..Create::default()
    })
}

/// A key of a call by hand: starts are submitted at once, everything else asks what exactly.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let target = match target(model, action) {
        Ok(target) => target,
        Err(why) => {
            model.refuse(why);
            return Vec::new();
        }
    };
    if let HandAction::Start(id) = &target {
        return vec![Effect::Call(Call::StartInstances(Call::instances(id)))];
    }
    let (title, choices) = ask(&model.world, &target);
    let (choices, calls) = choices.into_iter().unzip();
    model.layers.push(Layer::Prompt(Prompt {
        action: target,
        title,
        choices,
        calls,
        cursor: 0,
        input: String::new(),
    }));
    Vec::new()
}

/// One line of a prompt: words and remark, and the call behind it.
type Choice = ((String, String), Option<Call>);

fn choice(words: impl Into<String>, remark: impl Into<String>, call: Option<Call>) -> Choice {
    ((words.into(), remark.into()), call)
}

/// The question and its answers; none for free text.
fn ask(world: &World, target: &HandAction) -> (String, Vec<Choice>) {
    let leave = || choice("leave it", "nothing happens", None);
    match target {
        HandAction::Attach(id) => {
            let title = format!("attach {} to …", eni_name(world, id));
            (title, instances(world, id))
        }
        HandAction::Detach(id) => {
            let call = |force| world.eni(id).and_then(|e| detach(e, force));
            let choices = vec![
                choice("detach", "the guest is asked to let go", call(false)),
                choice(
                    "force detach",
                    "last resort: the guest is not asked, its metadata may stay wrong until a stop and start",
                    call(true),
                ),
                leave(),
            ];
            (format!("detach {}?", eni_name(world, id)), choices)
        }
        HandAction::Start(id) | HandAction::Stop(id) => {
            let stop = |force| {
                Some(Call::StopInstances(Instances {
                    instance_ids: vec![id.clone()],
                    force,
                }))
            };
            let choices = vec![
                choice("stop", "its interfaces stay attached", stop(false)),
                choice("force stop", "the guest is not asked", stop(true)),
                leave(),
            ];
            (format!("stop {}?", instance_name(world, id)), choices)
        }
        HandAction::Terminate(id) => {
            let call = Call::TerminateInstances(Call::instances(id));
            let choices = vec![choice("terminate", fate(world, id), Some(call)), leave()];
            (format!("terminate {}?", instance_name(world, id)), choices)
        }
        HandAction::Create(id) => (
            format!("new interface in {id}, name (may be empty):"),
            Vec::new(),
        ),
        HandAction::Delete(id) => {
            let call = Call::DeleteNetworkInterface(Delete {
                network_interface_id: id.clone(),
            });
            let choices = vec![
                choice("delete", "its addresses go back to the subnet", Some(call)),
                leave(),
            ];
            (format!("delete {}?", eni_name(world, id)), choices)
        }
    }
}

/// What becomes of an instance's interfaces when it is terminated.
fn fate(world: &World, id: &InstanceId) -> String {
    let (mut go, mut stay) = (Vec::new(), Vec::new());
    for eni in world.enis_of(id) {
        let name = eni_name(world, &eni.id);
        match &eni.attachment {
            Some(a) if a.delete_on_termination => go.push(name),
            _ => stay.push(name),
        }
    }
    let list = |names: Vec<String>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    format!("deleted with it: {}; survives: {}", list(go), list(stay))
}

/// The instances of the interface's VPC: those that EC2 would accept first, then those of its zone.
fn instances(world: &World, eni: &crate::ec2::id::EniId) -> Vec<Choice> {
    let Some(it) = world.eni(eni) else {
        return Vec::new();
    };
    let same_vpc = world
        .instances()
        .filter(|i| !i.is_gone() && i.vpc_id.as_ref() == Some(&it.vpc_id));
    let mut found: Vec<_> = same_vpc
        .map(|i| {
            let far = i.availability_zone != it.availability_zone;
            let call = attach(world, eni, &i.id);
            let denial = rules::check(world, &call).err();
            (denial.is_some(), far, i, call, denial)
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1, a.2.name(), &a.2.id).cmp(&(b.0, b.1, b.2.name(), &b.2.id)));
    found
        .into_iter()
        .take(CHOICES_MAX)
        .map(|(_, _, instance, call, denial)| {
            let remark = match (denial, &call) {
                (Some(denial), _) => words(&denial),
                (None, Call::AttachNetworkInterface(c)) => format!(
                    "{}, card {} index {}",
                    instance.state, c.network_card_index, c.device_index
                ),
                (None, _) => String::new(),
            };
            choice(instance_name(world, &instance.id), remark, Some(call))
        })
        .collect()
}

/// Keys of a prompt.
pub(super) fn prompt(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    match action {
        Action::Up => prompt.cursor = step(prompt.cursor, -1, prompt.choices.len()),
        Action::Down => prompt.cursor = step(prompt.cursor, 1, prompt.choices.len()),
        Action::Close => {
            model.layers.pop();
        }
        Action::Choose => {
            let call = match &prompt.action {
                HandAction::Create(subnet) => Some(create(subnet, &prompt.input)),
                _ => prompt.calls.get(prompt.cursor).cloned().flatten(),
            };
            model.layers.pop();
            return call.map(Effect::Call).into_iter().collect();
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    if let Some(Layer::Prompt(prompt)) = model.layers.last_mut() {
        edit(&mut prompt.input, key, NAME_MAX);
    }
}

/// EC2 has answered a call by hand.
pub(super) fn called(
    model: &mut Model,
    call: &Call,
    answer: Result<Answer, ApiError>,
) -> Vec<Effect> {
    match answer {
        Ok(answer) => {
            model.undoable += 1;
            let line = format!("accepted: {}", shown(&call.line()));
            model.feed.say(model.now, Tone::Plain, line, None);
            model.tell(format!("EC2 accepted {}", call.action()));
            if let Some(id) = answer.network_interface_id {
                model.tree.await_node(Node::Eni(id));
            }
            if model.clock == Some(Clock::Pause) {
                return vec![Effect::Clock(Clock::Settle)];
            }
        }
        Err(error) => {
            let line = format!(
                "EC2 refused {}: {}",
                call.action(),
                shown(&error.to_string())
            );
            model.feed.say(model.now, Tone::Bad, line.clone(), None);
            // The same rule that the simulator asked knows the reason in plain words.
            match rules::check(&model.world, call) {
                Err(denial) if *denial.code == *error.code => {
                    model.refuse(format!("{} {}", words(&denial), denial.instead));
                }
                _ => model.refuse(line),
            }
        }
    }
    Vec::new()
}
