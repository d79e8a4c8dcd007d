//! What can be done for an interface and a target, and what each way carries.
//!
//! Invariant: whether a way fits is what its plan says; no rule is written here.

use super::Mechanism;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::plan::{Intent, Level, Plan, Planned, plan};
use crate::failover::sky::Sky;

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub mechanism: Mechanism,
    /// Why it does not fit; `None` if it does.
    pub why_not: Option<String>,
    /// What exactly it would carry: addresses, Elastic IPs, destinations; empty if it does not fit.
    pub what: Vec<String>,
    /// Calls that it takes.
    pub calls: usize,
}

impl Offer {
    /// It can be done as things are.
    pub fn fits(&self) -> bool {
        self.why_not.is_none()
    }
}

/// Every way from the interface to the intent's target: those that fit first, then what carries most
/// first. The intent's own mechanism, and what belongs to it alone, is left out of account.
pub fn offers(world: &World, intent: &Intent, sky: &Sky, now: Time) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Mechanism::ALL
        .into_iter()
        .map(|mechanism| {
            let wanted = Intent {
                mechanism,
                source: intent.source.clone(),
                ..Intent::new(intent.eni.clone(), intent.target.clone())
            };
            judge(mechanism, plan(world, &wanted, sky, now))
        })
        .collect();
    offers.sort_by_key(|offer| !offer.fits());
    offers
}

fn judge(
    mechanism: Mechanism,
    planned: Result<Planned, crate::failover::plan::Unplannable>,
) -> Offer {
    let none = |why: String| Offer {
        mechanism,
        why_not: Some(why),
        what: Vec::new(),
        calls: 0,
    };
    match planned {
        Err(sorry) => none(sorry.what),
        Ok(Planned::AlreadyThere) => none("it is there already".to_owned()),
        Ok(Planned::Plan(plan)) => match blocked(&plan) {
            Some(why) => none(why),
            None => Offer {
                mechanism,
                why_not: None,
                what: what(&plan),
                calls: plan.calls().count(),
            },
        },
    }
}

fn blocked(plan: &Plan) -> Option<String> {
    let mut checks = plan.preflight.iter();
    // What may be accepted by name can be done.
    let block = checks.find(|c| c.level == Level::Block && !c.acceptable)?;
    let finding = block.finding.trim_end_matches('.');
    Some(match &block.code {
        Some(code) => format!("{finding} ({code})"),
        None => finding.to_owned(),
    })
}

fn what(plan: &Plan) -> Vec<String> {
    if plan.handovers.is_empty() {
        let identity = &plan.identity;
        let ips = identity.addresses().chain(identity.elastic_ips());
        return ips.map(str::to_owned).collect();
    }
    plan.goods().map(ToString::to_string).collect()
}
