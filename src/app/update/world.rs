//! A newer inventory, or none.

use std::sync::Arc;

use super::filter;
use crate::app::feed::story;
use crate::app::model::{Freshness, Model};
use crate::ec2::diff::Changes;
use crate::ec2::world::World;

/// Takes a world. Older generations are dropped; once a whole inventory is on screen, parts of a
/// newer one wait until they are whole, so that nothing vanishes while pages arrive.
pub(super) fn arrived(model: &mut Model, generation: u64, world: Arc<World>, complete: bool) {
    let loading = model.freshness == Freshness::Loading;
    if generation < model.generation || (!complete && !loading) {
        return;
    }
    model.generation = generation;
    if complete {
        model.whole = true;
        model.freshness = Freshness::Fresh;
    }
    let before = Arc::clone(&model.world);
    let changes = Changes::between(&before, &world);
    if changes.is_empty() && before.gaps() == world.gaps() {
        return;
    }
    if !loading {
        for line in story::lines(&changes, model.now) {
            model.feed.push(line);
        }
    }
    show(model, &changes, Arc::clone(&world));
}

/// Puts a world that differs so from the one on the screen there.
fn show(model: &mut Model, changes: &Changes, world: Arc<World>) {
    model.world = world;
    let reshaped = model.tree.change(changes);
    match &mut model.haystack {
        Some(haystack) if !reshaped => {
            Arc::make_mut(haystack).renew(changes, model.tree.outline());
        }
        haystack => *haystack = None,
    }
    if !model.filter.text.is_empty() {
        let kept = model.tree.selected.clone();
        filter::apply(model);
        if let Some(node) = kept {
            model.tree.select(&node);
        }
    }
}

impl Model {
    /// Puts another world on the screen, without a word of it in the feed.
    pub(in crate::app) fn show_world(&mut self, world: Arc<World>) {
        let before = Arc::clone(&self.world);
        let changes = Changes::between(&before, &world);
        if !changes.is_empty() {
            show(self, &changes, Arc::clone(&world));
        }
    }
}

/// The last good world stays, with the cause of the newest failure and the moment of the first.
pub(super) fn stale(model: &mut Model, generation: u64, cause: String) {
    if generation < model.generation {
        return;
    }
    let since = match &model.freshness {
        Freshness::Stale { since, .. } => *since,
        Freshness::Fresh | Freshness::Loading => model.now,
    };
    model.freshness = Freshness::Stale { since, cause };
}
