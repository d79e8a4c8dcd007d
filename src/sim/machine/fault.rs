//! What breaks in the world, and what others do to it.
//!
//! Invariants: whether a switch is on is read from the list of what was put in, never from a copy
//! of it; when a switch goes off, what it held back goes on; others act through the same calls as
//! everybody.

use std::collections::BTreeSet;

use super::Machine;
use crate::ec2::call::{Attach, Call, Detach, Run};
use crate::ec2::change::Change;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId, Str};
use crate::ec2::resource::{CheckStatus, Instance, InstanceState, Tag};
use crate::rules::attach::free_slot;
use crate::rules::effect::Transition;
use crate::sim::faults::{Fault, Item, Placed};
use crate::sim::history::{Due, Happened, Old};

/// What the status checks of a failed instance say.
const BAD: CheckStatus = CheckStatus::Impaired;
/// The tag by which an Auto Scaling group marks its instances.
const GROUP: &str = "aws:autoscaling:groupName";

impl Machine {
    /// Puts an item in, whose names are ids by now.
    pub fn inject(&mut self, item: Item) {
        let number = self.moment.sequence;
        self.moment.sequence += 1;
        let mut faults = self.faults.clone();
        faults.push(Placed {
            number,
            since: self.moment.now,
            item: item.clone(),
        });
        self.set_faults(faults);
        if item.window.from.is_zero() {
            self.switch(number, true);
        } else {
            self.push_due(item.window.from, Due::Fault(number, true));
        }
        if let Some(until) = item.window.until {
            self.push_due(until, Due::Fault(number, false));
        }
    }

    /// Takes out every item, and lets go on what they held back.
    pub fn calm(&mut self) {
        let now = self.moment.now;
        let placed = self.faults.clone();
        self.set_faults(Vec::new());
        for one in placed.iter().filter(|p| p.is_on(now)) {
            self.release(&one.item.fault);
            self.history
                .happened(now, Happened::Fault(one.item.fault.clone(), false));
        }
    }

    /// Takes one item out; false if there is none of this number.
    pub fn take_out(&mut self, number: u64) -> bool {
        let now = self.moment.now;
        let mut faults = self.faults.clone();
        let Some(place) = faults.iter().position(|p| p.number == number) else {
            return false;
        };
        let placed = faults.remove(place);
        self.set_faults(faults);
        if placed.is_on(now) {
            self.release(&placed.item.fault);
            self.history
                .happened(now, Happened::Fault(placed.item.fault, false));
        }
        true
    }

    fn set_faults(&mut self, faults: Vec<Placed>) {
        let old = std::mem::replace(&mut self.faults, faults);
        self.history.keep(Old::Faults(old));
        self.past.keep_for(self.faults.iter());
    }

    /// The switches that are on.
    pub fn on(&self) -> impl Iterator<Item = &Fault> {
        let now = self.moment.now;
        let on = self.faults.iter().filter(move |p| p.is_on(now));
        on.map(|p| &p.item.fault)
    }

    /// A switch goes on or off. What was taken out meanwhile does nothing.
    pub(super) fn switch(&mut self, number: u64, on: bool) {
        let Some(placed) = self.faults.iter().find(|p| p.number == number) else {
            return;
        };
        let fault = placed.item.fault.clone();
        self.history
            .happened(self.moment.now, Happened::Fault(fault.clone(), on));
        if !on {
            self.release(&fault);
            return;
        }
        match &fault {
            Fault::Fail(id) => self.checks(&id.as_ref().into(), CheckStatus::Ok, BAD),
            Fault::FailZone(zone) => self.checks_in(zone, BAD),
            Fault::Operator(_, every) => self.push_due(*every / 2, Due::Operator(number)),
            Fault::Replace(id) => self.replace(&id.as_ref().into()),
            _ => {}
        }
    }

    fn release(&mut self, fault: &Fault) {
        // Another item may hold it still.
        if self.on().any(|other| other == fault) {
            return;
        }
        match fault {
            Fault::Fail(id) => self.checks(&id.as_ref().into(), CheckStatus::Ok, CheckStatus::Ok),
            Fault::FailZone(zone) => self.checks_in(zone, CheckStatus::Ok),
            Fault::HangDetach(id) => self.go_on(id, &AttachmentStatus::Detaching),
            Fault::HangAttach(id) => self.go_on(id, &AttachmentStatus::Attaching),
            Fault::NeverUp(id) => self.see_all(id),
            _ => {}
        }
    }

    fn checks_in(&mut self, zone: &str, status: CheckStatus) {
        let inside = self.world.instances();
        let inside = inside.filter(|i| *i.availability_zone == *zone);
        let ids: Vec<_> = inside.map(|i| i.id.clone()).collect();
        for id in ids {
            self.checks(&id, status.clone(), status.clone());
        }
    }

    /// The zones that have failed.
    pub(super) fn zones_down(&self) -> BTreeSet<Str> {
        let zones = self.on().filter_map(|f| match f {
            Fault::FailZone(zone) => Some(zone.clone()),
            _ => None,
        });
        zones.collect()
    }

    pub(super) fn zone_is_down(&self, zone: &str) -> bool {
        self.zones_down().contains(zone)
    }

    /// Sets under way again what hangs at an instance in this status.
    pub(super) fn go_on(&mut self, id: &str, status: &AttachmentStatus) {
        for (eni, attachment) in self.attachments_of(&id.into(), Some(status)) {
            let transition = match status {
                AttachmentStatus::Attaching => Transition::Attached(eni, attachment),
                _ => Transition::Detached(eni, attachment, false),
            };
            if !self.is_under_way(&transition) {
                self.set_under_way(transition, None);
            }
        }
    }

    /// A forced detach counts too: it ends what the graceful one began.
    fn is_under_way(&self, transition: &Transition) -> bool {
        let about = |t: &Transition| match t {
            Transition::Attached(_, a) | Transition::Detached(_, a, _) => Some(a.clone()),
            _ => None,
        };
        let wanted = about(transition);
        self.due
            .values()
            .any(|due| matches!(due, Due::Transition(t) if about(t) == wanted))
    }

    /// A guest that saw nothing looks again.
    fn see_all(&mut self, id: &str) {
        let attached = AttachmentStatus::Attached;
        let id: InstanceId = id.into();
        for (eni, attachment) in self.attachments_of(&id, Some(&attached)) {
            let coming = self
                .due
                .values()
                .any(|due| matches!(due, Due::GuestUp(_, a) if *a == attachment));
            if self.dark.contains(&attachment) && !coming {
                self.guest_will_see((eni, attachment), false);
            }
        }
    }

    /// A transition that does not end while a switch is on.
    pub(super) fn hangs(&self, transition: &Transition) -> bool {
        let (eni, attaching) = match transition {
            Transition::Detached(eni, _, false) => (eni, false),
            Transition::Attached(eni, _) => (eni, true),
            _ => return false,
        };
        let Some(id) = self.world.eni(eni).and_then(|e| e.instance_id()) else {
            return false;
        };
        let stopped = |i: &Instance| i.state == InstanceState::Stopped;
        if self.world.instance(id).is_none_or(|i| stopped(i)) {
            return false;
        }
        let guest = self.guests.get(id);
        let of_file = guest.is_some_and(|g| !attaching && g.detach_hangs);
        of_file
            || self.on().any(|f| match f {
                Fault::HangDetach(at) => !attaching && **at == *id.as_str(),
                Fault::HangAttach(at) => attaching && **at == *id.as_str(),
                _ => false,
            })
    }

    /// Whether an instance's guest sees nothing of what is attached now.
    pub(super) fn is_blind(&self, id: &InstanceId) -> bool {
        self.guests.get(id).is_some_and(|g| g.never_up)
            || self
                .on()
                .any(|f| matches!(f, Fault::NeverUp(at) if **at == *id.as_str()))
    }

    /// A second operator does something, and will again.
    pub(super) fn operate(&mut self, number: u64) {
        let now = self.moment.now;
        let placed = self.faults.iter().find(|p| p.number == number);
        let Some(Fault::Operator(eni, every)) = placed
            .filter(|p| p.is_on(now))
            .map(|p| p.item.fault.clone())
        else {
            return;
        };
        if let Some(call) = self.next_of_operator(&eni.as_ref().into()) {
            let by: Str = "second operator".into();
            // The answer is in the history, which is all that this person does with it.
            let _ = self.submit(Some(&by), &call);
        }
        let pause = self.moment.dice.between(every / 2, every * 3 / 2);
        self.push_due(pause, Due::Operator(number));
    }

    /// What is attached is detached; what is free goes to some instance of its zone, which may be
    /// the one that it came from.
    fn next_of_operator(&mut self, id: &EniId) -> Option<Call> {
        let world = std::sync::Arc::clone(&self.world);
        let eni = world.eni(id)?;
        if let Some(attachment) = &eni.attachment {
            return (attachment.status == AttachmentStatus::Attached).then(|| {
                Call::DetachNetworkInterface(Detach {
                    attachment_id: attachment.attachment_id.clone(),
                    force: false,
                })
            });
        }
        let places: Vec<Call> = world
            .instances()
            .filter(|i| i.availability_zone == eni.availability_zone)
            .filter_map(|i| {
                let (network_card_index, device_index) = free_slot(&world, &i.id)?;
                Some(Call::AttachNetworkInterface(Attach {
                    network_interface_id: id.clone(),
                    instance_id: i.id.clone(),
                    device_index,
                    network_card_index,
                }))
            })
            .filter(|call| crate::rules::check(&world, call).is_ok())
            .collect();
        let count = u64::try_from(places.len()).ok().filter(|n| *n > 0)?;
        let which = usize::try_from(self.moment.dice.roll() % count).ok()?;
        places.into_iter().nth(which)
    }

    /// Auto Scaling ends an instance and launches one like it, which listens where it listened.
    fn replace(&mut self, id: &InstanceId) {
        let by: Str = "autoscaling".into();
        let Some(old) = self.world.instance(id).cloned() else {
            return;
        };
        let primary = self.primary_of(id).cloned();
        // Protection from termination does not bind Auto Scaling (EC2 Auto Scaling User Guide,
        // "Use instance scale-in protection").
        if old.disable_api_termination {
            self.apply(&Change::DisableApiTermination(id.clone(), false));
        }
        let end = Call::TerminateInstances(Call::instances(id));
        let launch = Call::RunInstances(Run {
            instance_type: Some(old.instance_type.clone()),
            min_count: 1,
            max_count: 1,
            subnet_id: old.subnet_id.clone(),
            security_group_ids: primary
                .map(|eni| eni.groups.into_iter().map(|g| g.group_id).collect())
                .unwrap_or_default(),
            ..Run::default()
        });
        let _ = self.submit(Some(&by), &end);
        let Ok(answer) = self.submit(Some(&by), &launch) else {
            return;
        };
        for new in &answer.instance_ids {
            self.apply(&Change::Tags(new.as_str().into(), tags_of_group(&old)));
            self.listen_like(id, new);
        }
    }

    fn primary_of(&self, id: &InstanceId) -> Option<&Eni> {
        let mut enis = self.world.enis_of(id).into_iter();
        enis.find(|e| e.is_primary()).map(|e| &**e)
    }

    fn listen_like(&mut self, old: &InstanceId, new: &InstanceId) {
        let listening = self.services.iter().filter(|(_, s)| s.on.contains(old));
        let names: Vec<Str> = listening.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.set_listens(&name, new, true);
        }
    }
}

/// The tags of an instance as its group gives them to the next one.
fn tags_of_group(old: &Instance) -> Vec<Tag> {
    let mut tags = old.tags.clone();
    if !tags.iter().any(|tag| &*tag.key == GROUP) {
        let name = old.name().unwrap_or("group");
        tags.push(Tag {
            key: GROUP.into(),
            value: format!("asg-{name}").into(),
        });
    }
    tags
}
