//! Accepting a check of the preflight by its name, as `--accept` does.

use super::ask::leave;
use crate::app::layer::{Choice, HandAction, Prompt, Then};
use crate::app::model::Model;
use crate::app::update::preflight::acceptable;
use crate::ec2::shown::shown;
use crate::failover::plan::{Intent, Plan};

/// Every check that gives way, with what was found; the plan is made anew with the chosen one.
pub(super) fn prompt(plan: &Plan) -> Prompt {
    let choices = acceptable(plan).map(|check| {
        let mut intent = plan.intent.clone();
        intent.accepted.push(check.id.clone());
        Choice {
            words: check.id.clone(),
            remark: shown(&format!("{}. {}", check.finding, check.remedy)).into_owned(),
            then: Then::Plan(Box::new(intent)),
        }
    });
    Prompt {
        action: HandAction::Accept(Box::new(plan.clone())),
        title: "which risk is accepted? The plan records it".to_owned(),
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
