//! The plan as a POSIX shell script of aws CLI lines, for those who must do it by hand.
//!
//! Invariant: names from outside stand in comments only, with line breaks and control characters
//! taken out; ids that go into commands are quoted.

use super::carried;
use crate::failover::mechanism::good::{Good, What};
use crate::failover::plan::{Plan, StepKind};
use crate::failover::sky::{Kind, shell_word};

/// The script. It polls by itself, because the CLI's own waiter looks only every 20 s, and it stops
/// at the first call that is refused.
pub fn script(plan: &Plan) -> String {
    let mut out = format!(
        "#!/bin/sh\n# {}{} ({}) from {} to {}.\n# Account {}, {}. Planned {}.\nset -eu\n",
        match plan.handovers.is_empty() {
            true => "Move ".to_owned(),
            false => format!("Carry {} of ", comment(&carried(plan))),
        },
        comment(&plan.names.eni),
        plan.intent.eni,
        match plan.names.source.as_str() {
            "" => "no instance".to_owned(),
            source => comment(source),
        },
        comment(&plan.names.target),
        plan.sky.account,
        plan.sky.region,
        plan.made_at
    );
    if plan.handovers.is_empty() {
        out.push_str(&format!("eni={}\n", shell_word(plan.intent.eni.as_str())));
        out.push_str(&format!(
            "\nis() {{\n  [ \"$(aws ec2 describe-network-interfaces --network-interface-ids \"$eni\"{} \\\n    \
             --query \"NetworkInterfaces[0].$1\" --output text)\" = \"$2\" ]\n}}\n",
            options(plan)
        ));
    }
    for (n, step) in plan.steps.iter().enumerate() {
        out.push_str(&format!(
            "\n# {} {}: {}\n",
            n + 1,
            step.title,
            comment(&step.detail)
        ));
        match (step.kind, &step.call, &step.nothing_to_do) {
            (_, _, Some(why)) => out.push_str(&format!("# {why}\n")),
            (StepKind::WaitAvailable, _, _) => out.push_str(&wait("Status", "available")),
            (StepKind::WaitAttached, _, _) => {
                out.push_str(&wait("Attachment.Status", "attached"));
            }
            (StepKind::Verify, _, _) if !plan.handovers.is_empty() => {
                let goods: Vec<_> = plan.goods().collect();
                out.extend(goods.iter().map(|good| arrived(plan, good)));
            }
            (StepKind::Verify, _, _) => {
                out.push_str(&format!(
                    "aws ec2 describe-network-interfaces --network-interface-ids \"$eni\"{}\n",
                    options(plan)
                ));
            }
            (_, Some(call), _) => {
                out.push_str(&format!("{}\n", plan.sky.aws_cli(call)));
                if matches!(step.kind, StepKind::Handover(_)) {
                    out.push_str(&format!("# the way back is {}\n", comment(&step.undo)));
                }
                if step.kind == StepKind::Detach {
                    out.push_str("# from here on: finish, or ");
                    out.push_str(&format!("{}\n", comment(&step.undo)));
                }
            }
            (_, None, _) => {}
        }
    }
    out
}

/// Looks until one thing is where it goes.
fn arrived(plan: &Plan, good: &Good) -> String {
    let to = shell_word(good.to.eni.as_str());
    let (describe, query) = match &good.what {
        What::PrivateIp(ip) => (
            format!("describe-network-interfaces --network-interface-ids {to}"),
            format!(
                "NetworkInterfaces[0].PrivateIpAddresses[?PrivateIpAddress=='{ip}'] | [0] && \
                 NetworkInterfaces[0].NetworkInterfaceId"
            ),
        ),
        What::ElasticIp { allocation_id, .. } => (
            format!(
                "describe-addresses --allocation-ids {}",
                shell_word(allocation_id.as_str())
            ),
            "Addresses[0].NetworkInterfaceId".to_owned(),
        ),
        What::Route { table, destination } => (
            format!(
                "describe-route-tables --route-table-ids {}",
                shell_word(table.as_str())
            ),
            route_query(destination),
        ),
    };
    format!(
        "until [ \"$(aws ec2 {describe}{} \\\n    --query {} --output text)\" = {to} ]; do sleep 1; done\n",
        options(plan),
        shell_word(&query)
    )
}

/// The interface that a route leads to, by the member that holds this kind of destination.
fn route_query(destination: &str) -> String {
    let member = if destination.starts_with("pl-") {
        "DestinationPrefixListId"
    } else if destination.contains(':') {
        "DestinationIpv6CidrBlock"
    } else {
        "DestinationCidrBlock"
    };
    format!("RouteTables[0].Routes[?{member}=='{destination}'] | [0].NetworkInterfaceId")
}

fn wait(member: &str, value: &str) -> String {
    format!("until is {member} {value}; do sleep 1; done\n")
}

fn options(plan: &Plan) -> String {
    let sky = &plan.sky;
    if sky.kind != Kind::Live {
        return String::new();
    }
    let mut out = format!(" --region {}", shell_word(&sky.region));
    if let Some(profile) = &sky.profile {
        out.push_str(&format!(" --profile {}", shell_word(profile)));
    }
    if let Some(endpoint) = &sky.endpoint {
        out.push_str(&format!(" --endpoint-url {}", shell_word(endpoint)));
    }
    out
}

/// One line that stays a comment.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}
