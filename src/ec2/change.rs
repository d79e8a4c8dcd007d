//! A change of a world, as data: what an accepted call does, at once or later.
//!
//! Invariants: a change says *what* is different, never why; applying it to a world that lacks its
//! resource does nothing, so that a late change cannot resurrect what was deleted meanwhile.

use std::net::Ipv4Addr;

use super::eni::{Association, Attachment, AttachmentStatus, Eni, EniStatus};
use super::id::{AllocationId, EniId, InstanceId, RouteTableId, Str, SubnetId};
use super::resource::{Address, CheckStatus, Instance, InstanceState, RouteState};
use super::time::Time;
use super::world::World;

/// One primitive change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A network interface comes into being; its addresses leave the subnet's free ones.
    EniCreated(Box<Eni>),
    /// A network interface is gone; its addresses are free again.
    EniDeleted(EniId),
    /// `NetworkInterface.Status`.
    EniStatus(EniId, EniStatus),
    /// An attachment appears (attaching or attached) or, with `None`, is gone.
    Attachment(EniId, Option<Box<Attachment>>),
    /// `Attachment.Status` alone.
    AttachmentStatus(EniId, AttachmentStatus),
    /// `Attachment.DeleteOnTermination`.
    DeleteOnTermination(EniId, bool),
    /// `SourceDestCheck`.
    SourceDestCheck(EniId, bool),
    /// `Description`.
    Description(EniId, Str),
    /// The primary mark of its IPv6 addresses is lost.
    PrimaryIpv6Lost(EniId),
    /// An automatically assigned public address is released.
    PublicIpReleased(EniId),
    /// The primary private address gets an automatically assigned public address.
    PublicIpAssigned(EniId, Ipv4Addr),
    /// An instance comes into being.
    InstanceCreated(Box<Instance>),
    /// `InstanceState`, with both status checks as they are in that state.
    InstanceState(InstanceId, InstanceState),
    /// The two status checks: system, instance.
    StatusChecks(InstanceId, CheckStatus, CheckStatus),
    /// `LaunchTime`.
    LaunchTime(InstanceId, Time),
    /// The instance left its subnet: terminated instances have none.
    InstanceLeftSubnet(InstanceId),
    /// `Address.InstanceId` of an Elastic IP follows its interface.
    AddressInstance(AllocationId, Option<InstanceId>),
    /// An Elastic IP loses its association and stays allocated.
    AddressFreed(AllocationId),
    /// A route to an interface: its state, and the instance shown with it.
    Route {
        /// Table.
        table: RouteTableId,
        /// Destination, which names the route in its table.
        destination: Str,
        /// New state.
        state: RouteState,
        /// Instance behind the interface now.
        instance: Option<InstanceId>,
    },
}

impl World {
    /// Makes one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::EniCreated(eni) => {
                self.take_addresses(&eni.subnet_id, eni.addresses_taken());
                self.put_eni(Eni::clone(eni));
            }
            Change::EniDeleted(id) => {
                if let Some(eni) = self.eni(id).cloned() {
                    self.free_addresses(&eni.subnet_id, eni.addresses_taken());
                    self.remove_eni(id);
                }
            }
            Change::EniStatus(id, status) => self.edit_eni(id, |e| e.status = status.clone()),
            Change::Attachment(id, attachment) => {
                self.edit_eni(id, |e| e.attachment = attachment.as_deref().cloned());
            }
            Change::AttachmentStatus(id, status) => self.edit_eni(id, |e| {
                if let Some(a) = &mut e.attachment {
                    a.status = status.clone();
                }
            }),
            Change::DeleteOnTermination(id, on) => self.edit_eni(id, |e| {
                if let Some(a) = &mut e.attachment {
                    a.delete_on_termination = *on;
                }
            }),
            Change::SourceDestCheck(id, on) => self.edit_eni(id, |e| e.source_dest_check = *on),
            Change::Description(id, text) => self.edit_eni(id, |e| e.description = text.clone()),
            Change::PrimaryIpv6Lost(id) => self.edit_eni(id, |e| {
                for ip in &mut e.ipv6_addresses {
                    ip.is_primary_ipv6 = false;
                }
            }),
            Change::PublicIpReleased(id) => self.edit_eni(id, |e| {
                for ip in &mut e.private_ip_addresses {
                    if ip.association.as_ref().is_some_and(|a| !a.is_elastic()) {
                        ip.association = None;
                    }
                }
                if !e.associations().any(|_| true) {
                    e.public_dns_name = None;
                }
            }),
            Change::PublicIpAssigned(id, public_ip) => self.edit_eni(id, |e| {
                for ip in e.private_ip_addresses.iter_mut().filter(|ip| ip.primary) {
                    ip.association = Some(Association {
                        public_ip: *public_ip,
                        public_dns_name: None,
                        ip_owner_id: "amazon".into(),
                        allocation_id: None,
                        association_id: None,
                        carrier_ip: None,
                        customer_owned_ip: None,
                    });
                }
            }),
            Change::InstanceCreated(instance) => self.put_instance(Instance::clone(instance)),
            Change::InstanceState(id, state) => self.edit_instance(id, |i| {
                i.state = state.clone();
                if *state != InstanceState::Running {
                    i.system_status = CheckStatus::NotApplicable;
                    i.instance_status = CheckStatus::NotApplicable;
                }
            }),
            Change::StatusChecks(id, system, instance) => self.edit_instance(id, |i| {
                i.system_status = system.clone();
                i.instance_status = instance.clone();
            }),
            Change::LaunchTime(id, at) => self.edit_instance(id, |i| i.launch_time = Some(*at)),
            Change::InstanceLeftSubnet(id) => self.edit_instance(id, |i| {
                i.subnet_id = None;
                i.vpc_id = None;
            }),
            Change::AddressInstance(id, instance) => {
                self.edit_address(id, |a| a.instance_id = instance.clone());
            }
            Change::AddressFreed(id) => self.free_elastic_ip(id),
            Change::Route {
                table,
                destination,
                state,
                instance,
            } => {
                self.edit_route_table(table, |t| {
                    for route in t
                        .routes
                        .iter_mut()
                        .filter(|r| r.destination == *destination)
                    {
                        route.state = state.clone();
                        route.instance_id = instance.clone();
                    }
                });
            }
        }
    }

    fn take_addresses(&mut self, subnet: &SubnetId, count: u32) {
        self.edit_subnet(subnet, |s| {
            s.available_ip_address_count = s.available_ip_address_count.saturating_sub(count);
        });
    }

    fn free_addresses(&mut self, subnet: &SubnetId, count: u32) {
        self.edit_subnet(subnet, |s| s.available_ip_address_count += count);
    }

    fn free_elastic_ip(&mut self, id: &AllocationId) {
        let Some(address) = self.address(id).cloned() else {
            return;
        };
        if let Some(eni) = &address.network_interface_id {
            self.edit_eni(eni, |e| {
                for ip in &mut e.private_ip_addresses {
                    if ip
                        .association
                        .as_ref()
                        .is_some_and(|a| a.allocation_id.as_ref() == Some(id))
                    {
                        ip.association = None;
                    }
                }
            });
        }
        self.put_address(Address {
            association_id: None,
            network_interface_id: None,
            instance_id: None,
            private_ip_address: None,
            ..Address::clone(&address)
        });
    }
}
