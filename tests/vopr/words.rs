//! How a run ended, in a few words that a person can judge.

use enipilot::ec2::call::Call;
use enipilot::ec2::world::World;
use enipilot::failover::mechanism::good::Good;

use super::ground;
use super::op::Op;
use super::run::{Run, ending};
use super::view::{Place, Side, place};

impl Run {
    /// `done | target | detach attach`: how the operation ended, where everything is, and what those
    /// who took it over submitted.
    pub fn end_in_words(&self) -> String {
        let op = &self.op;
        let world = self.ec2.sim.world();
        let end = match (op.refused, op.takeovers) {
            (true, _) => "blocked",
            (false, _) if op.ending.is_none() => match op.file.verdict() {
                Some("done") => "done-already",
                Some(_) => "over-already",
                None => "never-begun",
            },
            _ => ending(op),
        };
        let at = match op.plan.handovers.is_empty() {
            true => holder(&world).to_owned(),
            false => {
                let all: Vec<_> = op.plan.goods().map(|g| word(g, &world)).collect();
                all.join(" ")
            }
        };
        let calls: Vec<_> = op
            .sent
            .iter()
            .filter(|s| s.epoch > 1)
            .map(|s| short(op, &s.call))
            .collect();
        let calls = match calls.is_empty() {
            true => "-".to_owned(),
            false => calls.join(" "),
        };
        format!("{end} | {at} | {calls}")
    }
}

fn holder(world: &World) -> &'static str {
    let Some(eni) = world.eni(&ground::eni()) else {
        return "gone";
    };
    match eni.instance_id() {
        None => "nowhere",
        Some(id) if *id == ground::instance(0) => "source",
        Some(id) if *id == ground::instance(1) => "target",
        Some(_) => "third",
    }
}

fn word(good: &Good, world: &World) -> &'static str {
    match place(good, world) {
        Place::At(Side::Source) => "source",
        Place::At(Side::Target) => "target",
        Place::Elsewhere => "elsewhere",
        Place::Gone => "gone",
    }
}

fn short(op: &Op, call: &Call) -> String {
    let carried = |h: &enipilot::failover::mechanism::good::Handover| h.over == *call;
    let returned = |h: &enipilot::failover::mechanism::good::Handover| h.back == *call;
    match call {
        Call::ModifyNetworkInterfaceAttribute(_) => "protect".to_owned(),
        Call::DetachNetworkInterface(c) if c.force => "force".to_owned(),
        Call::DetachNetworkInterface(_) => "detach".to_owned(),
        Call::AttachNetworkInterface(c) if c.instance_id == ground::instance(0) => {
            "attach-back".to_owned()
        }
        Call::AttachNetworkInterface(_) => "attach".to_owned(),
        _ => {
            let over = op.plan.handovers.iter().position(carried);
            let back = op.plan.handovers.iter().position(returned);
            match (over, back) {
                (Some(n), _) => format!("carry-{n}"),
                (None, Some(n)) => format!("back-{n}"),
                (None, None) => call.action().to_owned(),
            }
        }
    }
}
