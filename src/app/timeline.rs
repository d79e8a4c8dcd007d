//! Looking back: the screen shows the world of another moment.
//!
//! Invariants: nothing is changed by looking. While the past is on the screen the present is kept
//! aside, whole; whatever is no key is taken by the present ([`step_out`]), so that a poll, a running
//! clock or a lesson's goals never see the past, and the moment that one looks at never moves, also when the world goes on
//! and more changes are added behind it ([`grow`]).

pub mod bar;
pub mod race;
pub mod words;

use std::sync::Arc;

use super::feed::{Line, story};
use super::filter::Filter;
use super::filter::haystack::Haystack;
use super::layer::Layer;
use super::model::Model;
use super::tree::Tree;
use crate::ec2::diff::Changes;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::sim::guest::Lags;
use crate::sim::timeline::{Mark, Timeline};

/// What the screen shows of one moment.
#[derive(Clone, Debug, PartialEq)]
struct Scene {
    now: Time,
    world: Arc<World>,
    tree: Tree,
    strips: Vec<Strip>,
    guests: Option<Lags>,
    filter: Filter,
    haystack: Option<Arc<Haystack>>,
    panel_scroll: usize,
}

impl Scene {
    fn of(model: &Model) -> Self {
        Self {
            now: model.now,
            world: Arc::clone(&model.world),
            tree: model.tree.clone(),
            strips: model.strips.clone(),
            guests: model.guests.clone(),
            filter: model.filter.clone(),
            haystack: model.haystack.clone(),
            panel_scroll: model.panel_scroll,
        }
    }

    fn swap(&mut self, model: &mut Model) {
        use std::mem::swap;
        swap(&mut self.now, &mut model.now);
        swap(&mut self.world, &mut model.world);
        swap(&mut self.tree, &mut model.tree);
        swap(&mut self.strips, &mut model.strips);
        swap(&mut self.guests, &mut model.guests);
        swap(&mut self.filter, &mut model.filter);
        swap(&mut self.haystack, &mut model.haystack);
        swap(&mut self.panel_scroll, &mut model.panel_scroll);
    }
}

/// Somebody looks back.
#[derive(Clone, Debug, PartialEq)]
pub struct Looking {
    /// Every change so far; a copy, replaced by a longer one when the world has gone on.
    pub timeline: Arc<Timeline>,
    /// The stop on the screen.
    pub at: usize,
    /// What led to it: one line, and how it is to be read.
    pub what: Line,
    /// What is different from the stop before.
    pub told: Vec<Line>,
    /// The scene that is not in the model: the present, while the past is.
    aside: Scene,
    /// The past is in the model.
    shown: bool,
}

/// Opens the timeline at a stop.
pub(super) fn open(model: &mut Model, timeline: Arc<Timeline>, at: usize) {
    if model.looking().is_some() {
        return;
    }
    let looking = Looking {
        timeline,
        at: 0,
        what: words::nothing(model.now),
        told: Vec::new(),
        aside: Scene::of(model),
        shown: true,
    };
    model.layers.push(Layer::Timeline(Box::new(looking)));
    go(model, at);
}

/// Shows another stop.
pub(super) fn go(model: &mut Model, at: usize) {
    let Some(looking) = model.looking() else {
        return;
    };
    let timeline = Arc::clone(&looking.timeline);
    let at = at.min(timeline.stops() - 1);
    let Some(stop) = timeline.stop(at) else {
        return;
    };
    let mut told = story::lines(&Changes::between(&stop.before, &stop.world), stop.at);
    let what = words::what(&timeline, at, &stop);
    if told.is_empty() && timeline.what(at).is_some() {
        told.push(words::no_difference(stop.at));
    }
    model.show_world(Arc::clone(&stop.world));
    model.now = stop.at;
    model.strips = stop.strips;
    model.guests = Some(stop.lags);
    if let Some(looking) = looking_mut(model) {
        looking.at = at;
        looking.told = told;
        looking.what = what;
    }
}

/// The world went on: the same moment stays on the screen, among more of them. Where it was taken
/// back, or forgotten, the nearest one that is left takes its place.
pub(super) fn grow(model: &mut Model, timeline: Arc<Timeline>) {
    step_in(model);
    let Some(looking) = looking_mut(model) else {
        return;
    };
    let old = std::mem::replace(&mut looking.timeline, Arc::clone(&timeline));
    let was = looking.at;
    let number = old.first() + u64::try_from(was).unwrap_or(u64::MAX);
    let kept = usize::try_from(number.saturating_sub(timeline.first())).unwrap_or(usize::MAX);
    // The present of then was no change of its own: it is what the newest change has left.
    let present = old.mark(was).1 == Mark::Now;
    let at = if present {
        kept.saturating_sub(1)
    } else {
        kept
    };
    let at = at.min(timeline.stops() - 1);
    let same = number >= timeline.first()
        && old.mark(was) == timeline.mark(at)
        && old.what(was) == timeline.what(at);
    looking.at = at;
    if !same {
        go(model, at);
    }
}

/// Back to now, where everything is as it was, or as it has become meanwhile.
pub(super) fn close(model: &mut Model) {
    step_out(model);
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Timeline(_)));
}

/// The present is in the model from here on, whatever is on the screen.
pub(super) fn step_out(model: &mut Model) {
    turn(model, false);
}

/// The past is in the model again, if somebody looks at it.
pub(super) fn step_in(model: &mut Model) {
    turn(model, true);
}

fn turn(model: &mut Model, shown: bool) {
    let Some(place) = model.layers.iter().position(is_timeline) else {
        return;
    };
    // The layer is taken out for a moment, because what it keeps aside goes into the model.
    let mut layer = model.layers.remove(place);
    if let Layer::Timeline(looking) = &mut layer
        && looking.shown != shown
    {
        looking.shown = shown;
        looking.aside.swap(model);
    }
    model.layers.insert(place, layer);
}

fn is_timeline(layer: &Layer) -> bool {
    matches!(layer, Layer::Timeline(_))
}

fn looking_mut(model: &mut Model) -> Option<&mut Looking> {
    model.layers.iter_mut().find_map(|layer| match layer {
        Layer::Timeline(looking) => Some(&mut **looking),
        _ => None,
    })
}

impl Model {
    /// Who looks back, if anybody does.
    pub fn looking(&self) -> Option<&Looking> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Timeline(looking) => Some(&**looking),
            _ => None,
        })
    }
}
