//! In which way the service is brought to the instance: what fits, and why the rest does not.

use super::ask::leave;
use crate::app::feed::story::{eni_name, instance_name};
use crate::app::layer::{Choice, HandAction, Prompt, Then};
use crate::app::model::Model;
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::{Intent, Level, Planned, plan};

/// What each mechanism moves, in words.
fn what(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Interface => "the interface",
        Mechanism::PrivateIp => "its secondary addresses",
        Mechanism::ElasticIp => "its Elastic IPs",
        Mechanism::Route => "the routes to it",
    }
}

/// Every mechanism with its verdict for this interface and this instance; those that fit first.
pub(super) fn prompt(model: &Model, action: HandAction) -> Prompt {
    let HandAction::Mechanism(eni, target) = &action else {
        return Prompt {
            action,
            title: String::new(),
            typed: false,
            choices: vec![leave()],
            cursor: 0,
            input: String::new(),
        };
    };
    let mut choices: Vec<(bool, Choice)> = Mechanism::ALL
        .into_iter()
        .map(|mechanism| {
            let intent = Intent {
                mechanism,
                ..Intent::new(eni.clone(), target.clone())
            };
            let (fits, remark) = verdict(model, &intent);
            let choice = Choice {
                words: what(mechanism).to_owned(),
                remark,
                then: Then::Plan(Box::new(intent)),
            };
            (fits, choice)
        })
        .collect();
    choices.sort_by_key(|(fits, _)| !fits);
    let title = format!(
        "what shall move from {} to {}?",
        eni_name(&model.world, eni),
        instance_name(&model.world, target)
    );
    Prompt {
        title,
        typed: false,
        choices: choices
            .into_iter()
            .map(|(_, choice)| choice)
            .chain([leave()])
            .collect(),
        cursor: 0,
        input: String::new(),
        action,
    }
}

/// Whether it could be flown, and what it would do or what is in its way.
fn verdict(model: &Model, intent: &Intent) -> (bool, String) {
    match plan(&model.world, intent, &model.sky, model.now) {
        Err(wrong) => (false, wrong.to_string()),
        Ok(Planned::AlreadyThere) => (false, "it is there already".to_owned()),
        Ok(Planned::Plan(plan)) => {
            let block = plan.preflight.iter().find(|c| c.level == Level::Block);
            match block {
                Some(check) => {
                    let code = check.code.as_ref().map(|c| format!(" ({c})"));
                    let code = code.unwrap_or_default();
                    (false, format!("BLOCKED {}{code}", check.finding))
                }
                None => {
                    let calls: Vec<&str> = plan.calls().map(|c| c.action()).collect();
                    (true, format!("READY {}", calls.join(", ")))
                }
            }
        }
    }
}
