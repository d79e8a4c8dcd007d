//! Changing the world and taking it back.
//!
//! Invariant: whatever a change touches is kept before it is made, so that putting everything back,
//! newest first, gives the world of before.

use std::sync::Arc;

use super::{Machine, set};
use crate::ec2::call::Call;
use crate::ec2::change::Change;
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId, RouteTableId,
    SubnetId, VpcId,
};
use crate::sim::history::{Old, Resource};

/// One method for each kind of resource that keeps what is there under an id, or that nothing is.
macro_rules! keep {
    ($($method:ident($id:ident, $get:ident, $old:ident))*) => {$(
        fn $method(&mut self, id: &$id) {
            let old = self.world.$get(id).cloned();
            self.history.keep(Old::Resource(Resource::$old(id.clone(), old)));
        }
    )*};
}

impl Machine {
    pub(super) fn apply(&mut self, change: &Change) {
        self.keep_touched(change);
        self.past.remember(&self.world, self.moment.now);
        Arc::make_mut(&mut self.world).apply(change);
        self.history.timeline_mut().has_changed(&self.world);
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
            Change::PrivateIps(id, _) | Change::Ipv4Prefixes(id, _) => {
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
            | Change::Ipv6s(id, _)
            | Change::Ipv6Prefixes(id, _)
            | Change::Groups(id, _)
            | Change::ConnectionTracking(id, _)
            | Change::AssociatePublicIp(id, _)
            | Change::PrivateDnsName(id, _)
            | Change::PublicIpAssigned(id, _) => self.keep_eni(id),
            Change::InstanceCreated(instance) => self.keep_instance(&instance.id),
            Change::InstanceState(id, _)
            | Change::StatusChecks(id, _, _)
            | Change::LaunchTime(id, _)
            | Change::InstanceType(id, _)
            | Change::DisableApiTermination(id, _)
            | Change::InstanceForgotten(id)
            | Change::InstanceLeftSubnet(id) => self.keep_instance(id),
            Change::AddressInstance(id, _)
            | Change::AddressMoved(id, _, _)
            | Change::Address(id, _) => self.keep_address(id),
            Change::AddressAssociated { address, eni, .. } => {
                self.keep_eni(eni);
                self.keep_address(address);
            }
            Change::AddressFreed(id) => {
                let eni = self.world.address(id);
                if let Some(eni) = eni.and_then(|a| a.network_interface_id.clone()) {
                    self.keep_eni(&eni);
                }
                self.keep_address(id);
            }
            Change::Route { table, .. } | Change::RouteTable(table, _) => {
                self.keep_route_table(table);
            }
            Change::Subnet(id, _) => self.keep_subnet(id),
            Change::Vpc(id, _) => self.keep_vpc(id),
            Change::Group(id, _) => self.keep_group(id),
            Change::InternetGateway(id, _) => self.keep_internet_gateway(id),
            Change::NatGateway(id, _) => self.keep_nat_gateway(id),
            Change::Token(token, _) => {
                let old = self.world.token(token).cloned();
                self.history
                    .keep(Old::Resource(Resource::Token(token.clone(), old)));
            }
            Change::Tags(id, _) => self.keep_tagged(id),
        }
    }

    /// Keeps the resource of this id, of whatever kind.
    fn keep_tagged(&mut self, id: &str) {
        match id.rsplit_once('-').map_or("", |(kind, _)| kind) {
            "vpc" => self.keep_vpc(&id.into()),
            "subnet" => self.keep_subnet(&id.into()),
            "i" => self.keep_instance(&id.into()),
            "eni" => self.keep_eni(&id.into()),
            "sg" => self.keep_group(&id.into()),
            "eipalloc" => self.keep_address(&id.into()),
            "rtb" => self.keep_route_table(&id.into()),
            "igw" => self.keep_internet_gateway(&id.into()),
            "nat" => self.keep_nat_gateway(&id.into()),
            _ => {}
        }
    }

    keep! {
        keep_eni(EniId, eni, Eni)
        keep_instance(InstanceId, instance, Instance)
        keep_address(AllocationId, address, Address)
        keep_route_table(RouteTableId, route_table, RouteTable)
        keep_subnet(SubnetId, subnet, Subnet)
        keep_vpc(VpcId, vpc, Vpc)
        keep_group(GroupId, group, Group)
        keep_internet_gateway(InternetGatewayId, internet_gateway, InternetGateway)
        keep_nat_gateway(NatGatewayId, nat_gateway, NatGateway)
    }

    fn keep_subnet_of(&mut self, eni: &EniId, subnet: Option<&SubnetId>) {
        let found = self.world.eni(eni).map(|e| e.subnet_id.clone());
        if let Some(subnet) = subnet.cloned().or(found) {
            let old = self.world.subnet(&subnet).cloned();
            self.history
                .keep(Old::Resource(Resource::Subnet(subnet, old)));
        }
    }

    /// Goes back to the moment before the newest accepted call.
    pub fn undo(&mut self) -> Option<Call> {
        let (call, moment, points, old) = self.history.take_back()?;
        for old in old {
            self.put_back(old);
        }
        self.moment = moment;
        self.past.forget_after(self.moment.now);
        let lags = self.lags();
        let timeline = self.history.timeline_mut();
        timeline.is_back_at(points, self.moment.now, &self.world, lags);
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
            Old::Faults(placed) => {
                self.faults = placed;
                self.past.keep_for(self.faults.iter());
            }
            Old::Held(slot, Some(eni)) => {
                self.held.insert(slot, eni);
            }
            Old::Held(slot, None) => {
                self.held.remove(&slot);
            }
            Old::Lagging(eni, Some(addresses)) => {
                self.lagging.insert(eni, addresses);
            }
            Old::Lagging(eni, None) => {
                self.lagging.remove(&eni);
            }
            Old::Outside => {
                self.changed.pop();
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
            Old::Resource(resource) => resource.put_into(Arc::make_mut(&mut self.world)),
        }
    }
}
