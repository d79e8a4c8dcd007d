//! Whether routes and route tables may be made, changed and deleted.
//!
//! Invariant: a route has one destination and one target; a target that is an interface (or an
//! instance, which stands for its only interface) is of the table's VPC.

use super::addresses::{Range, Range6};
use super::find::{self, eni_called};
use super::verdict::{Denial, Verdict};
use super::{elastic, tags, token};
use crate::ec2::call::{
    AssociateRouteTable, CreateRouteTable, DeleteRoute, DeleteRouteTable, DisassociateRouteTable,
    PutRoute,
};
use crate::ec2::id::{EniId, InternetGatewayId, Str, VpcId};
use crate::ec2::resource::{NatGatewayState, Route, RouteTable};
use crate::ec2::world::World;

const VALUE: &str = "InvalidParameterValue";
const LOCAL: &str = "local";

/// A destination as EC2 writes it: host bits cleared. `None` if it is none.
pub fn destination(given: &str) -> Option<Str> {
    if given.starts_with("pl-") || Range6::parse(given).is_some() {
        return Some(given.into());
    }
    Range::parse(given).map(Range::cidr)
}

/// The first refusal in EC2's order.
pub fn check_create(world: &World, call: &PutRoute) -> Verdict {
    let (table, destination) = named(world, call)?;
    target(world, call, table)?;
    if route_to(table, &destination).is_some() {
        return Err(Denial::approximate(
            "RouteAlreadyExists",
            format!("The route identified by {destination} already exists"),
        )
        .because(format!("{} has a route to {destination}.", table.id))
        .instead("Replace it (ReplaceRoute), or choose another destination."));
    }
    let others = table.routes.iter();
    let others = others.filter(|r| r.gateway.as_deref() != Some(LOCAL));
    let family = |text: &str| text.contains(':');
    let has = others
        .filter(|r| family(&r.destination) == family(&destination))
        .count();
    let may = world.quotas.routes_per_table;
    if has < may {
        return Ok(());
    }
    Err(Denial::approximate(
        "RouteLimitExceeded",
        "The maximum number of routes has been reached.",
    )
    .because(format!("{} has {has} of {may} routes.", table.id))
    .instead("Delete routes that are not used, or have the quota raised."))
}

/// The first refusal in EC2's order.
pub fn check_replace(world: &World, call: &PutRoute) -> Verdict {
    let (table, destination) = named(world, call)?;
    target(world, call, table)?;
    match route_to(table, &destination) {
        Some(route) => not_local(table, route),
        None => Err(Denial::approximate(
            VALUE,
            format!(
                "There is no route defined for '{destination}' in the route table. Use CreateRoute \
                 instead."
            ),
        )
        .because(format!("{} has no route to {destination}.", table.id))
        .instead("Create it (CreateRoute).")),
    }
}

/// The first refusal in EC2's order.
pub fn check_delete(world: &World, call: &DeleteRoute) -> Verdict {
    let table = find::route_table(world, &call.route_table_id)?;
    let destination = sound(&call.destination)?;
    match route_to(table, &destination) {
        Some(route) => not_local(table, route),
        None => Err(Denial::approximate(
            "InvalidRoute.NotFound",
            format!(
                "no route with destination-cidr-block {destination} in route table {}",
                table.id
            ),
        )
        .because(format!("{} has no route to {destination}.", table.id))
        .instead("Look at the table again: it may be gone already.")),
    }
}

fn named<'w>(world: &'w World, call: &PutRoute) -> Result<(&'w RouteTable, Str), Denial> {
    let table = find::route_table(world, &call.route_table_id)?;
    Ok((table, sound(&call.destination)?))
}

fn sound(given: &str) -> Result<Str, Denial> {
    if given.is_empty() {
        return Err(find::missing("destinationCidrBlock")
            .because("The call names no destination.")
            .instead("Give a CIDR block or a prefix list."));
    }
    destination(given).ok_or_else(|| {
        Denial::approximate(
            VALUE,
            format!(
                "Value ({given}) for parameter destinationCidrBlock is invalid. This is not a \
                 valid CIDR block."
            ),
        )
        .because(format!("{given:?} is no CIDR block."))
        .instead("Give one such as 172.31.99.0/24.")
    })
}

/// The route of a table to a destination.
pub fn route_to<'t>(table: &'t RouteTable, destination: &str) -> Option<&'t Route> {
    table.routes.iter().find(|r| &*r.destination == destination)
}

fn not_local(table: &RouteTable, route: &Route) -> Verdict {
    if route.gateway.as_deref() != Some(LOCAL) {
        return Ok(());
    }
    Err(Denial::approximate(
        VALUE,
        format!(
            "cannot remove local route {} in route table {}",
            route.destination, table.id
        ),
    )
    .because("The local route leads to the VPC's own addresses.")
    .instead("Use a more specific destination: a whole subnet's range."))
}

/// The interface that a route leads to: the one named, or the only one of the instance named.
pub fn target_eni(world: &World, call: &PutRoute) -> Option<EniId> {
    if let Some(id) = &call.network_interface_id {
        return Some(id.clone());
    }
    match world.enis_of(call.instance_id.as_ref()?)[..] {
        [only] => Some(only.id.clone()),
        _ => None,
    }
}

/// The gateway that a route leads to, of whatever kind.
pub fn target_gateway(call: &PutRoute) -> Option<&Str> {
    [
        &call.gateway_id,
        &call.nat_gateway_id,
        &call.transit_gateway_id,
        &call.vpc_peering_connection_id,
    ]
    .into_iter()
    .find_map(Option::as_ref)
}

fn target(world: &World, call: &PutRoute, table: &RouteTable) -> Verdict {
    let given = [
        call.network_interface_id.is_some(),
        call.instance_id.is_some(),
        call.gateway_id.is_some(),
        call.nat_gateway_id.is_some(),
        call.transit_gateway_id.is_some(),
        call.vpc_peering_connection_id.is_some(),
    ];
    match given.into_iter().filter(|given| *given).count() {
        0 => {
            return Err(find::missing("gatewayId")
                .because("The call names no target.")
                .instead("Give one target."));
        }
        1 => {}
        _ => {
            return Err(Denial::approximate(
                "InvalidParameterCombination",
                "Only one route target can be specified",
            )
            .because("The call names several targets.")
            .instead("Give one target."));
        }
    }
    if let Some(id) = &call.instance_id {
        find::instance_form(world, id)?;
        let eni = elastic::only_interface(world, id)?;
        same_vpc(table, id.as_str(), &eni.vpc_id)?;
    }
    if let Some(id) = &call.network_interface_id {
        find::eni_form(world, id)?;
        let eni = find::eni(world, id)?;
        same_vpc(table, eni_called(eni), &eni.vpc_id)?;
    }
    if let Some(id) = &call.nat_gateway_id {
        let nat = find::nat_gateway(world, id)?;
        if nat.state == NatGatewayState::Deleted {
            return Err(Denial::approximate(
                "NatGatewayNotFound",
                format!("The Nat Gateway {id} was not found"),
            )
            .because(format!("{id} is deleted."))
            .instead("Choose another target."));
        }
        same_vpc(table, id, &nat.vpc_id)?;
    }
    match &call.gateway_id {
        Some(id) if id.starts_with(InternetGatewayId::PREFIX) => {
            let gateway = find::internet_gateway(world, &InternetGatewayId::new(id.clone()))?;
            let nowhere = VpcId::default();
            same_vpc(table, id, gateway.vpc_id.as_ref().unwrap_or(&nowhere))
        }
        Some(id) if !id.starts_with("vgw-") && &**id != LOCAL => Err(Denial::approximate(
            "InvalidGatewayID.NotFound",
            format!("The gateway ID '{id}' does not exist"),
        )
        .because(format!("There is no gateway {id} in {}.", world.region))
        .instead("Check the id.")),
        _ => Ok(()),
    }
}

fn same_vpc(table: &RouteTable, what: &str, vpc: &VpcId) -> Verdict {
    if table.vpc_id == *vpc {
        return Ok(());
    }
    let of = if vpc.as_str().is_empty() {
        "attached to no VPC".to_owned()
    } else {
        format!("of {vpc}")
    };
    Err(Denial::approximate(
        VALUE,
        format!(
            "route table {} and network resource {what} belong to different networks",
            table.id
        ),
    )
    .because(format!(
        "{what} is {of}; {} is of {}.",
        table.id, table.vpc_id
    ))
    .instead(format!("Choose a target of {}.", table.vpc_id)))
}

/// The first refusal in EC2's order.
pub fn check_create_table(world: &World, call: &CreateRouteTable) -> Verdict {
    if token::is_repeated(world, call.client_token.as_ref(), call)? {
        return Ok(());
    }
    tags::check(&call.tags)?;
    let vpc = find::vpc(world, &call.vpc_id)?;
    let has = world.route_tables_of(&vpc.id).count();
    let may = world.quotas.route_tables_per_vpc;
    if has < may {
        return Ok(());
    }
    Err(Denial::approximate(
        "RouteTableLimitExceeded",
        "The maximum number of route tables has been reached.",
    )
    .because(format!("{} has {has} of {may} route tables.", vpc.id))
    .instead("Delete tables that are not used, or have the quota raised."))
}

/// The first refusal in EC2's order.
pub fn check_delete_table(world: &World, call: &DeleteRouteTable) -> Verdict {
    let table = find::route_table(world, &call.route_table_id)?;
    let because = if table.main {
        format!("{} is the main table of {}.", table.id, table.vpc_id)
    } else if !table.associations.is_empty() {
        format!("{} subnets use {}.", table.associations.len(), table.id)
    } else {
        return Ok(());
    };
    Err(Denial::approximate(
        "DependencyViolation",
        format!(
            "The routeTable '{}' has dependencies and cannot be deleted.",
            table.id
        ),
    )
    .because(because)
    .instead("Disassociate its subnets first; a main table goes with its VPC."))
}

/// The first refusal in EC2's order.
pub fn check_associate(world: &World, call: &AssociateRouteTable) -> Verdict {
    let table = find::route_table(world, &call.route_table_id)?;
    let subnet = find::subnet(world, &call.subnet_id)?;
    same_vpc(table, subnet.id.as_str(), &subnet.vpc_id)?;
    let Some(other) = world.route_table_of(&subnet.id) else {
        return Ok(());
    };
    Err(Denial::approximate(
        "Resource.AlreadyAssociated",
        format!(
            "the specified association for route table {} conflicts with an existing association",
            table.id
        ),
    )
    .because(format!(
        "{} uses {} already.",
        find::subnet_called(subnet),
        other.id
    ))
    .instead("Disassociate it there first."))
}

/// The first refusal in EC2's order.
pub fn check_disassociate(world: &World, call: &DisassociateRouteTable) -> Verdict {
    let id = &call.association_id;
    if world.route_table_of_association(id).is_some() {
        return Ok(());
    }
    Err(Denial::approximate(
        "InvalidAssociationID.NotFound",
        format!("The association ID '{id}' does not exist"),
    )
    .because(format!(
        "No subnet is associated with a route table by {id}."
    ))
    .instead("Look at the table again: every association has a new id."))
}
