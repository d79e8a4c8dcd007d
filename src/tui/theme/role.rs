//! The roles: everything that can look different on the screen, by meaning.

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a piece of text is, not how it looks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role {
            $($(#[$doc])* $variant,)*
        }

        impl Role {
            /// Every role, in the order of its discriminant.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name in a theme file; dots give the fallback.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

roles! {
    /// Plain text.
    Text = "text",
    /// Text of less weight.
    Muted = "muted",
    /// Titles of regions.
    Title = "title",
    /// Lines between regions.
    Border = "border",
    /// Lines around what takes the keys.
    BorderFocus = "border.focus",
    /// The chosen row.
    Selection = "selection",
    /// The chosen row of a region that does not take the keys.
    SelectionInactive = "selection.inactive",
    /// A key.
    Key = "key",
    /// What a key does.
    KeyLabel = "key.label",
    /// A VPC's row.
    TreeVpc = "tree.vpc",
    /// A subnet's row.
    TreeSubnet = "tree.subnet",
    /// An instance's row.
    TreeInstance = "tree.instance",
    /// An interface's row.
    TreeEni = "tree.eni",
    /// An address' row.
    TreeAddress = "tree.address",
    /// A group's row.
    TreeGroup = "tree.group",
    /// The mark of a row that changed in the last few seconds.
    TreeChanged = "tree.changed",
    /// As it should be: running, in-use, active, pass.
    StateGood = "state.good",
    /// At rest: available, stopped, free.
    StateIdle = "state.idle",
    /// On its way: attaching, detaching, pending, stopping.
    StateMoving = "state.moving",
    /// Bad: impaired, blackhole, blocked.
    StateFailed = "state.failed",
    /// A value before a step.
    DiffBefore = "diff.before",
    /// A value that a step changes.
    DiffAfter = "diff.after",
    /// A value that a step leaves.
    DiffSame = "diff.same",
    /// A prediction that came true.
    DiffMatch = "diff.match",
    /// A prediction that did not.
    DiffMismatch = "diff.mismatch",
    /// A step to come.
    StepTodo = "step.todo",
    /// The step under way.
    StepDoing = "step.doing",
    /// A step behind us.
    StepDone = "step.done",
    /// A step that went wrong.
    StepFailed = "step.failed",
    /// A request that was answered.
    StripAnswered = "strip.answered",
    /// A request that was not.
    StripLost = "strip.lost",
    /// The badge of the simulator.
    BadgeSim = "badge.sim",
    /// The badge of a rehearsal.
    BadgeRehearsal = "badge.rehearsal",
    /// The badge of a live account that cannot be changed.
    BadgeReadonly = "badge.readonly",
    /// The badge of a live account that can be changed; an overridden endpoint.
    BadgeLive = "badge.live",
    /// What should be known.
    Warning = "warning",
    /// What failed or was refused.
    Error = "error",
    /// A time of day.
    LogTime = "log.time",
    /// What is being typed.
    Input = "input",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_discriminant_is_the_place_in_the_list() {
        for (n, role) in Role::ALL.iter().enumerate() {
            assert_eq!(*role as usize, n);
        }
    }
}
