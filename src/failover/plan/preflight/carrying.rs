//! What should be known where calls carry things over and the interface stays.

use super::{Case, block, blocked_by, name, pass, warn};
use crate::ec2::eni::Eni;
use crate::ec2::resource::InstanceState;
use crate::failover::mechanism::good::What;
use crate::failover::plan::Check;
use crate::rules::check;

/// Every item.
pub(super) fn of_carrying(case: &Case<'_>) -> Vec<Check> {
    let Some(receiver) = case.receiver else {
        return Vec::new();
    };
    let mut checks = accepted(case);
    checks.push(target_state(case));
    let has = |is: fn(&What) -> bool| {
        let mut goods = case.handovers.iter().flat_map(|h| &h.goods);
        goods.any(|good| is(&good.what))
    };
    if has(|w| matches!(w, What::PrivateIp(_))) {
        checks.push(guest(case, receiver));
    }
    if has(|w| matches!(w, What::ElasticIp { .. })) {
        checks.push(internet(case, receiver));
    }
    if has(|w| matches!(w, What::Route { .. })) {
        checks.push(forwarding(case, receiver));
    }
    checks
}

/// Every call as EC2 would answer it now.
fn accepted(case: &Case<'_>) -> Vec<Check> {
    let id = "accepted-by-ec2";
    let refused: Vec<_> = case
        .handovers
        .iter()
        .filter_map(|h| check(case.world, &h.over).err())
        .map(|denial| block(id, denial))
        .collect();
    if !refused.is_empty() {
        return refused;
    }
    let calls = case.handovers.len();
    let noun = if calls == 1 { "call" } else { "calls" };
    vec![pass(
        id,
        format!("EC2 would take {calls} {noun} as things are"),
    )]
}

fn target_state(case: &Case<'_>) -> Check {
    let id = "target-state";
    let target = name(case.target);
    let found = format!("{target} is {}", case.target.state);
    match case.target.state {
        InstanceState::Running => pass(id, found),
        InstanceState::Stopped => warn(
            id,
            found,
            "Start it after the move: until then nothing answers.",
        ),
        _ => warn(
            id,
            found,
            "Look at the instance before anything is carried over to it.",
        ),
    }
}

/// EC2 assigns the address to the interface; only the guest makes it answer.
fn guest(case: &Case<'_>, receiver: &Eni) -> Check {
    warn(
        "guest-address",
        format!(
            "{} must take the address up itself: EC2 gives it to {} and nothing more",
            name(case.target),
            receiver.id
        ),
        "See that the guest adds it (amazon-ec2-net-utils does; else `ip address add`), and that the \
         old one drops it.",
    )
}

fn internet(case: &Case<'_>, receiver: &Eni) -> Check {
    let id = "internet-route";
    let own = case.world.route_table_of(&receiver.subnet_id);
    let main = || {
        let mut all = case.world.route_tables_of(&receiver.vpc_id);
        all.find(|table| table.main)
    };
    let Some(table) = own.or_else(main) else {
        return pass(
            id,
            "the routes of the receiving subnet are not known".to_owned(),
        );
    };
    let mut routes = table.routes.iter();
    let out = routes.any(|r| {
        let gateway = r.gateway.as_deref();
        &*r.destination == "0.0.0.0/0" && gateway.is_some_and(|id| id.starts_with("igw-"))
    });
    if out {
        pass(
            id,
            format!(
                "{} leads to the internet ({})",
                receiver.subnet_id, table.id
            ),
        )
    } else {
        warn(
            id,
            format!(
                "{} has no route to an internet gateway ({}): the Elastic IP would not answer there",
                receiver.subnet_id, table.id
            ),
            "Choose an interface in a public subnet.",
        )
    }
}

/// What is routed to an interface is not addressed to it.
fn forwarding(case: &Case<'_>, receiver: &Eni) -> Check {
    let id = "forwarding";
    if receiver.source_dest_check {
        blocked_by(
            id,
            format!(
                "the source/dest check of {} at {} is on: EC2 drops what is routed through it",
                receiver.id,
                name(case.target)
            ),
            "Turn it off (ModifyNetworkInterfaceAttribute, SourceDestCheck) before the move.",
        )
    } else {
        pass(
            id,
            format!("the source/dest check of {} is off", receiver.id),
        )
    }
}
