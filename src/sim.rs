//! Virtual EC2: it applies calls, lets transitions take their time, and remembers everything.
//!
//! Invariants: pure and seeded; time is virtual and only [`Sim::advance`] moves it; the same world
//! file, seed and inputs give the same history, byte for byte. It acts by `rules` alone and does
//! not know `failover`.

pub mod clients;
pub mod history;
pub mod mint;
pub mod scenario;
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
    name: String,
    world: Arc<World>,
    now: Time,
    focus: Option<EniId>,
    prologue: Vec<(Time, String)>,
}

/// What an undo took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The call that is no longer.
    pub call: Call,
}

impl Sim {
    /// A simulator on the text of a world file; `file` names it in errors.
    pub fn load(file: &str, text: &str, seed: u64) -> Result<Self, WorldFileError> {
        let scenario = worldfile::parse(file, text, seed)?;
        Ok(Self {
            name: scenario.name,
            world: Arc::new(scenario.world),
            now: scenario.now,
            focus: scenario.focus,
            prologue: scenario.prologue,
        })
    }

    /// Name of the world, for the badge.
    pub fn name(&self) -> &str {
        &self.name
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
        self.focus.clone()
    }

    /// What happened before the story's moment, oldest first, for the feed.
    pub fn prologue(&self) -> &[(Time, String)] {
        &self.prologue
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ec2::id::InstanceId;

    fn two_am() -> Sim {
        let (_, text) = worldfile::EMBEDDED[0];
        Sim::load("two-am.toml", text, 1).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn embedded_worlds_load_and_are_sound() {
        for (name, text) in worldfile::EMBEDDED {
            let sim = Sim::load(name, text, 1).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(sim.name(), *name);
            assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
        }
    }

    #[test]
    fn two_am_stands_at_the_storys_moment() {
        let sim = two_am();
        assert_eq!(sim.now().to_string(), "2026-03-12T02:00:13.000Z");
        let world = sim.world();
        let eni = world.eni(&sim.focus().unwrap()).unwrap();
        assert_eq!(eni.name(), Some("db-service"));
        assert_eq!(eni.tag_set.len(), 4);
        assert_eq!(eni.instance_id().unwrap().as_str(), "i-0d1a2b3c4d5e6f701");
        assert_eq!(world.addresses_on(&eni.id).count(), 1);
        let bastion = InstanceId::from("i-0d1a2b3c4d5e6f703");
        assert_eq!(world.enis_of(&bastion).len(), 2);
        // 251 addresses, 4 primary ones, 2 of the service, 3 of AWS services.
        let app_a = world
            .subnets()
            .find(|s| s.tags[0].value.as_ref() == "app-a");
        assert_eq!(app_a.unwrap().available_ip_address_count, 242);
    }
}
