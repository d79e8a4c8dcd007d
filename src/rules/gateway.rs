//! Whether gateways may be made, attached, detached and deleted.

use super::find;
use super::network::quota;
use super::ownership;
use super::verdict::{Denial, Verdict};
use super::wanted::Wanted;
use super::{tags, token};
use crate::ec2::call::{
    CreateInternetGateway, CreateNatGateway, DeleteInternetGateway, DeleteNatGateway,
    GatewayAttachment,
};
use crate::ec2::resource::NatGatewayState;
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";

/// The first refusal in EC2's order.
pub fn check_create(world: &World, call: &CreateInternetGateway) -> Verdict {
    tags::check(&call.tags)?;
    let (.., has) = world.counts();
    quota(
        "InternetGatewayLimitExceeded",
        "internet gateways",
        &world.region,
        has,
        world.quotas.internet_gateways,
    )
}

/// The first refusal in EC2's order.
pub fn check_attach(world: &World, call: &GatewayAttachment) -> Verdict {
    let gateway = find::internet_gateway(world, &call.internet_gateway_id)?;
    let vpc = find::vpc(world, &call.vpc_id)?;
    if let Some(on) = &gateway.vpc_id {
        return Err(Denial::approximate(
            "Resource.AlreadyAssociated",
            format!(
                "resource {} is already attached to network {on}",
                gateway.id
            ),
        )
        .because(format!("{} is attached to {on}.", gateway.id))
        .instead("Detach it there first, or create another one."));
    }
    match world.internet_gateway_of(&vpc.id) {
        Some(other) => Err(Denial::approximate(
            VALUE,
            format!(
                "Network {} already has an internet gateway attached",
                vpc.id
            ),
        )
        .because(format!("{} is attached to {}.", other.id, vpc.id))
        .instead("A VPC has one internet gateway: use that.")),
        None => Ok(()),
    }
}

/// The first refusal in EC2's order.
pub fn check_detach(world: &World, call: &GatewayAttachment) -> Verdict {
    let gateway = find::internet_gateway(world, &call.internet_gateway_id)?;
    let vpc = find::vpc(world, &call.vpc_id)?;
    if gateway.vpc_id.as_ref() != Some(&vpc.id) {
        return Err(Denial::approximate(
            "Gateway.NotAttached",
            format!(
                "resource {} is not attached to network {}",
                gateway.id, vpc.id
            ),
        )
        .because(format!("{} is not attached to {}.", gateway.id, vpc.id))
        .instead("There is nothing to detach."));
    }
    let mut enis = world
        .subnets_of(&vpc.id)
        .flat_map(|subnet| world.enis_in(&subnet.id));
    match enis.find(|eni| eni.associations().next().is_some()) {
        Some(eni) => Err(Denial::approximate(
            "DependencyViolation",
            format!(
                "Network {} has some mapped public address(es). Please unmap those public \
                 address(es) before detaching the gateway.",
                vpc.id
            ),
        )
        .because(format!("{} has a public address.", find::eni_called(eni)))
        .instead("Disassociate the public addresses first.")),
        None => Ok(()),
    }
}

/// The first refusal in EC2's order.
pub fn check_delete(world: &World, call: &DeleteInternetGateway) -> Verdict {
    let gateway = find::internet_gateway(world, &call.internet_gateway_id)?;
    match &gateway.vpc_id {
        Some(vpc) => Err(Denial::approximate(
            "DependencyViolation",
            format!(
                "The internetGateway '{}' has dependencies and cannot be deleted.",
                gateway.id
            ),
        )
        .because(format!("It is attached to {vpc}."))
        .instead("Detach it first.")),
        None => Ok(()),
    }
}

/// The first refusal in EC2's order. Whether the internet reaches the VPC is no part of it: a
/// gateway that it does not reach is accepted and fails (VPC User Guide, "Troubleshoot NAT
/// gateways").
pub fn check_create_nat(world: &World, call: &CreateNatGateway) -> Verdict {
    if token::is_repeated(world, call.client_token.as_ref(), call)? {
        return Ok(());
    }
    tags::check(&call.tags)?;
    let subnet = find::subnet(world, &call.subnet_id)?;
    let private = match call.connectivity_type.as_deref() {
        None | Some("public") => false,
        Some("private") => true,
        Some(other) => {
            return Err(Denial::approximate(
                VALUE,
                format!("Value ({other}) for parameter connectivityType is invalid."),
            )
            .because("A NAT gateway is public or private.")
            .instead("Give one of these words."));
        }
    };
    match &call.allocation_id {
        None if !private => {
            return Err(find::missing("allocationId")
                .because("A public NAT gateway needs an Elastic IP.")
                .instead("Allocate one, or make the gateway private."));
        }
        Some(_) if private => {
            return Err(Denial::approximate(
                "InvalidParameterCombination",
                "AllocationId may not be specified for a private NAT gateway",
            )
            .because("A private NAT gateway has no Elastic IP.")
            .instead("Leave the Elastic IP out."));
        }
        Some(id) => {
            let address = find::allocation(world, id)?;
            if let Some(association) = &address.association_id {
                return Err(Denial::approximate(
                    "Resource.AlreadyAssociated",
                    format!("resource {id} is already associated with associate-id {association}"),
                )
                .because(format!("{} is in use.", address.public_ip))
                .instead("Disassociate it first, or allocate another one."));
            }
        }
        None => {}
    }
    let nothing = Default::default();
    wanted(call).check(world, subnet, &nothing, &nothing)?;
    super::create::room_in_account(world, 1)?;
    let live = world.nat_gateways().filter(|g| {
        let place = world.subnet(&g.subnet_id);
        place.is_some_and(|s| s.availability_zone == subnet.availability_zone)
            && matches!(
                g.state,
                NatGatewayState::Pending | NatGatewayState::Available | NatGatewayState::Deleting
            )
    });
    quota(
        "NatGatewayLimitExceeded",
        "NAT gateways",
        &subnet.availability_zone,
        live.count(),
        world.quotas.nat_gateways_per_zone,
    )
}

/// The one address of a NAT gateway.
pub fn wanted(call: &CreateNatGateway) -> Wanted {
    Wanted {
        with_primary: true,
        primary: call.private_ip_address,
        ..Wanted::default()
    }
}

/// The first refusal in EC2's order. Deleting what is being deleted changes nothing.
pub fn check_delete_nat(world: &World, call: &DeleteNatGateway) -> Verdict {
    let gateway = find::nat_gateway(world, &call.nat_gateway_id.as_str().into())?;
    let eni = world.eni(&gateway.network_interface_id);
    // One whose interface another account owns is not ours to delete.
    match eni.filter(|e| e.owner_id != world.account) {
        Some(eni) => ownership::refusal(world, eni).map_or(Ok(()), Err),
        None => Ok(()),
    }
}
