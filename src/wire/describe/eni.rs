//! `DescribeNetworkInterfaces` and `DescribeNetworkInterfaceAttribute`.

use super::super::page::Ask;
use super::super::params::{Params, invalid_value};
use super::super::xml::Xml;
use super::{PAGES, Values, all_exist, all_well_formed, listed, one, passes, told, write_tags};
use crate::ec2::eni::{Association, Attachment, Eni, PrivateIp};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::world::World;
use std::borrow::Cow;

const ASK: Ask = Ask {
    action: "DescribeNetworkInterfaces",
    ids: ("NetworkInterfaceId", "networkInterfaceIdSet"),
    rows: PAGES,
    exclusive: true,
    filters: FILTERS,
};

/// Every filter that the API Reference lists, but for those by tag value.
pub(super) const FILTERS: &[&str] = &[
    "addresses.association.owner-id",
    "addresses.association.public-ip",
    "addresses.primary",
    "addresses.private-ip-address",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-dns-name",
    "association.public-ip",
    "attachment.attach-time",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "interface-type",
    "ipv6-addresses.ipv6-address",
    "mac-address",
    "network-interface-id",
    "operator.managed",
    "operator.principal",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "tag-key",
    "vpc-id",
];

/// `DescribeNetworkInterfaces`.
pub(super) fn describe(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let hidden_too = params.flag("IncludeManagedResources")?.unwrap_or(false);
    let query = ASK.query(world, params)?;
    let known = |id: &str| world.eni(&id.into()).is_some();
    all_well_formed(
        &query.ids,
        "InvalidNetworkInterfaceId.Malformed",
        EniId::PREFIX,
        |id| known(id) || EniId::well_formed(id),
    )?;
    all_exist(
        &query.ids,
        "InvalidNetworkInterfaceID.NotFound",
        "networkInterface",
        known,
    )?;
    let shown = |eni: &&Eni| {
        let hidden = eni.operator.as_ref().is_some_and(|o| o.hidden_by_default);
        !hidden || hidden_too || !query.ids.is_empty()
    };
    let rows: Box<dyn Iterator<Item = &Eni>> = if query.ids.is_empty() {
        // From where the page before ended: so a page costs the same wherever it is.
        match query.after() {
            Some(after) => Box::new(world.enis_after(after.into()).map(|eni| &**eni)),
            None => Box::new(world.enis().map(|eni| &**eni)),
        }
    } else {
        let ids = query.ids.iter();
        Box::new(ids.filter_map(|id| world.eni(&id.as_str().into()).map(|eni| &**eni)))
    };
    let page = query.page(
        rows.filter(shown),
        |eni| eni.id.as_str(),
        |eni, filter| passes(filter, &eni.tag_set, |name| values(eni, name)),
    );
    listed(&query, "networkInterfaceSet", page, write)
}

/// What an interface has for a filter. Association filters ask about every address's association:
/// the interface only repeats that of its primary one.
pub(super) fn values<'a>(eni: &'a Eni, name: &str) -> Values<'a> {
    let text = |value: &'a str| one(Some(value));
    match name {
        "availability-zone" => text(&eni.availability_zone),
        "availability-zone-id" => one(eni.availability_zone_id.as_deref()),
        "description" => text(&eni.description),
        "group-id" => eni
            .groups
            .iter()
            .map(|g| g.group_id.as_str().into())
            .collect(),
        "group-name" => eni
            .groups
            .iter()
            .map(|g| Cow::from(&*g.group_name))
            .collect(),
        "interface-type" => text(&eni.interface_type),
        "ipv6-addresses.ipv6-address" => {
            let all = eni.ipv6_addresses.iter();
            all.map(|ip| ip.ipv6_address.to_string().into()).collect()
        }
        "mac-address" => text(&eni.mac_address),
        "network-interface-id" => text(eni.id.as_str()),
        "operator.managed" => told(eni.operator.as_ref().is_some_and(|o| o.managed)),
        "operator.principal" => one(eni.operator.as_ref().and_then(|o| o.principal.as_deref())),
        "owner-id" => text(&eni.owner_id),
        "private-dns-name" => one(eni.private_dns_name.as_deref()),
        "private-ip-address" | "addresses.private-ip-address" => {
            let all = eni.private_ip_addresses.iter();
            all.map(|ip| ip.private_ip_address.to_string().into())
                .collect()
        }
        "addresses.primary" => {
            let all = eni.private_ip_addresses.iter();
            all.map(|ip| ip.primary.to_string().into()).collect()
        }
        "requester-id" => one(eni.requester_id.as_deref()),
        "requester-managed" => told(eni.requester_managed),
        "source-dest-check" => told(eni.source_dest_check),
        "status" => text(eni.status.as_str()),
        "subnet-id" => text(eni.subnet_id.as_str()),
        "vpc-id" => text(eni.vpc_id.as_str()),
        _ => match name.split_once("association.") {
            Some((_, member)) => of_associations(eni, member),
            None => eni
                .attachment
                .as_ref()
                .map_or_else(Vec::new, |a| of_attachment(a, name)),
        },
    }
}

fn of_associations<'a>(eni: &'a Eni, member: &str) -> Values<'a> {
    eni.associations()
        .filter_map(|(_, a)| match member {
            "allocation-id" => a.allocation_id.as_ref().map(|id| id.as_str().into()),
            "association-id" => a.association_id.as_ref().map(|id| id.as_str().into()),
            "ip-owner-id" | "owner-id" => Some(Cow::from(&*a.ip_owner_id)),
            "public-dns-name" => a.public_dns_name.as_deref().map(Cow::from),
            "public-ip" => Some(a.public_ip.to_string().into()),
            _ => None,
        })
        .collect()
}

fn of_attachment<'a>(a: &'a Attachment, name: &str) -> Values<'a> {
    match name {
        "attachment.attach-time" => a.attach_time.map_or_else(Vec::new, told),
        "attachment.attachment-id" => one(Some(a.attachment_id.as_str())),
        "attachment.delete-on-termination" => told(a.delete_on_termination),
        "attachment.device-index" => told(a.device_index),
        "attachment.instance-id" => one(a.instance_id.as_ref().map(|id| id.as_str())),
        "attachment.instance-owner-id" => one(a.instance_owner_id.as_deref()),
        "attachment.status" => one(Some(a.status.as_str())),
        _ => Vec::new(),
    }
}

/// `NetworkInterface`.
pub(in crate::wire) fn write(x: &mut Xml, eni: &Eni) {
    let primary = eni.private_ip_addresses.iter().find(|ip| ip.primary);
    x.text("networkInterfaceId", &eni.id);
    x.text("subnetId", &eni.subnet_id);
    x.text("vpcId", &eni.vpc_id);
    x.text("availabilityZone", &eni.availability_zone);
    x.maybe("availabilityZoneId", eni.availability_zone_id.as_ref());
    x.text("description", &eni.description);
    x.text("ownerId", &eni.owner_id);
    x.maybe("requesterId", eni.requester_id.as_ref());
    x.text("requesterManaged", eni.requester_managed);
    if let Some(operator) = &eni.operator {
        x.within("operator", |x| {
            x.text("managed", operator.managed);
            x.maybe("principal", operator.principal.as_ref());
            x.text("hiddenByDefault", operator.hidden_by_default);
        });
    }
    x.text("status", &eni.status);
    x.text("macAddress", &eni.mac_address);
    x.maybe("privateIpAddress", primary.map(|ip| ip.private_ip_address));
    x.maybe("privateDnsName", eni.private_dns_name.as_ref());
    x.maybe("publicDnsName", eni.public_dns_name.as_ref());
    if let Some(names) = &eni.public_ip_dns_name_options {
        x.within("publicIpDnsNameOptions", |x| {
            x.maybe("dnsHostnameType", names.dns_hostname_type.as_ref());
            x.maybe("publicIpv4DnsName", names.public_ipv4_dns_name.as_ref());
            x.maybe("publicIpv6DnsName", names.public_ipv6_dns_name.as_ref());
            x.maybe(
                "publicDualStackDnsName",
                names.public_dual_stack_dns_name.as_ref(),
            );
        });
    }
    x.text("sourceDestCheck", eni.source_dest_check);
    x.text("denyAllIgwTraffic", eni.deny_all_igw_traffic);
    x.text("interfaceType", &eni.interface_type);
    write_groups(x, eni);
    if let Some(attachment) = &eni.attachment {
        x.within("attachment", |x| write_attachment(x, attachment));
    }
    if let Some(association) = primary.and_then(|ip| ip.association.as_ref()) {
        x.within("association", |x| write_association(x, association));
    }
    write_tags(x, &eni.tag_set);
    x.list(
        "privateIpAddressesSet",
        &eni.private_ip_addresses,
        write_private_ip,
    );
    write_ipv6(x, eni);
    x.list("ipv4PrefixSet", &eni.ipv4_prefixes, |x, prefix| {
        x.text("ipv4Prefix", prefix);
    });
    x.list("ipv6PrefixSet", &eni.ipv6_prefixes, |x, prefix| {
        x.text("ipv6Prefix", prefix);
    });
    x.text("ipv6Native", eni.ipv6_native);
    if let Some(tracking) = &eni.connection_tracking_configuration {
        x.within("connectionTrackingConfiguration", |x| {
            x.maybe("tcpEstablishedTimeout", tracking.tcp_established_timeout);
            x.maybe("udpStreamTimeout", tracking.udp_stream_timeout);
            x.maybe("udpTimeout", tracking.udp_timeout);
        });
    }
    x.maybe("outpostArn", eni.outpost_arn.as_ref());
    if !eni.associated_subnets.is_empty() {
        x.list("associatedSubnetSet", &eni.associated_subnets, Xml::plain);
    }
}

/// `groupSet`.
pub(super) fn write_groups(x: &mut Xml, eni: &Eni) {
    x.list("groupSet", &eni.groups, |x, group| {
        x.text("groupId", &group.group_id);
        x.text("groupName", &group.group_name);
    });
}

/// `ipv6Address` and `ipv6AddressesSet`.
pub(super) fn write_ipv6(x: &mut Xml, eni: &Eni) {
    let all = &eni.ipv6_addresses;
    let first = all.iter().find(|ip| ip.is_primary_ipv6).or(all.first());
    x.maybe("ipv6Address", first.map(|ip| ip.ipv6_address));
    x.list("ipv6AddressesSet", all, |x, ip| {
        x.text("ipv6Address", ip.ipv6_address);
        x.text("isPrimaryIpv6", ip.is_primary_ipv6);
        x.maybe("publicIpv6DnsName", ip.public_ipv6_dns_name.as_ref());
    });
}

fn write_private_ip(x: &mut Xml, ip: &PrivateIp) {
    x.text("privateIpAddress", ip.private_ip_address);
    x.maybe("privateDnsName", ip.private_dns_name.as_ref());
    x.text("primary", ip.primary);
    if let Some(association) = &ip.association {
        x.within("association", |x| write_association(x, association));
    }
}

fn write_association(x: &mut Xml, a: &Association) {
    x.text("publicIp", a.public_ip);
    x.maybe("publicDnsName", a.public_dns_name.as_ref());
    x.text("ipOwnerId", &a.ip_owner_id);
    x.maybe("allocationId", a.allocation_id.as_ref());
    x.maybe("associationId", a.association_id.as_ref());
    x.maybe("carrierIp", a.carrier_ip.as_ref());
    x.maybe("customerOwnedIp", a.customer_owned_ip.as_ref());
}

fn write_attachment(x: &mut Xml, a: &Attachment) {
    x.text("attachmentId", &a.attachment_id);
    x.maybe("instanceId", a.instance_id.as_ref());
    x.maybe("instanceOwnerId", a.instance_owner_id.as_ref());
    write_place(x, a);
}

/// What an attachment says inside an interface and inside an instance alike.
pub(super) fn write_place(x: &mut Xml, a: &Attachment) {
    x.text("deviceIndex", a.device_index);
    x.text("networkCardIndex", a.network_card_index);
    x.text("status", &a.status);
    x.maybe("attachTime", a.attach_time);
    x.text("deleteOnTermination", a.delete_on_termination);
    if let Some(srd) = &a.ena_srd_specification {
        x.within("enaSrdSpecification", |x| {
            x.text("enaSrdEnabled", srd.ena_srd_enabled);
            x.within("enaSrdUdpSpecification", |x| {
                x.text("enaSrdUdpEnabled", srd.ena_srd_udp_enabled);
            });
        });
    }
    x.maybe("enaQueueCount", a.ena_queue_count);
}

/// `DescribeNetworkInterfaceAttribute`: one attribute of one interface.
pub(super) fn attribute(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let id = params.needed("NetworkInterfaceId")?;
    let name = params.needed("Attribute")?;
    params.finish()?;
    let found = world.eni(&id.as_str().into());
    let ids = [id.clone()].into();
    all_well_formed(
        &ids,
        "InvalidNetworkInterfaceId.Malformed",
        EniId::PREFIX,
        |id| found.is_some() || EniId::well_formed(id),
    )?;
    let exists = |_: &str| found.is_some();
    all_exist(
        &ids,
        "InvalidNetworkInterfaceID.NotFound",
        "networkInterface",
        exists,
    )?;
    let mut xml = Xml::ec2("DescribeNetworkInterfaceAttribute");
    xml.text("networkInterfaceId", &id);
    let Some(eni) = found else { return Ok(xml) };
    match name.as_str() {
        "description" => {
            xml.within("description", |x| {
                x.text("value", &eni.description);
            });
        }
        "sourceDestCheck" => {
            xml.within("sourceDestCheck", |x| {
                x.text("value", eni.source_dest_check);
            });
        }
        "groupSet" => write_groups(&mut xml, eni),
        "attachment" => {
            if let Some(attachment) = &eni.attachment {
                xml.within("attachment", |x| write_attachment(x, attachment));
            }
        }
        "associatePublicIpAddress" => {
            xml.maybe("associatePublicIpAddress", eni.associate_public_ip_address);
        }
        other => {
            let expecting = "Expecting description, groupSet, sourceDestCheck or attachment.";
            return Err(invalid_value("Attribute", other, expecting));
        }
    }
    Ok(xml)
}
