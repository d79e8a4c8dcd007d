//! Changing the world and taking it back.
//!
//! Invariant: whatever a change touches is kept before it is made, so that putting everything back,
//! newest first, gives the world of before.

use std::sync::Arc;

use super::{Machine, set};
use crate::ec2::call::Call;
use crate::ec2::change::Change;
use crate::ec2::id::{EniId, InstanceId, SubnetId};
use crate::sim::history::Old;

impl Machine {
    pub(super) fn apply(&mut self, change: &Change) {
        self.keep_touched(change);
        Arc::make_mut(&mut self.world).apply(change);
    }

    /// Keeps the resources that a change is about to replace.
    fn keep_touched(&mut self, change: &Change) {
        match change {
            Change::EniCreated(eni) => {
                self.keep_subnet_of(&eni.id, Some(&eni.subnet_id));
                self.keep_eni(&eni.id);
            }
            Change::EniDeleted(id) => {
                self.keep_subnet_of(id, None);
                self.keep_eni(id);
            }
            Change::EniStatus(id, _)
            | Change::Attachment(id, _)
            | Change::AttachmentStatus(id, _)
            | Change::DeleteOnTermination(id, _)
            | Change::SourceDestCheck(id, _)
            | Change::Description(id, _)
            | Change::PrimaryIpv6Lost(id)
            | Change::PublicIpReleased(id)
            | Change::PublicIpAssigned(id, _) => self.keep_eni(id),
            Change::InstanceCreated(instance) => self.keep_instance(&instance.id),
            Change::InstanceState(id, _)
            | Change::StatusChecks(id, _, _)
            | Change::LaunchTime(id, _)
            | Change::InstanceLeftSubnet(id) => self.keep_instance(id),
            Change::AddressInstance(id, _) => {
                let old = self.world.address(id).cloned();
                self.history.keep(Old::Address(id.clone(), old));
            }
            Change::AddressFreed(id) => {
                let old = self.world.address(id).cloned();
                if let Some(eni) = old.as_ref().and_then(|a| a.network_interface_id.as_ref()) {
                    self.keep_eni(eni);
                }
                self.history.keep(Old::Address(id.clone(), old));
            }
            Change::Route { table, .. } => {
                let old = self.world.route_table(table).cloned();
                self.history.keep(Old::RouteTable(table.clone(), old));
            }
        }
    }

    fn keep_eni(&mut self, id: &EniId) {
        let old = self.world.eni(id).cloned();
        self.history.keep(Old::Eni(id.clone(), old));
    }

    fn keep_instance(&mut self, id: &InstanceId) {
        let old = self.world.instance(id).cloned();
        self.history.keep(Old::Instance(id.clone(), old));
    }

    fn keep_subnet_of(&mut self, eni: &EniId, subnet: Option<&SubnetId>) {
        let found = self.world.eni(eni).map(|e| e.subnet_id.clone());
        if let Some(subnet) = subnet.cloned().or(found) {
            let old = self.world.subnet(&subnet).cloned();
            self.history.keep(Old::Subnet(subnet, old));
        }
    }

    /// Goes back to the moment before the newest accepted call.
    pub fn undo(&mut self) -> Option<Call> {
        let (call, moment, old) = self.history.take_back()?;
        for old in old {
            self.put_back(old);
        }
        self.moment = moment;
        Some(call)
    }

    fn put_back(&mut self, old: Old) {
        match old {
            Old::Due(key, Some(due)) => {
                self.due.insert(key, due);
            }
            Old::Due(key, None) => {
                self.due.remove(&key);
            }
            Old::Dark(id, was) => {
                set(&mut self.dark, &id, was);
            }
            Old::Poisoned(slot, was) => {
                set(&mut self.poisoned, &slot, was);
            }
            Old::Listens(service, id, was) => {
                if let Some(found) = self.services.get_mut(&service) {
                    set(&mut found.on, &id, was);
                }
            }
            Old::Sample(client, pushed_out) => {
                if let Some(strip) = self.strips.get_mut(client) {
                    strip.samples.pop_back();
                    if let Some(sample) = pushed_out {
                        strip.samples.push_front(sample);
                    }
                }
            }
            // The history has put these back itself.
            Old::Input(_) | Old::LastInput(_) | Old::Happening(_) => {}
            resource => self.put_resource_back(resource),
        }
    }

    fn put_resource_back(&mut self, old: Old) {
        let world = Arc::make_mut(&mut self.world);
        match old {
            Old::Eni(_, Some(eni)) => world.put_eni(Arc::unwrap_or_clone(eni)),
            Old::Eni(id, None) => world.remove_eni(&id),
            Old::Instance(_, Some(instance)) => world.put_instance(Arc::unwrap_or_clone(instance)),
            Old::Instance(id, None) => world.remove_instance(&id),
            Old::Subnet(_, Some(subnet)) => world.put_subnet(Arc::unwrap_or_clone(subnet)),
            Old::Address(_, Some(address)) => world.put_address(Arc::unwrap_or_clone(address)),
            Old::RouteTable(_, Some(table)) => world.put_route_table(Arc::unwrap_or_clone(table)),
            _ => {}
        }
    }
}
