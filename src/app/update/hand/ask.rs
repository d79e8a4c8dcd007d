//! The questions of the calls by hand, and what can be answered.
//!
//! Invariants: a question is a function of the world, the action and what is typed; what EC2 would
//! refuse is offered with its reason, not left out.

use super::target::{attach, create, detach};
use super::{address, launch, network, words};
use crate::app::feed::story::{eni_name, instance_name};
use crate::app::layer::{Choice, HandAction, Prompt, Then};
use crate::ec2::call::{Call, Delete, Instances};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::world::World;
use crate::rules;

/// Lines that a prompt lists; typing finds the rest.
pub(super) const CHOICES_MAX: usize = 100;

/// A question: its words, whether it is answered by typing, what is made of the typed text, and
/// the list that the typed text searches.
#[derive(Default)]
pub(super) struct Question {
    pub title: String,
    pub typed: bool,
    /// Choices made from the typed text; they stand first.
    pub made: Vec<Choice>,
    /// Choices from the world.
    pub list: Vec<Choice>,
}

/// The prompt of an action, with this typed so far.
pub(super) fn prompt(world: &World, action: HandAction, input: String) -> Prompt {
    let question = question(world, &action, input.trim());
    let wanted = input.trim().to_lowercase();
    let fits = |c: &Choice| {
        let words = format!("{} {}", c.words, c.remark).to_lowercase();
        wanted.is_empty() || words.contains(&wanted)
    };
    let mut choices = question.made;
    let list = question.list.into_iter();
    choices.extend(list.filter(|c| !question.typed || fits(c)));
    choices.truncate(CHOICES_MAX);
    Prompt {
        action,
        title: question.title,
        typed: question.typed,
        choices,
        cursor: 0,
        input,
    }
}

fn question(world: &World, action: &HandAction, input: &str) -> Question {
    match action {
        HandAction::Attach(id) => Question {
            title: format!("attach {} to …", eni_name(world, id)),
            typed: true,
            list: instances(world, id),
            ..Question::default()
        },
        HandAction::Create(id) => Question {
            title: format!("new interface in {id}, name (may be empty):"),
            typed: true,
            made: vec![choice("create", "", Some(create(id, input)))],
            ..Question::default()
        },
        HandAction::Detach(_)
        | HandAction::Start(_)
        | HandAction::Stop(_)
        | HandAction::Reboot(_)
        | HandAction::Terminate(_)
        | HandAction::Delete(_) => plain(world, action),
        HandAction::Launch(..) | HandAction::Resize(_) => launch::question(world, action, input),
        HandAction::Assign(_)
        | HandAction::Unassign(..)
        | HandAction::Associate { .. }
        | HandAction::Disassociate(_)
        | HandAction::Allocate
        | HandAction::Release => address::question(world, action, input),
        HandAction::Mechanism(..)
        | HandAction::Accept(_)
        | HandAction::AcceptAgain(_)
        | HandAction::Answer(_) => Question::default(),
        HandAction::Groups(..)
        | HandAction::SourceDestCheck(_)
        | HandAction::DeleteOnTermination(_)
        | HandAction::CreateRoute(..)
        | HandAction::ReplaceRoute(_)
        | HandAction::DeleteRoute(..) => network::question(world, action, input),
    }
}

/// A line that submits a call, or leaves.
pub(super) fn choice(
    words: impl Into<String>,
    remark: impl Into<String>,
    call: Option<Call>,
) -> Choice {
    Choice {
        words: words.into(),
        remark: remark.into(),
        then: call.map_or(Then::Leave, Then::Call),
    }
}

/// A line that submits a call; where EC2 would refuse it, the remark says why.
pub(super) fn judged(
    world: &World,
    words_of: impl Into<String>,
    remark: impl Into<String>,
    call: Call,
) -> Choice {
    let remark = match rules::check(world, &call) {
        Ok(()) => remark.into(),
        Err(denial) => words(&denial),
    };
    choice(words_of, remark, Some(call))
}

pub(super) fn leave() -> Choice {
    choice("leave it", "nothing happens", None)
}

/// Questions of yes or no.
fn plain(world: &World, action: &HandAction) -> Question {
    let (title, list) = match action {
        HandAction::Detach(id) => {
            let call = |force| world.eni(id).and_then(|e| detach(e, force));
            let choices = vec![
                choice("detach", "the guest is asked to let go", call(false)),
                choice(
                    "force detach",
                    "last resort: the guest is not asked, its metadata may stay wrong until a stop and start",
                    call(true),
                ),
            ];
            (format!("detach {}?", eni_name(world, id)), choices)
        }
        HandAction::Reboot(id) => {
            let call = Call::RebootInstances(Call::instances(id));
            let choices = vec![choice("reboot", "interfaces stay attached", Some(call))];
            (format!("reboot {}?", instance_name(world, id)), choices)
        }
        HandAction::Terminate(id) => {
            let call = Call::TerminateInstances(Call::instances(id));
            let choices = vec![choice("terminate", fate(world, id), Some(call))];
            (format!("terminate {}?", instance_name(world, id)), choices)
        }
        HandAction::Delete(id) => {
            let call = Call::DeleteNetworkInterface(Delete {
                network_interface_id: id.clone(),
            });
            let choices = vec![choice(
                "delete",
                "its addresses go back to the subnet",
                Some(call),
            )];
            (format!("delete {}?", eni_name(world, id)), choices)
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
            ];
            (format!("stop {}?", instance_name(world, id)), choices)
        }
        _ => (String::new(), Vec::new()),
    };
    let list = list.into_iter().chain([leave()]).collect();
    Question {
        title,
        list,
        ..Question::default()
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
fn instances(world: &World, eni: &EniId) -> Vec<Choice> {
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
