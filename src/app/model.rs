//! Everything that the screen shows, as plain data.
//!
//! Invariants: only `update` changes a model; nothing in it is a handle to anything outside.

use std::sync::Arc;

use super::effect::Clock;
use super::feed::{Feed, Tone};
use super::filter::Filter;
use super::filter::haystack::Haystack;
use super::geometry::{Panes, panes};
use super::layer::{HandAction, Layer, Text};
use super::operations::Listed;
use super::school::{self, School};
use super::served::Served;
use super::tree::{Node, Tree};
use super::walk::Walk;
use crate::ec2::id::EniId;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::sky::{Kind, Sky};
use crate::sim::guest::Lags;

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
    /// Where simulated guests and EC2 disagree; `None` live: nobody can look into those.
    pub guests: Option<Lags>,
    /// The failover on screen.
    pub walk: Option<Walk>,
    /// What lies over the explorer, topmost last.
    pub layers: Vec<Layer>,
    /// A short message.
    pub notice: Option<Notice>,
    /// A whole inventory has been here: the first pages of one are enough to look at, but a plan
    /// made from them would be blind to what has not come yet.
    pub whole: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// First line of the panel in view.
    pub panel_scroll: usize,
    /// The school; `None` outside of it.
    pub school: Option<School>,
    /// The program is to end as soon as no operation is open: why.
    pub leaving: Option<String>,
    /// What was said last, in full: EC2's answer to a call by hand, or a refusal of the program's.
    pub said: Option<Text>,
    /// What a call by hand goes on with once it is accepted.
    pub(super) next_hand: Option<HandAction>,
    /// Operations that are over, or were left open: open ones first, then the newest.
    pub listed: Vec<Listed>,
    /// Accepted calls that can still be taken back (SIM and REHEARSAL).
    pub undoable: usize,
    /// Calls that were taken back and can be done again (SIM).
    pub redoable: usize,
    /// The endpoint behind a served world; `None` where nothing is served.
    pub served: Option<Served>,
    /// What the filter looks through; made when the filter is first used on a world.
    pub(super) haystack: Option<Arc<Haystack>>,
}

impl Model {
    /// A model on a world. The cursor stands on `focus`, or else on the first row. A simulated
    /// world stands still; a live one is loading if it is empty.
    pub fn new(sky: Sky, world: Arc<World>, now: Time, focus: Option<&EniId>) -> Self {
        let live = sky.kind == Kind::Live;
        let empty = world.vpcs().next().is_none() && world.eni_count() == 0;
        let mut model = Self {
            sky,
            now,
            world: Arc::clone(&world),
            generation: 0,
            freshness: if live && empty {
                Freshness::Loading
            } else {
                Freshness::Fresh
            },
            clock: (!live).then_some(Clock::Pause),
            tree: Tree::default(),
            filter: Filter::default(),
            feed: Feed::default(),
            strips: Vec::new(),
            guests: (!live).then(Lags::default),
            walk: None,
            layers: Vec::new(),
            notice: None,
            size: (80, 24),
            panel_scroll: 0,
            school: None,
            leaving: None,
            undoable: 0,
            listed: Vec::new(),
            said: None,
            next_hand: None,
            redoable: 0,
            served: None,
            haystack: None,
            whole: !(live && empty),
        };
        model.tree.selected = focus.map(|id| Node::Eni(id.clone()));
        model.tree.load(&world);
        model.fit();
        model
    }

    /// Gives the tree the height that it has on the screen now.
    pub(super) fn fit(&mut self) {
        let height = tree_height(self);
        if height != self.tree.height {
            self.tree.resize(height);
        }
    }

    /// Puts what happened before the first moment into the feed, oldest first.
    #[must_use]
    pub fn with_prologue(mut self, lines: &[(Time, String)]) -> Self {
        for (at, text) in lines {
            self.feed.say(*at, Tone::Plain, text.clone(), None);
        }
        self
    }

    /// The node under the cursor.
    pub fn selected(&self) -> Option<&Node> {
        self.tree.selected.as_ref()
    }

    /// The interface under the cursor, also when the cursor stands on one of its addresses.
    pub fn selected_eni(&self) -> Option<&EniId> {
        self.selected().and_then(Node::eni)
    }

    /// The topmost layer.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }

    /// Operations that somebody has to see to and nobody is at work on; not the one that flies
    /// here.
    pub fn left_behind(&self) -> impl Iterator<Item = &Listed> {
        let status = self.walk.as_ref().and_then(|w| w.status.as_ref());
        let here = status.map(|s| &*s.op);
        let open = self.listed.iter().filter(|l| l.is_left_behind());
        open.filter(move |l| Some(&*l.op) != here)
    }

    /// The one that the banner names.
    pub fn open_operation(&self) -> Option<&Listed> {
        self.left_behind().next()
    }

    /// An operation has been started and has not ended.
    pub fn is_flying(&self) -> bool {
        self.walk.as_ref().is_some_and(Walk::is_flying)
    }

    /// The interface may be unattached because of us right now.
    pub fn is_critical(&self) -> bool {
        let status = self.walk.as_ref().and_then(|w| w.status.as_ref());
        status.is_some_and(|s| s.critical && s.ending.is_none())
    }

    /// The regions of a screen of this size.
    pub fn panes(&self, size: (u16, u16)) -> Option<Panes> {
        let looking = self.looking().is_some();
        let walking = self.walk.is_some() && self.layers.contains(&Layer::Walk) && !looking;
        let lesson = match self.school.as_ref().and_then(|s| s.play.as_ref()) {
            None => 0,
            Some(_) if walking => school::ROWS_WALKING,
            Some(_) => school::ROWS,
        };
        let banner = self.left_behind().next().is_some();
        panes(size, walking, lesson, banner, looking)
    }

    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            bad: false,
        });
    }

    pub(super) fn refuse(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.said = Some(Text {
            title: "refused".to_owned(),
            lines: vec![text.clone()],
            scroll: 0,
        });
        self.notice = Some(Notice { text, bad: true });
    }
}

/// Rows of the tree on the screen as it is laid out now; nothing while the walk covers it.
fn tree_height(model: &Model) -> usize {
    let panes = model.panes(model.size);
    panes.map_or(0, |p| usize::from(p.tree.height))
}
