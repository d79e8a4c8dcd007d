//! Whether tags may be put on, or taken off.
//!
//! Source: EC2 User Guide, "Tag restrictions".

use std::collections::BTreeSet;

use super::verdict::{Denial, Verdict};
use crate::ec2::call::{CreateTags, DeleteTags};
use crate::ec2::id::{
    AllocationId, EniId, GroupId, InstanceId, InternetGatewayId, NatGatewayId, RouteTableId, Str,
    SubnetId, VpcId,
};
use crate::ec2::resource::Tag;
use crate::ec2::world::World;

/// Tags of one resource, those of AWS not counted.
const TAGS_MAX: usize = 50;
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 256;

/// The first refusal of tags that something is created with.
pub fn check(tags: &[Tag]) -> Verdict {
    let mut keys = BTreeSet::new();
    for tag in tags {
        sound(&tag.key, &tag.value)?;
        if !keys.insert(&tag.key) {
            return Err(Denial::approximate(
                "InvalidParameterValue",
                format!("Duplicate tag key '{}' specified.", tag.key),
            )
            .because(format!("The call gives the key {} twice.", tag.key))
            .instead("Give every key once."));
        }
    }
    few(tags.len())
}

fn few(count: usize) -> Verdict {
    if count <= TAGS_MAX {
        return Ok(());
    }
    Err(Denial::approximate(
        "TagLimitExceeded",
        "The maximum number of tags for the resource has been reached.",
    )
    .because(format!(
        "The resource would have {count} tags; {TAGS_MAX} are allowed."
    ))
    .instead("Take tags off first."))
}

fn sound(key: &str, value: &str) -> Verdict {
    let refused = |text: String, because: &str| {
        Err(Denial::approximate("InvalidParameterValue", text)
            .because(because)
            .instead("Choose another key or value."))
    };
    if key.is_empty() || key.chars().count() > KEY_MAX {
        return refused(
            format!("Tag key is too short or exceeds the maximum length of {KEY_MAX} characters"),
            "A key has 1 to 128 characters.",
        );
    }
    if value.chars().count() > VALUE_MAX {
        return refused(
            format!("Tag value exceeds the maximum length of {VALUE_MAX} characters"),
            "A value has at most 256 characters.",
        );
    }
    if key.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("aws:")) {
        return refused(
            "Tag keys starting with 'aws:' are reserved for internal use".to_owned(),
            "Only AWS puts such tags on.",
        );
    }
    Ok(())
}

/// The first refusal in EC2's order.
pub fn check_create(world: &World, call: &CreateTags) -> Verdict {
    check(&call.tags)?;
    if call.tags.is_empty() {
        return Err(super::find::missing("Tag")
            .because("The call names no tag.")
            .instead("Give a key, and a value if it has one."));
    }
    for id in exist(world, &call.resources)? {
        let has = world.tags_of(id).unwrap_or_default();
        let own = has.iter().filter(|t| !t.key.starts_with("aws:"));
        let kept = own.filter(|t| call.tags.iter().all(|new| new.key != t.key));
        few(kept.count() + call.tags.len())?;
    }
    Ok(())
}

/// The first refusal in EC2's order. A tag that is not there is no error.
pub fn check_delete(world: &World, call: &DeleteTags) -> Verdict {
    for (key, _) in &call.tags {
        sound(key, "")?;
    }
    exist(world, &call.resources).map(|_| ())
}

fn exist<'c>(world: &World, ids: &'c [Str]) -> Result<&'c [Str], Denial> {
    if ids.is_empty() {
        return Err(super::find::missing("resourceIdSet")
            .because("The call names no resource.")
            .instead("Give the resources by id."));
    }
    for id in ids {
        if world.tags_of(id).is_some() {
            continue;
        }
        let kind = id.rfind('-').and_then(|n| id.get(..=n)).unwrap_or_default();
        let (code, what) = match kind {
            EniId::PREFIX => ("InvalidNetworkInterfaceID.NotFound", "networkInterface"),
            InstanceId::PREFIX => ("InvalidInstanceID.NotFound", "instance"),
            VpcId::PREFIX => ("InvalidVpcID.NotFound", "vpc"),
            SubnetId::PREFIX => ("InvalidSubnetID.NotFound", "subnet"),
            GroupId::PREFIX => ("InvalidGroup.NotFound", "security group"),
            AllocationId::PREFIX => ("InvalidAllocationID.NotFound", "allocation"),
            RouteTableId::PREFIX => ("InvalidRouteTableID.NotFound", "routeTable"),
            InternetGatewayId::PREFIX => ("InvalidInternetGatewayID.NotFound", "internetGateway"),
            NatGatewayId::PREFIX => ("NatGatewayNotFound", "natGateway"),
            _ => {
                return Err(Denial::approximate(
                    "InvalidID",
                    format!("The ID '{id}' is not valid"),
                )
                .because(format!("{id:?} is no id of a resource that can have tags."))
                .instead("Give the resource's id."));
            }
        };
        return Err(
            Denial::approximate(code, format!("The {what} ID '{id}' does not exist"))
                .because(format!("There is no {id} in {}.", world.region))
                .instead("Check the id, the Region and the account."),
        );
    }
    Ok(ids)
}
