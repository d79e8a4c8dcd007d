//! Deliberately broken policies: the fault simulation must catch each of them, or it proves nothing.
//!
//! Invariant: without the feature `mutants`, which is in no default set and in no release, nothing
//! here can be switched on and every question is answered with a constant `false`.

/// A policy that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// At the source any attachment is detached, not only the planned one.
    NoAttachmentCheck,
    /// A hung detach is forced, and nobody is asked.
    ForceWithoutConsent,
    /// `attaching` counts as attached.
    AttachingIsSuccess,
    /// Whoever holds it is detached from it.
    DetachWhoeverHoldsIt,
    /// The call goes out before its intent is durable.
    IntentAfterCall,
    /// The outcome does not become durable: it is not written down.
    OutcomeNotDurable,
    /// Putting back is the steps in reverse, without a look.
    UndoByReverseReplay,
    /// A call that was refused or not answered is made again at once.
    RetryBlindly,
    /// What cannot take it is attached to all the same.
    IgnoreEligibility,
    /// One look is enough for a foreign change or a loss.
    TrustOneLook,
    /// Attached is enough; the identity is not compared.
    SkipIdentity,
    /// A takeover does what the journal says comes next.
    ReplayJournal,
    /// A look that was asked for before the last outcome is believed.
    TrustOldLook,
    /// Stopping after the detach stops.
    LeaveDetached,
    /// A journal that fails ends it, wherever it is.
    JournalFirst,
    /// A call without an answer has not happened.
    ForgetDoubt,
}

impl Mutant {
    /// All of them; the test of the fault simulation catches each.
    #[cfg(feature = "mutants")]
    pub const ALL: [Self; 16] = [
        Self::NoAttachmentCheck,
        Self::ForceWithoutConsent,
        Self::AttachingIsSuccess,
        Self::DetachWhoeverHoldsIt,
        Self::IntentAfterCall,
        Self::OutcomeNotDurable,
        Self::UndoByReverseReplay,
        Self::RetryBlindly,
        Self::IgnoreEligibility,
        Self::TrustOneLook,
        Self::SkipIdentity,
        Self::ReplayJournal,
        Self::TrustOldLook,
        Self::LeaveDetached,
        Self::JournalFirst,
        Self::ForgetDoubt,
    ];
}

/// Which policy is broken, if one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Broken(#[cfg(feature = "mutants")] Option<Mutant>);

impl Broken {
    /// This one is.
    #[cfg(feature = "mutants")]
    pub(super) fn is(self, mutant: Mutant) -> bool {
        self.0 == Some(mutant)
    }

    /// None ever is.
    #[cfg(not(feature = "mutants"))]
    pub(super) const fn is(self, _: Mutant) -> bool {
        false
    }

    /// One is.
    #[cfg(feature = "mutants")]
    pub(super) fn any(self) -> bool {
        self.0.is_some()
    }

    /// None ever is.
    #[cfg(not(feature = "mutants"))]
    pub(super) const fn any(self) -> bool {
        false
    }
}

#[cfg(feature = "mutants")]
impl super::Engine {
    /// The same engine with one policy broken.
    #[must_use]
    pub fn with(mut self, mutant: Mutant) -> Self {
        self.known.broken = Broken(Some(mutant));
        self
    }
}
