//! From the SDK's types to EC2's nouns.
//!
//! Invariants: enum values are kept as EC2 sent them; an empty string means absent, because some
//! endpoints write empty elements; a row without its own id is left out, for nothing can name it.

use std::net::{Ipv4Addr, Ipv6Addr};

use aws_sdk_ec2::types as sdk;

use crate::ec2::eni::{
    Association, Attachment, ConnectionTracking, EnaSrd, Eni, GroupRef, Ipv6, Operator, PrivateIp,
    PublicIpDnsNameOptions,
};
use crate::ec2::id::{InstanceId, Str};
use crate::ec2::resource::{
    Address, CheckStatus, Instance, InstanceState, Route, RouteTable, RouteTableAssociation,
    SecurityGroup, Subnet, Tag, Vpc,
};
use crate::ec2::time::Time;

/// Both status checks of an instance: system, instance.
pub(super) type Checks = (InstanceId, CheckStatus, CheckStatus);

/// The text, unless it is empty.
fn some(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

fn owned(text: Option<&str>) -> Option<Str> {
    some(text).map(Str::from)
}

fn text(text: Option<&str>) -> Str {
    text.unwrap_or_default().into()
}

fn id<T: for<'a> From<&'a str>>(text: Option<&str>) -> Option<T> {
    some(text).map(T::from)
}

fn v4(text: Option<&str>) -> Option<Ipv4Addr> {
    some(text)?.parse().ok()
}

fn count(number: Option<i32>) -> u32 {
    number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

fn moment(at: Option<&aws_smithy_types::DateTime>) -> Option<Time> {
    at?.to_millis().ok().map(Time::from_millis)
}

fn tags(tags: &[sdk::Tag]) -> Vec<Tag> {
    tags.iter()
        .map(|t| Tag {
            key: text(t.key()),
            value: text(t.value()),
        })
        .collect()
}

/// `Vpc`.
pub(super) fn vpc(vpc: &sdk::Vpc) -> Option<Vpc> {
    Some(Vpc {
        id: id(vpc.vpc_id())?,
        cidr_block: text(vpc.cidr_block()),
        is_default: vpc.is_default().unwrap_or(false),
        // Two more calls for each VPC, and nothing live depends on them.
        enable_dns_support: None,
        enable_dns_hostnames: None,
        owner_id: text(vpc.owner_id()),
        tags: tags(vpc.tags()),
    })
}

/// `Subnet`.
pub(super) fn subnet(subnet: &sdk::Subnet) -> Option<Subnet> {
    Some(Subnet {
        id: id(subnet.subnet_id())?,
        vpc_id: text(subnet.vpc_id()).as_ref().into(),
        cidr_block: text(subnet.cidr_block()),
        availability_zone: text(subnet.availability_zone()),
        availability_zone_id: owned(subnet.availability_zone_id()),
        available_ip_address_count: count(subnet.available_ip_address_count()),
        map_public_ip_on_launch: subnet.map_public_ip_on_launch().unwrap_or(false),
        ipv6_cidr_block: subnet
            .ipv6_cidr_block_association_set()
            .iter()
            .find_map(|a| owned(a.ipv6_cidr_block())),
        // Of use only where interfaces are created, which is never done there.
        assign_ipv6_address_on_creation: false,
        owner_id: text(subnet.owner_id()),
        tags: tags(subnet.tags()),
    })
}

/// `Instance` of a reservation; its status checks are told by another call.
pub(super) fn instance(instance: &sdk::Instance, owner: Option<&str>) -> Option<Instance> {
    let state = instance.state().and_then(|s| s.name());
    let state = InstanceState::from(state.map_or("", |s| s.as_str()));
    // Until its checks are told, a running instance has not passed them.
    let checks = match state {
        InstanceState::Running => CheckStatus::Initializing,
        _ => CheckStatus::NotApplicable,
    };
    Some(Instance {
        id: id(instance.instance_id())?,
        instance_type: text(instance.instance_type().map(|t| t.as_str())),
        state,
        system_status: checks.clone(),
        instance_status: checks,
        availability_zone: text(instance.placement().and_then(|p| p.availability_zone())),
        subnet_id: id(instance.subnet_id()),
        vpc_id: id(instance.vpc_id()),
        owner_id: text(owner),
        launch_time: moment(instance.launch_time()),
        // Only `DescribeInstanceAttribute` tells.
        disable_api_termination: false,
        instance_lifecycle: owned(instance.instance_lifecycle().map(|l| l.as_str())),
        tags: tags(instance.tags()),
    })
}

/// `InstanceStatus`.
pub(super) fn checks(status: &sdk::InstanceStatus) -> Option<Checks> {
    let word = |summary: Option<&sdk::InstanceStatusSummary>| {
        let status = summary.and_then(|s| s.status());
        status.map_or(CheckStatus::InsufficientData, |s| {
            CheckStatus::from(s.as_str())
        })
    };
    Some((
        id(status.instance_id())?,
        word(status.system_status()),
        word(status.instance_status()),
    ))
}

/// `SecurityGroup`.
pub(super) fn group(group: &sdk::SecurityGroup) -> Option<SecurityGroup> {
    Some(SecurityGroup {
        id: id(group.group_id())?,
        group_name: text(group.group_name()),
        vpc_id: text(group.vpc_id()).as_ref().into(),
        description: text(group.description()),
        // Nothing that is done there depends on the rules.
        rules: Vec::new(),
        tags: tags(group.tags()),
    })
}

/// `Address`; one of EC2-Classic has no allocation id and is left out.
pub(super) fn address(address: &sdk::Address) -> Option<Address> {
    Some(Address {
        id: id(address.allocation_id())?,
        public_ip: v4(address.public_ip()).or_else(|| v4(address.carrier_ip()))?,
        association_id: id(address.association_id()),
        network_interface_id: id(address.network_interface_id()),
        instance_id: id(address.instance_id()),
        private_ip_address: v4(address.private_ip_address()),
        tags: tags(address.tags()),
    })
}

/// `RouteTable`. Subnets without an explicit association use the main table and are not listed.
pub(super) fn route_table(table: &sdk::RouteTable) -> Option<RouteTable> {
    let associations = table.associations();
    Some(RouteTable {
        id: id(table.route_table_id())?,
        vpc_id: text(table.vpc_id()).as_ref().into(),
        associations: associations
            .iter()
            .filter_map(|a| {
                Some(RouteTableAssociation {
                    id: id(a.route_table_association_id())?,
                    subnet_id: id(a.subnet_id())?,
                })
            })
            .collect(),
        main: associations.iter().any(|a| a.main() == Some(true)),
        routes: table.routes().iter().filter_map(route).collect(),
        tags: tags(table.tags()),
    })
}

fn route(route: &sdk::Route) -> Option<Route> {
    let gateway = [
        route.gateway_id(),
        route.nat_gateway_id(),
        route.transit_gateway_id(),
        route.vpc_peering_connection_id(),
        route.egress_only_internet_gateway_id(),
        route.carrier_gateway_id(),
        route.local_gateway_id(),
        route.core_network_arn(),
        route.odb_network_arn(),
        route.ip_address(),
    ];
    Some(Route {
        destination: owned(route.destination_cidr_block())
            .or_else(|| owned(route.destination_ipv6_cidr_block()))
            .or_else(|| owned(route.destination_prefix_list_id()))?,
        network_interface_id: id(route.network_interface_id()),
        instance_id: id(route.instance_id()),
        gateway: gateway.into_iter().find_map(owned),
        state: text(route.state().map(|s| s.as_str())).into(),
    })
}

/// `NetworkInterface`, every field.
pub(super) fn eni(eni: &sdk::NetworkInterface) -> Option<Eni> {
    Some(Eni {
        id: id(eni.network_interface_id())?,
        subnet_id: text(eni.subnet_id()).as_ref().into(),
        vpc_id: text(eni.vpc_id()).as_ref().into(),
        availability_zone: text(eni.availability_zone()),
        availability_zone_id: owned(eni.availability_zone_id()),
        description: text(eni.description()),
        owner_id: text(eni.owner_id()),
        requester_id: owned(eni.requester_id()),
        requester_managed: eni.requester_managed().unwrap_or(false),
        operator: eni.operator().map(|o| Operator {
            managed: o.managed().unwrap_or(false),
            principal: owned(o.principal()),
            hidden_by_default: o.hidden_by_default().unwrap_or(false),
        }),
        status: text(eni.status().map(|s| s.as_str())).into(),
        mac_address: text(eni.mac_address()),
        private_dns_name: owned(eni.private_dns_name()),
        public_dns_name: owned(eni.public_dns_name()),
        public_ip_dns_name_options: eni.public_ip_dns_name_options().map(|o| {
            PublicIpDnsNameOptions {
                dns_hostname_type: owned(o.dns_hostname_type()),
                public_ipv4_dns_name: owned(o.public_ipv4_dns_name()),
                public_ipv6_dns_name: owned(o.public_ipv6_dns_name()),
                public_dual_stack_dns_name: owned(o.public_dual_stack_dns_name()),
            }
        }),
        private_ip_addresses: private_ips(eni),
        ipv6_addresses: ipv6s(eni),
        ipv4_prefixes: eni
            .ipv4_prefixes()
            .iter()
            .filter_map(|p| owned(p.ipv4_prefix()))
            .collect(),
        ipv6_prefixes: eni
            .ipv6_prefixes()
            .iter()
            .filter_map(|p| owned(p.ipv6_prefix()))
            .collect(),
        ipv6_native: eni.ipv6_native().unwrap_or(false),
        groups: eni
            .groups()
            .iter()
            .filter_map(|g| {
                Some(GroupRef {
                    group_id: id(g.group_id())?,
                    group_name: text(g.group_name()),
                })
            })
            .collect(),
        source_dest_check: eni.source_dest_check().unwrap_or(true),
        deny_all_igw_traffic: eni.deny_all_igw_traffic().unwrap_or(false),
        interface_type: owned(eni.interface_type().map(|t| t.as_str()))
            .unwrap_or_else(|| "interface".into()),
        attachment: eni.attachment().and_then(attachment),
        connection_tracking_configuration: eni.connection_tracking_configuration().map(|c| {
            ConnectionTracking {
                tcp_established_timeout: c.tcp_established_timeout(),
                udp_stream_timeout: c.udp_stream_timeout(),
                udp_timeout: c.udp_timeout(),
            }
        }),
        // Only `DescribeNetworkInterfaceAttribute` tells.
        associate_public_ip_address: None,
        tag_set: tags(eni.tag_set()),
        outpost_arn: owned(eni.outpost_arn()),
        associated_subnets: eni
            .associated_subnets()
            .iter()
            .filter_map(|s| owned(Some(s)))
            .collect(),
    })
}

/// The primary first. The interface repeats its primary address and that address's association;
/// both fill in where the list is incomplete.
fn private_ips(eni: &sdk::NetworkInterface) -> Vec<PrivateIp> {
    let mut found: Vec<PrivateIp> = eni
        .private_ip_addresses()
        .iter()
        .filter_map(|ip| {
            Some(PrivateIp {
                private_ip_address: v4(ip.private_ip_address())?,
                primary: ip.primary().unwrap_or(false),
                private_dns_name: owned(ip.private_dns_name()),
                association: ip.association().and_then(association),
            })
        })
        .collect();
    if found.is_empty()
        && let Some(primary) = v4(eni.private_ip_address())
    {
        found.push(PrivateIp {
            private_ip_address: primary,
            primary: true,
            private_dns_name: owned(eni.private_dns_name()),
            association: None,
        });
    }
    found.sort_by_key(|ip| !ip.primary);
    let told = eni.association().and_then(association);
    if let (Some(told), Some(first)) = (told, found.first_mut())
        && first.primary
        && first.association.is_none()
    {
        first.association = Some(told);
    }
    found
}

fn ipv6s(eni: &sdk::NetworkInterface) -> Vec<Ipv6> {
    eni.ipv6_addresses()
        .iter()
        .filter_map(|ip| {
            Some(Ipv6 {
                ipv6_address: some(ip.ipv6_address())?.parse::<Ipv6Addr>().ok()?,
                is_primary_ipv6: ip.is_primary_ipv6().unwrap_or(false),
                public_ipv6_dns_name: owned(ip.public_ipv6_dns_name()),
            })
        })
        .collect()
}

fn association(a: &sdk::NetworkInterfaceAssociation) -> Option<Association> {
    Some(Association {
        public_ip: v4(a.public_ip()).or_else(|| v4(a.carrier_ip()))?,
        public_dns_name: owned(a.public_dns_name()),
        ip_owner_id: text(a.ip_owner_id()),
        allocation_id: id(a.allocation_id()),
        association_id: id(a.association_id()),
        carrier_ip: owned(a.carrier_ip()),
        customer_owned_ip: owned(a.customer_owned_ip()),
    })
}

fn attachment(a: &sdk::NetworkInterfaceAttachment) -> Option<Attachment> {
    Some(Attachment {
        attachment_id: id(a.attachment_id())?,
        status: text(a.status().map(|s| s.as_str())).into(),
        device_index: count(a.device_index()),
        network_card_index: count(a.network_card_index()),
        instance_id: id(a.instance_id()),
        instance_owner_id: owned(a.instance_owner_id()),
        delete_on_termination: a.delete_on_termination().unwrap_or(false),
        attach_time: moment(a.attach_time()),
        ena_srd_specification: a.ena_srd_specification().map(|e| {
            let udp = e.ena_srd_udp_specification();
            EnaSrd {
                ena_srd_enabled: e.ena_srd_enabled().unwrap_or(false),
                ena_srd_udp_enabled: udp.and_then(|u| u.ena_srd_udp_enabled()).unwrap_or(false),
            }
        }),
        ena_queue_count: a.ena_queue_count(),
    })
}
