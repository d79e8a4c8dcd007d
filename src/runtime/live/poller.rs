//! What a poll of the endpoint means for the screen, and when the next one is due.
//!
//! Invariants: generations only rise; a failed poll never takes the last good world away; the model
//! hears of a world only if it differs from what is shown, or if the one that is shown was stale.

use std::sync::Arc;
use std::time::Duration;

use crate::app::msg::Msg;
use crate::cloud::port::Failure;
use crate::ec2::world::World;

/// Between the end of a poll and the beginning of the next one, at least.
const POLL_REST: Duration = Duration::from_secs(2);
/// A poll is allowed this part of the time: one in six.
const POLL_SHARE: u32 = 5;
/// Between two polls while the endpoint fails, at most.
const POLL_REST_MAX: Duration = Duration::from_secs(30);

/// What has been seen of the endpoint so far.
#[derive(Debug, Default)]
pub(super) struct Poller {
    generation: u64,
    world: Option<Arc<World>>,
    failures: u32,
}

impl Poller {
    /// A poll begins: its generation, and whether half of its world is better than nothing.
    pub(super) fn begin(&mut self) -> (u64, bool) {
        self.generation += 1;
        (self.generation, self.world.is_none())
    }

    /// The last good world.
    pub(super) fn world(&self) -> Option<Arc<World>> {
        self.world.clone()
    }

    /// The newest poll has ended after this time: what the model is to hear, and the rest until the
    /// next one.
    pub(super) fn ended(
        &mut self,
        result: Result<World, Failure>,
        took: Duration,
    ) -> (Option<Msg>, Duration) {
        let rest = POLL_REST.max(took.saturating_mul(POLL_SHARE));
        match result {
            Ok(mut world) => {
                let equal = self.world.as_ref().is_some_and(|old| world.share(old));
                let shown = self.failures == 0 && equal;
                self.failures = 0;
                ((!shown).then(|| self.news(world)), rest)
            }
            Err(failure) => {
                self.failures += 1;
                let stale = Msg::Stale {
                    generation: self.generation,
                    cause: failure.to_string(),
                };
                let doubled = POLL_REST * 2_u32.saturating_pow(self.failures.min(5));
                (Some(stale), rest.max(doubled.min(POLL_REST_MAX)))
            }
        }
    }

    /// A look of an operation has shown a part of the world: what the model is to hear.
    pub(super) fn seen(&mut self, part: &World) -> Option<Msg> {
        let last = self.world.as_deref()?;
        let mut world = last.clone();
        for instance in part.instances() {
            world.put_instance((**instance).clone());
        }
        for eni in part.enis() {
            world.put_eni((**eni).clone());
        }
        for address in part.addresses() {
            world.put_address((**address).clone());
        }
        for table in part.route_tables() {
            world.put_route_table((**table).clone());
        }
        if world.share(last) {
            return None;
        }
        self.generation += 1;
        Some(self.news(world))
    }

    fn news(&mut self, world: World) -> Msg {
        let world = Arc::new(world);
        self.world = Some(Arc::clone(&world));
        Msg::World {
            generation: self.generation,
            world,
            complete: true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::sim::Sim;
    use crate::sim::worldfile::EMBEDDED;

    fn two_am() -> World {
        let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
        let sim = Sim::load("two-am.toml", text, 1).unwrap();
        World::clone(&sim.world())
    }

    /// `two-am` with an instance in another state.
    fn changed() -> World {
        let mut world = two_am();
        let id = world.instances().next().unwrap().id.clone();
        world.edit_instance(&id, |i| i.state = "stopping".into());
        world
    }

    fn broken() -> Result<World, Failure> {
        let failure = Failure::new("The endpoint did not answer", "Look at the network");
        Err(failure.because("connection refused"))
    }

    /// One poll of 100 ms: a word for what the model hears, and the rest in seconds.
    fn poll(poller: &mut Poller, result: Result<World, Failure>) -> (String, u64) {
        let (generation, _) = poller.begin();
        let (news, rest) = poller.ended(result, Duration::from_millis(100));
        let word = match news {
            None => "nothing".to_owned(),
            Some(Msg::World {
                generation: of,
                complete: true,
                ..
            }) if of == generation => "world".to_owned(),
            Some(Msg::Stale {
                generation: of,
                cause,
            }) if of == generation => format!("stale: {cause}"),
            other => panic!("{other:?}"),
        };
        (word, rest.as_secs())
    }

    #[test]
    fn the_model_hears_what_is_new_and_failures_rest_longer() {
        let mut poller = Poller::default();
        let mut expect = |result, word: &str, rest: u64| {
            let (heard, rested) = poll(&mut poller, result);
            assert!(heard.starts_with(word), "{heard}, expected {word}");
            assert_eq!(rested, rest, "after {heard}");
        };
        expect(Ok(two_am()), "world", 2);
        expect(Ok(two_am()), "nothing", 2);
        for rest in [4, 8, 16, 30, 30, 30] {
            expect(broken(), "stale: The endpoint did not answer", rest);
        }
        // The same world again is news: it is not stale any more.
        expect(Ok(two_am()), "world", 2);
        expect(Ok(changed()), "world", 2);
        expect(broken(), "stale", 4);
        expect(Ok(changed()), "world", 2);
    }

    #[test]
    fn a_failed_poll_tells_its_cause_in_full() {
        let (heard, _) = poll(&mut Poller::default(), broken());
        for part in [
            "did not answer",
            "connection refused",
            "Look at the network",
        ] {
            assert!(heard.contains(part), "{heard}");
        }
    }

    #[test]
    fn half_a_world_is_shown_only_where_there_is_none() {
        let mut poller = Poller::default();
        assert_eq!(poller.begin(), (1, true));
        poller.ended(broken(), Duration::ZERO);
        assert_eq!(poller.begin(), (2, true));
        poller.ended(Ok(two_am()), Duration::ZERO);
        assert_eq!(poller.begin(), (3, false));
        poller.ended(broken(), Duration::ZERO);
        assert_eq!(poller.begin(), (4, false));
    }

    #[test]
    fn a_slow_endpoint_is_asked_for_a_sixth_of_the_time() {
        for (took, rest) in [(0, 2_000), (400, 2_000), (1_000, 5_000), (20_000, 100_000)] {
            let mut poller = Poller::default();
            poller.begin();
            let (_, rested) = poller.ended(Ok(two_am()), Duration::from_millis(took));
            assert_eq!(rested, Duration::from_millis(rest), "{took} ms");
        }
    }

    #[test]
    fn what_an_operation_has_seen_is_what_the_next_poll_is_held_against() {
        let mut poller = Poller::default();
        assert!(
            poller.seen(&changed()).is_none(),
            "there is nothing to add to"
        );
        assert_eq!(poll(&mut poller, Ok(two_am())).0, "world");
        assert!(poller.seen(&two_am()).is_none());
        let Some(Msg::World { generation, .. }) = poller.seen(&changed()) else {
            panic!("a change was kept back");
        };
        assert_eq!(generation, 2);
        // It has changed back meanwhile: the screen has to hear of it.
        assert_eq!(poll(&mut poller, Ok(two_am())).0, "world");
    }
}
