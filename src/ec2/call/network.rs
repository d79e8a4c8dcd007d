//! Calls on what interfaces live in (VPCs, subnets, security groups, gateways), and on tags.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::args::{Args, Members};
use crate::ec2::id::{
    AllocationId, GroupId, InternetGatewayId, NatGatewayId, Str, SubnetId, VpcId,
};
use crate::ec2::resource::Tag;

/// Parameters of `CreateVpc`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateVpc {
    /// IPv4 range, a /16 to a /28.
    pub cidr_block: Str,
    /// `TagSpecification` of the type `vpc`.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Parameters of `DeleteVpc`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteVpc {
    /// Which VPC.
    pub vpc_id: VpcId,
}

/// Parameters of `CreateSubnet`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateSubnet {
    /// In which VPC.
    pub vpc_id: VpcId,
    /// IPv4 range, a /16 to a /28 inside the VPC's.
    pub cidr_block: Str,
    /// IPv6 range, a /64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<Str>,
    /// Zone name; the Region's first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<Str>,
    /// `TagSpecification` of the type `subnet`.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Parameters of `DeleteSubnet`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteSubnet {
    /// Which subnet.
    pub subnet_id: SubnetId,
}

/// Parameters of `CreateSecurityGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateSecurityGroup {
    /// Name, one of a kind in its VPC.
    pub group_name: Str,
    /// `GroupDescription`; it may not be empty.
    pub description: Str,
    /// In which VPC; the default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// `TagSpecification` of the type `security-group`.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Parameters of `DeleteSecurityGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteSecurityGroup {
    /// Which group.
    pub group_id: GroupId,
}

/// Parameters of `CreateInternetGateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateInternetGateway {
    /// `TagSpecification` of the type `internet-gateway`.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Parameters of `AttachInternetGateway` and `DetachInternetGateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GatewayAttachment {
    /// Which gateway.
    pub internet_gateway_id: InternetGatewayId,
    /// Which VPC.
    pub vpc_id: VpcId,
}

/// Parameters of `DeleteInternetGateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteInternetGateway {
    /// Which gateway.
    pub internet_gateway_id: InternetGatewayId,
}

/// Parameters of `CreateNatGateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateNatGateway {
    /// In which subnet.
    pub subnet_id: SubnetId,
    /// The Elastic IP of a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// `public` (when absent) or `private`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connectivity_type: Option<Str>,
    /// Its private address; EC2 chooses one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// `TagSpecification` of the type `natgateway`.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Makes a repetition safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<Str>,
}

/// Parameters of `DeleteNatGateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteNatGateway {
    /// Which gateway.
    pub nat_gateway_id: NatGatewayId,
}

/// Parameters of `CreateTags`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateTags {
    /// Of which resources, by id.
    pub resources: Vec<Str>,
    /// Tags that are added, or replaced where the key is there.
    pub tags: Vec<Tag>,
}

/// Parameters of `DeleteTags`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteTags {
    /// Of which resources, by id.
    pub resources: Vec<Str>,
    /// Which tags: by key, and by value where one is given. All of them when empty.
    #[serde(default)]
    pub tags: Vec<(Str, Option<Str>)>,
}

impl CreateVpc {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("CidrBlock", &self.cidr_block);
        args.tags("vpc", &self.tags);
    }
}

impl DeleteVpc {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("VpcId", &self.vpc_id);
    }
}

impl CreateSubnet {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("VpcId", &self.vpc_id);
        args.one("CidrBlock", &self.cidr_block);
        if let Some(block) = &self.ipv6_cidr_block {
            args.wire("Ipv6CidrBlock", block);
            args.word("ipv6-cidr-block", block);
        }
        args.some("AvailabilityZone", self.availability_zone.as_ref());
        args.tags("subnet", &self.tags);
    }
}

impl DeleteSubnet {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("SubnetId", &self.subnet_id);
    }
}

impl CreateSecurityGroup {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("GroupName", &self.group_name);
        args.wire("GroupDescription", &self.description);
        args.word("description", &self.description);
        args.some("VpcId", self.vpc_id.as_ref());
        args.tags("security-group", &self.tags);
    }
}

impl DeleteSecurityGroup {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("GroupId", &self.group_id);
    }
}

impl CreateInternetGateway {
    pub(super) fn put(&self, args: &mut Args) {
        args.tags("internet-gateway", &self.tags);
    }
}

impl GatewayAttachment {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("InternetGatewayId", &self.internet_gateway_id);
        args.one("VpcId", &self.vpc_id);
    }
}

impl DeleteInternetGateway {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("InternetGatewayId", &self.internet_gateway_id);
    }
}

impl CreateNatGateway {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("SubnetId", &self.subnet_id);
        args.some("AllocationId", self.allocation_id.as_ref());
        args.some("ConnectivityType", self.connectivity_type.as_ref());
        args.some("PrivateIpAddress", self.private_ip_address);
        args.tags("natgateway", &self.tags);
        args.some("ClientToken", self.client_token.as_ref());
    }
}

impl DeleteNatGateway {
    pub(super) fn put(&self, args: &mut Args) {
        args.one("NatGatewayId", &self.nat_gateway_id);
    }
}

impl CreateTags {
    pub(super) fn put(&self, args: &mut Args) {
        args.list("ResourceId", "resources", &self.resources);
        let tags = self.tags.iter();
        let tags: Vec<Members> = tags
            .map(|t| vec![("Key", t.key.to_string()), ("Value", t.value.to_string())])
            .collect();
        args.structures("Tag", "tags", &tags);
    }
}

impl DeleteTags {
    pub(super) fn put(&self, args: &mut Args) {
        args.list("ResourceId", "resources", &self.resources);
        let tags = self.tags.iter();
        let tags: Vec<Members> = tags
            .map(|(key, value)| {
                let value = value.as_ref().map(|v| ("Value", v.to_string()));
                [("Key", key.to_string())]
                    .into_iter()
                    .chain(value)
                    .collect()
            })
            .collect();
        args.structures("Tag", "tags", &tags);
    }
}
