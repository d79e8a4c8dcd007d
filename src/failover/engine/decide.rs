//! What to do next, as one pure function of the plan, of what the journal knows, and of a look.
//!
//! Invariants: a detach is only ever decided for the attachment that the plan saw; an interface that
//! is attached to nothing is only touched if the journal holds a detach intent of ours, or if the
//! plan found it unattached; what is not understood is waited for, never taken for "detached".

use std::time::Duration;

use crate::ec2::call::Attach;
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::plan::Plan;
use crate::rules::attach::blockers;
use crate::rules::verdict::Denial;

/// A journal that is older than this needs a fresh preflight and a new consent.
const FRESH: Duration = Duration::from_secs(15 * 60);

/// Which end it is on its way to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// The plan's target.
    #[default]
    Target,
    /// Back to where it was.
    Source,
}

/// What the journal knows of one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Submissions so far; each had a durable intent.
    pub made: u32,
    /// Those of them that were made before a person took it up again and agreed to go on.
    pub before: u32,
    /// EC2 accepted one.
    pub accepted: bool,
    /// One had no answer that can be trusted: it may have happened, or happen yet.
    pub doubtful: bool,
    /// The newest refusal, if the newest answer was one.
    pub refused: Option<ApiError>,
    /// When the newest one was answered.
    pub answered: Option<Time>,
}

impl Tries {
    /// It has happened, or may have.
    pub fn may_have_happened(&self) -> bool {
        self.accepted || self.doubtful
    }
}

/// What the journal knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Where it shall go.
    pub goal: Goal,
    /// Our attempts at turning DeleteOnTermination off.
    pub protect: Tries,
    /// Our detaches.
    pub detach: Tries,
    /// Our attaches to the goal.
    pub attach: Tries,
    /// Taken up again from a journal.
    pub taken: Option<Taken>,
}

/// How an operation was taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Age of the journal's last record; `None` if that lies in the future, so that one of the two
    /// clocks was wrong.
    pub age: Option<Duration>,
    /// A fresh preflight was made and agreed to.
    pub renewed: bool,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Our detach.
    Available,
    /// The attach to the goal.
    Attached,
    /// EC2 shows something that this program does not understand.
    Understanding(String),
}

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Detach the planned attachment (again).
    Detach,
    /// Attach to this end (again).
    Attach(Goal),
    /// Look again later.
    Wait(Awaited),
    /// It is attached at this end: compare identity, routes, Elastic IPs.
    Verify(Goal),
    /// Somebody else changed it: hands off.
    Foreign(String),
    /// It is attached to nothing, and this is in the way of the goal.
    NotEligible(Vec<Denial>),
    /// A fresh preflight and a new consent first.
    AskAgain(String),
    /// It does not exist any more.
    Lost,
}

/// The attach call for an end. Back at the source it takes its old place.
pub fn attach_call(plan: &Plan, goal: Goal) -> Option<Attach> {
    let (instance, (card, index)) = match goal {
        Goal::Target => (&plan.intent.target, plan.target_slot),
        Goal::Source => (plan.source.as_ref()?, plan.source_slot?),
    };
    Some(Attach {
        network_interface_id: plan.intent.eni.clone(),
        instance_id: instance.clone(),
        device_index: index,
        network_card_index: card,
    })
}

/// Decides. Eligibility of the goal is judged only if the world holds its instance: a look at the
/// interface alone does not, and EC2 itself refuses what is not eligible.
pub fn decide(plan: &Plan, known: &Known, world: &World) -> Action {
    let Some(eni) = world.eni(&plan.intent.eni) else {
        return Action::Lost;
    };
    match place(eni) {
        Place::Free => free(plan, known, world),
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

fn free(plan: &Plan, known: &Known, world: &World) -> Action {
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
    let Some(call) = attach_call(plan, known.goal) else {
        return Action::Foreign(format!("{} has no place to go back to", plan.intent.eni));
    };
    if world.instance(&call.instance_id).is_none() {
        return Action::Attach(known.goal);
    }
    match blockers(world, &call) {
        denials if denials.is_empty() => Action::Attach(known.goal),
        denials => Action::NotEligible(denials),
    }
}

/// What was agreed to so long ago needs a fresh preflight and a new consent before anything moves.
fn outdated(known: &Known) -> Option<String> {
    let taken = known.taken.filter(|taken| !taken.renewed)?;
    match taken.age {
        Some(age) if age <= FRESH => None,
        Some(age) => Some(format!("its last record is {} min old", age.as_secs() / 60)),
        None => Some("its last record lies in the future: a clock was wrong".to_owned()),
    }
}

fn held(plan: &Plan, known: &Known, attachment: &Attachment) -> Action {
    let holder = attachment.instance_id.as_ref();
    let planned = plan.attachment_id.as_ref() == Some(&attachment.attachment_id);
    let at_target = holder == Some(&plan.intent.target);
    let at_source = holder.is_some() && holder == plan.source.as_ref();
    let home = known.goal == Goal::Source && at_source;
    match attachment.status {
        AttachmentStatus::Attached if at_target => Action::Verify(Goal::Target),
        AttachmentStatus::Attached if home => Action::Verify(Goal::Source),
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
