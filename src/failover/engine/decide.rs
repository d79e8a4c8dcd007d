//! What to do next, as one pure function of the plan, of what the journal knows, and of a look.
//!
//! One table a mechanism: [`interface`] for the interface itself, [`handover`] for what a call
//! carries over at once. Invariant: nothing is decided that the plan does not name.

pub(super) mod handover;
mod interface;

use std::time::Duration;

use super::Gaze;
use super::mutant::Broken;
use crate::ec2::call::{Attach, Call};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::Plan;
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
    /// When the first look was asked for that has shown its effect.
    pub shown: Option<Time>,
    /// That was so long ago that no look can be older: what is not there any more was moved by
    /// somebody else.
    pub seen: bool,
    /// The newest call in the other direction: it may undo this one, or be seen late.
    pub crossed: Option<Crossing>,
}

/// A call in the other direction that has happened, or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// When it was answered, or given up.
    pub answered: Time,
    /// It had no answer that can be trusted: it may happen yet.
    pub doubtful: bool,
}

impl Tries {
    /// It has happened, or may have.
    pub fn may_have_happened(&self) -> bool {
        self.accepted || self.doubtful
    }

    /// What a call the other way has to reckon with, if this one has happened or may have.
    pub fn crossing(&self) -> Option<Crossing> {
        let answered = self.answered.filter(|_| self.may_have_happened())?;
        Some(Crossing {
            answered,
            doubtful: self.doubtful,
        })
    }

    /// A call the other way was answered, or will never be.
    pub fn cross(&mut self, crossing: Option<Crossing>) {
        let Some(new) = crossing else { return };
        self.crossed = Some(self.crossed.map_or(new, |old| Crossing {
            answered: old.answered.max(new.answered),
            doubtful: old.doubtful || new.doubtful,
        }));
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
    /// Our attempts at stopping the source because the detach hangs.
    pub fence: Tries,
    /// Our calls towards the goal, one entry for each of the plan's handovers.
    pub handovers: Vec<Tries>,
    /// We have submitted an attach back to the source: a new attachment there may be ours, whatever
    /// the goal is by now.
    pub went_back: bool,
    /// Which policy is broken on purpose: none outside the test of the fault simulation.
    pub broken: Broken,
    /// Card and index at the goal that a person chose instead of the planned ones.
    pub elsewhere: Option<(u32, u32)>,
    /// How often it has gone on to another target than the planned one.
    pub retargeted: u32,
    /// Taken up again from a journal.
    pub taken: Option<Taken>,
}

/// How an operation was taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// When. What the process before it wrote by its own clock says nothing about spans of time.
    pub at: Time,
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
    /// Make the call of this handover towards this end (again).
    Handover(usize, Goal),
    /// Look again later.
    Wait(Awaited),
    /// It is attached at this end: compare identity, routes, Elastic IPs.
    Verify(Goal),
    /// Somebody else changed it: hands off.
    Foreign(String),
    /// It has left the goal again, through a late call of ours or through somebody else: a person is
    /// to say where it belongs.
    Disputed(String),
    /// It is attached to nothing, and this is in the way of the goal.
    NotEligible(Vec<Denial>),
    /// A fresh preflight and a new consent first.
    AskAgain(String),
    /// It does not exist any more, in words.
    Lost(String),
}

impl Action {
    /// Something will be submitted, now or after a wait, as far as this look tells.
    pub fn goes_on(&self) -> bool {
        match self {
            Self::Detach | Self::Attach(_) | Self::Handover(..) | Self::AskAgain(_) => true,
            Self::NotEligible(_) | Self::Wait(Awaited::Available) => true,
            Self::Wait(_) | Self::Verify(_) | Self::Foreign(_) | Self::Lost(_) => false,
            Self::Disputed(_) => false,
        }
    }
}

/// The attach call for an end. Back at the source it takes its old place.
/// None where the plan carries something else over than the interface.
pub fn attach_call(plan: &Plan, goal: Goal) -> Option<Attach> {
    if plan.intent.mechanism != Mechanism::Interface {
        return None;
    }
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

impl Known {
    /// What is known of the action that a call is part of.
    pub fn tries(&mut self, plan: &Plan, call: &Call) -> &mut Tries {
        if let Some((n, _)) = handover_of(plan, call) {
            if self.handovers.len() <= n {
                self.handovers.resize(n + 1, Tries::default());
            }
            if let Some(tries) = self.handovers.get_mut(n) {
                return tries;
            }
        }
        match call {
            Call::DetachNetworkInterface(_) => &mut self.detach,
            Call::AttachNetworkInterface(_) => &mut self.attach,
            Call::StopInstances(_) => &mut self.fence,
            _ => &mut self.protect,
        }
    }

    /// The attach call for an end, at the index that was chosen for it if one was.
    pub fn attach_call(&self, plan: &Plan, goal: Goal) -> Option<Attach> {
        let meant = attach_call(plan, goal)?;
        let chosen = self.elsewhere.filter(|_| goal == self.goal);
        let (card, index) = chosen.unwrap_or((meant.network_card_index, meant.device_index));
        Some(Attach {
            network_card_index: card,
            device_index: index,
            ..meant
        })
    }

    /// Something was submitted that moves what the plan is about, or may be by now.
    pub fn has_moved(&self) -> bool {
        let carried = |tries: &Tries| tries.made > 0 || tries.crossed.is_some();
        // Another target is gone on to after an attach that came to nothing; its tries count no more.
        let attached = self.attach.made > 0 || self.retargeted > 0;
        self.detach.made > 0 || attached || self.handovers.iter().any(carried)
    }

    /// Another end: what was tried for the old one counts no more.
    pub fn turn(&mut self, goal: Goal) {
        self.goal = goal;
        self.elsewhere = None;
        for tries in self.handovers.iter_mut().chain([&mut self.attach]) {
            let mut turned = Tries {
                crossed: tries.crossed,
                ..Tries::default()
            };
            turned.cross(tries.crossing());
            *tries = turned;
        }
    }

    /// What EC2 refused may be tried anew.
    pub fn forgive(&mut self) {
        for tries in self.handovers.iter_mut().chain([&mut self.attach]) {
            tries.before = tries.made;
            tries.refused = None;
        }
    }
}

/// Decides by the table of the plan's mechanism. `gaze`: how much the world holds.
pub fn decide(plan: &Plan, known: &Known, world: &World, gaze: Gaze) -> Action {
    match plan.intent.mechanism {
        Mechanism::Interface => interface::decide(plan, known, world, gaze),
        Mechanism::PrivateIp | Mechanism::ElasticIp | Mechanism::Route => {
            handover::decide(plan, known, world)
        }
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

/// The call of a handover towards an end.
pub fn handover_call(plan: &Plan, n: usize, goal: Goal) -> Option<&Call> {
    let handover = plan.handovers.get(n)?;
    Some(match goal {
        Goal::Target => &handover.over,
        Goal::Source => &handover.back,
    })
}

/// Which handover a call is of, and towards which end.
pub fn handover_of(plan: &Plan, call: &Call) -> Option<(usize, Goal)> {
    let mut all = plan.handovers.iter().enumerate();
    all.find_map(|(n, handover)| {
        if handover.over == *call {
            Some((n, Goal::Target))
        } else {
            (handover.back == *call).then_some((n, Goal::Source))
        }
    })
}

/// Whether the source would have it back, as far as this world says.
pub fn may_go_back(plan: &Plan, world: &World) -> bool {
    match attach_call(plan, Goal::Source) {
        Some(call) => {
            world.instance(&call.instance_id).is_some()
                && crate::rules::attach::blockers(world, &call).is_empty()
        }
        None => {
            !plan.handovers.is_empty()
                && plan
                    .handovers
                    .iter()
                    .all(|handover| crate::rules::check(world, &handover.back).is_ok())
        }
    }
}
