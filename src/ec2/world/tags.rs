//! The tags of any resource, found by its id alone, as `CreateTags` names it.

use super::World;
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId, RouteTableId,
    SubnetId, VpcId,
};
use crate::ec2::resource::Tag;

impl World {
    /// The tags of a resource; `None` if there is no such resource.
    pub fn tags_of(&self, id: &str) -> Option<&[Tag]> {
        let tags = match kind(id) {
            VpcId::PREFIX => &self.vpc(&id.into())?.tags,
            SubnetId::PREFIX => &self.subnet(&id.into())?.tags,
            InstanceId::PREFIX => &self.instance(&id.into())?.tags,
            EniId::PREFIX => &self.eni(&id.into())?.tag_set,
            GroupId::PREFIX => &self.group(&id.into())?.tags,
            AllocationId::PREFIX => &self.address(&id.into())?.tags,
            RouteTableId::PREFIX => &self.route_table(&id.into())?.tags,
            InternetGatewayId::PREFIX => &self.internet_gateway(&id.into())?.tags,
            NatGatewayId::PREFIX => &self.nat_gateway(&id.into())?.tags,
            _ => return None,
        };
        Some(tags)
    }

    /// Replaces the tags of a resource; nothing if there is no such resource.
    pub(in crate::ec2) fn set_tags(&mut self, id: &str, tags: &[Tag]) {
        macro_rules! replace {
            ($get:ident, $put:ident, $field:ident) => {
                if let Some(found) = self.$get(&id.into()) {
                    let mut changed = found.as_ref().clone();
                    changed.$field = tags.to_vec();
                    self.$put(changed);
                }
            };
        }
        match kind(id) {
            VpcId::PREFIX => replace!(vpc, put_vpc, tags),
            SubnetId::PREFIX => replace!(subnet, put_subnet, tags),
            InstanceId::PREFIX => replace!(instance, put_instance, tags),
            EniId::PREFIX => replace!(eni, put_eni, tag_set),
            GroupId::PREFIX => replace!(group, put_group, tags),
            AllocationId::PREFIX => replace!(address, put_address, tags),
            RouteTableId::PREFIX => replace!(route_table, put_route_table, tags),
            InternetGatewayId::PREFIX => {
                replace!(internet_gateway, put_internet_gateway, tags);
            }
            NatGatewayId::PREFIX => replace!(nat_gateway, put_nat_gateway, tags),
            _ => {}
        }
    }
}

/// What an id begins with, up to and with its last dash.
fn kind(id: &str) -> &str {
    id.rfind('-').and_then(|n| id.get(..=n)).unwrap_or_default()
}
