//! The state of virtual EC2 and the only ways of changing it.
//!
//! Invariants: every change is kept in the history before it is made; the world is copied only when
//! somebody else holds it; nothing here costs more because the world is larger.

mod clients;
mod fault;
mod guest;
mod keep;
mod managed;
mod past;
mod road;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::clients::beginning;
use super::faults::{Fault, Placed, Road, matches_action, unauthorized};
use super::history::{Due, DueKey, Happened, History, Moment, Old, Slot};
use super::mint::Dice;
use super::scenario::{self, Client, Deed, Dns, Event, Guest, ManagedIn, Scenario, Service};
use super::timeline::Timeline;
use super::timings::Timings;
use crate::ec2::call::{Answer, Call, Detach};
use crate::ec2::change::Change;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::error::ApiError;
use crate::ec2::id::{AttachmentId, EniId, InstanceId, Str};
use crate::ec2::resource::{CheckStatus, InstanceState, NatGatewayState};
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules;
use crate::rules::effect::{Transition, effect, settle};
use crate::rules::verdict::Verdict;
use past::Past;

/// How long terminated instances and deleted NAT gateways are still shown: "about an hour"
/// (EC2 User Guide, "Terminate your instance"; VPC User Guide, "Delete a NAT gateway").
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// The machine.
#[derive(Clone, Debug)]
pub struct Machine {
    pub world: Arc<World>,
    pub moment: Moment,
    pub strips: Vec<Strip>,
    pub history: History,
    seed: u64,
    pub timings: Timings,
    pub faults: Vec<Placed>,
    past: Past,
    guests: BTreeMap<InstanceId, Guest>,
    clients: Vec<Client>,
    services: BTreeMap<Str, Service>,
    managed: BTreeMap<Str, ManagedIn>,
    names: BTreeMap<Str, Dns>,
    /// What was changed outside of EC2, oldest first.
    changed: Vec<(Time, scenario::Change)>,
    /// Guests that answer through the wrong interface.
    unrouted: BTreeSet<InstanceId>,
    due: BTreeMap<DueKey, Due>,
    /// Attachments that their guests do not see yet.
    dark: BTreeSet<AttachmentId>,
    /// Positions that a forced detach left unusable until the instance has stopped.
    poisoned: BTreeSet<Slot>,
    /// What guests still show there.
    held: BTreeMap<Slot, Arc<Eni>>,
    /// Addresses that guests still have of interfaces whose addresses have changed.
    lagging: BTreeMap<EniId, Vec<Ipv4Addr>>,
}

impl Machine {
    /// The machine at the moment of the story.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        let beginnings: Vec<_> = scenario
            .clients
            .iter()
            .map(|client| beginning(&scenario, client))
            .collect();
        let (strips, next_request): (Vec<Strip>, _) = beginnings.into_iter().unzip();
        let world = Arc::new(scenario.world);
        let timeline = Timeline::new(scenario.now, &world, &strips);
        let mut machine = Self {
            world,
            moment: Moment {
                now: scenario.now,
                dice: Dice::new(seed),
                road: Arc::new(Road::new(seed)),
                requests: 0,
                sequence: 0,
                next_request,
            },
            strips,
            history: History::new(timeline),
            seed,
            timings: scenario.timings,
            faults: Vec::new(),
            past: Past::default(),
            unrouted: scenario
                .guests
                .iter()
                .filter(|(_, g)| g.answers_astray)
                .map(|(id, _)| id.clone())
                .collect(),
            guests: scenario.guests,
            names: scenario.names,
            changed: Vec::new(),
            clients: scenario.clients,
            services: scenario.services,
            managed: scenario.managed,
            due: BTreeMap::new(),
            dark: BTreeSet::new(),
            poisoned: BTreeSet::new(),
            held: BTreeMap::new(),
            lagging: BTreeMap::new(),
        };
        for (transition, ends_in) in scenario.under_way {
            machine.set_under_way(transition, ends_in);
        }
        let world = Arc::clone(&machine.world);
        let gone = world.instances();
        for instance in gone.filter(|i| i.state == InstanceState::Terminated) {
            machine.push_due(REMEMBERED, Due::InstanceForgotten(instance.id.clone()));
        }
        for (at, event) in scenario.events {
            machine.push_due(at, Due::Event(event));
        }
        for item in scenario.faults {
            machine.inject(item);
        }
        machine.point();
        machine
    }

    /// When the next thing is due.
    pub fn next_due(&self) -> Option<Time> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Nothing is due but scripted events, and what EC2 will forget.
    pub fn is_settled(&self) -> bool {
        self.due.values().all(|due| {
            matches!(
                due,
                Due::Event(_)
                    | Due::InstanceForgotten(_)
                    | Due::NatGatewayForgotten(_)
                    | Due::Fault(..)
                    | Due::Operator(_)
            )
        })
    }

    /// What EC2 says before it looks at any state, and so also in a dry run: form and existence of
    /// the ids, then permission. AWS does not publish the order.
    pub fn admit(&self, call: &Call, verdict: &Verdict) -> Result<(), ApiError> {
        match verdict {
            Err(denial) if is_early(denial.code) => Err(denial.error()),
            _ => self.permission(call),
        }
    }

    fn permission(&self, call: &Call) -> Result<(), ApiError> {
        let action = call.action();
        let denied = |f: &Fault| matches!(f, Fault::Deny(p) if matches_action(p, action));
        if self.on().any(denied) {
            return Err(unauthorized(&self.world.account, action));
        }
        Ok(())
    }

    /// Answers a call and does what it does; `by` is `None` for the person at the keys. Calls of
    /// others need no permission of ours.
    pub fn submit(&mut self, by: Option<&Str>, call: &Call) -> Result<Answer, ApiError> {
        let number = self.moment.requests;
        self.moment.requests += 1;
        let request_id: Str = Dice::named(self.seed, "request", &number.to_string())
            .request_id()
            .into();
        let verdict = rules::check(&self.world, call);
        let admitted = match by {
            None => self.admit(call, &verdict),
            Some(_) => Ok(()),
        };
        let answer = admitted
            .and_then(|()| verdict.map_err(|denial| denial.error()))
            .and_then(|()| self.position_usable(call));
        let answer = match answer {
            Ok(()) => {
                let mut answer = self.perform(call);
                answer.request_id = Some(request_id);
                Ok(answer)
            }
            Err(mut error) => {
                error.request_id = Some(request_id);
                Err(error)
            }
        };
        self.history.happened(
            self.moment.now,
            Happened::Called {
                by: by.cloned(),
                call: call.clone(),
                answer: answer.clone(),
            },
        );
        answer
    }

    fn perform(&mut self, call: &Call) -> Answer {
        let now = self.moment.now;
        let effect = effect(&self.world, call, &mut self.moment.dice, now);
        for change in &effect.at_once {
            self.addresses_will_follow(change);
            self.apply(change);
        }
        for transition in effect.under_way {
            self.set_under_way(transition, None);
        }
        effect.answer
    }

    /// After a forced detach the position may refuse other interfaces until the instance has been
    /// stopped and started (API Reference, `DetachNetworkInterface`, `Force`).
    fn position_usable(&self, call: &Call) -> Result<(), ApiError> {
        let Call::AttachNetworkInterface(c) = call else {
            return Ok(());
        };
        let slot = (c.instance_id.clone(), c.network_card_index, c.device_index);
        if !self.poisoned.contains(&slot) {
            return Ok(());
        }
        let (instance, _, index) = slot;
        let message = format!(
            "Instance '{instance}' already has an interface attached at device index '{index}'."
        );
        Err(ApiError::approximate("InvalidParameterValue", message))
    }

    /// Moves time; everything due on the way happens in order, and between it the clients ask.
    pub fn advance(&mut self, to: Time) {
        while let Some((key, _)) = self.due.first_key_value().filter(|((at, _), _)| *at <= to) {
            let key = *key;
            // What is overdue happened while time stood still, between two inputs.
            let at = key.0.max(self.moment.now);
            self.ask(at, false);
            self.moment.now = at;
            if let Some(due) = self.set_due(key, None) {
                self.happen(due);
                self.point();
            }
        }
        self.ask(to, true);
        self.moment.now = self.moment.now.max(to);
    }

    /// What has changed since the last point is one more of the timeline.
    pub fn point(&mut self) {
        if !self.history.timeline().is_pending() {
            return;
        }
        let lags = self.history.timeline().lags_pending().then(|| self.lags());
        let now = self.moment.now;
        self.history.timeline_mut().point(now, &self.world, lags);
    }

    fn happen(&mut self, due: Due) {
        let now = self.moment.now;
        match due {
            Due::Transition(transition) => {
                self.settle(&transition);
                self.history.happened(now, Happened::Settled(transition));
            }
            Due::GuestUp(eni, attachment) => {
                // Detached meanwhile: there is nothing to see any more.
                if self.set_dark(&attachment, false) {
                    self.history
                        .happened(now, Happened::GuestUp(eni, attachment));
                }
            }
            Due::GuestAddresses(eni) => self.set_lagging(&eni, None),
            Due::InstanceForgotten(id) => self.apply(&Change::InstanceForgotten(id)),
            Due::NatGatewayForgotten(id) => self.apply(&Change::NatGateway(id, None)),
            Due::Event(event) => self.event(event),
            Due::Fault(number, on) => self.switch(number, on),
            Due::Operator(number) => self.operate(number),
            Due::Arrival(call) => {
                // Nobody hears the answer; the history keeps it.
                let _ = self.submit(None, &call);
            }
        }
    }

    fn event(&mut self, event: Event) {
        match &event {
            Event::Call { by, deed } => {
                let call = match deed {
                    Deed::Call(call) => call.clone(),
                    Deed::Detach { eni, force } => {
                        let attachment = self.world.eni(eni).and_then(|e| e.attachment.as_ref());
                        let Some(attachment) = attachment else {
                            return;
                        };
                        Call::DetachNetworkInterface(Detach {
                            attachment_id: attachment.attachment_id.clone(),
                            force: *force,
                        })
                    }
                };
                // The answer is in the history, which is all that a script can do with it.
                let _ = self.submit(Some(by), &call);
                return;
            }
            Event::Outside { change, .. } => {
                self.history.keep(Old::Outside);
                self.changed.push((self.moment.now, change.clone()));
            }
            Event::Impair(id) => self.checks(id, CheckStatus::Ok, CheckStatus::Impaired),
            Event::Recover(id) => self.checks(id, CheckStatus::Ok, CheckStatus::Ok),
            Event::StopService(service, id) => self.set_listens(service, id, false),
            Event::StartService(service, id) => self.set_listens(service, id, true),
            Event::Scale(name, to) => self.scale(name, *to),
            Event::Release(eni) => self.let_go(eni),
        }
        self.history
            .happened(self.moment.now, Happened::Event(event));
    }

    fn checks(&mut self, id: &InstanceId, system: CheckStatus, instance: CheckStatus) {
        let running = self
            .world
            .instance(id)
            .is_some_and(|i| i.state == InstanceState::Running);
        if running {
            self.apply(&Change::StatusChecks(id.clone(), system, instance));
        }
    }

    fn settle(&mut self, transition: &Transition) {
        let world = Arc::clone(&self.world);
        let settled = settle(&world, transition);
        // What the transition leads from has to be read before it is gone.
        if !settled.changes.is_empty() {
            self.before_settling(&world, transition);
        }
        drop(world);
        for change in &settled.changes {
            self.apply(change);
        }
        for next in settled.under_way {
            self.set_under_way(next, None);
        }
        if !settled.changes.is_empty() {
            self.after_settling(transition);
        }
    }

    fn before_settling(&mut self, world: &World, transition: &Transition) {
        match transition {
            Transition::Detached(eni, attachment, forced) => {
                let was_dark = self.set_dark(attachment, false);
                if self.lagging.contains_key(eni) {
                    self.set_lagging(eni, None);
                }
                let eni = world.eni(eni).filter(|_| *forced);
                if let Some(eni) = eni
                    && let Some(a) = &eni.attachment
                    && let Some(instance) = &a.instance_id
                    && world
                        .instance(instance)
                        .is_some_and(|i| i.state == InstanceState::Running)
                {
                    let slot = (instance.clone(), a.network_card_index, a.device_index);
                    if !was_dark {
                        self.set_held(slot.clone(), Some(Arc::clone(eni)));
                    }
                    self.set_poisoned(slot, true);
                }
            }
            Transition::Terminated(id) => {
                for eni in world.enis_of(id) {
                    if let Some(a) = &eni.attachment {
                        self.set_dark(&a.attachment_id, false);
                    }
                }
                self.heal(id);
            }
            Transition::Stopped(id) => self.heal(id),
            _ => {}
        }
    }

    fn after_settling(&mut self, transition: &Transition) {
        match transition {
            Transition::Attached(eni, attachment) => {
                let eni = (eni.clone(), attachment.clone());
                self.guest_will_see(eni, true);
            }
            // A booting guest finds everything that is attached, sooner or later.
            Transition::Running(id) => {
                for eni in self.attachments_of(id, None) {
                    self.guest_will_see(eni, false);
                }
            }
            Transition::Terminated(id) => {
                self.push_due(REMEMBERED, Due::InstanceForgotten(id.clone()));
            }
            Transition::NatGatewayUp(id) | Transition::NatGatewayGone(id) => {
                let nat = self.world.nat_gateway(id);
                let over = |s: &NatGatewayState| {
                    matches!(s, NatGatewayState::Deleted | NatGatewayState::Failed)
                };
                if nat.is_some_and(|nat| over(&nat.state)) {
                    self.push_due(REMEMBERED, Due::NatGatewayForgotten(id.clone()));
                }
            }
            // A guest that is down holds nothing back.
            Transition::Stopped(id) => {
                self.go_on(id.as_str(), &AttachmentStatus::Detaching);
                self.go_on(id.as_str(), &AttachmentStatus::Attaching);
            }
            // What starts in a zone that has failed fails too.
            Transition::ChecksPass(id) => {
                let zone = self.world.instance(id).map(|i| i.availability_zone.clone());
                if zone.is_some_and(|zone| self.zone_is_down(&zone)) {
                    let bad = CheckStatus::Impaired;
                    self.checks(id, bad.clone(), bad);
                }
            }
            _ => {}
        }
    }

    fn attachments_of(
        &self,
        id: &InstanceId,
        status: Option<&AttachmentStatus>,
    ) -> Vec<(EniId, AttachmentId)> {
        let enis = self.world.enis_of(id).into_iter();
        enis.filter_map(|eni| {
            let a = eni.attachment.as_ref()?;
            let wanted = status.is_none_or(|s| *s == a.status);
            wanted.then(|| (eni.id.clone(), a.attachment_id.clone()))
        })
        .collect()
    }

    /// From `attached` to usable: dark until the guest is there, if it ever is.
    fn guest_will_see(&mut self, (eni, attachment): (EniId, AttachmentId), hot: bool) {
        let holder = self.world.eni(&eni).and_then(|e| e.instance_id().cloned());
        let blind = holder.as_ref().is_some_and(|id| self.is_blind(id));
        let guest = holder.and_then(|id| self.guests.get(&id));
        let range = guest.and_then(|g| g.delay).unwrap_or(self.timings.guest);
        let never = hot && blind;
        self.set_dark(&attachment, true);
        if !never {
            let delay = range.draw(&mut self.moment.dice);
            self.push_due(delay, Due::GuestUp(eni, attachment));
        }
    }

    fn set_under_way(&mut self, transition: Transition, ends_in: Option<Duration>) {
        if self.hangs(&transition) {
            return;
        }
        let delay = match ends_in {
            Some(delay) => delay,
            None => self.timings.of(&transition).draw(&mut self.moment.dice),
        };
        self.push_due(delay, Due::Transition(transition));
    }

    fn push_due(&mut self, delay: Duration, due: Due) {
        let key = (self.moment.now + delay, self.moment.sequence);
        self.moment.sequence += 1;
        self.set_due(key, Some(due));
    }

    fn set_due(&mut self, key: DueKey, due: Option<Due>) -> Option<Due> {
        let old = match due {
            Some(due) => self.due.insert(key, due),
            None => self.due.remove(&key),
        };
        self.history.keep(Old::Due(key, old.clone()));
        old
    }

    /// Sets it and says whether it was set.
    fn set_dark(&mut self, attachment: &AttachmentId, on: bool) -> bool {
        let was = set(&mut self.dark, attachment, on);
        self.history.keep(Old::Dark(attachment.clone(), was));
        was
    }

    fn set_poisoned(&mut self, slot: Slot, on: bool) {
        let was = set(&mut self.poisoned, &slot, on);
        self.history.keep(Old::Poisoned(slot, was));
    }

    fn heal(&mut self, id: &InstanceId) {
        self.forget_held(id);
        let from = (id.clone(), 0, 0);
        let slots = self.poisoned.range(from..);
        let of_it: Vec<Slot> = slots.take_while(|s| s.0 == *id).cloned().collect();
        for slot in of_it {
            self.set_poisoned(slot, false);
        }
    }

    fn set_listens(&mut self, service: &Str, id: &InstanceId, on: bool) {
        if let Some(found) = self.services.get_mut(service) {
            let was = set(&mut found.on, id, on);
            let old = Old::Listens(service.clone(), id.clone(), was);
            self.history.keep(old);
        }
    }

    /// Everything that decides what happens next, but for the world and its revision.
    #[cfg(test)]
    pub fn state(&self) -> String {
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            self.moment,
            self.due,
            self.dark,
            self.poisoned,
            self.held,
            self.lagging,
            self.services,
            self.strips,
            (&self.faults, self.history.inputs().collect::<Vec<_>>()),
            self.history.happenings().collect::<Vec<_>>(),
        )
    }
}

fn is_early(code: &str) -> bool {
    code.ends_with(".Malformed") || code.ends_with(".NotFound") || code == "MissingParameter"
}

/// Puts a member in or takes it out, and says whether it was in.
fn set<T: Ord + Clone>(members: &mut BTreeSet<T>, member: &T, on: bool) -> bool {
    if on {
        !members.insert(member.clone())
    } else {
        members.remove(member)
    }
}
