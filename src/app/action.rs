//! What a person can ask for, independent of the key that asks for it.

/// One action. Its key, its words and where it works stand in the key table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// One row or line up.
    Up,
    /// One row or line down.
    Down,
    /// Close, or go to the parent.
    Left,
    /// Open, or go to the first child.
    Right,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first row or line.
    First,
    /// To the last row or line.
    Last,
    /// Open or close the row.
    Toggle,
    /// Scroll the panel up.
    PanelUp,
    /// Scroll the panel down.
    PanelDown,
    /// Type a filter.
    Filter,
    /// Take the filter away.
    ClearFilter,
    /// Copy the selected id or address, or what the layer shows.
    Copy,
    /// List where the interface could go.
    FailOver,
    /// Take the chosen line.
    Choose,
    /// Take the newest call back.
    Undo,
    /// Run or pause virtual time.
    Clock,
    /// Look at the endpoint again.
    Refresh,
    /// The lines that a shell needs to reach a served world.
    Exports,
    /// AttachNetworkInterface by hand.
    Attach,
    /// DetachNetworkInterface by hand.
    Detach,
    /// StartInstances by hand.
    Start,
    /// StopInstances by hand.
    Stop,
    /// TerminateInstances by hand.
    Terminate,
    /// CreateNetworkInterface by hand.
    Create,
    /// DeleteNetworkInterface by hand.
    Delete,
    /// RebootInstances by hand.
    Reboot,
    /// ModifyInstanceAttribute by hand: the type.
    Resize,
    /// RunInstances by hand, with an interface that exists.
    Launch,
    /// AssignPrivateIpAddresses by hand.
    Assign,
    /// UnassignPrivateIpAddresses by hand.
    Unassign,
    /// AssociateAddress by hand.
    Associate,
    /// DisassociateAddress by hand.
    Disassociate,
    /// AllocateAddress by hand.
    Allocate,
    /// ReleaseAddress by hand.
    Release,
    /// ModifyNetworkInterfaceAttribute by hand: the groups.
    Groups,
    /// ModifyNetworkInterfaceAttribute by hand: the source/destination check.
    SourceDestCheck,
    /// ModifyNetworkInterfaceAttribute by hand: DeleteOnTermination.
    DeleteOnTermination,
    /// CreateRoute by hand.
    CreateRoute,
    /// ReplaceRoute by hand.
    ReplaceRoute,
    /// DeleteRoute by hand.
    DeleteRoute,
    /// Read what EC2 said last, in full.
    Answer,
    /// The list of operations.
    Operations,
    /// Take an open operation up again and finish it.
    Resume,
    /// Take an open operation up again and put it back.
    UndoOperation,
    /// In which way it is moved.
    Mechanism,
    /// Fly the next step.
    Next,
    /// Fly all steps.
    Run,
    /// Read the preflight.
    Preflight,
    /// Accept a check of the preflight by its name.
    Accept,
    /// Copy the plan as a shell script.
    Script,
    /// Save the plan as a file.
    SavePlan,
    /// Stop the operation.
    Abort,
    /// Go on to the target.
    Finish,
    /// Back to the source.
    PutBack,
    /// Attach at another free index.
    OtherIndex,
    /// Attach to another instance.
    OtherInstance,
    /// Wait on.
    WaitOn,
    /// Force the hung detach.
    Force,
    /// Stop the source, whose detach hangs.
    Fence,
    /// Write the report as a file.
    Report,
    /// Why it worked, or did not.
    Explain,
    /// Close the topmost layer.
    Close,
    /// Leave although something runs.
    Leave,
    /// Let a minute of virtual time pass at once.
    Skip,
    /// Look back at every change of a simulated world, or replay an operation.
    Timeline,
    /// One change back.
    Earlier,
    /// One change on.
    Later,
    /// To the call before.
    EarlierCall,
    /// To the next call.
    LaterCall,
    /// The next hint of the lesson's step.
    Hint,
    /// Do again what was taken back.
    Redo,
    /// Begin the lesson again.
    Restart,
    /// Show a solution of the lesson.
    Solution,
    /// Go on to the next lesson.
    NextLesson,
    /// List the lessons.
    Lessons,
    /// Leave the lesson and keep its world.
    Sandbox,
    /// Every action by name.
    Palette,
    /// Every key with its meaning.
    Help,
    /// End the program.
    Quit,
    /// Stop safely, then end the program.
    SafeStop,
    /// Give the terminal back to the shell.
    Suspend,
    /// Paint everything again.
    Repaint,
}

/// What an action is about: the palette shows them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A network interface and its attachment.
    Interface,
    /// Private addresses and Elastic IPs.
    Addresses,
    /// Routes.
    Routes,
    /// An instance.
    Instance,
    /// The screen and the program.
    Program,
}

impl Group {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Program => "screen and program",
            Self::Interface => "network interface",
            Self::Addresses => "addresses",
            Self::Routes => "routes",
            Self::Instance => "instance",
        }
    }
}

impl Action {
    /// What it is about.
    pub fn group(self) -> Group {
        match self {
            Self::FailOver
            | Self::Attach
            | Self::Detach
            | Self::Create
            | Self::Delete
            | Self::Groups
            | Self::SourceDestCheck
            | Self::DeleteOnTermination => Group::Interface,
            Self::Assign
            | Self::Unassign
            | Self::Associate
            | Self::Disassociate
            | Self::Allocate
            | Self::Release => Group::Addresses,
            Self::CreateRoute | Self::ReplaceRoute | Self::DeleteRoute => Group::Routes,
            Self::Start
            | Self::Stop
            | Self::Reboot
            | Self::Terminate
            | Self::Resize
            | Self::Launch => Group::Instance,
            _ => Group::Program,
        }
    }

    /// It is one EC2 call, put together by hand in a simulated world.
    pub fn is_by_hand(self) -> bool {
        self.group() != Group::Program && self != Self::FailOver
    }
}
