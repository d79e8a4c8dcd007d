//! Routes and route tables.
//!
//! Invariant: a route that is made or replaced shows at once what its target is like.

use super::{Effect, Mint, interface, routes};
use crate::ec2::call::{
    Answer, AssociateRouteTable, Call, CreateRouteTable, DeleteRoute, DeleteRouteTable,
    DisassociateRouteTable, PutRoute,
};
use crate::ec2::change::Change;
use crate::ec2::id::{RouteTableAssociationId, RouteTableId, Str, VpcId};
use crate::ec2::resource::{
    NatGatewayState, Route, RouteState, RouteTable, RouteTableAssociation, Tag,
};
use crate::ec2::world::World;
use crate::rules::{route, token};

/// A route, new or in place of the one to the same destination.
pub fn put_route(world: &World, call: &PutRoute) -> Effect {
    let (Some(table), Some(destination)) = (
        world.route_table(&call.route_table_id),
        route::destination(&call.destination),
    ) else {
        return Effect::default();
    };
    let new = made(world, call, destination);
    edited(table, |table| {
        let same = |r: &&mut Route| r.destination == new.destination;
        match table.routes.iter_mut().find(same) {
            Some(old) => *old = new,
            None => table.routes.push(new),
        }
    })
}

fn made(world: &World, call: &PutRoute, destination: Str) -> Route {
    let eni = route::target_eni(world, call);
    let gateway = route::target_gateway(call).cloned();
    let (state, instance_id) = match (&eni, &gateway) {
        (Some(id), _) => routes::seen_from_a_route(world, world.eni(id).map(|e| &**e)),
        (None, Some(gateway)) => (through(world, gateway), None),
        (None, None) => (RouteState::Blackhole, None),
    };
    Route {
        destination,
        network_interface_id: eni,
        instance_id,
        gateway,
        state,
    }
}

/// A NAT gateway that is gone leads nowhere; other gateways do not change by themselves.
fn through(world: &World, gateway: &Str) -> RouteState {
    let nat = world.nat_gateway(&gateway.as_ref().into());
    let gone = nat.is_some_and(|n| {
        matches!(
            n.state,
            NatGatewayState::Deleting | NatGatewayState::Deleted | NatGatewayState::Failed
        )
    });
    if gone {
        RouteState::Blackhole
    } else {
        RouteState::Active
    }
}

/// Routes to a gateway that is gone drop what they get; those to one that is there do not.
pub fn gateway_is(world: &World, gateway: &Str, state: RouteState) -> Vec<Change> {
    let mut changes = Vec::new();
    for table in world.route_tables_to_gateway(gateway) {
        for route in &table.routes {
            if route.gateway.as_ref() == Some(gateway) && route.state != state {
                changes.push(Change::Route {
                    table: table.id.clone(),
                    destination: route.destination.clone(),
                    state: state.clone(),
                    instance: None,
                });
            }
        }
    }
    changes
}

/// The route is gone.
pub fn delete_route(world: &World, call: &DeleteRoute) -> Effect {
    let (Some(table), Some(destination)) = (
        world.route_table(&call.route_table_id),
        route::destination(&call.destination),
    ) else {
        return Effect::default();
    };
    edited(table, |table| {
        table.routes.retain(|r| r.destination != destination);
    })
}

/// A table with the VPC's local route, used by no subnet.
pub fn create(world: &World, call: &CreateRouteTable, mint: &mut dyn Mint) -> Effect {
    if let Some(answer) = token::answered(world, call.client_token.as_ref()) {
        return Effect {
            answer,
            ..Effect::default()
        };
    }
    let Some(vpc) = world.vpc(&call.vpc_id) else {
        return Effect::default();
    };
    let table = blank(&vpc.id, &vpc.cidr_block, false, call.tags.clone(), mint);
    let answer = Answer {
        route_table_id: Some(table.id.clone()),
        client_token: call.client_token.clone(),
        ..Answer::default()
    };
    let mut at_once = vec![Change::RouteTable(table.id.clone(), Some(Box::new(table)))];
    at_once.extend(interface::token_used(
        call.client_token.as_ref(),
        || Call::CreateRouteTable(call.clone()),
        &answer,
    ));
    Effect {
        answer,
        at_once,
        under_way: Vec::new(),
    }
}

/// A table with nothing but the local route.
pub fn blank(
    vpc: &VpcId,
    cidr: &Str,
    main: bool,
    tags: Vec<Tag>,
    mint: &mut dyn Mint,
) -> RouteTable {
    RouteTable {
        id: RouteTableId::new(mint.id(RouteTableId::PREFIX)),
        vpc_id: vpc.clone(),
        associations: Vec::new(),
        main,
        routes: vec![Route {
            destination: cidr.clone(),
            network_interface_id: None,
            instance_id: None,
            gateway: Some("local".into()),
            state: RouteState::Active,
        }],
        tags,
    }
}

/// The table is gone, and its routes with it.
pub fn delete(call: &DeleteRouteTable) -> Effect {
    Effect {
        at_once: vec![Change::RouteTable(call.route_table_id.clone(), None)],
        ..Effect::default()
    }
}

/// The subnet uses the table from now on.
pub fn associate(world: &World, call: &AssociateRouteTable, mint: &mut dyn Mint) -> Effect {
    let Some(table) = world.route_table(&call.route_table_id) else {
        return Effect::default();
    };
    let id = RouteTableAssociationId::new(mint.id(RouteTableAssociationId::PREFIX));
    let new = RouteTableAssociation {
        id: id.clone(),
        subnet_id: call.subnet_id.clone(),
    };
    let mut effect = edited(table, |table| table.associations.push(new));
    effect.answer.route_table_association_id = Some(id);
    effect
}

/// The subnet uses its VPC's main table again.
pub fn disassociate(world: &World, call: &DisassociateRouteTable) -> Effect {
    match world.route_table_of_association(&call.association_id) {
        Some(table) => without_association(table, &call.association_id),
        None => Effect::default(),
    }
}

/// The table without one of its associations.
pub fn without_association(table: &RouteTable, id: &RouteTableAssociationId) -> Effect {
    edited(table, |table| table.associations.retain(|a| a.id != *id))
}

fn edited(table: &RouteTable, edit: impl FnOnce(&mut RouteTable)) -> Effect {
    let mut table = table.clone();
    edit(&mut table);
    Effect {
        at_once: vec![Change::RouteTable(table.id.clone(), Some(Box::new(table)))],
        ..Effect::default()
    }
}
