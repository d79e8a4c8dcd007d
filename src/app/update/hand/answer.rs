//! What EC2 answered to a call by hand, in a line and in full.

use std::sync::Arc;

use crate::app::layer::Text;
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::shown::shown;
use crate::ec2::world::World;
use crate::rules;
use crate::rules::verdict::{Denial, Wording};

/// What an accepted call brought: new ids and addresses; empty if EC2 only said yes.
pub(super) fn brought(answer: &Answer) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut id = |text: Option<String>| parts.extend(text);
    id(answer.attachment_id.as_ref().map(ToString::to_string));
    let created = answer.network_interface_id.as_ref();
    let created = created.filter(|_| answer.assigned_private_ip_addresses.is_empty());
    id(created.map(ToString::to_string));
    id(answer.public_ip.map(|ip| ip.to_string()));
    id(answer.allocation_id.as_ref().map(ToString::to_string));
    id(answer.association_id.as_ref().map(ToString::to_string));
    let assigned = answer.assigned_private_ip_addresses.iter();
    parts.extend(assigned.map(ToString::to_string));
    parts.extend(answer.instance_ids.iter().map(ToString::to_string));
    let changes = answer.state_changes.iter();
    parts.extend(changes.map(|c| format!("{} -> {}", c.previous_state, c.current_state)));
    parts.join(", ")
}

/// The rule behind a refusal, if the rules of this program refuse the call for the same reason.
pub(super) fn rule(world: &Arc<World>, call: &Call, error: &ApiError) -> Option<Denial> {
    let denial = rules::check(world, call).err()?;
    (*denial.code == *error.code).then_some(denial)
}

/// An accepted call in full.
pub(super) fn accepted(call: &Call, answer: &Answer) -> Text {
    let mut lines = said(call);
    lines.push(String::new());
    lines.push("EC2 accepted it.".to_owned());
    let brought = brought(answer);
    if !brought.is_empty() {
        lines.push(format!("  {brought}"));
    }
    lines.push(String::new());
    lines.push("u takes it back.".to_owned());
    text("EC2 accepted", lines)
}

/// A refusal in full: EC2's words, the rule in plain words, what to do instead.
pub(super) fn refused(call: &Call, error: &ApiError, rule: Option<&Denial>) -> Text {
    let mut lines = said(call);
    lines.push(String::new());
    lines.push(format!("EC2 refused it: {}", error.code));
    lines.push(format!("  {}", shown(&error.message)));
    let Some(denial) = rule else {
        return text("EC2 refused", lines);
    };
    if denial.wording == Wording::Approximate {
        lines.push("  (code certain, text approximate)".to_owned());
    }
    for (head, words) in [("why", &denial.because), ("instead", &denial.instead)] {
        if !words.is_empty() {
            lines.push(String::new());
            lines.push(head.to_owned());
            lines.push(format!("  {}", shown(words)));
        }
    }
    text("EC2 refused", lines)
}

/// The call, as the shell and as the wire know it.
fn said(call: &Call) -> Vec<String> {
    vec![
        shown(&call.aws_cli()).into_owned(),
        String::new(),
        format!("  {}", shown(&call.line())),
    ]
}

pub(super) fn text(title: &str, lines: Vec<String>) -> Text {
    Text {
        title: title.to_owned(),
        lines,
        scroll: 0,
    }
}
