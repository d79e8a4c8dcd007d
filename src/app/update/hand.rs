//! Calls by hand on the selected resource, in the simulator: EC2 itself answers, also with no.
//!
//! Invariants: what EC2 would refuse is submitted all the same when its key is pressed, because the
//! refusal is what a person wants to see, and the program only refuses what makes no sense at all;
//! one key submits one call, but for an Elastic IP that is allocated to be associated.

mod accept;
mod address;
mod answer;
mod ask;
mod launch;
mod mechanism;
mod network;
mod target;

use super::{edit, step};
use crate::app::action::Action;
use crate::app::effect::{Clock, Effect};
use crate::app::feed::Tone;
use crate::app::layer::{HandAction, Layer, Then};
use crate::app::model::Model;
use crate::app::msg::Key;
use crate::app::tree::Node;
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::AllocationId;
use crate::ec2::shown::shown;
use crate::rules::verdict::Denial;
pub(crate) use target::{idle, probe};

/// Characters of a name (EC2 allows 256 for a tag's value).
const NAME_MAX: usize = 100;

/// A refusal in one sentence, EC2's code last.
pub(crate) fn words(denial: &Denial) -> String {
    let because = denial.because.trim_end_matches('.');
    format!("{because} ({}).", denial.code)
}

/// The word on the key that submits the chosen line.
pub(crate) fn verb(action: &HandAction, then: Option<&Then>) -> &'static str {
    match then {
        Some(Then::Leave) => return "leave it",
        Some(Then::Ask(_)) => return "next",
        Some(Then::Again(_)) => return "mark",
        Some(
            Then::Plan(_) | Then::TakeUp(_) | Then::Answer(_) | Then::Call(_) | Then::Both(..),
        )
        | None => {}
    }
    match action {
        HandAction::Attach(_) => "attach",
        HandAction::Detach(_) => "detach",
        HandAction::Start(_) => "start",
        HandAction::Stop(_) => "stop",
        HandAction::Reboot(_) => "reboot",
        HandAction::Terminate(_) => "terminate",
        HandAction::Resize(_) => "resize",
        HandAction::Launch(..) => "launch",
        HandAction::Create(_) => "create",
        HandAction::Delete(_) => "delete",
        HandAction::Assign(_) => "assign",
        HandAction::Unassign(..) => "unassign",
        HandAction::Associate { .. } => "associate",
        HandAction::Disassociate(_) => "disassociate",
        HandAction::Allocate => "allocate",
        HandAction::Release => "release",
        HandAction::Groups(..) | HandAction::SourceDestCheck(_) => "modify",
        HandAction::DeleteOnTermination(_) => "modify",
        HandAction::CreateRoute(..) => "create route",
        HandAction::ReplaceRoute(_) => "replace route",
        HandAction::DeleteRoute(..) => "delete route",
        HandAction::Mechanism(..) => "plan",
        HandAction::Accept(_) | HandAction::AcceptAgain(_) => "accept",
        HandAction::Answer(_) => "answer",
    }
}

/// A key of a call by hand: starts are submitted at once, everything else asks what exactly.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let target = match target::target(model, action) {
        Ok(target) => target,
        Err(why) => {
            model.refuse(why);
            return Vec::new();
        }
    };
    if let HandAction::Start(id) = &target {
        return vec![Effect::Call(Call::StartInstances(Call::instances(id)))];
    }
    open(model, target);
    Vec::new()
}

pub(super) fn open(model: &mut Model, action: HandAction) {
    let prompt = match &action {
        // A plan needs more than the world: where it would be flown, and when.
        HandAction::Mechanism(..) => mechanism::prompt(model, action),
        HandAction::Accept(plan) => accept::prompt(plan),
        HandAction::AcceptAgain(taking) => accept::again(taking),
        HandAction::Answer(answers) => accept::answer(answers),
        _ => ask::prompt(&model.world, action, String::new()),
    };
    model.layers.push(Layer::Prompt(prompt));
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
            let chosen = prompt.choices.get(prompt.cursor);
            let then = chosen.map(|c| c.then.clone());
            return then.map_or_else(Vec::new, |then| follow(model, then));
        }
        _ => {}
    }
    Vec::new()
}

/// Does what a choice leads to.
fn follow(model: &mut Model, then: Then) -> Vec<Effect> {
    match then {
        Then::Leave => {
            close_all(model);
            Vec::new()
        }
        Then::Call(call) => {
            close_all(model);
            vec![Effect::Call(call)]
        }
        Then::Both(call, next) => {
            close_all(model);
            model.next_hand = Some(next);
            vec![Effect::Call(call)]
        }
        Then::Plan(intent) => {
            close_all(model);
            let undo_of = accept::undo_of(model, &intent);
            super::failover::open_plan(model, &intent, undo_of);
            Vec::new()
        }
        Then::Answer(command) => {
            close_all(model);
            vec![Effect::Command(command)]
        }
        Then::TakeUp(taking) => {
            close_all(model);
            super::operations::accepted(model, *taking);
            Vec::new()
        }
        Then::Ask(action) => {
            open(model, action);
            Vec::new()
        }
        Then::Again(action) => {
            if let Some(Layer::Prompt(prompt)) = model.layers.last_mut() {
                let (cursor, input) = (prompt.cursor, prompt.input.clone());
                *prompt = ask::prompt(&model.world, action, input);
                prompt.cursor = step(cursor, 0, prompt.choices.len());
            }
            Vec::new()
        }
    }
}

/// The call is on its way, or nobody wants it: its questions are over.
fn close_all(model: &mut Model) {
    let asks = |l: &Layer| matches!(l, Layer::Prompt(_));
    model.layers.retain(|layer| !asks(layer));
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    if let Some(Layer::Prompt(prompt)) = model.layers.last_mut()
        && edit(&mut prompt.input, key, NAME_MAX)
    {
        let (action, input) = (prompt.action.clone(), prompt.input.clone());
        *prompt = ask::prompt(&model.world, action, input);
    }
}

/// EC2 has answered a call by hand.
pub(super) fn called(
    model: &mut Model,
    call: &Call,
    answer: Result<Answer, ApiError>,
) -> Vec<Effect> {
    let next = model.next_hand.take();
    match answer {
        Ok(answer) => accepted(model, call, &answer, next),
        Err(error) => {
            refused(model, call, &error);
            Vec::new()
        }
    }
}

fn accepted(
    model: &mut Model,
    call: &Call,
    answer: &Answer,
    next: Option<HandAction>,
) -> Vec<Effect> {
    model.undoable += 1;
    let cli = shown(&call.aws_cli()).into_owned();
    model.feed.say(
        model.now,
        Tone::Plain,
        format!("accepted: {}", shown(&call.line())),
        None,
    );
    let brought = answer::brought(answer);
    let brought = match brought.is_empty() {
        true => String::new(),
        false => format!(" ({})", shown(&brought)),
    };
    model.tell(format!("accepted{brought}; u takes it back: {cli}"));
    model.said = Some(answer::accepted(call, answer));
    if let Some(id) = &answer.network_interface_id {
        model.tree.await_node(Node::Eni(id.clone()));
    }
    let mut effects = Vec::new();
    if model.clock == Some(Clock::Pause) {
        effects.push(Effect::Clock(Clock::Settle));
    }
    if let (Some(next), Some(id)) = (next, &answer.allocation_id) {
        effects.extend(go_on(model, next, id));
    }
    effects
}

/// The new Elastic IP is there: it is associated, after the question on which address if there
/// are several.
fn go_on(model: &mut Model, next: HandAction, elastic: &AllocationId) -> Vec<Effect> {
    match next {
        HandAction::Associate { eni, ip, .. } => {
            let then = address::associate_then(&model.world, &eni, ip, elastic);
            follow(model, then)
        }
        _ => Vec::new(),
    }
}

fn refused(model: &mut Model, call: &Call, error: &ApiError) {
    let line = format!(
        "EC2 refused {}: {}",
        call.action(),
        shown(&error.to_string())
    );
    model.feed.say(model.now, Tone::Bad, line.clone(), None);
    // The same rule that the simulator asked knows the reason in plain words.
    let rule = answer::rule(&model.world, call, error);
    match &rule {
        Some(denial) => model.refuse(format!("{} {}", words(denial), denial.instead)),
        None => model.refuse(line),
    }
    model.said = Some(answer::refused(call, error, rule.as_ref()));
}

/// Opens what EC2 said last, in full.
pub(super) fn read_answer(model: &mut Model) {
    if let Some(text) = model.said.clone() {
        model.layers.push(Layer::Text(text));
    }
}
