//! Actions that only look.
//!
//! Invariants: an action answers what it documents and no more: an unknown id fails the call, an
//! unknown filter fails the call, an unknown value selects nothing.

mod address;
mod attribute;
mod eni;
mod gateway;
mod group;
mod instance;
mod kind;
mod network;
mod place;
mod route;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::filter::Filter;
use super::page::{Ask, Page, Query};
use super::params::Params;
use super::xml::Xml;
use crate::ec2::error::ApiError;
use crate::ec2::resource::Tag;
use crate::ec2::world::World;
pub(super) use eni::write as write_eni;
pub(super) use gateway::{write_internet, write_nat};
pub(super) use group::write_rule;
pub(super) use instance::{write_reservation, write_state};
pub(super) use network::{write_subnet, write_vpc};
pub(super) use route::write_table;

/// What a resource has for a filter.
type Values<'a> = Vec<Cow<'a, str>>;

/// Answers a describe; `None` if there is no such action.
pub(super) fn action(
    world: &World,
    action: &str,
    params: &mut Params,
) -> Option<Result<Xml, ApiError>> {
    let answer = match action {
        "DescribeAddresses" => address::describe,
        "DescribeAvailabilityZones" => place::zones,
        "DescribeInstanceAttribute" => attribute::instance,
        "DescribeInstanceStatus" => instance::status,
        "DescribeInstanceTypes" => kind::describe,
        "DescribeInstances" => instance::describe,
        "DescribeInternetGateways" => gateway::internet,
        "DescribeNatGateways" => gateway::nat,
        "DescribeNetworkInterfaceAttribute" => eni::attribute,
        "DescribeNetworkInterfaces" => eni::describe,
        "DescribeRegions" => place::regions,
        "DescribeRouteTables" => route::describe,
        "DescribeSecurityGroupRules" => group::rules,
        "DescribeSecurityGroups" => group::groups,
        "DescribeSubnets" => network::subnets,
        "DescribeTags" => place::tags,
        "DescribeVpcAttribute" => attribute::vpc,
        "DescribeVpcs" => network::vpcs,
        _ => return None,
    };
    Some(answer(world, params))
}

/// One value, or none.
fn one<'a>(value: Option<&'a str>) -> Values<'a> {
    value.into_iter().map(Cow::Borrowed).collect()
}

/// One value that has to be written out.
fn told<'a>(value: impl ToString) -> Values<'a> {
    vec![Cow::Owned(value.to_string())]
}

/// Whether a resource with these tags and values passes.
fn passes<'a>(filter: &Filter, tags: &[Tag], values: impl FnOnce(&str) -> Values<'a>) -> bool {
    filter
        .of_tags(tags)
        .unwrap_or_else(|| filter.passes(values(&filter.name)))
}

/// An answer with one list and, if there is more, a token.
fn listed<T>(
    query: &Query,
    set: &str,
    page: Page<T>,
    write: impl FnMut(&mut Xml, T),
) -> Result<Xml, ApiError> {
    let mut xml = Xml::ec2(query.action());
    xml.list(set, page.rows, write);
    xml.maybe("nextToken", page.next);
    Ok(xml)
}

/// `tagSet`.
pub(super) fn write_tags(xml: &mut Xml, tags: &[Tag]) {
    xml.list("tagSet", tags, |x, tag| {
        x.text("key", &tag.key).text("value", &tag.value);
    });
}

/// Refuses ids that name nothing, all of them at once. `code` is EC2's, `noun` what its text calls
/// the thing.
fn all_exist(
    ids: &BTreeSet<String>,
    code: &str,
    noun: &str,
    exists: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    let unknown: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| !exists(id))
        .collect();
    match unknown.as_slice() {
        [] => Ok(()),
        [id] => Err(ApiError::new(
            code,
            format!("The {noun} ID '{id}' does not exist"),
        )),
        several => Err(ApiError::new(
            code,
            format!("The {noun} IDs '{}' do not exist", several.join(", ")),
        )),
    }
}

/// Refuses ids that no such resource could have.
fn all_well_formed(
    ids: &BTreeSet<String>,
    code: &str,
    prefix: &str,
    good: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    match ids.iter().find(|id| !good(id)) {
        None => Ok(()),
        Some(id) => Err(ApiError::new(
            code,
            format!("Invalid id: \"{id}\" (expecting \"{prefix}...\")"),
        )),
    }
}

/// A page without ids of its own.
const NO_IDS: (&str, &str) = ("Id", "idSet");

/// The usual bounds of a page.
const PAGES: Option<(u32, u32)> = Some((5, 1_000));

impl Ask {
    /// An action without ids that has pages.
    const fn plain(action: &'static str, filters: &'static [&'static str]) -> Self {
        Self {
            action,
            ids: NO_IDS,
            rows: PAGES,
            exclusive: false,
            filters,
        }
    }
}
