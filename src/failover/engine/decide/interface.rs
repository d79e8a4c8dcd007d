//! The table of the interface itself: detach, wait, attach, wait, verify.
//!
//! Invariants: a detach is only ever decided for the attachment that the plan saw; an interface that
//! is attached to nothing is only touched if the journal holds a detach intent of ours, or if the
//! plan found it unattached; what is not understood is waited for, never taken for "detached".

use super::super::mutant::Mutant;
use super::{Action, Awaited, Gaze, Goal, Known, outdated};
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus};
use crate::ec2::world::World;
use crate::failover::plan::Plan;
use crate::rules::attach::blockers;

/// Decides. Eligibility of the goal is not judged by a look at the interface alone, which does not show
/// its instance: EC2 itself refuses what is not eligible. Where everything was looked at, an instance
/// that is not there does not exist any more.
pub(super) fn decide(plan: &Plan, known: &Known, world: &World, gaze: Gaze) -> Action {
    let Some(eni) = world.eni(&plan.intent.eni) else {
        return Action::Lost(format!("{} does not exist any more", plan.intent.eni));
    };
    match place(eni) {
        Place::Free => free(plan, known, world, gaze),
        Place::Held(attachment) => held(plan, known, attachment),
        Place::Unclear(text) => Action::Wait(Awaited::Understanding(text)),
    }
}

/// Where the interface is.
enum Place<'a> {
    Free,
    Held(&'a Attachment),
    Unclear(String),
}

fn place(eni: &Eni) -> Place<'_> {
    use AttachmentStatus::{Attached, Attaching, Detached, Detaching};
    match (&eni.status, &eni.attachment) {
        (EniStatus::Available, None) => Place::Free,
        (EniStatus::Available, Some(a)) if a.status == Detached => Place::Free,
        (EniStatus::InUse, Some(a)) if matches!(a.status, Attaching | Attached | Detaching) => {
            Place::Held(a)
        }
        // The SDK's enum knows `attaching` and `detaching` as states of the interface itself.
        (EniStatus::Other(_), Some(a)) if matches!(a.status, Attaching | Detaching) => {
            Place::Held(a)
        }
        (status, attachment) => {
            let attachment = attachment.as_ref().map_or_else(
                || "no attachment".to_owned(),
                |a| format!("attachment {}", a.status),
            );
            Place::Unclear(format!("status {status}, {attachment}"))
        }
    }
}

fn free(plan: &Plan, known: &Known, world: &World, gaze: Gaze) -> Action {
    if plan.attachment_id.is_some() && known.detach.made == 0 {
        return Action::Foreign(format!(
            "{} was detached by somebody else; it is attached to nothing",
            plan.intent.eni
        ));
    }
    if let Some(why) = outdated(known) {
        return Action::AskAgain(why);
    }
    let renewed = known.taken.is_none_or(|taken| taken.renewed);
    if plan.attachment_id.is_some() && !known.detach.accepted && !renewed {
        return Action::AskAgain("it is not known whether our detach was accepted".to_owned());
    }
    let Some(call) = known.attach_call(plan, known.goal) else {
        return Action::Foreign(format!("{} has no place to go back to", plan.intent.eni));
    };
    if gaze == Gaze::Eni && world.instance(&call.instance_id).is_none() {
        return Action::Attach(known.goal);
    }
    match blockers(world, &call) {
        denials if denials.is_empty() || known.broken.is(Mutant::IgnoreEligibility) => {
            Action::Attach(known.goal)
        }
        denials => Action::NotEligible(denials),
    }
}

fn held(plan: &Plan, known: &Known, attachment: &Attachment) -> Action {
    let broken = known.broken;
    let holder = attachment.instance_id.as_ref();
    let planned = plan.attachment_id.as_ref() == Some(&attachment.attachment_id);
    let at_target = holder == Some(&plan.intent.target);
    let at_source = holder.is_some() && holder == plan.source.as_ref();
    let home = at_source && (known.goal == Goal::Source || (known.went_back && !planned));
    match attachment.status {
        AttachmentStatus::Attached if at_target => Action::Verify(Goal::Target),
        AttachmentStatus::Attached if home => Action::Verify(Goal::Source),
        AttachmentStatus::Attaching if at_target && broken.is(Mutant::AttachingIsSuccess) => {
            Action::Verify(Goal::Target)
        }
        AttachmentStatus::Attached
            if broken.is(Mutant::DetachWhoeverHoldsIt)
                || (at_source && broken.is(Mutant::NoAttachmentCheck)) =>
        {
            Action::Detach
        }
        AttachmentStatus::Attached if planned => {
            outdated(known).map_or(Action::Detach, Action::AskAgain)
        }
        AttachmentStatus::Attaching if at_target || home => Action::Wait(Awaited::Attached),
        AttachmentStatus::Detaching if planned && known.detach.made > 0 => {
            Action::Wait(Awaited::Available)
        }
        ref status => {
            let place = holder.map_or_else(|| "a service".to_owned(), ToString::to_string);
            let eni = &plan.intent.eni;
            let id = &attachment.attachment_id;
            let what = match status {
                AttachmentStatus::Detaching => "is being detached by somebody else from",
                AttachmentStatus::Attaching => "is being attached by somebody else to",
                _ if at_source => "was attached anew by somebody else to",
                _ => "was moved by somebody else to",
            };
            Action::Foreign(format!("{eni} {what} {place} (attachment {id})"))
        }
    }
}
