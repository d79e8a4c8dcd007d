//! Security groups, attributes and routes of an interface by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ask::{Question, choice, judged, leave};
use super::words;
use crate::app::feed::story::eni_name;
use crate::app::layer::{Choice, HandAction, Then};
use crate::ec2::call::{Call, DeleteRoute, Modify, PutRoute};
use crate::ec2::id::{EniId, GroupId, RouteTableId, VpcId};
use crate::ec2::resource::{Route, RouteTable, name_of};
use crate::ec2::world::World;
use crate::rules;

/// Groups and routes that are looked at; typing does not find the rest, because no account that
/// a person edits by hand has as many.
const LISTED_MAX: usize = 500;

pub(super) fn question(world: &World, action: &HandAction, input: &str) -> Question {
    match action {
        HandAction::Groups(id, groups) => groups_question(world, id, groups),
        HandAction::SourceDestCheck(id) => check_question(world, id),
        HandAction::DeleteOnTermination(id) => termination_question(world, id),
        HandAction::CreateRoute(id, None) => match only_table(world, id) {
            Some(table) => destination(world, id, &table, input),
            None => Question {
                title: format!("a route to {}, in which table?", eni_name(world, id)),
                typed: true,
                list: tables(world, id),
                ..Question::default()
            },
        },
        HandAction::CreateRoute(id, Some(table)) => destination(world, id, table, input),
        HandAction::ReplaceRoute(id) => Question {
            title: format!("which route shall lead to {}?", eni_name(world, id)),
            typed: true,
            list: replaceable(world, id),
            ..Question::default()
        },
        HandAction::DeleteRoute(vpc, eni) => Question {
            title: "delete which route?".to_owned(),
            typed: true,
            list: deletable(world, vpc, eni.as_ref()),
            ..Question::default()
        },
        _ => Question::default(),
    }
}

fn modify(world: &World, words: String, remark: &str, modify: Modify) -> Choice {
    let call = Call::ModifyNetworkInterfaceAttribute(modify);
    judged(world, words, remark, call)
}

/// The groups of the VPC, those that are marked with an `x`; the first line submits them all.
fn groups_question(world: &World, id: &EniId, marked: &BTreeSet<GroupId>) -> Question {
    let title = format!(
        "security groups of {}: enter marks one, the first line submits",
        eni_name(world, id)
    );
    let Some(eni) = world.eni(id) else {
        return Question {
            title,
            list: vec![leave()],
            ..Question::default()
        };
    };
    let name = |id: &GroupId| {
        let group = world.group(id).map(|g| g.group_name.to_string());
        group
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| id.to_string())
    };
    let names: Vec<String> = marked.iter().map(name).collect();
    let all = match names.is_empty() {
        true => "set none".to_owned(),
        false => format!("set {}", names.join(", ")),
    };
    let before: BTreeSet<GroupId> = eni.groups.iter().map(|g| g.group_id.clone()).collect();
    let remark = if before == *marked {
        "as it is now"
    } else {
        ""
    };
    let mut list = vec![modify(
        world,
        all,
        remark,
        Modify {
            network_interface_id: id.clone(),
            groups: Some(marked.iter().cloned().collect()),
            ..Modify::default()
        },
    )];
    let known = world.groups_of(&eni.vpc_id).take(LISTED_MAX);
    list.extend(known.map(|group| {
        let mut then = marked.clone();
        let mark = if then.remove(&group.id) {
            "[x]"
        } else {
            then.insert(group.id.clone());
            "[ ]"
        };
        Choice {
            words: format!("{mark} {}", name(&group.id)),
            remark: group.description.to_string(),
            then: Then::Again(HandAction::Groups(id.clone(), then)),
        }
    }));
    list.push(leave());
    Question {
        title,
        list,
        ..Question::default()
    }
}

fn check_question(world: &World, id: &EniId) -> Question {
    let on = world.eni(id).is_some_and(|e| e.source_dest_check);
    let set = |to: bool, words: &str, remark: &str| {
        let remark = if to == on { "as it is now" } else { remark };
        modify(
            world,
            words.to_owned(),
            remark,
            Modify {
                network_interface_id: id.clone(),
                source_dest_check: Some(to),
                ..Modify::default()
            },
        )
    };
    let off = set(
        false,
        "turn it off",
        "it may receive and send what is not addressed to it: routers, NAT, floating addresses",
    );
    let back = set(true, "turn it on", "traffic for other addresses is dropped");
    let list = if on { [off, back] } else { [back, off] };
    Question {
        title: format!(
            "source/destination check of {} is {}",
            eni_name(world, id),
            if on { "on" } else { "off" }
        ),
        list: list.into_iter().chain([leave()]).collect(),
        ..Question::default()
    }
}

fn termination_question(world: &World, id: &EniId) -> Question {
    let attachment = world.eni(id).and_then(|e| e.attachment.as_ref());
    let Some(attachment) = attachment else {
        return Question {
            title: "it is attached to nothing".to_owned(),
            list: vec![leave()],
            ..Question::default()
        };
    };
    let on = attachment.delete_on_termination;
    let set = |to: bool, words: &str, remark: &str| {
        let remark = if to == on { "as it is now" } else { remark };
        modify(
            world,
            words.to_owned(),
            remark,
            Modify {
                network_interface_id: id.clone(),
                delete_on_termination: Some((attachment.attachment_id.clone(), to)),
                ..Modify::default()
            },
        )
    };
    let off = set(false, "turn it off", "it survives its instance");
    let back = set(true, "turn it on", "terminating the instance deletes it");
    let list = if on { [off, back] } else { [back, off] };
    Question {
        title: format!(
            "DeleteOnTermination of {} is {}; it belongs to the attachment",
            eni_name(world, id),
            if on { "on" } else { "off" }
        ),
        list: list.into_iter().chain([leave()]).collect(),
        ..Question::default()
    }
}

/// `rtb-… main`, or its name.
fn table_name(table: &RouteTable) -> String {
    let name = name_of(&table.tags).unwrap_or(table.id.as_str());
    match table.main && name != "main" {
        true => format!("{name} (main)"),
        false => name.to_owned(),
    }
}

fn tables_of<'w>(world: &'w World, id: &EniId) -> Vec<&'w Arc<RouteTable>> {
    match world.eni(id) {
        Some(eni) => world
            .route_tables_of(&eni.vpc_id)
            .take(LISTED_MAX)
            .collect(),
        None => Vec::new(),
    }
}

fn only_table(world: &World, id: &EniId) -> Option<RouteTableId> {
    match tables_of(world, id)[..] {
        [only] => Some(only.id.clone()),
        _ => None,
    }
}

fn tables(world: &World, id: &EniId) -> Vec<Choice> {
    let line = |table: &Arc<RouteTable>| Choice {
        words: table_name(table),
        remark: format!(
            "{}, {} routes, used by {} subnets",
            table.id,
            table.routes.len(),
            table.associations.len()
        ),
        then: Then::Ask(HandAction::CreateRoute(id.clone(), Some(table.id.clone()))),
    };
    tables_of(world, id).into_iter().map(line).collect()
}

/// The destination is typed, or taken from a route of another table of the VPC.
fn destination(world: &World, id: &EniId, table: &RouteTableId, input: &str) -> Question {
    let here: BTreeSet<&str> = world
        .route_table(table)
        .into_iter()
        .flat_map(|t| t.routes.iter().map(|r| &*r.destination))
        .collect();
    let line = |destination: &str, remark: &str| {
        let call = Call::CreateRoute(PutRoute {
            route_table_id: table.clone(),
            destination: destination.into(),
            network_interface_id: Some(id.clone()),
            ..PutRoute::default()
        });
        judged(world, destination, remark, call)
    };
    let known = tables_of(world, id);
    let elsewhere = known.iter().flat_map(|t| &t.routes);
    let mut offered: BTreeSet<&str> = elsewhere.map(|r| &*r.destination).collect();
    offered.insert("0.0.0.0/0");
    let made = match input {
        "" => Vec::new(),
        text => vec![line(text, "")],
    };
    let offered = offered.into_iter().filter(|d| !here.contains(d));
    Question {
        title: format!(
            "a route to {} in {}, for which block?",
            eni_name(world, id),
            world
                .route_table(table)
                .map_or(String::new(), |t| table_name(t))
        ),
        typed: true,
        made,
        list: offered
            .filter(|d| *d != input)
            .map(|d| line(d, "or type another one"))
            .collect(),
    }
}

/// Where a route leads now.
fn leads(world: &World, route: &Route) -> String {
    let eni = route.network_interface_id.as_ref();
    let instance = route.instance_id.as_ref();
    let to = match (eni, &route.gateway) {
        (Some(eni), _) => eni_name(world, eni),
        (None, Some(gateway)) => gateway.to_string(),
        (None, None) => instance.map_or("nothing".to_owned(), ToString::to_string),
    };
    format!("{}, to {to}", route.state.as_str())
}

fn replaceable(world: &World, id: &EniId) -> Vec<Choice> {
    let mut lines = Vec::new();
    for table in tables_of(world, id) {
        for route in &table.routes {
            let call = Call::ReplaceRoute(PutRoute {
                route_table_id: table.id.clone(),
                destination: route.destination.clone(),
                network_interface_id: Some(id.clone()),
                ..PutRoute::default()
            });
            let denial = rules::check(world, &call).err();
            let there = route.network_interface_id.as_ref() == Some(id);
            let remark = match &denial {
                Some(denial) => words(denial),
                None if there => format!("leads there already, in {}", table_name(table)),
                None => format!("{}, in {}", leads(world, route), table_name(table)),
            };
            let words = route.destination.to_string();
            lines.push((denial.is_some(), there, choice(words, remark, Some(call))));
        }
    }
    lines.sort_by_key(|(denied, there, _)| (*denied, *there));
    lines.into_iter().map(|(_, _, line)| line).collect()
}

fn deletable(world: &World, vpc: &VpcId, eni: Option<&EniId>) -> Vec<Choice> {
    let mut lines = Vec::new();
    for table in world.route_tables_of(vpc).take(LISTED_MAX) {
        for route in &table.routes {
            let call = Call::DeleteRoute(DeleteRoute {
                route_table_id: table.id.clone(),
                destination: route.destination.clone(),
            });
            let denial = rules::check(world, &call).err();
            let ours = eni.is_some() && route.network_interface_id.as_ref() == eni;
            let remark = match &denial {
                Some(denial) => words(denial),
                None => format!("{}, in {}", leads(world, route), table_name(table)),
            };
            let words = route.destination.to_string();
            lines.push((denial.is_some(), !ours, choice(words, remark, Some(call))));
        }
    }
    lines.sort_by_key(|(denied, other, _)| (*denied, *other));
    let lines = lines.into_iter().map(|(_, _, line)| line);
    lines.chain([leave()]).collect()
}
