//! Everything that the screen shows, as plain data.

use std::sync::Arc;

use super::effect::Clock;
use super::feed::Feed;
use super::filter::Filter;
use super::layer::Layer;
use super::tree::Tree;
use super::walk::Walk;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::sky::Sky;

/// How old the world on screen is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The newest answer, or a simulated world.
    Fresh,
    /// Pages are arriving.
    Loading,
    /// The last good world; newer ones fail since then, for this cause.
    Stale {
        /// First failure.
        since: Time,
        /// Cause in full.
        cause: String,
    },
}

/// A short message that stays until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// It is a refusal or a failure.
    pub bad: bool,
}

/// The model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Where calls go.
    pub sky: Sky,
    /// Virtual or real time, from the last message.
    pub now: Time,
    /// The inventory on screen.
    pub world: Arc<World>,
    /// Its generation.
    pub generation: u64,
    /// Its age.
    pub freshness: Freshness,
    /// Whether virtual time runs; `None` live.
    pub clock: Option<Clock>,
    /// The tree.
    pub tree: Tree,
    /// The filter.
    pub filter: Filter,
    /// What happened.
    pub feed: Feed,
    /// What clients see.
    pub strips: Vec<Strip>,
    /// The failover on screen.
    pub walk: Option<Walk>,
    /// What lies over the explorer, topmost last.
    pub layers: Vec<Layer>,
    /// A short message.
    pub notice: Option<Notice>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// First line of the panel in view.
    pub panel_scroll: usize,
}
