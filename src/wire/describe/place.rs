//! `DescribeAvailabilityZones`, `DescribeRegions` and `DescribeTags`: a world has one Region, and the
//! zones in which its subnets and instances are.

use std::collections::BTreeMap;

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{Values, all_exist, listed, one, passes};
use crate::ec2::error::ApiError;
use crate::ec2::resource::Tag;
use crate::ec2::world::World;

const ZONES: Ask = Ask {
    action: "DescribeAvailabilityZones",
    ids: ("ZoneName", "zoneNameSet"),
    rows: None,
    exclusive: false,
    filters: &[
        "group-name",
        "opt-in-status",
        "region-name",
        "state",
        "zone-id",
        "zone-name",
        "zone-type",
    ],
};

const REGIONS: Ask = Ask {
    action: "DescribeRegions",
    ids: ("RegionName", "regionNameSet"),
    rows: None,
    exclusive: false,
    filters: &["endpoint", "opt-in-status", "region-name"],
};

const TAGS: Ask = Ask::plain(
    "DescribeTags",
    &["key", "resource-id", "resource-type", "value"],
);

const NOT_NEEDED: &str = "opt-in-not-required";

/// `DescribeAvailabilityZones`.
pub(super) fn zones(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    params.flag("AllAvailabilityZones")?;
    let query = ZONES.query(world, params)?;
    let mut found: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for instance in world.instances() {
        found.insert(&instance.availability_zone, None);
    }
    for subnet in world.subnets() {
        found.insert(
            &subnet.availability_zone,
            subnet.availability_zone_id.as_deref(),
        );
    }
    if let Some(name) = query
        .ids
        .iter()
        .find(|name| !found.contains_key(name.as_str()))
    {
        let message = format!("Invalid availability zone: [{name}]");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let page = query.page(
        &found,
        |(name, _)| name,
        |(zone, id), filter| {
            passes(filter, &[], |name| match name {
                "group-name" | "region-name" => one(Some(&world.region)),
                "opt-in-status" => one(Some(NOT_NEEDED)),
                "state" => one(Some("available")),
                "zone-id" => one(**id),
                "zone-name" => one(Some(zone)),
                "zone-type" => one(Some("availability-zone")),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "availabilityZoneInfo", page, |x, (name, id)| {
        x.text("optInStatus", NOT_NEEDED);
        x.list("messageSet", Vec::<()>::new(), |_, ()| ());
        x.text("regionName", &world.region);
        x.text("zoneName", name);
        x.maybe("zoneId", *id);
        x.text("groupName", &world.region);
        x.text("networkBorderGroup", &world.region);
        x.text("zoneType", "availability-zone");
        x.text("zoneState", "available");
    })
}

/// `DescribeRegions`.
pub(super) fn regions(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    params.flag("AllRegions")?;
    let query = REGIONS.query(world, params)?;
    if let Some(name) = query.ids.iter().find(|name| **name != *world.region) {
        let message = format!("Invalid region names: [{name}]");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let endpoint = format!("ec2.{}.amazonaws.com", world.region);
    let page = query.page(
        [&*world.region],
        |name| name,
        |region, filter| {
            passes(filter, &[], |name| match name {
                "endpoint" => one(Some(&endpoint)),
                "opt-in-status" => one(Some(NOT_NEEDED)),
                "region-name" => one(Some(region)),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "regionInfo", page, |x, name| {
        x.text("regionName", name);
        x.text("regionEndpoint", &endpoint);
        x.text("optInStatus", NOT_NEEDED);
    })
}

/// One tag of one resource.
struct Tagged<'w> {
    /// Sorts and names the row: id and key.
    row: String,
    id: &'w str,
    kind: &'static str,
    tag: &'w Tag,
}

/// `DescribeTags`.
pub(super) fn tags(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = TAGS.query(world, params)?;
    all_exist(&query.ids, "InvalidID", "resource", |_| false)?;
    let mut rows = Vec::new();
    let all = &mut rows;
    for eni in world.enis() {
        collect(all, eni.id.as_str(), "network-interface", &eni.tag_set);
    }
    for instance in world.instances() {
        collect(all, instance.id.as_str(), "instance", &instance.tags);
    }
    for subnet in world.subnets() {
        collect(all, subnet.id.as_str(), "subnet", &subnet.tags);
    }
    for vpc in world.vpcs() {
        collect(all, vpc.id.as_str(), "vpc", &vpc.tags);
    }
    for group in world.groups() {
        collect(all, group.id.as_str(), "security-group", &group.tags);
    }
    for address in world.addresses() {
        collect(all, address.id.as_str(), "elastic-ip", &address.tags);
    }
    for table in world.route_tables() {
        collect(all, table.id.as_str(), "route-table", &table.tags);
    }
    for gateway in world.internet_gateways() {
        collect(all, gateway.id.as_str(), "internet-gateway", &gateway.tags);
    }
    for gateway in world.nat_gateways() {
        collect(all, gateway.id.as_str(), "natgateway", &gateway.tags);
    }
    rows.sort_by(|a, b| a.row.cmp(&b.row));
    let page = query.page(
        rows,
        |row| &row.row,
        |row, filter| {
            let tags = std::slice::from_ref(row.tag);
            passes(filter, tags, |name| match name {
                "key" => one(Some(&row.tag.key)),
                "resource-id" => one(Some(row.id)),
                "resource-type" => one(Some(row.kind)),
                "value" => one(Some(&row.tag.value)),
                _ => Values::new(),
            })
        },
    );
    listed(&query, "tagSet", page, |x, row| {
        x.text("resourceId", row.id);
        x.text("resourceType", row.kind);
        x.text("key", &row.tag.key);
        x.text("value", &row.tag.value);
    })
}

fn collect<'w>(rows: &mut Vec<Tagged<'w>>, id: &'w str, kind: &'static str, tags: &'w [Tag]) {
    rows.extend(tags.iter().map(|tag| Tagged {
        row: format!("{id} {}", tag.key),
        id,
        kind,
        tag,
    }));
}
