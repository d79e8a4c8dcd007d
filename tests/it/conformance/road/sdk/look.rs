//! Describes.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, InstanceType, NetworkInterface, NetworkInterfaceAttribute};

use super::refusal;
use crate::conformance::road::{Look, Refusal, Rows};

type Result<T> = std::result::Result<T, Refusal>;

fn ids(look: &Look) -> Option<Vec<String>> {
    (!look.ids.is_empty()).then(|| look.ids.clone())
}

fn filters(look: &Look) -> Option<Vec<Filter>> {
    let all = look.filters.iter().map(|(name, values)| {
        let filter = Filter::builder().name(name);
        filter.set_values(Some(values.clone())).build()
    });
    (!look.filters.is_empty()).then(|| all.collect())
}

fn told<'a>(ids: impl IntoIterator<Item = Option<&'a str>>, token: Option<&str>) -> Rows {
    let ids: Vec<String> = ids.into_iter().flatten().map(str::to_owned).collect();
    Rows {
        pages: vec![ids.len()],
        ids,
        token: token.is_some_and(|t| !t.is_empty()),
        ..Rows::default()
    }
}

impl Rows {
    fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|v| (name.to_owned(), v.to_string()));
        self.fields.extend(value);
        self
    }
}

/// A describe of which only ids are looked at.
macro_rules! rows {
    ($look:ident, $request:expr, $set:ident, $id:ident) => {{
        let answer = $request.set_filters(filters($look)).send().await;
        let answer = answer.map_err(refusal)?;
        told(answer.$set().iter().map(|row| row.$id()), None)
    }};
}

pub async fn look(client: &Client, look: &Look) -> Result<Rows> {
    let ids = || ids(look);
    Ok(match look.action.as_str() {
        "DescribeNetworkInterfaces" if look.all => interfaces_by_pages(client, look).await?,
        "DescribeNetworkInterfaces" => interfaces(client, look).await?,
        "DescribeNetworkInterfaceAttribute" => attribute(client, look).await?,
        "DescribeInstances" => instances(client, look).await?,
        "DescribeAddresses" => addresses(client, look).await?,
        "DescribeNatGateways" => nat_gateways(client, look).await?,
        "DescribeInstanceTypes" => types(client, look).await?,
        "DescribeTags" => tags(client, look).await?,
        "DescribeSubnets" => {
            let request = client.describe_subnets().set_subnet_ids(ids());
            rows!(look, request, subnets, subnet_id)
        }
        "DescribeVpcs" => {
            let request = client.describe_vpcs().set_vpc_ids(ids());
            rows!(look, request, vpcs, vpc_id)
        }
        "DescribeRouteTables" => {
            let request = client.describe_route_tables().set_route_table_ids(ids());
            rows!(look, request, route_tables, route_table_id)
        }
        "DescribeSecurityGroups" => {
            let request = client.describe_security_groups().set_group_ids(ids());
            rows!(look, request, security_groups, group_id)
        }
        "DescribeInternetGateways" => {
            let request = client.describe_internet_gateways();
            let request = request.set_internet_gateway_ids(ids());
            rows!(look, request, internet_gateways, internet_gateway_id)
        }
        "DescribeAvailabilityZones" => {
            let request = client.describe_availability_zones().set_zone_names(ids());
            rows!(look, request, availability_zones, zone_name)
        }
        other => panic!("no SDK call for {other}"),
    })
}

async fn interfaces(client: &Client, look: &Look) -> Result<Rows> {
    let request = client
        .describe_network_interfaces()
        .set_network_interface_ids(ids(look))
        .set_filters(filters(look))
        .set_max_results(look.max_results)
        .set_next_token(look.next_token.clone());
    let answer = request.send().await.map_err(refusal)?;
    let rows = answer.network_interfaces();
    let first = rows.first();
    let on_address = |eni: &NetworkInterface| {
        let address = eni.private_ip_addresses().first()?;
        address.association()?.public_ip().map(str::to_owned)
    };
    let ids = rows.iter().map(|e| e.network_interface_id());
    Ok(told(ids, answer.next_token())
        .with(
            "Association",
            first.and_then(|e| e.association()?.public_ip()),
        )
        .with("AddressAssociation", first.and_then(on_address)))
}

/// By the SDK's own paginator.
async fn interfaces_by_pages(client: &Client, look: &Look) -> Result<Rows> {
    let mut pages = client
        .describe_network_interfaces()
        .set_filters(filters(look))
        .set_max_results(look.max_results)
        .into_paginator()
        .send();
    let mut rows = Rows::default();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        let found = page.network_interfaces();
        let ids = found.iter().filter_map(|e| e.network_interface_id());
        rows.ids.extend(ids.map(str::to_owned));
        rows.pages.push(found.len());
    }
    Ok(rows)
}

async fn attribute(client: &Client, look: &Look) -> Result<Rows> {
    let name = look.attribute.as_deref();
    let request = client
        .describe_network_interface_attribute()
        .set_network_interface_id(look.ids.first().cloned())
        .set_attribute(name.map(NetworkInterfaceAttribute::from));
    let answer = request.send().await.map_err(refusal)?;
    let attachment = answer.attachment();
    let check = answer.source_dest_check();
    let group = answer.groups().first();
    Ok(told([answer.network_interface_id()], None)
        .with("Description", answer.description().and_then(|d| d.value()))
        .with("SourceDestCheck", check.and_then(|c| c.value()))
        .with(
            "DeleteOnTermination",
            attachment.and_then(|a| a.delete_on_termination()),
        )
        .with("Groups", group.and_then(|g| g.group_id())))
}

async fn instances(client: &Client, look: &Look) -> Result<Rows> {
    let request = client
        .describe_instances()
        .set_instance_ids(ids(look))
        .set_filters(filters(look))
        .set_max_results(look.max_results);
    let answer = request.send().await.map_err(refusal)?;
    let all = answer.reservations().iter().flat_map(|r| r.instances());
    let first = all.clone().next().map(|i| i.network_interfaces().len());
    Ok(told(all.map(|i| i.instance_id()), answer.next_token()).with("Interfaces", first))
}

async fn addresses(client: &Client, look: &Look) -> Result<Rows> {
    let request = client
        .describe_addresses()
        .set_allocation_ids(ids(look))
        .set_filters(filters(look));
    let answer = request.send().await.map_err(refusal)?;
    let rows = answer.addresses();
    let first = rows.first();
    Ok(told(rows.iter().map(|a| a.allocation_id()), None)
        .with("InstanceId", first.and_then(|a| a.instance_id()))
        .with(
            "NetworkInterfaceId",
            first.and_then(|a| a.network_interface_id()),
        ))
}

async fn nat_gateways(client: &Client, look: &Look) -> Result<Rows> {
    let request = client
        .describe_nat_gateways()
        .set_nat_gateway_ids(ids(look))
        .set_filter(filters(look));
    let answer = request.send().await.map_err(refusal)?;
    let rows = answer.nat_gateways();
    let first = rows.first();
    let address = first.and_then(|g| g.nat_gateway_addresses().first());
    Ok(
        told(rows.iter().map(|g| g.nat_gateway_id()), answer.next_token())
            .with("State", first.and_then(|g| g.state()).map(|s| s.as_str()))
            .with(
                "NetworkInterfaceId",
                address.and_then(|a| a.network_interface_id()),
            ),
    )
}

async fn types(client: &Client, look: &Look) -> Result<Rows> {
    let names = look.ids.iter().map(|t| InstanceType::from(t.as_str()));
    let request = client
        .describe_instance_types()
        .set_instance_types(Some(names.collect()))
        .set_filters(filters(look));
    let answer = request.send().await.map_err(refusal)?;
    let rows = answer.instance_types();
    let network = rows.first().and_then(|t| t.network_info());
    let most = network.and_then(|n| n.maximum_network_interfaces());
    let each = network.and_then(|n| n.ipv4_addresses_per_interface());
    let ids = rows.iter().map(|t| t.instance_type().map(|t| t.as_str()));
    Ok(told(ids, answer.next_token())
        .with("MaximumNetworkInterfaces", most)
        .with("Ipv4AddressesPerInterface", each))
}

async fn tags(client: &Client, look: &Look) -> Result<Rows> {
    let answer = client
        .describe_tags()
        .set_filters(filters(look))
        .send()
        .await;
    let answer = answer.map_err(refusal)?;
    let rows = answer.tags();
    Ok(
        told(rows.iter().map(|t| t.resource_id()), answer.next_token())
            .with("Value", rows.first().and_then(|t| t.value())),
    )
}
