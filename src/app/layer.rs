//! What lies over the explorer. The topmost layer gets the keys.

use crate::ec2::id::EniId;
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
    /// One consent for the whole plan, live only.
    Consent(Consent),
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

/// The consent dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Typed so far.
    pub typed: String,
    /// What must be typed: the last six characters of the interface's id.
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
    Start(crate::ec2::id::InstanceId),
    /// StopInstances.
    Stop(crate::ec2::id::InstanceId),
    /// TerminateInstances.
    Terminate(crate::ec2::id::InstanceId),
    /// CreateNetworkInterface in a subnet: type a name.
    Create(crate::ec2::id::SubnetId),
    /// DeleteNetworkInterface.
    Delete(EniId),
}
