//! The timeline: every change of a simulated world, to be looked at again.
//!
//! A *point* is what one call, one thing that was due, or one turn of a client's luck has changed; a
//! *stop* is a moment between points at which one can stand: stop 0 is the oldest one kept, stop `n`
//! lies behind the `n`th point, and a copy whose world has stood still since its last point has one
//! stop more, its present.
//!
//! Invariants: looking changes nothing; a copy ([`Timeline::until`]) never changes again and shares
//! what it holds with the original; the world of a stop is made from the base of its segment and the
//! changes since then, about [`STRIDE`] of them; the newest [`POINTS_MAX`] points are kept, by whole segments. What was taken back is gone
//! from here as well.

mod traffic;

use std::collections::VecDeque;
use std::sync::Arc;

use super::guest::Lags;
use super::history::{Happened, Happening, Old, Resource};
use crate::ec2::id::EniId;
use crate::ec2::sample::{Reply, Strip};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use traffic::Asked;

/// Points kept at least, once there are so many; at most a segment more.
pub const POINTS_MAX: usize = 10_000;
/// Changes and points between two bases.
pub const STRIDE: usize = 256;

/// What a stop is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The oldest moment that is kept.
    Beginning,
    /// Something went on by itself: a transition ended, a guest came up, something was forgotten.
    Effect,
    /// A client is answered again.
    Answered,
    /// A client's request was lost, after one that was not.
    Lost,
    /// Something from outside: a scripted event, a switch, a request that went astray.
    Event,
    /// An accepted call.
    Call,
    /// A refused call.
    Refused,
    /// The present of the copy.
    Now,
}

impl Mark {
    /// A call, whatever its answer.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::Refused)
    }
}

/// What happened between two stops.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// This; nothing where EC2 forgot something, or a guest learned its addresses.
    Happened(Box<[Arc<Happening>]>),
    /// The luck of this client turned: from now on its requests are lost, or answered again.
    Turned {
        /// Number of the client, as in [`Stop::strips`].
        client: usize,
        /// They are lost.
        lost: bool,
    },
}

impl What {
    fn mark(&self) -> Mark {
        match self {
            Self::Turned { lost: true, .. } => Mark::Lost,
            Self::Turned { lost: false, .. } => Mark::Answered,
            Self::Happened(all) => {
                let marks = all.iter().map(|happening| match &happening.what {
                    Happened::Called { answer: Ok(_), .. } => Mark::Call,
                    Happened::Called { answer: Err(_), .. } => Mark::Refused,
                    Happened::Settled(_) | Happened::GuestUp(..) => Mark::Effect,
                    Happened::Event(_) | Happened::Fault(..) | Happened::Fate(..) => Mark::Event,
                });
                marks.max().unwrap_or(Mark::Effect)
            }
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
struct Point {
    at: Time,
    /// Requests sent at that very moment came before it.
    asked_before: bool,
    what: What,
    /// Every resource that it touched, as it was afterwards, in the order in which they changed.
    after: Box<[Resource]>,
    /// What guests lag behind with from here on, if that changed.
    lags: Option<Arc<Lags>>,
}

/// A base and the points that follow it.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    /// Points before it, counted from the beginning of all.
    first: u64,
    at: Time,
    world: Arc<World>,
    lags: Arc<Lags>,
    points: Vec<Point>,
    /// Changes and points that it holds.
    weight: usize,
}

impl Segment {
    fn begin(first: u64, at: Time, world: &Arc<World>, lags: Lags) -> Arc<Self> {
        Arc::new(Self {
            first,
            at,
            world: Arc::clone(world),
            lags: Arc::new(lags),
            points: Vec::new(),
            weight: 0,
        })
    }

    fn end(&self) -> u64 {
        self.first + u64::try_from(self.points.len()).unwrap_or(u64::MAX)
    }

    /// What guests lag behind with after so many of its points.
    fn lags(&self, points: usize) -> &Arc<Lags> {
        let passed = self.points.iter().take(points).rev();
        let newest = passed.filter_map(|p| p.lags.as_ref()).next();
        newest.unwrap_or(&self.lags)
    }
}

/// What has been noticed since the last point.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pending {
    what: Vec<Arc<Happening>>,
    /// About to change.
    touched: Vec<Resource>,
    /// Has changed.
    after: Vec<Resource>,
    lags: bool,
}

/// The moment of one stop, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// When.
    pub at: Time,
    /// The inventory.
    pub world: Arc<World>,
    /// The inventory of the stop before.
    pub before: Arc<World>,
    /// What each client had seen by then.
    pub strips: Vec<Strip>,
    /// Where guests and EC2 disagreed.
    pub lags: Lags,
}

/// Every change that is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    segments: VecDeque<Arc<Segment>>,
    traffic: Arc<Vec<Asked>>,
    pending: Pending,
    /// The present of a copy.
    now: Option<Time>,
}

impl Timeline {
    /// Nothing has happened yet; `strips` is what clients had seen before.
    pub(super) fn new(now: Time, world: &Arc<World>, strips: &[Strip]) -> Self {
        Self {
            segments: VecDeque::from([Segment::begin(0, now, world, Lags::default())]),
            traffic: Arc::new(strips.iter().map(Asked::new).collect()),
            pending: Pending::default(),
            now: None,
        }
    }

    /// A copy with everything until now.
    pub(super) fn until(&self, now: Time) -> Self {
        let mut copy = self.clone();
        copy.pending = Pending::default();
        let last = copy.last_at();
        copy.now = (last < now).then_some(now);
        copy
    }

    /// Points since the beginning of all, forgotten ones included.
    pub(super) fn end(&self) -> u64 {
        self.segments.back().map_or(0, |s| s.end())
    }

    /// Points since the beginning of all, and when the newest one was.
    pub(super) fn newest(&self) -> (u64, Time) {
        (self.end(), self.last_at())
    }

    /// Number of the oldest stop that is kept, from the beginning of all.
    pub fn first(&self) -> u64 {
        self.segments.front().map_or(0, |s| s.first)
    }

    /// How many stops there are; at least one.
    pub fn stops(&self) -> usize {
        self.points() + 1 + usize::from(self.now.is_some())
    }

    fn points(&self) -> usize {
        usize::try_from(self.end() - self.first()).unwrap_or(usize::MAX)
    }

    fn last_at(&self) -> Time {
        let last = self.segments.back();
        let point = last.and_then(|s| s.points.last()).map(|p| p.at);
        point
            .or_else(|| last.map(|s| s.at))
            .unwrap_or(Time::from_millis(0))
    }

    /// The segment in which a stop lies, and how many of its points lie before the stop.
    fn place(&self, stop: usize) -> Option<(&Segment, usize)> {
        let number = self.first() + u64::try_from(stop.min(self.points())).ok()?;
        let after = self.segments.partition_point(|s| s.first < number);
        let segment = self.segments.get(after.saturating_sub(1))?;
        let points = usize::try_from(number - segment.first).ok()?;
        Some((segment, points))
    }

    fn point_of(&self, stop: usize) -> Option<&Point> {
        if stop > self.points() {
            return None;
        }
        let (segment, points) = self.place(stop)?;
        segment.points.get(points.checked_sub(1)?)
    }

    /// What led to a stop; `None` for the first one and for the present.
    pub fn what(&self, stop: usize) -> Option<&What> {
        self.point_of(stop).map(|p| &p.what)
    }

    /// When a stop is, and what it is known by.
    pub fn mark(&self, stop: usize) -> (Time, Mark) {
        if let (Some(now), true) = (self.now, stop > self.points()) {
            return (now, Mark::Now);
        }
        match self.point_of(stop) {
            Some(point) => (point.at, point.what.mark()),
            None => {
                let at = self.segments.front().map(|s| s.at);
                (at.unwrap_or(Time::from_millis(0)), Mark::Beginning)
            }
        }
    }

    /// The newest stop that is not after a moment.
    pub fn at(&self, moment: Time) -> usize {
        let (mut low, mut high) = (0, self.stops());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.mark(middle).0 <= moment {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Labels of the clients, in the order of [`Stop::strips`].
    pub fn clients(&self) -> impl Iterator<Item = &Strip> {
        self.traffic.iter().map(Asked::client)
    }

    /// Whether the newest request of a client was lost at a stop; `None` if it had not asked yet.
    pub fn lost(&self, client: usize, stop: usize) -> Option<bool> {
        let (until, included) = self.asked_until(stop);
        let reply = self.traffic.get(client)?.newest(until, included)?;
        Some(reply.is_lost())
    }

    /// When the newest requests of a client began to end differently, and how, oldest first.
    pub fn replies(&self, client: usize) -> impl Iterator<Item = (Time, &Reply)> {
        self.traffic
            .get(client)
            .into_iter()
            .flat_map(Asked::replies)
    }

    /// The interfaces that changed between a stop and the one before it, in EC2 or in a guest.
    pub fn touched(&self, stop: usize) -> impl Iterator<Item = &EniId> {
        let after = self.point_of(stop).map(|p| p.after.iter());
        after
            .into_iter()
            .flatten()
            .filter_map(|resource| match resource {
                Resource::Eni(id, _) => Some(id),
                _ => None,
            })
    }

    /// Everything at a stop; beyond the last one, at the last one.
    pub fn stop(&self, stop: usize) -> Option<Stop> {
        let (segment, points) = self.place(stop)?;
        let mut world = Arc::clone(&segment.world);
        let passed = segment.points.get(..points)?;
        let mut before = Arc::clone(&world);
        for (n, point) in passed.iter().enumerate() {
            if n + 1 == points {
                before = Arc::clone(&world);
            } else if n == 0 {
                // Nobody else looks at it: what follows changes one copy.
                before = Arc::default();
            }
            for after in point.after.iter().cloned() {
                after.put_into(Arc::make_mut(&mut world));
            }
        }
        if stop > self.points() {
            before = Arc::clone(&world);
        }
        let (until, included) = self.asked_until(stop);
        let strips = self.traffic.iter();
        Some(Stop {
            at: self.mark(stop).0,
            world,
            before,
            strips: strips.map(|c| c.strip(until, included)).collect(),
            lags: Lags::clone(segment.lags(points)),
        })
    }

    /// Until when requests had been sent at a stop, and whether those of that very moment had.
    fn asked_until(&self, stop: usize) -> (Time, bool) {
        match self.point_of(stop) {
            Some(point) => (point.at, point.asked_before),
            None => (self.mark(stop).0, true),
        }
    }

    /// Something is about to change.
    pub(super) fn will_change(&mut self, old: &Old) {
        match old {
            Old::Resource(resource) => self.pending.touched.push(resource.clone()),
            Old::Dark(..) | Old::Held(..) | Old::Lagging(..) => self.pending.lags = true,
            _ => {}
        }
    }

    /// What was about to change has changed.
    pub(super) fn has_changed(&mut self, world: &World) {
        let touched = self.pending.touched.drain(..);
        let after = touched.map(|resource| resource.in_world(world));
        self.pending.after.extend(after);
    }

    /// Something happened.
    pub(super) fn happened(&mut self, happening: Arc<Happening>) {
        self.pending.what.push(happening);
    }

    /// Something has happened, or changed, since the last point.
    pub(super) fn is_pending(&self) -> bool {
        let pending = &self.pending;
        pending.lags || !pending.what.is_empty() || !pending.after.is_empty()
    }

    /// What guests lag behind with has changed since the last point.
    pub(super) fn lags_pending(&self) -> bool {
        self.pending.lags
    }

    /// One point of everything since the last one.
    pub(super) fn point(&mut self, at: Time, world: &Arc<World>, lags: Option<Lags>) {
        let pending = std::mem::take(&mut self.pending);
        let point = Point {
            at,
            asked_before: self.traffic.iter().any(|c| c.last() == Some(at)),
            what: What::Happened(pending.what.into()),
            after: pending.after.into(),
            lags: lags.map(Arc::new),
        };
        self.push(point, world);
    }

    /// The luck of a client has turned with the request of this moment.
    pub(super) fn turned(&mut self, at: Time, client: usize, lost: bool, world: &Arc<World>) {
        let point = Point {
            at,
            asked_before: true,
            what: What::Turned { client, lost },
            after: Box::default(),
            lags: None,
        };
        self.push(point, world);
    }

    fn push(&mut self, point: Point, world: &Arc<World>) {
        let Some(last) = self.segments.back_mut() else {
            return;
        };
        let at = point.at;
        let segment = Arc::make_mut(last);
        segment.weight += 1 + point.after.len();
        segment.points.push(point);
        if segment.weight >= STRIDE {
            let lags = Lags::clone(segment.lags(segment.points.len()));
            let next = Segment::begin(segment.end(), at, world, lags);
            self.segments.push_back(next);
        }
        let oldest = self.segments.front().map_or(0, |s| s.points.len());
        if self.points() - oldest >= POINTS_MAX && self.segments.len() > 1 {
            self.segments.pop_front();
        }
    }

    /// A client has asked.
    pub(super) fn asked(&mut self, client: usize, at: Time, reply: &Reply) {
        if let Some(asked) = Arc::make_mut(&mut self.traffic).get_mut(client) {
            asked.push(at, reply);
        }
    }

    /// How fast data flows now.
    pub(super) fn measured(&mut self, strips: &[Strip]) {
        let traffic = Arc::make_mut(&mut self.traffic);
        for (asked, strip) in traffic.iter_mut().zip(strips) {
            asked.flows(strip.rate);
        }
    }

    /// What came after so many points was taken back; it is `now`.
    pub(super) fn go_back_to(&mut self, points: u64, now: Time) {
        self.pending = Pending::default();
        while self.segments.back().is_some_and(|s| s.first > points) {
            self.segments.pop_back();
        }
        if let Some(last) = self.segments.back_mut() {
            let last = Arc::make_mut(last);
            let kept = usize::try_from(points - last.first).unwrap_or(usize::MAX);
            last.points.truncate(kept);
            last.weight = last.points.iter().map(|p| 1 + p.after.len()).sum();
        }
        for asked in Arc::make_mut(&mut self.traffic) {
            asked.forget_after(now);
        }
    }

    /// It has gone back to this world; where everything was forgotten, it begins anew.
    pub(super) fn is_back_at(&mut self, points: u64, now: Time, world: &Arc<World>, lags: Lags) {
        if self.segments.is_empty() {
            let first = Segment::begin(points, now, world, lags);
            self.segments.push_back(first);
        }
    }
}
