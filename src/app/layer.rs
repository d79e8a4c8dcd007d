//! What lies over the explorer. The topmost layer gets the keys.
//!
//! Invariant: a mode is a layer, never a boolean; closing a layer gives back what lies below as it
//! was.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::operations::Taking;
use super::timeline::Looking;
use crate::ec2::call::Call;
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, RouteTableId, Str, SubnetId, VpcId,
};
use crate::failover::candidates::Candidate;
use crate::failover::plan::{Intent, Plan};
use crate::failover::replay::Replay;
use crate::failover::status::Command;

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Every key with its meaning.
    Help {
        /// First line in view.
        scroll: usize,
    },
    /// The filter is being typed.
    Filter {
        /// The text is that of before: a character begins a new one, a space or a deletion goes on with
        /// it.
        old: bool,
    },
    /// Where could it go?
    Candidates(Candidates),
    /// Plan, walk and summary: they share `Model::walk`.
    Walk,
    /// The preflight of the plan, item by item.
    Preflight {
        /// First line in view.
        scroll: usize,
    },
    /// Operations that are over, or were left open.
    Operations {
        /// Chosen line.
        cursor: usize,
    },
    /// One consent for the whole plan, live only; or the one that force needs.
    Consent(Consent),
    /// Something longer to read: an explanation, a script, a report.
    Text(Text),
    /// A call by hand is being put together.
    Prompt(Prompt),
    /// Every action by name.
    Palette {
        /// Typed so far.
        input: String,
        /// Chosen line.
        cursor: usize,
    },
    /// The course.
    Lessons(Lessons),
    /// The screen shows the past.
    Timeline(Box<Looking>),
    /// An operation is looked at again.
    Replay(Replaying),
    /// Quit while something runs?
    Quit,
}

/// The list of lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessons {
    /// Chosen line of those that are found.
    pub cursor: usize,
    /// What is searched for; `None` where nobody searches.
    pub search: Option<String>,
}

/// An operation, record by record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaying {
    /// Its records.
    pub replay: Arc<Replay>,
    /// The chosen one.
    pub at: usize,
}

/// The list of candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates {
    /// What is to be moved.
    pub eni: EniId,
    /// Where it could go, best first.
    pub list: Vec<Candidate>,
    /// Chosen line.
    pub cursor: usize,
}

/// Something longer to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What it is.
    pub title: String,
    /// Lines, already sanitised where they came from outside; the painter wraps them.
    pub lines: Vec<String>,
    /// First line in view.
    pub scroll: usize,
}

/// What a consent is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asks {
    /// The plan of `Model::walk`, all its calls.
    Plan,
    /// Force in the running operation; the text says what it does.
    Force(String),
    /// Stopping the source in the running operation; the text says what it costs.
    Fence(String),
    /// An open operation that is taken up again.
    TakeUp(Box<Taking>),
}

/// The consent dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// What for.
    pub asks: Asks,
    /// Typed so far.
    pub typed: String,
    /// What must be typed: the last six characters of the interface's id; for force a phrase,
    /// for a stop the instance's id.
    pub expected: String,
    /// It has been on the screen: keys count from here on, earlier ones never did.
    pub armed: bool,
}

/// A call by hand that is being put together: one question of it.
///
/// A further question is a layer of its own, so that closing it goes back to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for, with the answers so far.
    pub action: HandAction,
    /// The question.
    pub title: String,
    /// Characters are text here: they complete the list, or are the answer.
    pub typed: bool,
    /// What can be chosen now.
    pub choices: Vec<Choice>,
    /// Chosen line.
    pub cursor: usize,
    /// Typed so far.
    pub input: String,
}

/// One line of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is called.
    pub words: String,
    /// What it means, or why EC2 would refuse it.
    pub remark: String,
    /// What follows.
    pub then: Then,
}

/// What follows from a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing happens.
    Leave,
    /// The call is submitted.
    Call(Call),
    /// The first call is submitted; what it creates is used by the second.
    Both(Call, HandAction),
    /// A plan is shown.
    Plan(Box<Intent>),
    /// The running operation is told this.
    Answer(Command),
    /// An operation is taken up again.
    TakeUp(Box<Taking>),
    /// There is another question.
    Ask(HandAction),
    /// The same question again, with another answer marked.
    Again(HandAction),
}

impl Choice {
    /// The call that it submits.
    pub fn call(&self) -> Option<&Call> {
        match &self.then {
            Then::Call(call) | Then::Both(call, _) => Some(call),
            Then::Leave
            | Then::Ask(_)
            | Then::Again(_)
            | Then::Plan(_)
            | Then::TakeUp(_)
            | Then::Answer(_) => None,
        }
    }
}

/// Actions by hand, on the selected resource, with what has been answered so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandAction {
    /// AttachNetworkInterface: choose the instance.
    Attach(EniId),
    /// DetachNetworkInterface.
    Detach(EniId),
    /// StartInstances.
    Start(InstanceId),
    /// StopInstances.
    Stop(InstanceId),
    /// RebootInstances.
    Reboot(InstanceId),
    /// TerminateInstances.
    Terminate(InstanceId),
    /// ModifyInstanceAttribute: choose the type.
    Resize(InstanceId),
    /// RunInstances with an interface that exists: choose the type, then type a name.
    Launch(EniId, Option<Str>),
    /// CreateNetworkInterface in a subnet: type a name.
    Create(SubnetId),
    /// DeleteNetworkInterface.
    Delete(EniId),
    /// AssignPrivateIpAddresses: type a number or an address.
    Assign(EniId),
    /// UnassignPrivateIpAddresses: choose the address; the selected one comes first.
    Unassign(EniId, Option<Ipv4Addr>),
    /// AssociateAddress: choose the Elastic IP, then the private address.
    Associate {
        /// With which interface.
        eni: EniId,
        /// On which of its addresses.
        ip: Option<Ipv4Addr>,
        /// Which Elastic IP.
        elastic: Option<AllocationId>,
    },
    /// DisassociateAddress: choose the Elastic IP.
    Disassociate(EniId),
    /// AllocateAddress: type a name.
    Allocate,
    /// ReleaseAddress: choose the Elastic IP.
    Release,
    /// ModifyNetworkInterfaceAttribute: mark the groups.
    Groups(EniId, BTreeSet<GroupId>),
    /// ModifyNetworkInterfaceAttribute: the source/destination check.
    SourceDestCheck(EniId),
    /// ModifyNetworkInterfaceAttribute: DeleteOnTermination.
    DeleteOnTermination(EniId),
    /// CreateRoute to an interface: choose the table, then type the destination.
    CreateRoute(EniId, Option<RouteTableId>),
    /// ReplaceRoute: choose the route that is to lead to the interface.
    ReplaceRoute(EniId),
    /// No call: in which of the ways is the interface's service brought to the instance?
    Mechanism(EniId, InstanceId),
    /// No call: which blocking check of this plan is accepted?
    Accept(Box<Plan>),
    /// No call: which of these answers to the open question?
    Answer(Vec<(Command, String)>),
    /// No call: which check that hinders taking this operation up is accepted?
    AcceptAgain(Box<Taking>),
    /// DeleteRoute of a VPC: choose the route; those to the interface come first.
    DeleteRoute(VpcId, Option<EniId>),
}
