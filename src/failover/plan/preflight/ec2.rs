//! What EC2 itself would refuse of an attach.
//!
//! Invariant: every refusal comes from `rules::attach::blockers` and is only sorted into items here,
//! so that no rule is written twice.

use super::{Case, block, name, pass, warn};
use crate::ec2::call::Attach;
use crate::ec2::resource::InstanceState;
use crate::failover::plan::Check;
use crate::rules::verdict::Denial;
use crate::rules::{attach, limits};

/// Items on which EC2 itself has the last word: blocked with its code, or passed with the figures.
pub(super) fn refusals(case: &Case<'_>, call: &Attach) -> Vec<Check> {
    let mut denials: Vec<(&str, Denial)> = attach::blockers(case.world, call)
        .into_iter()
        .map(|denial| (item_of(&denial), denial))
        .collect();
    let mut checks = Vec::new();
    for (id, finding) in passes(case, call) {
        let mut blocked = false;
        while let Some(n) = denials.iter().position(|(item, _)| *item == id) {
            checks.push(block(id, denials.remove(n).1));
            blocked = true;
        }
        if !blocked {
            checks.push(match (id, &case.target.state) {
                ("target-state", InstanceState::Stopped) => warn(
                    id,
                    finding,
                    "Start it after the move: until then nothing answers.",
                ),
                ("target-state", InstanceState::Other(_)) => {
                    warn(id, finding, "Look at the instance before moving anything.")
                }
                _ => pass(id, finding),
            });
        }
    }
    checks.extend(denials.into_iter().map(|(id, denial)| block(id, denial)));
    checks
}

/// The item that a refusal belongs to, by EC2's code.
fn item_of(denial: &Denial) -> &'static str {
    match denial.code {
        "InvalidParameterCombination" if denial.message.contains("availability zone") => {
            "same-zone"
        }
        "InvalidParameterCombination" => "efa",
        "IncorrectState" | "IncorrectInstanceState" => "target-state",
        "InvalidParameterValue" => "free-slot",
        "AttachmentLimitExceeded" => "interface-limit",
        "PrivateIpAddressLimitExceeded" if denial.because.contains("IPv6") => "ipv6-limit",
        "PrivateIpAddressLimitExceeded" => "ipv4-limit",
        "AuthFailure" | "OperationNotPermitted" => "not-service-managed",
        _ => "accepted-by-ec2",
    }
}

fn passes(case: &Case<'_>, call: &Attach) -> Vec<(&'static str, String)> {
    let target = name(case.target);
    let kind = &case.target.instance_type;
    let limits = limits::in_world(case.world, kind);
    let has = case.world.enis_of(&case.target.id).len();
    let unknown = || format!("the limits of {kind} are not known: EC2 will say");
    let limit = |text: Option<String>| text.unwrap_or_else(unknown);
    let ipv4 = case.eni.ipv4_count();
    let ipv6 = case.eni.ipv6_addresses.len() + case.eni.ipv6_prefixes.len();
    vec![
        (
            "same-zone",
            format!("both are in {}", case.eni.availability_zone),
        ),
        (
            "not-service-managed",
            "the interface is this account's own".to_owned(),
        ),
        (
            "target-state",
            match case.target.state {
                InstanceState::Running => format!("{target} is running: hot attach"),
                InstanceState::Stopped => format!("{target} is stopped: warm attach"),
                ref state => format!("{target} is {state}"),
            },
        ),
        (
            "free-slot",
            format!(
                "card {} index {} of {target} is free",
                call.network_card_index, call.device_index
            ),
        ),
        (
            "interface-limit",
            limit(limits.as_ref().map(|l| {
                format!(
                    "{target} will have {} of {} interfaces",
                    has + 1,
                    l.interfaces_max
                )
            })),
        ),
        (
            "ipv4-limit",
            limit(limits.as_ref().map(|l| {
                format!(
                    "{ipv4} of {} IPv4 addresses for one interface of {kind}",
                    l.ipv4_per_interface_max
                )
            })),
        ),
        (
            "ipv6-limit",
            match limits.as_ref().and_then(|l| l.ipv6_per_interface_max) {
                _ if ipv6 == 0 => "the interface has no IPv6 address".to_owned(),
                Some(max) => {
                    format!("{ipv6} of {max} IPv6 addresses for one interface of {kind}")
                }
                None => unknown(),
            },
        ),
    ]
}
