//! Calls on VPCs, subnets, security groups, gateways and tags.

use super::super::params::{Params, missing};
use super::{keys_and_values, tags};
use crate::ec2::call::{
    CreateInternetGateway, CreateNatGateway, CreateSecurityGroup, CreateSubnet, CreateTags,
    CreateVpc, DeleteInternetGateway, DeleteNatGateway, DeleteSecurityGroup, DeleteSubnet,
    DeleteTags, DeleteVpc, GatewayAttachment, ModifySubnet, ModifyVpc,
};
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::ec2::resource::Tag;

pub(super) fn create_vpc(p: &mut Params) -> Result<CreateVpc, ApiError> {
    Ok(CreateVpc {
        cidr_block: p.needed_id("CidrBlock")?,
        tags: tags(p, "vpc")?,
    })
}

pub(super) fn delete_vpc(p: &mut Params) -> Result<DeleteVpc, ApiError> {
    Ok(DeleteVpc {
        vpc_id: p.needed_id("VpcId")?,
    })
}

pub(super) fn modify_vpc(p: &mut Params) -> Result<ModifyVpc, ApiError> {
    Ok(ModifyVpc {
        vpc_id: p.needed_id("VpcId")?,
        enable_dns_support: p.flag("EnableDnsSupport.Value")?,
        enable_dns_hostnames: p.flag("EnableDnsHostnames.Value")?,
    })
}

pub(super) fn modify_subnet(p: &mut Params) -> Result<ModifySubnet, ApiError> {
    Ok(ModifySubnet {
        subnet_id: p.needed_id("SubnetId")?,
        map_public_ip_on_launch: p.flag("MapPublicIpOnLaunch.Value")?,
        assign_ipv6_address_on_creation: p.flag("AssignIpv6AddressOnCreation.Value")?,
    })
}

pub(super) fn create_subnet(p: &mut Params) -> Result<CreateSubnet, ApiError> {
    Ok(CreateSubnet {
        vpc_id: p.needed_id("VpcId")?,
        cidr_block: p.needed_id("CidrBlock")?,
        ipv6_cidr_block: p.id("Ipv6CidrBlock"),
        availability_zone: p.id("AvailabilityZone"),
        tags: tags(p, "subnet")?,
    })
}

pub(super) fn delete_subnet(p: &mut Params) -> Result<DeleteSubnet, ApiError> {
    Ok(DeleteSubnet {
        subnet_id: p.needed_id("SubnetId")?,
    })
}

pub(super) fn create_group(p: &mut Params) -> Result<CreateSecurityGroup, ApiError> {
    Ok(CreateSecurityGroup {
        group_name: p.needed_id("GroupName")?,
        description: p.needed_id("GroupDescription")?,
        vpc_id: p.id("VpcId"),
        tags: tags(p, "security-group")?,
    })
}

pub(super) fn delete_group(p: &mut Params) -> Result<DeleteSecurityGroup, ApiError> {
    Ok(DeleteSecurityGroup {
        group_id: p.needed_id("GroupId")?,
    })
}

pub(super) fn create_gateway(p: &mut Params) -> Result<CreateInternetGateway, ApiError> {
    Ok(CreateInternetGateway {
        tags: tags(p, "internet-gateway")?,
    })
}

pub(super) fn attachment(p: &mut Params) -> Result<GatewayAttachment, ApiError> {
    Ok(GatewayAttachment {
        internet_gateway_id: p.needed_id("InternetGatewayId")?,
        vpc_id: p.needed_id("VpcId")?,
    })
}

pub(super) fn delete_gateway(p: &mut Params) -> Result<DeleteInternetGateway, ApiError> {
    Ok(DeleteInternetGateway {
        internet_gateway_id: p.needed_id("InternetGatewayId")?,
    })
}

pub(super) fn create_nat(p: &mut Params) -> Result<CreateNatGateway, ApiError> {
    Ok(CreateNatGateway {
        subnet_id: p.needed_id("SubnetId")?,
        allocation_id: p.id("AllocationId"),
        connectivity_type: p.id("ConnectivityType"),
        private_ip_address: p.ipv4("PrivateIpAddress")?,
        tags: tags(p, "natgateway")?,
        client_token: p.id("ClientToken"),
    })
}

pub(super) fn delete_nat(p: &mut Params) -> Result<DeleteNatGateway, ApiError> {
    Ok(DeleteNatGateway {
        nat_gateway_id: p.needed_id("NatGatewayId")?,
    })
}

fn resources(p: &mut Params) -> Result<Vec<Str>, ApiError> {
    let resources: Vec<Str> = p.ids("ResourceId")?;
    if resources.is_empty() {
        return Err(missing("ResourceId"));
    }
    Ok(resources)
}

pub(super) fn create_tags(p: &mut Params) -> Result<CreateTags, ApiError> {
    let resources = resources(p)?;
    let tags: Vec<_> = keys_and_values(p)?
        .into_iter()
        .map(|(key, value)| Tag {
            key: key.into(),
            value: value.unwrap_or_default().into(),
        })
        .collect();
    if tags.is_empty() {
        return Err(missing("Tag"));
    }
    Ok(CreateTags { resources, tags })
}

pub(super) fn delete_tags(p: &mut Params) -> Result<DeleteTags, ApiError> {
    let resources = resources(p)?;
    let tags = keys_and_values(p)?.into_iter();
    Ok(DeleteTags {
        resources,
        tags: tags
            .map(|(key, value)| (key.into(), value.map(Into::into)))
            .collect(),
    })
}
