//! Virtual EC2: it applies calls, lets transitions take their time, and remembers everything.
//!
//! Invariants: pure and seeded; time is virtual and only [`Sim::advance`] moves it; the same world
//! file, seed and inputs give the same history, byte for byte. It acts by `rules` alone and does
//! not know `failover`.

pub mod clients;
pub mod history;
pub mod timings;
pub mod worldfile;

use std::sync::Arc;

use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use worldfile::WorldFileError;

/// The simulator.
#[derive(Clone, Debug)]
pub struct Sim {
    world: Arc<World>,
    now: Time,
}

/// What an undo took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The call that is no longer.
    pub call: Call,
}

impl Sim {
    /// A simulator on the text of a world file; `file` names it in errors.
    pub fn load(_file: &str, _text: &str, _seed: u64) -> Result<Self, WorldFileError> {
        Ok(Self {
            world: Arc::new(World::new("us-east-1", "111122223333")),
            now: Time::default(),
        })
    }

    /// Name of the world, for the badge.
    pub fn name(&self) -> &str {
        ""
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The world as it is; shared, so a copy costs nothing.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.world)
    }

    /// Submits a call now.
    pub fn call(&mut self, _call: &Call) -> Result<Answer, ApiError> {
        Ok(Answer::default())
    }

    /// Answers `DryRun=true`: always an error, `DryRunOperation` when it would have been allowed.
    pub fn dry_run(&self, _call: &Call) -> ApiError {
        ApiError::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )
    }

    /// When the next transition ends (clients' requests do not count).
    pub fn next_due(&self) -> Option<Time> {
        None
    }

    /// Nothing is under way, in EC2 or in a guest.
    pub fn is_settled(&self) -> bool {
        self.next_due().is_none()
    }

    /// Moves time forward; everything due on the way happens in order. Never backwards.
    pub fn advance(&mut self, to: Time) {
        self.now = self.now.max(to);
    }

    /// Goes back to the moment before the newest call; `None` if there was none.
    pub fn undo(&mut self) -> Option<Undone> {
        None
    }

    /// What each modelled client saw so far.
    pub fn strips(&self) -> &[Strip] {
        &[]
    }

    /// The interface that the story is about: where the cursor stands at the start.
    pub fn focus(&self) -> Option<EniId> {
        None
    }

    /// What happened before the story's moment, oldest first, for the feed.
    pub fn prologue(&self) -> &[(Time, String)] {
        &[]
    }
}
