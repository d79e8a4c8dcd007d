//! What lies over the explorer. The topmost layer gets the keys.
//!
//! Invariant: a mode is a layer, never a boolean; closing a layer gives back what lies below as it
//! was.

use crate::ec2::call::Call;
use crate::ec2::id::{EniId, InstanceId, SubnetId};
use crate::failover::candidates::Candidate;

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Every key with its meaning.
    Help {
        /// First line in view.
        scroll: usize,
    },
    /// The filter is being typed.
    Filter,
    /// Where could it go?
    Candidates(Candidates),
    /// Plan, walk and summary: they share `Model::walk`.
    Walk,
    /// The preflight of the plan, item by item.
    Preflight {
        /// First line in view.
        scroll: usize,
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
    /// Quit while something runs?
    Quit,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The plan of `Model::walk`, all its calls.
    Plan,
    /// Force in the running operation; the text says what it does.
    Force(String),
}

/// The consent dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What for.
    pub asks: Asks,
    /// Typed so far.
    pub typed: String,
    /// What must be typed: the last six characters of the interface's id; for force a phrase.
    pub expected: String,
    /// It has been on the screen: keys count from here on, earlier ones never did.
    pub armed: bool,
}

/// A call by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Which action.
    pub action: HandAction,
    /// The question.
    pub title: String,
    /// What can be chosen, with a remark each; empty for free text.
    pub choices: Vec<(String, String)>,
    /// The call that each choice makes; `None` only closes the prompt.
    pub calls: Vec<Option<Call>>,
    /// Chosen line.
    pub cursor: usize,
    /// Typed so far.
    pub input: String,
}

/// Actions by hand, on the selected resource.
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
    /// TerminateInstances.
    Terminate(InstanceId),
    /// CreateNetworkInterface in a subnet: type a name.
    Create(SubnetId),
    /// DeleteNetworkInterface.
    Delete(EniId),
}
