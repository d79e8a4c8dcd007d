//! Calls on routes, VPCs, subnets, groups, gateways and tags.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ConnectivityType, Tag};
use enipilot::ec2::call::{Answer, Call};

use super::{dry_run, id, list, refusal, tag, text};
use crate::conformance::road::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

pub async fn change(client: &Client, call: &Call, dry: bool) -> Option<Result<Answer>> {
    let dry = dry_run(dry);
    if let Some(answer) = route(client, call, dry).await {
        return Some(answer);
    }
    if let Some(answer) = gateway(client, call, dry).await {
        return Some(answer);
    }
    place(client, call, dry).await
}

async fn route(client: &Client, call: &Call, dry: Option<bool>) -> Option<Result<Answer>> {
    Some(match call {
        Call::CreateRoute(call) => plain!(
            client
                .create_route()
                .route_table_id(call.route_table_id.as_str())
                .destination_cidr_block(&*call.destination)
                .set_network_interface_id(text(&call.network_interface_id))
                .set_instance_id(text(&call.instance_id))
                .set_gateway_id(text(&call.gateway_id))
                .set_dry_run(dry)
        ),
        Call::ReplaceRoute(call) => plain!(
            client
                .replace_route()
                .route_table_id(call.route_table_id.as_str())
                .destination_cidr_block(&*call.destination)
                .set_network_interface_id(text(&call.network_interface_id))
                .set_instance_id(text(&call.instance_id))
                .set_gateway_id(text(&call.gateway_id))
                .set_dry_run(dry)
        ),
        Call::DeleteRoute(call) => plain!(
            client
                .delete_route()
                .route_table_id(call.route_table_id.as_str())
                .destination_cidr_block(&*call.destination)
                .set_dry_run(dry)
        ),
        Call::CreateRouteTable(call) => {
            let request = client.create_route_table().vpc_id(call.vpc_id.as_str());
            let answer = request.set_dry_run(dry).send().await;
            answer.map_err(refusal).map(|answer| Answer {
                route_table_id: id(answer.route_table().and_then(|t| t.route_table_id())),
                ..Answer::default()
            })
        }
        Call::DeleteRouteTable(call) => plain!(
            client
                .delete_route_table()
                .route_table_id(call.route_table_id.as_str())
                .set_dry_run(dry)
        ),
        Call::AssociateRouteTable(call) => plain!(
            client
                .associate_route_table()
                .route_table_id(call.route_table_id.as_str())
                .subnet_id(call.subnet_id.as_str())
                .set_dry_run(dry)
        ),
        _ => return None,
    })
}

async fn gateway(client: &Client, call: &Call, dry: Option<bool>) -> Option<Result<Answer>> {
    Some(match call {
        Call::CreateInternetGateway(_) => {
            let answer = client
                .create_internet_gateway()
                .set_dry_run(dry)
                .send()
                .await;
            answer.map_err(refusal).map(|answer| {
                let made = answer.internet_gateway();
                Answer {
                    internet_gateway_id: id(made.and_then(|g| g.internet_gateway_id())),
                    ..Answer::default()
                }
            })
        }
        Call::AttachInternetGateway(call) => plain!(
            client
                .attach_internet_gateway()
                .internet_gateway_id(call.internet_gateway_id.as_str())
                .vpc_id(call.vpc_id.as_str())
                .set_dry_run(dry)
        ),
        Call::DetachInternetGateway(call) => plain!(
            client
                .detach_internet_gateway()
                .internet_gateway_id(call.internet_gateway_id.as_str())
                .vpc_id(call.vpc_id.as_str())
                .set_dry_run(dry)
        ),
        Call::DeleteInternetGateway(call) => plain!(
            client
                .delete_internet_gateway()
                .internet_gateway_id(call.internet_gateway_id.as_str())
                .set_dry_run(dry)
        ),
        Call::CreateNatGateway(call) => {
            let kind = call.connectivity_type.as_deref();
            let request = client
                .create_nat_gateway()
                .subnet_id(call.subnet_id.as_str())
                .set_allocation_id(text(&call.allocation_id))
                .set_connectivity_type(kind.map(ConnectivityType::from))
                .set_dry_run(dry);
            request.send().await.map_err(refusal).map(|answer| Answer {
                nat_gateway_id: id(answer.nat_gateway().and_then(|g| g.nat_gateway_id())),
                ..Answer::default()
            })
        }
        Call::DeleteNatGateway(call) => plain!(
            client
                .delete_nat_gateway()
                .nat_gateway_id(call.nat_gateway_id.as_str())
                .set_dry_run(dry)
        ),
        _ => return None,
    })
}

async fn place(client: &Client, call: &Call, dry: Option<bool>) -> Option<Result<Answer>> {
    Some(match call {
        Call::CreateVpc(call) => {
            let request = client.create_vpc().cidr_block(&*call.cidr_block);
            let answer = request.set_dry_run(dry).send().await;
            answer.map_err(refusal).map(|answer| Answer {
                vpc_id: id(answer.vpc().and_then(|v| v.vpc_id())),
                ..Answer::default()
            })
        }
        Call::DeleteVpc(call) => plain!(
            client
                .delete_vpc()
                .vpc_id(call.vpc_id.as_str())
                .set_dry_run(dry)
        ),
        Call::CreateSubnet(call) => {
            let request = client
                .create_subnet()
                .vpc_id(call.vpc_id.as_str())
                .cidr_block(&*call.cidr_block)
                .set_availability_zone(text(&call.availability_zone))
                .set_dry_run(dry);
            request.send().await.map_err(refusal).map(|answer| Answer {
                subnet_id: id(answer.subnet().and_then(|s| s.subnet_id())),
                ..Answer::default()
            })
        }
        Call::DeleteSubnet(call) => plain!(
            client
                .delete_subnet()
                .subnet_id(call.subnet_id.as_str())
                .set_dry_run(dry)
        ),
        Call::CreateSecurityGroup(call) => {
            let request = client
                .create_security_group()
                .group_name(&*call.group_name)
                .description(&*call.description)
                .set_vpc_id(text(&call.vpc_id))
                .set_dry_run(dry);
            request.send().await.map_err(refusal).map(|answer| Answer {
                group_id: id(answer.group_id()),
                ..Answer::default()
            })
        }
        Call::DeleteSecurityGroup(call) => plain!(
            client
                .delete_security_group()
                .group_id(call.group_id.as_str())
                .set_dry_run(dry)
        ),
        Call::CreateTags(call) => plain!(
            client
                .create_tags()
                .set_resources(list(&call.resources))
                .set_tags(Some(call.tags.iter().map(tag).collect()))
                .set_dry_run(dry)
        ),
        Call::DeleteTags(call) => {
            let tags = call.tags.iter().map(|(key, value)| {
                let value = value.as_ref().map(ToString::to_string);
                Tag::builder().key(&**key).set_value(value).build()
            });
            plain!(
                client
                    .delete_tags()
                    .set_resources(list(&call.resources))
                    .set_tags(Some(tags.collect()))
                    .set_dry_run(dry)
            )
        }
        _ => return None,
    })
}
