//! Calls that change an attribute of what interfaces live in.

use serde::{Deserialize, Serialize};

use super::args::Args;
use crate::ec2::id::{SubnetId, VpcId};

/// Parameters of `ModifyVpcAttribute`; EC2 takes one attribute a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyVpc {
    /// Which VPC.
    pub vpc_id: VpcId,
    /// `EnableDnsSupport.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dns_support: Option<bool>,
    /// `EnableDnsHostnames.Value`: whether interfaces get DNS names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dns_hostnames: Option<bool>,
}

/// Parameters of `ModifySubnetAttribute`; EC2 takes one attribute a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifySubnet {
    /// Which subnet.
    pub subnet_id: SubnetId,
    /// `MapPublicIpOnLaunch.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map_public_ip_on_launch: Option<bool>,
    /// `AssignIpv6AddressOnCreation.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assign_ipv6_address_on_creation: Option<bool>,
}

/// `Name.Value=true` over the wire, `--name` or `--no-name` for the aws CLI.
fn flag(args: &mut Args, wire: &str, option: &str, on: Option<bool>) {
    if let Some(on) = on {
        args.wire(format!("{wire}.Value"), on);
        args.flag(option, on);
    }
}

impl ModifyVpc {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("VpcId", &self.vpc_id);
        let (support, names) = (self.enable_dns_support, self.enable_dns_hostnames);
        flag(args, "EnableDnsSupport", "enable-dns-support", support);
        flag(args, "EnableDnsHostnames", "enable-dns-hostnames", names);
    }
}

impl ModifySubnet {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("SubnetId", &self.subnet_id);
        let public = self.map_public_ip_on_launch;
        flag(
            args,
            "MapPublicIpOnLaunch",
            "map-public-ip-on-launch",
            public,
        );
        let ipv6 = self.assign_ipv6_address_on_creation;
        let option = "assign-ipv6-address-on-creation";
        flag(args, "AssignIpv6AddressOnCreation", option, ipv6);
    }
}
