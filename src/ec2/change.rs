//! A change of a world, as data: what an accepted call does, at once or later.
//!
//! Invariants: a change says *what* is different, never why; applying it to a world that lacks its
//! resource does nothing, so that a late change cannot resurrect what was deleted meanwhile.

use std::net::Ipv4Addr;

use super::call::{Answer, Call};
use super::eni::{
    Association, Attachment, AttachmentStatus, ConnectionTracking, Eni, EniStatus, GroupRef, Ipv6,
    PrivateIp,
};
use super::id::{
    AllocationId, AssociationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId,
    RouteTableId, Str, SubnetId, VpcId,
};
use super::resource::{
    Address, CheckStatus, Instance, InstanceState, InternetGateway, NatGateway, RouteState,
    RouteTable, SecurityGroup, Subnet, Tag, Vpc,
};
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
    /// `PrivateIpAddresses`, as they are from then on; the subnet's free ones follow.
    PrivateIps(EniId, Vec<PrivateIp>),
    /// `PrivateDnsName` of the interface itself.
    PrivateDnsName(EniId, Option<Str>),
    /// `Ipv4Prefixes`, as they are from then on; the subnet's free addresses follow.
    Ipv4Prefixes(EniId, Vec<Str>),
    /// `Ipv6Addresses`, as they are from then on.
    Ipv6s(EniId, Vec<Ipv6>),
    /// `Ipv6Prefixes`, as they are from then on.
    Ipv6Prefixes(EniId, Vec<Str>),
    /// `Groups`, as they are from then on.
    Groups(EniId, Vec<GroupRef>),
    /// `ConnectionTrackingConfiguration`.
    ConnectionTracking(EniId, ConnectionTracking),
    /// `AssociatePublicIpAddress`.
    AssociatePublicIp(EniId, bool),
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
    /// `InstanceType`.
    InstanceType(InstanceId, Str),
    /// `DisableApiTermination`.
    DisableApiTermination(InstanceId, bool),
    /// An instance that was terminated is no longer shown.
    InstanceForgotten(InstanceId),
    /// The instance left its subnet: terminated instances have none.
    InstanceLeftSubnet(InstanceId),
    /// `Address.InstanceId` of an Elastic IP follows its interface.
    AddressInstance(AllocationId, Option<InstanceId>),
    /// An Elastic IP is associated with a private address of an interface.
    AddressAssociated {
        /// The Elastic IP, associated with nothing.
        address: AllocationId,
        /// The new association.
        association: AssociationId,
        /// The interface.
        eni: EniId,
        /// Which of its addresses.
        private_ip: Ipv4Addr,
        /// The instance behind it.
        instance: Option<InstanceId>,
    },
    /// An association goes with its private address to another interface.
    AddressMoved(AllocationId, EniId, Option<InstanceId>),
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
    /// The tags of a resource, named by its id, as they are from then on.
    Tags(Str, Vec<Tag>),
    /// An Elastic IP comes or goes.
    Address(AllocationId, Option<Box<Address>>),
    /// A VPC comes or goes.
    Vpc(VpcId, Option<Box<Vpc>>),
    /// A subnet comes or goes.
    Subnet(SubnetId, Option<Box<Subnet>>),
    /// A security group comes or goes.
    Group(GroupId, Option<Box<SecurityGroup>>),
    /// A route table comes, goes, or has other routes and associations.
    RouteTable(RouteTableId, Option<Box<RouteTable>>),
    /// An internet gateway comes, goes, or is elsewhere.
    InternetGateway(InternetGatewayId, Option<Box<InternetGateway>>),
    /// A NAT gateway comes or has another state.
    NatGateway(NatGatewayId, Option<Box<NatGateway>>),
    /// A client token is used.
    Token(Str, Box<(Call, Answer)>),
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
            Change::PrivateIps(id, ips) => {
                self.edit_addresses(id, |e| e.private_ip_addresses.clone_from(ips));
            }
            Change::PrivateDnsName(id, name) => {
                self.edit_eni(id, |e| e.private_dns_name.clone_from(name));
            }
            Change::Ipv4Prefixes(id, prefixes) => {
                self.edit_addresses(id, |e| e.ipv4_prefixes.clone_from(prefixes));
            }
            Change::Ipv6s(id, ips) => self.edit_eni(id, |e| e.ipv6_addresses.clone_from(ips)),
            Change::Ipv6Prefixes(id, prefixes) => {
                self.edit_eni(id, |e| e.ipv6_prefixes.clone_from(prefixes));
            }
            Change::Groups(id, groups) => self.edit_eni(id, |e| e.groups.clone_from(groups)),
            Change::ConnectionTracking(id, tracking) => self.edit_eni(id, |e| {
                e.connection_tracking_configuration = Some(tracking.clone());
            }),
            Change::AssociatePublicIp(id, on) => {
                self.edit_eni(id, |e| e.associate_public_ip_address = Some(*on));
            }
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
            Change::InstanceType(id, kind) => {
                self.edit_instance(id, |i| i.instance_type = kind.clone());
            }
            Change::DisableApiTermination(id, on) => {
                self.edit_instance(id, |i| i.disable_api_termination = *on);
            }
            Change::InstanceLeftSubnet(id) => self.edit_instance(id, |i| {
                i.subnet_id = None;
                i.vpc_id = None;
            }),
            Change::InstanceForgotten(id) => self.remove_instance(id),
            Change::AddressInstance(id, instance) => {
                self.edit_address(id, |a| a.instance_id = instance.clone());
            }
            Change::AddressAssociated {
                address,
                association,
                eni,
                private_ip,
                instance,
            } => self.associate(address, association, eni, *private_ip, instance.as_ref()),
            Change::AddressMoved(id, eni, instance) => self.edit_address(id, |a| {
                a.network_interface_id = Some(eni.clone());
                a.instance_id = instance.clone();
            }),
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
            Change::Tags(id, tags) => self.set_tags(id, tags),
            Change::Token(token, used) => self.put_token(token, Some(used.as_ref().clone())),
            Change::Address(..)
            | Change::Vpc(..)
            | Change::Subnet(..)
            | Change::Group(..)
            | Change::RouteTable(..)
            | Change::InternetGateway(..)
            | Change::NatGateway(..) => self.apply_whole(change),
        }
    }

    /// A resource that comes or goes as a whole.
    fn apply_whole(&mut self, change: &Change) {
        macro_rules! put_or_remove {
            ($id:ident, $resource:ident, $put:ident, $remove:ident) => {
                match $resource {
                    Some(resource) => self.$put(resource.as_ref().clone()),
                    None => self.$remove($id),
                }
            };
        }
        match change {
            Change::Address(id, r) => put_or_remove!(id, r, put_address, remove_address),
            Change::Vpc(id, r) => put_or_remove!(id, r, put_vpc, remove_vpc),
            Change::Subnet(id, r) => put_or_remove!(id, r, put_subnet, remove_subnet),
            Change::Group(id, r) => put_or_remove!(id, r, put_group, remove_group),
            Change::RouteTable(id, r) => {
                put_or_remove!(id, r, put_route_table, remove_route_table);
            }
            Change::InternetGateway(id, r) => {
                put_or_remove!(id, r, put_internet_gateway, remove_internet_gateway);
            }
            Change::NatGateway(id, r) => {
                put_or_remove!(id, r, put_nat_gateway, remove_nat_gateway);
            }
            _ => {}
        }
    }

    /// Edits what an interface takes of its subnet, and the subnet's free addresses with it.
    fn edit_addresses(&mut self, id: &EniId, edit: impl FnOnce(&mut Eni)) {
        let taken = |world: &Self| {
            let eni = world.eni(id)?;
            Some((eni.subnet_id.clone(), eni.addresses_taken()))
        };
        let before = taken(self);
        self.edit_eni(id, edit);
        if let (Some((subnet, before)), Some((_, after))) = (before, taken(self)) {
            self.free_addresses(&subnet, before.saturating_sub(after));
            self.take_addresses(&subnet, after.saturating_sub(before));
        }
    }

    fn associate(
        &mut self,
        id: &AllocationId,
        association: &AssociationId,
        eni: &EniId,
        private_ip: Ipv4Addr,
        instance: Option<&InstanceId>,
    ) {
        let Some(address) = self.address(id).cloned() else {
            return;
        };
        let owner = self.account.clone();
        self.edit_eni(eni, |e| {
            let ips = e.private_ip_addresses.iter_mut();
            for ip in ips.filter(|ip| ip.private_ip_address == private_ip) {
                ip.association = Some(Association {
                    public_ip: address.public_ip,
                    public_dns_name: None,
                    ip_owner_id: owner.clone(),
                    allocation_id: Some(id.clone()),
                    association_id: Some(association.clone()),
                    carrier_ip: None,
                    customer_owned_ip: None,
                });
            }
        });
        self.put_address(Address {
            association_id: Some(association.clone()),
            network_interface_id: Some(eni.clone()),
            instance_id: instance.cloned(),
            private_ip_address: Some(private_ip),
            ..Address::clone(&address)
        });
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
        if let Some(association) = &address.association_id {
            self.retire(association);
        }
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
