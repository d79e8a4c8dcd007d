//! What guests have seen so far, and what they still show.
//!
//! Invariant: everything that a guest lags behind with is kept in the history before it changes.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::Machine;
use crate::ec2::change::Change;
use crate::ec2::eni::{AttachmentStatus, Eni};
use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::resource::InstanceState;
use crate::sim::guest::Lags;
use crate::sim::history::{Due, Old, Slot};

impl Machine {
    /// Where guests and EC2 disagree.
    pub fn lags(&self) -> Lags {
        let mut lags = Lags {
            unseen: self.dark.clone(),
            addresses: self.lagging.clone(),
            ..Lags::default()
        };
        for ((instance, _, _), eni) in &self.held {
            let of_it = lags.stale.entry(instance.clone()).or_default();
            of_it.push(Arc::clone(eni));
        }
        lags
    }

    /// What a guest still shows at a position after a forced detach, or no longer.
    pub(super) fn set_held(&mut self, slot: Slot, eni: Option<Arc<Eni>>) {
        let old = match eni {
            Some(eni) => self.held.insert(slot.clone(), eni),
            None => self.held.remove(&slot),
        };
        self.history.keep(Old::Held(slot, old));
    }

    /// A guest that starts anew shows what is there.
    pub(super) fn forget_held(&mut self, id: &InstanceId) {
        let slots = self.held.range((id.clone(), 0, 0)..);
        let of_it: Vec<Slot> = slots
            .take_while(|(slot, _)| slot.0 == *id)
            .map(|(slot, _)| slot.clone())
            .collect();
        for slot in of_it {
            self.set_held(slot, None);
        }
    }

    pub(super) fn set_lagging(&mut self, eni: &EniId, addresses: Option<Vec<Ipv4Addr>>) {
        let old = match addresses {
            Some(addresses) => self.lagging.insert(eni.clone(), addresses),
            None => self.lagging.remove(eni),
        };
        self.history.keep(Old::Lagging(eni.clone(), old));
    }

    /// Addresses that come and go reach a guest later than EC2's answer (EC2 User Guide, "Multiple IP
    /// addresses": the assignment is asynchronous, and the guest has to be told).
    pub(super) fn addresses_will_follow(&mut self, change: &Change) {
        let Change::PrivateIps(id, after) = change else {
            return;
        };
        let Some(eni) = self.world.eni(id) else {
            return;
        };
        let before = || {
            eni.private_ip_addresses
                .iter()
                .map(|ip| ip.private_ip_address)
        };
        let same = before().eq(after.iter().map(|ip| ip.private_ip_address));
        let seen = eni.attachment.as_ref().is_some_and(|a| {
            let holder = a.instance_id.as_ref().and_then(|i| self.world.instance(i));
            a.status == AttachmentStatus::Attached
                && !self.dark.contains(&a.attachment_id)
                && holder.is_some_and(|i| i.state == InstanceState::Running)
        });
        if same || !seen || self.lagging.contains_key(id) {
            return;
        }
        let (id, before) = (id.clone(), before().collect());
        let holder = eni.instance_id().and_then(|i| self.guests.get(i));
        let range = holder.and_then(|g| g.delay).unwrap_or(self.timings.guest);
        self.set_lagging(&id, Some(before));
        let delay = range.draw(&mut self.moment.dice);
        self.push_due(delay, Due::GuestAddresses(id));
    }
}
