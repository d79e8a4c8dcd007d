//! Accepting a check of the preflight by its name, as `--accept` does.

use super::ask::leave;
use crate::app::layer::{Choice, HandAction, Prompt, Then};
use crate::app::model::Model;
use crate::app::operations::Taking;
use crate::app::update::preflight::acceptable;
use crate::ec2::shown::shown;
use crate::failover::plan::{Check, Intent, Plan};
use crate::failover::status::Command;

/// Every check that gives way, with what was found; the plan is made anew with the chosen one.
pub(super) fn prompt(plan: &Plan) -> Prompt {
    let choices = acceptable(plan).map(|check| {
        let mut intent = plan.intent.clone();
        intent.accepted.push(check.id.clone());
        choice(check, Then::Plan(Box::new(intent)))
    });
    let action = HandAction::Accept(Box::new(plan.clone()));
    asking(action, "The plan records it", choices.collect())
}

/// The same for an operation that is taken up again.
pub(super) fn again(taking: &Taking) -> Prompt {
    let choices = taking.acceptable().map(|check| {
        let mut taking = taking.clone();
        taking.accepted.push(check.id.clone());
        choice(check, Then::TakeUp(Box::new(taking)))
    });
    let action = HandAction::AcceptAgain(Box::new(taking.clone()));
    asking(action, "The journal records it", choices.collect())
}

/// Several answers of one kind to the question of a running operation.
pub(super) fn answer(answers: &[(Command, String)]) -> Prompt {
    let choices = answers.iter().map(|(command, text)| Choice {
        words: match command {
            Command::Candidate(id) => id.to_string(),
            _ => String::new(),
        },
        remark: shown(text).into_owned(),
        then: Then::Answer(command.clone()),
    });
    Prompt {
        title: "which one? The best comes first".to_owned(),
        ..asking(HandAction::Answer(answers.to_vec()), "", choices.collect())
    }
}

fn choice(check: &Check, then: Then) -> Choice {
    Choice {
        words: check.id.clone(),
        remark: shown(&check.said("")).into_owned(),
        then,
    }
}

fn asking(action: HandAction, recorded: &str, choices: Vec<Choice>) -> Prompt {
    Prompt {
        action,
        title: format!("which risk is accepted? {recorded}"),
        typed: false,
        // Nothing is accepted by an Enter too many.
        choices: [leave()].into_iter().chain(choices).collect(),
        cursor: 0,
        input: String::new(),
    }
}

/// The operation that the plan on the screen takes back, if this is the same plan but for what is
/// accepted.
pub(super) fn undo_of(model: &Model, intent: &Intent) -> Option<String> {
    let shown = &model.walk.as_ref()?.plan;
    let same = Intent {
        accepted: shown.intent.accepted.clone(),
        ..intent.clone()
    };
    let undo_of = shown.undo_of.clone();
    undo_of.filter(|_| same == shown.intent)
}
