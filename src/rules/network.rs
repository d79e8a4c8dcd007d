//! Whether VPCs, subnets and security groups may be made and deleted.
//!
//! Invariant: nothing is deleted that something else needs.

use super::addresses::{Range, Range6};
use super::find::{self, counted, eni_called};
use super::tags;
use super::verdict::{Denial, Verdict};
use crate::ec2::call::{
    CreateSecurityGroup, CreateSubnet, CreateVpc, DeleteSecurityGroup, DeleteSubnet, DeleteVpc,
};
use crate::ec2::id::{GroupId, VpcId};
use crate::ec2::permission::Peer;
use crate::ec2::resource::SecurityGroup;
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";
const DEPENDENCY: &str = "DependencyViolation";

/// Sizes of a VPC's and of a subnet's range: a /28 to a /16 (VPC User Guide, "VPC CIDR blocks").
const SIZES: std::ops::RangeInclusive<u64> = 16..=65_536;

/// The first refusal in EC2's order.
pub fn check_create_vpc(world: &World, call: &CreateVpc) -> Verdict {
    tags::check(&call.tags)?;
    let range = block(&call.cidr_block)?;
    if !SIZES.contains(&range.size()) {
        return Err(Denial::approximate(
            "InvalidVpc.Range",
            format!("The CIDR '{}' is invalid.", call.cidr_block),
        )
        .because("A VPC has a /16 to a /28.")
        .instead("Choose a range of such a size."));
    }
    let (has, ..) = world.counts();
    quota(
        "VpcLimitExceeded",
        "VPCs",
        &world.region,
        has,
        world.quotas.vpcs,
    )
}

/// A range that is written as one.
fn block(cidr: &str) -> Result<Range, Denial> {
    if cidr.is_empty() {
        return Err(find::missing("cidrBlock")
            .because("The call names no range.")
            .instead("Give an IPv4 range."));
    }
    Range::parse(cidr).ok_or_else(|| {
        Denial::approximate(
            VALUE,
            format!(
                "Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR \
                 block."
            ),
        )
        .because(format!("{cidr:?} is no IPv4 range."))
        .instead("Give one such as 10.0.0.0/16.")
    })
}

/// Whether there is room under a quota.
pub(super) fn quota(
    code: &'static str,
    what: &str,
    place: &str,
    has: usize,
    may: usize,
) -> Verdict {
    if has < may {
        return Ok(());
    }
    Err(Denial::approximate(
        code,
        format!("The maximum number of {what} has been reached."),
    )
    .because(format!("There are {has} of {may} {what} in {place}."))
    .instead("Delete what is not used, or have the quota raised."))
}

fn depended_on(kind: &str, id: &str, because: String) -> Denial {
    Denial::approximate(
        DEPENDENCY,
        format!("The {kind} '{id}' has dependencies and cannot be deleted."),
    )
    .because(because)
    .instead("Delete what it holds first.")
}

/// The first refusal in EC2's order.
pub fn check_delete_vpc(world: &World, call: &DeleteVpc) -> Verdict {
    let vpc = find::vpc(world, &call.vpc_id)?;
    let subnets = world.subnets_of(&vpc.id).count();
    let groups = world.groups_of(&vpc.id);
    let groups = groups.filter(|g| &*g.group_name != "default").count();
    let tables = world.route_tables_of(&vpc.id).filter(|t| !t.main).count();
    let gateway = usize::from(world.internet_gateway_of(&vpc.id).is_some());
    let holds: Vec<_> = [
        (subnets, "subnet", "subnets"),
        (groups, "security group", "security groups"),
        (tables, "route table", "route tables"),
        (gateway, "internet gateway", "internet gateways"),
    ]
    .into_iter()
    .filter(|(count, _, _)| *count > 0)
    .map(|(count, one, several)| counted(u32::try_from(count).unwrap_or(u32::MAX), one, several))
    .collect();
    if holds.is_empty() {
        return Ok(());
    }
    let because = format!("{} holds {}.", vpc.id, holds.join(", "));
    Err(depended_on("vpc", vpc.id.as_str(), because))
}

/// The first refusal in EC2's order.
pub fn check_create_subnet(world: &World, call: &CreateSubnet) -> Verdict {
    tags::check(&call.tags)?;
    let vpc = find::vpc(world, &call.vpc_id)?;
    let range = block(&call.cidr_block)?;
    let inside = Range::parse(&vpc.cidr_block).is_none_or(|vpc| vpc.covers(range));
    if !inside || !SIZES.contains(&range.size()) {
        return Err(Denial::approximate(
            "InvalidSubnet.Range",
            format!("The CIDR '{}' is invalid.", call.cidr_block),
        )
        .because(format!(
            "A subnet is a /16 to a /28 of its VPC, which has {}.",
            vpc.cidr_block
        ))
        .instead("Choose a range inside the VPC's."));
    }
    let mut others = world.subnets_of(&vpc.id);
    let other = others.find(|s| Range::parse(&s.cidr_block).is_some_and(|o| o.overlaps(range)));
    if let Some(other) = other {
        return Err(Denial::approximate(
            "InvalidSubnet.Conflict",
            format!(
                "The CIDR '{}' conflicts with another subnet",
                call.cidr_block
            ),
        )
        .because(format!(
            "Subnet {} has {}.",
            find::subnet_called(other),
            other.cidr_block
        ))
        .instead("Choose a range that overlaps no other subnet."));
    }
    if let Some(ipv6) = &call.ipv6_cidr_block
        && Range6::parse(ipv6).is_none_or(|range| range.bits() != 64)
    {
        return Err(Denial::approximate(
            VALUE,
            format!(
                "Value ({ipv6}) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR \
                 block."
            ),
        )
        .because("The IPv6 range of a subnet is a /64 here.")
        .instead("Give a /64."));
    }
    if let Some(zone) = &call.availability_zone
        && !is_zone_of(zone, &world.region)
    {
        return Err(Denial::approximate(
            VALUE,
            format!("Value ({zone}) for parameter availabilityZone is invalid."),
        )
        .because(format!(
            "{zone:?} is no Availability Zone of {}.",
            world.region
        ))
        .instead(format!("Give one such as {}a.", world.region)));
    }
    let has = world.subnets_of(&vpc.id).count();
    let may = world.quotas.subnets_per_vpc;
    quota("SubnetLimitExceeded", "subnets", vpc.id.as_str(), has, may)
}

/// `us-east-1a` is a zone of `us-east-1`.
fn is_zone_of(zone: &str, region: &str) -> bool {
    let letter = zone.strip_prefix(region);
    letter.is_some_and(|l| l.len() == 1 && l.bytes().all(|b| (b'a'..=b'f').contains(&b)))
}

/// The first refusal in EC2's order.
pub fn check_delete_subnet(world: &World, call: &DeleteSubnet) -> Verdict {
    let subnet = find::subnet(world, &call.subnet_id)?;
    let mut enis = world.enis_in(&subnet.id);
    let Some(first) = enis.next() else {
        return Ok(());
    };
    let more = enis.count();
    let because = if more > 0 {
        format!(
            "{} and {more} more interfaces are in it.",
            eni_called(first)
        )
    } else {
        format!("{} is in it.", eni_called(first))
    };
    Err(depended_on("subnet", subnet.id.as_str(), because))
}

/// The VPC of a new group: the one named, or the default one.
pub fn vpc_of(world: &World, named: Option<&VpcId>) -> Result<VpcId, Denial> {
    if let Some(id) = named {
        return find::vpc(world, id).map(|v| v.id.clone());
    }
    let default = world.vpcs().find(|v| v.is_default);
    default.map(|v| v.id.clone()).ok_or_else(|| {
        Denial::approximate("VPCIdNotSpecified", "No default VPC for this user")
            .because("The call names no VPC, and the account has no default one.")
            .instead("Give the VPC.")
    })
}

/// The first refusal in EC2's order.
pub fn check_create_group(world: &World, call: &CreateSecurityGroup) -> Verdict {
    tags::check(&call.tags)?;
    for (name, given) in [
        ("GroupName", &call.group_name),
        ("GroupDescription", &call.description),
    ] {
        if given.is_empty() {
            return Err(find::missing(name)
                .because("A security group has a name and a description.")
                .instead("Give both."));
        }
        if given.chars().count() > 255 {
            return Err(Denial::approximate(
                VALUE,
                format!("Value for parameter {name} is invalid. Character limit exceeded."),
            )
            .because("Names and descriptions have at most 255 characters.")
            .instead("Choose a shorter one."));
        }
    }
    let name = &call.group_name;
    if name.starts_with(GroupId::PREFIX) {
        return Err(Denial::approximate(
            VALUE,
            format!("Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*"),
        )
        .because("A name that looks like an id would be taken for one.")
        .instead("Choose another name."));
    }
    let vpc = vpc_of(world, call.vpc_id.as_ref())?;
    if let Some(same) = world.groups_of(&vpc).find(|g| g.group_name == *name) {
        let reserved = &**name == "default";
        let denial = if reserved {
            Denial::approximate(
                "InvalidGroup.Reserved",
                format!("The security group '{name}' is reserved"),
            )
        } else {
            Denial::approximate(
                "InvalidGroup.Duplicate",
                format!("The security group '{name}' already exists for VPC '{vpc}'"),
            )
        };
        return Err(denial
            .because(format!("{} of {vpc} has that name.", same.id))
            .instead("Choose another name."));
    }
    let (_, has, ..) = world.counts();
    quota(
        "SecurityGroupLimitExceeded",
        "security groups",
        &world.region,
        has,
        world.quotas.groups,
    )
}

/// The first refusal in EC2's order.
pub fn check_delete_group(world: &World, call: &DeleteSecurityGroup) -> Verdict {
    let group = find::group(world, &call.group_id)?;
    let id = &group.id;
    if &*group.group_name == "default" {
        return Err(Denial::approximate(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        )
        .because("The default group of a VPC lives as long as the VPC.")
        .instead("Leave it."));
    }
    let mut enis = world.enis_with_group(id);
    let Some(first) = enis.next() else {
        return not_named(world, group);
    };
    let more = enis.count();
    Err(
        Denial::approximate(DEPENDENCY, format!("resource {id} has a dependent object"))
            .because(if more > 0 {
                format!(
                    "{} and {more} more interfaces are in it.",
                    eni_called(first)
                )
            } else {
                format!("{} is in it.", eni_called(first))
            })
            .instead("Put the interfaces into other groups first."),
    )
}

/// No rule of another group names this one.
fn not_named(world: &World, group: &SecurityGroup) -> Verdict {
    let id = &group.id;
    let mut others = world.groups_of(&group.vpc_id).filter(|g| g.id != *id);
    let names = |peer: &Peer| matches!(peer, Peer::ReferencedGroupId(named) if named == id);
    match others.find(|g| g.rules.iter().any(|r| names(&r.permission.peer))) {
        Some(other) => Err(Denial::approximate(
            DEPENDENCY,
            format!("resource {id} has a dependent object"),
        )
        .because(format!("A rule of {} names it.", other.group_name))
        .instead("Revoke that rule first.")),
        None => Ok(()),
    }
}
